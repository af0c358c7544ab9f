-- @noindex
-- @description Automix: Self test
-- @author reaper-automix
-- @about
--   Checks, in a temporary project tab, every assumption about REAPER that Automix relies on, and
--   prints what it saw. Nothing of yours is touched and nothing is left behind.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").self_test()
