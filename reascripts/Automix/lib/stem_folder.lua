-- @noindex
-- A new folder that changes nothing on the way of what passes through it.

local tree = require("tree")

local stem_folder = {}

-- A new track may start with the user's defaults. The law's centre gain is 1 (0 dB), as what
-- enters the folder went through the project's pan law already.
local NEUTRAL = {
  { "D_VOL", 1 },
  { "D_PAN", 0 },
  { "D_WIDTH", 1 },
  { "D_PANLAW", 1 },
  { "B_MUTE", 0 },
  { "B_PHASE", 0 },
  { "B_MAINSEND", 1 },
}

--- Channels that a track fills in the folder it lies in.
local function reach(track)
  local sent = tree.whole(track, "C_MAINSEND_NCH") -- 0: all
  local width = sent > 0 and sent or tree.whole(track, "I_NCHAN")
  return tree.whole(track, "C_MAINSEND_OFFS") + width
end

local function widest(tracks)
  local channels = 2
  for _, track in ipairs(tracks) do
    channels = math.max(channels, reach(track))
  end
  return channels + channels % 2
end

--- A new track at a place, counted from 1, ready to be the folder of these tracks.
function stem_folder.insert(project, place, name, tracks)
  reaper.InsertTrackAtIndex(place - 1, false)
  local folder = reaper.GetTrack(project, place - 1)
  reaper.GetSetMediaTrackInfo_String(folder, "P_NAME", name, true)
  reaper.SetMediaTrackInfo_Value(folder, "I_NCHAN", widest(tracks))
  for _, row in ipairs(NEUTRAL) do
    reaper.SetMediaTrackInfo_Value(folder, row[1], row[2])
  end
  return folder
end

return stem_folder
