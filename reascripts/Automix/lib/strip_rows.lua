-- @noindex
-- The sliders of our strip, as reaper_automix/match/console/sliders.py has them, in the order of
-- its parameters: {name, step, block, law}.
--
-- A value that lies less than a step from another is the same. `block` is what switches the slider
-- off, `law` how it goes with the strength: in a "line" from 0, or by its "slope" as a ratio does;
-- a slider without them stays. A test compares the rows with Python's.

return {
  { "eq_on", 1 },
  { "low_shelf_gain_db", 0.01, "eq", "line" },
  { "low_shelf_hz", 1 },
  { "low_shelf_q", 0.001 },
  { "peak_1_gain_db", 0.01, "eq", "line" },
  { "peak_1_hz", 1 },
  { "peak_1_q", 0.001 },
  { "peak_2_gain_db", 0.01, "eq", "line" },
  { "peak_2_hz", 1 },
  { "peak_2_q", 0.001 },
  { "peak_3_gain_db", 0.01, "eq", "line" },
  { "peak_3_hz", 1 },
  { "peak_3_q", 0.001 },
  { "peak_4_gain_db", 0.01, "eq", "line" },
  { "peak_4_hz", 1 },
  { "peak_4_q", 0.001 },
  { "high_shelf_gain_db", 0.01, "eq", "line" },
  { "high_shelf_hz", 1 },
  { "high_shelf_q", 0.001 },
  { "compressor_on", 1 },
  { "threshold_db", 0.01 },
  { "ratio", 0.001, "compressor", "slope" },
  { "attack_ms", 0.1 },
  { "knee_db", 0.01 },
  { "makeup_db", 0.01, "compressor", "line" },
  { "output_db", 0.01, "output", "line" },
  { "detector", 1 },
}
