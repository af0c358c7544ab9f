-- @noindex
-- The render settings of a project while it renders what arrives at some faders.

local settings = {}

local SELECTED_TRACKS = 2 -- stems only, without the master
local PRE_FADER = 8192
local CUSTOM_BOUNDS = 0
local WAV_32_BIT_FLOAT = "ZXZhdyAAAA==" -- "evaw", 32, 0, 0; the self test reads a file's header
local STEREO = 2

--- What every file of this module's renders is called; the track's number takes its capture.
settings.FILE = "automix%-0*(%d+)%.wav"
-- Names of tracks are neither unique nor always allowed as file names; their numbers are both.
local PATTERN = "automix-$tracknumber"

--- The settings for files in `folder` of `range` ({start_s, end_s}) at a sample rate.
-- Times come before the bounds that make them count.
function settings.rows(folder, range, sample_rate_hz)
  return {
    { "RENDER_FILE", folder },
    { "RENDER_PATTERN", PATTERN },
    { "RENDER_EXTRAFILEDIR", "" },
    { "RENDER_FORMAT", WAV_32_BIT_FLOAT },
    { "RENDER_FORMAT2", "" },
    { "RENDER_SETTINGS", SELECTED_TRACKS + PRE_FADER },
    { "RENDER_STARTPOS", range.start_s },
    { "RENDER_ENDPOS", range.end_s },
    { "RENDER_BOUNDSFLAG", CUSTOM_BOUNDS },
    { "RENDER_TAILFLAG", 0 },
    { "RENDER_CHANNELS", STEREO },
    { "RENDER_SRATE", sample_rate_hz },
    { "RENDER_ADDTOPROJ", 0 },
    { "RENDER_DITHER", 0 },
    { "RENDER_NORMALIZE", 0 }, -- also turns off limiting, fades, trimming and padding
    { "RENDER_DELAY", 0 },
  }
end

local function number(project, key)
  return reaper.GetSetProjectInfo(project, key, 0, false),
    function(value)
      reaper.GetSetProjectInfo(project, key, value, true)
    end
end

local function text(project, key)
  local _, found = reaper.GetSetProjectInfo_String(project, key, "", false)
  return found, function(value)
    reaper.GetSetProjectInfo_String(project, key, value, true)
  end
end

local BY_TYPE = { number = number, string = text }

--- Borrows the settings from the project's user.
function settings.borrow(loan, project, rows)
  for _, row in ipairs(rows) do
    local key, wanted = row[1], row[2]
    local found, set = BY_TYPE[type(wanted)](project, key)
    loan:borrow(found, wanted, set)
  end
end

--- Numbers of the tracks that REAPER says it would write files of; nil where it does not say.
function settings.announced(project)
  local ok, targets = reaper.GetSetProjectInfo_String(project, "RENDER_TARGETS", "", false)
  if not ok or targets == "" then
    return nil
  end
  local numbers = {}
  for digits in targets:gmatch(settings.FILE) do
    numbers[#numbers + 1] = math.tointeger(tonumber(digits))
  end
  return numbers
end

return settings
