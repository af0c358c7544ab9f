-- @noindex
-- A match lands in the project: faders, pans and strips of the stems that are still as they were
-- heard, and the master's strip, as one undo point.

local apply = require("apply")
local controls = require("controls")
local faders = require("match_faders")
local landing = require("landing")
local recheck = require("recheck")
local seats = require("match_seats")
local sides = require("match_sides")
local store = require("match_store")
local stems_of = require("match_stems")
local strips = require("strips")
local undo = require("undo")

local match_landing = {}

local CHANGED = "It was changed while the match ran; match again."
local GONE = "It was deleted while the match ran."
local FROZEN = "It is frozen, so a strip would not be heard; unfreeze it first."
local SWITCHED_OFF = "Its effects are switched off, so a strip would not be heard; switch them on "
  .. "first."
local MASTER_OFF = "The master's effects were switched off meanwhile, so its strip is not heard; "
  .. "match again, or switch them on."

--- Everything in the stems of a match, as rows to check again.
local function contents(session, around, stems)
  local is_matched, rows = {}, {}
  for _, stem in ipairs(stems) do
    is_matched[stem.track_id] = true
  end
  for _, track in ipairs(session.tracks) do
    rows[#rows + 1] = is_matched[around[track.id]] and { track_id = track.id } or nil
  end
  return rows
end

--- Ids of stems, as a set, in which anything is not as it was heard.
local function changed_stems(trip, stems)
  local around, changed = stems_of.around(trip.session), {}
  local rows = contents(trip.session, around, stems)
  local found = recheck.begin(trip.project, trip.session, rows, trip.chunks or {})
  while not found:step(trip.budget_s) do
    trip.pause()
  end
  for _, row in ipairs(found.left_out) do
    changed[around[row.track_id]] = true
  end
  return changed
end

--- Whether the strip of a track stands as it did when the match began.
local function is_strip_as_found(track, sliders)
  local now = strips.read(track)
  return not (now and sliders) and now == sliders or strips.is_same(now, sliders)
end

--- Why a stem cannot land, as a sentence; nil where it can.
local function obstacle(track, is_changed, sliders)
  if not track then
    return GONE
  end
  if is_changed or not is_strip_as_found(track, sliders) then
    return CHANGED
  end
  if reaper.GetMediaTrackInfo_Value(track, "I_FREEZECOUNT") > 0 then
    return FROZEN
  end
  return strips.are_off(track) and SWITCHED_OFF or nil
end

--- The stems that can land, and those that cannot, as {track_id, why}.
local function sort(trip, stems)
  local changed, tracks = changed_stems(trip, stems), apply.tracks(trip.project)
  local possible, left_out = {}, {}
  for _, stem in ipairs(stems) do
    local id = stem.track_id
    local why = obstacle(tracks[id], changed[id], trip.sliders[id])
    if why then
      left_out[#left_out + 1] = { track_id = id, why = why }
    else
      possible[#possible + 1] = stem
    end
  end
  return possible, left_out
end

--- The stems as the user's faders can have them.
local function limited(stems)
  for _, stem in ipairs(stems) do
    stem.matched.fader_db = math.min(stem.matched.fader_db, controls.fader_max_db())
  end
  return stems
end

--- Parts the stems of the earlier match that are none of this one: those that were not chosen, or
-- were left out, stay in it; the others go back to before it.
local function part_others(trip, match, left_out)
  local here, stays, kept = {}, {}, {}
  for _, row in ipairs(left_out) do
    stays[row.track_id] = true
  end
  for track_id in pairs(trip.staying) do
    stays[track_id] = true
  end
  for _, stem in ipairs(match.stems) do
    here[stem.track_id], stays[stem.track_id] = true, nil
  end
  if not trip.earlier.match then
    return kept
  end
  for _, stem in ipairs(trip.earlier.match.stems) do
    kept[#kept + 1] = stays[stem.track_id] and stem or nil
  end
  sides.take_stems_back(trip.project, trip.earlier.match, function(track_id)
    return not (here[track_id] or stays[track_id])
  end)
  return kept
end

--- Has the stems that stay in the match go as far as it goes now, but for what was moved by hand.
local function carry_on(trip, match, kept, tracks)
  local seats_now = store.written({
    strength = match.strength,
    blocks = match.blocks,
    bus = match.bus,
    trims = match.trims,
    stems = kept,
  }).stems
  for _, seat in ipairs(seats_now) do
    local track = tracks[seat.track_id]
    if track then
      seats.write(track, seat, trip.earlier.stems[seat.track_id].written)
    end
  end
end

--- Writes a seat whole, but for a strip that is the engineer's.
local function write_seat(track, seat, is_hers)
  local kept = is_hers and strips.read(track)
  seats.write(track, { fader_db = seat.fader_db, pan = seat.pan, sliders = kept or seat.sliders })
  if not is_hers then
    strips.switch(track, true) -- hers may be bypassed because that is how she wants it
  end
end

local function write_all(trip, match, tracks)
  local written, changed = store.written(match), trip.earlier.changed
  for _, seat in ipairs(written.stems) do
    write_seat(tracks[seat.track_id], seat, changed[seat.track_id])
  end
  local master = reaper.GetMasterTrack(trip.project)
  if not trip.earlier.is_bus_changed and is_strip_as_found(master, trip.bus) then
    strips.write(master, written.bus)
    strips.switch(master, true)
  end
end

--- Writes the match, and what the project shall remember of it.
local function land(trip, match, left_out, match_db)
  landing.end_comparing(trip.project)
  local kept = part_others(trip, match, left_out)
  local tracks = apply.tracks(trip.project)
  write_all(trip, match, tracks)
  carry_on(trip, match, kept, tracks)
  table.move(kept, 1, #kept, #match.stems + 1, match.stems)
  match.louder_db = match_db
  store.keep(trip.project, match)
  faders.remember(trip.project, match, match_db)
end

--- The match of an answer with the stems that land, as the project shall remember it.
local function match_of(trip, answer, stems)
  return {
    title = answer.title,
    reference = trip.match.reference.name,
    strength = trip.match.strength,
    blocks = trip.match.blocks,
    bus = answer.matched.bus,
    trims = answer.matched.trims,
    stems = limited(stems),
  }
end

--- Brings an answer in line with what lands of it; the loudness that is then matched, in dB.
local function settle(answer, possible, left_out)
  if #left_out == 0 then
    return landing.match_db(answer.mix)
  end
  answer.title = landing.counted(answer.title, #possible, "stem")
  answer.mix = {}
  table.insert(answer.notes, landing.UNMATCHED)
  return 0
end

--- Lands the match of an answer. `trip` has the project, the session that was heard, the `match`
-- that was asked for, what `match_earlier` found, the ids of stems that are `staying` in the
-- earlier match, `sliders` (by GUID) and those of the `bus` as they stood when it began, and
-- `pause()`, `budget_s` and `chunks` as `landing` wants them.
-- Gives the rows of the stems made and, as {track_id, why}, of those left out; or nil and what went
-- wrong.
function match_landing.make(trip, answer)
  local possible, left_out = sort(trip, answer.matched.stems)
  if #possible == 0 then
    return possible, left_out
  end
  local is_off = strips.are_off(reaper.GetMasterTrack(trip.project))
  if is_off and not trip.match.master_is_off then -- else the answer itself tells
    table.insert(answer.notes, MASTER_OFF)
  end
  local match_db = settle(answer, possible, left_out)
  local match = match_of(trip, answer, possible)
  local ok, message = undo.block(trip.project, match.title, function()
    land(trip, match, left_out, match_db)
  end)
  if not ok then
    return nil, message
  end
  return possible, left_out
end

return match_landing
