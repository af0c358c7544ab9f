-- What a script finds in its Lua state inside REAPER: `reaper` and `gfx`, and no way past them.
-- Given by lua_host.py: a table of Python functions, each of which answers `ok, …`.

local host = ...

-- Pointers are the same value each time, as they are in REAPER: scripts compare them and use them
-- as keys.
local pointers = {}

local function canonical(value)
  local address = host.address(value)
  if address == nil then
    return value
  end
  pointers[address] = pointers[address] or value
  return pointers[address]
end

-- Errors carry the script's line, since the function that called this one is gone (a tail call).
local function answer(ok, first, ...)
  if not ok then
    error(first, 2)
  end
  if type(first) == "userdata" then
    first = canonical(first)
  end
  return first, ...
end

local function functions(call)
  return setmetatable({}, {
    __index = function(self, name)
      self[name] = function(...)
        return answer(call(name, ...))
      end
      return self[name]
    end,
  })
end

local api = functions(host.call)
local known = setmetatable({}, {
  __index = function(self, name)
    local is_known = host.knows(name)
    self[name] = is_known
    return is_known
  end,
})
reaper = setmetatable({}, {
  __index = function(_, name)
    if known[name] == nil then
      error("REAPER has no function reaper." .. tostring(name), 2)
    end
    return known[name] and api[name] or nil
  end,
  __newindex = function(_, name)
    error("a script does not change reaper." .. tostring(name), 2)
  end,
})

local drawing = functions(host.draw)
gfx = setmetatable({}, {
  __index = function(_, name)
    if host.draws(name) then
      return drawing[name]
    end
    return answer(host.variable(name))
  end,
  __newindex = function(_, name, value)
    answer(host.set_variable(name, value))
  end,
})

python, os.exit = nil, nil

-- Runs a function; the traceback of what went wrong, or nil.
return function(work)
  local ok, trace = xpcall(work, function(message)
    return debug.traceback(tostring(message), 2)
  end)
  return not ok and trace or nil
end
