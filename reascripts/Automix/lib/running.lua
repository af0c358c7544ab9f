-- @noindex
-- Which balances are running in this REAPER, over all projects and scripts: one line of ext state
-- that is not kept, "project time;project time;", and the time at which Cancel was last asked for.

local speak = require("speak")

local running = {}

local SECTION, RUNNING, CANCEL = "automix", "running", "cancel"
local LOST_S = 30 -- one that was terminated without a word

--- A project's name in the line; projects that were never saved have no other.
local function key_of(project)
  return (tostring(project):gsub("[^%w]", "_"))
end

local function read()
  local found, now_s = {}, reaper.time_precise()
  for key, time in reaper.GetExtState(SECTION, RUNNING):gmatch("([%w_]+) ([^;]+);") do
    if now_s - tonumber(time) < LOST_S then
      found[key] = time
    end
  end
  return found
end

local function write(found)
  local line = {}
  for key, time in pairs(found) do
    line[#line + 1] = key .. " " .. time .. ";"
  end
  reaper.SetExtState(SECTION, RUNNING, table.concat(line), false)
end

--- Whether a balance of this project is running.
function running.is(project)
  return read()[key_of(project)] ~= nil
end

--- Says that a balance of this project goes on; call it at every tick.
function running.beat(project)
  local found = read()
  found[key_of(project)] = string.format("%.3f", reaper.time_precise())
  write(found)
end

--- Says that no balance of this project runs any more.
function running.finish(project)
  local found = read()
  found[key_of(project)] = nil
  write(found)
end

--- Asks every balance that is running to end.
function running.cancel()
  if not next(read()) then
    speak.tell("No balance or match is running.")
  end
  local now = string.format("%.6f", reaper.time_precise())
  reaper.SetExtState(SECTION, CANCEL, now, false)
end

--- Whether Cancel was asked for since this time.
function running.cancelled_since(time_s)
  local asked_s = tonumber(reaper.GetExtState(SECTION, CANCEL))
  return asked_s ~= nil and asked_s > time_s
end

return running
