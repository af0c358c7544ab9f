-- @noindex
-- The steps of a balance, from reading the project to moved faders. They run inside a coroutine:
-- `trip:pause(status)` lets REAPER go on until the next tick, `trip:stop(sentence)` ends it all.

local apply = require("apply")
local json = require("json")
local landing = require("landing")
local request = require("request")
local settings = require("settings")
local snapshot = require("snapshot")
local speak = require("speak")

local course = {}

local STEP_S = 0.010 -- of work in a tick of some 0.033 s
local ROUNDS = 3 -- somebody who keeps editing does not have stems asked for for ever
local RESTLESS =
  "The project was changed all the while, so nothing was sorted; press the key again."
local NO_ROOM = "Automix cannot write its job into %s; make room there and press the key again."

--- Ends the course where a setting has a value that it cannot have: ext state is anybody's.
local function check_settings(trip)
  for _, set in ipairs(settings.all(trip.project)) do
    local refusal = settings.refusal(set.row, set.text)
    if refusal then
      trip:stop(refusal)
    end
  end
end

local function take_snapshot(trip)
  local cursor = snapshot.begin(trip.project)
  while not cursor:step(STEP_S) do
    trip:pause()
  end
  return cursor.session
end

--- The tracks as JSON texts, as many in each tick as there is time for.
local function encode_tracks(trip, tracks)
  local texts, until_s = {}, reaper.time_precise() + STEP_S
  for index, track in ipairs(tracks) do
    texts[index] = json.encode(track)
    if reaper.time_precise() > until_s then
      trip:pause()
      until_s = reaper.time_precise() + STEP_S
    end
  end
  return texts
end

--- The session as JSON: a frame with no tracks in it, and the tracks put into that.
local function encode(trip, session)
  local tracks = session.tracks
  session.tracks = json.array({})
  local frame = json.encode(session)
  session.tracks = tracks
  local _, bracket = frame:find('"tracks":%s*%[')
  local texts = table.concat(encode_tracks(trip, tracks), ",")
  return frame:sub(1, bracket) .. texts .. frame:sub(bracket + 1)
end

local function write(trip, job, name, text)
  return job:write(name, text) or trip:stop(NO_ROOM:format(job.folder))
end

--- A job with the session, and with the state of tracks that only REAPER can play.
local function prepare(trip, session_text)
  local job, message = trip.question:prepare()
  if not job then
    trip:stop(message)
  end
  write(trip, job, "session.json", session_text or trip.session_text)
  if trip.chunks_text then
    write(trip, job, "chunks.json", trip.chunks_text)
  end
  return job
end

local function put(trip, asked)
  asked.chunks = trip.chunks_text ~= nil
  if trip.over_selection then
    asked.usual = { use_time_selection = true }
  end
  return trip.question:ask(asked, function(status)
    trip:pause(status)
  end)
end

local function ask(trip, kind, rendered)
  local asked = request.of(trip.project, trip.session, kind, trip.scope)
  asked.rendered = json.array(rendered)
  local answer, message = put(trip, asked)
  return answer or trip:stop(message)
end

