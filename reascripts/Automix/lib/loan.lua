-- @noindex
-- What is borrowed from the user for a while (settings, selection) and given back as it was.

local Loan = {}
Loan.__index = Loan

--- A loan of nothing yet.
function Loan.new()
  return setmetatable({ returns = {} }, Loan)
end

--- Calls `set(wanted)` now, unless it is so already, and `set(found)` when all is given back.
function Loan:borrow(found, wanted, set)
  if found == wanted then
    return
  end
  self:on_return(function()
    set(found)
  end)
  set(wanted)
end

--- Calls `give_back` when all is given back, after everything that is borrowed from now on.
function Loan:on_return(give_back)
  self.returns[#self.returns + 1] = give_back
end

--- Gives everything back, the last first. What fails is tried once more, and stops nothing else.
function Loan:give_back()
  while #self.returns > 0 do
    local give_back = table.remove(self.returns)
    local _ = pcall(give_back) or pcall(give_back)
  end
end

local function traceback(fault)
  return debug.traceback(tostring(fault), 2)
end

--- What `work(loan)` gives; everything it borrowed is given back first, also after a bug.
function Loan.during(work)
  local loan = Loan.new()
  local results = table.pack(xpcall(work, traceback, loan))
  loan:give_back()
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

return Loan
