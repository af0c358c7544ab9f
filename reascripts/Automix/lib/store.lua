-- @noindex
-- What a project remembers of its last balance, in its own ext state (saved with it).
--
-- AUTOMIX         what each fader was found at and written to, in the form that
--                 reaper_automix/adapters/project/store.py reads from the .RPP.
-- AUTOMIX_BEFORE  the state before the last balance, for before/after and for restoring.

local store = {}

local STORED, BEFORE, VERSION = "AUTOMIX", "AUTOMIX_BEFORE", "1"

local function number_text(value)
  return string.format("%.17g", value)
end

local function read(project, section, key)
  local _, value = reaper.GetProjExtState(project, section, key)
  return value
end

--- GUID → text of a section's tracks.
local function rows(project, section)
  local found, index = {}, 0
  local more, key, value = reaper.EnumProjExtState(project, section, index)
  while more do
    if key:sub(1, 1) == "{" then
      found[key:upper()] = value
    end
    index = index + 1
    more, key, value = reaper.EnumProjExtState(project, section, index)
  end
  return found
end

--- Replaces a section by these values, always in the same order.
local function rewrite(project, section, values)
  local keys = {}
  for key in pairs(values) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  reaper.SetProjExtState(project, section, "", "")
  reaper.SetProjExtState(project, section, "VERSION", VERSION)
  for _, key in ipairs(keys) do
    reaper.SetProjExtState(project, section, key, values[key])
  end
end

--- What earlier balances found and wrote: a list of {track_id, found, written}.
function store.stored(project)
  local list = {}
  for track_id, text in pairs(rows(project, STORED)) do
    local found, written = text:match("^(%S+) (%S+)$")
    list[#list + 1] = { track_id = track_id, found = tonumber(found), written = tonumber(written) }
  end
  return list
end

--- Remembers what was found and written; tracks in `left_out` keep what an earlier balance left.
function store.keep_stored(project, stored, left_out)
  local earlier, values = rows(project, STORED), {}
  for _, row in ipairs(stored) do
    local gains = number_text(row.found) .. " " .. number_text(row.written)
    values[row.track_id] = gains
  end
  for track_id in pairs(left_out) do
    values[track_id] = earlier[track_id:upper()]
  end
  rewrite(project, STORED, values)
end

local function moves(project)
  local list = {}
  for track_id, text in pairs(rows(project, BEFORE)) do
    local control, before, after = text:match("^(%a+) (%S+) (%S+)$")
    list[#list + 1] = {
      track_id = track_id,
      control = control,
      before = tonumber(before),
      after = tonumber(after),
    }
  end
  return list
end

--- The state before the last balance, nil where there is none:
-- {title, match_db, side = "after" or "before", master_gain or nil, moves = {{track_id, control,
-- before, after}}}. `match_db` makes the state before as loud as the one after; `master_gain` is
-- what the master's fader was before it was moved for that.
function store.before(project)
  if read(project, BEFORE, "VERSION") ~= VERSION then
    return nil
  end
  return {
    title = read(project, BEFORE, "TITLE"),
    match_db = tonumber(read(project, BEFORE, "MATCH")) or 0,
    side = read(project, BEFORE, "SIDE"),
    master_gain = tonumber(read(project, BEFORE, "MASTER")),
    moves = moves(project),
  }
end

--- Which side of the last balance is heard, "after" or "before", and its title; nil without one.
function store.heard(project)
  if read(project, BEFORE, "VERSION") ~= VERSION then
    return nil
  end
  return read(project, BEFORE, "SIDE"), read(project, BEFORE, "TITLE")
end

--- Remembers the state before a balance; the project is on the side "after" then.
function store.keep_before(project, title, match_db, made)
  local values = { TITLE = title, MATCH = number_text(match_db), SIDE = "after" }
  for _, move in ipairs(made) do
    values[move.track_id] =
      table.concat({ move.control, number_text(move.before), number_text(move.after) }, " ")
  end
  rewrite(project, BEFORE, values)
end

--- Notes which of the two states is heard, and the master's fader that goes with "after".
function store.set_side(project, side, master_gain)
  reaper.SetProjExtState(project, BEFORE, "SIDE", side)
  reaper.SetProjExtState(project, BEFORE, "MASTER", master_gain and number_text(master_gain) or "")
end

--- Forgets the state before the last balance.
function store.forget_before(project)
  reaper.SetProjExtState(project, BEFORE, "", "")
end

return store
