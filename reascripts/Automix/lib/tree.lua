-- @noindex
-- The folder tree of a project in REAPER: read from its tracks and written back to them.

local folders = require("folders")

local tree = {}

--- A track's number that is whole.
function tree.whole(track, key)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, key))
end

--- A track's own name, empty where it has none.
function tree.name(track)
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  return name
end

--- The tracks of a project in order, what each says of the next, levels, and which are selected.
function tree.read(project)
  local found = { tracks = {}, changes = {}, selected = {} }
  for place = 1, reaper.CountTracks(project) do
    local track = reaper.GetTrack(project, place - 1)
    found.tracks[place] = track
    found.changes[place] = tree.whole(track, "I_FOLDERDEPTH")
    found.selected[place] = reaper.IsTrackSelected(track)
  end
  found.levels = folders.levels(found.changes)
  return found
end

local function write_change(track, change)
  if tree.whole(track, "I_FOLDERDEPTH") ~= change then
    reaper.SetMediaTrackInfo_Value(track, "I_FOLDERDEPTH", change)
  end
end

local function is_in_order(project, tracks)
  for place, track in ipairs(tracks) do
    if reaper.GetTrack(project, place - 1) ~= track then
      return false
    end
  end
  return true
end

--- Puts tracks into an order, in which there are no folders: REAPER moves a folder's tracks along
-- and adjusts who closes it, which differs by how they are moved.
local function reorder(project, tracks)
  for _, track in ipairs(tracks) do
    write_change(track, 0)
  end
  for place, track in ipairs(tracks) do
    if reaper.GetTrack(project, place - 1) ~= track then
      reaper.SetOnlyTrackSelected(track)
      reaper.ReorderSelectedTracks(place - 1, 0)
    end
  end
end

--- Lays the tracks of a project out as the rows of `folders` say; `added` are the tracks of the
-- rows that have no place, in their order. The selection is lost where tracks move.
function tree.arrange(project, found, rows, added)
  local tracks, new = {}, 0
  for at, row in ipairs(rows) do
    new = row.place and new or new + 1
    tracks[at] = row.place and found.tracks[row.place] or added[new]
  end
  if not is_in_order(project, tracks) then
    reorder(project, tracks)
  end
  for at, change in ipairs(folders.row_changes(rows, found.changes)) do
    write_change(tracks[at], change)
  end
end

return tree
