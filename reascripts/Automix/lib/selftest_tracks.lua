-- @noindex
-- Self test: tracks, faders, folders, groups.

local apply = require("apply")
local checks = require("selftest_checks")
local undo = require("undo")

local FADER_TOP = 10 ^ (12 / 20)
local FIRST_GROUP = 1
local ALL_STATES, NO_EFFECT = -1, -1

local function value(stage, name, key)
  return reaper.GetMediaTrackInfo_Value(stage:track(name), key)
end

local function depths(project)
  local list = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    list[index + 1] =
      reaper.GetMediaTrackInfo_Value(reaper.GetTrack(project, index), "I_FOLDERDEPTH")
  end
  return list
end

local function set_group(stage, name, role, on)
  reaper.GetSetTrackGroupMembership(stage:track(name), role, FIRST_GROUP, on and FIRST_GROUP or 0)
end

local ROLES = { "VOLUME_LEAD", "VOLUME_VCA_LEAD" }

--- Puts "gains" under "plain" in a group, as a follower and as a VCA follower, or takes it out.
local function set_groups(stage, on)
  for _, role in ipairs(ROLES) do
    set_group(stage, "plain", role, on)
    set_group(stage, "gains", role:gsub("LEAD", "FOLLOW"), on)
  end
end

--- The faders of "plain" and "gains" after the first was moved, which is moved back.
local function moved_faders(stage)
  reaper.SetMediaTrackInfo_Value(stage:track("plain"), "D_VOL", 0.25)
  local seen = { value(stage, "plain", "D_VOL"), value(stage, "gains", "D_VOL") }
  reaper.SetMediaTrackInfo_Value(stage:track("plain"), "D_VOL", 0.5)
  reaper.SetMediaTrackInfo_Value(stage:track("gains"), "D_VOL", 1)
  return seen
end

