-- @noindex
-- @description Automix: Settings
-- @author reaper-automix
-- @about
--   How to balance, for every project or for this one only: a menu, worked with the keyboard.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").settings()
