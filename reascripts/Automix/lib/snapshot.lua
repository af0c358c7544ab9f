-- @noindex
-- The project as session.json has it: what the reader of .RPP files makes of the same project.

local items = require("snapshot_items")
local json = require("json")
local project_part = require("snapshot_project")
local sources = require("snapshot_sources")
local tracks = require("snapshot_tracks")

local snapshot = {}

local MAX_RESTARTS = 3

local Cursor = {}
Cursor.__index = Cursor

local function pass() end

--- One track with its items; `pause` is called after each.
local function read_track(track, place, pause)
  local found = tracks.read(track, place.rate_hz)
  local has_lanes = tracks.has_lanes(track)
  pause()
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, index)
    found.items[index + 1] = items.read(item, place, has_lanes)
    pause()
  end
  return found
end

--- What reading an item needs to know about its project.
local function place_of(project)
  return {
    folder = sources.folder(project_part.path(project)),
    rate_hz = project_part.rate_hz(project),
    known_files = {},
  }
end

local function read_project(project, pause)
  local session, place = project_part.read(project), place_of(project)
  for index = 0, reaper.CountTracks(project) - 1 do
    session.tracks[index + 1] = read_track(reaper.GetTrack(project, index), place, pause)
  end
  return session
end

local function restart(cursor)
  cursor.state = reaper.GetProjectStateChangeCount(cursor.project)
  cursor.starts = cursor.starts + 1
  cursor.work = coroutine.create(read_project)
end

--- A snapshot to be taken in steps. `session` is there once it is complete.
function snapshot.begin(project)
  local cursor = setmetatable({ project = project, starts = 0 }, Cursor)
  restart(cursor)
  return cursor
end

local function advance(cursor)
  local fine, session = coroutine.resume(cursor.work, cursor.project, coroutine.yield)
  if not fine then
    error(debug.traceback(cursor.work, session), 0)
  end
  cursor.session = session
end

--- Goes on for so many seconds, or a little longer; true when the snapshot is complete. A session
--- is of one moment: it starts anew when the project changed since the last step, and the third
--- time is not interrupted any more.
function Cursor:step(budget_s)
  if self.session then
    return true
  end
  if reaper.GetProjectStateChangeCount(self.project) ~= self.state then
    restart(self)
  end
  local is_last_start = self.starts > MAX_RESTARTS
  local until_s = is_last_start and math.huge or reaper.time_precise() + budget_s
  repeat
    advance(self)
  until self.session or reaper.time_precise() >= until_s
  return self.session ~= nil
end

--- The whole project at once.
function snapshot.take(project)
  return read_project(project, pass)
end

--- One track again.
function snapshot.track(project, track)
  return read_track(track, place_of(project), pass)
end

local function without(object, fields)
  local rest = {}
  for field, value in pairs(object) do
    if not fields[field] then
      rest[field] = value
    end
  end
  return rest
end

local function each_without(list, fields)
  local rest = json.array({})
  for index, object in ipairs(list) do
    rest[index] = without(object, fields)
  end
  return rest
end

local NOT_OF_TRACK = { id = true, name = true, selected = true, color = true, solo = true }
local NOT_OF_ITEM = { id = true }
local NOT_OF_TAKE = { id = true, name = true }

--- What was measured of a track, as a text to compare: everything but names, ids, colour, solo and
--- selection. The fader counts.
function snapshot.fingerprint(track)
  local measured = without(track, NOT_OF_TRACK)
  measured.items = each_without(track.items, NOT_OF_ITEM)
  for _, item in ipairs(measured.items) do
    item.takes = each_without(item.takes, NOT_OF_TAKE)
  end
  return json.encode(measured)
end

return snapshot
