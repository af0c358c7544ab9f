-- @noindex
-- The project that the self test looks at: tracks that each hold one thing REAPER is asked about.

local song = {}

local HEAD = [[
<REAPER_PROJECT 0.1 "6.40/win64" 1600000000
  PANLAW 0.5
  PANMODE 5
  PANLAWFLAGS 2
  ITEMMIX 2
  SAMPLERATE 48000 1 0
  TEMPO 96 4 4
  GLOBAL_AUTO -1
  SELECTION 0.25 0.75
  RENDER_FILE ""
  RENDER_PATTERN "mine"
  RENDER_FMT 0 2 44100
  RENDER_RANGE 2 1 3 18 1000
  RENDER_ADDTOPROJ 1
  RENDER_STEMS 1
  RENDER_DITHER 3
  MASTER_VOLUME 0.5 0.25 -1 -1 1
]]

local ITEM_LINES = {
  { "POSITION", "0" },
  { "SNAPOFFS", "0" },
  { "LENGTH", "1" },
  { "LOOP", "0" },
  { "ALLTAKES", "0" },
  { "FADEIN", "0 0 0 0 0 0 0" },
  { "FADEOUT", "0 0 0 0 0 0 0" },
  { "MUTE", "0 0" },
  { "NAME", "tone" },
  { "VOLPAN", "1 0 1 -1" },
  { "SOFFS", "0" },
  { "PLAYRATE", "1 1 0 -1 0 0.0025" },
  { "CHANMODE", "0" },
}

local WAVE = '<SOURCE WAVE\nFILE "tone.wav"\n>'

--- A part of the tone, or all of it backwards.
local function section(lines)
  return "<SOURCE SECTION\n" .. lines .. "\n" .. WAVE .. "\n>"
end

local MIDI = [[
<SOURCE MIDI
HASDATA 1 960 QN
E 0 90 3c 7f
E 1536 80 3c 00
E 0 b0 7b 00
>]]

--- What differs from a plain track at its fader's middle; `item` from an item with all of the tone.
song.TRACKS = {
  { name = "plain", item = {}, lines = "VOLPAN 0.5 0.3 -1 -1 1\nSEL 1" },
  { name = "gains", item = { VOLPAN = "0.5 0 -0.5 -1" } },
  { name = "offset", item = { SOFFS = "0.3", LENGTH = "0.5" } },
  { name = "rate", item = { PLAYRATE = "2 0 0 -1 0 0.0025", LENGTH = "0.5" } },
  { name = "unlooped", item = { LENGTH = "1.5" } },
  { name = "looped", item = { LENGTH = "1.5", LOOP = "1" } },
  { name = "backwards", item = { source = section("LENGTH 1\nMODE 3") } },
  { name = "section", item = { source = section("LENGTH 0.4\nSTARTPOS 0.2"), LENGTH = "0.4" } },
  { name = "fade", item = { FADEIN = "0 1 0 0 0 0 0" } },
  {
    name = "curves",
    item = { FADEIN = "5.1 0.1 0.2 5.1 0 0.25 0", FADEOUT = "1.1 0.3 0 1 0 0 0" },
  },
  { name = "muted", item = {}, lines = "MUTESOLO 1 0 0" },
  { name = "soloed", item = {}, lines = "MUTESOLO 0 1 0" },
  { name = "takes", item = { tail = "TAKE SEL\nNAME second\nTAKEVOLPAN 0.5 0.25 -1\n" .. WAVE } },
  {
    name = "riding",
    item = {},
    lines = "AUTOMODE 0",
    envelope = "<VOLENV2\nACT 1 -1\nVIS 1 1 1\nARM 0\nDEFSHAPE 0 -1 -1\nVOLTYPE 1\nPT 0 0.25 0\n>",
  },
  {
    name = "rode before",
    item = {},
    envelope = "<VOLENV\nACT 1 -1\nVIS 1 1 1\nARM 0\nDEFSHAPE 0 -1 -1\nVOLTYPE 1\nPT 0 0.25 0\n>",
  },
  { name = "reading", item = {}, lines = "AUTOMODE 1" },
  { name = "effect", item = {} },
  { name = "trimmed", item = {} },
  { name = "midi", item = { source = MIDI, NAME = "notes" } },
  { name = "spare 1" },
  { name = "spare 2" },
  { name = "folder", lines = "ISBUS 1 1" },
  { name = "child 1" },
  { name = "child 2", lines = "ISBUS 2 -1" },
}

local function item_text(changes)
  local lines = { "<ITEM" }
  for _, row in ipairs(ITEM_LINES) do
    lines[#lines + 1] = row[1] .. " " .. (changes[row[1]] or row[2])
  end
  lines[#lines + 1] = changes.source or WAVE
  lines[#lines + 1] = changes.tail
  lines[#lines + 1] = ">"
  return table.concat(lines, "\n")
end

local function track_text(track)
  local lines = { "<TRACK " .. reaper.genGuid("") }
  lines[#lines + 1] = ('NAME "%s"'):format(track.name)
  lines[#lines + 1] = track.lines
  lines[#lines + 1] = track.envelope
  lines[#lines + 1] = track.item and item_text(track.item)
  lines[#lines + 1] = ">"
  return table.concat(lines, "\n")
end

--- The text of the project; its media lie beside it.
function song.text()
  local blocks = {}
  for index, track in ipairs(song.TRACKS) do
    blocks[index] = track_text(track)
  end
  return HEAD .. table.concat(blocks, "\n") .. "\n>\n"
end

return song
