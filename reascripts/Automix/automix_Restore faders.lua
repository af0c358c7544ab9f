-- @noindex
-- @description Automix: Restore faders
-- @author reaper-automix
-- @about
--   Puts what the last balance or match moved back to where it was, strips included, also after the
--   project was saved and opened again: one undo point.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").restore()
