-- @noindex
-- How the table of a result looks. It draws a `sheet`: lines, chosen (a line's number), first (the
-- topmost line), heading, details, side, message, scale_db.

local window = require("window")

local view = {}

local COLOR = window.COLOR
local MARGIN, ROW = 20, 27
local HEAD, COLUMNS, DETAIL, FOOT = 76, 28, 62, 44
local INDENT = 16
local BAR = { width = 132, height = 9 }
local ZEBRA = 0.35
local NARROWEST_WHY = 90 -- narrower, it stands only below the table

local STATUS_COLOR = { moved = COLOR.text, kept = COLOR.soft, skipped = COLOR.faint }

local HINTS = { -- key, what it does, name of the action
  { "B", "before / after", "switch" },
  { "K", "keep", "keep" },
  { "U", "undo", "undo" },
  { "R", "report", "report" },
  { "Esc", "close", "close" },
}

--- Where the columns are: the names take what is left of narrow windows, the reasons of wide ones.
local function columns()
  local width = window.size()
  local name = math.max(130, math.min(260, width * 0.24))
  local pitch = MARGIN + name + 12
  local level = pitch + 172
  local bar = level + 28
  local move = bar + BAR.width + 58
  local why = move + 28
  return {
    width = width,
    name = MARGIN,
    name_width = name,
    pitch = pitch,
    level = level, -- right edge
    bar = bar,
    move = move, -- right edge
    why = why,
    why_width = width - MARGIN - why,
  }
end

local function list_height()
  local _, height = window.size()
  return height - HEAD - COLUMNS - DETAIL - FOOT
end

