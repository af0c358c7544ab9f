-- @noindex
-- The worker process: whether it is alive, and starting one where it is not.

local files = require("files")
local spool = require("spool")

local worker = {}

local FRESH_S = 10 -- an older heartbeat is that of a dead worker
local START_S = 20
local STARTS = 3 -- a job that a worker dies of is not tried for ever

local Worker = {}
Worker.__index = Worker

--- The worker of an installation; nothing is started yet.
function worker.new(installation)
  return setmetatable({ installation = installation, starts = 0 }, Worker)
end

--- Whether a worker of this very version is there.
function Worker:alive()
  local sign = spool.heartbeat(self.installation.spool)
  if not sign or sign.version ~= self.installation.version then
    return false
  end
  return type(sign.beat) == "number" and math.abs(os.time() - sign.beat) < FRESH_S
end

local function quoted(text)
  return '"' .. text .. '"'
end

--- Starts a worker and does not wait; on Windows without a window.
function Worker:start()
  local python, home = self.installation.python, self.installation.spool
  local command = quoted(python) .. " -m reaper_automix worker " .. quoted(home)
  local detached = reaper.GetOS():find("^Win") and -2 or -1
  reaper.ExecProcess(command, detached) -- what it answers for a detached process is not documented
  self.starts = self.starts + 1
  self.asked_s = reaper.time_precise()
end

function Worker:has_failed()
  local waited_s = reaper.time_precise() - self.asked_s
  return waited_s > START_S
end

--- Keeps a worker going while an answer is awaited; false and a sentence when none comes up.
function Worker:tend()
  if self:alive() then
    self.asked_s = nil
    return true
  end
  if not self.asked_s and self.starts < STARTS then
    self:start()
  elseif not self.asked_s or self:has_failed() then
    local log = files.join(self.installation.spool, "worker.log")
    return false, "The Automix worker does not run; " .. log .. " says why."
  end
  return true
end

return worker
