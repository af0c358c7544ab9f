-- @noindex
-- The sound of the self test: a tone whose loudness tells which tenth of a second it is.

local wav = {}

local SAMPLE_RATE_HZ = 48000
local TONE_HZ = 1000
local STEPS = 10
local PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
local FULL_SCALE = 32767
local EDGE_S = 0.02 -- at both ends of a step, where resampling smears

wav.STEP_S = 0.1

--- Peak of the tone in its n-th tenth of a second (1 … 10).
function wav.level(step)
  return 0.08 * step
end

local function header(data_bytes)
  local bytes = 2
  local format = string.pack("<I2I2I4I4I2I2", PCM, 1, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * 2, bytes, 16)
  local size = 4 + 8 + #format + 8 + data_bytes
  return string.pack("<c4I4c4", "RIFF", size, "WAVE")
    .. string.pack("<c4I4", "fmt ", #format)
    .. format
    .. string.pack("<c4I4", "data", data_bytes)
end

--- The tone as the bytes of a file: one second, one channel, 16 bit, 48 kHz.
function wav.tone()
  local samples, frames = {}, SAMPLE_RATE_HZ
  for frame = 0, frames - 1 do
    local step = frame * STEPS // frames + 1
    local phase = 2 * math.pi * TONE_HZ * frame / SAMPLE_RATE_HZ
    local value = wav.level(step) * math.sin(phase)
    samples[frame + 1] = string.pack("<i2", math.floor(value * FULL_SCALE + 0.5))
  end
  return header(2 * frames) .. table.concat(samples)
end

--- Position and size of every chunk of a RIFF file, by name.
local function chunks_of(bytes)
  local chunks, at = {}, 13
  while at + 7 <= #bytes do
    local name, size = string.unpack("<c4I4", bytes, at)
    chunks[name] = { at = at + 8, size = size }
    at = at + 8 + size + size % 2
  end
  return chunks
end

local Sound = {}
Sound.__index = Sound

--- A file that REAPER rendered; nil and a sentence when it is no WAV file.
function wav.read(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read("a") or ""
  local _ = file and file:close()
  local chunks = chunks_of(bytes)
  if bytes:sub(1, 4) ~= "RIFF" or not chunks["fmt "] or not chunks.data then
    return nil, path .. " is no WAV file."
  end
  local tag, channels, rate_hz, _, _, bits =
    string.unpack("<I2I2I4I4I2I2", bytes, chunks["fmt "].at)
  if tag == EXTENSIBLE then
    tag = string.unpack("<I2", bytes, chunks["fmt "].at + 24) -- start of the sub-format's GUID
  end
  return setmetatable({
    bytes = bytes,
    data = chunks.data,
    is_float = tag == FLOAT,
    channels = channels,
    rate_hz = rate_hz,
    bits = bits,
  }, Sound)
end

--- "float 32 bit, 2 channels, 48000 Hz"
function Sound:format()
  local kind = self.is_float and "float" or "integer"
  return ("%s %d bit, %d channels, %d Hz"):format(kind, self.bits, self.channels, self.rate_hz)
end

function Sound:length_s()
  return self.data.size / (4 * self.channels) / self.rate_hz
end

--- Largest sample of any channel within the tenth of a second that starts at `start_s`.
function Sound:peak(start_s)
  local first = math.floor((start_s + EDGE_S) * self.rate_hz) * self.channels
  local last = math.floor((start_s + wav.STEP_S - EDGE_S) * self.rate_hz) * self.channels
  local peak = 0
  for index = first, math.min(last, self.data.size // 4) - 1 do
    peak = math.max(peak, math.abs((string.unpack("<f", self.bytes, self.data.at + 4 * index))))
  end
  return peak
end

return wav
