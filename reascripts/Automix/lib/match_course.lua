-- @noindex
-- The steps of a match, from reading the project to its stems in their new seats. They run inside a
-- trip's coroutine, as those of `course`.

local apply = require("apply")
local earlier = require("match_earlier")
local json = require("json")
local landing = require("match_landing")
local needs = require("render_needs")
local settings = require("settings")
local stems_of = require("match_stems")
local steps = require("steps")
local strips = require("strips")

local match_course = {}

local MASTER = "master" -- stands for its id

--- Ids of a set, in the order of the session.
local function in_order(session, set)
  local ids = json.array({})
  for _, track in ipairs(session.tracks) do
    ids[#ids + 1] = set[track.id] and track.id or nil
  end
  return ids
end

--- GUID → the sliders of our strip, where there is one, of tracks that are meant.
local function sliders_of(project, is_meant)
  local found = {}
  for track_id, track in pairs(apply.tracks(project)) do
    found[track_id] = is_meant(track_id) and strips.read(track) or nil
  end
  return found
end

local function everyone()
  return true
end

--- Which stems are matched: `trip.chosen`, a set, and `trip.staying`, those of the earlier match
-- that are not and stay as they are. Gives whether all are matched.
local function choose(trip)
  local chosen, is_all = stems_of.chosen(trip.session, trip.reference.track)
  trip.chosen, trip.staying = chosen, {}
  if not is_all then
    trip.staying = stems_of.others(trip.session, trip.earlier.stems, chosen)
  end
  return is_all
end

--- Ids of the strips that are bypassed, and so not heard.
local function bypassed(project)
  local ids = json.array({})
  for track_id, track in pairs(apply.tracks(project)) do
    ids[#ids + 1] = strips.is_bypassed(track) and track_id or nil
  end
  ids[#ids + 1] = strips.is_bypassed(reaper.GetMasterTrack(project)) and MASTER or nil
  table.sort(ids)
  return ids
end

--- What the job says of the match: which stems (none: all), and the strips that are heard as they
-- are: the engineer's, and those of stems that stay.
local function wanted(trip)
  local is_all = choose(trip)
  local found, wishes = trip.earlier, trip.wishes
  return {
    reference = trip.reference,
    stems = is_all and json.array({}) or in_order(trip.session, trip.chosen),
    hers = sliders_of(trip.project, function(track_id)
      return found.changed[track_id] or trip.staying[track_id]
    end),
    bus = found.is_bus_changed and trip.bus or nil,
    bypassed = bypassed(trip.project),
    master_is_off = strips.are_off(reaper.GetMasterTrack(trip.project)) or nil,
    strength = wishes.strength,
    blocks = wishes.blocks,
    checkpoint = wishes.checkpoint,
  }
end

--- What REAPER has to render of a session.
local function candidates(trip, session)
  local measure = settings.get(trip.project, "measure") or "auto"
  return needs.of_stems(session, measure, trip.reference.track)
end

local function land(trip, answer)
  return landing.make({
    project = trip.project,
    session = trip.session,
    chunks = trip.chunks,
    match = trip.match,
    earlier = trip.earlier,
    staying = trip.staying,
    sliders = trip.sliders,
    bus = trip.bus,
    budget_s = steps.STEP_S,
    pause = function()
      trip:pause({ stage = "Setting strips" })
    end,
  }, answer)
end

--- Goes all the way: {answer, made, left_out}. The trip has the `reference`, as the job says it,
-- and the `wishes` {strength, blocks, checkpoint, anew}.
function match_course.match(trip)
  steps.check_settings(trip)
  trip.session = steps.snapshot(trip)
  trip.earlier = trip.wishes.anew and earlier.anew(trip.project) or earlier.read(trip.project)
  trip.sliders = sliders_of(trip.project, everyone)
  trip.bus = strips.read(reaper.GetMasterTrack(trip.project))
  trip.match = wanted(trip)
  trip.borrow = earlier.silence
  local session = earlier.session_before(trip.project, trip.session, trip.earlier, trip.staying)
  trip.session_text = steps.encode(trip, session)
  local answer = steps.answer(trip, "match", candidates(trip, session))
  local made, left_out = land(trip, answer)
  if not made then
    trip:stop("Nothing was changed, since REAPER refused a change: " .. left_out)
  end
  return { answer = answer, made = made, left_out = left_out, work = "match" }
end

return match_course
