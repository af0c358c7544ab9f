-- @noindex
-- One text to paste into a bug report: versions, settings, counts, what is where, last words.
--
-- It names no tracks and no paths of the user's music; the user's own folder is written as "~".

local files = require("files")
local guard = require("guard")
local installation = require("installation")
local settings = require("settings")
local speak = require("speak")
local spool = require("spool")

local diagnose = {}

local HEADING = "Automix diagnosis. It names no tracks and no paths of your music, apart from what"
  .. "\nthe last lines of the worker may say: look at those before you share it."
local LOG_LINES = 20
local FILE = "diagnosis.txt"

local function line(name, value)
  return ("%-22s %s"):format(name, tostring(value))
end

--- How often every kind is in a list: "3 audio, 1 MIDI", most frequent first.
local function counted(kinds)
  local counts, names = {}, {}
  for _, kind in ipairs(kinds) do
    if not counts[kind] then
      names[#names + 1] = kind
    end
    counts[kind] = (counts[kind] or 0) + 1
  end
  table.sort(names, function(one, other)
    return counts[one] == counts[other] and one < other or counts[one] > counts[other]
  end)
  for index, name in ipairs(names) do
    names[index] = counts[name] .. " " .. name
  end
  return #names > 0 and table.concat(names, ", ") or "none"
end

local function flag(key)
  return function(track)
    return reaper.GetMediaTrackInfo_Value(track, key) > 0
  end
end

-- What is counted of tracks.
local TRACK_KINDS = {
  { "folders", flag("I_FOLDERDEPTH") },
  { "muted", flag("B_MUTE") },
  { "soloed", flag("I_SOLO") },
  { "frozen", flag("I_FREEZECOUNT") },
  {
    "with effects",
    function(track)
      return reaper.TrackFX_GetCount(track) > 0
    end,
  },
  {
    "with receives",
    function(track)
      return reaper.GetTrackNumSends(track, -1) > 0
    end,
  },
  {
    "with envelopes",
    function(track)
      return reaper.CountTrackEnvelopes(track) > 0
    end,
  },
}

local function tracks_text(project)
  local kinds = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    for _, kind in ipairs(TRACK_KINDS) do
      if kind[2](track) then
        kinds[#kinds + 1] = kind[1]
      end
    end
  end
  return ("%d (%s)"):format(reaper.CountTracks(project), counted(kinds))
end

local function source_kind(item)
  local take = reaper.GetActiveTake(item)
  if not take then
    return "empty"
  end
  local source = reaper.GetMediaItemTake_Source(take)
  return source and reaper.GetMediaSourceType(source) or "without source"
end

local function items_text(project)
  local kinds = {}
  for index = 0, reaper.CountMediaItems(project) - 1 do
    kinds[index + 1] = source_kind(reaper.GetMediaItem(project, index))
  end
  return ("%d (%s)"):format(#kinds, counted(kinds))
end

local function present(path)
  return path .. (files.exists(path) and "" or " (MISSING)")
end

local function worker_text(found)
  local sign = spool.heartbeat(found.spool)
  if not sign then
    return "none runs"
  end
  local age_s = math.max(0, os.time() - (tonumber(sign.beat) or 0)) -- os.time is whole seconds
  local words = "version %s, %s, last sign of life %.0f s ago"
  return words:format(tostring(sign.version), tostring(sign.state), age_s)
end

local function program_lines()
  return {
    line("REAPER", reaper.GetAppVersion()),
    line("System", reaper.GetOS()),
    line("Lua", _VERSION),
    line("OSARA", reaper.osara_outputMessage and "present" or "absent"),
    line("Resource path", reaper.GetResourcePath()),
  }
end

local function installation_lines(found, message)
  if not found then
    return { line("Installation", message) }
  end
  return {
    line("Version", ("%s, protocol %s"):format(found.version, found.protocol)),
    line("Python", present(found.python)),
    line("Spool", found.spool),
    line("Worker", worker_text(found)),
  }
end

local function setting_text(setting)
  local is_private = setting.row.kind == "names" and setting.origin ~= "default"
  return ("%s (%s)"):format(is_private and "some names" or setting.text, setting.origin)
end

local function settings_lines(project)
  local lines = {}
  for index, setting in ipairs(settings.all(project)) do
    lines[index] = line(setting.row.name, setting_text(setting))
  end
  return lines
end

local function project_lines(project)
  local _, path = reaper.EnumProjects(-1)
  return {
    line("Project", path == "" and "never saved" or "saved"),
    line("Tracks", tracks_text(project)),
    line("Items", items_text(project)),
  }
end

local function log_lines(found)
  local text = found and files.read(files.join(found.spool, "worker.log")) or ""
  local lines = {}
  for row in text:gmatch("[^\r\n]+") do
    lines[#lines + 1] = row
  end
  return { table.unpack(lines, math.max(1, #lines - LOG_LINES + 1)) }
end

--- The user's own folder, which says who they are, is written as "~".
local function without_home(text)
  local home = os.getenv("HOME") or os.getenv("USERPROFILE")
  if not home or #home < 2 then
    return text
  end
  return (text:gsub(home:gsub("%p", "%%%0"), "~"))
end

--- The whole text, and the installation that was found.
function diagnose.text(project)
  local found, message = installation.read()
  local parts = {
    { "Programs", program_lines() },
    { "Installation", installation_lines(found, message) },
    { "Settings", settings_lines(project) },
    { "Project", project_lines(project) },
    { "Last lines of the worker", log_lines(found) },
  }
  local lines = { HEADING }
  for _, part in ipairs(parts) do
    lines[#lines + 1] = "\n== " .. part[1]
    table.move(part[2], 1, #part[2], #lines + 1, lines)
  end
  return without_home(table.concat(lines, "\n") .. "\n"), found
end

--- The action: the text in the console, and in a file of the spool folder where there is one.
function diagnose.run()
  guard.no_undo_point()
  local text, found = diagnose.text(reaper.EnumProjects(-1))
  reaper.ShowConsoleMsg(text)
  if not found then
    return
  end
  local path = files.join(found.spool, FILE)
  if files.write(path, text) then
    speak.tell("The same text is in " .. path .. ".")
  end
end

return diagnose
