-- @noindex
-- The last match on top of what balances moved since: a fader that stands where a balance of ours
-- wrote it was moved by no hand, and the match's own part of it goes on from there.

local apply = require("apply")
local balance_store = require("store")
local controls = require("controls")
local seats = require("match_seats")
local store = require("match_store")

local base = {}

--- Where a balance put the fader of a track, as it stands in REAPER; nil where none did.
local function written_gain(project, track, track_id)
  local gain = balance_store.written_gain(project, track_id)
  return gain and gain > 0 and gain / apply.added(track) or nil
end

--- By how many dB a balance moved a track on from its seat.
local function moved_db(project, track, seat)
  local gain = written_gain(project, track, seat.track_id)
  local now = reaper.GetMediaTrackInfo_Value(track, "D_VOL")
  if not gain or seats.is_fader_at(track, seat.fader_db) or not controls.is_same(now, gain) then
    return 0
  end
  return 20 * math.log(gain, 10) - seat.fader_db
end

local function raise(stem, by_db)
  stem.before.fader_db = stem.before.fader_db + by_db
  stem.matched.fader_db = stem.matched.fader_db + by_db
end

--- The last match as `match_store` has it, its faders raised by what balances moved them since.
function base.read(project)
  local match, tracks = store.read(project), apply.tracks(project)
  for index, seat in ipairs(match and store.written(match).stems or {}) do
    local track = tracks[seat.track_id]
    raise(match.stems[index], track and moved_db(project, track, seat) or 0)
  end
  return match
end

return base
