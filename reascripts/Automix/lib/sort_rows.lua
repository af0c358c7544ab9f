-- @noindex
-- The lines of the review of stems: what each track is taken for, and the stem chosen for it.

local json = require("json")

local rows = {}

local STAYS = "stays where it is"

local NONE = "–"
local LEAVE = "" -- the choice that leaves a track where it is
local CHOSEN = "You chose this."

local function text_or(value, other)
  return type(value) == "string" and value ~= "" and value or other
end

--- What stems are called, by their name.
local function titles_of(sorting)
  local titles = {}
  for _, stem in ipairs(sorting.stems) do
    titles[stem.name] = stem.title
  end
  return titles
end

local function line_of(row, titles)
  local role = text_or(row.role, nil)
  return {
    track_id = row.track_id,
    name = text_or(row.name, "(no name)"),
    depth = row.depth,
    role_text = role or NONE,
    role = role,
    sure = role and string.format("%.0f %%", row.confidence * 100) or NONE,
    stem = text_or(row.stem, LEAVE),
    proposed = text_or(row.stem, LEAVE),
    folder = row.folder,
    titles = titles,
    is_loose = row.state ~= "stays",
    is_unmatched = row.state == "unmatched",
    why = row.why,
  }
end

--- The loose tracks, and what stands at the top beside them, as lines.
function rows.lines(sorting)
  local lines, titles = {}, titles_of(sorting)
  for _, row in ipairs(sorting.rows) do
    if row.state ~= "stays" or row.depth == 0 then
      lines[#lines + 1] = line_of(row, titles)
    end
  end
  return lines
end

--- Whether there is a track that only a person can say the stem of.
function rows.any_unmatched(sorting)
  for _, row in ipairs(sorting.rows) do
    if row.state == "unmatched" then
      return true
    end
  end
  return false
end

--- The choices for a line, {name, title}: to leave it, then every stem.
function rows.choices(sorting)
  return { { name = LEAVE, title = STAYS }, table.unpack(sorting.stems) }
end

local function is_changed(line)
  return line.stem ~= line.proposed
end

--- The stem of a line as it is shown: its folder as long as nobody chose another.
function rows.goal(line)
  if not line.is_loose or line.stem == LEAVE then
    return NONE
  end
  return not is_changed(line) and text_or(line.folder, nil) or line.titles[line.stem]
end

--- Why a line is as it is.
function rows.why(line)
  return is_changed(line) and CHOSEN or line.why
end

--- Whether a line's track is going to move, as far as is known before the worker says so.
function rows.is_moving(line)
  return line.is_loose and line.stem ~= LEAVE and (is_changed(line) or line.folder ~= "")
end

--- The stem of a line becomes the next of the choices, by so many steps; the last is followed by
-- the first.
function rows.step(line, choices, steps)
  local now = 1
  for index, choice in ipairs(choices) do
    now = choice.name == line.stem and index or now
  end
  line.stem = choices[(now - 1 + steps) % #choices + 1].name
end

--- What is wished of every loose track, by GUID.
function rows.wishes(lines)
  local wishes = {}
  for _, line in ipairs(lines) do
    if line.is_loose then
      local stem = line.stem ~= LEAVE and line.stem or json.null
      wishes[line.track_id] = { stem = stem, role = line.role or json.null }
    end
  end
  return wishes
end

local function count_text(count)
  return count == 1 and "1 track" or count .. " tracks"
end

--- What is going to be done, as the heading.
function rows.heading(lines)
  local moving = 0
  for _, line in ipairs(lines) do
    moving = moving + (rows.is_moving(line) and 1 or 0)
  end
  return moving == 0 and "Nothing is going to move" or count_text(moving) .. " go into stems"
end

--- What else there is to know.
function rows.details(lines, sorting)
  local unmatched, inside = 0, #sorting.rows - #lines
  for _, line in ipairs(lines) do
    unmatched = unmatched + (line.is_unmatched and line.stem == LEAVE and 1 or 0)
  end
  local parts = {}
  if unmatched > 0 then
    parts[#parts + 1] = unmatched .. " unmatched"
  end
  if inside > 0 then
    parts[#parts + 1] = count_text(inside) .. " in folders stay there"
  end
  return table.concat(parts, " · ")
end

--- A line as it is read out.
function rows.spoken(line)
  local goal = rows.is_moving(line) and "into " .. rows.goal(line) or "stays"
  local words = { line.name, line.role or "no role", goal }
  local why = rows.why(line)
  if why ~= "" then
    words[#words + 1] = why
  end
  return table.concat(words, ", ")
end

return rows
