-- @noindex
-- What a balance can write on a track: the fader, or item gains, the trim, the volume envelope.
--
-- A move is {track_id, control, before, after}: the linear virtual fader (the real one times what
-- the other controls already add) before and after. Writing multiplies the control by their ratio.

local controls = {}

local TRIM_PLUGIN, TRIM_NAME = "JS:utility/volume", "Automix trim"
local TRIM_DB, TRIM_CEILING = 0, 1 -- its parameters; the ceiling clips at 0 dB as delivered
local DEFAULT_FADER_MAX_DB = 12

local function db_from_gain(gain)
  return 20 * math.log(gain, 10)
end

local function gain_from_db(db)
  return 10 ^ (db / 20)
end

--- The top of the user's faders in dB (Preferences, track fader range).
function controls.fader_max_db()
  local _, text = reaper.get_config_var_string("slidermaxv")
  return tonumber(text) or DEFAULT_FADER_MAX_DB
end

--- The gain as it may be written: up to the top of the fader, nil for NaN, infinity and below 0.
function controls.writable(gain)
  if gain ~= gain or gain < 0 or gain == math.huge then
    return nil
  end
  return math.min(gain, gain_from_db(controls.fader_max_db()))
end

--- A control's value after the move; exactly `after` where the control is the whole fader.
local function moved(value, move)
  return value == move.before and move.after or value * (move.after / move.before)
end

local function factor(track, key)
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. key, "", false)
  return tonumber(text) or 1
end

local function keep_factor(track, key, value)
  local text = math.abs(value - 1) < 1e-9 and "" or string.format("%.17g", value)
  reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. key, text, true)
end

local function write_fader(track, move)
  local found = reaper.GetMediaTrackInfo_Value(track, "D_VOL")
  reaper.SetMediaTrackInfo_Value(track, "D_VOL", controls.writable(moved(found, move)))
end

local function write_items(track, move)
  local ratio = move.after / move.before
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, index)
    local found = reaper.GetMediaItemInfo_Value(item, "D_VOL")
    reaper.SetMediaItemInfo_Value(item, "D_VOL", found * ratio)
  end
  keep_factor(track, "automix_items", factor(track, "automix_items") * ratio)
end

local function is_trim(track, fx)
  local _, shown = reaper.TrackFX_GetFXName(track, fx)
  local _, renamed = reaper.TrackFX_GetNamedConfigParm(track, fx, "renamed_name")
  return shown == TRIM_NAME or renamed == TRIM_NAME
end

local function find_trim(track)
  for fx = 0, reaper.TrackFX_GetCount(track) - 1 do
    if is_trim(track, fx) then
      return fx
    end
  end
end

local function add_trim(track)
  local fx = reaper.TrackFX_AddByName(track, TRIM_PLUGIN, false, -1)
  assert(fx >= 0, "REAPER's own plug-in " .. TRIM_PLUGIN .. " is not there.")
  reaper.TrackFX_SetNamedConfigParm(track, fx, "renamed_name", TRIM_NAME)
  local _, _, highest = reaper.TrackFX_GetParam(track, fx, TRIM_CEILING)
  reaper.TrackFX_SetParam(track, fx, TRIM_CEILING, highest)
  return fx
end

local function is_bypassed(track, fx)
  return not reaper.TrackFX_GetEnabled(track, fx) or reaper.TrackFX_GetOffline(track, fx)
end

local function trim_gain(track)
  local fx = find_trim(track)
  local is_heard = fx and not is_bypassed(track, fx)
  return is_heard and gain_from_db(reaper.TrackFX_GetParam(track, fx, TRIM_DB)) or 1
end

local function write_trim(track, move)
  local fx = find_trim(track) or add_trim(track)
  local found_db = reaper.TrackFX_GetParam(track, fx, TRIM_DB)
  local change_db = db_from_gain(move.after / move.before)
  reaper.TrackFX_SetParam(track, fx, TRIM_DB, found_db + change_db)
end

local function volume_envelope(track)
  return reaper.GetTrackEnvelopeByChunkName(track, "<VOLENV2")
end

local function shift_point(envelope, index, ratio)
  local mode = reaper.GetEnvelopeScalingMode(envelope)
  local _, time, raw, shape, tension, selected = reaper.GetEnvelopePoint(envelope, index)
  local gain = controls.writable(reaper.ScaleFromEnvelopeMode(mode, raw) * ratio)
  raw = reaper.ScaleToEnvelopeMode(mode, gain)
  reaper.SetEnvelopePoint(envelope, index, time, raw, shape, tension, selected, true)
end

local function write_envelope(track, move)
  local ratio, envelope = move.after / move.before, volume_envelope(track)
  for index = 0, reaper.CountEnvelopePoints(envelope) - 1 do
    shift_point(envelope, index, ratio)
  end
  reaper.Envelope_SortPoints(envelope)
  keep_factor(track, "automix_envelope", factor(track, "automix_envelope") * ratio)
end

--- Writes the fader of exactly this track: no gang, no group, no automation.
controls.fader = {
  write = write_fader,
  missing = function()
    return nil
  end,
}

--- The gain of every item; earlier balances' share is kept with the track.
controls.items = {
  write = write_items,
  missing = function(track)
    return reaper.CountTrackMediaItems(track) == 0 and "It has no items to put the gain on."
  end,
  gain = function(track)
    return factor(track, "automix_items")
  end,
}

--- A plug-in of our own, last in the chain and so before the fader.
controls.trim = {
  write = write_trim,
  missing = function(track)
    local fx = find_trim(track)
    return fx and is_bypassed(track, fx) and "Its Automix trim is bypassed; switch it on first."
  end,
  gain = trim_gain,
}

--- Every point of the volume envelope; earlier balances' share is kept with the track.
controls.envelope = {
  write = write_envelope,
  missing = function(track)
    return not volume_envelope(track) and "Its volume envelope is gone."
  end,
  gain = function(track)
    return factor(track, "automix_envelope")
  end,
}

return controls
