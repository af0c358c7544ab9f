-- @noindex
-- Volume envelopes. They are read from their state chunks: one call instead of one for each point,
-- values as linear amplitude whatever the scaling, and automation items, which the API does not
-- tell. Most tracks have none.

local chunk = require("chunk")
local fields = require("snapshot_fields")
local json = require("json")

local envelopes = {}

local MAX_SHAPE = 5
local MUTED = 14 -- the word of a POOLEDENVINST line
local envelope_record = fields.record({ { "points" }, { "fader_scaled" }, { "automation_items" } })
local point_record = fields.record({ { "time_s" }, { "gain" }, { "shape" }, { "tension" } })

local function point_of(words, default_shape)
  local shape = math.floor(tonumber(words[4]) or default_shape)
  return point_record({
    time_s = tonumber(words[2]) or 0.0,
    gain = tonumber(words[3]) or 1.0,
    shape = shape >= 0 and shape <= MAX_SHAPE and shape or math.max(0, default_shape),
    tension = tonumber(words[8]) or 0.0,
  })
end

--- By time, points at the same time in the order they have.
local function sorted(points)
  local places = {}
  for place, point in ipairs(points) do
    places[point] = place
  end
  table.sort(points, function(one, other)
    if one.time_s ~= other.time_s then
      return one.time_s < other.time_s
    end
    return places[one] < places[other]
  end)
  return points
end

local function read(block)
  local default_shape = math.floor(block:number("DEFSHAPE", 1, 0))
  local points, has_items = json.array({}), false
  for _, line in ipairs(block.entries) do
    local words = type(line) == "string" and chunk.words(line) or {}
    if words[1] == "PT" and #words > 2 then
      points[#points + 1] = point_of(words, default_shape)
    elseif words[1] == "POOLEDENVINST" then
      has_items = has_items or (tonumber(words[MUTED]) or 0) == 0
    end
  end
  return sorted(points), has_items
end

--- Whether an envelope's block is active; one that is only shown has no effect.
function envelopes.is_active(block)
  return block:number("ACT", 1, 0) == 1
end

--- The block of an envelope; nil for nil.
function envelopes.block(envelope)
  if not envelope then
    return nil
  end
  local _, text = reaper.GetEnvelopeStateChunk(envelope, "", false)
  return chunk.parse(text)
end

--- The volume envelope of a block; null where it is bypassed or there is nothing in it.
function envelopes.volume(block)
  if not block or not envelopes.is_active(block) then
    return json.null
  end
  local points, has_items = read(block)
  if #points == 0 and not has_items then
    return json.null
  end
  return envelope_record({
    points = points,
    fader_scaled = block:number("VOLTYPE", 1, 0) == 1,
    automation_items = has_items,
  })
end

return envelopes
