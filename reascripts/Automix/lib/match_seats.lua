-- @noindex
-- Seats of a match in the project: fader, pan and strip of a track, as they stand and as they are
-- written. A seat is {fader_db, pan, sliders}.

local controls = require("controls")
local strips = require("strips")

local seats = {}

local SAME_PAN = 0.0005 -- as reaper_automix/match/placing/stored.py

local function gain_of(db)
  return 10 ^ (db / 20)
end

--- Whether the fader of a track stands at so many dB.
function seats.is_fader_at(track, fader_db)
  return controls.is_same(reaper.GetMediaTrackInfo_Value(track, "D_VOL"), gain_of(fader_db))
end

--- Whether the pan of a track stands there.
function seats.is_pan_at(track, pan)
  return math.abs(reaper.GetMediaTrackInfo_Value(track, "D_PAN") - pan) <= SAME_PAN
end

--- Whether the strip of a track, or of the master, stands so; one that was taken out may come back.
function seats.is_strip_at(track, sliders)
  local found = strips.read(track)
  return not found or strips.is_same(found, sliders)
end

-- The parts of a seat: whether one stands as in a seat, how it is written, and how it is taken back
-- where that is something else.
local PARTS = {
  {
    name = "fader",
    stands = function(track, seat)
      return seats.is_fader_at(track, seat.fader_db)
    end,
    write = function(track, seat)
      reaper.SetMediaTrackInfo_Value(track, "D_VOL", gain_of(seat.fader_db))
    end,
  },
  {
    name = "pan",
    stands = function(track, seat)
      return seats.is_pan_at(track, seat.pan)
    end,
    write = function(track, seat)
      reaper.SetMediaTrackInfo_Value(track, "D_PAN", seat.pan)
    end,
  },
  {
    name = "strip",
    stands = function(track, seat)
      return seats.is_strip_at(track, seat.sliders)
    end,
    write = function(track, seat)
      strips.write(track, seat.sliders)
    end,
    take_back = strips.remove,
  },
}

--- Puts a track back to its seat before a match, without a strip, but for what stands otherwise
-- than in `last`, the seat that was written last.
function seats.take_back(track, before, last)
  for _, part in ipairs(PARTS) do
    local take_back = part.take_back or part.write
    if part.stands(track, last) then
      take_back(track, before)
    end
  end
end

--- Writes a seat, but of what stands otherwise than in `last`, where that is given, nothing: it was
-- moved by hand since. Gives the names of the parts that were.
function seats.write(track, seat, last)
  local by_hand = {}
  for _, part in ipairs(PARTS) do
    if last and not part.stands(track, last) then
      by_hand[#by_hand + 1] = part.name
    elseif not part.stands(track, seat) or part.name == "strip" then
      part.write(track, seat)
    end
  end
  return by_hand
end

return seats
