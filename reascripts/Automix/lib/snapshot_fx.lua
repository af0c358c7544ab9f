-- @noindex
-- Effect chains of tracks. Containers and effects of a kind that is not known are read from the
-- track's state chunk, since the API numbers what is in containers differently in each version.

local chunk = require("chunk")
local fields = require("snapshot_fields")
local json = require("json")

local fx = {}

local INPUT = 0x1000000
local EFFECTS = { VST = true, AU = true, DX = true, JS = true, LV2 = true, CLAP = true }
local fx_record = fields.record({ { "name" }, { "active" }, { "instrument" } })

local function effect(name, kind, active)
  local prefix = name:match("^([^:]*):")
  return fx_record({
    name = prefix and name or kind .. ": " .. name,
    active = active,
    instrument = prefix ~= nil and prefix:match("^%S*"):sub(-1) == "i",
  })
end

local function config(track, index, key)
  local found, value = reaper.TrackFX_GetNamedConfigParm(track, index, key)
  return found and value or nil
end

--- The kind without "3" and "i", and the name that the user did not change; nil before REAPER 6.37.
local function identity(track, index)
  local kind = (config(track, index, "fx_type") or ""):match("^%u*%d?"):gsub("3$", "")
  local key = kind == "JS" and "fx_ident" or "fx_name"
  return kind, config(track, index, key)
end

local function read_one(track, index)
  local kind, name = identity(track, index)
  if not EFFECTS[kind] or not name then
    return nil
  end
  local active = reaper.TrackFX_GetEnabled(track, index)
    and not reaper.TrackFX_GetOffline(track, index)
  return effect(name, kind, active)
end

local read_chain

local function read_block(found, block, active)
  if block.words[1] == "CONTAINER" then
    read_chain(found, block, active)
  elseif EFFECTS[block.words[1]] then
    found[#found + 1] = effect(block.words[2] or "", block.words[1], active)
  end
end

function read_chain(found, chain, active)
  local is_next_active = active
  for _, entry in ipairs(chain.entries) do
    if type(entry) == "table" then
      read_block(found, entry, is_next_active)
      is_next_active = active
    elseif entry:find("^%s*BYPASS") then
      local words = chunk.words(entry)
      is_next_active = active and words[2] == "0" and (words[3] or "0") == "0"
    end
  end
end

--- The effects of a chain's block, those in containers too.
function fx.of_block(chain)
  local found = json.array({})
  if chain then
    read_chain(found, chain, true)
  end
  return found
end

local function of_state(track, name)
  local _, text = reaper.GetTrackStateChunk(track, "", false)
  return fx.of_block(chunk.parse(text):block(name))
end

local function read_all(track, first, count, name)
  local found = json.array({})
  for index = first, first + count - 1 do
    found[#found + 1] = read_one(track, index) or nil
  end
  return #found == count and found or of_state(track, name)
end

--- The effects of a track in their order.
function fx.of_track(track)
  return read_all(track, 0, reaper.TrackFX_GetCount(track), "FXCHAIN")
end

--- The master's effects; none of them sounds where its chain is off.
function fx.of_master(master)
  local found = read_all(master, 0, reaper.TrackFX_GetCount(master), "MASTERFXLIST")
  local is_on = reaper.GetMediaTrackInfo_Value(master, "I_FXEN") ~= 0
  for _, one in ipairs(found) do
    one.active = one.active and is_on
  end
  return found
end

local function has_active(effects)
  for _, one in ipairs(effects) do
    if one.active then
      return true
    end
  end
  return false
end

--- Whether an effect sounds before what is recorded.
function fx.has_input(track)
  return has_active(read_all(track, INPUT, reaper.TrackFX_GetRecCount(track), "FXCHAIN_REC"))
end

--- Whether an effect sounds in a take's block.
function fx.sounds(chain)
  return has_active(fx.of_block(chain))
end

return fx
