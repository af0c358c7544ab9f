-- @noindex
-- The transport while one of our windows has the keyboard: the space bar stays play and stop.

local transport = {}

local PLAY, STOP = 1007, 1016

--- Plays, or stops what plays or records.
function transport.toggle(project)
  local command = reaper.GetPlayState() == 0 and PLAY or STOP
  reaper.Main_OnCommandEx(command, 0, project)
end

return transport
