-- @noindex
-- Self test: REAPER's own renderer as post-FX measuring uses it, and the time line that the engine
-- plays by itself.

local checks = require("selftest_checks")
local controls = require("controls")
local render = require("render")
local settings = require("render_settings")
local wav = require("selftest_wav")

local HEARD = {
  "plain",
  "gains",
  "offset",
  "rate",
  "unlooped",
  "looped",
  "backwards",
  "section",
  "fade",
  "soloed",
  "riding",
  "rode before",
  "effect",
  "trimmed",
  "midi",
}
local CLOSE, SILENT = 0.05, 0.001
local RANGE = { start_s = 0.2, end_s = 0.6 }
local SETTINGS = settings.rows("", RANGE, 0)

--- What sounds different than its items: an effect, our own trim, an instrument.
local function put_effects(stage)
  local effect = stage:track("effect")
  local fx = reaper.TrackFX_AddByName(effect, "JS:utility/volume", false, -1)
  reaper.TrackFX_SetParam(effect, fx, 0, -6)
  controls.trim.write(stage:track("trimmed"), { before = 1, after = 0.5 })
  reaper.TrackFX_AddByName(stage:track("midi"), "ReaSynth", false, -1)
end

--- Name → sound of tracks as REAPER renders them.
local function render_tracks(stage, names, range)
  local tracks, sounds = {}, {}
  for index, name in ipairs(names) do
    tracks[index] = stage:track(name)
  end
  local list = assert(render.tracks(stage.project, tracks, range, stage:new_folder()))
  for index, rendered in ipairs(list) do
    sounds[names[index]] = assert(wav.read(rendered.file))
  end
  return sounds
end

--- The sounds of all tracks, rendered once.
local function sounds_of(stage)
  if not stage.sounds then
    put_effects(stage)
    stage.sounds = render_tracks(stage, HEARD)
  end
  return stage.sounds
end

--- A row: at `time_s` the track plays `gain` times the tone's n-th step; 0 is silence.
local function heard(name, track, time_s, step, gain, why)
  return {
    name = name,
    why = why,
    check = function(stage)
      local peak = sounds_of(stage)[track]:peak(time_s)
      if step == 0 then
        return peak < SILENT, ("%.4f"):format(peak)
      end
      return checks.near(peak, wav.level(step) * gain, CLOSE)
    end,
  }
end

local PLACED = "the engine places items so without REAPER"
local ARRIVES = "levels are measured as they arrive at the fader"

local function numbers_and_texts(project)
  local seen = {}
  for index, row in ipairs(SETTINGS) do
    local is_text = type(row[2]) == "string"
    local _, text = reaper.GetSetProjectInfo_String(project, row[1], "", false)
    seen[index] = is_text and text or reaper.GetSetProjectInfo(project, row[1], 0, false)
  end
  return seen
end

local function selection(project)
  local selected = {}
  for index = 0, reaper.CountSelectedTracks2(project, true) - 1 do
    selected[index + 1] = reaper.GetTrackGUID(reaper.GetSelectedTrack2(project, index, true))
  end
  return selected
end

return {
  {
    name = "one file per track, told apart by its track's number",
    why = "track names may occur twice or be no file names",
    check = function(stage)
      local count = 0
      for _ in pairs(sounds_of(stage)) do
        count = count + 1
      end
      return checks.same(count, #HEARD)
    end,
  },
  {
    name = "the files' format",
    why = "nothing is lost above 0 dB",
    check = function(stage)
      local format = sounds_of(stage).plain:format()
      return checks.same(format, "float 32 bit, 2 channels, 48000 Hz")
    end,
  },
  heard("fader and pan are not in a render", "plain", 0.5, 6, 1, ARRIVES),
  heard("item and take gain are in a render", "gains", 0.5, 6, 0.25, ARRIVES),
  heard("track FX are in a render", "effect", 0.5, 6, 10 ^ (-6 / 20), ARRIVES),
  heard("our own trim is in a render", "trimmed", 0.5, 6, 0.5, "it is divided out again"),
  heard("the volume envelope is not in a render", "riding", 0.5, 6, 1, ARRIVES),
  heard("the pre-FX volume envelope is in a render", "rode before", 0.5, 6, 0.25, ARRIVES),
  heard("a solo is set aside", "unlooped", 0.2, 3, 1, "a solo is for listening"),
  heard("an offset starts inside the source", "offset", 0, 4, 1, PLACED),
  heard("rate 2 plays twice as fast", "rate", 0.2, 6, 1, PLACED),
  heard("an item that does not loop is silent after its source", "unlooped", 1.2, 0, 0, PLACED),
  heard("an item that loops begins again", "looped", 1.2, 3, 1, PLACED),
  heard("a reversed source plays from its end", "backwards", 0, 10, 1, PLACED),
  heard("a part of a source plays from its start", "section", 0.1, 4, 1, PLACED),
  heard("a linear fade-in rises with time", "fade", 0.4, 5, 0.48, PLACED),
  {
    name = "a MIDI item is heard through its instrument",
    why = "instruments become measurable this way",
    check = function(stage)
      local peak = sounds_of(stage).midi:peak(0.3)
      return peak > SILENT, ("%.4f"):format(peak)
    end,
  },
  {
    name = "a render of a range starts and ends with it",
    why = "renders are placed on the time line",
    check = function(stage)
      local sound = render_tracks(stage, { "soloed" }, RANGE).soloed
      local seen = { sound:length_s(), sound:peak(0.1) / wav.level(4) }
      local ok = math.abs(seen[1] - 0.4) < 1e-4 and math.abs(seen[2] - 1) < CLOSE
      return ok, ("%.4f s long, %.3f of the step's level"):format(seen[1], seen[2])
    end,
  },
  {
    name = "render settings, selection and a clean project are as before a render",
    why = "the user's own settings are only borrowed",
    check = function(stage)
      sounds_of(stage) -- puts effects on tracks, so it has to be done by now
      reaper.GetSetProjectInfo(stage.project, "DIRTY", 0, true)
      local before = { numbers_and_texts(stage.project), selection(stage.project) }
      render_tracks(stage, { "gains" }, RANGE)
      local after = { numbers_and_texts(stage.project), selection(stage.project) }
      local ok, seen = checks.same(after, before)
      local dirty = reaper.IsProjectDirty(stage.project)
      return ok and dirty == 0, seen .. ", changed: " .. dirty
    end,
  },
  {
    name = "REAPER tells beforehand which files it would write",
    why = "nothing is rendered over a file that is there",
    check = function(stage)
      local ok, targets =
        reaper.GetSetProjectInfo_String(stage.project, "RENDER_TARGETS", "", false)
      return ok, targets
    end,
  },
}
