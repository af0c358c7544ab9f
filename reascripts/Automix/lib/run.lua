-- @noindex
-- The life of what the worker is asked for: it begins at a key press, goes on a little at every
-- tick, and ends in a table of what moved, in a sentence, or at once when it is cancelled.
--
-- What it does in between is a coroutine (`course`), so that it reads from top to bottom. It works
-- on the project that was active when it began, whichever tab is in front meanwhile.

local course = require("course")
local guard = require("guard")
local installation = require("installation")
local progress = require("progress")
local projects = require("projects")
local question = require("question")
local running = require("running")
local speak = require("speak")

local run = {}

local CANCELLED = "Cancelled; nothing was changed."
local CLOSED = "The project was closed, so nothing was changed."
--- Why nothing else can be begun.
run.BUSY = "A balance or match of this project is running already; wait for it, or cancel it."
local NONE_SELECTED = "No track is selected; select the tracks that shall be balanced."
local NO_TRACKS = "This project has no tracks; there is nothing to balance."

local Trip = {}
Trip.__index = Trip

--- Ends the course with a sentence for the user.
function Trip.stop(_, sentence)
  error({ sentence = sentence }, 0)
end

--- Lets REAPER go on until the next tick, and ends the course where going on makes no sense.
function Trip:pause(status)
  self.status = status
  coroutine.yield()
  if not projects.is_open(self.project) then
    self:stop(CLOSED)
  end
  if self.is_cancelled or running.cancelled_since(self.started_s) then
    self:stop(CANCELLED)
  end
end

--- Everything is left as if the trip had never been: no job, no window, no mark that it runs.
local function finish(trip)
  trip.question:drop()
  if trip.progress then
    trip.progress:close()
    running.finish(trip.project)
  end
end

--- The user who cancelled knows it; anything else is told where it can be read.
local function tell(sentence)
  local say = sentence == CANCELLED and speak.announce or speak.tell
  say(sentence)
end

local function conclude(trip, ok, outcome)
  finish(trip)
  if ok then
    return trip.arrive(outcome)
  end
  if type(outcome) ~= "table" then
    error(debug.traceback(trip.work, tostring(outcome)), 0)
  end
  tell(outcome.sentence)
end

local function show_progress(trip)
  if trip.progress then
    running.beat(trip.project)
    trip.is_cancelled = trip.progress:show(trip.status)
  end
end

local function tick(trip)
  local ok, outcome = coroutine.resume(trip.work, trip)
  if coroutine.status(trip.work) == "dead" then
    return conclude(trip, ok, outcome)
  end
  show_progress(trip)
  guard.later(function()
    tick(trip)
  end)
end

--- Sets out: `trip` has the project, `steps` to take over the ticks, `arrive(outcome)`, and perhaps
-- a scope and a progress to show.
function run.set_out(trip)
  local found, message = installation.read()
  if not found then
    return speak.tell(message)
  end
  setmetatable(trip, Trip)
  trip.work = coroutine.create(trip.steps)
  trip.question = question.to(found)
  trip.started_s = reaper.time_precise()
  reaper.atexit(function()
    guard.insist(finish, trip) -- also when the user terminates the script, or REAPER ends
  end)
  tick(trip)
end

local function show_report(project)
  run.set_out({ project = project, steps = course.show_report, arrive = function() end })
end

--- Why nothing can be done with a project now, as a sentence.
function run.refusal(project)
  if running.is(project) then
    return run.BUSY
  end
  return reaper.CountTracks(project) == 0 and NO_TRACKS or nil
end

--- Why a balance makes no sense now, as a sentence.
local function refusal(project, scope)
  local sentence = run.refusal(project)
  if sentence then
    return sentence
  end
  if scope.kind == "selected" and reaper.CountSelectedTracks(project) == 0 then
    return NONE_SELECTED
  end
  return nil
end

--- Shows what a balance or a match came to.
function run.show(project, outcome)
  require("result").open(project, outcome, show_report)
end

--- Begins a balance of "selected", "all", or "tracks" with their GUIDs, in the active project or in
-- the one that is given.
function run.start(kind, project, track_ids)
  guard.no_undo_point()
  project = project or reaper.EnumProjects(-1)
  local scope = { kind = kind, tracks = track_ids }
  local sentence = refusal(project, scope)
  if sentence then
    return speak.tell(sentence)
  end
  speak.announce("Balancing")
  run.set_out({
    project = project,
    scope = scope,
    progress = progress.new(project),
    steps = course.balance,
    arrive = function(outcome)
      run.show(project, outcome)
    end,
  })
end

--- Opens the last report of the active project.
function run.show_report()
  guard.no_undo_point()
  show_report(reaper.EnumProjects(-1))
end

return run
