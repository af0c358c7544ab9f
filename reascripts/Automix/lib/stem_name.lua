-- @noindex
-- Suggests a name for a stem: what the names of its tracks have in common.

local stem_name = {}

local FALLBACK = "Stem"
local SHORTEST_PREFIX = 3 -- letters; fewer say nothing

local function words_of(name)
  local words = {}
  for word in name:gmatch("[^%s%p]+") do
    words[#words + 1] = word
  end
  return words
end

local function contains(name, word)
  for _, other in ipairs(words_of(name)) do
    if other:lower() == word:lower() then
      return true
    end
  end
  return false
end

local function all_contain(names, word)
  for _, name in ipairs(names) do
    if not contains(name, word) then
      return false
    end
  end
  return true
end

local function common_words(names)
  local common = {}
  for _, word in ipairs(words_of(names[1])) do
    if not tonumber(word) and all_contain(names, word) then
      common[#common + 1] = word
    end
  end
  return table.concat(common, " ")
end

local function common_length(one, other)
  local length = 0
  while length < math.min(#one, #other) and one:byte(length + 1) == other:byte(length + 1) do
    length = length + 1
  end
  return length
end

local function whole_letters(text)
  while not utf8.len(text) do
    text = text:sub(1, -2)
  end
  return text
end

local function common_prefix(names)
  local prefix = names[1]
  for _, name in ipairs(names) do
    prefix = prefix:sub(1, common_length(prefix, name))
  end
  prefix = whole_letters(prefix):gsub("[%s%p%d]+$", "")
  return utf8.len(prefix) >= SHORTEST_PREFIX and prefix or ""
end

--- "BV" for "BV 1" and "BV 2", "Guitar" for "Guitar1" and "Guitar2", "Stem" for what has no name
-- in common. Tracks without a name do not count.
function stem_name.suggest(names)
  local named = {}
  for _, name in ipairs(names) do
    if name:find("%S") and utf8.len(name) then
      named[#named + 1] = name
    end
  end
  if #named == 0 then
    return FALLBACK
  end
  for _, common in ipairs({ common_words, common_prefix }) do
    local name = common(named)
    if name ~= "" then
      return name
    end
  end
  return FALLBACK
end

return stem_name
