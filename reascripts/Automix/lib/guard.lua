-- @noindex
-- The one place where bugs are caught: their traceback goes to REAPER's console.

local guard = {}

local function traceback(fault)
  return debug.traceback(tostring(fault), 2)
end

--- Calls `work`; a bug in it is shown with its traceback instead of a dialogue of REAPER's.
function guard.call(work)
  local ok, message = xpcall(work, traceback)
  if not ok then
    reaper.ShowConsoleMsg("Automix met a bug; please report these lines:\n" .. message .. "\n")
  end
  return ok
end

--- Calls `work` once more when it failed: what was opened has to be closed.
function guard.insist(work, ...)
  return pcall(work, ...) or pcall(work, ...)
end

--- Calls `work` at the next tick of REAPER's user interface.
function guard.later(work)
  reaper.defer(function()
    guard.call(work)
  end)
end

--- Keeps REAPER from adding an undo point for an action that does not wait for anything.
function guard.no_undo_point()
  reaper.defer(function() end)
end

return guard
