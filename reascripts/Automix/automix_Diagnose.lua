-- @noindex
-- @description Automix: Diagnose
-- @author reaper-automix
-- @about
--   Writes versions, settings, counts and the worker's last words into the console, and into a file
--   of the Automix folder, to paste into a bug report.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").diagnose()