--- How many lines the window shows at once.
function view.visible()
  return math.max(1, list_height() // ROW)
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

local function draw_side(x, label, is_on)
  window.box(x, 24, 76, 26, is_on and COLOR.accent or COLOR.raised)
  window.text(x + 38, 29, label, "small", is_on and COLOR.ground or COLOR.soft, "middle")
end

local function draw_head(sheet)
  local width = window.size()
  local space = width - 2 * MARGIN - 172
  window.text(MARGIN, 16, window.fit(sheet.heading, space, "title"), "title", COLOR.text)
  window.text(MARGIN, 46, window.fit(sheet.details, space, "small"), "small", COLOR.soft)
  if sheet.side then
    draw_side(width - MARGIN - 152, "Before", sheet.side == "before")
    draw_side(width - MARGIN - 76, "After", sheet.side == "after")
  end
end

local function draw_column_names(at)
  local y = HEAD + 6
  window.text(at.name, y, "Track", "small", COLOR.faint)
  window.text(at.pitch, y, "Pitch", "small", COLOR.faint)
  window.text(at.level, y, "LUFS", "small", COLOR.faint, "right")
  window.text(at.bar + BAR.width / 2, y, "Move", "small", COLOR.faint, "middle")
  window.text(at.move, y, "dB", "small", COLOR.faint, "right")
  if at.why_width > NARROWEST_WHY then
    window.text(at.why, y, "Why", "small", COLOR.faint)
  end
  window.box(MARGIN, HEAD + COLUMNS - 1, at.width - 2 * MARGIN, 1, COLOR.line)
end

--- The move as a bar: to the right of zero louder, to the left softer.
local function draw_bar(sheet, line, at, y)
  local zero = at.bar + BAR.width / 2
  window.box(zero, y + 4, 1, ROW - 8, COLOR.line)
  if not line.move_db or line.move_db == 0 then
    return
  end
  local length = math.max(1, math.abs(line.move_db) / sheet.scale_db * (BAR.width / 2 - 2))
  local is_louder = line.move_db > 0
  local x = is_louder and zero + 1 or zero - length
  local top = y + (ROW - BAR.height) / 2
  window.box(x, top, length, BAR.height, is_louder and COLOR.louder or COLOR.softer)
end

local function draw_track(sheet, line, at, y)
  local color = STATUS_COLOR[line.status]
  local text_y, indent = y + 4, math.min(line.depth, 6) * INDENT
  local font = line.is_sum and "bold" or "body"
  local name = window.fit(line.name, at.name_width - indent, font)
  window.text(at.name + indent, text_y, name, font, color)
  window.text(at.pitch, text_y, line.pitch, "body", line.status == "moved" and COLOR.soft or color)
  window.text(at.level, text_y, line.level, "body", color, "right")
  draw_bar(sheet, line, at, y)
  window.text(at.move, text_y, line.move, "body", color, "right")
  if at.why_width > NARROWEST_WHY then
    local why = window.fit(line.why, at.why_width, "body")
    window.text(at.why, text_y, why, "body", COLOR.soft)
  end
end

local function draw_line(sheet, index, at, y)
  local line = sheet.lines[index]
  if index == sheet.chosen then
    window.box(MARGIN - 10, y, at.width - 2 * MARGIN + 20, ROW, COLOR.chosen)
    window.box(MARGIN - 10, y, 3, ROW, COLOR.accent)
  elseif index % 2 == 0 then
    window.box(MARGIN - 10, y, at.width - 2 * MARGIN + 20, ROW, COLOR.raised, ZEBRA)
  end
  if line.is_note then
    local note = window.fit(line.why, at.width - 2 * MARGIN, "body")
    return window.text(at.name, y + 4, note, "body", COLOR.soft)
  end
  draw_track(sheet, line, at, y)
end

local function draw_scroll_bar(sheet, at)
  local visible, count = view.visible(), #sheet.lines
  if count <= visible then
    return
  end
  local height = visible * ROW
  local y = HEAD + COLUMNS + height * (sheet.first - 1) / count
  window.box(at.width - 7, y, 4, math.max(16, height * visible / count), COLOR.line)
end

local function draw_lines(sheet, at)
  local last = math.min(#sheet.lines, sheet.first + view.visible() - 1)
  for index = sheet.first, last do
    draw_line(sheet, index, at, HEAD + COLUMNS + (index - sheet.first) * ROW)
  end
  draw_scroll_bar(sheet, at)
end

--- All that is to say about the chosen line.
local function draw_detail(sheet)
  local width, height = window.size()
  local y, line = height - FOOT - DETAIL, sheet.lines[sheet.chosen]
  window.box(0, y, width, DETAIL, COLOR.raised)
  local text = line and ((line.is_note and "" or line.name .. "  ·  ") .. line.why) or ""
  for number, part in ipairs(window.wrap(text, width - 2 * MARGIN, "body")) do
    if number <= 2 then
      window.text(MARGIN, y + 11 + (number - 1) * 21, part, "body", COLOR.text)
    end
  end
end

--- Where the hints at the foot are: {x, width, hint}.
local function hint_places()
  local places, x = {}, MARGIN
  for _, hint in ipairs(HINTS) do
    local key = window.width(hint[1], "small") + 14
    local width = key + 8 + window.width(hint[2], "small")
    places[#places + 1] = { x = x, key = key, width = width, hint = hint }
    x = x + width + 22
  end
  return places, x
end

local function draw_hint(place, y)
  window.box(place.x, y, place.key, 21, COLOR.line)
  window.text(place.x + place.key / 2, y + 3, place.hint[1], "small", COLOR.text, "middle")
  window.text(place.x + place.key + 8, y + 3, place.hint[2], "small", COLOR.soft)
end

local function draw_foot(sheet)
  local width, height = window.size()
  local y = height - FOOT + 12
  local places, used = hint_places()
  for _, place in ipairs(places) do
    draw_hint(place, y)
  end
  local message = window.fit(sheet.message, width - MARGIN - used, "small")
  window.text(width - MARGIN, y + 3, message, "small", COLOR.accent, "right")
end

--- The action of the hint or switch at a place: "switch", "keep", "undo", "report", "close".
function view.action_at(x, y)
  local width, height = window.size()
  if y >= 24 and y < 50 and x >= width - MARGIN - 152 and x < width - MARGIN then
    return "switch"
  end
  for _, place in ipairs(y > height - FOOT and hint_places() or {}) do
    if x >= place.x and x < place.x + place.width then
      return place.hint[3]
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
  draw_detail(sheet)
  draw_foot(sheet)
  window.show()
end

return view
