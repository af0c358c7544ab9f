-- @noindex
-- @description Automix: Match strength
-- @author reaper-automix
-- @about
--   How far the last match goes, from 0 % (the mix as it was) to 100 %, heard while it is dragged,
--   with switches for faders, equalisers, compressors, pans and the master. What you moved by hand
--   since stays.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").match_strength()
