-- @noindex
-- The two sides of the last match but for its faders: pans and strips, as they were before it and
-- as it has them. Everything that changes here belongs into an undo block of the caller's.

local apply = require("apply")
local seats = require("match_seats")
local store = require("match_store")
local strips = require("strips")

local sides = {}

local MASTER = "MASTER" -- stands for its id

--- Whether what has this title is the last match, and that is remembered whole.
function sides.is_match(project, title)
  local match = store.read(project)
  return match ~= nil and match.title == title
end

--- Whether a match is remembered that can be taken back.
function sides.is_there(project)
  return store.read(project) ~= nil
end

--- GUID → track, with the master.
local function tracks_of(project)
  local tracks = apply.tracks(project)
  tracks[MASTER] = reaper.GetMasterTrack(project)
  return tracks
end

--- Turns the pan of a track from where one seat has it to where another one has it.
local function turn(track, from, to)
  if track and seats.is_pan_at(track, from.pan) and not seats.is_pan_at(track, to.pan) then
    reaper.SetMediaTrackInfo_Value(track, "D_PAN", to.pan)
  end
end

--- Turns the pans of a match to a side; those that were moved by hand stay.
local function turn_pans(match, tracks, side)
  for index, written in ipairs(store.written(match).stems) do
    local before, track = match.stems[index].before, tracks[written.track_id]
    if side == "before" then
      turn(track, written, before)
    else
      turn(track, before, written)
    end
  end
end

--- Ids of the tracks of a match whose strips are heard, the master's last.
local function heard(match, tracks)
  local ids = {}
  for _, stem in ipairs(match.stems) do
    local track = tracks[stem.track_id]
    ids[#ids + 1] = track and strips.is_on(track) and stem.track_id or nil
  end
  ids[#ids + 1] = strips.is_on(tracks[MASTER]) and MASTER or nil
  return ids
end

local function switch(tracks, ids, is_on)
  for _, track_id in ipairs(ids) do
    if tracks[track_id] then
      strips.switch(tracks[track_id], is_on)
    end
  end
end

--- Has the strips heard again that were bypassed to hear the state before.
function sides.end_silence(project)
  local ids = store.silenced(project)
  if #ids > 0 then
    switch(tracks_of(project), ids, true)
    store.note_silenced(project, {})
  end
end

--- Goes to the side "before" or "after" of the last match. Strips that were bypassed by hand stay
-- so on both.
function sides.go(project, side)
  local match, tracks = store.read(project), tracks_of(project)
  turn_pans(match, tracks, side)
  if side == "before" then
    local ids = heard(match, tracks)
    switch(tracks, ids, false)
    return store.note_silenced(project, ids)
  end
  sides.end_silence(project)
end

--- Takes the stems of a match that `is_meant(track_id)` back to before it, but for what was moved
-- by hand since.
function sides.take_stems_back(project, match, is_meant)
  local tracks = apply.tracks(project)
  for index, written in ipairs(store.written(match).stems) do
    local track = tracks[written.track_id]
    if track and is_meant(written.track_id) then
      seats.take_back(track, match.stems[index].before, written)
    end
  end
end

local function everyone()
  return true
end

--- Takes the last match back, but for what was moved by hand since, and forgets it.
function sides.take_back(project)
  local match, master = store.read(project), reaper.GetMasterTrack(project)
  sides.end_silence(project)
  sides.take_stems_back(project, match, everyone)
  if seats.is_strip_at(master, store.written(match).bus) then
    strips.remove(master)
  end
  store.forget(project)
end

return sides
