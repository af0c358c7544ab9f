-- @noindex
-- The window after a balance or a match: what moved and why, and keys to compare, keep, undo and
-- read more.

local compare = require("compare")
local guard = require("guard")
local projects = require("projects")
local rows = require("result_rows")
local speak = require("speak")
local store = require("store")
local transport = require("transport")
local view = require("result_view")
local window = require("window")

local result = {}

local WIDTH, HEIGHT = 1000, 620
local SECTION, NEWEST = "automix", "newest_result"
local RESTART_WHEN_PRESSED_AGAIN = 3
local NOTHING_TO_COMPARE = "Nothing to compare."
local NOTHING_TO_UNDO = "Nothing was moved, so there is nothing to undo."
local GONE = "It is not in the project any more, so there is nothing to undo."
local STAYS = {
  balance = "The faders stay as before the balance.",
  match = "The mix stays as before the match.",
}
local DONE_SINCE = "Something else was done since; undo that in REAPER first."
local KEY = window.KEY

local function say(self, text)
  self.message = text
  speak.announce(text)
end

--- Which side of this balance is heard; nil when nothing moved or it is not the last one any more.
local function side_of(self)
  local side, title = store.heard(self.project)
  return #self.made > 0 and title == self.title and side or nil
end

--- Scrolls no further than it takes to see the chosen line.
local function reveal(self)
  local last_first = self.chosen - view.visible() + 1
  self.first = math.max(1, last_first, math.min(self.first, self.chosen))
end

local function choose(self, line)
  if #self.lines == 0 then
    return
  end
  self.chosen = math.max(1, math.min(line, #self.lines))
  reveal(self)
  speak.announce(rows.spoken(self.lines[self.chosen]))
end

local function scroll(self, lines)
  local last = math.max(1, #self.lines - view.visible() + 1)
  self.first = math.max(1, math.min(self.first + lines, last))
end

local ACTIONS = {}

--- Before or after, whichever is not heard.
function ACTIONS.switch(self)
  local heard = side_of(self)
  if not heard then
    return say(self, NOTHING_TO_COMPARE)
  end
  local side = heard == "before" and "after" or "before"
  local _, message = compare.switch(self.project, side)
  say(self, message or compare.heard_text(self.project, side))
end

--- Leaves the balance as it was made, also when the state before is heard now.
function ACTIONS.keep(self)
  if side_of(self) == "before" then
    local _, message = compare.switch(self.project, "after")
    if message then
      speak.tell(message)
    end
  end
  self.is_done = true
end

--- Undoes what was switched since the balance, here or by the action; the title of what was done
-- before that.
local function undo_switches(project)
  local title = reaper.Undo_CanUndo2(project)
  while compare.is_switch(title) do
    reaper.Undo_DoUndo2(project)
    title = reaper.Undo_CanUndo2(project)
  end
  return title
end

--- Undoes the balance and what was switched since; nothing that anybody else did.
function ACTIONS.undo(self)
  if #self.made == 0 then
    return say(self, NOTHING_TO_UNDO)
  end
  if not side_of(self) then
    return say(self, GONE)
  end
  if undo_switches(self.project) ~= self.title then
    return say(self, DONE_SINCE)
  end
  reaper.Undo_DoUndo2(self.project)
  speak.announce("Undone.")
  self.is_done = true
end

function ACTIONS.report(self)
  say(self, "The report opens in your browser.")
  self.show_report(self.project)
end

function ACTIONS.play(self)
  transport.toggle(self.project)
end

--- Leaves everything as it is heard now.
function ACTIONS.close(self)
  if side_of(self) == "before" then
    speak.announce(STAYS[self.work])
  end
  self.is_done = true
end

local ON_KEY = {
  [string.byte("b")] = ACTIONS.switch,
  [string.byte("k")] = ACTIONS.keep,
  [KEY.enter] = ACTIONS.keep,
  [string.byte("u")] = ACTIONS.undo,
  [string.byte("r")] = ACTIONS.report,
  [KEY.escape] = ACTIONS.close,
  [KEY.space] = ACTIONS.play,
  [KEY.up] = function(self)
    choose(self, self.chosen - 1)
  end,
  [KEY.down] = function(self)
    choose(self, self.chosen + 1)
  end,
  [KEY.page_up] = function(self)
    choose(self, self.chosen - view.visible())
  end,
  [KEY.page_down] = function(self)
    choose(self, self.chosen + view.visible())
  end,
  [KEY.home] = function(self)
    choose(self, 1)
  end,
  [KEY.last] = function(self)
    choose(self, #self.lines)
  end,
}

--- Upper and lower case are the same key.
local function lower(key)
  return key >= 65 and key <= 90 and key + 32 or key
end

local function on_key(self)
  local key = window.key()
  if not key then
    ACTIONS.close(self)
    return false
  end
  local act = ON_KEY[lower(key)]
  if act then
    act(self)
  end
  return key ~= 0
end

local function on_mouse(self)
  local x, y, clicked, turns = window.mouse()
  if turns ~= 0 then
    scroll(self, turns > 0 and 3 or -3)
  end
  if not clicked then
    return turns ~= 0
  end
  local act, line = ACTIONS[view.action_at(self, x, y)], view.line_at(self, y)
  if act then
    act(self)
  elseif line then
    choose(self, line)
  end
  return true
end

local function on_resize(self)
  local width, height = window.size()
  local is_new = width ~= self.width or height ~= self.height
  self.width, self.height = width, height
  if is_new then
    reveal(self)
  end
  return is_new
end

--- Whether the state before is heard may change by the action of that name as well.
local function on_switch(self)
  local side = side_of(self)
  local is_new = side ~= self.side
  self.side = side
  return is_new
end

--- Whether the project is still open and no later balance has a window of its own.
local function is_current(self)
  return projects.is_open(self.project) and reaper.GetExtState(SECTION, NEWEST) == self.token
end

local WATCHED = { on_key, on_mouse, on_resize, on_switch }

local function tick(self)
  if self.is_done or not is_current(self) then
    return window.close()
  end
  local is_new = false
  for _, watch in ipairs(WATCHED) do
    is_new = watch(self) or is_new
  end
  if is_new and not self.is_done then
    view.draw(self)
  end
  guard.later(function()
    tick(self)
  end)
end

local function new(project, outcome, show_report)
  local heading, details = rows.heading(outcome)
  local lines = rows.lines(outcome.answer, outcome.left_out)
  return {
    project = project,
    title = outcome.answer.title,
    work = outcome.work or "balance",
    made = outcome.made,
    heading = heading,
    details = details,
    message = outcome.answer.message,
    lines = lines,
    scale_db = rows.largest_db(lines),
    chosen = 1,
    first = 1,
    show_report = show_report,
    token = tostring(reaper.time_precise()),
  }
end

--- Opens the window for what a balance came to: {answer, made, left_out}. `show_report(project)`
-- opens the report.
function result.open(project, outcome, show_report)
  local self = new(project, outcome, show_report)
  reaper.SetExtState(SECTION, NEWEST, self.token, false)
  if reaper.set_action_options then
    reaper.set_action_options(RESTART_WHEN_PRESSED_AGAIN)
  end
  speak.announce(self.heading .. (self.details ~= "" and ", " .. self.details or ""))
  window.open("result", "Automix", WIDTH, HEIGHT)
  tick(self)
end

return result
