-- @noindex
-- The tree of folders as plain numbers, without REAPER.
--
-- A project keeps, per track, by how many levels the next one is deeper ("change", I_FOLDERDEPTH: 1
-- opens a folder, -n closes n). Here a tree is the list of levels, how many folders every track
-- lies in, in project order; changes follow from it.

local folders = {}

--- Level of every track; closing more than is open does no harm, as in REAPER.
function folders.levels(changes)
  local levels, level = {}, 0
  for place, change in ipairs(changes) do
    levels[place] = level
    level = math.max(0, level + math.min(change, 1))
  end
  return levels
end

--- What each track says of the next; the last one closes everything that is open.
function folders.changes(levels)
  local changes = {}
  for place, level in ipairs(levels) do
    changes[place] = (levels[place + 1] or 0) - level
  end
  return changes
end

--- Place of the last track inside a folder; the track's own where nothing lies in it.
function folders.last_inside(levels, place)
  local last = place
  while levels[last + 1] and levels[last + 1] > levels[place] do
    last = last + 1
  end
  return last
end

--- Places of the tracks directly inside a folder.
function folders.children(levels, place)
  local children = {}
  for inner = place + 1, folders.last_inside(levels, place) do
    if levels[inner] == levels[place] + 1 then
      children[#children + 1] = inner
    end
  end
  return children
end

--- Places of the chosen tracks that lie in no other chosen one. `chosen` is a set of places.
function folders.roots(levels, chosen)
  local roots, last = {}, 0
  for place in ipairs(levels) do
    if chosen[place] and place > last then
      roots[#roots + 1] = place
      last = folders.last_inside(levels, place)
    end
  end
  return roots
end

--- The tree with the roots, and all that lies in them, in a new folder where the first of them is.
-- Rows of {place = in the old order, nil for the new folder, level = in the new tree}.
function folders.grouped(levels, roots)
  local inner, is_inside = {}, {}
  local level = levels[roots[1]]
  for _, root in ipairs(roots) do
    for place = root, folders.last_inside(levels, root) do
      inner[#inner + 1] = { place = place, level = level + 1 + levels[place] - levels[root] }
      is_inside[place] = true
    end
  end
  local rows = {}
  for place in ipairs(levels) do
    if place == roots[1] then
      rows[#rows + 1] = { level = level }
      table.move(inner, 1, #inner, #rows + 1, rows)
    elseif not is_inside[place] then
      rows[#rows + 1] = { place = place, level = levels[place] }
    end
  end
  return rows
end

--- The tree in which a folder is an ordinary track in front of all that lay in it. Rows as of
-- `grouped`.
function folders.dissolved(levels, folder)
  local rows, last = {}, folders.last_inside(levels, folder)
  for place, level in ipairs(levels) do
    local was_inside = place > folder and place <= last
    rows[place] = { place = place, level = was_inside and level - 1 or level }
  end
  return rows
end

--- The change that each row's track must say. A track that says so already keeps its own words,
-- `old`, also where they are not the usual ones (REAPER lets the last track leave folders open).
function folders.row_changes(rows, old)
  local usual, levels = folders.changes(folders.levels(old)), {}
  for at, row in ipairs(rows) do
    levels[at] = row.level
  end
  local changes = folders.changes(levels)
  for at, row in ipairs(rows) do
    if row.place and changes[at] == usual[row.place] then
      changes[at] = old[row.place]
    end
  end
  return changes
end

return folders
