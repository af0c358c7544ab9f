-- @noindex
-- @description Automix: Toggle before-after
-- @author reaper-automix
-- @about
--   Switches between the state before the last balance or match, made as loud as the one after it,
--   and the one after it. Lit in a toolbar while the state before is heard.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").toggle()
