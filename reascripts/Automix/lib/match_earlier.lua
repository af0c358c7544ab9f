-- @noindex
-- What an earlier match left in the project: a later one begins from before it, and leaves strips
-- alone that the engineer changed since.

local apply = require("apply")
local json = require("json")
local seats = require("match_seats")
local store = require("match_store")
local strips = require("strips")

local earlier = {}

--- The stems of a match by id: {before, written}.
local function by_id(match)
  local stems = {}
  for index, written in ipairs(match and store.written(match).stems or {}) do
    stems[written.track_id] = { before = match.stems[index].before, written = written }
  end
  return stems
end

--- Whether the strip of a track is the engineer's by now: no match wrote it so.
local function is_changed(track, sliders)
  return strips.find(track) ~= nil and not (sliders and seats.is_strip_at(track, sliders))
end

--- Ids of the tracks, as a set, whose strip is the engineer's by now.
local function changed_strips(project, stems)
  local changed = {}
  for track_id, track in pairs(apply.tracks(project)) do
    local stem = stems[track_id]
    changed[track_id] = is_changed(track, stem and stem.written.sliders) or nil
  end
  return changed
end

--- What there is of an earlier match: {match or nil, stems by id, changed = set of ids,
-- is_bus_changed}.
function earlier.read(project)
  local match = store.read(project)
  local stems, bus = by_id(match), match and store.written(match).bus
  return {
    match = match,
    stems = stems,
    changed = changed_strips(project, stems),
    is_bus_changed = is_changed(reaper.GetMasterTrack(project), bus),
  }
end

--- The same where every strip is matched anew, whoever moved it.
function earlier.anew(project)
  local found = earlier.read(project)
  found.changed, found.is_bus_changed = {}, false
  return found
end

local function without_strip(fx)
  local rest = json.array({})
  for _, effect in ipairs(fx) do
    if not strips.is_named(effect.name) then
      rest[#rest + 1] = effect
    end
  end
  return rest
end

local function copied(row)
  local copy = setmetatable({}, getmetatable(row))
  for field, value in pairs(row) do
    copy[field] = value
  end
  return copy
end

--- The row of a track without its strip, its fader and pan as before the match unless they were
-- moved by hand since.
local function row_before(row, track, stem)
  local before = copied(row)
  before.fx = without_strip(row.fx)
  if stem and seats.is_fader_at(track, stem.written.fader_db) then
    before.fader_gain = 10 ^ (stem.before.fader_db / 20)
  end
  if stem and seats.is_pan_at(track, stem.written.pan) then
    before.pan = stem.before.pan
  end
  return before
end

--- The session as it was before the earlier match (`found`), but for what was moved since, and for
-- the stems that stay in it (`staying`, a set of ids).
function earlier.session_before(project, session, found, staying)
  local before, tracks = copied(session), apply.tracks(project)
  before.tracks = json.array({})
  for index, row in ipairs(session.tracks) do
    local track = tracks[row.id]
    local stem = not staying[row.id] and found.stems[row.id]
    before.tracks[index] = track and row_before(row, track, stem) or row
  end
  before.master_fx = without_strip(session.master_fx)
  return before
end

--- Bypasses the strips of a project for as long as the loan lasts.
function earlier.silence(loan, project)
  for _, track in pairs(apply.tracks(project)) do
    loan:borrow(strips.is_on(track), false, function(is_on)
      strips.switch(track, is_on)
    end)
  end
end

return earlier
