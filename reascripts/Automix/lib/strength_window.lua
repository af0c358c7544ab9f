-- @noindex
-- The window of how far the last match goes. What is set is heard at once and becomes an undo point
-- when the mouse lets go, or a moment after the last key; it takes no worker.

local apply = require("apply")
local base = require("match_base")
local compare = require("compare")
local faders = require("match_faders")
local guard = require("guard")
local projects = require("projects")
local seats = require("match_seats")
local speak = require("speak")
local store = require("match_store")
local strength = require("strength")
local strips = require("strips")
local transport = require("transport")
local undo = require("undo")
local view = require("strength_view")
local window = require("window")

local strength_window = {}

local WIDTH, HEIGHT = 520, 200
local STEP = 0.05
local SETTLED_S = 0.6 -- after the last key
local RESTART_WHEN_PRESSED_AGAIN = 3
local NOTHING = "No match was made in this project yet; match it to a reference first."
local TITLE = "Automix: match strength %s"
local SWITCHED = "Automix: match with %s %s"
local BY_HAND = "Left as moved by hand: %s."
local MOST_NAMES = 3
local LOOSE = "Faders and master stay, so nothing keeps the mix as loud as it was."
local KEY = window.KEY

local function name_of(track)
  return (select(2, reaper.GetTrackName(track)))
end

local function write_stems(self, target, last)
  local tracks, by_hand = apply.tracks(self.project), {}
  for index, seat in ipairs(target.stems) do
    local track = tracks[seat.track_id]
    local parts = track and seats.write(track, seat, last.stems[index]) or {}
    by_hand[#by_hand + 1] = #parts > 0 and name_of(track) or nil
  end
  return by_hand
end

--- Names as words, of many just the first ones.
local function listed(names)
  local more = #names - MOST_NAMES
  if more <= 0 then
    return table.concat(names, ", ")
  end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, MOST_NAMES), more)
end

--- What is to be known about what is heard, as a sentence; empty for nothing.
local function remark(match, by_hand)
  if #by_hand > 0 then
    return BY_HAND:format(listed(by_hand))
  end
  local has_carrier = match.blocks.master or match.blocks.gain
  return match.strength > 0 and not has_carrier and LOOSE or ""
end