return {
  {
    name = "a fader is linear, with pan beside it",
    why = "faders are read and written as D_VOL",
    check = function(stage)
      return checks.same(
        { value(stage, "plain", "D_VOL"), value(stage, "plain", "D_PAN") },
        { 0.5, 0.3 }
      )
    end,
  },
  {
    name = "setting a fader moves no other selected track",
    why = "a balance writes each track alone",
    check = function(stage)
      reaper.SetTrackSelected(stage:track("gains"), true)
      local seen = moved_faders(stage)
      reaper.SetTrackSelected(stage:track("gains"), false)
      return checks.same(seen, { 0.25, 1 })
    end,
  },
  {
    name = "setting a fader in a group moves no other member, VCA or not",
    why = "a balance writes each track alone",
    check = function(stage)
      set_groups(stage, true)
      local seen = moved_faders(stage)
      set_groups(stage, false)
      return checks.same(seen, { 0.25, 1 })
    end,
  },
  {
    name = "group membership reads back",
    why = "members of groups and VCA followers keep their fader",
    check = function(stage)
      local read = reaper.GetSetTrackGroupMembership
      set_groups(stage, true)
      local follower = read(stage:track("gains"), "VOLUME_VCA_FOLLOW", 0, 0)
      local leader = read(stage:track("plain"), "VOLUME_VCA_LEAD", 0, 0)
      set_groups(stage, false)
      return checks.same({ follower, leader }, { FIRST_GROUP, FIRST_GROUP })
    end,
  },
  {
    name = "a fader takes exactly what is written, also at its top and bottom",
    why = "restoring puts back the very number that was there",
    check = function(stage)
      local track, seen = stage:track("spare 1"), {}
      for _, gain in ipairs({ FADER_TOP, 0, 0.123456789012, 1 }) do
        reaper.SetMediaTrackInfo_Value(track, "D_VOL", gain)
        local error_size = math.abs(reaper.GetMediaTrackInfo_Value(track, "D_VOL") - gain)
        seen[#seen + 1] = error_size < 1e-13
      end
      return checks.same(seen, { true, true, true, true })
    end,
  },
  {
    name = "automation modes by number",
    why = "faders that automation drives are left alone",
    check = function(stage)
      local track = stage:track("reading")
      local by_key = reaper.GetMediaTrackInfo_Value(track, "I_AUTOMODE")
      return checks.same({ by_key, reaper.GetTrackAutomationMode(track) }, { 1, 1 })
    end,
  },
  {
    name = "mute and solo by key",
    why = "what is muted is not measured, and solos are set aside while rendering",
    check = function(stage)
      local solo = value(stage, "soloed", "I_SOLO")
      return checks.same({ value(stage, "muted", "B_MUTE"), solo > 0 }, { 1, true })
    end,
  },
  {
    name = "folders by depth",
    why = "tracks are balanced inside their folders",
    check = function(stage)
      local list = { "folder", "child 1", "child 2" }
      local seen, parents = {}, {}
      for index, name in ipairs(list) do
        local track = stage:track(name)
        seen[index] = reaper.GetMediaTrackInfo_Value(track, "I_FOLDERDEPTH")
        parents[index] = reaper.GetParentTrack(track) == stage:track("folder")
      end
      return checks.same({ seen, parents }, { { 1, 0, -1 }, { false, true, true } })
    end,
  },
  {
    name = "a track moved by ReorderSelectedTracks keeps its depth, and so do the others",
    why = "grouping sets the depths itself after putting tracks in order",
    check = function(stage)
      local before, track = depths(stage.project), stage:track("spare 2")
      local number = math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER"))
      reaper.SetOnlyTrackSelected(track)
      reaper.ReorderSelectedTracks(number - 2, 0)
      local moved = reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")
      local after = depths(stage.project)
      reaper.ReorderSelectedTracks(number, 0)
      return checks.same({ moved, after }, { number - 1, before })
    end,
  },
  {
    name = "a new track is at the place asked for",
    why = "a stem's folder goes before its first track",
    check = function(stage)
      reaper.InsertTrackAtIndex(1, false)
      local track = reaper.GetTrack(stage.project, 1)
      local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
      local was_new = name == ""
      reaper.DeleteTrack(track)
      return checks.same(was_new, true)
    end,
  },
  {
    name = "a deleted track is no valid pointer any more",
    why = "results are applied only to tracks that are still there",
    check = function(stage)
      reaper.InsertTrackAtIndex(0, false)
      local track = reaper.GetTrack(stage.project, 0)
      local before = reaper.ValidatePtr2(stage.project, track, "MediaTrack*")
      reaper.DeleteTrack(track)
      local after = reaper.ValidatePtr2(stage.project, track, "MediaTrack*")
      return checks.same({ before, after }, { true, false })
    end,
  },
  {
    name = "track numbers count from 1, the master's is -1",
    why = "renders are told apart by the number in their file name",
    check = function(stage)
      local master = reaper.GetMasterTrack(stage.project)
      local number = reaper.GetMediaTrackInfo_Value(master, "IP_TRACKNUMBER")
      return checks.same({ value(stage, "plain", "IP_TRACKNUMBER"), number }, { 1, -1 })
    end,
  },
  {
    name = "the master's fader and pan",
    why = "the whole mix is summed with them",
    check = function(stage)
      local master, read = reaper.GetMasterTrack(stage.project), reaper.GetMediaTrackInfo_Value
      return checks.same({ read(master, "D_VOL"), read(master, "D_PAN") }, { 0.5, 0.25 })
    end,
  },
  {
    name = "undo gives back faders, order and ext state, and tracks by their GUID",
    why = "one undo takes a whole balance back",
    check = function(stage)
      local track = stage:track("plain")
      local id = reaper.GetTrackGUID(track)
      reaper.Undo_OnStateChangeEx2(stage.project, "Automix: until here", ALL_STATES, NO_EFFECT)
      local _, before = reaper.GetTrackStateChunk(track, "", false)
      undo.block(stage.project, "Automix: self test", function()
        reaper.SetMediaTrackInfo_Value(track, "D_VOL", 0.125)
        reaper.GetSetMediaTrackInfo_String(track, "P_EXT:automix_items", "2", true)
        reaper.SetProjExtState(stage.project, "AUTOMIX_SELF_TEST", "KEY", "value")
      end)
      local title = reaper.Undo_CanUndo2(stage.project)
      reaper.Undo_DoUndo2(stage.project)
      local _, after = reaper.GetTrackStateChunk(apply.tracks(stage.project)[id], "", false)
      local left = reaper.GetProjExtState(stage.project, "AUTOMIX_SELF_TEST", "KEY")
      return checks.same({ title, after == before, left }, { "Automix: self test", true, 0 })
    end,
  },
}
