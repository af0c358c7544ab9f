-- @noindex
-- Items and takes.

local chunk = require("chunk")
local envelopes = require("snapshot_envelopes")
local fields = require("snapshot_fields")
local fx = require("snapshot_fx")
local guids = require("guids")
local json = require("json")
local sources = require("snapshot_sources")

local items = {}

local real, whole, flag, not_negative = fields.real, fields.whole, fields.flag, fields.not_negative

local function positive_rate(value)
  return value > 0 and value or 1.0
end

local ITEM = {
  { "id" },
  { "position_s", "D_POSITION", real },
  { "length_s", "D_LENGTH", not_negative },
  { "takes" },
  { "active_take", "I_CURTAKE", whole },
  { "all_takes_play", "B_ALLTAKESPLAY", flag },
  { "loop", "B_LOOPSRC", flag },
  { "gain", "D_VOL", real },
  { "mute", "B_MUTE", flag }, -- the solo of items is in it
  { "plays" },
  { "fade_in" },
  { "fade_out" },
}
local TAKE = {
  { "id" },
  { "name" },
  { "source" },
  { "offset_s", "D_STARTOFFS", real },
  { "play_rate", "D_PLAYRATE", positive_rate },
  { "preserve_pitch", "B_PPITCH", flag },
  { "pitch_semitones", "D_PITCH", real },
  { "gain", "D_VOL", real },
  { "pan", "D_PAN", real },
  { "pan_law", "D_PANLAW", real },
  { "channel_mode", "I_CHANMODE", whole },
  { "volume" },
  { "pan_automated" },
  { "mute_automated" },
  { "has_fx" },
  { "has_stretch_markers" },
}
local FADE_IN = { "D_FADEINLEN", "D_FADEINLEN_AUTO", "C_FADEINSHAPE", "D_FADEINDIR" }
local FADE_OUT = { "D_FADEOUTLEN", "D_FADEOUTLEN_AUTO", "C_FADEOUTSHAPE", "D_FADEOUTDIR" }
local MAX_SHAPE = 7

local read_item = fields.reader(ITEM)
local read_take = fields.reader(TAKE)
local take_record = fields.record(TAKE)
local fade_record = fields.record({ { "length_s" }, { "shape" }, { "curve" } })

local function fade_of(item, keys)
  local get = reaper.GetMediaItemInfo_Value
  local automatic_s = get(item, keys[2])
  local shape = math.floor(get(item, keys[3]))
  return fade_record({
    length_s = automatic_s > 0 and automatic_s or math.max(0.0, get(item, keys[1])),
    shape = shape >= 0 and shape <= MAX_SHAPE and shape or 1,
    curve = math.max(-1.0, math.min(1.0, get(item, keys[4]))),
  })
end

--- The part of an item's state that belongs to a take; all but the first begin with "TAKE".
local function take_block(item, wanted)
  local _, text = reaper.GetItemStateChunk(item, "", false)
  local block = chunk.parse(text)
  local first, place = 1, 0
  for index, entry in ipairs(block.entries) do
    if type(entry) == "string" and chunk.words(entry)[1] == "TAKE" then
      if place == wanted then
        return chunk.part(block, first, index - 1)
      end
      first, place = index, place + 1
    end
  end
  return chunk.part(block, first, #block.entries)
end

local function read_envelopes(take, found)
  for index = 0, reaper.CountTakeEnvelopes(take) - 1 do
    local block = envelopes.block(reaper.GetTakeEnvelope(take, index))
    local name = block.words[1]
    if name == "VOLENV" then
      found.volume = envelopes.volume(block)
    elseif name == "PANENV" then
      found.pan_automated = envelopes.is_active(block)
    elseif name == "MUTEENV" then
      found.mute_automated = envelopes.is_active(block)
    end
  end
end

local function text_of(get, object, key)
  local _, value = get(object, key, "", false)
  return value
end

local function take_of(take, place, block_of)
  local found = read_take(reaper.GetMediaItemTakeInfo_Value, take)
  found.id = text_of(reaper.GetSetMediaItemTakeInfo_String, take, "GUID")
  found.name = text_of(reaper.GetSetMediaItemTakeInfo_String, take, "P_NAME")
  found.source = sources.of_take(take, place, block_of)
  found.volume, found.pan_automated, found.mute_automated = json.null, false, false
  read_envelopes(take, found)
  -- The API counts effects of takes but does not tell which of them are bypassed.
  found.has_fx = reaper.TakeFX_GetCount(take) > 0 and fx.sounds(block_of():block("TAKEFX"))
  found.has_stretch_markers = reaper.GetTakeNumStretchMarkers(take) > 0
  return found
end

local NOTHING = {
  source = json.null,
  offset_s = 0.0,
  play_rate = 1.0,
  preserve_pitch = true,
  pitch_semitones = 0.0,
  gain = 1.0,
  pan = 0.0,
  pan_law = -1.0,
  channel_mode = 0,
  volume = json.null,
  pan_automated = false,
  mute_automated = false,
  has_fx = false,
  has_stretch_markers = false,
}

--- An empty take, which REAPER has no GUID for.
local function empty_take(item_id, number)
  local take = take_record({ id = guids.made(item_id .. "/take/" .. number), name = "" })
  for field, value in pairs(NOTHING) do
    take[field] = value
  end
  return take
end

local function takes_of(item, item_id, place)
  local takes, empty = json.array({}), 0
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, index)
    if take then
      takes[index + 1] = take_of(take, place, function()
        return take_block(item, index)
      end)
    else
      empty = empty + 1
      takes[index + 1] = empty_take(item_id, empty)
    end
  end
  return takes
end

--- One item. `has_lanes`: its track has fixed lanes, of which some may be silent. `place` is
--- the project with its `folder` and the `known_files`.
function items.read(item, place, has_lanes)
  local get = reaper.GetMediaItemInfo_Value
  local found = read_item(get, item)
  found.id = text_of(reaper.GetSetMediaItemInfo_String, item, "GUID")
  found.takes = takes_of(item, found.id, place)
  found.plays = not has_lanes or get(item, "C_LANEPLAYS") ~= 0
  found.fade_in, found.fade_out = fade_of(item, FADE_IN), fade_of(item, FADE_OUT)
  return found
end

return items
