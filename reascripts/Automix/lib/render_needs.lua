-- @noindex
-- Which tracks have to be rendered by REAPER to be measured as they sound.

local json = require("json")

local needs = {}

-- As reaper_automix/render/clips.py NOT_AUDIO: what only REAPER can play.
local ONLY_REAPER_PLAYS = {
  MIDI = true,
  MIDIPOOL = true,
  VIDEO = true,
  RPP_PROJECT = true,
  CLICK = true,
  LTC = true,
  REX = true,
}

local function any(list, applies)
  for _, element in ipairs(list) do
    if applies(element) then
      return true
    end
  end
  return false
end

local function sounding_takes(track)
  local takes = {}
  for _, item in ipairs(track.items) do
    for number, take in ipairs(item.takes) do
      local plays = item.all_takes_play or number == item.active_take + 1
      if plays and item.plays and not item.mute and take.source ~= json.null then
        takes[#takes + 1] = take
      end
    end
  end
  return takes
end

local function any_fx(track, applies)
  return track.fx_enabled and any(track.fx, function(fx)
    return fx.active and applies(fx)
  end)
end

local function has_instrument(track)
  return any_fx(track, function(fx)
    return fx.instrument
  end)
end

--- A receive that is heard; side chains feed channels 3 and up.
local function adds_audio(receive)
  return receive.audio and not receive.mute and receive.target_channel < 2
end

-- A track's render holds all that flows through it, so only what has a sound of its own and
-- nothing else's counts. Buses and returns are summed by the engine from what feeds them.
local function sounds_alone(track, silent)
  local sounds = has_instrument(track) or #sounding_takes(track) > 0
  return sounds and not track.folder and not silent and not any(track.receives, adds_audio)
end

-- What of a track is heard only in REAPER, in the user's words.
local REASONS = {
  { "an instrument", has_instrument },
  {
    "track FX",
    function(track, own_fx)
      local count = 0
      any_fx(track, function()
        count = count + 1
      end)
      return count > own_fx
    end,
  },
  {
    "take FX",
    function(track)
      return any(sounding_takes(track), function(take)
        return take.has_fx
      end)
    end,
  },
  {
    "media that only REAPER plays",
    function(track)
      return any(sounding_takes(track), function(take)
        return ONLY_REAPER_PLAYS[take.source.kind]
      end)
    end,
  },
}

--- What makes a track of a session depend on more than its items; nil when nothing does.
-- `own_fx` is how many of its effects are our trim, whose gain is known without a render.
function needs.reason(track, own_fx)
  for _, reason in ipairs(REASONS) do
    if reason[2](track, own_fx or 0) then
      return reason[1]
    end
  end
  return nil
end

--- Ids of tracks that are muted, or inside a folder that is.
local function silent_tracks(session)
  local silent = {}
  for _, track in ipairs(session.tracks) do -- parents come first
    silent[track.id] = track.mute or silent[track.parent_id] or false
  end
  return silent
end

-- Setting `measure` → which of the tracks that could be rendered are.
local WANTED = {
  auto = function(track, own_fx)
    return needs.reason(track, own_fx) ~= nil
  end,
  post_fx = function()
    return true
  end,
  pre_fx = function()
    return false
  end,
}

--- The setting `measure` as the user wrote it, in upper or lower case.
local function plain(measure)
  return measure:match("^%s*(.-)%s*$"):lower()
end

--- Whether anything is heard of a track as a whole: a folder's inside, or what it has or is fed.
local function sounds(track)
  return track.folder
    or has_instrument(track)
    or #sounding_takes(track) > 0
    or any(track.receives, adds_audio)
end

--- Ids, in project order, of what REAPER has to render so that stems sound as they do: a folder
-- with effects as a whole, else what in it depends on REAPER; but for the track `but_for`.
function needs.of_stems(session, measure, but_for)
  local is_wanted = WANTED[plain(measure)]
  local silent, covered, ids = silent_tracks(session), {}, {}
  for _, track in ipairs(session.tracks) do -- parents come first
    local is_heard = sounds(track) and not silent[track.id] and track.id ~= but_for
    covered[track.id] = covered[track.parent_id] or false
    if is_heard and not covered[track.id] and is_wanted(track) then
      ids[#ids + 1], covered[track.id] = track.id, true
    end
  end
  return ids
end

--- Ids, in project order, of the tracks REAPER has to render; `own_fx(id)` as for `reason`.
function needs.tracks(session, measure, own_fx)
  local is_wanted = WANTED[plain(measure)]
  local silent, ids = silent_tracks(session), {}
  for _, track in ipairs(session.tracks) do
    local alone = sounds_alone(track, silent[track.id])
    if alone and is_wanted(track, own_fx(track.id)) then
      ids[#ids + 1] = track.id
    end
  end
  return ids
end

return needs
