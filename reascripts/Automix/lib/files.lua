-- @noindex
-- Files and folders. Paths are UTF-8; what fails on a disk is nil or false and a message.

local files = {}

--- A path of parts, with the separator that the first of them uses; both go on Windows.
function files.join(first, ...)
  local separator = first:find("\\", 1, true) and not first:find("/", 1, true) and "\\" or "/"
  local path = first
  for _, part in ipairs({ ... }) do
    path = path:find("[/\\]$") and path .. part or path .. separator .. part
  end
  return path
end

--- Whether there is a file that can be read.
function files.exists(path)
  return path ~= "" and reaper.file_exists(path)
end

--- All bytes of a file; nil and a message when it cannot be read.
function files.read(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local bytes, why = file:read("a")
  file:close()
  if not bytes then
    return nil, path .. ": " .. why
  end
  return bytes
end

local function write_bytes(path, bytes)
  local file, message = io.open(path, "wb")
  if not file then
    return false, message
  end
  local written, why = file:write(bytes)
  local closed, late = file:close() -- a full disk may only say so here
  return written and closed and true or false, why or late
end

--- Puts a file in another one's place. Windows refuses to rename onto a file that is there, so that
--- one is removed first; whoever reads meanwhile finds no file, and never half of one.
local function replace(aside, path)
  local renamed, message = os.rename(aside, path)
  if renamed then
    return true
  end
  if files.exists(path) and os.remove(path) then
    renamed, message = os.rename(aside, path)
  end
  return renamed or false, path .. ": " .. tostring(message)
end

--- Writes a file beside its place and then renames it; false and a message when that fails.
function files.write(path, bytes)
  local aside = path .. ".tmp"
  local done, message = write_bytes(aside, bytes)
  if done then
    done, message = replace(aside, path)
  end
  if not done then
    os.remove(aside)
    return false, message
  end
  return true
end

--- Makes a folder and those it lies in; whether it is there now.
function files.make_folder(path)
  if reaper.RecursiveCreateDirectory(path, 0) > 0 then
    return true
  end
  -- [?] what it answers for a folder that was there before; a file can be written into one.
  local probe = files.join(path, ".automix")
  local is_there = write_bytes(probe, "")
  os.remove(probe)
  return is_there
end

--- Removes a file; whether it is gone.
function files.remove(path)
  return os.remove(path) ~= nil or not files.exists(path)
end

return files
