-- @noindex
-- A temporary project tab for the self test, and its way back: nothing of the user's is touched.

local Loan = require("loan")
local song = require("selftest_song")
local wav = require("selftest_wav")

local NEW_TAB = 41929 -- without the user's default template
local CLOSE_TAB = 40860
local WITHOUT_ASKING = "noprompt:"

local Stage = {}
Stage.__index = Stage

--- The track of a name in the temporary project.
function Stage:track(name)
  for index = 0, reaper.CountTracks(self.project) - 1 do
    local track = reaper.GetTrack(self.project, index)
    local _, found = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
    if found == name then
      return track
    end
  end
  error("The temporary project has no track " .. name)
end

--- The first item of the track of a name, and its active take.
function Stage:item(name)
  local item = reaper.GetTrackMediaItem(self:track(name), 0)
  return item, reaper.GetActiveTake(item)
end

--- A new folder for files, removed with all that is in it when the test is over.
function Stage:new_folder()
  self.folders = self.folders + 1
  return self.make_folder(self.folder .. "/" .. self.folders)
end

local function file_names(folder)
  local names = {}
  reaper.EnumerateFiles(folder, -1) -- forgets what it knew about the folder
  local name = reaper.EnumerateFiles(folder, 0)
  while name do
    names[#names + 1] = name
    name = reaper.EnumerateFiles(folder, #names)
  end
  return names
end

--- Removes a folder of files; os.remove does not remove folders on Windows.
local function remove_folder(folder)
  for _, name in ipairs(file_names(folder)) do
    os.remove(folder .. "/" .. name)
  end
  if not os.remove(folder) and reaper.GetOS():find("^Win") then
    reaper.ExecProcess(('cmd.exe /C rmdir "%s"'):format(folder:gsub("/", "\\")), 2000)
  end
end

local function folder_maker(loan)
  return function(folder)
    loan:on_return(function()
      remove_folder(folder)
    end)
    reaper.RecursiveCreateDirectory(folder, 0)
    return folder
  end
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

local function open_tabs()
  local tabs, index = {}, 0
  local project, path = reaper.EnumProjects(index)
  while project do
    tabs[project] = path
    index = index + 1
    project, path = reaper.EnumProjects(index)
  end
  return tabs
end

--- Closes the tabs that were not open before; saved first, so that REAPER does not ask.
local function close_other_tabs(known)
  for project, path in pairs(open_tabs()) do
    if not known[project] then
      reaper.SelectProjectInstance(project)
      if path ~= "" then
        reaper.Main_SaveProject(project, false)
      end
      reaper.Main_OnCommandEx(CLOSE_TAB, 0, project)
    end
  end
end

--- Opens a project file in a tab of its own.
local function open_tab(loan, path)
  local home, known = reaper.EnumProjects(-1), open_tabs()
  loan:on_return(function()
    reaper.SelectProjectInstance(home)
  end)
  loan:on_return(function()
    close_other_tabs(known)
  end)
  reaper.Main_OnCommandEx(NEW_TAB, 0, home)
  if known[reaper.EnumProjects(-1)] then
    return nil, "REAPER opened no new project tab; nothing was tested."
  end
  reaper.Main_openProject(WITHOUT_ASKING .. path)
  return reaper.EnumProjects(-1)
end

--- What `work(stage)` gives in a temporary project; or nil and a sentence. All is put back.
function Stage.during(work)
  return Loan.during(function(loan)
    local make_folder = folder_maker(loan)
    local name = "automix-self-test-" .. reaper.genGuid(""):gsub("[{}]", "")
    local folder = make_folder(reaper.GetResourcePath() .. "/" .. name)
    write(folder .. "/tone.wav", wav.tone())
    write(folder .. "/song.RPP", song.text())
    local project, why_not = open_tab(loan, folder .. "/song.RPP")
    if not project then
      return nil, why_not
    end
    local stage = { project = project, folder = folder, folders = 0, make_folder = make_folder }
    return work(setmetatable(stage, Stage))
  end)
end

return Stage
