-- @noindex
-- How the review of stems looks. It draws a `sheet`: lines, chosen (a line's number), first (the
-- topmost line), heading, details.

local rows = require("sort_rows")
local window = require("window")

local view = {}

local COLOR = window.COLOR
local MARGIN, ROW = 20, 27
local HEAD, COLUMNS, FOOT = 76, 28, 44
local ZEBRA = 0.35
local GAP = 14
local NAME = { least = 120, most = 260, part = 0.27 } -- part of the window's width
local GOAL, SURE = 140, 56
local ROLE = { width = 120, from = 520 } -- `from` that width of the window on
local WHY_LEAST = 120 -- narrower, it is left out

local HINTS = { -- key, what it does, name of the action
  { "Enter", "sort", "accept" },
  { "Esc", "cancel", "cancel" },
  { "← →", "another stem", nil },
  { "Del", "leave it", nil },
  { "↑↓", "tracks", nil },
}
local HINT = { height = 21, inside = 14, gap = 8, between = 22 }

--- Where the columns are. Of narrow windows the reasons, then the role are left out.
local function columns()
  local width = window.size()
  local name = math.max(NAME.least, math.min(NAME.most, width * NAME.part))
  local role = width >= ROLE.from and ROLE.width + GAP + SURE + GAP or 0
  local goal = MARGIN + name + GAP + role
  local why = goal + GOAL + GAP
  local why_width = width - MARGIN - why
  return {
    width = width,
    name = MARGIN,
    name_width = name,
    role = role > 0 and MARGIN + name + GAP or nil,
    sure = MARGIN + name + GAP + ROLE.width + GAP + SURE - GAP, -- right edge
    goal = goal,
    why = why_width >= WHY_LEAST and why or nil,
    why_width = why_width,
  }
end

--- How many lines the window shows at once.
function view.visible()
  local _, height = window.size()
  return math.max(1, (height - HEAD - COLUMNS - FOOT) // ROW)
end

--- The number of the line at this height, nil between head and foot.
function view.line_at(sheet, y)
  local top = HEAD + COLUMNS
  if y < top or y >= top + view.visible() * ROW then
    return nil
  end
  local line = sheet.first + (y - top) // ROW
  return line <= #sheet.lines and math.floor(line) or nil
end

--- Whether a place is in the column of stems.
function view.is_on_goal(x)
  local at = columns()
  return x >= at.goal - GAP / 2 and x < at.goal + GOAL
end

local function draw_head(sheet)
  local width = window.size()
  local space = width - 2 * MARGIN
  window.text(MARGIN, 28, window.fit(sheet.heading, space, "title"), "title", COLOR.text)
  window.text(MARGIN, 54, window.fit(sheet.details, space, "small"), "small", COLOR.soft)
end

local function draw_column_name(x, name, align)
  if x then
    window.text(x, HEAD + 14, name, "small", COLOR.faint, align)
  end
end

local function draw_column_names(at)
  draw_column_name(at.name, "Track")
  draw_column_name(at.role, "Role")
  draw_column_name(at.role and at.sure, "Sure", "right")
  draw_column_name(at.goal, "Goes into")
  draw_column_name(at.why, "Why")
  window.box(MARGIN, HEAD + COLUMNS - 1, at.width - 2 * MARGIN, 1, COLOR.line)
end

local function draw_ground(sheet, index, at, top)
  local left, width = MARGIN - 10, at.width - 2 * MARGIN + 20
  if index == sheet.chosen then
    window.box(left, top, width, ROW, COLOR.chosen)
    window.box(left, top, 3, ROW, COLOR.accent)
  elseif index % 2 == 0 then
    window.box(left, top, width, ROW, COLOR.raised, ZEBRA)
  end
end

local function color_of(line, is_chosen)
  if rows.is_moving(line) then
    return COLOR.text
  end
  return (line.is_loose or is_chosen) and COLOR.soft or COLOR.faint
end

local function draw_line(sheet, index, at, top)
  local line, y = sheet.lines[index], top + ROW / 2
  local color = color_of(line, index == sheet.chosen)
  draw_ground(sheet, index, at, top)
  window.text(at.name, y, window.fit(line.name, at.name_width, "body"), "body", color)
  if at.role then
    window.text(at.role, y, window.fit(line.role_text, ROLE.width, "body"), "body", color)
    window.text(at.sure, y, line.sure, "body", color, "right")
  end
  local goal_color = rows.is_moving(line) and COLOR.accent or color
  window.text(at.goal, y, window.fit(rows.goal(line), GOAL, "body"), "body", goal_color)
  if at.why then
    window.text(at.why, y, window.fit(rows.why(line), at.why_width, "body"), "body", COLOR.soft)
  end
end

local function draw_lines(sheet, at)
  local visible, count = view.visible(), #sheet.lines
  for index = sheet.first, math.min(count, sheet.first + visible - 1) do
    draw_line(sheet, index, at, HEAD + COLUMNS + (index - sheet.first) * ROW)
  end
  if count > visible then
    local height = visible * ROW
    local y = HEAD + COLUMNS + height * (sheet.first - 1) / count
    window.box(at.width - 7, y, 4, math.max(16, height * visible / count), COLOR.faint)
  end
end

--- Where the hints at the foot are that have room, as {x, key, key_width, label, width, action}.
local function hint_places()
  local places, x, width = {}, MARGIN, window.size()
  for _, hint in ipairs(HINTS) do
    local key_width = window.width(hint[1], "small") + HINT.inside
    local whole = key_width + HINT.gap + window.width(hint[2], "small")
    if x + whole > width - MARGIN then
      break
    end
    places[#places + 1] = {
      x = x,
      key = hint[1],
      key_width = key_width,
      label = hint[2],
      width = whole,
      action = hint[3],
    }
    x = x + whole + HINT.between
  end
  return places
end

local function draw_foot()
  local _, height = window.size()
  local y = height - FOOT / 2
  for _, place in ipairs(hint_places()) do
    window.box(place.x, y - HINT.height / 2, place.key_width, HINT.height, COLOR.line)
    window.text(place.x + place.key_width / 2, y, place.key, "small", COLOR.text, "middle")
    window.text(place.x + place.key_width + HINT.gap, y, place.label, "small", COLOR.soft)
  end
end

--- The action of the hint at a place, as HINTS names it.
function view.action_at(x, y)
  local _, height = window.size()
  for _, place in ipairs(y > height - FOOT and hint_places() or {}) do
    if x >= place.x and x < place.x + place.width then
      return place.action
    end
  end
end

--- Draws it all.
function view.draw(sheet)
  local at = columns()
  window.clear()
  draw_head(sheet)
  draw_column_names(at)
  draw_lines(sheet, at)
  draw_foot()
  window.show()
end

return view
