-- @noindex
-- The window in which proposed stems are reviewed: keys and clicks choose other stems, Enter sorts.

local guard = require("guard")
local projects = require("projects")
local rows = require("sort_rows")
local speak = require("speak")
local transport = require("transport")
local view = require("sort_view")
local window = require("window")

local sort_window = {}

local WIDTH, HEIGHT = 1000, 620
local RESTART_WHEN_PRESSED_AGAIN = 3
local CANCELLED = "Cancelled; nothing was changed."
local KEY = window.KEY

--- Scrolls no further than it takes to see the chosen line.
local function reveal(self)
  local last_first = self.chosen - view.visible() + 1
  self.first = math.max(1, last_first, math.min(self.first, self.chosen))
end

local function choose(self, line)
  self.chosen = math.max(1, math.min(line, #self.lines))
  reveal(self)
  speak.announce(rows.spoken(self.lines[self.chosen]))
end

local function scroll(self, lines)
  local last = math.max(1, #self.lines - view.visible() + 1)
  self.first = math.max(1, math.min(self.first + lines, last))
end

local function tell_changes(self)
  self.heading = rows.heading(self.lines)
  self.details = rows.details(self.lines, self.sorting)
end

--- Changes the stem of the chosen line, where it may be chosen.
local function change(self, how)
  local line = self.lines[self.chosen]
  if line.is_loose then
    how(line)
    tell_changes(self)
  end
  speak.announce(rows.spoken(line))
end

local function step(steps)
  return function(self)
    change(self, function(line)
      rows.step(line, self.choices, steps)
    end)
  end
end

local function leave(self)
  change(self, function(line)
    line.stem = self.choices[1].name
  end)
end

--- Lets the user pick the stem of the chosen line from a menu.
local function pick(self)
  if not self.lines[self.chosen].is_loose then
    return
  end
  local labels = {}
  for index, choice in ipairs(self.choices) do
    local mark = choice.name == self.lines[self.chosen].stem and "!" or ""
    labels[index] = mark .. choice.title
  end
  gfx.x, gfx.y = gfx.mouse_x, gfx.mouse_y
  local number = math.floor(gfx.showmenu(table.concat(labels, "|")))
  if number > 0 then
    change(self, function(line)
      line.stem = self.choices[number].name
    end)
  end
end

local ACTIONS = {}

function ACTIONS.accept(self)
  self.is_done = true
  window.close()
  self.accept(rows.wishes(self.lines))
end

function ACTIONS.cancel(self)
  self.is_done = true
  window.close()
  speak.announce(CANCELLED)
end

local ON_KEY = {
  [KEY.enter] = ACTIONS.accept,
  [KEY.escape] = ACTIONS.cancel,
  [KEY.right] = step(1),
  [KEY.left] = step(-1),
  [KEY.delete] = leave,
  [KEY.backspace] = leave,
  [KEY.space] = function(self)
    transport.toggle(self.project)
  end,
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

local function on_key(self)
  local key = window.key()
  if not key then
    ACTIONS.cancel(self)
    return false
  end
  local act = ON_KEY[key]
  if act then
    act(self)
  end
  return key ~= 0
end

local function on_click(self, x, y)
  local act, line = ACTIONS[view.action_at(x, y)], view.line_at(self, y)
  if act then
    act(self)
  elseif line then
    choose(self, line)
    if view.is_on_goal(x) then
      pick(self)
    end
  end
end

local function on_mouse(self)
  local x, y, clicked, turns = window.mouse()
  if turns ~= 0 then
    scroll(self, turns > 0 and 3 or -3)
  end
  if clicked then
    on_click(self, x, y)
  end
  return clicked or turns ~= 0
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

local WATCHED = { on_key, on_mouse, on_resize }

local function tick(self)
  if not projects.is_open(self.project) then
    return window.close()
  end
  local is_new = false
  for _, watch in ipairs(WATCHED) do
    is_new = not self.is_done and watch(self) or is_new
  end
  if self.is_done then
    return
  end
  if is_new then
    view.draw(self)
  end
  guard.later(function()
    tick(self)
  end)
end

--- Opens the review of a proposal; `accept(wishes)` is called with what every track shall become.
function sort_window.open(project, sorting, accept)
  local self = {
    project = project,
    sorting = sorting,
    lines = rows.lines(sorting),
    choices = rows.choices(sorting),
    accept = accept,
    chosen = 1,
    first = 1,
  }
  tell_changes(self)
  if reaper.set_action_options then
    reaper.set_action_options(RESTART_WHEN_PRESSED_AGAIN)
  end
  speak.announce(self.heading .. (self.details ~= "" and ", " .. self.details or ""))
  window.open("stems", "Automix: stems", WIDTH, HEIGHT)
  tick(self)
end

return sort_window
