-- @noindex
-- The faders of a match as moves, which before/after and Restore know how to take back.

local apply = require("apply")
local balance_store = require("store")
local controls = require("controls")
local store = require("match_store")

local faders = {}

local function move_of(track, before, seat)
  local now = apply.added(track)
  return {
    track_id = seat.track_id,
    control = "fader",
    before = now * 10 ^ (before.fader_db / 20),
    after = now * 10 ^ (seat.fader_db / 20),
  }
end

--- The moves of the stems that are still there, from before the match to where it has them.
local function moves(tracks, match)
  local list = {}
  for index, seat in ipairs(store.written(match).stems) do
    local track = tracks[seat.track_id]
    list[#list + 1] = track and move_of(track, match.stems[index].before, seat) or nil
  end
  return list
end

--- Remembers the faders of a match for before/after, which it makes equally loud by `match_db`, and
-- that it was not a hand that moved them.
function faders.remember(project, match, match_db)
  local made = moves(apply.tracks(project), match)
  balance_store.note_moves(project, made)
  balance_store.keep_before(project, match.title, match_db, made)
end

--- Those of the moves that were made: a fader that stands elsewhere was moved by hand since.
local function standing(tracks, list)
  local made = {}
  for _, move in ipairs(list) do
    local track = tracks[move.track_id]
    local now = reaper.GetMediaTrackInfo_Value(track, "D_VOL") * apply.added(track)
    made[#made + 1] = controls.is_same(now, move.after) and move or nil
  end
  return made
end

--- By what the seats `last` were raised since, as linear gains by GUID, where that was `made`.
local function raised(made, match, last)
  local gains, is_made = {}, {}
  for _, move in ipairs(made) do
    is_made[move.track_id] = true
  end
  for index, seat in ipairs(store.written(match).stems) do
    local by_db = seat.fader_db - last.stems[index].fader_db
    gains[seat.track_id] = is_made[seat.track_id] and 10 ^ (by_db / 20) or nil
  end
  return gains
end

--- Remembers that a match goes another way than in the seats `last` by now; its trims keep it as
-- loud as it was. Where a balance came after it, both states of that go along.
function faders.follow(project, match, last)
  local state, tracks = balance_store.before(project), apply.tracks(project)
  local made = standing(tracks, moves(tracks, match))
  balance_store.note_moves(project, made)
  if state and state.title ~= match.title then
    balance_store.raise_before(project, raised(made, match, last))
  elseif state then
    local match_db = match.strength > 0 and match.louder_db or 0
    balance_store.keep_before(project, match.title, match_db, moves(tracks, match))
  end
end

return faders
