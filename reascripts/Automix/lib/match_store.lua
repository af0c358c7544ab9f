-- @noindex
-- What a project remembers of its last match, in its own ext state (saved with it), in the form of
-- reaper_automix/match/placing/stored.py:
--
-- AUTOMIX_MATCH   HOW, the strength and the blocks; BUS, the sliders of the master's strip; TRIMS,
--                 by which it is as loud as it should be at any strength, and as TRIM_0, TRIM_1 …
--                 their curves; and for each stem, under its GUID, how it sat before and how the
--                 match has it, at full strength. What was written follows from that.
--
-- Beside it, for the actions alone: TITLE of the undo point, REFERENCE, LOUDER_DB, by which the
-- match made the mix louder, and SILENCED, the tracks whose strips are bypassed to hear the state
-- before.

local json = require("json")
local strength = require("strength")
local trims = require("match_trims")

local store = {}

local SECTION, VERSION = "AUTOMIX_MATCH", 1
local CURVE = "TRIM_"

local function read(project, key)
  local _, value = reaper.GetProjExtState(project, SECTION, key)
  return value
end

local function read_json(text)
  local value = json.decode(text)
  return type(value) == "table" and value ~= json.null and value or nil
end

local function write(project, key, value)
  reaper.SetProjExtState(project, SECTION, key, value)
end

local function write_json(project, key, value)
  write(project, key, json.encode(value))
end

--- Whether a match that this version understands is remembered.
local function is_known(project)
  local version = tonumber(read(project, "VERSION"))
  return version ~= nil and version <= VERSION
end

local function stem_of(track_id, text)
  local seats = read_json(text)
  if seats and seats.before and seats.matched then
    return { track_id = track_id, before = seats.before, matched = seats.matched }
  end
end

local function stems(project)
  local list, index = {}, 0
  local more, key, value = reaper.EnumProjExtState(project, SECTION, index)
  while more do
    if key:sub(1, 1) == "{" then
      list[#list + 1] = stem_of(key:upper(), value)
    end
    index = index + 1
    more, key, value = reaper.EnumProjExtState(project, SECTION, index)
  end
  return list
end

--- The trims of a match; nil where it has none, or they are not all there.
local function read_trims(project)
  local found = read_json(read(project, "TRIMS"))
  if not (found and type(found.switches) == "table") then
    return nil
  end
  found.curves = {}
  for number = 1, 1 << #found.switches do
    found.curves[number] = read_json(read(project, CURVE .. number - 1))
  end
  return trims.are(found) and found or nil
end

--- Keeps the curves in lines of their own, since all of them would be too long for one.
local function keep_trims(project, found)
  for number, curve in ipairs(found.curves) do
    write_json(project, CURVE .. number - 1, curve)
  end
  write_json(project, "TRIMS", {
    switches = found.switches,
    strengths = found.strengths,
    on_master = found.on_master,
    on_faders = found.on_faders,
  })
end

--- The last match, nil where there is none: {title, reference, louder_db, strength, blocks (by
-- name), stems, bus and trims as in `strength`}.
function store.read(project)
  local how = is_known(project) and read_json(read(project, "HOW"))
  local bus = how and read_json(read(project, "BUS"))
  if not bus then
    return nil
  end
  return {
    title = read(project, "TITLE"),
    reference = read(project, "REFERENCE"),
    louder_db = tonumber(read(project, "LOUDER_DB")) or 0,
    strength = how.strength,
    blocks = how.blocks,
    bus = bus,
    stems = stems(project),
    trims = read_trims(project),
  }
end

--- What was written of a match: as `strength.at` has it.
function store.written(match)
  return strength.at(match, match.strength, match.blocks)
end

--- Remembers a match, in the form of `read`, in place of an earlier one.
function store.keep(project, match)
  store.forget(project)
  write(project, "VERSION", tostring(VERSION))
  write(project, "TITLE", match.title)
  write(project, "REFERENCE", match.reference)
  write(project, "LOUDER_DB", ("%.6f"):format(match.louder_db))
  write_json(project, "BUS", json.array(match.bus))
  store.note_strength(project, match.strength, match.blocks)
  if match.trims then
    keep_trims(project, match.trims)
  end
  for _, stem in ipairs(match.stems) do
    write_json(project, stem.track_id, { before = stem.before, matched = stem.matched })
  end
end

--- Notes how far the match goes.
function store.note_strength(project, part, blocks)
  write_json(project, "HOW", { strength = part, blocks = blocks })
end

--- Notes the tracks whose strips are bypassed to hear the state before.
function store.note_silenced(project, track_ids)
  write(project, "SILENCED", table.concat(track_ids, " "))
end

--- The tracks whose strips are bypassed to hear the state before.
function store.silenced(project)
  local ids = {}
  for track_id in read(project, "SILENCED"):gmatch("%S+") do
    ids[#ids + 1] = track_id
  end
  return ids
end

--- Forgets the match.
function store.forget(project)
  reaper.SetProjExtState(project, SECTION, "", "")
end

return store
