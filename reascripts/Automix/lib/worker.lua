-- @noindex
-- The worker process: whether it is alive, and starting one where it is not.

local files = require("files")
local spool = require("spool")

local worker = {}

local FRESH_S = 10 -- an older heartbeat is that of a dead worker
local START_S = 20 -- until it has to show a first sign of life
local RETRY_S = 7 -- a second start does no harm: the worker that is too many ends itself
local MOST_DEATHS = 3 -- a job that workers die of is not tried for ever

local Worker = {}
Worker.__index = Worker

--- The worker of an installation; nothing is started yet.
function worker.new(installation)
  return setmetatable({ installation = installation, deaths = 0, starts = 0 }, Worker)
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
local function start(self)
  local python, home = self.installation.python, self.installation.spool
  local command = quoted(python) .. " -m reaper_automix worker " .. quoted(home)
  local detached = reaper.GetOS():find("^Win") and -2 or -1
  reaper.ExecProcess(command, detached) -- what it answers for a detached process is not documented
end

--- Starts a worker, and again where none shows up for a while.
local function bring_up(self, waited_s)
  if waited_s >= self.starts * RETRY_S then
    start(self)
    self.starts = self.starts + 1
  end
end

local function note_life(self)
  self.was_alive, self.missed_s, self.starts = true, nil, 0
end

--- Since when no worker is there, in seconds.
local function note_absence(self)
  if self.was_alive then
    self.was_alive, self.deaths = false, self.deaths + 1
  end
  self.missed_s = self.missed_s or reaper.time_precise()
  return reaper.time_precise() - self.missed_s
end

--- Keeps a worker going while an answer is awaited; false and a sentence when none comes up.
function Worker:tend()
  if self:alive() then
    note_life(self)
    return true
  end
  local waited_s = note_absence(self)
  if waited_s > START_S or self.deaths > MOST_DEATHS then
    local log = files.join(self.installation.spool, "worker.log")
    return false, "The Automix worker does not run; " .. log .. " says why."
  end
  bring_up(self, waited_s)
  return true
end

return worker
