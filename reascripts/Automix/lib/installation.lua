-- @noindex
-- What `reaper-automix install` wrote for the actions: interpreter, spool folder, versions.

local files = require("files")
local json = require("json")
local spool = require("spool")

local installation = {}

local PLACE = { "Scripts", "Automix", "lib", "installation.json" }
local NEEDED = { version = "string", python = "string", spool = "string", protocol = "number" }

local AGAIN = " Close this, run `reaper-automix install` in a terminal and press the key again."

local function is_whole(found)
  if type(found) ~= "table" then
    return false
  end
  for name, kind in pairs(NEEDED) do
    if type(found[name]) ~= kind then
      return false
    end
  end
  return true
end

--- Why this installation cannot be used, as a sentence; nil when it can.
local function problem(found, path)
  if not is_whole(found) then
    return "Automix cannot read " .. path .. "." .. AGAIN
  end
  if found.protocol ~= spool.PROTOCOL then
    return "These Automix actions and the installed reaper-automix are of different versions."
      .. AGAIN
  end
  if not files.exists(found.python) then
    return "Automix does not find its Python, " .. found.python .. ", any more." .. AGAIN
  end
  if (found.python .. found.spool):find('"', 1, true) then
    return 'Automix cannot start from a folder with a " in its name: ' .. found.python .. "."
  end
  return nil
end

--- The installation {version, python, spool, protocol, …}; nil and a sentence without one.
function installation.read()
  local path = files.join(reaper.GetResourcePath(), table.unpack(PLACE))
  local text = files.read(path)
  if not text then
    return nil, "Automix is not set up in this REAPER yet." .. AGAIN
  end
  local found = json.decode(text)
  local message = problem(found, path)
  if message then
    return nil, message
  end
  return found
end

return installation
