-- @description Automix: Balance selected tracks
-- @author reaper-automix
-- @version 0.1.0
-- @provides
--   [main] automix_*.lua
--   [main] automix_*.py
--   [nomain] lib/*
--   [effect] effects/*.jsfx
-- @about
--   Brings the selected tracks to a balanced level by moving their faders: one undo point,
--   a table of what moved and why, Esc to cancel. A selected folder stands for its children.
--   Needs `reaper-automix install` once.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").balance("selected")
