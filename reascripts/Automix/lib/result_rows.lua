-- @noindex
-- The lines of a result's table: what is known of each track, in words and figures.

local rows = {}

local NOTES = { "C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B" }
local MINUS, NONE = "−", "–"

--- A figure with a true minus sign.
local function figure(value, format)
  return (string.format(format, value):gsub("-", MINUS))
end

local function note_name(f0_hz)
  local midi = math.floor(69 + 12 * math.log(f0_hz / 440, 2) + 0.5)
  return NOTES[midi % 12 + 1] .. (midi // 12 - 1)
end

--- "110 Hz  A2", or – where nothing has a pitch.
function rows.pitch(f0_hz)
  local hz = tonumber(f0_hz)
  if not hz or hz <= 0 then
    return NONE
  end
  return figure(hz, hz < 100 and "%.1f" or "%.0f") .. " Hz  " .. note_name(hz)
end

--- Level in LUFS, "−21.3".
function rows.level(level_lufs)
  local lufs = tonumber(level_lufs)
  return lufs and figure(lufs, "%.1f") or NONE
end

--- Move in dB, "+2.5".
function rows.move(move_db)
  local db = tonumber(move_db)
  return db and figure(db, "%+.1f") or NONE
end

local function reasons(left_out)
  local why = {}
  for _, row in ipairs(left_out) do
    why[row.track_id] = row.why
  end
  return why
end

local function line_of(row, why_left_out)
  local is_moved = row.status == "moved" and not why_left_out
  return {
    name = row.name ~= "" and row.name or "(no name)",
    depth = row.depth,
    is_sum = row.kind == "folder" or row.kind == "bus",
    status = why_left_out and "skipped" or row.status,
    pitch = rows.pitch(row.f0_hz),
    level = rows.level(row.level_lufs),
    move_db = is_moved and tonumber(row.move_db) or nil,
    move = is_moved and rows.move(row.move_db) or row.status == "moved" and "left" or row.status,
    why = why_left_out or row.why,
  }
end

--- Every track as a line of the table, then the notes as lines that have only `why`.
function rows.lines(answer, left_out)
  local lines, why = {}, reasons(left_out)
  for _, row in ipairs(answer.rows) do
    lines[#lines + 1] = line_of(row, why[row.track_id])
  end
  for _, note in ipairs(answer.notes) do
    lines[#lines + 1] = { is_note = true, why = note }
  end
  return lines
end

--- The largest move, for the scale of the bars; at least 6 dB.
function rows.largest_db(lines)
  local largest = 6
  for _, line in ipairs(lines) do
    largest = math.max(largest, math.abs(line.move_db or 0))
  end
  return largest
end

local function count_text(count)
  return count == 1 and "1 track" or count .. " tracks"
end

--- "Balanced 24 tracks", and what else there is to say: "2 left out · mix −18.2 → −18.3 LUFS".
function rows.heading(outcome)
  local answer, details = outcome.answer, {}
  if #outcome.left_out > 0 then
    details[#details + 1] = count_text(#outcome.left_out) .. " left as found"
  end
  local before, after = tonumber(answer.mix.before_lufs), tonumber(answer.mix.after_lufs)
  if before and after then
    details[#details + 1] = "mix "
      .. figure(before, "%.1f")
      .. " → "
      .. figure(after, "%.1f LUFS")
  end
  local title = "Balanced " .. count_text(#outcome.made)
  return #outcome.made > 0 and title or "Nothing moved", table.concat(details, "  ·  ")
end

--- A line as it is read out.
function rows.spoken(line)
  if line.is_note then
    return line.why
  end
  local words = { line.name }
  local function add(text, unit)
    if text ~= NONE and text ~= "" then
      words[#words + 1] = text .. unit
    end
  end
  add(line.pitch, "")
  add(line.level, " LUFS")
  add(line.move, line.move_db and " dB" or "")
  add(line.why, "")
  return table.concat(words, ", ")
end

return rows
