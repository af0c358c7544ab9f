-- @noindex
-- @description Automix: Group selected tracks into a stem
-- @author reaper-automix
-- @about
--   Asks for a name and puts the selected tracks into a new folder where the first of them is,
--   with all that lies in them. Routing, colours and the sound stay. The folder alone is selected
--   then; its inside is balanced when the setting balance_new_stems says so.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").group()
