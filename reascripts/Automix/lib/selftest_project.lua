-- @noindex
-- Self test: REAPER itself, its preferences, processes and the project as a whole.

local checks = require("selftest_checks")
local files = require("files")
local snapshot = require("snapshot")

local ONLY_WHERE_THERE = { -- guarded where they are called
  osara_outputMessage = true, -- of the extension OSARA
  set_action_options = true, -- since 7.03
}
local DETACHED, DETACHED_ON_WINDOWS = -1, -2
local MILLISECONDS = 5000

local function is_windows()
  return reaper.GetOS():find("^Win") ~= nil
end

local function in_one_line(answer)
  return answer and '"' .. answer:gsub("[\r\n]+", "\\n") .. '"' or "nil"
end

--- Whether ExecProcess answers something for a command line without waiting for it.
local function starts(command, timeout)
  local answer = reaper.ExecProcess(command, timeout)
  return answer ~= nil, in_one_line(answer)
end

local function library_folder()
  return debug.getinfo(1, "S").source:match("^@(.*[/\\])")
end

--- Names of the API functions that the text of our libraries calls and this REAPER lacks.
local function missing_functions()
  local folder, missing, index = library_folder(), {}, 0
  local name = reaper.EnumerateFiles(folder, index)
  while name do
    local text = name:find("%.lua$") and files.read(folder .. name) or ""
    for called in text:gmatch("[^%w_]reaper%.([%a_][%w_]*)[(,)]") do
      if not reaper.APIExists(called) and not ONLY_WHERE_THERE[called] then
        missing[#missing + 1] = called
      end
    end
    index = index + 1
    name = reaper.EnumerateFiles(folder, index)
  end
  return missing
end

return {
  {
    name = "every function the actions call exists",
    why = "an action would end with an error in the middle of its work",
    check = function()
      return checks.same(missing_functions(), {})
    end,
  },
  {
    name = "the project in front tells its path",
    why = "reports and settings are kept by project",
    check = function(stage)
      local project, path = reaper.EnumProjects(-1)
      return project == stage.project and path:find("song.RPP", 1, true) ~= nil, path
    end,
  },
  {
    name = "a project that was just opened is clean",
    why = "rendering leaves a clean project clean",
    check = function(stage)
      return checks.same(reaper.IsProjectDirty(stage.project), 0)
    end,
  },
  {
    name = "the key DIRTY makes a project clean",
    why = "rendering leaves a clean project clean",
    check = function(stage)
      reaper.MarkProjectDirty(stage.project)
      reaper.GetSetProjectInfo(stage.project, "DIRTY", 0, true)
      return checks.same(reaper.IsProjectDirty(stage.project), 0)
    end,
  },
  {
    name = "the project's sample rate",
    why = "what is measured is placed on the time line in frames",
    check = function(stage)
      return checks.same(reaper.GetSetProjectInfo(stage.project, "PROJECT_SRATE", 0, false), 48000)
    end,
  },
  {
    name = "tempo, pan law, its taper, pan mode and item mix as the file has them",
    why = "the whole mix is summed by them",
    check = function(stage)
      local session = snapshot.take(stage.project)
      local seen = { session.pan_law, session.pan_taper, session.pan_mode, session.item_mix }
      return checks.same({ session.tempo_bpm, seen }, { 96, { 0.5, 2, 5, 2 } })
    end,
  },
  {
    name = "the time selection",
    why = "balances may be limited to it",
    check = function(stage)
      local range = { reaper.GetSet_LoopTimeRange2(stage.project, false, false, 0, 0, false) }
      return checks.same(range, { 0.25, 0.75 })
    end,
  },
  {
    name = "the fader's range is among the preferences",
    why = "no fader is written above its top",
    check = function()
      local ok, text = reaper.get_config_var_string("slidermaxv")
      return ok and tonumber(text) ~= nil, text
    end,
  },
  {
    name = "colours survive the way to REAPER's own form and back",
    why = "new stems get the colour of their tracks",
    check = function()
      return checks.same({ reaper.ColorFromNative(reaper.ColorToNative(1, 2, 3)) }, { 1, 2, 3 })
    end,
  },
  {
    name = "a process started without waiting",
    why = "workers are started so, and nil means that none was",
    check = function()
      if is_windows() then
        return starts("cmd.exe /C exit", DETACHED_ON_WINDOWS)
      end
      return starts('"/bin/sh" -c "exit 0"', DETACHED)
    end,
  },
  {
    name = "double quotes hold an argument with blanks together",
    why = "paths on a worker's command line may have blanks",
    check = function()
      local shell = is_windows() and 'cmd.exe /C echo "a  b"' or '"/bin/sh" -c "echo \'a  b\'"'
      local answer = reaper.ExecProcess(shell, MILLISECONDS) or "nil"
      return answer:find("^0\n.*a  b") ~= nil, in_one_line(answer)
    end,
  },
  {
    name = "a program that is not there",
    why = "an action says so instead of waiting for a worker",
    check = function(stage)
      return checks.same(reaper.ExecProcess('"' .. stage.folder .. '/none" x', MILLISECONDS), nil)
    end,
  },
}
