-- @noindex
-- A match at a strength from 0, the mix as it was, to 1, all of it: what each comes to is said by
-- reaper_automix/match/placing/landed.py.
--
-- A match is {stems, bus}: `stems` are {track_id, before, matched} with seats {fader_db, pan} and,
-- matched, the `sliders` of a strip; `bus` has the sliders of the master's strip.

local rows = require("strip_rows")

local strength = {}

--- The blocks of a match, in the order in which they are shown.
strength.BLOCKS = { "gain", "eq", "compressor", "pan", "master" }

local LAWS = {}

function LAWS.line(value, part)
  return part * value
end

--- The slope above the threshold, 1/ratio - 1, is what goes in a straight line.
function LAWS.slope(ratio, part)
  return 1 / (1 + part * (1 / ratio - 1))
end

--- The sliders of a strip with each block as far as `parts` says, by its name.
local function weakened(sliders, parts)
  local values = {}
  for place, row in ipairs(rows) do
    local _, _, block, law = table.unpack(row)
    values[place] = law and LAWS[law](sliders[place], parts[block]) or sliders[place]
  end
  return values
end

--- How far each block of a strip goes.
local function parts_of(heard, blocks)
  return {
    eq = blocks.eq and heard or 0,
    compressor = blocks.compressor and heard or 0,
    output = heard,
  }
end

local function between(before, matched, part)
  return before + part * (matched - before)
end

local function seat(stem, part, blocks)
  local before, matched = stem.before, stem.matched
  return {
    track_id = stem.track_id,
    fader_db = between(before.fader_db, matched.fader_db, blocks.gain and part or 0),
    pan = between(before.pan, matched.pan, blocks.pan and part or 0),
    sliders = weakened(matched.sliders, parts_of(part, blocks)),
  }
end

--- What a match comes to at a strength 0 … 1 with the blocks that are on, by their names:
-- {stems = {{track_id, fader_db, pan, sliders}…}, bus = sliders}.
function strength.at(match, part, blocks)
  local stems = {}
  for index, stem in ipairs(match.stems) do
    stems[index] = seat(stem, part, blocks)
  end
  return { stems = stems, bus = weakened(match.bus, parts_of(blocks.master and part or 0, blocks)) }
end

return strength
