-- @description Automix: Diagnose
-- @author reaper-automix
-- @version 0.1.0
-- @about
--   Writes versions, settings, counts and the worker's last words into the console, and into a file
--   of the Automix folder, to paste into a bug report.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").diagnose()
