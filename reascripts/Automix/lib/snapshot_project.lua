-- @noindex
-- What a session says about the whole project.

local fields = require("snapshot_fields")
local fx = require("snapshot_fx")
local json = require("json")

local project_part = {}

local SCHEMA_VERSION, STORE_VERSION = 1, 1
local STORE = "AUTOMIX"
local DEFAULT_RATE_HZ, DEFAULT_TEMPO_BPM = 48000, 120.0

local session_record = fields.record({
  { "name" },
  { "tracks" },
  { "sample_rate_hz" },
  { "tempo_bpm" },
  { "pan_law" },
  { "pan_taper" },
  { "pan_mode" },
  { "item_mix" },
  { "master_gain" },
  { "master_pan" },
  { "master_channels" },
  { "master_fx" },
  { "global_automation" },
  { "time_selection" },
  { "regions" },
  { "stored" },
  { "schema_version" },
})
local range_record = fields.record({ { "start_s" }, { "end_s" } })
local region_record = fields.record({ { "number" }, { "name" }, { "start_s" }, { "end_s" } })
local stored_record = fields.record({ { "faders" }, { "version" } })
local fader_record =
  fields.record({ { "track_id" }, { "found_gain" }, { "written_gain" }, { "hand_db" } })

--- A setting of the project that has no key. REAPER gives those of the active project, which is
--- the one that actions balance.
local function setting(name, default)
  local found, value = reaper.get_config_var_string(name)
  return found and tonumber(value) or default
end

local function whole_setting(name, default)
  return math.floor(setting(name, default))
end

local function time_selection(project)
  local start_s, end_s = reaper.GetSet_LoopTimeRange2(project, false, false, 0, 0, false)
  return end_s > start_s and range_record({ start_s = start_s, end_s = end_s }) or json.null
end

local function comes_first(one, other)
  if one.start_s ~= other.start_s then
    return one.start_s < other.start_s
  end
  return one.end_s ~= json.null and other.end_s == json.null
end

--- Regions, and markers, which end nowhere, in the order in which they start.
local function regions(project)
  local list, index = json.array({}), 0
  local more, is_region, start_s, end_s, name, number = reaper.EnumProjectMarkers3(project, index)
  while more > 0 do
    list[#list + 1] = region_record({
      number = number,
      name = name,
      start_s = start_s,
      end_s = is_region and end_s or json.null,
    })
    index = index + 1
    more, is_region, start_s, end_s, name, number = reaper.EnumProjectMarkers3(project, index)
  end
  table.sort(list, comes_first)
  return list
end

local function stored_fader(key, value)
  local found, written, hand_db = value:match("^%s*(%S+)%s+(%S+)%s*(%S*)%s*$")
  if not key:find("^{") or not found then
    return nil
  end
  return fader_record({
    track_id = key,
    found_gain = tonumber(found) or 1.0,
    written_gain = tonumber(written) or 1.0,
    hand_db = tonumber(hand_db) or 0.0,
  })
end

local function stored_faders(project)
  local faders, index = json.array({}), 0
  local found, key, value = reaper.EnumProjExtState(project, STORE, index)
  while found do
    faders[#faders + 1] = stored_fader(key, value)
    index = index + 1
    found, key, value = reaper.EnumProjExtState(project, STORE, index)
  end
  return faders, index > 0
end

--- What the last balance left behind; null without one, or where a newer version wrote it.
local function stored(project)
  local _, written = reaper.GetProjExtState(project, STORE, "VERSION")
  local version = math.floor(tonumber(written) or STORE_VERSION)
  local faders, is_there = stored_faders(project)
  if not is_there or version > STORE_VERSION then
    return json.null
  end
  return stored_record({ faders = faders, version = version })
end

--- The path of a project's file, "" for one that was never saved.
function project_part.path(project)
  local index, found, path = 0, reaper.EnumProjects(0)
  while found and found ~= project do
    index = index + 1
    found, path = reaper.EnumProjects(index)
  end
  return found and path or ""
end

--- The project's sample rate, also where the sound card's is used instead.
function project_part.rate_hz(project)
  local rate_hz = math.floor(reaper.GetSetProjectInfo(project, "PROJECT_SRATE", 0, false))
  return rate_hz > 0 and rate_hz or DEFAULT_RATE_HZ
end

local function add_master(session, master)
  local get = reaper.GetMediaTrackInfo_Value
  session.master_gain, session.master_pan = get(master, "D_VOL"), get(master, "D_PAN")
  session.master_channels = math.max(2, math.floor(get(master, "I_NCHAN")))
  session.master_fx = fx.of_master(master)
end

--- A session with no tracks yet.
function project_part.read(project)
  local tempo_bpm = reaper.GetProjectTimeSignature2(project)
  local session = session_record({
    name = reaper.GetProjectName(project):gsub("(.)%.[^.]*$", "%1"),
    tracks = json.array({}),
    sample_rate_hz = project_part.rate_hz(project),
    tempo_bpm = tempo_bpm > 0 and tempo_bpm or DEFAULT_TEMPO_BPM,
    pan_law = setting("panlaw", 1.0),
    pan_taper = whole_setting("panlawflags", 3),
    pan_mode = whole_setting("panmode", 3),
    item_mix = whole_setting("itemmixflag", 1),
    global_automation = reaper.GetGlobalAutomationOverride(),
    time_selection = time_selection(project),
    regions = regions(project),
    stored = stored(project),
    schema_version = SCHEMA_VERSION,
  })
  add_master(session, reaper.GetMasterTrack(project))
  return session
end

return project_part
