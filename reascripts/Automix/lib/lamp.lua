-- @noindex
-- The toggle state of the action "Toggle before-after", which toolbars and menus show.

local lamp = {}

local SECTION, KEY = "automix", "toggle_action"
local ACTION = "Toggle before%-after%.lua$"

--- Notes the ids of the action, when it is the one that runs: other actions change its state too.
local function note_action()
  local _, path, section, command = reaper.get_action_context()
  if path:find(ACTION) and command > 0 then
    reaper.SetExtState(SECTION, KEY, ("%d %d"):format(section, command), false)
  end
end

--- Shows whether the state before is heard; nothing where the action was not used yet.
function lamp.show(is_on)
  note_action()
  local section, command = reaper.GetExtState(SECTION, KEY):match("^(%d+) (%d+)$")
  if command then
    section, command = tonumber(section), tonumber(command)
    reaper.SetToggleCommandState(section, command, is_on and 1 or 0)
    reaper.RefreshToolbar2(section, command)
  end
end

return lamp
