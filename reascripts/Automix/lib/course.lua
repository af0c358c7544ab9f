-- @noindex
-- The steps of a balance, from reading the project to moved faders. They run inside a coroutine:
-- `trip:pause(status)` lets REAPER go on until the next tick, `trip:stop(sentence)` ends it all.

local json = require("json")
local landing = require("landing")
local request = require("request")
local settings = require("settings")
local steps = require("steps")

local course = {}

local ROUNDS = 3 -- somebody who keeps editing does not have stems asked for for ever
local RESTLESS =
  "The project was changed all the while, so nothing was sorted; press the key again."

--- The loudness of the mix as it is by now, without and with some moves; nil when nobody can tell.
local function sum(trip, moves)
  local session = steps.snapshot(trip)
  steps.prepare(trip, steps.encode(trip, session))
  local asked = request.of(trip.project, session, "sum", trip.scope)
  asked.moves = json.array(moves)
  local answer = steps.put(trip, asked)
  return answer and answer.mix
end

local function land(trip, answer)
  return landing.make({
    project = trip.project,
    session = trip.session,
    chunks = trip.chunks,
    budget_s = steps.STEP_S,
    pause = function()
      trip:pause({ stage = "Moving faders" })
    end,
    sum = function(moves)
      return sum(trip, moves)
    end,
  }, answer)
end

--- The tracks whose signal depends on REAPER, by the settings.
local function candidates(trip)
  local measure = settings.get(trip.project, "measure") or "auto"
  return require("render").candidates(trip.session, measure, trip.project)
end

--- Goes all the way: {answer, made, left_out}.
function course.balance(trip)
  steps.check_settings(trip)
  trip.session = steps.snapshot(trip)
  trip.session_text = steps.encode(trip, trip.session)
  local answer = steps.answer(trip, "balance", candidates(trip))
  local made, left_out = land(trip, answer)
  if not made then
    trip:stop("Nothing was changed, since REAPER refused a change: " .. left_out)
  end
  return { answer = answer, made = made, left_out = left_out }
end

local function is_as_read(trip)
  return reaper.GetProjectStateChangeCount(trip.project) == trip.state
end

--- What the worker says of the project as it is now, by what is wished of its tracks.
local function ask_for_stems(trip)
  trip.session = steps.snapshot(trip)
  trip.state = reaper.GetProjectStateChangeCount(trip.project)
  steps.prepare(trip, steps.encode(trip, trip.session))
  local asked = request.of(trip.project, trip.session, "stems", trip.scope)
  asked.wishes = trip.wishes
  local answer, message = steps.put(trip, asked)
  return answer or trip:stop(message)
end

--- Where the tracks of the project go, by `trip.wishes` where there are any: the worker's answer,
-- which is right for the project as it is in this tick.
function course.stems(trip)
  for _ = 1, ROUNDS do
    local answer = ask_for_stems(trip)
    if is_as_read(trip) then
      return answer
    end
  end
  return trip:stop(RESTLESS)
end

--- Lets the worker open the last report of the project.
function course.show_report(trip)
  local job, message = trip.question:prepare()
  if not job then
    trip:stop(message)
  end
  local answer
  answer, message = trip.question:ask(request.of_report(trip.project), function(status)
    trip:pause(status)
  end)
  return answer or trip:stop(message)
end

return course
