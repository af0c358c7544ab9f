-- @noindex
-- What a setting may be, as reaper_automix/kinds.py has it: what can be used, and in which words.

local kinds = {}

local MINUS_SIGN, EN_DASH = "\u{2212}", "\u{2013}"

local function trim(text)
  return text:match("^%s*(.-)%s*$")
end

local choice = {}

function choice.allowed(row)
  local last = row.names[#row.names]
  local first = table.concat(row.names, ", ", 1, #row.names - 1)
  return first == "" and last or first .. " or " .. last
end

function choice.fits(row, text)
  for _, name in ipairs(row.names) do
    if trim(text):lower() == name then
      return true
    end
  end
  return false
end

local name_or_file = {}

function name_or_file.allowed(row)
  local named = table.concat(row.names, ", ")
  return ("%s, a name of your own or a file (%s)"):format(named, row.suffix)
end

function name_or_file.fits(row, text)
  text = trim(text)
  return text:sub(-#row.suffix) == row.suffix or text:find("^[%w_-]+$") ~= nil
end

local number = {}

function number.allowed(row)
  local unit = row.unit ~= "" and (" (%s)"):format(row.unit) or ""
  local low, high = row.low * 100, row.high * 100
  local percent = row.percent and (" or %g%% to %g%%"):format(low, high) or ""
  local none = row.optional and (' or "%s"'):format(row.none or "none") or ""
  return ("a number from %g to %g%s%s%s"):format(row.low, row.high, unit, percent, none)
end

--- The number in decimal digits; nil for anything else that `tonumber` takes, such as 0x1p4.
local function decimal(text)
  return trim(text):match("^[%d.eE+-]+$") and tonumber(trim(text))
end

local function number_in(row, text)
  local percent = row.percent and text:match("^(.*)%%$")
  local value = decimal(percent or text)
  return value and percent and value / 100 or value
end

function number.fits(row, text)
  text = trim(text):gsub(MINUS_SIGN, "-")
  if row.optional and text:lower() == (row.none or "none") then
    return true
  end
  local value = number_in(row, text)
  return value ~= nil and row.low <= value and value <= row.high
end

local flag = { names = { "true", "false" } }

function flag.allowed()
  return "true or false"
end

function flag.fits(_, text)
  return choice.fits(flag, text)
end

local name = {}

function name.allowed()
  return 'a name or a number, or "none"'
end

function name.fits(_, text)
  return text:find("%S") ~= nil
end

local names = {}

function names.allowed(row)
  return "one or more names" .. (row.optional and ' or "none"' or "")
end

function names.fits(_, text)
  return text:find("[^%s,]") ~= nil
end

local colors = {}

function colors.allowed()
  return 'one or more colours such as #ff8000, or "none"'
end

--- What stands between the commas of a text.
local function listed(text)
  local list = {}
  for part in text:gmatch("[^,]+") do
    list[#list + 1] = part:find("%S") and trim(part) or nil
  end
  return list
end

function colors.fits(_, text)
  local list = listed(text)
  if #list == 1 and list[1]:lower() == "none" then
    return true
  end
  for _, color in ipairs(list) do
    if not color:match("^#%x%x%x%x%x%x$") then
      return false
    end
  end
  return #list > 0
end

local stretch = {}

function stretch.allowed()
  return 'START-END in seconds or minutes:seconds, as in 30-90 or 0:30-1:30, or "none"'
end

local TIMES = { "^(%d+):(%d+):(%d+%.?%d*)$", "^()(%d+):(%d+%.?%d*)$", "^()()(%d+%.?%d*)$" }

--- Seconds of [[hours:]minutes:]seconds, nil where it is none.
local function seconds(text)
  for omitted, pattern in ipairs(TIMES) do
    local hours, minutes, rest = text:match(pattern)
    if rest then
      hours = omitted > 1 and 0 or tonumber(hours)
      minutes = omitted > 2 and 0 or tonumber(minutes)
      return hours * 3600 + minutes * 60 + tonumber(rest)
    end
  end
end

function stretch.fits(_, text)
  text = text:gsub("%s", ""):gsub(EN_DASH, "-")
  if text:lower() == "none" then
    return true
  end
  local from, to = text:match("^([^-]+)-([^-]+)$")
  local start_s, end_s = from and seconds(from), to and seconds(to)
  return start_s ~= nil and end_s ~= nil and start_s < end_s
end

local KINDS = {
  choice = choice,
  name_or_file = name_or_file,
  number = number,
  flag = flag,
  name = name,
  names = names,
  colors = colors,
  stretch = stretch,
}

--- The values that can be used, to stand after "must be".
function kinds.allowed(row)
  return KINDS[row.kind].allowed(row)
end

--- Whether a value, as it was typed, can be used.
function kinds.fits(row, text)
  return KINDS[row.kind].fits(row, text)
end

--- The few values there are, nil where there are many.
function kinds.values(row)
  return row.names or KINDS[row.kind].names
end

--- Whether a value besides these few can be typed.
function kinds.is_open(row)
  return row.kind == "name_or_file"
end

return kinds
