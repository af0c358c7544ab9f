-- @noindex
-- @description Automix: Match reference
-- @author reaper-automix
-- @about
--   Asks for a reference (a song in a file, a track or a region of the project) and sets fader,
--   pan and a channel strip of every stem, and a strip on the master, so that the mix comes near
--   it: one undo point, a table of what was set, Esc to cancel. Strips that you changed stay.
--   Needs `reaper-automix install` once.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").match()
