-- @noindex
-- A match at a strength from 0, the mix as it was, to 1, all of it: what each comes to is said by
-- reaper_automix/match/placing/landed.py.
--
-- A match is {stems, bus, trims}: `stems` are {track_id, before, matched} with seats
-- {fader_db, pan} and, matched, the `sliders` of a strip; `bus` has the sliders of the master's
-- strip; `trims`, where there are any, are as in `match_trims`.

local rows = require("strip_rows")
local trims = require("match_trims")

local strength = {}

--- The blocks of a match, in the order in which they are shown.
strength.BLOCKS = { "gain", "eq", "compressor", "pan", "master" }

local CLOSED_DB = -150 -- what a closed fader is written as

local OUTPUT -- where the gain behind a strip stands
for place, row in ipairs(rows) do
  OUTPUT = row[3] == "output" and place or OUTPUT
end

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

--- A fader that was closed stays closed.
local function fader_at(before_db, matched_db, part, trim_db)
  if part == 0 or before_db <= CLOSED_DB then
    return before_db
  end
  return between(before_db, matched_db, part) + trim_db
end

local function seat(stem, part, blocks, trim_db)
  local before, matched = stem.before, stem.matched
  local gain = blocks.gain and part or 0
  return {
    track_id = stem.track_id,
    fader_db = fader_at(before.fader_db, matched.fader_db, gain, trim_db),
    pan = between(before.pan, matched.pan, blocks.pan and part or 0),
    sliders = weakened(matched.sliders, parts_of(part, blocks)),
  }
end

--- What a match comes to at a strength 0 … 1 with the blocks that are on, by their names:
-- {stems = {{track_id, fader_db, pan, sliders}…}, bus = sliders}.
function strength.at(match, part, blocks)
  local fader_db, output_db = trims.db(match.trims, part, blocks)
  local stems = {}
  for index, stem in ipairs(match.stems) do
    stems[index] = seat(stem, part, blocks, fader_db)
  end
  local bus = weakened(match.bus, parts_of(blocks.master and part or 0, blocks))
  bus[OUTPUT] = bus[OUTPUT] + output_db
  return { stems = stems, bus = bus }
end

return strength
