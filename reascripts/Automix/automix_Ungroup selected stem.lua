-- @noindex
-- @description Automix: Ungroup selected stem
-- @author reaper-automix
-- @about
--   Dissolves the selected folder: its tracks go up one level, in their order, and take over what
--   its fader did. Says what would be lost, and changes nothing, where the folder does more.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").ungroup()
