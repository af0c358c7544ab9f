-- @noindex
-- Every setting of a balance, as reaper_automix/settings.py has them: name, kind, range, default.
--
-- Of those with `is_rival` one puts the others aside.
-- A number runs from `low` to `high`, may be "none" (or the word that `none` says) where `optional`
-- and a percentage where `percent`. A test compares the rows with Python's.

return {
  {
    name = "method",
    kind = "choice",
    names = { "auto", "p_lufs", "lufs", "centroid" },
    default = "auto",
  },
  { name = "pitch", kind = "choice", names = { "auto", "all", "exact" }, default = "auto" },
  {
    name = "profile",
    kind = "name_or_file",
    names = { "equal", "roles", "rock", "pop", "jazz", "orchestral", "speech" },
    suffix = ".toml",
    default = "roles",
  },
  {
    name = "strength",
    kind = "number",
    unit = "",
    low = 0,
    high = 1,
    optional = true,
    none = "auto",
    percent = true,
    default = "auto",
  },
  {
    name = "max_move_db",
    kind = "number",
    unit = "dB",
    low = 0,
    high = 60,
    optional = true,
    default = "none",
  },
  { name = "dead_band_db", kind = "number", unit = "dB", low = 0, high = 12, default = "0.5" },
  { name = "headroom_dbtp", kind = "number", unit = "dBTP", low = -60, high = 0, default = "-6" },
  { name = "fader_max_db", kind = "number", unit = "dB", low = 0, high = 60, default = "12" },
  { name = "objects", kind = "choice", names = { "auto", "off" }, default = "auto" },
  {
    name = "target_lufs",
    kind = "number",
    unit = "LUFS",
    low = -70,
    high = 0,
    optional = true,
    default = "none",
  },
  { name = "tracks", kind = "names", default = "all" },
  { name = "lock_tags", kind = "names", optional = true, default = "[lock],#lock" },
  { name = "lock_colors", kind = "colors", default = "none" },
  { name = "forget_moves", kind = "flag", default = "false" },
  { name = "use_time_selection", kind = "flag", default = "false", is_rival = true },
  { name = "time_range", kind = "stretch", default = "none", is_rival = true },
  { name = "region", kind = "name", default = "none", is_rival = true },
  {
    name = "section",
    kind = "choice",
    names = { "whole", "densest" },
    default = "whole",
    is_rival = true,
  },
  { name = "write", kind = "choice", names = { "fader", "items", "trim" }, default = "fader" },
  { name = "automation", kind = "choice", names = { "skip", "shift", "trim" }, default = "skip" },
  {
    name = "measure",
    kind = "choice",
    names = { "auto", "pre_fx", "post_fx" },
    default = "auto",
  },
  { name = "balance_new_stems", kind = "flag", default = "false" },
}
