-- @noindex
-- What a job asks for: scope, settings and what earlier balances put beside the faders.

local apply = require("apply")
local controls = require("controls")
local json = require("json")
local projects = require("projects")
local settings = require("settings")

local request = {}

local ENGINE_FADER_MAX_DB = 12

--- The settings that were chosen; faders end where the user's faders end.
local function chosen_settings(project)
  local chosen = settings.explicit(project)
  local top_db = tonumber(chosen.fader_max_db) or ENGINE_FADER_MAX_DB
  if controls.fader_max_db() < top_db then
    chosen.fader_max_db = string.format("%g", controls.fader_max_db())
  end
  return chosen
end

local function control_gains(project, session)
  local tracks, list = apply.tracks(project), {}
  for _, row in ipairs(session.tracks) do
    local track = tracks[row.id]
    for _, control in ipairs(track and apply.elsewhere(track) or {}) do
      control.track_id = row.id
      list[#list + 1] = control
    end
  end
  return list
end

--- Ids of the tracks that are meant: a folder stands for what lies in it.
local function meant(session, track_ids)
  local asked, inside, list = {}, {}, {}
  for _, id in ipairs(track_ids) do
    asked[id] = true
  end
  for _, track in ipairs(session.tracks) do -- parents come first
    inside[track.id] = asked[track.parent_id] or inside[track.parent_id] or false
    if inside[track.id] or asked[track.id] and not track.folder then
      list[#list + 1] = track.id
    end
  end
  return list
end

--- Tells projects apart that were never saved: they have no path, but their first track has a GUID.
local function project_id(project)
  local first = reaper.GetTrack(project, 0)
  return first and reaper.GetTrackGUID(first) or ""
end

--- A request of a kind ("plan", "balance", "sum"): `scope` is {kind, tracks = GUIDs or nil}.
function request.of(project, session, kind, scope)
  return {
    kind = kind,
    scope = scope.kind,
    tracks = json.array(meant(session, scope.tracks or {})),
    project_path = projects.path(project),
    project_id = project_id(project),
    settings = chosen_settings(project),
    controls = json.array(control_gains(project, session)),
    chunks = false,
    rendered = json.array({}),
  }
end

--- A request for the last report of the project in the browser.
function request.of_report(project)
  local path, id = projects.path(project), project_id(project)
  return { kind = "show", project_path = path, project_id = id }
end

return request
