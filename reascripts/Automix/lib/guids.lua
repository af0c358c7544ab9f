-- @noindex
-- GUIDs for what REAPER has none for. The reader of .RPP files makes the same ones, from SHA-1.

local guids = {}

local START = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 }
local MASK = 0xFFFFFFFF

local function rotated(word, bits)
  return (word << bits | word >> (32 - bits)) & MASK
end

-- The four rounds of FIPS 180-4: how three words are mixed, and a constant.
local ROUNDS = {
  {
    function(b, c, d)
      return b & c | ~b & d
    end,
    0x5A827999,
  },
  {
    function(b, c, d)
      return b ~ c ~ d
    end,
    0x6ED9EBA1,
  },
  {
    function(b, c, d)
      return b & c | b & d | c & d
    end,
    0x8F1BBCDC,
  },
  {
    function(b, c, d)
      return b ~ c ~ d
    end,
    0xCA62C1D6,
  },
}

local function schedule(block)
  local words = { string.unpack((">I4"):rep(16), block) }
  for index = 17, 80 do
    local mixed = words[index - 3] ~ words[index - 8] ~ words[index - 14] ~ words[index - 16]
    words[index] = rotated(mixed, 1)
  end
  return words
end

local function add_block(state, block)
  local a, b, c, d, e = table.unpack(state)
  for index, word in ipairs(schedule(block)) do
    local mix, constant = table.unpack(ROUNDS[(index - 1) // 20 + 1])
    local sum = (rotated(a, 5) + (mix(b, c, d) & MASK) + e + constant + word) & MASK
    a, b, c, d, e = sum, a, rotated(b, 30), c, d
  end
  for index, word in ipairs({ a, b, c, d, e }) do
    state[index] = (state[index] + word) & MASK
  end
end

local function sha1(text)
  local padding = ("\0"):rep((55 - #text) % 64)
  local message = text .. "\x80" .. padding .. string.pack(">I8", #text * 8)
  local state = table.move(START, 1, 5, 1, {})
  for at = 1, #message, 64 do
    add_block(state, message:sub(at, at + 63))
  end
  return ("%08X%08X%08X%08X%08X"):format(table.unpack(state))
end

--- The same GUID for the same text, every time.
function guids.made(text)
  local pattern = "^("
    .. ("%x"):rep(8)
    .. ")"
    .. ("(%x%x%x%x)"):rep(3)
    .. "("
    .. ("%x"):rep(12)
    .. ")"
  return ("{%s-%s-%s-%s-%s}"):format(sha1(text):match(pattern))
end

return guids
