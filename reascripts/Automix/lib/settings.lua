-- @noindex
-- Settings of a balance as the user chose them: for every project, with values of one project
-- that count more. A value is the text that was typed; Python reads it as on the command line.

local kinds = require("settings_kinds")
local rows = require("settings_rows")

local settings = {}

local USER, PROJECT = "automix", "AUTOMIX_SETTINGS"

local function given(text)
  return text ~= "" and text or nil
end

local user = { name = "user" }

function user.read(_, name)
  return given(reaper.GetExtState(USER, name))
end

function user.write(_, name, text)
  if text then
    reaper.SetExtState(USER, name, text, true)
  else
    reaper.DeleteExtState(USER, name, true)
  end
end

local override = { name = "project" }

function override.read(project, name)
  local _, text = reaper.GetProjExtState(project, PROJECT, name:upper())
  return given(text)
end

function override.write(project, name, text)
  reaper.SetProjExtState(project, PROJECT, name:upper(), text or "")
  reaper.MarkProjectDirty(project)
end

local LAYERS = { user, override } -- the one that counts most last
local BY_NAME = { user = user, project = override }

local function row_of(name)
  for _, row in ipairs(rows) do
    if row.name == name then
      return row
    end
  end
  error("there is no setting " .. name)
end

--- Whether a value puts the setting's rivals, others for the same thing, aside.
local function wins(row, text)
  return row.is_rival and text:lower() ~= row.default
end

--- Calls `forget` with the name of every rival of a setting.
local function each_rival(row, forget)
  for _, other in ipairs(rows) do
    if other.is_rival and other ~= row then
      forget(other.name)
    end
  end
end

--- What is set, by name: {text, origin}.
local function merged(project)
  local values = {}
  for _, layer in ipairs(LAYERS) do
    for _, row in ipairs(rows) do
      local text = layer.read(project, row.name)
      if text and wins(row, text) then
        each_rival(row, function(name)
          values[name] = nil
        end)
      end
      if text then
        values[row.name] = { text = text, origin = layer.name }
      end
    end
  end
  return values
end

--- The text of a setting; nil where the user did not set it.
function settings.get(project, name)
  local value = merged(project)[row_of(name).name]
  return value and value.text
end

--- Whether a setting of yes or no says yes.
function settings.is_on(project, name)
  return settings.get(project, name) == "true"
end

--- Every setting in the order of the rows: {row, text, origin = "default", "user" or "project"}.
function settings.all(project)
  local list, values = {}, merged(project)
  for index, row in ipairs(rows) do
    local value = values[row.name] or { text = row.default, origin = "default" }
    list[index] = { row = row, text = value.text, origin = value.origin }
  end
  return list
end

--- What a request carries: texts, and booleans for yes and no, of what the user set.
function settings.explicit(project)
  local values = {}
  for name, value in pairs(merged(project)) do
    local is_flag = row_of(name).kind == "flag"
    values[name] = is_flag and value.text == "true" or not is_flag and value.text
  end
  return values
end

--- Why a text cannot be a setting's value, as a sentence; nil when it can.
function settings.refusal(row, text)
  if not kinds.fits(row, text) then
    return ("%s cannot be '%s'; it must be %s."):format(row.name, text, kinds.allowed(row))
  end
end

--- Sets a value for "user" (every project) or "project" (this one); an empty text forgets it.
-- Gives true, or nil and a sentence.
function settings.set(project, scope, name, text)
  local layer, row = BY_NAME[scope], row_of(name)
  text = text:match("^%s*(.-)%s*$")
  if text == "" then
    layer.write(project, name, nil)
    return true
  end
  local refusal = settings.refusal(row, text)
  if refusal then
    return nil, refusal
  end
  text = kinds.values(row) and text:lower() or text
  if wins(row, text) then
    each_rival(row, function(other)
      layer.write(project, other, nil)
    end)
  end
  layer.write(project, name, text)
  return true
end

--- Forgets every value of "user" or "project".
function settings.reset(project, scope)
  for _, row in ipairs(rows) do
    BY_NAME[scope].write(project, row.name, nil)
  end
end

--- The action: the settings as a menu.
function settings.open()
  require("settings_menu").open()
end

return settings
