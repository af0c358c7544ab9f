-- @noindex
-- Adds the Automix actions to REAPER's Actions list, then takes the line out of
-- Scripts/__startup.lua that has called this (`reaper-automix install` puts it there when REAPER
-- is open). It runs inside the user's start-up script, so it requires and leaves nothing there.

local MAIN_SECTION = 0
local LINE = "pcall%(dofile, reaper%.GetResourcePath%(%)[^\r\n]*%-%- reaper%-automix:[^\r\n]*\r?\n?"

local separator = package.config:sub(1, 1)
local scripts = reaper.GetResourcePath() .. separator .. "Scripts"
local folder = scripts .. separator .. "Automix"

local function actions()
  local found, index = {}, 0
  local name = reaper.EnumerateFiles(folder, index)
  while name do
    if name:match("^automix_.*%.lua$") or name:match("^automix_.*%.py$") then
      found[#found + 1] = folder .. separator .. name
    end
    index = index + 1
    name = reaper.EnumerateFiles(folder, index)
  end
  return found
end

-- AddRemoveReaScript sets no flags: REAPER asks when an action is pressed that runs already, until
-- its user has chosen, or `reaper-automix install` was run with REAPER closed.
local function add(paths)
  local all = #paths > 0
  for index, path in ipairs(paths) do
    all = reaper.AddRemoveReaScript(true, MAIN_SECTION, path, index == #paths) ~= 0 and all
  end
  return all
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local content = file:read("a")
  file:close()
  return content
end

local function write_aside(path, content)
  local file = io.open(path, "wb")
  if not file then
    return false
  end
  local written = file:write(content)
  return file:close() and written ~= nil
end

-- Windows does not rename onto a file that is there, so the old one steps aside first.
local function move(from, to)
  if os.rename(from, to) then
    return
  end
  local old = to .. ".automix-old"
  if not os.rename(to, old) then
    os.remove(from)
    return
  end
  if os.rename(from, to) then
    os.remove(old)
    return
  end
  os.rename(old, to)
  os.remove(from)
end

local function take_line_out(path)
  local content = read(path)
  local kept, times = (content or ""):gsub(LINE, "", 1)
  if times == 0 then
    return
  end
  if kept == "" then
    os.remove(path)
  elseif write_aside(path .. ".automix-new", kept) then
    move(path .. ".automix-new", path)
  end
end

if add(actions()) then
  take_line_out(scripts .. separator .. "__startup.lua")
end
