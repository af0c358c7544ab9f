-- @noindex
-- The settings as one menu of the system's own, with a form for what is typed: both are worked
-- with the keyboard and read by screen readers.

local guard = require("guard")
local kinds = require("settings_kinds")
local settings = require("settings")

local settings_menu = {}

-- Which values the menu changes: those of every project, or of the one that is open.
local SCOPES = {
  user = { other = "project", reset = "Forget what I set for every project" },
  project = { other = "user", reset = "Forget what I set for this project" },
}

--- Text of a menu's item: a bar parts items, and some first letters mean something else.
local function plain(text)
  return (text:gsub("|", "/"))
end

--- Asks for a value until it can be used or the form is cancelled; empty forgets it.
local function ask(project, scope, setting)
  local row, text = setting.row, setting.text
  local title = ("Automix: %s must be %s"):format(row.name, kinds.allowed(row))
  local captions = ("%s (empty: forget):,extrawidth=200,separator=\n"):format(row.name)
  while title do
    local ok, answer = reaper.GetUserInputs(title, 1, captions, text)
    if not ok then
      return
    end
    title, text = select(2, settings.set(project, scope, row.name, answer)), answer
  end
end

local function add(menu, label, act)
  menu.labels[#menu.labels + 1] = label
  menu.acts[#menu.acts + 1] = act
end

local function add_choices(menu, label, setting, choose, type_one)
  local values = kinds.values(setting.row)
  local is_open = kinds.is_open(setting.row)
  -- The title of a sub menu has no number.
  menu.labels[#menu.labels + 1] = ">" .. label
  for index, value in ipairs(values) do
    local last = index == #values and not is_open and "<" or ""
    local checked = value == setting.text and "!" or ""
    add(menu, last .. checked .. value, function(project)
      choose(project, value)
    end)
  end
  if is_open then
    add(menu, "<another …", type_one)
  end
end

local function add_setting(menu, scope, setting)
  local label = plain(("%s: %s (%s)"):format(setting.row.name, setting.text, setting.origin))
  local function type_one(project)
    ask(project, scope, setting)
  end
  if not kinds.values(setting.row) then
    return add(menu, label, type_one)
  end
  add_choices(menu, label, setting, function(project, value)
    settings.set(project, scope, setting.row.name, value)
  end, type_one)
end

--- The menu's items as `gfx.showmenu` wants them, and what each number does. An act gives the
-- scope that holds from then on, nil for the one that holds.
local function build(project, scope)
  local menu = { labels = {}, acts = {} }
  for _, setting in ipairs(settings.all(project)) do
    add_setting(menu, scope, setting)
  end
  menu.labels[#menu.labels + 1] = "" -- a line
  local checked = scope == "project" and "!" or ""
  add(menu, checked .. "Change values of this project only", function()
    return SCOPES[scope].other
  end)
  add(menu, SCOPES[scope].reset, function()
    settings.reset(project, scope)
  end)
  return menu
end

--- Shows the menu, does what is chosen and shows it again, until nothing is.
local function show(scope)
  local project = reaper.EnumProjects(-1)
  local menu = build(project, scope)
  gfx.x, gfx.y = gfx.mouse_x, gfx.mouse_y
  local number = math.floor(gfx.showmenu(table.concat(menu.labels, "|")))
  if number == 0 then
    return gfx.quit()
  end
  local next_scope = menu.acts[number](project) or scope
  guard.later(function()
    show(next_scope)
  end)
end

--- Opens the menu at the mouse.
function settings_menu.open()
  gfx.init("Automix settings", 0, 0, 0, 0, 0) -- a menu needs a window
  guard.later(function()
    show("user")
  end)
end

return settings_menu
