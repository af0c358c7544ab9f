-- @noindex
-- What the actions call, one function per action; a module is loaded when its action is pressed.

local guard = require("guard")

local automix = { guard = guard.call }

--- Balances the "selected" tracks or "all" of them.
function automix.balance(scope)
  guard.call(function()
    require("run").start(scope)
  end)
end

--- Balances the tracks of these GUIDs in a project (what a new stem is balanced with).
function automix.balance_tracks(project, track_ids)
  guard.call(function()
    require("run").start("tracks", project, track_ids)
  end)
end

--- Lets every balance that is running end without changing anything.
function automix.cancel()
  guard.call(function()
    require("running").cancel()
  end)
end

--- Opens the last report of the project in the browser.
function automix.show_report()
  guard.call(function()
    require("run").show_report()
  end)
end

--- Makes a stem of the selected tracks.
function automix.group()
  guard.call(function()
    require("stems").ask()
  end)
end

--- Takes the selected stems apart.
function automix.ungroup()
  guard.call(function()
    require("stems").ungroup_selected()
  end)
end

--- Sorts the tracks of the project into stems, as they are reviewed.
function automix.sort()
  guard.call(function()
    require("sort").start()
  end)
end

--- Matches the stems of the project to a reference that is chosen first.
function automix.match()
  guard.call(function()
    require("match").ask()
  end)
end

--- Opens how far the last match goes.
function automix.match_strength()
  guard.call(function()
    require("strength_window").open()
  end)
end

--- Locks the selected tracks, or sets them free.
function automix.lock()
  guard.call(function()
    require("locks").toggle_selected()
  end)
end

--- Switches between before and after the last balance, equally loud.
function automix.toggle()
  guard.call(function()
    require("compare").toggle()
  end)
end

--- Puts everything back to what it was before the last balance.
function automix.restore()
  guard.call(function()
    require("compare").restore()
  end)
end

--- Opens the settings.
function automix.settings()
  guard.call(function()
    require("settings").open()
  end)
end

--- Shows one text to paste into a bug report.
function automix.diagnose()
  guard.call(function()
    require("diagnose").run()
  end)
end

--- Checks what the actions rely on in this REAPER.
function automix.self_test()
  guard.call(function()
    require("selftest").run()
  end)
end

return automix
