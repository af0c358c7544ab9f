-- @noindex
-- Post-FX measuring: REAPER itself renders tracks as they arrive at their faders.
--
-- What is borrowed from the project meanwhile (render settings, selection, solos) is given back
-- whatever happens, without an undo point. What the API cannot give back: the project's change
-- counter moves on, and REAPER versions without the key DIRTY leave a clean project dirty.
-- Muted tracks render as silence and are never candidates; solos are set aside, since they are for
-- listening and not part of the balance.

local apply = require("apply")
local controls = require("controls")
local files = require("files")
local Loan = require("loan")
local needs = require("render_needs")
local settings = require("render_settings")

local render = {}

local RENDER_WITH_LAST_SETTINGS = 42230 -- closes its window when it is done
local RECORDING = 4
local FRAME_BYTES = 8 -- two channels of 32 bit
local SPARE_FRAMES = 2 -- REAPER rounds both ends of a range to frames

local function tracks_of(project)
  local tracks = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    tracks[index + 1] = reaper.GetTrack(project, index)
  end
  return tracks
end

--- Ids of the tracks of a session that REAPER has to render, in project order; `measure` is the
-- setting: auto, pre_fx or post_fx.
function render.candidates(session, measure, project)
  local tracks = apply.tracks(project or 0)
  return needs.tracks(session, measure, function(id)
    return tracks[id] and controls.trim.gain(tracks[id]) ~= 1 and 1 or 0
  end)
end

--- GUID → state chunk of tracks, from which the worker knows renders that it kept.
function render.chunks(project, ids)
  local tracks, chunks = apply.tracks(project), {}
  for _, id in ipairs(ids) do
    if tracks[id] then
      local ok, chunk = reaper.GetTrackStateChunk(tracks[id], "", false)
      chunks[id] = ok and chunk or nil
    end
  end
  return chunks
end

--- From the first item of a project to the end of the last; nil without items.
local function items_range(project)
  local start_s, end_s = math.huge, 0
  for index = 0, reaper.CountMediaItems(project) - 1 do
    local item = reaper.GetMediaItem(project, index)
    local position_s = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    start_s = math.min(start_s, position_s)
    end_s = math.max(end_s, position_s + reaper.GetMediaItemInfo_Value(item, "D_LENGTH"))
  end
  return end_s > start_s and { start_s = start_s, end_s = end_s } or nil
end

--- Why REAPER cannot render now, as a sentence.
local function obstacle(project, range)
  if reaper.EnumProjects(-1) ~= project then
    return "REAPER renders only the project in front; go to its tab and balance it again."
  end
  if reaper.GetPlayState() & RECORDING ~= 0 then
    return "REAPER is recording; stop it and balance again."
  end
  if not range then
    return "The project has no items; there is nothing to render."
  end
end

local function borrow_cleanness(loan, project)
  if reaper.IsProjectDirty(project) ~= 0 then
    return
  end
  loan:on_return(function()
    if reaper.IsProjectDirty(project) ~= 0 then
      reaper.GetSetProjectInfo(project, "DIRTY", 0, true)
    end
  end)
end

local function borrow_value(loan, track, key, wanted)
  loan:borrow(reaper.GetMediaTrackInfo_Value(track, key), wanted, function(value)
    reaper.SetMediaTrackInfo_Value(track, key, value)
  end)
end

local function track_number(track)
  return math.tointeger(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER"))
end

local function numbers_of(tracks)
  local numbers = {}
  for _, track in ipairs(tracks) do
    numbers[track_number(track)] = true
  end
  return numbers
end

--- Selects exactly the tracks of some numbers; nothing is soloed, not even the master.
local function borrow_tracks(loan, project, numbers)
  local everything = tracks_of(project)
  everything[#everything + 1] = reaper.GetMasterTrack(project)
  for _, track in ipairs(everything) do
    borrow_value(loan, track, "I_SELECTED", numbers[track_number(track)] and 1 or 0)
    borrow_value(loan, track, "I_SOLO", 0)
  end
end

--- Whether REAPER, where it tells, is about to write just the files that are expected: any other
-- name could be a file that is there, and REAPER would stop and ask.
local function as_expected(project, tracks)
  local announced, numbers = settings.announced(project), numbers_of(tracks)
  if not announced then
    return true
  end
  for _, number in ipairs(announced) do
    if not numbers[number] then
      return false
    end
  end
  return #announced == #tracks
end

--- Track number → file name, of what was rendered into a folder.
local function rendered_files(folder)
  local found, index = {}, 0
  reaper.EnumerateFiles(folder, -1) -- forgets what it knew about the folder
  local name = reaper.EnumerateFiles(folder, index)
  while name do
    local number = tonumber(name:match("^" .. settings.FILE .. "$"))
    if number then
      found[math.tointeger(number)] = name
    end
    index = index + 1
    name = reaper.EnumerateFiles(folder, index)
  end
  return found
end

local function size_of(path)
  local file = io.open(path, "rb")
  if not file then
    return 0
  end
  local size = file:seek("end")
  file:close()
  return size
end

--- The renders of the tracks, or nil and why they cannot be used: a render that the user cancelled
-- leaves short files or none.
local function collect(tracks, folder, range, sample_rate_hz)
  local frames = (range.end_s - range.start_s) * sample_rate_hz - SPARE_FRAMES
  local found, renders = rendered_files(folder), {}
  for _, track in ipairs(tracks) do
    local name = found[track_number(track)]
    local file = name and files.join(folder, name)
    if not file or size_of(file) < frames * FRAME_BYTES then
      return nil, "REAPER's render was cancelled or failed; nothing was changed."
    end
    local id = reaper.GetTrackGUID(track)
    renders[#renders + 1] = { track_id = id, file = file, start_s = range.start_s }
  end
  return renders
end

local function nothing() end

local function render_all(loan, project, tracks, folder, range, borrow)
  local sample_rate_hz = reaper.GetSetProjectInfo(project, "PROJECT_SRATE", 0, false)
  borrow_cleanness(loan, project)
  borrow(loan, project)
  borrow_tracks(loan, project, numbers_of(tracks))
  settings.borrow(loan, project, settings.rows(folder, range, sample_rate_hz))
  if not as_expected(project, tracks) then
    return nil, "REAPER would not render the chosen tracks alone; set measure to pre_fx."
  end
  reaper.Main_OnCommandEx(RENDER_WITH_LAST_SETTINGS, 0, project)
  return collect(tracks, folder, range, sample_rate_hz)
end

--- Renders tracks as they arrive at their faders, in stereo, into an empty folder that exists.
-- `range` is {start_s, end_s}, or nil for all items; `borrow(loan, project)`, if given, borrows
-- what else shall be otherwise meanwhile. Gives {{track_id, file, start_s}…} with absolute paths,
-- or nil and a sentence. The window of REAPER's own renderer shows meanwhile.
function render.tracks(project, tracks, range, folder, borrow)
  range = range or items_range(project)
  local why_not = obstacle(project, range)
  if why_not then
    return nil, why_not
  end
  return Loan.during(function(loan)
    return render_all(loan, project, tracks, folder, range, borrow or nothing)
  end)
end

return render
