-- @noindex
-- How the user wants matches to be, for every project: how far, which blocks, and from what.

local json = require("json")
local store = require("match_store")
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

--- Blocks by name: those of the earlier match, all without one; pans stay unless they are wished.
local function blocks(earlier)
  local found = {}
  for _, name in ipairs(strength.BLOCKS) do
    found[name] = not earlier or earlier.blocks[name] == true
  end
  found.pan = read("pan") == "on"
  return found
end

--- The wishes for a match of a project: {strength 0 … 1, blocks by name, checkpoint (a file or
-- nil), anew: whether strips that were changed by hand are matched again}. It goes as far as an
-- earlier match of the project, unless that was taken down to nothing.
function wishes.read(project)
  local earlier, checkpoint = store.read(project), read("checkpoint")
  return {
    strength = earlier and earlier.strength > 0 and earlier.strength or 1,
    blocks = blocks(earlier),
    checkpoint = checkpoint ~= "" and checkpoint or nil,
    anew = read("anew") == "on",
  }
end

--- Switches "pan" or "anew" the other way.
function wishes.switch(name)
  write(name, read(name) == "on" and "off" or "on")
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
