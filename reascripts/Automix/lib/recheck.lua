-- @noindex
-- Whether tracks are still what was measured; it takes a while, so it is done in steps.

local apply = require("apply")
local snapshot = require("snapshot")

local recheck = {}

local GONE = "It was deleted while the balance ran."
local CHANGED = "It was changed while the balance ran; balance again."
local ROUNDS = 3 -- somebody who keeps editing does not hold up the others' faders for ever

local Recheck = {}
Recheck.__index = Recheck

local function by_id(session)
  local rows = {}
  for _, row in ipairs(session.tracks) do
    rows[row.id] = row
  end
  return rows
end

local function restart(self)
  self.state = reaper.GetProjectStateChangeCount(self.project)
  self.tracks = apply.tracks(self.project)
  self.round, self.next = self.round + 1, 1
  self.moves, self.left_out = {}, {}
end

--- Compares the tracks of some moves with the session they were measured in.
function recheck.begin(project, session, moves)
  local self = setmetatable({ project = project, all = moves, round = 0 }, Recheck)
  self.measured = by_id(session)
  restart(self)
  return self
end

local function reason(self, move)
  local track, measured = self.tracks[move.track_id], self.measured[move.track_id]
  if not track or not measured then
    return GONE
  end
  local now = snapshot.track(self.project, track)
  return snapshot.fingerprint(now) ~= snapshot.fingerprint(measured) and CHANGED or nil
end

local function sort(self, move)
  local why = reason(self, move)
  if why then
    self.left_out[#self.left_out + 1] = { track_id = move.track_id, why = why }
  else
    self.moves[#self.moves + 1] = move
  end
end

--- Goes on for so long; true when all is compared and nothing has changed since it began.
-- `moves` then has what can be made, `left_out` the rest with the reason.
function Recheck:step(budget_s)
  local is_new = reaper.GetProjectStateChangeCount(self.project) ~= self.state
  if is_new and self.round < ROUNDS then
    restart(self)
  end
  local is_last = self.round == ROUNDS -- done at once, so that nothing can change meanwhile
  local until_s = is_last and math.huge or reaper.time_precise() + budget_s
  while self.next <= #self.all and reaper.time_precise() < until_s do
    sort(self, self.all[self.next])
    self.next = self.next + 1
  end
  return self.next > #self.all
end

return recheck
