-- @noindex
-- The lines of a result's table: what is known of each track, in words and figures.

local rows = {}

local NOTES = { "C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B" }
local MINUS, NONE = "−", "–"
local FULL = "full" -- measured over the full band, because there is no pitch to go by
local NOTES_ON_TOP = 3
local VERBS = { balance = "Balanced ", match = "Matched " }
local SCALE_DB = 6 -- of the bars, at least

--- A figure with a true minus sign; one that is shown as zero has none.
local function figure(value, format)
  local text = string.format(format, value)
  if tonumber(text) == 0 then
    text = text:gsub("^[+-]", "")
  end
  return (text:gsub("-", MINUS))
end

--- A sentence with true minus signs before its figures.
local function sentence(text)
  return ((" " .. text):gsub("([%s(])%-(%d)", "%1" .. MINUS .. "%2"):sub(2))
end

local function note_name(f0_hz)
  local midi = math.floor(69 + 12 * math.log(f0_hz / 440, 2) + 0.5)
  return NOTES[midi % 12 + 1] .. (midi // 12 - 1)
end

--- "110 Hz" and "A2"; "full" and no note where a track has a level and no pitch, else "–".
function rows.pitch(f0_hz, level_lufs)
  local hz = tonumber(f0_hz)
  if not hz or hz <= 0 then
    return tonumber(level_lufs) and FULL or NONE, ""
  end
  return figure(hz, hz < 100 and "%.1f" or "%.0f") .. " Hz", note_name(hz)
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

--- From where to where a fader moved, "fader −15.0 → −11.4", or where it stays; "" for one that was
-- or is closed.
local function way(row)
  local after_db, move_db = tonumber(row.fader_db), tonumber(row.move_db)
  if not (after_db and move_db) then
    return ""
  end
  if row.status == "kept" then
    return "fader stays at " .. figure(after_db, "%.1f")
  end
  return "fader " .. figure(after_db - move_db, "%.1f") .. " → " .. figure(after_db, "%.1f")
end

--- Where a track lands, ", lands at −31.5 LUFS"; "" where it has no level.
local function landing(row)
  local level_lufs, fader_db = tonumber(row.level_lufs), tonumber(row.fader_db)
  return level_lufs and fader_db and ", lands at " .. rows.level(level_lufs + fader_db) .. " LUFS"
    or ""
end

local function line_of(row, why_left_out)
  local is_moved = row.status == "moved" and not why_left_out
  local hz, note = rows.pitch(row.f0_hz, row.level_lufs)
  local why = sentence(why_left_out or row.why)
  local fader = why == "" and row.status ~= "skipped" and way(row) or ""
  return {
    name = row.name ~= "" and row.name or "(no name)",
    depth = row.depth,
    is_sum = row.kind == "folder" or row.kind == "bus",
    status = why_left_out and "skipped" or row.status,
    hz = hz,
    note = note,
    level = rows.level(row.level_lufs),
    move_db = is_moved and tonumber(row.move_db) or nil,
    move = is_moved and rows.move(row.move_db) or row.status == "moved" and "left" or row.status,
    why = why .. fader,
    about = why .. fader .. (fader ~= "" and landing(row) or ""),
  }
end

local function add_notes(lines, notes, first, last)
  for index = first, last do
    lines[#lines + 1] = { is_note = true, about = sentence(notes[index]) }
  end
end

--- Every track as a line of the table, and the notes as lines that have only `about`: the first of
-- them on top, where they are seen, the others below.
function rows.lines(answer, left_out)
  local lines, why, notes = {}, reasons(left_out), answer.notes
  add_notes(lines, notes, 1, math.min(#notes, NOTES_ON_TOP))
  for _, row in ipairs(answer.rows) do
    lines[#lines + 1] = line_of(row, why[row.track_id])
  end
  add_notes(lines, notes, NOTES_ON_TOP + 1, #notes)
  return lines
end

--- The largest move, for the scale of the bars; at least 6 dB.
function rows.largest_db(lines)
  local largest = SCALE_DB
  for _, line in ipairs(lines) do
    largest = math.max(largest, math.abs(line.move_db or 0))
  end
  return largest
end

local function count_text(count, word)
  return count .. " " .. word .. (count == 1 and "" or "s")
end

--- "16 tracks and 5 folders", as many as were moved of each.
local function moved_text(made, answer_rows)
  local is_folder, folders = {}, 0
  for _, row in ipairs(answer_rows) do
    is_folder[row.track_id] = row.kind == "folder"
  end
  for _, move in ipairs(made) do
    folders = folders + (is_folder[move.track_id] and 1 or 0)
  end
  local parts = {}
  for _, part in ipairs({ { #made - folders, "track" }, { folders, "folder" } }) do
    parts[#parts + 1] = part[1] > 0 and count_text(part[1], part[2]) or nil
  end
  return table.concat(parts, " and ")
end

--- "Balanced 16 tracks and 5 folders", and what else there is to say: "2 tracks left as found  ·
-- mix −18.2 → −18.3 LUFS".
function rows.heading(outcome)
  local answer, details = outcome.answer, {}
  if #outcome.left_out > 0 then
    details[#details + 1] = count_text(#outcome.left_out, "track") .. " left as found"
  end
  local before, after = tonumber(answer.mix.before_lufs), tonumber(answer.mix.after_lufs)
  if before and after then
    details[#details + 1] = "mix "
      .. figure(before, "%.1f")
      .. " → "
      .. figure(after, "%.1f")
      .. " LUFS"
  end
  local title = VERBS[outcome.work or "balance"] .. moved_text(outcome.made, answer.rows)
  return #outcome.made > 0 and title or "Nothing moved", table.concat(details, "  ·  ")
end

--- All that is to say about a line beside its figures.
function rows.detail(line)
  if line.is_note then
    return line.about
  end
  return line.about == "" and line.name or line.name .. "  ·  " .. line.about
end

--- A line as it is read out.
function rows.spoken(line)
  if line.is_note then
    return line.about
  end
  local words = { line.name }
  local function add(text, unit)
    if text ~= NONE and text ~= "" then
      words[#words + 1] = text .. unit
    end
  end
  add(line.hz == FULL and "full band" or line.hz, line.note ~= "" and " " .. line.note or "")
  add(line.level, " LUFS")
  add(line.move, line.move_db and " dB" or "")
  add(line.about, "")
  return table.concat(words, ", ")
end

return rows
