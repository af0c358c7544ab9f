-- @noindex
-- What a balance can write on a track: the fader, or item gains, the trim, the volume envelope.
--
-- A move is {track_id, control, before, after}: the linear virtual fader (the real one times what
-- the other controls already add) before and after. Writing multiplies the control by their ratio.

local controls = {}

local TRIM_PLUGIN, TRIM_NAME = "JS:utility/volume", "Automix trim"
local TRIM_DB, TRIM_CEILING = 0, 1 -- its parameters; the ceiling clips at 0 dB as delivered
local TRIM_KEY = "automix_trim" -- of a track's own ext state: we added the plug-in
local DEFAULT_FADER_MAX_DB = 12
local SAME_DB = 0.001 -- as hand.SAME_FADER_DB: text forms round
local ROUNDING = 1 + 1e-9

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

--- Whether a gain can be written: a number from 0 on, and a finite one.
function controls.is_gain(gain)
  return type(gain) == "number" and gain >= 0 and gain < math.huge
end

--- Whether two gains are the same but for the rounding of text forms.
function controls.is_same(gain, other)
  if gain <= 0 or other <= 0 then
    return gain == other
  end
  return math.abs(db_from_gain(gain / other)) < SAME_DB
end

--- The move as a balance may make it, with no fader and no point above the top of the fader.
-- Going back to what there was has no such limit.
function controls.limited(track, move)
  local highest = controls[move.control].highest
  local now = highest and highest(track) or 0
  local top = now > 0 and move.before * gain_from_db(controls.fader_max_db()) / now or math.huge
  if move.after <= top * ROUNDING then
    return move
  end
  return { track_id = move.track_id, control = move.control, before = move.before, after = top }
end

--- A control's value after the move; exactly `after` where the control is the whole fader.
local function moved(value, move)
  if controls.is_same(value, move.before) then
    return move.after
  end
  return value * (move.after / move.before)
end

local function fader(track)
  return reaper.GetMediaTrackInfo_Value(track, "D_VOL")
end

local function factor(track, key)
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. key, "", false)
  return tonumber(text) or 1
end

local function keep(track, key, text)
  reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. key, text, true)
end

local function keep_factor(track, key, value)
  keep(track, key, math.abs(value - 1) < 1e-9 and "" or string.format("%.17g", value))
end

local function write_fader(track, move)
  reaper.SetMediaTrackInfo_Value(track, "D_VOL", moved(fader(track), move))
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
  keep(track, TRIM_KEY, "1")
  return fx
end

local function is_bypassed(track, fx)
  return not reaper.TrackFX_GetEnabled(track, fx) or reaper.TrackFX_GetOffline(track, fx)
end

local function has_effects_off(track)
  return reaper.GetMediaTrackInfo_Value(track, "I_FXEN") == 0
end

local function trim_gain(track)
  local fx = find_trim(track)
  local is_heard = fx and not is_bypassed(track, fx) and not has_effects_off(track)
  return is_heard and gain_from_db(reaper.TrackFX_GetParam(track, fx, TRIM_DB)) or 1
end

local function trim_obstacle(track)
  if reaper.GetMediaTrackInfo_Value(track, "I_FREEZECOUNT") > 0 then
    return "It is frozen, so a trim would not be heard; unfreeze it first."
  end
  if has_effects_off(track) then
    return "Its effects are switched off, so a trim would not be heard; switch them on first."
  end
  local fx = find_trim(track)
  return fx and is_bypassed(track, fx) and "Its Automix trim is bypassed; switch it on first."
end

--- Takes out the plug-in that we added where it does nothing any more.
local function remove_idle_trim(track)
  local fx = find_trim(track)
  local _, is_ours = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. TRIM_KEY, "", false)
  if not fx or is_ours == "" then
    return
  end
  if math.abs(reaper.TrackFX_GetParam(track, fx, TRIM_DB)) < SAME_DB then
    reaper.TrackFX_Delete(track, fx)
    keep(track, TRIM_KEY, "")
  end
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

local function highest_point(track)
  local envelope, highest = volume_envelope(track), 0
  local mode = reaper.GetEnvelopeScalingMode(envelope)
  for index = 0, reaper.CountEnvelopePoints(envelope) - 1 do
    local _, _, raw = reaper.GetEnvelopePoint(envelope, index)
    highest = math.max(highest, reaper.ScaleFromEnvelopeMode(mode, raw))
  end
  return highest
end

local function shift_point(envelope, index, ratio)
  local mode = reaper.GetEnvelopeScalingMode(envelope)
  local _, time, raw, shape, tension, selected = reaper.GetEnvelopePoint(envelope, index)
  raw = reaper.ScaleToEnvelopeMode(mode, reaper.ScaleFromEnvelopeMode(mode, raw) * ratio)
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

-- Each control has `write(track, move)` and `missing(track, move)`, a sentence where it cannot be
-- written. Some have `highest(track)`, which may not pass the top of the fader; `gain(track)`, what
-- earlier balances put there; and `tidy(track)`, for when all of that is taken back.

--- Writes the fader of exactly this track: no gang, no group, no automation.
controls.fader = {
  write = write_fader,
  highest = fader,
  missing = function(track, move)
    local is_closed = move.before == 0 and fader(track) ~= 0
    return is_closed and "Its fader was all the way down and is not any more."
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
  missing = trim_obstacle,
  gain = trim_gain,
  tidy = remove_idle_trim,
}

--- Every point of the volume envelope; earlier balances' share is kept with the track.
controls.envelope = {
  write = write_envelope,
  highest = highest_point,
  missing = function(track)
    return not volume_envelope(track) and "Its volume envelope is gone."
  end,
  gain = function(track)
    return factor(track, "automix_envelope")
  end,
}

return controls
