-- @noindex
-- The projects that are open in tabs.

local projects = {}

local function find(project)
  local index = 0
  local found, path = reaper.EnumProjects(index)
  while found and found ~= project do
    index = index + 1
    found, path = reaper.EnumProjects(index)
  end
  return found, path
end

--- Whether the project is still open in some tab.
function projects.is_open(project)
  return find(project) ~= nil
end

--- The .RPP file of an open project, "" before it was saved for the first time.
function projects.path(project)
  local _, path = find(project)
  return path or ""
end

return projects
