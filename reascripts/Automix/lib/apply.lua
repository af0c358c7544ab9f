-- @noindex
-- Applies moves to a project: tracks by GUID, one undo point, nothing half done.

local controls = require("controls")
local undo = require("undo")

local apply = {}

local WRITABLE = { fader = true, items = true, trim = true, envelope = true }
local NEGLIGIBLE = 1e-9
local WRITTEN_ELSEWHERE = { "items", "trim", "envelope" }

--- What earlier balances put elsewhere than on the fader: {{control, gain}…}, gains that are not 1.
function apply.elsewhere(track)
  local list = {}
  for _, control in ipairs(WRITTEN_ELSEWHERE) do
    local gain = controls[control].gain(track)
    if math.abs(gain - 1) > NEGLIGIBLE then
      list[#list + 1] = { control = control, gain = gain }
    end
  end
  return list
end

--- What these add on a track: its virtual fader is the real one times that.
function apply.added(track)
  local gain = 1
  for _, row in ipairs(apply.elsewhere(track)) do
    gain = gain * row.gain
  end
  return gain
end

--- GUID → MediaTrack of a project.
function apply.tracks(project)
  local tracks = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    tracks[reaper.GetTrackGUID(track)] = track
  end
  return tracks
end

--- Whether a move is one that can be written at all. Only a fader opens and closes: what another
-- control was closed with could not be taken back.
local function is_possible(move)
  return WRITABLE[move.control]
    and controls.is_gain(move.before)
    and controls.is_gain(move.after)
    and (move.control == "fader" or move.before > 0 and move.after > 0)
end

--- Why the move cannot be written, as a sentence; nil when it can.
local function obstacle(track, move)
  if not track then
    return "It is no longer in the project."
  end
  if not is_possible(move) then
    return "What the balance answered for it cannot be written."
  end
  return controls[move.control].missing(track, move)
end

--- The moves that can be written to these tracks, and as {track_id, why} those that cannot.
function apply.sort(moves, tracks)
  local possible, left_out = {}, {}
  for _, move in ipairs(moves) do
    local why = obstacle(tracks[move.track_id], move)
    if why then
      left_out[#left_out + 1] = { track_id = move.track_id, why = why }
    else
      possible[#possible + 1] = move
    end
  end
  return possible, left_out
end

--- Makes moves as one undo point named `title`; none when there is nothing to make.
-- `also(made, left_out)`, if given, runs inside the same undo point. Gives the moves made and, as
-- {track_id, why}, those left out; or nil and what went wrong, with the project as it was.
function apply.moves(project, title, moves, also)
  local tracks = apply.tracks(project)
  local made, left_out = apply.sort(moves, tracks)
  if #made == 0 then
    return made, left_out
  end
  local ok, message = undo.block(project, title, function()
    for _, move in ipairs(made) do
      controls[move.control].write(tracks[move.track_id], move)
    end
    if also then
      also(made, left_out)
    end
  end)
  if not ok then
    return nil, message
  end
  return made, left_out
end

return apply
