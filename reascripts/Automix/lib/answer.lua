-- @noindex
-- What a worker's answer has to look like before anything is done with it.

local json = require("json")
local strip_rows = require("strip_rows")
local trims = require("match_trims")

local answer = {}

local function is(kind)
  return function(value)
    return type(value) == kind
  end
end

local TEXT, NUMBER = is("string"), is("number")

local function one_of(...)
  local known = {}
  for _, word in ipairs({ ... }) do
    known[word] = true
  end
  return function(value)
    return known[value] == true
  end
end

local function maybe(shape)
  return function(value)
    return value == nil or value == json.null or shape(value)
  end
end

local function list(shape)
  return function(value)
    if type(value) ~= "table" or value == json.null then
      return false
    end
    for index, element in pairs(value) do
      if math.type(index) ~= "integer" or not shape(element) then
        return false
      end
    end
    return true
  end
end

--- The first field that is not as it has to be; nil when all are.
local function wrong_field(value, fields)
  for _, field in ipairs(fields) do
    local name, shape = field[1], field[2]
    if not shape(value[name]) then
      return name
    end
  end
  return nil
end

--- Numbers for every slider of our strip.
local function is_strip(value)
  return list(NUMBER)(value) and #value == #strip_rows
end

local function record(fields)
  return function(value)
    return type(value) == "table" and value ~= json.null and wrong_field(value, fields) == nil
  end
end

local MOVE = record({
  { "track_id", TEXT },
  { "control", one_of("fader", "items", "trim", "envelope") },
  { "before", NUMBER },
  { "after", NUMBER },
})
local STORED = record({ { "track_id", TEXT }, { "found", NUMBER }, { "written", NUMBER } })
local ROW = record({
  { "track_id", TEXT },
  { "name", TEXT },
  { "depth", NUMBER },
  { "kind", TEXT },
  { "status", one_of("moved", "kept", "skipped") },
  { "f0_hz", maybe(NUMBER) },
  { "level_lufs", maybe(NUMBER) },
  { "move_db", maybe(NUMBER) },
  { "fader_db", maybe(NUMBER) },
  { "why", TEXT },
})
local MIX = record({ { "before_lufs", maybe(NUMBER) }, { "after_lufs", maybe(NUMBER) } })
local RANGE = record({ { "start_s", NUMBER }, { "end_s", NUMBER } })
local PLAN = record({ { "render", list(TEXT) }, { "kept", list(TEXT) }, { "range", maybe(RANGE) } })

local STEM_ROW = record({
  { "track_id", TEXT },
  { "name", TEXT },
  { "depth", NUMBER },
  { "role", maybe(TEXT) },
  { "confidence", NUMBER },
  { "stem", maybe(TEXT) },
  { "state", one_of("moves", "alone", "unmatched", "left", "stays") },
  { "folder", TEXT },
  { "why", TEXT },
})
local STEM_FOLDER = record({ { "id", TEXT }, { "name", TEXT }, { "color", list(NUMBER) } })
local SPOT = record({ { "track_id", TEXT }, { "level", NUMBER } })
local SORTING = record({
  { "rows", list(STEM_ROW) },
  { "folders", list(STEM_FOLDER) },
  { "spots", list(SPOT) },
  { "stems", list(record({ { "name", TEXT }, { "title", TEXT } })) },
})
local BEFORE = record({ { "fader_db", NUMBER }, { "pan", NUMBER } })
local MATCHED = record({ { "fader_db", NUMBER }, { "pan", NUMBER }, { "sliders", is_strip } })
local MATCH = record({
  { "stems", list(record({ { "track_id", TEXT }, { "before", BEFORE }, { "matched", MATCHED } })) },
  { "bus", is_strip },
  { "trims", trims.are },
})

local ANSWER = {
  { "outcome", one_of("done", "failed", "cancelled") },
  { "message", TEXT },
  { "title", TEXT },
  { "moves", list(MOVE) },
  { "stored", list(STORED) },
  { "mix", MIX },
  { "rows", list(ROW) },
  { "notes", list(TEXT) },
  { "plan", PLAN },
  { "sorting", maybe(SORTING) },
  { "matched", maybe(MATCH) },
}

--- The name of the first field of an answer that is not as it has to be; nil when all are.
function answer.wrong_field(given)
  return wrong_field(given, ANSWER)
end

return answer
