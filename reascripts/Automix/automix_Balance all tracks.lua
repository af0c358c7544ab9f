-- @noindex
-- @description Automix: Balance all tracks
-- @author reaper-automix
-- @about
--   Balances the tracks inside every folder, then the folders among each other, by moving
--   their faders: one undo point, a table of what moved and why, Esc to cancel.
--   Needs `reaper-automix install` once.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").balance("all")
