-- @noindex
-- A question to the worker: a job is handed over, and its answer awaited over many ticks.

local spool = require("spool")
local worker = require("worker")

local question = {}

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

local function wait(self, pause)
  local answer = self.job:answer()
  while not answer do
    local ok, message = self.worker:tend()
    if not ok then
      return nil, message
    end
    pause(self.job:progress())
    answer = self.job:answer()
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
  if answer and answer.outcome ~= "done" then
    return nil, answer.message
  end
  return answer, message
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
