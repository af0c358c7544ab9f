-- @noindex
-- What keeps a match as loud as it should be, however far it goes and whichever of its blocks are
-- on: gains that the worker heard when it found the match.
--
-- Trims are {switches, strengths, curves, on_master, on_faders}, as
-- reaper_automix/match/placing/landed.py has them, in per cent and hundredths of a dB. `switches`
-- are names of blocks; there is a curve for each way in which they can stand.

local json = require("json")

local trims = {}

local function is_list(value, count)
  return type(value) == "table" and value ~= json.null and (not count or #value == count)
end

local function are_numbers(list)
  for _, value in ipairs(list) do
    if type(value) ~= "number" then
      return false
    end
  end
  return true
end

local function rise(strengths)
  for index = 2, #strengths do
    if strengths[index] <= strengths[index - 1] then
      return false
    end
  end
  return strengths[1] == 0 and strengths[#strengths] == 100
end

local function are_curves(curves, strengths)
  for _, curve in ipairs(curves) do
    if not (is_list(curve, #strengths) and are_numbers(curve)) then
      return false
    end
  end
  return true
end

--- Whether these are trims, all of them.
function trims.are(value)
  return is_list(value)
    and is_list(value.switches)
    and is_list(value.strengths)
    and are_numbers(value.strengths)
    and rise(value.strengths)
    and is_list(value.curves, 1 << #value.switches)
    and are_curves(value.curves, value.strengths)
end

--- The curve for the blocks that are on: each switch has a bit in its number, the first the lowest.
local function curve_of(of, blocks)
  local number = 0
  for bit, block in ipairs(of.switches) do
    number = number + (blocks[block] and 1 << (bit - 1) or 0)
  end
  return of.curves[number + 1]
end

--- What a curve has at a strength, straight between those at which it was heard.
local function read(of, curve, percent)
  local above = 2
  while of.strengths[above] < percent do
    above = above + 1
  end
  local low, high = of.strengths[above - 1], of.strengths[above]
  return curve[above - 1] + (percent - low) / (high - low) * (curve[above] - curve[above - 1])
end

--- The gains in dB that all faders and the master's output take up at a strength 0 … 1 with the
-- blocks that are on; one of them at least is 0. Without trims both are.
function trims.db(of, part, blocks)
  if not of or part == 0 then
    return 0, 0
  end
  local trim_db = read(of, curve_of(of, blocks), 100 * part) / 100
  if of.on_master and blocks.master then
    return 0, trim_db
  end
  return of.on_faders and blocks.gain and trim_db or 0, 0
end

return trims
