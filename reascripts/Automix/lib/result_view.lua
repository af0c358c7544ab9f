-- @noindex
-- How the table of a result looks. It draws a `sheet`: lines, chosen (a line's number), first (the
-- topmost line), heading, details, side, message, scale_db.

local rows = require("result_rows")
local window = require("window")

local view = {}

local COLOR = window.COLOR
local MARGIN, ROW = 20, 27
local HEAD, COLUMNS, DETAIL, FOOT = 76, 28, 62, 44
local DETAIL_LINES, DETAIL_LINE = 2, 21
local ZEBRA = 0.35
local SHOWN_DB = 0.05 -- smaller moves are written as 0.0

local NAME = { least = 130, most = 260, part = 0.24, gap = 12 } -- part of the window's width
local INDENT, MOST_INDENT = 16, 0.35 -- of the name's width at most
local PITCH = { hz = 66, note = 74, width = 104, from = 440 } -- `from` that width of the window on
local BAR = { width = 132, height = 9, gap = 24, from = 600 }
local LEVEL, MOVE = 58, 62
local WHY = { gap = 28, least = 160 } -- narrower, it stands only below the table
local SIDE = { width = 76, height = 26, y = 24 }

local STATUS_COLOR = { moved = COLOR.text, kept = COLOR.soft, skipped = COLOR.faint }

local ALWAYS, WITH_SIDES, WITH_ROOM = 1, 2, 3
local HINTS = { -- key, the same where there is room, what it does, name of the action, when
  { "B", "B", "before / after", "switch", WITH_SIDES },
  { "K", "K / Enter", "keep", "keep", WITH_SIDES },
  { "U", "U", "undo", "undo", WITH_SIDES },
  { "R", "R", "report", "report", ALWAYS },
  { "Esc", "Esc", "close", "close", ALWAYS },
  { "Space", "Space", "play", "play", WITH_ROOM },
  { "↑↓", "↑↓", "tracks", nil, WITH_ROOM },
}
local HINT = { height = 21, inside = 14, gap = 8, between = 22, narrow = 8 }
local LEAST_MESSAGE = 80

--- How wide the name and the reasons are, where the other columns take `taken`.
local function flexible_widths(width, taken)
  local free = width - 2 * MARGIN - taken
  local name = math.max(NAME.least, math.min(NAME.most, width * NAME.part))
  local why = free - name - WHY.gap
  if why < WHY.least then
    return math.max(INDENT, free), nil
  end
  return name, why
end

