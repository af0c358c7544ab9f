-- @noindex
-- One change to a project as one undo point, whatever happens on the way.

local guard = require("guard")

local undo = {}

local EVERYTHING = -1 -- tracks, FX, items, envelopes and ext state
local TAKEN_BACK = "Automix: taken back after an error"

local function traceback(fault)
  return debug.traceback(tostring(fault), 2)
end

--- The change inside an undo block and without redrawing; `open` says what has to be closed.
local function attempt(project, change, open)
  return xpcall(function()
    reaper.Undo_BeginBlock2(project)
    open.block = true
    reaper.PreventUIRefresh(1)
    open.refresh = true
    change()
  end, traceback)
end

local function close(project, title, open)
  if open.refresh then
    guard.insist(reaper.PreventUIRefresh, -1)
  end
  if open.block then
    guard.insist(reaper.Undo_EndBlock2, project, title, EVERYTHING)
  end
end

--- Undoes the block that was just closed, if it became an undo point.
local function take_back(project)
  guard.insist(function()
    if reaper.Undo_CanUndo2(project) == TAKEN_BACK then
      reaper.Undo_DoUndo2(project)
    end
  end)
end

local function redraw()
  guard.insist(reaper.TrackList_AdjustWindows, true) -- the mixer as well
  guard.insist(reaper.UpdateArrange)
end

--- Runs `change` as one undo point named `title`.
-- Gives true; or false and what went wrong, with the project as it was before.
function undo.block(project, title, change)
  local open = {}
  local ok, message = attempt(project, change, open)
  close(project, ok and title or TAKEN_BACK, open)
  if not ok and open.block then
    take_back(project)
  end
  redraw()
  return ok, message
end

return undo
