-- @noindex
-- Self test: what REAPER keeps for us in projects and for the user, and tracks as text.

local checks = require("selftest_checks")
local snapshot = require("snapshot")

local SECTION = "AUTOMIX_SELF_TEST"

local function chunk_of(track)
  local _, chunk = reaper.GetTrackStateChunk(track, "", false)
  return chunk
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

--- First words of the lines that only one of two texts has, each once.
local function differing_keys(before, after)
  local keys, seen = {}, {}
  for _, pair in ipairs({ { before, after }, { after, before } }) do
    for _, line in ipairs(lines_of(pair[1])) do
      local key = line:match("%S+")
      if not seen[key] and not ("\n" .. pair[2]):find("\n" .. line .. "\n", 1, true) then
        keys[#keys + 1], seen[key] = key, true
      end
    end
  end
  table.sort(keys)
  return keys
end

local function change_looks(track)
  reaper.SetMediaTrackInfo_Value(track, "D_VOL", 0.7)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "other", true)
  reaper.SetTrackColor(track, reaper.ColorToNative(10, 20, 30))
  reaper.SetTrackSelected(track, true)
end

local function restore_looks(track, name)
  reaper.SetMediaTrackInfo_Value(track, "D_VOL", 1)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", name, true)
  reaper.SetMediaTrackInfo_Value(track, "I_CUSTOMCOLOR", 0)
  reaper.SetTrackSelected(track, false)
end

local function fingerprint(stage, track)
  return snapshot.fingerprint(snapshot.track(stage.project, track))
end

return {
  {
    name = "ext state of a project keeps keys that are GUIDs, in whichever case",
    why = "the state before a balance is kept by track",
    check = function(stage)
      local key = "{0A0B0C0D-0000-4000-8000-00000000000F}"
      reaper.SetProjExtState(stage.project, SECTION, key, "0.5 0.25")
      local _, value = reaper.GetProjExtState(stage.project, SECTION, key)
      local _, found = reaper.EnumProjExtState(stage.project, SECTION, 0)
      reaper.SetProjExtState(stage.project, SECTION, "", "")
      return checks.same({ value, found:upper() }, { "0.5 0.25", key })
    end,
  },
  {
    name = "a section of ext state is removed as a whole",
    why = "restoring forgets the state before a balance",
    check = function(stage)
      reaper.SetProjExtState(stage.project, SECTION, "A", "1")
      reaper.SetProjExtState(stage.project, SECTION, "", "")
      return checks.same({ reaper.EnumProjExtState(stage.project, SECTION, 0) }, { false })
    end,
  },
  {
    name = "ext state of a track",
    why = "a track remembers the gain that a balance put on its items",
    check = function(stage)
      local track = stage:track("plain")
      local call = reaper.GetSetMediaTrackInfo_String
      call(track, "P_EXT:automix_items", "0.5", true)
      local _, kept = call(track, "P_EXT:automix_items", "", false)
      call(track, "P_EXT:automix_items", "", true)
      local _, removed = call(track, "P_EXT:automix_items", "", false)
      return checks.same({ kept, removed }, { "0.5", "" })
    end,
  },
  {
    name = "ext state of the user is kept and forgotten",
    why = "settings are kept in it by name",
    check = function()
      reaper.SetExtState("automix_self_test", "name", "value", false)
      local kept = reaper.GetExtState("automix_self_test", "name")
      reaper.DeleteExtState("automix_self_test", "name", false)
      return checks.same(
        { kept, reaper.HasExtState("automix_self_test", "name") },
        { "value", false }
      )
    end,
  },
  {
    name = "the text of a track is the same twice",
    why = "renders are kept by it",
    check = function(stage)
      local track = stage:track("effect")
      return checks.same(chunk_of(track) == chunk_of(track), true)
    end,
  },
  {
    name = "fader, name, colour and selection are lines of their own in the text of a track",
    why = "renders are kept while only these change",
    check = function(stage)
      local track = stage:track("effect")
      local before = chunk_of(track)
      change_looks(track)
      local keys = differing_keys(before, chunk_of(track))
      restore_looks(track, "effect")
      return checks.same(keys, { "NAME", "PEAKCOL", "SEL", "VOLPAN" })
    end,
  },
  {
    name = "the fingerprint of a track sees its fader, not its looks",
    why = "results are applied only to tracks that are as they were measured",
    check = function(stage)
      local track = stage:track("effect")
      local before = fingerprint(stage, track)
      change_looks(track)
      local moved = fingerprint(stage, track)
      reaper.SetMediaTrackInfo_Value(track, "D_VOL", 1)
      local back = fingerprint(stage, track)
      restore_looks(track, "effect")
      return checks.same({ before ~= moved, before == back }, { true, true })
    end,
  },
}
