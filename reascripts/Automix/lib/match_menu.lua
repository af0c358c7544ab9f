-- @noindex
-- The menu in which a reference is chosen: a file, the selected track, a region, or one that was
-- used before. It is the system's own, worked with the keyboard and read by screen readers.
--
-- A reference is as the job says it: {name, path | track (a GUID) | region (its number)}.

local apply = require("apply")
local files = require("files")
local guard = require("guard")
local readable = require("text").readable
local tree = require("tree")
local wishes = require("match_wishes")

local match_menu = {}

local MOST_LETTERS = 60 -- of a name
local AGAIN = "!" -- tells that a choice leads back to the menu

--- A text as far as a menu has room for it.
local function shortened(text)
  local stop = utf8.offset(text, MOST_LETTERS + 1)
  return stop and stop <= #text and text:sub(1, stop - 1) .. "…" or text
end

--- Text of a menu's item: a bar parts items, and some first letters mean something else.
local function plain(text)
  return shortened((readable(text):gsub("[|%c]", "/"):gsub("^[#!<>]+", "")))
end

local function add(menu, label, act)
  menu.labels[#menu.labels + 1] = label
  menu.acts[#menu.acts + 1] = act or false
end

--- A line between items, which has no number.
local function add_line(menu)
  menu.labels[#menu.labels + 1] = ""
end

local function file_name(path)
  return path:match("[^/\\]+$") or path
end

local function ask_for_file(title, initial)
  local ok, path = reaper.GetUserFileNameForRead(initial, title, "")
  return ok and path or nil
end

local function ask_for_audio()
  local last = wishes.recent()[1]
  local path = ask_for_file("Automix: the reference, a song to match", last and last.path or "")
  return path and { name = file_name(path), path = path }
end

local function named(track)
  local name = tree.name(track)
  return name ~= "" and name or "a track without a name"
end

--- The only selected track; nil where there is none or more.
local function selected_track(project)
  return reaper.CountSelectedTracks(project) == 1 and reaper.GetSelectedTrack(project, 0) or nil
end

--- The regions of a project: {{number, name}…}.
local function regions(project)
  local list, index = {}, 0
  local more, is_region, _, _, name, number = reaper.EnumProjectMarkers3(project, index)
  while more > 0 do
    list[#list + 1] = is_region and { number = number, name = name } or nil
    index = index + 1
    more, is_region, _, _, name, number = reaper.EnumProjectMarkers3(project, index)
  end
  return list
end

local function region_name(region)
  return region.name ~= "" and region.name or "region " .. region.number
end

--- Whether a reference that was used before is there now.
local function is_there(project, reference)
  if reference.path then
    return files.exists(reference.path)
  end
  if reference.track then
    return apply.tracks(project)[reference.track] ~= nil
  end
  for _, region in ipairs(regions(project)) do
    if tostring(region.number) == reference.region and region_name(region) == reference.name then
      return true
    end
  end
  return false
end

local function add_recent(menu, project)
  for _, reference in ipairs(wishes.recent()) do
    if is_there(project, reference) then
      add(menu, "Again: " .. plain(reference.name), function()
        return reference
      end)
    end
  end
  if #menu.labels > 0 then
    add_line(menu)
  end
end

local function add_track(menu, project)
  local track = selected_track(project)
  if not track then
    return add(menu, "#Selected track (select the one that is the reference)")
  end
  add(menu, "Selected track: " .. plain(named(track)), function()
    return { name = named(track), track = reaper.GetTrackGUID(track) }
  end)
end

local function add_regions(menu, project)
  local list = regions(project)
  if #list == 0 then
    return add(menu, "#Region (the project has none)")
  end
  menu.labels[#menu.labels + 1] = ">Region" -- the title of a sub menu has no number
  for index, region in ipairs(list) do
    add(menu, (index == #list and "<" or "") .. plain(region_name(region)), function()
      return { name = region_name(region), region = tostring(region.number) }
    end)
  end
end

local function add_switch(menu, label, is_on, name)
  add(menu, (is_on and "!" or "") .. label, function()
    wishes.switch(name)
    return AGAIN
  end)
end

local function add_checkpoint(menu, path)
  local label = path and "!Network: " .. plain(file_name(path)) or "Use a network's file …"
  add(menu, label, function()
    local chosen = path and "" or ask_for_file("Automix: a Diff-MST checkpoint", "")
    wishes.keep_checkpoint(chosen or "")
    return AGAIN
  end)
end

local function build(project)
  local menu, wanted = { labels = {}, acts = {} }, wishes.read(project)
  add_recent(menu, project)
  add(menu, "Audio file …", ask_for_audio)
  add_track(menu, project)
  add_regions(menu, project)
  add_line(menu)
  add_switch(menu, "Keep my panning", not wanted.blocks.pan, "pan")
  add_switch(menu, "Leave strips that I changed", not wanted.anew, "anew")
  add_checkpoint(menu, wanted.checkpoint)
  return menu
end

--- Shows the menu until something but a switch is chosen; the reference, nil for none.
local function choose(project)
  local chosen
  repeat
    local menu = build(project)
    gfx.x, gfx.y = gfx.mouse_x, gfx.mouse_y
    local number = math.floor(gfx.showmenu(table.concat(menu.labels, "|")))
    local act = menu.acts[number]
    chosen = act and act() or nil
  until chosen ~= AGAIN
  return chosen
end

--- Has the user choose a reference for a project; `go_on(reference)` is called with it.
function match_menu.open(project, go_on)
  gfx.init("Automix match", 0, 0, 0, 0, 0) -- a menu needs a window
  guard.later(function()
    local reference = choose(project)
    gfx.quit()
    if reference then
      wishes.note_reference(reference)
      go_on(reference)
    end
  end)
end

return match_menu
