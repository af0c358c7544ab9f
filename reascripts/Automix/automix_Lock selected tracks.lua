-- @noindex
-- @description Automix: Lock selected tracks
-- @author reaper-automix
-- @about
--   Pins the faders of the selected tracks, so that no balance moves them; what lies in a locked
--   folder is pinned along with it. Where all of them are locked it sets them free again. One undo
--   point; kept with the project.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").lock()
