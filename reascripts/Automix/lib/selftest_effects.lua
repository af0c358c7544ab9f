-- @noindex
-- Self test: effects, and the plug-in that is used as a trim before the fader.

local checks = require("selftest_checks")
local controls = require("controls")

local VOLUME = "JS:utility/volume"
local INSTRUMENT = "ReaSynth"
local ALWAYS_ADD = -1

--- What `look(track, fx)` gives of an effect on an empty track, which is removed afterwards.
local function with_effect(stage, plugin, look)
  local track = stage:track("spare 1")
  local fx = reaper.TrackFX_AddByName(track, plugin, false, ALWAYS_ADD)
  assert(fx >= 0, plugin .. " is not there")
  local ok, seen = pcall(look, track, fx)
  reaper.TrackFX_Delete(track, fx)
  return assert(ok and seen, seen)
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
}
