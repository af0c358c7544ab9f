-- @noindex
-- @description Automix: Cancel
-- @author reaper-automix
-- @about
--   Ends a balance or a match that is running; nothing in the project changes.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").cancel()
