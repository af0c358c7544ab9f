-- @noindex
-- @description Automix: Sort project into stems
-- @author reaper-automix
-- @about
--   Proposes for every loose track the folder of a stem (drums, bass, guitars …) and shows that in
--   a window to review and change. Enter sorts: one undo point, sends and colours kept, existing
--   folders completed. Esc leaves everything as it is.
--   Needs `reaper-automix install` once.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").sort()
