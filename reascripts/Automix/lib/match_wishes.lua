-- @noindex
-- How the user wants matches to be, for every project: how far, which blocks, and from what.

local json = require("json")
local strength = require("strength")

local wishes = {}

local SECTION = "automix"
local RECENT, MOST_RECENT = "match_recent", 5

local function read(key)
  return reaper.GetExtState(SECTION, "match_" .. key)
end

local function write(key, text)
  reaper.SetExtState(SECTION, "match_" .. key, text, true)
end

--- Blocks of a match by name, on or off; pans stay unless they are asked for.
local function blocks()
  local found = {}
  for _, name in ipairs(strength.BLOCKS) do
    local text = read(name)
    found[name] = text == "on" or text == "" and name ~= "pan"
  end
  return found
end

--- The wishes: {strength 0 … 1, blocks by name, checkpoint (a file or nil), anew: whether strips
-- that were changed by hand are matched again}.
function wishes.read()
  local part, checkpoint = tonumber(read("strength")) or 1, read("checkpoint")
  return {
    strength = math.max(0, math.min(1, part)),
    blocks = blocks(),
    checkpoint = checkpoint ~= "" and checkpoint or nil,
    anew = read("anew") == "on",
  }
end

--- Keeps how far matches go.
function wishes.keep_strength(part, wanted)
  write("strength", string.format("%.6g", part))
  for _, name in ipairs(strength.BLOCKS) do
    write(name, wanted[name] and "on" or "off")
  end
end

--- Switches "pan", or another block, or "anew", the other way.
function wishes.switch(name)
  local found = wishes.read()
  local is_on = name == "anew" and found.anew or found.blocks[name]
  write(name, is_on and "off" or "on")
end

--- Keeps a network's file; "" for none.
function wishes.keep_checkpoint(path)
  write("checkpoint", path)
end

--- References that were used, the last first: {{name, path | track | region}…}.
function wishes.recent()
  local found = json.decode(reaper.GetExtState(SECTION, RECENT))
  return type(found) == "table" and found ~= json.null and found or {}
end

local function is_same(one, other)
  return one.path == other.path and one.track == other.track and one.region == other.region
end

--- Puts a reference on top of those that were used.
function wishes.note_reference(reference)
  local list = json.array({ reference })
  for _, earlier in ipairs(wishes.recent()) do
    if #list < MOST_RECENT and not is_same(earlier, reference) then
      list[#list + 1] = earlier
    end
  end
  reaper.SetExtState(SECTION, RECENT, json.encode(list), true)
end

return wishes
