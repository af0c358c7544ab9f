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

--- GUID → MediaTrack of a project.
function apply.tracks(project)
  local tracks = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    tracks[reaper.GetTrackGUID(track)] = track
  end
  return tracks
end

--- Why the move cannot be written, as a sentence; nil when it can.
local function obstacle(track, move)
  if not track then
    return "It is no longer in the project."
  end
  local before, after = controls.writable(move.before), controls.writable(move.after)
  local control = WRITABLE[move.control] and controls[move.control]
  if not control or not before or not after or before == 0 then
    return "What the balance answered for it cannot be written."
  end
  return control.missing(track)
end

local function sort(moves, tracks)
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
  local made, left_out = sort(moves, tracks)
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
