-- @noindex
-- Self test: volume envelopes and how their points are scaled.

local checks = require("selftest_checks")

local FADER = 1 -- scaling mode
local FADER_TOP = 10 ^ 0.6 / 2
local UNITY = 716.2178503126559
local PRECISE = 1e-6

local function envelope(stage, name, kind)
  return reaper.GetTrackEnvelopeByChunkName(stage:track(name), kind)
end

local function point_gain(volume)
  local _, _, raw = reaper.GetEnvelopePoint(volume, 0)
  return reaper.ScaleFromEnvelopeMode(reaper.GetEnvelopeScalingMode(volume), raw)
end

return {
  {
    name = "volume envelopes are found by their name in the file",
    why = "their name on screen depends on the language",
    check = function(stage)
      local seen = {}
      for index, kind in ipairs({ "<VOLENV2", "<VOLENV", "<VOLENV3" }) do
        seen[index] = envelope(stage, "riding", kind) ~= nil
      end
      return checks.same(seen, { true, false, false })
    end,
  },
  {
    name = "an active envelope says so",
    why = "a bypassed one is not heard",
    check = function(stage)
      local volume = envelope(stage, "riding", "<VOLENV2")
      local _, active = reaper.GetSetEnvelopeInfo_String(volume, "ACTIVE", "", false)
      return checks.same({ active, reaper.GetEnvelopeScalingMode(volume) }, { "1", FADER })
    end,
  },
  {
    name = "a point's value is scaled, its gain in the file is linear",
    why = "envelopes are read from the file as well as from the API",
    check = function(stage)
      return checks.near(point_gain(envelope(stage, "riding", "<VOLENV2")), 0.25, PRECISE)
    end,
  },
  {
    name = "fader scaling has 0 dB at 716.2178…",
    why = "moving envelopes and what lies between their points follows this law",
    check = function()
      return checks.near(reaper.ScaleToEnvelopeMode(FADER, 1), UNITY, PRECISE)
    end,
  },
  {
    name = "fader scaling is (x³ + x⁶) · 10^0.6 / 2",
    why = "moving envelopes and what lies between their points follows this law",
    check = function()
      local x = 0.5
      local gain = reaper.ScaleFromEnvelopeMode(FADER, 1000 * x)
      return checks.near(gain, FADER_TOP * (x ^ 3 + x ^ 6), PRECISE)
    end,
  },
  {
    name = "a point that is written lands as its linear gain in the file",
    why = "a balance may move every point of an envelope",
    check = function(stage)
      local volume = envelope(stage, "riding", "<VOLENV2")
      local raw = reaper.ScaleToEnvelopeMode(FADER, 0.125)
      reaper.SetEnvelopePoint(volume, 0, 0, raw, 0, 0, false, true)
      local _, chunk = reaper.GetEnvelopeStateChunk(volume, "", false)
      local gain = tonumber(chunk:match("\nPT %S+ (%S+)")) or 0
      reaper.SetEnvelopePoint(
        volume,
        0,
        0,
        reaper.ScaleToEnvelopeMode(FADER, 0.25),
        0,
        0,
        false,
        true
      )
      return checks.near(gain, 0.125, PRECISE)
    end,
  },
  {
    name = "no global automation override in a new project",
    why = "an override decides for every track whether its fader is its own",
    check = function()
      return checks.same(reaper.GetGlobalAutomationOverride(), -1)
    end,
  },
}
