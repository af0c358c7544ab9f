-- @noindex
-- Stems in the project: selected tracks into a folder of their own, and a folder dissolved.
--
-- The sound stays what it was: a new folder changes nothing on its way, and what a dissolved one
-- did to the level of its tracks is done by their own faders.

local dissolve = require("dissolve")
local folders = require("folders")
local guard = require("guard")
local settings = require("settings")
local speak = require("speak")
local stem_folder = require("stem_folder")
local stem_name = require("stem_name")
local tree = require("tree")
local undo = require("undo")

local stems = {}

local function at_places(list, places)
  local found = {}
  for index, place in ipairs(places) do
    found[index] = list[place]
  end
  return found
end

local function count_text(tracks)
  return #tracks == 1 and "1 track" or #tracks .. " tracks"
end

--- The selected tracks of a project that would make a stem, without those inside another one.
-- {tree, roots = their places, tracks}, or nil and a sentence.
function stems.chosen(project)
  local found = tree.read(project)
  local roots = folders.roots(found.levels, found.selected)
  if #roots > 0 then
    return { tree = found, roots = roots, tracks = at_places(found.tracks, roots) }
  end
  if reaper.CountSelectedTracks2(project, true) > 0 then
    return nil, "The master cannot lie in a stem; select the tracks that shall be in it."
  end
  return nil, "No track is selected; select the tracks that shall be in the stem."
end

--- Puts the chosen tracks, with all that lies in them, into a new folder where the first one is.
-- The folder alone is selected then, so that the next balance is that of its inside.
-- Gives the folder; or nil and what went wrong, with the project as it was.
function stems.group(project, chosen, name)
  local folder
  local title = ("Automix: group %s as %s"):format(count_text(chosen.tracks), name)
  local ok, message = undo.block(project, title, function()
    local rows = folders.grouped(chosen.tree.levels, chosen.roots)
    folder = stem_folder.insert(project, chosen.roots[1], name, chosen.tracks)
    tree.arrange(project, chosen.tree, rows, { folder })
    reaper.SetOnlyTrackSelected(folder)
  end)
  return ok and folder or nil, message
end

local function names_of(tracks)
  local names = {}
  for index, track in ipairs(tracks) do
    names[index] = tree.name(track)
  end
  return names
end

--- The name that the user gives the stem, nil when the question is cancelled.
local function ask_name(tracks)
  local suggestion = stem_name.suggest(names_of(tracks))
  -- A separator that cannot be typed: names may have commas.
  local captions = "Name of the stem:,extrawidth=160,separator=\n"
  local ok, name = reaper.GetUserInputs("Automix: group tracks", 1, captions, suggestion)
  if not ok then
    return nil
  end
  name = name:match("^%s*(.-)%s*$")
  return name ~= "" and name or suggestion
end

--- The action: asks a name, groups the selected tracks, balances inside when that is set.
function stems.ask()
  guard.no_undo_point()
  local project = reaper.EnumProjects(-1)
  local chosen, refusal = stems.chosen(project)
  if not chosen then
    return speak.tell(refusal)
  end
  local name = ask_name(chosen.tracks)
  if not name then
    return
  end
  local folder, message = stems.group(project, chosen, name)
  if not folder then
    return speak.tell(message)
  end
  speak.announce(("Grouped %s as %s."):format(count_text(chosen.tracks), name))
  if settings.is_on(project, "balance_new_stems") then
    require("automix").balance_tracks(project, { reaper.GetTrackGUID(folder) })
  end
end

local function selected_folders(found)
  local places = {}
  for place = #found.tracks, 1, -1 do
    if found.selected[place] and folders.last_inside(found.levels, place) > place then
      places[#places + 1] = place
    end
  end
  return places
end

local function first_obstacle(found, places)
  for _, place in ipairs(places) do
    local children = at_places(found.tracks, folders.children(found.levels, place))
    local refusal = dissolve.obstacle(found.tracks[place], children)
    if refusal then
      return refusal
    end
  end
end

local function dissolve_at(project, place)
  local found = tree.read(project)
  local folder = found.tracks[place]
  local children = at_places(found.tracks, folders.children(found.levels, place))
  dissolve.hand_down(project, folder, children)
  tree.arrange(project, found, folders.dissolved(found.levels, place))
  reaper.DeleteTrack(folder)
  return children
end

--- Selects the tracks, apart from folders that were dissolved themselves.
local function select_only(project, tracks)
  local select = reaper.SetOnlyTrackSelected
  for _, track in ipairs(tracks) do
    if reaper.ValidatePtr2(project, track, "MediaTrack*") then
      select(track, true)
      select = reaper.SetTrackSelected
    end
  end
end

--- Dissolves the selected folders: what lies in them goes up one level and is selected then.
-- Gives true; or nil and a sentence, with the project as it was.
function stems.ungroup(project)
  local found = tree.read(project)
  local places = selected_folders(found)
  if #places == 0 then
    return nil, "No folder is selected; select the stem that shall be ungrouped."
  end
  local refusal = first_obstacle(found, places)
  if refusal then
    return nil, refusal
  end
  local names = table.concat(names_of(at_places(found.tracks, places)), " and ")
  return undo.block(project, "Automix: ungroup " .. names, function()
    local freed = {}
    for _, place in ipairs(places) do
      local children = dissolve_at(project, place)
      table.move(children, 1, #children, #freed + 1, freed)
    end
    select_only(project, freed)
  end)
end

--- The action.
function stems.ungroup_selected()
  guard.no_undo_point()
  local ok, message = stems.ungroup(reaper.EnumProjects(-1))
  if not ok then
    return speak.tell(message)
  end
  speak.announce("Ungrouped; the tracks that were in it are selected.")
end

return stems