--- Where the columns are. Of narrow windows the reasons, then the bar, then the pitch are left out.
local function columns()
  local width = window.size()
  local pitch = width >= PITCH.from and PITCH.width or 0
  local bar = width >= BAR.from and BAR.gap + BAR.width or 0
  local name, why = flexible_widths(width, NAME.gap + pitch + LEVEL + bar + MOVE)
  local x = MARGIN + name + NAME.gap
  local level = x + pitch + LEVEL
  return {
    width = width,
    name = MARGIN,
    name_width = name,
    hz = pitch > 0 and x + PITCH.hz or nil, -- right edge
    note = x + PITCH.note,
    level = level, -- right edge
    bar = bar > 0 and level + BAR.gap or nil,
    move = level + bar + MOVE, -- right edge
    why = why and level + bar + MOVE + WHY.gap,
    why_width = why,
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
  window.box(x, SIDE.y, SIDE.width, SIDE.height, is_on and COLOR.accent or COLOR.raised)
  local color = is_on and COLOR.ground or COLOR.soft
  window.text(x + SIDE.width / 2, SIDE.y + SIDE.height / 2, label, "small", color, "middle")
end

--- Where the switch of the two sides begins.
local function sides_x()
  local width = window.size()
  return width - MARGIN - 2 * SIDE.width
end

local function draw_head(sheet)
  local width = window.size()
  local space = (sheet.side and sides_x() or width) - 2 * MARGIN
  window.text(MARGIN, 28, window.fit(sheet.heading, space, "title"), "title", COLOR.text)
  window.text(MARGIN, 54, window.fit(sheet.details, space, "small"), "small", COLOR.soft)
  if sheet.side then
    draw_side(sides_x(), "Before", sheet.side == "before")
    draw_side(sides_x() + SIDE.width, "After", sheet.side == "after")
  end
end

local function draw_column_name(x, name, align)
  if x then
    window.text(x, HEAD + 14, name, "small", COLOR.faint, align)
  end
end

local function draw_column_names(at)
  draw_column_name(at.name, "Track")
  draw_column_name(at.hz, "Pitch", "right")
  draw_column_name(at.level, "LUFS", "right")
  draw_column_name(at.bar and at.bar + BAR.width / 2, "Move", "middle")
  draw_column_name(at.move, "dB", "right")
  draw_column_name(at.why, "Why")
  window.box(MARGIN, HEAD + COLUMNS - 1, at.width - 2 * MARGIN, 1, COLOR.line)
end

--- The move as a bar: to the right of zero louder, to the left softer.
local function draw_bar(sheet, line, at, y)
  local zero = at.bar + BAR.width / 2
  window.box(zero, y + 4, 1, ROW - 8, COLOR.line)
  if not line.move_db or math.abs(line.move_db) < SHOWN_DB then
    return
  end
  local length = math.max(1, math.abs(line.move_db) / sheet.scale_db * (BAR.width / 2 - 2))
  local is_louder = line.move_db > 0
  local x = is_louder and zero + 1 or zero - length
  local top = y + (ROW - BAR.height) / 2
  window.box(x, top, length, BAR.height, is_louder and COLOR.louder or COLOR.softer)
end

local function draw_name(line, at, y, color)
  local indent = math.min(line.depth * INDENT, at.name_width * MOST_INDENT)
  local font = line.is_sum and "bold" or "body"
  local name = window.fit(line.name, at.name_width - indent, font)
  window.text(at.name + indent, y, name, font, color)
end

local function draw_track(sheet, line, at, top)
  local y, color = top + ROW / 2, STATUS_COLOR[line.status]
  if line == sheet.lines[sheet.chosen] and color == COLOR.faint then
    color = COLOR.soft -- what is faint cannot be read on the brighter ground
  end
  local soft = color == COLOR.text and COLOR.soft or color
  draw_name(line, at, y, color)
  if at.hz then
    window.text(at.hz, y, line.hz, "body", soft, "right")
    window.text(at.note, y, line.note, "body", soft)
  end
  window.text(at.level, y, line.level, "body", color, "right")
  if at.bar then
    draw_bar(sheet, line, at, top)
  end
  window.text(at.move, y, line.move, "body", color, "right")
  if at.why then
    window.text(at.why, y, window.fit(line.why, at.why_width, "body"), "body", COLOR.soft)
  end
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

local function draw_line(sheet, index, at, top)
  local line = sheet.lines[index]
  draw_ground(sheet, index, at, top)
  if line.is_note then
    local note = window.fit(line.about, at.width - 2 * MARGIN, "body")
    return window.text(at.name, top + ROW / 2, note, "body", COLOR.accent)
  end
  draw_track(sheet, line, at, top)
end

local function draw_scroll_bar(sheet, at)
  local visible, count = view.visible(), #sheet.lines
  if count <= visible then
    return
  end
  local height = visible * ROW
  local y = HEAD + COLUMNS + height * (sheet.first - 1) / count
  window.box(at.width - 7, y, 4, math.max(16, height * visible / count), COLOR.faint)
end

local function draw_lines(sheet, at)
  local last = math.min(#sheet.lines, sheet.first + view.visible() - 1)
  for index = sheet.first, last do
    draw_line(sheet, index, at, HEAD + COLUMNS + (index - sheet.first) * ROW)
  end
  draw_scroll_bar(sheet, at)
end

--- The text in as many lines as the detail has; … ends what does not fit.
local function detail_lines(text, width)
  local lines = window.wrap(text, width, "body")
  local rest = table.concat(lines, " ", math.min(DETAIL_LINES, #lines))
  lines[DETAIL_LINES] = #lines >= DETAIL_LINES and window.fit(rest, width, "body") or nil
  return lines
end

--- All that is to say about the chosen line.
local function draw_detail(sheet)
  local width, height = window.size()
  local y, line = height - FOOT - DETAIL, sheet.lines[sheet.chosen]
  window.box(0, y, width, DETAIL, COLOR.raised)
  local lines = detail_lines(line and rows.detail(line) or "", width - 2 * MARGIN)
  for number = 1, math.min(#lines, DETAIL_LINES) do
    local middle = y + DETAIL / 2 + (number - (DETAIL_LINES + 1) / 2) * DETAIL_LINE
    window.text(MARGIN, middle, lines[number], "body", COLOR.text)
  end
end

--- What a hint says: "Esc" leaves the side that is heard.
local function label_of(sheet, hint)
  return hint[4] == "close" and sheet.side == "before" and "stay before" or hint[3]
end

--- Whether a hint is shown where hints up to the kind `most` are; nil for the keys alone.
local function is_shown(sheet, hint, most)
  local kind = hint[5]
  return kind <= (most or WITH_SIDES) and (kind ~= WITH_SIDES or sheet.side ~= nil)
end

local function place_of(sheet, hint, most, x)
  local key = most == WITH_ROOM and hint[2] or hint[1]
  local label = most and label_of(sheet, hint) or ""
  local key_width = window.width(key, "small") + HINT.inside
  return {
    x = x,
    key = key,
    key_width = key_width,
    label = label,
    width = key_width + (most and HINT.gap + window.width(label, "small") or 0),
    action = hint[4],
  }
end

--- Where the hints at the foot are, as {x, key, key_width, label, width, action}, and where they
-- end; of the kinds up to `most`, nil for the keys alone.
local function lay_out(sheet, most)
  local places, x = {}, MARGIN
  for _, hint in ipairs(HINTS) do
    if is_shown(sheet, hint, most) then
      local place = place_of(sheet, hint, most, x)
      places[#places + 1] = place
      x = x + place.width + (most and HINT.between or HINT.narrow)
    end
  end
  return places, x
end

--- The most hints that leave room for the message, and where they end.
local function hint_places(sheet)
  local width = window.size()
  local space = width - MARGIN - window.width(sheet.message, "small")
  for _, most in ipairs({ WITH_ROOM, WITH_SIDES }) do
    local places, used = lay_out(sheet, most)
    if used <= space then
      return places, used
    end
  end
  return lay_out(sheet)
end

local function draw_hint(place, y)
  window.box(place.x, y - HINT.height / 2, place.key_width, HINT.height, COLOR.line)
  window.text(place.x + place.key_width / 2, y, place.key, "small", COLOR.text, "middle")
  window.text(place.x + place.key_width + HINT.gap, y, place.label, "small", COLOR.soft)
end

local function draw_foot(sheet)
  local width, height = window.size()
  local y = height - FOOT / 2
  local places, used = hint_places(sheet)
  for _, place in ipairs(places) do
    draw_hint(place, y)
  end
  local space = width - MARGIN - used
  if space >= math.min(LEAST_MESSAGE, window.width(sheet.message, "small")) then
    local message = window.fit(sheet.message, space, "small")
    window.text(width - MARGIN, y, message, "small", COLOR.accent, "right")
  end
end

--- The action of the hint or switch at a place, as HINTS names it.
function view.action_at(sheet, x, y)
  local _, height = window.size()
  local is_beside = y >= SIDE.y and y < SIDE.y + SIDE.height
  if sheet.side and is_beside and x >= sides_x() and x < sides_x() + 2 * SIDE.width then
    return "switch"
  end
  for _, place in ipairs(y > height - FOOT and hint_places(sheet) or {}) do
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
  draw_detail(sheet)
  draw_foot(sheet)
  window.show()
end

return view
