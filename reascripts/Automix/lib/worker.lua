-- @noindex
-- The worker process: whether it is alive, and starting one where it is not.

local files = require("files")
local spool = require("spool")

local worker = {}

local FRESH_S = 10 -- an older heartbeat is that of a dead worker
local START_S = 20 -- until it has to show a first sign of life
local RETRY_S = 7 -- a second start does no harm: the worker that is too many ends itself
local MOST_DEATHS = 3 -- a job that workers die of is not tried for ever

local CANNOT_START = "Automix cannot start its worker with %s; run `reaper-automix install` in a "
  .. "terminal and press the key again."
local OTHER_VERSION = "The Automix worker is of version %s and these actions are of version %s; "
  .. "run `reaper-automix install` in a terminal and press the key again."
local NO_WORKER = "The Automix worker does not run; %s says why."
local DOCTOR = "`reaper-automix doctor` in a terminal"

local Worker = {}
Worker.__index = Worker

--- The worker of an installation; nothing is started yet.
function worker.new(installation)
  return setmetatable({ installation = installation, deaths = 0, starts = 0 }, Worker)
end

--- The heartbeat of the worker that lives, of whatever version; nil where none does.
local function living(self)
  local sign = spool.heartbeat(self.installation.spool)
  local is_fresh = sign and tonumber(sign.beat) and math.abs(os.time() - sign.beat) < FRESH_S
  return is_fresh and sign or nil
end

local function quoted(text)
  return '"' .. text .. '"'
end

--- Starts a worker and does not wait; on Windows without a window. Whether that was possible.
local function start(self)
  local python, home = self.installation.python, self.installation.spool
  local command = quoted(python) .. " -m reaper_automix worker " .. quoted(home)
  local detached = reaper.GetOS():find("^Win") and -2 or -1
  return reaper.ExecProcess(command, detached) ~= nil
end

--- Starts a worker, and again where none shows up for a while; false when that cannot be. One of
-- another version, whose heartbeat is `stranger`, is told to end by the worker that is started.
local function bring_up(self, waited_s, stranger)
  local is_asked = stranger and self.starts > 0
  if is_asked or waited_s < self.starts * RETRY_S then
    return true
  end
  self.starts, self.earlier_pid = self.starts + 1, stranger and stranger.pid
  return start(self)
end

--- Whether the worker of another version is the one that was started here.
local function is_own(self, stranger)
  return stranger and self.starts > 0 and stranger.pid ~= self.earlier_pid
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

--- Why no worker of use is there, as a sentence.
local function complaint(self, stranger)
  if stranger then
    return OTHER_VERSION:format(stranger.version, self.installation.version)
  end
  local log = files.join(self.installation.spool, "worker.log")
  return NO_WORKER:format(files.exists(log) and log or DOCTOR)
end

--- Keeps a worker going while the answer to a job is awaited; false and a sentence when none comes
-- up. One of another version that has begun the job may finish it.
function Worker:tend(job_id)
  local sign = living(self)
  if sign and (sign.version == self.installation.version or sign.job == job_id) then
    note_life(self)
    return true
  end
  local waited_s = note_absence(self)
  if waited_s > START_S or self.deaths > MOST_DEATHS or is_own(self, sign) then
    return false, complaint(self, sign)
  end
  if not bring_up(self, waited_s, sign) then
    return false, CANNOT_START:format(self.installation.python)
  end
  return true
end

return worker
