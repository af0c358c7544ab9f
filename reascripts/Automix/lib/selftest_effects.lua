-- @noindex
-- Self test: effects, and the plug-in that is used as a trim before the fader.

local checks = require("selftest_checks")
local controls = require("controls")
local rows = require("strip_rows")
local strips = require("strips")

local VOLUME = "JS:utility/volume"
local INSTRUMENT = "ReaSynth"
local ALWAYS_ADD = -1
local LOOKAHEAD_S = 2048 / 44100 -- of a stem's strip, as reaper_automix/match/console/offline.py

--- What `look(track, fx)` gives of an effect on a track, which is removed afterwards.
local function with_effect_on(track, plugin, look)
  local fx = reaper.TrackFX_AddByName(track, plugin, false, ALWAYS_ADD)
  assert(fx >= 0, plugin .. " is not there")
  local ok, seen = pcall(look, track, fx)
  reaper.TrackFX_Delete(track, fx)
  return assert(ok and seen, seen)
end

--- The same on an empty track.
local function with_effect(stage, plugin, look)
  return with_effect_on(stage:track("spare 1"), plugin, look)
end

local function strip_plugin()
  return "JS:" .. assert(strips.place(), "Automix Strip is not installed")
end

--- The number of a slider of our strip, counted from 0.
local function slider(name)
  for place, row in ipairs(rows) do
    if row[1] == name then
      return place - 1
    end
  end
end

return {
  {
    name = "REAPER's own volume plug-in has its gain in dB at parameter 0",
    why = "the trim before the fader is written there",
    check = function(stage)
      local seen = with_effect(stage, VOLUME, function(track, fx)
        reaper.TrackFX_SetParam(track, fx, 0, -6)
        local value = reaper.TrackFX_GetParam(track, fx, 0)
        local _, shown = reaper.TrackFX_GetFormattedParamValue(track, fx, 0)
        return { value, tonumber(shown:match("%-?[%d.]+")) }
      end)
      return checks.same(seen, { -6, -6 })
    end,
  },
  {
    name = "the plug-in's ceiling at parameter 1 can be raised above 0 dB",
    why = "a trim must not clip",
    check = function(stage)
      local seen = with_effect(stage, VOLUME, function(track, fx)
        local _, _, highest = reaper.TrackFX_GetParam(track, fx, 1)
        return { highest > 0, highest }
      end)
      return seen[1], seen[2]
    end,
  },
  {
    name = "a new effect is the last in its chain",
    why = "the trim comes after all other effects",
    check = function(stage)
      local places = with_effect(stage, VOLUME, function(track, first)
        local second = reaper.TrackFX_AddByName(track, VOLUME, false, ALWAYS_ADD)
        local count = reaper.TrackFX_GetCount(track)
        reaper.TrackFX_Delete(track, second)
        return { first, second, count }
      end)
      return checks.same(places, { 0, 1, 2 })
    end,
  },
  {
    name = "an effect keeps the name it is given",
    why = "our trim is found again by its name",
    check = function(stage)
      local name = with_effect(stage, VOLUME, function(track, fx)
        reaper.TrackFX_SetNamedConfigParm(track, fx, "renamed_name", "Automix trim")
        local _, renamed = reaper.TrackFX_GetNamedConfigParm(track, fx, "renamed_name")
        return renamed
      end)
      return checks.same(name, "Automix trim")
    end,
  },
  {
    name = "a trim that is written reads back",
    why = "a later balance starts from it",
    check = function(stage)
      local track = stage:track("spare 2")
      controls.trim.write(track, { before = 1, after = 0.5 })
      local gain = controls.trim.gain(track)
      reaper.TrackFX_Delete(track, reaper.TrackFX_GetCount(track) - 1)
      return checks.near(gain, 0.5, 1e-9)
    end,
  },
  {
    name = "an instrument is told from an effect",
    why = "tracks of instruments are rendered by REAPER before they are measured",
    check = function(stage)
      local places = with_effect(stage, INSTRUMENT, function(track, fx)
        local _, name = reaper.TrackFX_GetFXName(track, fx)
        return { reaper.TrackFX_GetInstrument(track) == fx, name:find("^%a+i:") ~= nil }
      end)
      return checks.same(places, { true, true })
    end,
  },
  {
    name = "our strip is told by the name of its file",
    why = "a match updates the strip that is there instead of adding another",
    check = function(stage)
      local found = with_effect(stage, strip_plugin(), function(track, fx)
        return { strips.find(track) == fx, strips.is_on(track) }
      end)
      return checks.same(found, { true, true })
    end,
  },
  {
    name = "the parameters of our strip are its sliders, in dB and with their ranges",
    why = "a match sets them by number",
    check = function(stage)
      local seen = with_effect(stage, strip_plugin(), function(track, fx)
        local threshold = slider("threshold_db")
        reaper.TrackFX_SetParam(track, fx, threshold, -35.5)
        local value, low, high = reaper.TrackFX_GetParam(track, fx, threshold)
        return { reaper.TrackFX_GetNumParams(track, fx) >= #rows, value, low, high }
      end)
      return checks.same(seen, { true, -35.5, -120, 60 })
    end,
  },
  {
    name = "a strip that is written reads back, each slider as it was set",
    why = "what stands otherwise is taken for a move by hand",
    check = function(stage)
      local seen = with_effect(stage, strip_plugin(), function(track)
        local values = strips.read(track)
        values[slider("ratio") + 1], values[slider("peak_1_hz") + 1] = 2.345, 433.25
        strips.write(track, values)
        return { strips.is_same(strips.read(track), values) }
      end)
      return checks.same(seen, { true })
    end,
  },
  {
    name = "our strip has the parameters by which it is told where REAPER tells no file",
    why = "before REAPER 6.37 a strip that was renamed is found by them",
    check = function(stage)
      local seen = with_effect(stage, strip_plugin(), strips.has_our_parameters)
      return checks.same(seen, true)
    end,
  },
  {
    name = "our strip tells REAPER by how much it is late",
    why = "REAPER delays the other tracks by that, so that a matched stem stays in time",
    check = function(stage)
      local rate_hz = reaper.GetSetProjectInfo(stage.project, "PROJECT_SRATE", 0, false)
      local seen = with_effect(stage, strip_plugin(), function(track, fx)
        local is_told, frames = reaper.TrackFX_GetNamedConfigParm(track, fx, "pdc")
        return { is_told and tonumber(frames) }
      end)
      return checks.same(seen[1], math.floor(LOOKAHEAD_S * rate_hz + 0.5))
    end,
  },
  {
    name = "the master takes our strip as a track does",
    why = "a match sets a strip on the master",
    check = function(stage)
      local master = reaper.GetMasterTrack(stage.project)
      local seen = with_effect_on(master, strip_plugin(), function(track, fx)
        return { strips.find(track) == fx, #strips.read(track) == #rows }
      end)
      return checks.same(seen, { true, true })
    end,
  },
}
