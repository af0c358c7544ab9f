-- @noindex
-- What a row of the self test answers: whether it holds, and what was seen.

local checks = {}

local function shown(value)
  if type(value) == "table" then
    local parts = {}
    for index, element in ipairs(value) do
      parts[index] = shown(element)
    end
    return #parts > 0 and table.concat(parts, ", ") or "none"
  end
  return type(value) == "number" and ("%.10g"):format(value) or tostring(value)
end

local function answer(ok, seen, wanted)
  return ok, ok and shown(seen) or ("%s instead of %s"):format(shown(seen), shown(wanted))
end

--- Whether what was seen, a value or a list of values, is what is wanted.
function checks.same(seen, wanted)
  return answer(shown(seen) == shown(wanted), seen, wanted)
end

--- Whether a number is within a share (0.01 is one per cent) of the wanted one.
function checks.near(seen, wanted, share)
  return answer(math.abs(seen - wanted) <= math.abs(wanted) * share, seen, wanted)
end

return checks
