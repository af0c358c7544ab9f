-- @noindex
-- Self test: items, takes, sources and fades as the file says and the API tells.

local checks = require("selftest_checks")

local function item_values(stage, name, keys)
  local seen, item = {}, stage:item(name)
  for index, key in ipairs(keys) do
    seen[index] = reaper.GetMediaItemInfo_Value(item, key)
  end
  return seen
end

local function take_values(stage, name, keys)
  local seen, _, take = {}, stage:item(name)
  for index, key in ipairs(keys) do
    seen[index] = reaper.GetMediaItemTakeInfo_Value(take, key)
  end
  return seen
end

local function source_of(stage, name)
  local _, take = stage:item(name)
  return reaper.GetMediaItemTake_Source(take)
end

return {
  {
    name = "item gain and take gain, negative where polarity is flipped",
    why = "they are part of what arrives at the fader",
    check = function(stage)
      local item, take =
        item_values(stage, "gains", { "D_VOL" }), take_values(stage, "gains", { "D_VOL" })
      return checks.same({ item, take }, { { 0.5 }, { -0.5 } })
    end,
  },
  {
    name = "where an item lies and whether it loops",
    why = "items are placed on the time line",
    check = function(stage)
      local keys = { "D_POSITION", "D_LENGTH", "B_LOOPSRC", "B_MUTE" }
      return checks.same(item_values(stage, "looped", keys), { 0, 1.5, 1, 0 })
    end,
  },
  {
    name = "an item of a track without lanes plays",
    why = "items on lanes that do not play are not heard",
    check = function(stage)
      local plays = item_values(stage, "plain", { "C_LANEPLAYS" })[1]
      return plays ~= 0, plays
    end,
  },
  {
    name = "from where, how fast and at which pitch a take plays",
    why = "items are played as REAPER plays them",
    check = function(stage)
      local keys = { "D_STARTOFFS", "D_PLAYRATE", "B_PPITCH", "D_PITCH", "I_CHANMODE" }
      local seen = { take_values(stage, "offset", keys), take_values(stage, "rate", keys) }
      return checks.same(seen, { { 0.3, 1, 1, 0, 0 }, { 0, 2, 0, 0, 0 } })
    end,
  },
  {
    name = "the take that plays, with its gain and pan",
    why = "only the active take is measured",
    check = function(stage)
      local current = item_values(stage, "takes", { "I_CURTAKE" })
      local take = take_values(stage, "takes", { "D_VOL", "D_PAN" })
      return checks.same({ current, take }, { { 1 }, { 0.25, 0.5 } })
    end,
  },
  {
    name = "an automatic fade stands beside the manual one, shape 5.1 is number 6",
    why = "fades are measured as they sound",
    check = function(stage)
      local keys = { "D_FADEINLEN", "D_FADEINLEN_AUTO", "C_FADEINSHAPE", "D_FADEINDIR" }
      return checks.same(item_values(stage, "curves", keys), { 0.1, 0.2, 6, 0.25 })
    end,
  },
  {
    name = "a fade-out of shape 1.1 is number 7",
    why = "equal-power crossfades are measured as they sound",
    check = function(stage)
      local keys = { "D_FADEOUTLEN", "C_FADEOUTSHAPE" }
      return checks.same(item_values(stage, "curves", keys), { 0.3, 7 })
    end,
  },
  {
    name = "a source tells its file as an absolute path",
    why = "the worker opens it from another folder",
    check = function(stage)
      local path = reaper.GetMediaSourceFileName(source_of(stage, "plain"))
      return checks.same(path:gsub("\\", "/"), (stage.folder .. "/tone.wav"):gsub("\\", "/"))
    end,
  },
  {
    name = "a source's length in seconds, channels and sample rate",
    why = "looped items begin again at the end of their source",
    check = function(stage)
      local source = source_of(stage, "plain")
      local length_s, in_quarter_notes = reaper.GetMediaSourceLength(source)
      local channels = reaper.GetMediaSourceNumChannels(source)
      local seen = { length_s, in_quarter_notes, channels, reaper.GetMediaSourceSampleRate(source) }
      return checks.same(seen, { 1, false, 1, 48000 })
    end,
  },
  {
    name = "a part of a source: type, inner source, start and length",
    why = "items of parts and reversed items are played from the right place",
    check = function(stage)
      local source = source_of(stage, "section")
      local inner = reaper.GetMediaSourceType(reaper.GetMediaSourceParent(source))
      local section = { reaper.PCM_Source_GetSectionInfo(source) }
      local seen = { reaper.GetMediaSourceType(source), inner, section }
      return checks.same(seen, { "SECTION", "WAVE", { true, 0.2, 0.4, false } })
    end,
  },
  {
    name = "a reversed source says so",
    why = "items of parts and reversed items are played from the right place",
    check = function(stage)
      local section = { reaper.PCM_Source_GetSectionInfo(source_of(stage, "backwards")) }
      return checks.same({ section[1], section[4] }, { true, true })
    end,
  },
  {
    name = "a MIDI take says so",
    why = "only REAPER can play it",
    check = function(stage)
      local _, take = stage:item("midi")
      local kind = reaper.GetMediaSourceType(source_of(stage, "midi"))
      return checks.same({ reaper.TakeIsMIDI(take), kind }, { true, "MIDI" })
    end,
  },
}
