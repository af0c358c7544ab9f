-- @noindex
-- The faders of a match as moves, which before/after and Restore know how to take back.

local apply = require("apply")
local balance_store = require("store")
local store = require("match_store")

local faders = {}

--- What other controls than the fader add on a track: its virtual fader is the real one times that.
local function added(track)
  local gain = 1
  for _, row in ipairs(apply.elsewhere(track)) do
    gain = gain * row.gain
  end
  return gain
end

local function move_of(track, before, seat)
  local now = added(track)
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

--- Remembers that a match goes another way by now; its loudness is taken to follow its strength.
function faders.follow(project, match)
  local state = balance_store.before(project)
  if state and state.title == match.title then
    faders.remember(project, match, match.whole_db * match.strength)
  end
end

return faders
