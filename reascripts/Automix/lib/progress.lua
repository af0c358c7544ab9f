-- @noindex
-- The small window of a balance that is running; none where everything is over in a moment.

local speak = require("speak")
local transport = require("transport")
local window = require("window")

local progress = {}

local TITLE, WIDTH, HEIGHT = "Automix", 420, 116
local PATIENCE_S = 0.3 -- what is over by then shows no window
local SPEAK_EVERY_S = 10
local MARGIN, BAR_HEIGHT = 18, 8
local BUTTON = { width = 92, height = 28, label = "Cancel  Esc" }

local Progress = {}
Progress.__index = Progress

--- The progress of a balance of a project; nothing is shown yet.
function progress.new(project)
  return setmetatable({
    project = project,
    started_s = reaper.time_precise(),
    spoken_s = reaper.time_precise(),
    spoken_quarter = 0,
    status = { stage = "Reading the project" },
  }, Progress)
end

--- The part that is done, 0 … 1; nil while nobody knows.
local function part_done(status)
  local done, total = tonumber(status.done), tonumber(status.total)
  return done and total and total > 0 and math.min(done / total, 1) or nil
end

local function remaining(status)
  local eta_s = tonumber(status.eta_s)
  if not eta_s then
    return ""
  end
  local whole_s = math.ceil(eta_s)
  return whole_s < 60 and whole_s .. " s left" or (whole_s + 59) // 60 .. " min left"
end

local function percent(part)
  return string.format("%d%%", math.floor(part * 100))
end

--- Says how far it is at every quarter, and every ten seconds.
local function announce(self)
  local part, now_s = part_done(self.status), reaper.time_precise()
  local quarter = math.floor((part or 0) * 4)
  local is_new = quarter > self.spoken_quarter and quarter < 4
  if is_new or now_s - self.spoken_s >= SPEAK_EVERY_S then
    speak.announce(self.status.stage .. (part and " " .. percent(part) or ""))
    self.spoken_s, self.spoken_quarter = now_s, quarter
  end
end

local function draw_bar(y, width, part)
  window.box(MARGIN, y, width, BAR_HEIGHT, window.COLOR.line)
  if part then
    window.box(MARGIN, y, width * part, BAR_HEIGHT, window.COLOR.accent)
  else
    local phase = (reaper.time_precise() * 0.6) % 1 -- nobody knows how long: a piece that moves
    local start = math.max(0, phase * 1.3 - 0.3)
    local stop = math.min(1, phase * 1.3)
    window.box(MARGIN + width * start, y, width * (stop - start), BAR_HEIGHT, window.COLOR.accent)
  end
end

local function button_place()
  local width, height = window.size()
  return width - MARGIN - BUTTON.width, height - 12 - BUTTON.height
end

local function draw_button()
  local x, y = button_place()
  window.box(x, y, BUTTON.width, BUTTON.height, window.COLOR.raised)
  window.box(x, y + BUTTON.height - 1, BUTTON.width, 1, window.COLOR.line)
  local middle = x + BUTTON.width / 2
  window.text(middle, y + BUTTON.height / 2, BUTTON.label, "small", window.COLOR.text, "middle")
end

local function draw(self)
  local status, width = self.status, window.size() - 2 * MARGIN
  local left = remaining(status)
  local space = width - window.width(left, "small") - 12
  window.clear()
  window.text(MARGIN, 25, window.fit(status.stage, space, "bold"), "bold", window.COLOR.text)
  window.text(MARGIN + width, 25, left, "small", window.COLOR.soft, "right")
  draw_bar(44, width, part_done(status))
  local what = type(status.what) == "string" and status.what or "" -- null while it is nothing
  what = window.fit(what, width - BUTTON.width - 12, "small")
  window.text(MARGIN, 90, what, "small", window.COLOR.soft)
  draw_button()
  window.show()
end

local function is_on_button()
  local x, y, clicked = window.mouse()
  local left, top = button_place()
  local inside = x >= left and x < left + BUTTON.width and y >= top and y < top + BUTTON.height
  return clicked and inside
end

--- Whether the user asks to cancel: Escape, the button, or closing the window.
local function asks_to_cancel(self)
  local key = window.key()
  if key == window.KEY.space then
    transport.toggle(self.project)
  end
  return key == nil or key == window.KEY.escape or is_on_button()
end

--- Opens the window now.
function Progress:open()
  if not window.is_open() and not self.was_opened then
    window.open("progress", TITLE, WIDTH, HEIGHT)
    self.was_opened = true
  end
end

--- Shows how far it is: {stage, done, total, what, eta_s}; whether the user cancelled.
function Progress:show(status)
  self.status = status or self.status
  announce(self)
  if reaper.time_precise() - self.started_s > PATIENCE_S then
    self:open()
  end
  if not window.is_open() then
    return false
  end
  draw(self)
  return asks_to_cancel(self)
end

--- Closes the window.
function Progress.close()
  window.close()
end

return progress
