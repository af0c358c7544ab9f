-- @noindex
-- Locks on tracks: a mark in their own ext state, saved with the project, that pins their faders.

local guard = require("guard")
local speak = require("speak")
local tracks = require("snapshot_tracks")
local undo = require("undo")

local locks = {}

local NOTHING = "No track is selected; select the tracks or folders whose faders shall stay."

local function selected(project)
  local list = {}
  for index = 0, reaper.CountSelectedTracks(project) - 1 do
    list[index + 1] = reaper.GetSelectedTrack(project, index)
  end
  return list
end

local function are_pinned(list)
  for _, track in ipairs(list) do
    if not tracks.is_pinned(track) then
      return false
    end
  end
  return true
end

local function count_text(list)
  return #list == 1 and "1 track" or #list .. " tracks"
end

--- Locks the selected tracks of a project, or sets them free where all of them are locked already.
-- Gives what was done as a sentence; or nil and a sentence, with the project as it was.
function locks.toggle(project)
  local list = selected(project)
  if #list == 0 then
    return nil, NOTHING
  end
  local is_lock, count = not are_pinned(list), count_text(list)
  local title = ("Automix: %s %s"):format(is_lock and "lock" or "unlock", count)
  local ok, message = undo.block(project, title, function()
    for _, track in ipairs(list) do
      tracks.pin(track, is_lock)
    end
  end)
  return ok and ("%s %s."):format(is_lock and "Locked" or "Unlocked", count) or nil, message
end

--- The action.
function locks.toggle_selected()
  guard.no_undo_point()
  local done, message = locks.toggle(reaper.EnumProjects(-1))
  if not done then
    return speak.tell(message)
  end
  speak.announce(done)
end

return locks
