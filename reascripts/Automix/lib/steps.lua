-- @noindex
-- What balances and matches have in common on their way: the project is read, what only REAPER can
-- play is rendered, and the worker is asked. All of it runs inside a trip's coroutine.

local apply = require("apply")
local json = require("json")
local request = require("request")
local settings = require("settings")
local snapshot = require("snapshot")
local speak = require("speak")

local steps = {}

--- Seconds of work in a tick of some 0.033 s.
steps.STEP_S = 0.010

local NO_ROOM = "Automix cannot write its job into %s; make room there and press the key again."

--- Ends the course where a setting has a value that it cannot have: ext state is anybody's.
function steps.check_settings(trip)
  for _, set in ipairs(settings.all(trip.project)) do
    local refusal = settings.refusal(set.row, set.text)
    if refusal then
      trip:stop(refusal)
    end
  end
end

--- The project as it is now.
function steps.snapshot(trip)
  local cursor = snapshot.begin(trip.project)
  while not cursor:step(steps.STEP_S) do
    trip:pause()
  end
  return cursor.session
end

--- The tracks as JSON texts, as many in each tick as there is time for.
local function encode_tracks(trip, tracks)
  local texts, until_s = {}, reaper.time_precise() + steps.STEP_S
  for index, track in ipairs(tracks) do
    texts[index] = json.encode(track)
    if reaper.time_precise() > until_s then
      trip:pause()
      until_s = reaper.time_precise() + steps.STEP_S
    end
  end
  return texts
end

--- The session as JSON: a frame with no tracks in it, and the tracks put into that.
function steps.encode(trip, session)
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
function steps.prepare(trip, session_text)
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

--- The worker's answer to a request, whose job is prepared; nil and a sentence without one.
function steps.put(trip, asked)
  asked.chunks = trip.chunks_text ~= nil
  if trip.over_selection then
    asked.usual = { use_time_selection = true }
  end
  return trip.question:ask(asked, function(status)
    trip:pause(status)
  end)
end

--- What the worker says to a question of a kind; the course ends where it says nothing of use.
local function ask(trip, kind, rendered)
  local asked = request.of(trip.project, trip.session, kind, trip.scope)
  asked.rendered, asked.match = json.array(rendered), trip.match
  local answer, message = steps.put(trip, asked)
  return answer or trip:stop(message)
end

--- Whether only the time selection is measured where no setting says anything: renders take time.
local function is_shortened(trip)
  return trip.session.time_selection ~= json.null
end

--- The tracks of some GUIDs, as far as they are there.
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

--- Renders a range, or all items, into the job's folder; the files as the job names them.
local function render_into(trip, job, tracks, range)
  local folder = job:make_folder("renders")
  local render = require("render")
  local renders, message = render.tracks(trip.project, tracks, range, folder, trip.borrow)
  if not renders then
    trip:stop(message)
  end
  for _, row in ipairs(renders) do
    row.file = "renders/" .. row.file:match("[^/\\]+$")
  end
  return renders
end

--- Which of these tracks, whose signal depends on REAPER, it has to render, and which range of
-- them: those that the worker does not know as they are.
local function plan(trip, ids)
  if #ids == 0 then
    return { render = ids }
  end
  trip.over_selection = is_shortened(trip)
  trip.chunks = require("render").chunks(trip.project, ids)
  trip.chunks_text = json.encode(trip.chunks)
  steps.prepare(trip)
  local found = ask(trip, "plan", {}).plan
  trip.over_selection = trip.over_selection and #found.render + #found.kept > 0
  return found
end

--- The worker's answer to a question of a kind about the session of the trip, for which REAPER
-- renders the tracks of `ids` unless the worker knows them as they are.
function steps.answer(trip, kind, ids)
  local found = plan(trip, ids)
  local tracks = tracks_of(trip.project, found.render)
  if #tracks > 0 then
    announce_render(trip, #tracks)
  end
  local job = steps.prepare(trip)
  local range = found.range ~= json.null and found.range or nil
  local renders = #tracks > 0 and render_into(trip, job, tracks, range) or {}
  return ask(trip, kind, renders)
end

return steps
