-- @noindex
-- Sorts the tracks of a project into stems: proposed by the worker, reviewed, landed as one undo
-- point. What is accepted is asked of the worker once more, for the project as it is by then.

local apply = require("apply")
local course = require("course")
local guard = require("guard")
local progress = require("progress")
local rows = require("sort_rows")
local run = require("run")
local running = require("running")
local sort_window = require("sort_window")
local speak = require("speak")
local stem_folder = require("stem_folder")
local tree = require("tree")
local undo = require("undo")

local sort = {}

local EVERYTHING = { kind = "all" }
local BUSY = "A balance of this project is running; wait for it, or cancel it."
local NO_TRACKS = "This project has no tracks; there is nothing to sort."
local DONE = "Sorted: %s."

--- The tracks right inside every spot's track, by its id.
local function contents(sorting, tracks)
  local inside, open = {}, {}
  for _, spot in ipairs(sorting.spots) do
    local folder = open[spot.level]
    if folder then
      table.insert(inside[folder], tracks[spot.track_id])
    end
    open[spot.level + 1], inside[spot.track_id] = spot.track_id, {}
  end
  return inside
end

local function insert_folder(project, new, inside)
  local place = reaper.CountTracks(project) + 1
  local folder = stem_folder.insert(project, place, new.name, inside)
  reaper.SetTrackColor(folder, reaper.ColorToNative(table.unpack(new.color)))
  return folder
end

--- The new folders, at the end of the project for now, in the order of their spots.
local function insert_folders(project, sorting)
  local new, added = {}, {}
  for _, folder in ipairs(sorting.folders) do
    new[folder.id] = folder
  end
  local inside = contents(sorting, apply.tracks(project))
  for _, spot in ipairs(sorting.spots) do
    local folder = new[spot.track_id]
    added[#added + 1] = folder and insert_folder(project, folder, inside[folder.id])
  end
  return added
end

--- The spots as rows of `folders`: places in the old order, none for new folders.
local function rows_of(sorting, found)
  local places, list = {}, {}
  for place, track in ipairs(found.tracks) do
    places[reaper.GetTrackGUID(track)] = place
  end
  for at, spot in ipairs(sorting.spots) do
    list[at] = { place = places[spot.track_id], level = math.floor(spot.level) }
  end
  return list
end

local function select_again(found, added)
  for place, track in ipairs(found.tracks) do
    reaper.SetTrackSelected(track, found.selected[place])
  end
  for _, folder in ipairs(added) do
    reaper.SetTrackSelected(folder, false)
  end
end

--- Lays the project out as the worker says; true, or false and what went wrong.
function sort.land(project, answer)
  local sorting, found = answer.sorting, tree.read(project)
  return undo.block(project, answer.title, function()
    local added = insert_folders(project, sorting)
    tree.arrange(project, found, rows_of(sorting, found), added)
    select_again(found, added)
  end)
end

local function ask(project, wishes, arrive)
  run.set_out({
    project = project,
    scope = EVERYTHING,
    wishes = wishes,
    progress = progress.new(project),
    steps = course.stems,
    arrive = arrive,
  })
end

local function accept(project, wishes)
  ask(project, wishes, function(answer)
    if #answer.sorting.spots == 0 then
      return speak.tell(answer.message)
    end
    local ok, message = sort.land(project, answer)
    if not ok then
      return speak.tell("Nothing was changed, since REAPER refused a change: " .. message)
    end
    speak.announce(DONE:format(answer.title:match("sort (.*)")))
  end)
end

local function review(project, answer)
  if #answer.sorting.spots == 0 and not rows.any_unmatched(answer.sorting) then
    return speak.tell(answer.message)
  end
  sort_window.open(project, answer.sorting, function(wishes)
    accept(project, wishes)
  end)
end

--- The action: proposes stems for the active project and opens the review.
function sort.start()
  guard.no_undo_point()
  local project = reaper.EnumProjects(-1)
  local refusal = running.is(project) and BUSY or reaper.CountTracks(project) == 0 and NO_TRACKS
  if refusal then
    return speak.tell(refusal)
  end
  ask(project, nil, function(answer)
    review(project, answer)
  end)
end

return sort
