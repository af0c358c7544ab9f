std = "lua53" -- what REAPER 6 runs; REAPER 7 runs 5.4, whose additions are not used
read_globals = { "reaper" }
globals = { "gfx" } -- its fields are variables of the window
max_line_length = 100
