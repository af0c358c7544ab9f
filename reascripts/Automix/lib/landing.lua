-- @noindex
-- What the worker answered lands in the project: only where it is still right, as one undo point.

local apply = require("apply")
local recheck = require("recheck")
local store = require("store")

local landing = {}

local function ids_of(lists)
  local ids = {}
  for _, list in ipairs(lists) do
    for _, row in ipairs(list) do
      ids[row.track_id] = true
    end
  end
  return ids
end

--- What the state before needs to be as loud as the one after, in dB; 0 where nobody knows.
local function match_db(mix)
  local before_lufs, after_lufs = tonumber(mix.before_lufs), tonumber(mix.after_lufs)
  return before_lufs and after_lufs and after_lufs - before_lufs or 0
end

--- The master goes back to where it was before it was moved for listening to the state before;
-- where the user moved it since, by as much as it was moved.
local function put_master_back(project)
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

--- Makes an answer's moves; `pause()` is called where it takes longer than a tick may.
-- Gives the moves made and, as {track_id, why}, those left out; or nil and what went wrong.
function landing.make(project, session, answer, budget_s, pause)
  local check = recheck.begin(project, session, answer.moves)
  while not check:step(budget_s) do
    pause()
  end
  local made, refused = apply.moves(project, answer.title, check.moves, function(made, refused)
    put_master_back(project)
    store.keep_stored(project, answer.stored, ids_of({ check.left_out, refused }))
    store.keep_before(project, answer.title, match_db(answer.mix), made)
  end)
  if not made then
    return nil, refused
  end
  return made, table.move(refused, 1, #refused, #check.left_out + 1, check.left_out)
end

return landing
