-- @noindex
-- What the worker answered lands in the project: only where it is still right, as one undo point.
--
-- Where not all of it can land, the answer is brought in line with what does: its title, and its
-- mix, which says how much louder one state is than the other.

local apply = require("apply")
local controls = require("controls")
local recheck = require("recheck")
local sides = require("match_sides")
local store = require("store")

local landing = {}

local ROUNDS = 3 -- somebody who keeps editing does not have the mix summed for ever
--- What is said where not all of an answer could land.
landing.UNMATCHED = "Before and after are not matched in loudness, because not every track could "
  .. "be moved as planned."

local function ids_of(rows)
  local ids = {}
  for _, row in ipairs(rows) do
    ids[row.track_id] = true
  end
  return ids
end

--- What the state before needs to be as loud as the one after, in dB; 0 where nobody knows.
function landing.match_db(mix)
  local before_lufs, after_lufs = tonumber(mix.before_lufs), tonumber(mix.after_lufs)
  return before_lufs and after_lufs and after_lufs - before_lufs or 0
end

--- The master goes back to where it was before it was moved for listening to the state before;
-- where the user moved it since, by as much as it was moved. And strips are heard again.
function landing.end_comparing(project)
  sides.end_silence(project)
  local earlier = store.before(project)
  if not (earlier and earlier.side == "before" and earlier.master_gain) then
    return
  end
  local master, match = reaper.GetMasterTrack(project), 10 ^ (earlier.match_db / 20)
  local own = reaper.GetMediaTrackInfo_Value(master, "D_VOL") / match
  local is_where_it_was = math.abs(own - earlier.master_gain) < 1e-6 * earlier.master_gain
  local gain = is_where_it_was and earlier.master_gain or own
  reaper.SetMediaTrackInfo_Value(master, "D_VOL", gain)
end

--- What the project shall remember, with the faders as they were written in the end.
local function as_made(stored, made)
  local written, rows = {}, {}
  for _, move in ipairs(made) do
    written[move.track_id] = move.after
  end
  for index, row in ipairs(stored) do
    rows[index] = {
      track_id = row.track_id,
      found = row.found,
      written = written[row.track_id] or row.written,
      hand_db = row.hand_db,
    }
  end
  return rows
end

local function check(trip, answer)
  local found = recheck.begin(trip.project, trip.session, answer.moves, trip.chunks or {})
  while not found:step(trip.budget_s) do
    trip.pause()
  end
  return found
end

--- The moves that can be made now, and those that cannot.
local function sort(trip, answer)
  local found, tracks = check(trip, answer), apply.tracks(trip.project)
  local possible, refused = apply.sort(found.moves, tracks)
  for index, move in ipairs(possible) do
    possible[index] = controls.limited(tracks[move.track_id], move)
  end
  return possible, table.move(refused, 1, #refused, #found.left_out + 1, found.left_out)
end

--- Moves as a text to compare.
local function text_of(moves)
  local words = {}
  for index, move in ipairs(moves) do
    words[index] = ("%s %s %s"):format(move.track_id, move.control, move.after)
  end
  return table.concat(words, "\n")
end

--- A title that counts tracks, stems (`word`) …, with another count.
function landing.counted(title, count, word)
  local counted = count == 1 and "1 " .. word or count .. " " .. word .. "s"
  return (title:gsub("%d+ " .. word .. "s?", counted, 1))
end

--- The mix with the moves that land, as far as it is known.
local function known(mix, possible, answer)
  if not mix and #possible > 0 then
    table.insert(answer.notes, landing.UNMATCHED)
  end
  return mix or {}
end

--- The moves that land and those left out, with the answer told of just these. Where they are not
-- all, the mix is summed anew; that takes ticks, so they are checked again afterwards.
local function settle(trip, answer)
  local mix, matched, rounds = answer.mix, text_of(answer.moves), 0
  local possible, left_out = sort(trip, answer)
  while text_of(possible) ~= matched and #possible > 0 and rounds < ROUNDS do
    mix, matched, rounds = trip.sum(possible), text_of(possible), rounds + 1
    possible, left_out = sort(trip, answer)
  end
  answer.mix = known(text_of(possible) == matched and mix or nil, possible, answer)
  if #possible ~= #answer.moves then
    answer.title = landing.counted(answer.title, #possible, "track")
  end
  return possible, left_out
end

--- Makes an answer's moves. `trip` has the project, the session and, by GUID, the chunks that were
-- measured; `pause()`, called where it takes longer than `budget_s`; and `sum(moves)`, which gives
-- the loudness of the mix without and with some moves, or nil.
-- Gives the moves made and, as {track_id, why}, those left out; or nil and what went wrong.
function landing.make(trip, answer)
  local project = trip.project
  local possible, left_out = settle(trip, answer)
  local made, message = apply.moves(project, answer.title, possible, function(made)
    landing.end_comparing(project)
    store.keep_stored(project, as_made(answer.stored, made), ids_of(left_out))
    store.keep_before(project, answer.title, landing.match_db(answer.mix), made)
  end)
  if not made then
    return nil, message
  end
  return made, left_out
end

return landing
