-- @noindex
-- What a folder does to the tracks in it, and how that is handed down before it is dissolved.

local controls = require("controls")
local store = require("store")
local tree = require("tree")

local dissolve = {}

local SENDS, RECEIVES, HARDWARE_OUTPUTS = 0, -1, 1
local POST_FADER = 0
local TRIM_READ = 0
local STEREO_BALANCE, STEREO_PAN, DUAL_PAN = 3, 5, 6
local OFFSET_BYPASSED = 1
local SAME_GAIN = 1e-9
local GROUPS = { "VOLUME", "VOLUME_VCA", "MUTE", "SOLO", "PAN" }

local function is_not(key, usual)
  return function(track)
    return reaper.GetMediaTrackInfo_Value(track, key) ~= usual
  end
end

local function has(category)
  return function(track)
    return reaper.GetTrackNumSends(track, category) > 0
  end
end

--- What a track says, or the project where the track says nothing (below 0).
local function own_or_project(track, key, project_name, usual)
  local value = reaper.GetMediaTrackInfo_Value(track, key)
  if value >= 0 then
    return value
  end
  local _, text = reaper.get_config_var_string(project_name)
  return tonumber(text) or usual
end

local function pan_mode(track)
  return own_or_project(track, "I_PANMODE", "panmode", STEREO_BALANCE)
end

local function is_panned(track)
  local mode = pan_mode(track)
  if mode == DUAL_PAN then
    return is_not("D_DUALPANL", -1)(track) or is_not("D_DUALPANR", 1)(track)
  end
  return is_not("D_PAN", 0)(track) or mode == STEREO_PAN and is_not("D_WIDTH", 1)(track)
end

local function is_delayed(track)
  local is_bypassed = tree.whole(track, "I_PLAY_OFFSET_FLAG") % 2 == OFFSET_BYPASSED
  return not is_bypassed and is_not("D_PLAY_OFFSET", 0)(track)
end

local function is_grouped(track)
  for _, group in ipairs(GROUPS) do
    for _, role in ipairs({ "_LEAD", "_FOLLOW" }) do
      local low = reaper.GetSetTrackGroupMembership(track, group .. role, 0, 0)
      local high = reaper.GetSetTrackGroupMembershipHigh(track, group .. role, 0, 0)
      if low ~= 0 or high ~= 0 then
        return true
      end
    end
  end
  return false
end

-- What a folder may have that its tracks cannot take over, in words.
local LOST = {
  {
    "effects",
    function(track)
      return reaper.TrackFX_GetCount(track) + reaper.TrackFX_GetRecCount(track) > 0
    end,
  },
  { "receives", has(RECEIVES) },
  { "sends", has(SENDS) },
  { "hardware outputs", has(HARDWARE_OUTPUTS) },
  {
    "envelopes",
    function(track)
      return reaper.CountTrackEnvelopes(track) > 0
    end,
  },
  {
    "items",
    function(track)
      return reaper.CountTrackMediaItems(track) > 0
    end,
  },
  { "pan", is_panned },
  { "mute", is_not("B_MUTE", 0) },
  { "solo", is_not("I_SOLO", 0) },
  { "inverted polarity", is_not("B_PHASE", 0) },
  { "playback offset", is_delayed },
  { "main send that is off", is_not("B_MAINSEND", 1) },
  { "main send to other channels", is_not("C_MAINSEND_OFFS", 0) },
  { "track groups", is_grouped },
}

local function lost_words(folder)
  local words = {}
  for _, row in ipairs(LOST) do
    if row[2](folder) then
      words[#words + 1] = row[1]
    end
  end
  return words
end

local function listed(words)
  if #words < 2 then
    return words[1]
  end
  return table.concat(words, ", ", 1, #words - 1) .. " and " .. words[#words]
end

local function db_from_gain(gain)
  return 20 * math.log(gain, 10)
end

--- What a folder that is not panned multiplies its tracks by: its fader and its pan law, which at
-- the centre lowers the balance, and raises both sides of the other modes where it is above 0 dB.
local function level_gain(folder)
  local law = own_or_project(folder, "D_PANLAW", "panlaw", 1)
  local mode = pan_mode(folder)
  local is_balance = mode ~= STEREO_PAN and mode ~= DUAL_PAN
  local law_gain = is_balance and math.min(law, 1) or math.max(law, 1)
  return reaper.GetMediaTrackInfo_Value(folder, "D_VOL") * law_gain
end

local function is_driven(track)
  local is_automated = reaper.GetTrackAutomationMode(track) ~= TRIM_READ
    or reaper.GetGlobalAutomationOverride() > TRIM_READ
  return is_automated and reaper.GetTrackEnvelopeByChunkName(track, "<VOLENV2") ~= nil
end

--- Why a track cannot take over a gain, as the end of a sentence.
local function too_much(track, gain)
  if is_driven(track) then
    return "volume automation drives its fader"
  end
  local fader = reaper.GetMediaTrackInfo_Value(track, "D_VOL") * gain
  if gain > 1 and fader > 0 and db_from_gain(fader) > controls.fader_max_db() then
    return "its fader would go beyond the top"
  end
end

local function feeds_folder(track)
  return reaper.GetMediaTrackInfo_Value(track, "B_MAINSEND") == 1
end

local function first_too_much(children, gain)
  for _, track in ipairs(children) do
    local why = feeds_folder(track) and too_much(track, gain)
    if why then
      return ("%s cannot take over its level, as %s"):format(tree.name(track), why)
    end
  end
end

--- Why a folder cannot be dissolved without changing the sound, as a sentence; nil when it can.
function dissolve.obstacle(folder, children)
  local lost, gain = lost_words(folder), level_gain(folder)
  if #lost > 0 then
    local sentence = "The stem %s has %s, which would be lost; take that off first."
    return sentence:format(tree.name(folder), listed(lost))
  end
  if gain <= 0 then
    local sentence = "The fader of the stem %s is all the way down; open it first."
    return sentence:format(tree.name(folder))
  end
  local why = math.abs(gain - 1) > SAME_GAIN and first_too_much(children, gain)
  return why and ("The stem %s stays: %s."):format(tree.name(folder), why) or nil
end

--- Keeps what leaves a track by its post-fader sends as loud as it was at the old fader.
local function keep_sends(track, category, gain)
  for index = 0, reaper.GetTrackNumSends(track, category) - 1 do
    if reaper.GetTrackSendInfo_Value(track, category, index, "I_SENDMODE") == POST_FADER then
      local sent = reaper.GetTrackSendInfo_Value(track, category, index, "D_VOL")
      reaper.SetTrackSendInfo_Value(track, category, index, "D_VOL", sent / gain)
    end
  end
end

--- Puts the folder's gain on the faders of the tracks that it was heard on.
function dissolve.hand_down(project, folder, children)
  local gain = level_gain(folder)
  if math.abs(gain - 1) <= SAME_GAIN then
    return
  end
  for _, track in ipairs(children) do
    if feeds_folder(track) then
      local fader = reaper.GetMediaTrackInfo_Value(track, "D_VOL")
      reaper.SetMediaTrackInfo_Value(track, "D_VOL", fader * gain)
      store.note_gain(project, reaper.GetTrackGUID(track), gain)
      keep_sends(track, SENDS, gain)
      keep_sends(track, HARDWARE_OUTPUTS, gain)
    end
  end
end

return dissolve