--- Sets everything to how far the match goes now, but for what was moved by hand since.
local function write(self)
  local target, last = store.written(self.match), self.written
  local master = reaper.GetMasterTrack(self.project)
  local by_hand = write_stems(self, target, last)
  if seats.is_strip_at(master, last.bus) then
    strips.write(master, target.bus)
  else
    by_hand[#by_hand + 1] = "the master"
  end
  self.written = target
  self.message = remark(self.match, by_hand)
end

local function note_state(self)
  self.state = reaper.GetProjectStateChangeCount(self.project)
end

--- Begins with the match as the project has it now; false without one.
local function load(self)
  self.match = base.read(self.project)
  if not self.match then
    return false
  end
  self.written = store.written(self.match)
  self.settled = self.written
  self.changed_s, self.message = nil, ""
  note_state(self)
  return true
end

--- Lets what is set be heard, without an undo point yet.
local function hear(self)
  guard.insist(reaper.PreventUIRefresh, 1)
  local ok, fault = pcall(write, self)
  guard.insist(reaper.PreventUIRefresh, -1)
  assert(ok, fault)
  self.changed_s = reaper.time_precise()
  note_state(self)
end

--- Makes what is heard an undo point, if anything was changed since the last.
local function settle(self)
  if not self.changed_s then
    return
  end
  self.changed_s = nil
  local match = self.match
  local title = self.title or TITLE:format(view.percent(match.strength))
  local ok, message = undo.block(self.project, title, function()
    write(self)
    store.note_strength(self.project, match.strength, match.blocks)
    faders.follow(self.project, match, self.settled)
  end)
  self.settled, self.title = self.written, nil
  note_state(self)
  if ok and self.message ~= "" then
    speak.announce(self.message)
  elseif not ok then
    load(self)
    speak.tell("Nothing was changed, since REAPER refused a change: " .. message)
  end
end

local function set_part(self, part)
  part = math.floor(part * 100 + 0.5) / 100
  if part ~= self.match.strength then
    self.match.strength, self.title = part, nil
    hear(self)
    return true
  end
  return false
end

local function step(self, by)
  if set_part(self, math.max(0, math.min(1, self.match.strength + by))) then
    speak.announce(view.percent(self.match.strength))
  end
end

local function switch(self, block)
  local blocks = self.match.blocks
  blocks[block] = not blocks[block]
  local way = blocks[block] and "on" or "off"
  self.title = SWITCHED:format(view.name(block):lower(), way)
  hear(self)
  speak.announce(view.name(block) .. " " .. way)
end

local function compare_sides(self)
  settle(self)
  local side = compare.is_before_match(self.project) and "after" or "before"
  local _, message = compare.switch(self.project, side)
  self.message = message or compare.heard_text(self.project, side)
  speak.announce(self.message)
  note_state(self)
end

--- Hears the match again where the state before it is heard.
local function hear_after(self)
  if compare.is_before_match(self.project) then
    compare_sides(self)
  end
end

local function close(self)
  settle(self)
  self.is_done = true
end

local ON_KEY = {
  [KEY.escape] = close,
  [KEY.enter] = close,
  [KEY.space] = function(self)
    transport.toggle(self.project)
  end,
  [string.byte("b")] = compare_sides,
}
local ON_EDIT = {
  [KEY.left] = function(self)
    step(self, -STEP)
  end,
  [KEY.right] = function(self)
    step(self, STEP)
  end,
  [KEY.home] = function(self)
    step(self, -1)
  end,
  [KEY.last] = function(self)
    step(self, 1)
  end,
}
for number, block in ipairs(strength.BLOCKS) do
  ON_EDIT[string.byte(tostring(number))] = function(self)
    switch(self, block)
  end
end

local function on_key(self)
  local key = window.key()
  if not key then
    return close(self)
  end
  if ON_KEY[key] then
    ON_KEY[key](self)
  elseif ON_EDIT[key] then
    hear_after(self)
    ON_EDIT[key](self)
  end
end

local function on_mouse(self)
  local x, y, clicked, _, is_down = window.mouse()
  local part = view.part_at(x, y, self.is_held)
  local block = clicked and view.block_at(x, y)
  self.is_held = is_down and (self.is_held or clicked and part ~= nil)
  if self.is_held then
    hear_after(self)
    set_part(self, part)
  elseif block then
    hear_after(self)
    switch(self, block)
  end
end

--- Makes an undo point once nobody holds the slider any more.
local function on_rest(self)
  local is_settled = self.changed_s and reaper.time_precise() - self.changed_s > SETTLED_S
  if is_settled and not self.is_held then
    settle(self)
  end
end

--- Starts anew where something else changed the project; the match may be gone.
local function on_change(self)
  if reaper.GetProjectStateChangeCount(self.project) ~= self.state and not self.changed_s then
    self.is_done = not load(self)
  end
end

local function sheet_of(self)
  return {
    reference = self.match.reference ~= "" and self.match.reference or "a reference",
    part = self.match.strength,
    blocks = self.match.blocks,
    message = self.message,
  }
end

local WATCHED = { on_change, on_key, on_mouse, on_rest }

local function tick(self)
  if not projects.is_open(self.project) then
    self.is_done, self.changed_s = true, nil
  end
  for _, watch in ipairs(WATCHED) do
    if not self.is_done then
      watch(self)
    end
  end
  if self.is_done then
    return window.close()
  end
  view.draw(sheet_of(self))
  guard.later(function()
    tick(self)
  end)
end

--- Opens the window for the active project.
function strength_window.open()
  guard.no_undo_point()
  local self = { project = reaper.EnumProjects(-1) }
  if not load(self) then
    return speak.tell(NOTHING)
  end
  if reaper.set_action_options then
    reaper.set_action_options(RESTART_WHEN_PRESSED_AGAIN)
  end
  reaper.atexit(function() -- also when the user terminates the script
    if projects.is_open(self.project) then
      guard.insist(settle, self)
    end
  end)
  speak.announce("Match strength " .. view.percent(self.match.strength))
  window.open("strength", "Automix match strength", WIDTH, HEIGHT)
  tick(self)
end

return strength_window
