-- @noindex
-- What takes play. Sections and reversed sources are read from the item's state chunk, since the
-- API tells neither their overlap nor "the whole, backwards" from "a part, backwards".

local fields = require("snapshot_fields")
local files = require("files")
local json = require("json")

local sources = {}

local SECTION_BACKWARDS, WHOLE_BACKWARDS = 2, 3
local source_record = fields.record({ { "kind" }, { "path" }, { "file" }, { "section" } })
local section_record =
  fields.record({ { "start_s" }, { "length_s" }, { "overlap_s" }, { "reverse" } })

local function own_section(block)
  local mode = block:number("MODE", 1, 0)
  local is_whole = mode == WHOLE_BACKWARDS
  return section_record({
    start_s = is_whole and 0.0 or block:number("STARTPOS", 1, 0.0),
    length_s = is_whole and 0.0 or block:number("LENGTH", 1, 0.0),
    overlap_s = is_whole and 0.0 or block:number("OVERLAP", 1, 0.0),
    reverse = is_whole or mode == SECTION_BACKWARDS,
  })
end

--- The part that an outer section plays of an inner one.
local function within(inner, outer)
  if not outer then
    return inner
  end
  local rest_s = inner.length_s > 0 and math.max(0.0, inner.length_s - outer.start_s) or 0.0
  return section_record({
    start_s = inner.start_s + outer.start_s,
    length_s = outer.length_s > 0 and outer.length_s or rest_s,
    overlap_s = outer.overlap_s,
    reverse = inner.reverse ~= outer.reverse,
  })
end

local function section_of(block)
  local section
  while block and block.words[2] == "SECTION" and block:block("SOURCE") do
    section = within(own_section(block), section)
    block = block:block("SOURCE")
  end
  return section or json.null
end

local function innermost(source)
  local parent = reaper.GetMediaSourceParent(source)
  while parent do
    source, parent = parent, reaper.GetMediaSourceParent(parent)
  end
  return source
end

--- The path as a project in this folder names it: relative when it is inside, with "/".
local function path_in(folder, file)
  local is_inside = folder ~= "" and file:sub(1, #folder) == folder
  return is_inside and file:sub(#folder + 1):gsub("\\", "/") or file
end

--- The folder of a project's file with a separator at its end; "" for one that was never saved.
function sources.folder(project_path)
  return project_path:match("^.*[/\\]") or ""
end

--- The file when it is there. Many items play the same one, and a disk may be far away, so that
--- each is looked for once in a snapshot.
local function existing(file, known)
  if known[file] == nil then
    known[file] = files.exists(file)
  end
  return known[file] and file or json.null
end

--- What a take plays, null for nothing. `block_of` gives the block of the take on demand.
function sources.of_take(take, place, block_of)
  local outer = reaper.GetMediaItemTake_Source(take)
  if not outer then
    return json.null
  end
  local source = innermost(outer)
  local file = reaper.GetMediaSourceFileName(source)
  return source_record({
    kind = reaper.GetMediaSourceType(source):upper():gsub("^_OFFLINE_", ""),
    path = path_in(place.folder, file),
    file = existing(file, place.known_files),
    section = source ~= outer and section_of(block_of(take):block("SOURCE")) or json.null,
  })
end

return sources
