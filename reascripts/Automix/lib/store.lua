-- @noindex
-- What a project remembers of its last balance, in its own ext state (saved with it).
--
-- AUTOMIX         what each fader was found at and written to, and the engineer's own offset in dB
--                 where there is one, in the form that reaper_automix/adapters/project/store.py
--                 reads from the .RPP.
-- AUTOMIX_BEFORE  the state before the last balance, for before/after and for restoring.

local controls = require("controls")

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

local function move_text(control, before, after)
  return table.concat({ control, number_text(before), number_text(after) }, " ")
end

local function fader_text(found, written, hand_db)
  local gains = number_text(found) .. " " .. number_text(written)
  return hand_db == 0 and gains or gains .. " " .. number_text(hand_db)
end

--- Remembers what was found and written; tracks in `left_out` keep what an earlier balance left.
function store.keep_stored(project, stored, left_out)
  local earlier, values = rows(project, STORED), {}
  for _, row in ipairs(stored) do
    values[row.track_id] = fader_text(row.found, row.written, row.hand_db or 0)
  end
  for track_id in pairs(left_out) do
    values[track_id] = earlier[track_id:upper()]
  end
  rewrite(project, STORED, values)
end

--- What an earlier balance left of a track: found, written and offset; nil where it left nothing.
local function stored_fader(project, track_id)
  local text = read(project, STORED, track_id)
  local found, written, hand_db = text:match("^(%S+) (%S+) ?(%S*)$")
  return tonumber(found), tonumber(written), tonumber(hand_db) or 0
end

--- Where an earlier balance put a fader, or we moved it since; nil where none did.
function store.written_gain(project, track_id)
  return select(2, stored_fader(project, track_id))
end

--- Notes that we moved these faders ourselves, so that nobody takes it for a move by hand. One that
-- is back where the first balance found it starts anew where `is_back`.
function store.note_moves(project, moves, is_back)
  for _, move in ipairs(moves) do
    local found, _, hand_db = stored_fader(project, move.track_id)
    if found then
      local is_new = is_back and controls.is_same(move.after, found)
      local text = is_new and "" or fader_text(found, move.after, hand_db)
      reaper.SetProjExtState(project, STORED, move.track_id, text)
    end
  end
end

--- Notes that a track took over the gain of the folder it lay in.
function store.note_gain(project, track_id, gain)
  local found, written, hand_db = stored_fader(project, track_id)
  if found then
    local text = fader_text(found * gain, written * gain, hand_db)
    reaper.SetProjExtState(project, STORED, track_id, text)
  end
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
    values[move.track_id] = move_text(move.control, move.before, move.after)
  end
  rewrite(project, BEFORE, values)
end

--- Notes that faders (linear gains by GUID) are that much louder both before and after the last
-- balance.
function store.raise_before(project, gains)
  for _, move in ipairs(moves(project)) do
    local gain = move.control ~= "envelope" and gains[move.track_id]
    if gain then
      local text = move_text(move.control, move.before * gain, move.after * gain)
      reaper.SetProjExtState(project, BEFORE, move.track_id, text)
    end
  end
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
