-- @noindex
-- Jobs for the worker: a folder each in the spool, every file written aside and then renamed.

local files = require("files")
local json = require("json")

local spool = { PROTOCOL = 1 }

local Job = {}
Job.__index = Job

--- An id that sorts by time and cannot meet another one's.
local function new_id()
  local random = reaper.genGuid(""):gsub("[^%x]", ""):sub(1, 8):lower()
  return os.date("!%Y%m%d-%H%M%S-") .. random
end

--- A new job with an empty folder; nil and a sentence when the folder cannot be made.
function spool.new(home)
  local id = new_id()
  local folder = files.join(home, "jobs", id)
  if not files.make_folder(folder) then
    return nil, "Automix cannot write into " .. home .. "; make room there or run the set-up again."
  end
  return setmetatable({ id = id, folder = folder }, Job)
end

--- Where a file of this job is.
function Job:path(name)
  return files.join(self.folder, name)
end

--- Makes a folder of the job; its path.
function Job:make_folder(name)
  local folder = self:path(name)
  files.make_folder(folder)
  return folder
end

--- Writes a file of the job; false and a message when that fails.
function Job:write(name, text)
  return files.write(self:path(name), text)
end

--- Hands the job over: writes the request, after which nothing else may be added.
function Job:submit(request)
  request.protocol, request.id = spool.PROTOCOL, self.id
  return self:write("request.json", json.encode(request))
end

local function read_json(path)
  local text = files.read(path)
  if not text then
    return nil
  end
  local value = json.decode(text)
  return type(value) == "table" and value or nil
end

--- How far the worker is: {stage, done, total, what, eta_s}; nil before it says so.
function Job:progress()
  local step = read_json(self:path("progress.json"))
  return step and type(step.stage) == "string" and step or nil
end

--- The worker's result once it is there; nil before, and whether there is one that is unreadable.
function Job:answer()
  local path = self:path("result.json")
  local answer = read_json(path)
  if answer and answer.id == self.id then
    return answer
  end
  return nil, files.exists(path)
end

--- Asks the worker to stop.
function Job:cancel()
  self:write("cancel", "")
end

--- Tells the worker that the folder is not needed any more.
function Job:close()
  self:write("done", "")
end

--- The worker's last sign of life {pid, version, protocol, beat, …}, nil without one.
function spool.heartbeat(home)
  return read_json(files.join(home, "worker.json"))
end

return spool
