-- @noindex
-- A script's one gfx window: its look, its place on the screen, text that fits, keys and mouse.
--
-- Places and sizes are logical pixels; on screens of high density they are scaled.

local window = {}

local SECTION = "automix"

window.KEY = {
  escape = 27,
  enter = 13,
  space = 32,
  up = 0x7570,
  down = 0x646F776E,
  left = 0x6C656674,
  right = 0x72676874,
  backspace = 8,
  delete = 0x64656C,
  page_up = 0x70677570,
  page_down = 0x7067646E,
  home = 0x686F6D65,
  last = 0x656E64,
}

window.COLOR = {
  ground = { 0.118, 0.125, 0.141 },
  raised = { 0.157, 0.165, 0.188 },
  line = { 0.235, 0.247, 0.278 },
  chosen = { 0.196, 0.239, 0.310 },
  text = { 0.925, 0.933, 0.949 },
  soft = { 0.655, 0.682, 0.733 },
  faint = { 0.545, 0.573, 0.627 },
  accent = { 0.337, 0.667, 0.906 },
  louder = { 0.945, 0.678, 0.333 },
  softer = { 0.384, 0.729, 0.847 },
}

local BOLD = string.byte("b")
local FONTS = { -- number, size, style
  body = { 1, 15, 0 },
  bold = { 2, 15, BOLD },
  title = { 3, 21, BOLD },
  small = { 4, 13, 0 },
}
local FACES = { -- system, name, size for letters as large: Windows counts the whole line's height
  { "^Win", "Segoe UI", 1.25 },
  { "OS", "Helvetica Neue", 1 },
  { "", "DejaVu Sans", 1 },
}

local state = { scale = 1 }

local function face()
  for _, row in ipairs(FACES) do
    if reaper.GetOS():find(row[1]) then
      return row[2], row[3]
    end
  end
end

local function set_fonts()
  local name, factor = face()
  for _, font in pairs(FONTS) do
    gfx.setfont(font[1], name, math.floor(font[2] * factor * state.scale + 0.5), font[3])
  end
end

--- Where the window was when it was last closed: x, y, width and height on the screen.
local function remembered()
  local text = reaper.GetExtState(SECTION, "window_" .. state.name)
  local x, y, width, height = text:match("^(%-?%d+) (%-?%d+) (%d+) (%d+)$")
  return tonumber(x), tonumber(y), tonumber(width), tonumber(height)
end

local function remember()
  local _, x, y, width, height = gfx.dock(-1, 0, 0, 0, 0)
  local text = string.format("%.0f %.0f %.0f %.0f", x, y, width, height)
  reaper.SetExtState(SECTION, "window_" .. state.name, text, true)
end

--- Opens the window `name` where it was last, else in its own size in the middle of the screen.
function window.open(name, title, width, height)
  state.name, state.is_open = name, true
  local x, y, last_width, last_height = remembered()
  gfx.ext_retina = 1 -- asks for the scale, which replaces it once the window is there
  gfx.init(title, last_width or width, last_height or height, 0, x or 200, y or 160)
  state.scale = math.max(1, gfx.ext_retina)
  if not last_width and state.scale > 1 and gfx.w < width * state.scale then
    gfx.init("", math.floor(width * state.scale), math.floor(height * state.scale))
  end
  set_fonts()
end

--- Closes the window; its place is remembered.
function window.close()
  if state.is_open then
    remember()
    gfx.quit()
  end
  state.is_open = false
end

--- Whether a window is there.
function window.is_open()
  return state.is_open
end

--- The next key that was pressed, 0 for none; nil once the user has closed the window.
function window.key()
  local key = gfx.getchar()
  if key < 0 then
    state.is_open = false
    return nil
  end
  return math.floor(key)
end

--- Width and height inside.
function window.size()
  return gfx.w / state.scale, gfx.h / state.scale
end

--- Shows what was drawn.
function window.show()
  gfx.update()
end

--- A filled box; `alpha` 0 … 1.
function window.box(x, y, width, height, color, alpha)
  gfx.set(color[1], color[2], color[3], alpha or 1)
  gfx.rect(x * state.scale, y * state.scale, width * state.scale, height * state.scale, 1)
end

--- Paints everything over.
function window.clear()
  local width, height = window.size()
  window.box(0, 0, width, height, window.COLOR.ground)
end

--- How wide a text is.
function window.width(text, font)
  gfx.setfont(FONTS[font][1])
  return (gfx.measurestr(text)) / state.scale
end

--- The text, shortened with … where it is wider.
function window.fit(text, width, font)
  if window.width(text, font) <= width then
    return text
  end
  local letters = {}
  for letter in text:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    letters[#letters + 1] = letter
  end
  local low, high = 0, #letters
  while low < high do
    local middle = (low + high + 1) // 2
    local shorter = table.concat(letters, "", 1, middle) .. "…"
    if window.width(shorter, font) <= width then
      low = middle
    else
      high = middle - 1
    end
  end
  return table.concat(letters, "", 1, low) .. "…"
end

--- The text in lines that are no wider.
function window.wrap(text, width, font)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if line ~= "" and window.width(longer, font) > width then
      lines[#lines + 1], line = line, word
    else
      line = longer
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- Draws a text, its height centred on `y`; `align` "right" and "middle" put its end or its middle
-- at `x`.
function window.text(x, y, text, font, color, align)
  local width = align and window.width(text, font) or 0
  local shift = align == "right" and width or align == "middle" and width / 2 or 0
  gfx.setfont(FONTS[font][1])
  gfx.set(color[1], color[2], color[3], 1)
  gfx.x, gfx.y = (x - shift) * state.scale, y * state.scale - gfx.texth / 2
  gfx.drawstr(text)
end

--- The mouse: x, y, whether the left button was pressed just now, turns of the wheel (down is above
-- 0), and whether the left button is down.
function window.mouse()
  local is_down = math.floor(gfx.mouse_cap) % 2 == 1
  local clicked = is_down and not state.was_down
  state.was_down = is_down
  local turns = -gfx.mouse_wheel / 120
  gfx.mouse_wheel = 0
  return gfx.mouse_x / state.scale, gfx.mouse_y / state.scale, clicked, turns, is_down
end

return window
