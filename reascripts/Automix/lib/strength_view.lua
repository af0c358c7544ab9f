-- @noindex
-- How the window of a match's strength looks. It draws a `sheet`: reference, part (0 … 1), blocks
-- by name, message.

local strength = require("strength")
local window = require("window")

local view = {}

local COLOR = window.COLOR
local MARGIN = 20
local BAR = { y = 84, height = 8, knob = 14, reach = 14 } -- `reach` above and below, for the mouse
local SWITCH = { y = 122, height = 30, gap = 8 }
local FOOT = 26
local LEAST_HEIGHT = 190 -- at which there is room for the foot
local HINTS = "← → strength   1–5 blocks   B before / after   Space play   Esc close"

local NAMES = { -- in full, and where there is little room
  gain = { "Faders", "Faders" },
  eq = { "Equalisers", "EQ" },
  compressor = { "Compressors", "Comp" },
  pan = { "Pans", "Pan" },
  master = { "Master", "Master" },
}

--- What a block is called.
function view.name(block)
  return NAMES[block][1]
end

--- A part as it is shown, "70 %".
function view.percent(part)
  return ("%.0f %%"):format(part * 100)
end

local function bar_width()
  return math.max(1, (window.size()) - 2 * MARGIN)
end

--- The part at a place of the slider, nil beside it; anywhere along it while it `is_held`.
function view.part_at(x, y, is_held)
  local is_on = y >= BAR.y - BAR.reach and y < BAR.y + BAR.height + BAR.reach
  if not (is_held or is_on) then
    return nil
  end
  return math.max(0, math.min(1, (x - MARGIN) / bar_width()))
end

local function switch_width()
  local count = #strength.BLOCKS
  return math.max(1, (bar_width() - (count - 1) * SWITCH.gap) / count)
end

local function switch_left(number)
  return MARGIN + (number - 1) * (switch_width() + SWITCH.gap)
end

--- The block whose switch is at a place; nil beside them.
function view.block_at(x, y)
  if y < SWITCH.y or y >= SWITCH.y + SWITCH.height then
    return nil
  end
  for number, block in ipairs(strength.BLOCKS) do
    local left = switch_left(number)
    if x >= left and x < left + switch_width() then
      return block
    end
  end
end

local function draw_head(sheet)
  local width = window.size()
  local title = window.fit("Match to " .. sheet.reference, width - 2 * MARGIN - 70, "bold")
  window.text(MARGIN, 32, title, "bold", COLOR.text)
  window.text(width - MARGIN, 32, view.percent(sheet.part), "title", COLOR.accent, "right")
  local message = window.fit(sheet.message, width - 2 * MARGIN, "small")
  window.text(MARGIN, 58, message, "small", COLOR.soft)
end

local function draw_bar(sheet)
  local width = bar_width()
  local at = MARGIN + sheet.part * width
  window.box(MARGIN, BAR.y, width, BAR.height, COLOR.line)
  window.box(MARGIN, BAR.y, sheet.part * width, BAR.height, COLOR.accent)
  local top = BAR.y + BAR.height / 2 - BAR.knob
  window.box(at - BAR.knob / 4, top, BAR.knob / 2, 2 * BAR.knob, COLOR.text)
end

local function draw_switch(number, block, is_on)
  local left, width = switch_left(number), switch_width()
  window.box(left, SWITCH.y, width, SWITCH.height, is_on and COLOR.accent or COLOR.raised)
  local color = is_on and COLOR.ground or COLOR.soft
  local label = window.fit(number .. "  " .. NAMES[block][2], width - 8, "small")
  window.text(left + width / 2, SWITCH.y + SWITCH.height / 2, label, "small", color, "middle")
end

--- Draws it all.
function view.draw(sheet)
  local width, height = window.size()
  window.clear()
  draw_head(sheet)
  draw_bar(sheet)
  for number, block in ipairs(strength.BLOCKS) do
    draw_switch(number, block, sheet.blocks[block])
  end
  if height >= LEAST_HEIGHT then
    local hints = window.fit(HINTS, width - 2 * MARGIN, "small")
    window.text(MARGIN, height - FOOT, hints, "small", COLOR.faint)
  end
  window.show()
end

return view
