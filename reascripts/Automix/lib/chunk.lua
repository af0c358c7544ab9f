-- @noindex
-- State chunks: REAPER's text form of tracks, items and envelopes, a block `<NAME …` to `>` each.

local chunk = {}

local Block = {}
Block.__index = Block

local QUOTED = { ['"'] = '^"([^"]*)"?()', ["'"] = "^'([^']*)'?()", ["`"] = "^`([^`]*)`?()" }

--- The words of a line without their quotes.
function chunk.words(line)
  local words, at = {}, 1
  while true do
    at = line:find("%S", at)
    if not at then
      return words
    end
    local pattern = QUOTED[line:sub(at, at)] or "^(%S+)()"
    words[#words + 1], at = line:match(pattern, at)
  end
end

--- The outermost block of a text. Its `words` are those of its first line, its `entries` the lines
--- and the blocks inside.
function chunk.parse(text)
  local outside = { entries = {} }
  local open = { outside }
  for line in text:gmatch("[^\r\n]+") do
    local entries = open[#open].entries
    if line:find("^%s*<") then
      local block = setmetatable({ words = chunk.words(line:match("<(.*)")), entries = {} }, Block)
      entries[#entries + 1], open[#open + 1] = block, block
    elseif line:find("^%s*>%s*$") and #open > 1 then
      open[#open] = nil
    else
      entries[#entries + 1] = line
    end
  end
  return outside.entries[1]
end

--- A block with some entries of another one.
function chunk.part(block, first, last)
  local entries = table.move(block.entries, first, last, 1, {})
  return setmetatable({ words = block.words, entries = entries }, Block)
end

--- The first block of a name inside; nil without one.
function Block:block(name)
  for _, entry in ipairs(self.entries) do
    if type(entry) == "table" and entry.words[1] == name then
      return entry
    end
  end
  return nil
end

--- A number in the first line of a key, counted from the key as 0; the default without one.
function Block:number(key, place, default)
  for _, entry in ipairs(self.entries) do
    local words = type(entry) == "string" and chunk.words(entry) or {}
    if words[1] == key then
      return tonumber(words[place + 1]) or default
    end
  end
  return default
end

return chunk
