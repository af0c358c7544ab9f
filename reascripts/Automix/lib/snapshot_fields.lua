-- @noindex
-- Records of session.json from rows: the field, REAPER's key for it, and what the number means.
-- A row without a key is filled in by hand; the order of the rows is that of the fields.

local json = require("json")

local fields = {}

function fields.real(value)
  return value
end

function fields.whole(value)
  return math.floor(value)
end

function fields.flag(value)
  return value ~= 0
end

function fields.positive(value)
  return value > 0
end

function fields.not_negative(value)
  return math.max(0.0, value)
end

--- A function that makes a record with the fields of some rows.
function fields.record(rows)
  local names = {}
  for index, row in ipairs(rows) do
    names[index] = row[1]
  end
  return json.record(names)
end

--- A function that reads all rows with a key of an object, by one of REAPER's *_Info_Value.
function fields.reader(rows)
  local new, keyed = fields.record(rows), {}
  for _, row in ipairs(rows) do
    keyed[#keyed + 1] = row[2] and row
  end
  return function(get, object)
    local found = new({})
    for _, row in ipairs(keyed) do
      found[row[1]] = row[3](get(object, row[2]))
    end
    return found
  end
end

return fields
