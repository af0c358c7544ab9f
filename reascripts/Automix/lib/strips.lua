-- @noindex
-- Our strip on a track or on the master: found, added behind the other effects, set, taken out.

local files = require("files")
local rows = require("strip_rows")

local strips = {}

local PLACES = { -- in REAPER's folder Effects: by `reaper-automix install`, by ReaPack
  "Automix/Automix Strip.jsfx",
  "reaper-automix/Automix/effects/Automix Strip.jsfx",
}
local IDENT = "Automix Strip%.jsfx$"

--- What some parameters are called, which no other effect has together, by their place from 1.
strips.LABELS = {
  [2] = "Low shelf gain (dB)",
  [18] = "High shelf frequency (Hz)",
  [21] = "Threshold (dB)",
  [27] = "Detector",
}
local ALWAYS_ADD = -1
local ADD_FIRST = -1000 -- a place in the chain: -1000 - its number
local MASTER_NUMBER = -1

strips.MISSING = "REAPER does not find the effect Automix Strip; run `reaper-automix install` in a "
  .. "terminal and press the key again."

local UNREAD = "this version of REAPER does not know the sliders of the effect Automix Strip; "
  .. "update REAPER and match again."

--- Where the effect is in REAPER's folder Effects; nil where it is not installed.
function strips.place()
  for _, place in ipairs(PLACES) do
    if files.exists(files.join(reaper.GetResourcePath(), "Effects", place)) then
      return place
    end
  end
end

--- Whether an effect of a session is our strip.
function strips.is_named(name)
  return name:find(IDENT) ~= nil
end

--- Whether the parameters of an effect are called as those of our strip.
function strips.has_our_parameters(track, fx)
  for place, label in pairs(strips.LABELS) do
    if select(2, reaper.TrackFX_GetParamName(track, fx, place - 1)) ~= label then
      return false
    end
  end
  return true
end

--- Whether an effect of a track is our strip: by its file, which REAPER tells since 6.37, and by
-- its parameters before, since the user may have renamed it.
local function is_strip(track, fx)
  local has_ident, ident = reaper.TrackFX_GetNamedConfigParm(track, fx, "fx_ident")
  if has_ident then
    return strips.is_named(ident)
  end
  return strips.has_our_parameters(track, fx)
end

--- The number of our strip among the effects of a track; nil without one.
function strips.find(track)
  for fx = 0, reaper.TrackFX_GetCount(track) - 1 do
    if is_strip(track, fx) then
      return fx
    end
  end
end

--- The sliders of our strip on a track; nil without one.
function strips.read(track)
  local fx = strips.find(track)
  if not fx then
    return nil
  end
  local values = {}
  for place in ipairs(rows) do
    values[place] = reaper.TrackFX_GetParam(track, fx, place - 1)
  end
  return values
end

--- Whether a strip does nothing but pass on what it gets.
function strips.is_idle(values)
  for place, row in ipairs(rows) do
    local resting = row[4] == "slope" and 1 or 0
    if row[4] and math.abs(values[place] - resting) >= row[2] then
      return false
    end
  end
  return true
end

local function is_master(track)
  return reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER") == MASTER_NUMBER
end

-- On a track behind its effects, as its stem was heard; on the master before them, since the sum of
-- the tracks is what was computed, and what limits the mix has to have the last word.
local function add(track)
  local place = assert(strips.place(), strips.MISSING)
  local where = is_master(track) and ADD_FIRST or ALWAYS_ADD
  local fx = reaper.TrackFX_AddByName(track, "JS:" .. place, false, where)
  assert(fx >= 0, strips.MISSING)
  assert(strips.has_our_parameters(track, fx), UNREAD)
  return fx
end

--- Sets the strip of a track, which gets one where it has none and needs one.
function strips.write(track, values)
  local fx = strips.find(track)
  if not fx and strips.is_idle(values) then
    return
  end
  fx = fx or add(track)
  for place, value in ipairs(values) do
    if reaper.TrackFX_GetParam(track, fx, place - 1) ~= value then
      reaper.TrackFX_SetParam(track, fx, place - 1, value)
    end
  end
end

--- Whether two strips stand alike, but for what a text form or a slider's step rounds.
function strips.is_same(values, others)
  for place, row in ipairs(rows) do
    if math.abs(values[place] - others[place]) >= row[2] then
      return false
    end
  end
  return true
end

--- Whether the effects of a track are switched off as a whole, so that no strip is heard.
function strips.are_off(track)
  return reaper.GetMediaTrackInfo_Value(track, "I_FXEN") == 0
end

--- Whether the strip of a track is heard.
function strips.is_on(track)
  local fx = strips.find(track)
  return fx ~= nil and reaper.TrackFX_GetEnabled(track, fx)
end

--- Whether the strip of a track is there and not heard.
function strips.is_bypassed(track)
  local fx = strips.find(track)
  if not fx then
    return false
  end
  return not reaper.TrackFX_GetEnabled(track, fx) or reaper.TrackFX_GetOffline(track, fx)
end

--- Bypasses the strip of a track, or has it heard again.
function strips.switch(track, is_on)
  local fx = strips.find(track)
  if fx then
    reaper.TrackFX_SetEnabled(track, fx, is_on)
  end
end

--- Takes the strip of a track out.
function strips.remove(track)
  local fx = strips.find(track)
  if fx then
    reaper.TrackFX_Delete(track, fx)
  end
end

return strips
