-- @noindex
-- JSON (RFC 8259). `null` is json.null, so that it survives in tables; an empty table is an object
-- unless json.array made it an array. Numbers keep all their digits; NaN and infinities are errors.

local text = require("text")

local json = {}

json.null = setmetatable({}, {
  __tostring = function()
    return "null"
  end,
})

local Array = {}

--- The same table, written as an array even when it is empty.
function json.array(list)
  return setmetatable(list, Array)
end

--- A function that gives a table these keys in this order; keys without a value are left out.
function json.record(keys)
  local Record = { keys = keys }
  return function(fields)
    return setmetatable(fields, Record)
  end
end

local ESCAPES = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}
local CHARACTERS = {
  ['"'] = '"',
  ["\\"] = "\\",
  ["/"] = "/",
  b = "\b",
  f = "\f",
  n = "\n",
  r = "\r",
  t = "\t",
}
local REPLACEMENT = 0xFFFD
local MAX_DEPTH = 100
-- C's number formats follow the user's language where the program set it.
local POINT = string.format("%.1f", 0.5):sub(2, 2)

local function escaped(character)
  return ESCAPES[character] or string.format("\\u%04x", character:byte())
end

local function string_text(value)
  return '"' .. text.readable(value):gsub('[%c"\\]', escaped) .. '"'
end

local function number_text(value)
  if math.type(value) == "integer" then
    return tostring(value)
  end
  if value ~= value or math.abs(value) == math.huge then
    error("JSON has no number for " .. tostring(value))
  end
  local digits = string.format("%.17g", value)
  if digits == "-0" then
    return "-0.0" -- read as a whole number it would lose its sign
  end
  return POINT == "." and digits or (digits:gsub(POINT, ".", 1))
end

local function sorted_keys(object)
  local keys = {}
  for key in pairs(object) do
    if type(key) ~= "string" then
      error("JSON has no key that is a " .. type(key))
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local write

local function write_array(out, list)
  out[#out + 1] = "["
  for index = 1, #list do
    if index > 1 then
      out[#out + 1] = ","
    end
    write(out, list[index])
  end
  out[#out + 1] = "]"
end

local function write_object(out, object, keys)
  local mark = "{"
  for _, key in ipairs(keys) do
    local value = object[key]
    if value ~= nil then
      out[#out + 1] = mark .. string_text(key) .. ":"
      write(out, value)
      mark = ","
    end
  end
  out[#out + 1] = mark == "{" and "{}" or "}"
end

local function write_table(out, value)
  local kind = getmetatable(value)
  if value == json.null then
    out[#out + 1] = "null"
  elseif kind == Array or (not kind and value[1] ~= nil) then
    write_array(out, value)
  else
    write_object(out, value, kind and kind.keys or sorted_keys(value))
  end
end

local WRITERS = {
  boolean = function(out, value)
    out[#out + 1] = tostring(value)
  end,
  number = function(out, value)
    out[#out + 1] = number_text(value)
  end,
  string = function(out, value)
    out[#out + 1] = string_text(value)
  end,
  table = write_table,
}

function write(out, value)
  local writer = WRITERS[type(value)] or error("JSON has no value for a " .. type(value))
  writer(out, value)
end

--- The value as JSON in one line; keys sorted, or in the order of their record.
function json.encode(value)
  local out = {}
  write(out, value)
  return table.concat(out)
end

local function fail(at, what)
  error({ at = at, what = what })
end

local function skip_blanks(source, at)
  return source:find("[^ \t\r\n]", at) or #source + 1
end

local function code_unit(source, at)
  local digits = source:match("^\\u(%x%x%x%x)", at)
  return digits and tonumber(digits, 16)
end

--- A character written as \uXXXX, or as two of them; and where it ends.
local function read_code(source, at)
  local unit = code_unit(source, at) or fail(at, "an escape that is none")
  if unit < 0xD800 or unit > 0xDFFF then
    return utf8.char(unit), at + 6
  end
  local low = unit < 0xDC00 and code_unit(source, at + 6)
  if not low or low < 0xDC00 or low > 0xDFFF then
    return utf8.char(REPLACEMENT), at + 6
  end
  return utf8.char(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), at + 12
end

local function read_escape(source, at)
  local character = CHARACTERS[source:sub(at + 1, at + 1)]
  if character then
    return character, at + 2
  end
  return read_code(source, at)
end

local function read_string(source, at)
  local parts, from = {}, at + 1
  while true do
    local stop = source:find('[%c"\\]', from) or fail(at, "a text without an end")
    parts[#parts + 1] = source:sub(from, stop - 1)
    local mark = source:sub(stop, stop)
    if mark == '"' then
      return table.concat(parts), stop + 1
    elseif mark == "\127" then
      parts[#parts + 1], from = mark, stop + 1
    elseif mark == "\\" then
      parts[#parts + 1], from = read_escape(source, stop)
    else
      fail(stop, "a control character in a text")
    end
  end
end

local function read_number(source, at)
  local digits = source:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local number = digits and tonumber(digits)
  if not number or digits:find("^-?0%d") or digits:find("%.$") or digits:find("%.[eE]") then
    fail(at, "a number that is none")
  end
  return number, at + #digits
end

local read

local function read_list(source, at, depth)
  local list, index = json.array({}), 0
  at = skip_blanks(source, at + 1)
  if source:sub(at, at) == "]" then
    return list, at + 1
  end
  while true do
    index = index + 1
    list[index], at = read(source, at, depth)
    local mark = source:sub(at, at)
    if mark == "]" then
      return list, at + 1
    elseif mark ~= "," then
      fail(at, "a list without an end")
    end
    at = at + 1
  end
end

local function read_key(source, at)
  at = skip_blanks(source, at)
  if source:sub(at, at) ~= '"' then
    fail(at, "an object without a key")
  end
  local key
  key, at = read_string(source, at)
  at = skip_blanks(source, at)
  if source:sub(at, at) ~= ":" then
    fail(at, "a key without a value")
  end
  return key, at + 1
end

local function read_object(source, at, depth)
  local object = {}
  local after = skip_blanks(source, at + 1)
  if source:sub(after, after) == "}" then
    return object, after + 1
  end
  while true do
    local key
    key, at = read_key(source, at + 1)
    object[key], at = read(source, at, depth)
    local mark = source:sub(at, at)
    if mark == "}" then
      return object, at + 1
    elseif mark ~= "," then
      fail(at, "an object without an end")
    end
  end
end

local function word(name, value)
  return function(source, at)
    if source:sub(at, at + #name - 1) ~= name then
      fail(at, "a word that is none")
    end
    return value, at + #name
  end
end

local READERS = {
  ['"'] = read_string,
  ["["] = read_list,
  ["{"] = read_object,
  t = word("true", true),
  f = word("false", false),
  n = word("null", json.null),
}

--- The value that starts at a place, and where the next thing after it starts.
function read(source, at, depth)
  if depth > MAX_DEPTH then
    fail(at, "too many lists inside each other")
  end
  at = skip_blanks(source, at)
  local reader = READERS[source:sub(at, at)] or read_number
  local value, after = reader(source, at, depth + 1)
  return value, skip_blanks(source, after)
end

local function read_all(source)
  local value, after = read(source, 1, 0)
  if after <= #source then
    fail(after, "something after its end")
  end
  return value
end

--- The value of a JSON text; nil and a message when it is none.
function json.decode(source)
  local readable, value = pcall(read_all, source)
  if readable then
    return value
  end
  if type(value) ~= "table" then
    error(value, 0)
  end
  return nil, string.format("not JSON at character %d: %s", value.at, value.what)
end

return json
