-- @noindex
-- Checks, in a temporary project tab, every assumption about REAPER that cannot be read up.
--
-- Not asked, because nothing relies on it: audio accessors, DB2SLIDER, SetTrackUIVolume, how loud a
-- VCA leader makes its followers (they keep their fader), faders written while automation drives
-- them (they are not).
--
-- A row is {name, why, check}: check(stage) answers whether it holds and what was seen.

local guard = require("guard")
local speak = require("speak")
local Stage = require("selftest_stage")

local selftest = {}

local SUITES = { "project", "tracks", "items", "envelopes", "effects", "state", "render" }
local RECORDING = 4

--- A row's outcome: {name, why, ok, seen}. A check that fails with an error does not hold.
local function outcome(row, stage)
  local ran, ok, seen = pcall(row.check, stage)
  if not ran then
    ok, seen = false, "error: " .. tostring(ok)
  end
  return { name = row.name, why = row.why, ok = ok == true, seen = tostring(seen) }
end

--- Outcomes of every row, in the order of the suites.
local function check_all(stage)
  local outcomes = {}
  for _, suite in ipairs(SUITES) do
    for _, row in ipairs(require("selftest_" .. suite)) do
      outcomes[#outcomes + 1] = outcome(row, stage)
    end
  end
  return outcomes
end

local function line(result)
  if result.ok then
    return ("pass  %s: %s"):format(result.name, result.seen)
  end
  return ("FAIL  %s: %s. Needed because %s"):format(result.name, result.seen, result.why)
end

--- A line for each row: those that failed last, where the console shows them.
local function lines_of(outcomes)
  local passed, failed = {}, {}
  for _, result in ipairs(outcomes) do
    local list = result.ok and passed or failed
    list[#list + 1] = line(result)
  end
  local lines = table.move(failed, 1, #failed, #passed + 1, { table.unpack(passed) })
  return table.concat(lines, "\n") .. "\n", #passed
end

local function summary(passed, count, took_s)
  local words = "Automix self test: %d of %d passed in %.1f s on REAPER %s (%s)."
  local text = words:format(passed, count, took_s, reaper.GetAppVersion(), reaper.GetOS())
  return passed == count and text or text .. " Please report the lines that FAIL."
end

--- Runs the test and prints what it found; the user's own project is never changed.
function selftest.run()
  guard.no_undo_point()
  if reaper.GetPlayState() & RECORDING ~= 0 then
    return speak.tell("REAPER is recording; stop it and start the self test again.")
  end
  local started_s = reaper.time_precise()
  local outcomes, why_not = Stage.during(check_all)
  if not outcomes then
    return speak.tell(why_not)
  end
  local lines, passed = lines_of(outcomes)
  reaper.ShowConsoleMsg(lines)
  speak.tell(summary(passed, #outcomes, reaper.time_precise() - started_s))
end

return selftest