local function tracks_of(project, ids)
  local tracks, list = apply.tracks(project), {}
  for _, id in ipairs(ids) do
    list[#list + 1] = tracks[id]
  end
  return list
end

--- Says how many tracks REAPER is going to render, and leaves a moment to cancel.
local function announce_render(trip, count)
  local tracks = count == 1 and "1 track" or count .. " tracks"
  local stage, what = "REAPER renders " .. tracks .. " first", "to hear their effects"
  speak.announce(stage .. " " .. what)
  trip.progress:open()
  for _ = 1, 10 do
    trip:pause({ stage = stage, what = what })
  end
end

--- Whether only the time selection is measured where no setting says anything: renders take time.
local function is_shortened(trip)
  return trip.session.time_selection ~= json.null
end

--- Renders a range, or all items, into the job's folder; the files as the job names them.
local function render_into(trip, job, tracks, range)
  local folder = job:make_folder("renders")
  local renders, message = require("render").tracks(trip.project, tracks, range, folder)
  if not renders then
    trip:stop(message)
  end
  for _, row in ipairs(renders) do
    row.file = "renders/" .. row.file:match("[^/\\]+$")
  end
  return renders
end

--- Which tracks REAPER has to render, and which range of them: those whose signal depends on it
-- and that the worker does not know as they are.
local function plan_renders(trip)
  local render = require("render")
  local measure = settings.get(trip.project, "measure") or "auto"
  local ids = render.candidates(trip.session, measure, trip.project)
  if #ids == 0 then
    return { render = ids }
  end
  trip.over_selection = is_shortened(trip)
  trip.chunks = render.chunks(trip.project, ids)
  trip.chunks_text = json.encode(trip.chunks)
  prepare(trip)
  local plan = ask(trip, "plan", {}).plan
  trip.over_selection = trip.over_selection and #plan.render + #plan.kept > 0
  return plan
end

local function measure_and_solve(trip)
  local plan = plan_renders(trip)
  local tracks = tracks_of(trip.project, plan.render)
  if #tracks > 0 then
    announce_render(trip, #tracks)
  end
  local job = prepare(trip)
  local range = plan.range ~= json.null and plan.range or nil
  local renders = #tracks > 0 and render_into(trip, job, tracks, range) or {}
  return ask(trip, "balance", renders)
end

--- The loudness of the mix as it is by now, without and with some moves; nil when nobody can tell.
local function sum(trip, moves)
  local session = take_snapshot(trip)
  prepare(trip, encode(trip, session))
  local asked = request.of(trip.project, session, "sum", trip.scope)
  asked.moves = json.array(moves)
  local answer = put(trip, asked)
  return answer and answer.mix
end

local function land(trip, answer)
  return landing.make({
    project = trip.project,
    session = trip.session,
    chunks = trip.chunks,
    budget_s = STEP_S,
    pause = function()
      trip:pause({ stage = "Moving faders" })
    end,
    sum = function(moves)
      return sum(trip, moves)
    end,
  }, answer)
end

--- Goes all the way: {answer, made, left_out}.
function course.balance(trip)
  check_settings(trip)
  trip.session = take_snapshot(trip)
  trip.session_text = encode(trip, trip.session)
  local answer = measure_and_solve(trip)
  local made, left_out = land(trip, answer)
  if not made then
    trip:stop("Nothing was changed, since REAPER refused a change: " .. left_out)
  end
  return { answer = answer, made = made, left_out = left_out }
end

local function is_as_read(trip)
  return reaper.GetProjectStateChangeCount(trip.project) == trip.state
end

--- What the worker says of the project as it is now, by what is wished of its tracks.
local function ask_for_stems(trip)
  trip.session = take_snapshot(trip)
  trip.state = reaper.GetProjectStateChangeCount(trip.project)
  prepare(trip, encode(trip, trip.session))
  local asked = request.of(trip.project, trip.session, "stems", trip.scope)
  asked.wishes = trip.wishes
  local answer, message = put(trip, asked)
  return answer or trip:stop(message)
end

--- Where the tracks of the project go, by `trip.wishes` where there are any: the worker's answer,
-- which is right for the project as it is in this tick.
function course.stems(trip)
  for _ = 1, ROUNDS do
    local answer = ask_for_stems(trip)
    if is_as_read(trip) then
      return answer
    end
  end
  return trip:stop(RESTLESS)
end

--- Lets the worker open the last report of the project.
function course.show_report(trip)
  local job, message = trip.question:prepare()
  if not job then
    trip:stop(message)
  end
  local answer
  answer, message = trip.question:ask(request.of_report(trip.project), function(status)
    trip:pause(status)
  end)
  return answer or trip:stop(message)
end

return course
