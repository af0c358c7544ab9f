-- @noindex
-- Tracks without their items, and the master's share of a session.

local envelopes = require("snapshot_envelopes")
local fields = require("snapshot_fields")
local fx = require("snapshot_fx")
local json = require("json")

local tracks = {}

local real, whole, flag, positive = fields.real, fields.whole, fields.flag, fields.positive

local AUTOMATION = {
  [0] = "trim/read",
  [1] = "read",
  [2] = "touch",
  [3] = "write",
  [4] = "latch",
  [5] = "latch preview",
}
local SEND_MODES = { [0] = "post-fader", [1] = "pre-fx", [2] = "pre-fader", [3] = "pre-fader" }
local PAN_ENVELOPES = {}
for _, name in ipairs({ "PANENV", "WIDTHENV", "DUALPANENVL", "DUALPANENV" }) do
  PAN_ENVELOPES[#PAN_ENVELOPES + 1] = "<" .. name
  PAN_ENVELOPES[#PAN_ENVELOPES + 1] = "<" .. name .. "2"
end
local MUTE_ENVELOPES = { "<MUTEENV" }
local GROUPED = { "VOLUME_LEAD", "VOLUME_FOLLOW", "VOLUME_VCA_LEAD" }
local FOLLOWING = { "VOLUME_VCA_FOLLOW" }

local COLOR_IN_USE = 0x1000000
local LOCK_KEY = "P_EXT:automix_lock"
local CHANNEL_BITS = 0x3FF -- above them stands how many channels
local MAX_CHANNELS = 128
local OFFSET_BYPASSED, OFFSET_IN_SAMPLES = 1, 2
local FREE_POSITIONING, FIXED_LANES = 1, 2
local RECEIVES = -1

local function mode(value)
  return AUTOMATION[math.floor(value)] or "trim/read"
end

local function send_mode(value)
  return SEND_MODES[math.floor(value)] or "post-fader"
end

local function channels(value)
  return math.max(2, math.min(MAX_CHANNELS, math.floor(value)))
end

local function channel(value)
  return math.max(0, math.floor(value)) & CHANNEL_BITS
end

--- 0x1RRGGBB, whatever the order of the system; 0 without a colour of its own.
local function color(value)
  local native = math.floor(value)
  if native & COLOR_IN_USE == 0 then
    return 0
  end
  local red, green, blue = reaper.ColorFromNative(native & ~COLOR_IN_USE)
  return COLOR_IN_USE | red << 16 | green << 8 | blue
end

local function is_free(value)
  return value == FREE_POSITIONING
end

local TRACK = {
  { "id" },
  { "name" },
  { "parent_id" },
  { "folder", "I_FOLDERDEPTH", positive },
  { "items" },
  { "fader_gain", "D_VOL", real },
  { "pan", "D_PAN", real },
  { "pan_law", "D_PANLAW", real },
  { "pan_mode", "I_PANMODE", whole },
  { "pan_width", "D_WIDTH", real },
  { "dual_pan_left", "D_DUALPANL", real },
  { "dual_pan_right", "D_DUALPANR", real },
  { "mute", "B_MUTE", flag },
  { "solo", "I_SOLO", whole },
  { "solo_defeat", "B_SOLO_DEFEAT", flag },
  { "phase_inverted", "B_PHASE", flag },
  { "channels", "I_NCHAN", channels },
  { "main_send", "B_MAINSEND", flag },
  { "receives" },
  { "automation", "I_AUTOMODE", mode },
  { "volume" },
  { "pre_fx_volume" },
  { "trim_volume" },
  { "volume_bypassed" },
  { "pan_automated" },
  { "mute_automated" },
  { "fx" },
  { "fx_enabled", "I_FXEN", flag },
  { "input_fx" },
  { "play_offset_s" },
  { "frozen", "I_FREEZECOUNT", positive },
  { "locked" },
  { "pinned" },
  { "grouped" },
  { "vca_follower" },
  { "selected", "I_SELECTED", flag },
  { "color", "I_CUSTOMCOLOR", color },
  { "free_positioning", "I_FREEMODE", is_free },
}
local RECEIVE = {
  { "source_id" },
  { "mode", "I_SENDMODE", send_mode },
  { "gain", "D_VOL", real },
  { "pan", "D_PAN", real },
  { "mute", "B_MUTE", flag },
  { "mono", "B_MONO", flag },
  { "phase_inverted", "B_PHASE", flag },
  { "source_channel", "I_SRCCHAN", channel },
  { "target_channel", "I_DSTCHAN", channel },
  { "audio" },
}

local read_track = fields.reader(TRACK)
local read_receive = fields.reader(RECEIVE)

local function receives_of(track)
  local found = json.array({})
  for index = 0, reaper.GetTrackNumSends(track, RECEIVES) - 1 do
    local function get(of, key)
      return reaper.GetTrackSendInfo_Value(of, RECEIVES, index, key)
    end
    local receive = read_receive(get, track)
    receive.source_id = reaper.GetTrackGUID(get(track, "P_SRCTRACK"))
    receive.audio = get(track, "I_SRCCHAN") >= 0
    found[#found + 1] = receive
  end
  return found
end

local function envelope_block(track, name)
  return envelopes.block(reaper.GetTrackEnvelopeByChunkName(track, name))
end

local function any_active(track, names)
  for _, name in ipairs(names) do
    local block = envelope_block(track, name)
    if block and envelopes.is_active(block) then
      return true
    end
  end
  return false
end

local function add_envelopes(track, found)
  found.volume, found.pre_fx_volume, found.trim_volume = json.null, json.null, json.null
  found.volume_bypassed = false
  found.pan_automated, found.mute_automated = false, false
  if reaper.CountTrackEnvelopes(track) == 0 then
    return
  end
  local after_fx = envelope_block(track, "<VOLENV2")
  found.volume = envelopes.volume(after_fx)
  found.volume_bypassed = after_fx ~= nil and found.volume == json.null
  found.pre_fx_volume = envelopes.volume(envelope_block(track, "<VOLENV"))
  found.trim_volume = envelopes.volume(envelope_block(track, "<VOLENV3"))
  found.pan_automated = any_active(track, PAN_ENVELOPES)
  found.mute_automated = any_active(track, MUTE_ENVELOPES)
end

local function is_in_group(track, roles)
  for _, role in ipairs(roles) do
    if
      reaper.GetSetTrackGroupMembership(track, role, 0, 0) ~= 0
      or reaper.GetSetTrackGroupMembershipHigh(track, role, 0, 0) ~= 0
    then
      return true
    end
  end
  return false
end

--- The lock of a track's controls has no key in the API, only a line in the track's state. Items
--- have such a line too.
local function is_locked(track)
  local _, text = reaper.GetTrackStateChunk(track, "", true)
  local own = text:sub(1, (text:find("\n<ITEM", 1, true)))
  return (tonumber(own:match("\nLOCK (%d+)")) or 0) ~= 0
end

--- Whether the action "Lock selected tracks" pinned the track.
function tracks.is_pinned(track)
  local _, mark = reaper.GetSetMediaTrackInfo_String(track, LOCK_KEY, "", false)
  return mark ~= "" and mark ~= "0"
end

--- Pins a track or sets it free.
function tracks.pin(track, is_pinned)
  reaper.GetSetMediaTrackInfo_String(track, LOCK_KEY, is_pinned and "1" or "", true)
end

local function play_offset_s(track, rate_hz)
  local flags = math.floor(reaper.GetMediaTrackInfo_Value(track, "I_PLAY_OFFSET_FLAG"))
  if flags & OFFSET_BYPASSED ~= 0 then
    return 0.0
  end
  local offset = reaper.GetMediaTrackInfo_Value(track, "D_PLAY_OFFSET")
  return flags & OFFSET_IN_SAMPLES ~= 0 and offset / rate_hz or offset
end

local function name_of(track)
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  return name
end

--- A track with no items yet.
function tracks.read(track, rate_hz)
  local found = read_track(reaper.GetMediaTrackInfo_Value, track)
  local parent = reaper.GetParentTrack(track)
  found.id = reaper.GetTrackGUID(track)
  found.name = name_of(track)
  found.parent_id = parent and reaper.GetTrackGUID(parent) or json.null
  found.items = json.array({})
  found.receives = receives_of(track)
  add_envelopes(track, found)
  found.fx = fx.of_track(track)
  found.input_fx = fx.has_input(track)
  found.play_offset_s = play_offset_s(track, rate_hz)
  found.locked = is_locked(track)
  found.pinned = tracks.is_pinned(track)
  found.grouped = is_in_group(track, GROUPED)
  found.vca_follower = is_in_group(track, FOLLOWING)
  return found
end

--- Whether a track has fixed lanes, of which some may be silent.
function tracks.has_lanes(track)
  return reaper.GetMediaTrackInfo_Value(track, "I_FREEMODE") == FIXED_LANES
end

return tracks
