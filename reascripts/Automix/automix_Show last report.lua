-- @noindex
-- @description Automix: Show last report
-- @author reaper-automix
-- @about
--   Opens the report of the project's last balance in the browser.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path
require("automix").show_report()
