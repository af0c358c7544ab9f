-- @noindex
-- Texts that are fit to be shown and sent.

local text = {}

-- What Windows-1252 has at 0x80 … 0x9F; the other bytes are their own code points.
local WINDOWS = {
  [0x80] = 0x20AC,
  [0x82] = 0x201A,
  [0x83] = 0x0192,
  [0x84] = 0x201E,
  [0x85] = 0x2026,
  [0x86] = 0x2020,
  [0x87] = 0x2021,
  [0x88] = 0x02C6,
  [0x89] = 0x2030,
  [0x8A] = 0x0160,
  [0x8B] = 0x2039,
  [0x8C] = 0x0152,
  [0x8E] = 0x017D,
  [0x91] = 0x2018,
  [0x92] = 0x2019,
  [0x93] = 0x201C,
  [0x94] = 0x201D,
  [0x95] = 0x2022,
  [0x96] = 0x2013,
  [0x97] = 0x2014,
  [0x98] = 0x02DC,
  [0x99] = 0x2122,
  [0x9A] = 0x0161,
  [0x9B] = 0x203A,
  [0x9C] = 0x0153,
  [0x9E] = 0x017E,
  [0x9F] = 0x0178,
}
local REPLACEMENT = 0xFFFD
local SURROGATE = "\xED[\xA0-\xBF]" -- Lua 5.3 takes these for UTF-8

local function is_utf8(bytes)
  return utf8.len(bytes) ~= nil and not bytes:find(SURROGATE)
end

local function windows_character(byte)
  local code = byte:byte()
  local is_undefined = code < 0xA0 and not WINDOWS[code]
  return utf8.char(is_undefined and REPLACEMENT or WINDOWS[code] or code)
end

--- The text as UTF-8: where it was not, it is taken for Windows-1252, as old projects have it.
function text.readable(bytes)
  if not bytes:find("[\x80-\xFF]") or is_utf8(bytes) then
    return bytes
  end
  return (bytes:gsub("[\x80-\xFF]", windows_character))
end

return text
