-- @noindex
-- Whether tracks are still what was measured; it takes a while, so it is done in steps.
--
-- What the session tells is compared as it tells it. Effects are compared by their state, where
-- that was measured: the session has no more than their names.

local apply = require("apply")
local snapshot = require("snapshot")

local recheck = {}

local GONE = "It was deleted while the balance ran."
local CHANGED = "It was changed while the balance ran; balance again."
local ROUNDS = 3 -- somebody who keeps editing does not hold up the others' faders for ever

-- First words of the lines of a state that the session has too, or that nobody hears (as
-- reaper_automix/worker/renders.py UNHEARD_LINES).
local PASSED_OVER = {}
for word in
  ([[NAME PEAKCOL SEL BEAT AUTOMODE VOLPAN PANLAW PANMODE MUTESOLO ISBUS BUSCOMP SHOWINMIX LAYOUTS
  TRACKHEIGHT TRACKIMGFN INQ REC VU LOCK SPACER MAINSEND HWOUT GROUP_FLAGS GROUP_FLAGS_HIGH COLOR
  YPOS TAKECOLOR IMGRESOURCEFLAGS WNDRECT SHOW LASTSEL DOCKED FLOAT FLOATPOS VIS LANEHEIGHT
  ARM]]):gmatch("%S+")
do
  PASSED_OVER[word] = true
end

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

--- Compares the tracks of some moves with the session they were measured in, and with `chunks`,
-- the states (by GUID) of those that were measured with their effects.
function recheck.begin(project, session, moves, chunks)
  local self = setmetatable({ project = project, all = moves, chunks = chunks, round = 0 }, Recheck)
  self.measured = by_id(session)
  restart(self)
  return self
end

local function heard_lines(chunk)
  local kept = {}
  for line in chunk:gmatch("[^\r\n]+") do
    kept[#kept + 1] = not PASSED_OVER[line:match("%S+")] and line or nil
  end
  return table.concat(kept, "\n")
end

local function has_another_state(track, chunk)
  local _, now = reaper.GetTrackStateChunk(track, "", false)
  return now ~= chunk and heard_lines(now) ~= heard_lines(chunk)
end

local function reason(self, move)
  local track, measured = self.tracks[move.track_id], self.measured[move.track_id]
  if not track or not measured then
    return GONE
  end
  local now, chunk = snapshot.track(self.project, track), self.chunks[move.track_id]
  local is_changed = snapshot.fingerprint(now) ~= snapshot.fingerprint(measured)
    or chunk and has_another_state(track, chunk)
  return is_changed and CHANGED or nil
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
