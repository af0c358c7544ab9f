-- @noindex
-- A question to the worker: a job is handed over, and its answer awaited over many ticks.

local answers = require("answer")
local spool = require("spool")
local worker = require("worker")

local question = {}

local GRACE_S = 2 -- a result is renamed into its place, but shares and scanners may hold it a while
local UNREADABLE = "Automix cannot read its worker's answer (%s); press the key again, "
  .. "and report it if that does not help."

local Question = {}
Question.__index = Question

--- Questions to the worker of an installation, one at a time.
function question.to(installation)
  return setmetatable({
    installation = installation,
    worker = worker.new(installation),
  }, Question)
end

--- A folder for the next job; nil and a sentence when it cannot be made.
function Question:prepare()
  local job, message = spool.new(self.installation.spool)
  self.job = job
  return job, message
end

--- The answer; nil before it is there, with a sentence once it has been unreadable for a while.
local function fetch(self)
  local answer, is_there = self.job:answer()
  if answer or not is_there then
    self.unreadable_since_s = nil
    return answer
  end
  local now_s = reaper.time_precise()
  self.unreadable_since_s = self.unreadable_since_s or now_s
  local is_late = now_s - self.unreadable_since_s > GRACE_S
  return nil, is_late and UNREADABLE:format("result.json") or nil
end

local function wait(self, pause)
  local answer, message = fetch(self)
  while not (answer or message) do
    local ok, why_not = self.worker:tend(self.job.id)
    if not ok then
      return nil, why_not
    end
    pause(self.job:progress())
    answer, message = fetch(self)
  end
  return answer, message
end

--- The answer when it is one that can be used; else nil and a sentence.
local function judged(answer)
  local wrong_field = answers.wrong_field(answer)
  if wrong_field then
    return nil, UNREADABLE:format(wrong_field)
  end
  if answer.outcome ~= "done" then
    return nil, answer.message
  end
  return answer
end

--- Hands the prepared job over and waits; `pause(progress)` is called once a tick and yields.
-- Gives the worker's answer, or nil and a sentence.
function Question:ask(request, pause)
  request.version = self.installation.version
  if not self.job:submit(request) then
    return nil, "Automix cannot write into " .. self.installation.spool .. "; make room there."
  end
  local answer, message = wait(self, pause)
  self:drop()
  if not answer then
    return nil, message
  end
  return judged(answer)
end

--- Lets go of the job that is under way, if there is one; the worker stops working on it.
function Question:drop()
  if self.job then
    if not self.job:answer() then
      self.job:cancel()
    end
    self.job:close()
  end
  self.job = nil
end

return question
