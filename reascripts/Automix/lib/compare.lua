-- @noindex
-- Before and after the last balance or match: switching between the two, equally loud, and going
-- back.
--
-- A fader that was moved by hand since the balance, or since the last switch, stays as it is. The
-- master's fader is scaled while the state before is heard, and what it was is kept meanwhile.

local apply = require("apply")
local controls = require("controls")
local envelopes = require("snapshot_envelopes")
local guard = require("guard")
local lamp = require("lamp")
local sides = require("match_sides")
local speak = require("speak")
local store = require("store")
local undo = require("undo")

local compare = {}

local TRIM_READ, NO_OVERRIDE = 0, -1 -- automation modes
local MASTER_ENVELOPES = { "<MASTERVOLENV2", "<VOLENV2" }
local NOTHING = "Nothing was balanced or matched in this project yet; balance it first."
local MASTER_DRIVEN = "The master's fader is driven by volume automation, so before and after "
  .. "cannot be made equally loud; set its automation mode to trim/read."

local TITLES = {
  before = "Automix: hear the mix before the %s",
  after = "Automix: hear the mix after the %s",
  back = "Automix: restore the mix before the %s",
}
local WORKS = { "balance", "match" }

--- The fader as the engine sees it: the real one times what other controls add.
local function virtual_fader(track)
  return reaper.GetMediaTrackInfo_Value(track, "D_VOL") * apply.added(track)
end

--- Whether a track stands where the move found it. A fader with automation does not tell: it
-- follows its envelope.
local function is_untouched(track, move)
  return move.control == "envelope" or controls.is_same(virtual_fader(track), move.before)
end

--- The moves that lead to a side.
local function moves_to(side, state)
  local moves = {}
  for index, move in ipairs(state.moves) do
    local from, to = move.before, move.after
    if side == "before" then
      from, to = to, from
    end
    moves[index] = { track_id = move.track_id, control = move.control, before = from, after = to }
  end
  return moves
end

--- The moves whose tracks stand where they should or are gone, and the names of the others.
local function sort(project, moves)
  local tracks, possible, by_hand = apply.tracks(project), {}, {}
  for _, move in ipairs(moves) do
    local track = tracks[move.track_id]
    if track and not is_untouched(track, move) then
      by_hand[#by_hand + 1] = select(2, reaper.GetTrackName(track))
    else
      possible[#possible + 1] = move
    end
  end
  table.sort(by_hand)
  return possible, by_hand
end

--- What stays as it is, as a sentence; nil when nothing does.
local function stays(by_hand, left_out)
  local words = {}
  if #by_hand > 0 then
    words[1] = table.concat(by_hand, ", ") .. " (moved by hand since)"
  end
  if #left_out > 0 then
    local tracks = #left_out == 1 and "1 track that is" or #left_out .. " tracks that are"
    words[#words + 1] = tracks .. " gone or cannot be written any more"
  end
  return #words > 0 and "Left as it is: " .. table.concat(words, "; ") .. "." or nil
end

--- What the last one was: a "balance", or a "match", which has pans and strips as well.
local function work_of(project, state)
  return sides.is_match(project, state.title) and "match" or "balance"
end

local function match_gain(state)
  return 10 ^ (state.match_db / 20)
end

local function master_fader(project)
  local master = reaper.GetMasterTrack(project)
  return master, reaper.GetMediaTrackInfo_Value(master, "D_VOL")
end

--- Whether an envelope takes the place of the master's fader.
local function is_master_driven(project)
  local master = reaper.GetMasterTrack(project)
  if
    reaper.GetTrackAutomationMode(master) == TRIM_READ
    and reaper.GetGlobalAutomationOverride() == NO_OVERRIDE
  then
    return false
  end
  for _, name in ipairs(MASTER_ENVELOPES) do
    local block = envelopes.block(reaper.GetTrackEnvelopeByChunkName(master, name))
    if block and envelopes.is_active(block) then
      return true
    end
  end
  return false
end

--- Makes the state before as loud as the one after; the master's own fader is kept. It may go above
-- the top of the drawn fader: REAPER's faders have no end.
local function match_master(project, state)
  local master, found = master_fader(project)
  reaper.SetMediaTrackInfo_Value(master, "D_VOL", found * match_gain(state))
  store.set_side(project, "before", found)
end

--- Takes the match off the master again: exactly, or from where the user moved it meanwhile.
local function release_master(project, state)
  local master, found = master_fader(project)
  local kept = state.master_gain or found
  local is_kept = controls.is_same(found, kept * match_gain(state))
  reaper.SetMediaTrackInfo_Value(master, "D_VOL", is_kept and kept or found / match_gain(state))
  store.set_side(project, "after")
end

--- Makes what can be made of the moves, and `also`, as one undo point.
-- Gives how many, and a sentence on what stays; or nil and what went wrong.
local function make(project, title, moves, also)
  local possible, by_hand = sort(project, moves)
  local made, left_out = apply.moves(project, title, possible, also)
  if not made then
    return nil, left_out
  end
  return #made, stays(by_hand, left_out)
end

--- The same where `also` has to be done even when every track was moved by hand or is gone.
local function make_always(project, title, moves, also)
  local made, message = make(project, title, moves, also)
  if made == 0 then
    local ok, fault = undo.block(project, title, also)
    return ok and made or nil, ok and message or fault
  end
  return made, message
end

--- What was moved by hand while the state before was heard counts from the state after: it is
-- beside that that the user hears it now.
local function go_after(project, state, work)
  local moves = moves_to("after", state)
  return make_always(project, TITLES.after:format(work), moves, function()
    release_master(project, state)
    store.note_moves(project, moves)
    if work == "match" then
      sides.go(project, "after")
    end
  end)
end

--- A match may have more to it than faders.
local MAKE = { balance = make, match = make_always }

local function go_before(project, state, work)
  if not controls.is_same(match_gain(state), 1) and is_master_driven(project) then
    return nil, MASTER_DRIVEN
  end
  local title, moves = TITLES.before:format(work), moves_to("before", state)
  local made, message = MAKE[work](project, title, moves, function(made)
    match_master(project, state)
    store.note_moves(project, made or {})
    if work == "match" then
      sides.go(project, "before")
    end
  end)
  if made == 0 and work == "balance" then
    return nil, message or NOTHING
  end
  return made, message
end

--- Switches a project to the state "before" or "after" its last balance.
-- Gives how many tracks moved and nil or a sentence on the others; or nil and a sentence.
function compare.switch(project, side)
  local state = store.before(project)
  if not state then
    return nil, NOTHING
  end
  if state.side == side then
    return 0
  end
  local go = side == "before" and go_before or go_after
  local made, message = go(project, state, work_of(project, state))
  lamp.show(store.heard(project) == "before")
  return made, message
end

--- The moves that led to the state before, of the tracks that stand there.
local function moves_back(project, state)
  return moves_to("before", { moves = (sort(project, moves_to("after", state))) })
end

--- Leaves no control of ours behind that does nothing any more.
local function tidy(project, moves)
  local tracks = apply.tracks(project)
  for _, move in ipairs(moves) do
    local track, remove = tracks[move.track_id], controls[move.control].tidy
    if track and remove then
      remove(track)
    end
  end
end

--- Takes back a match that a balance came after, once that balance is taken back. What was moved
-- since stays.
local function take_match_back(project)
  local ok, fault = undo.block(project, TITLES.back:format("match"), function()
    sides.take_back(project)
  end)
  return ok and 1 or nil, fault
end

--- Puts what the last balance or match moved back to where it was, and forgets it; a match that was
-- there before a balance is the next to go back. Gives as `switch` does.
function compare.go_back(project)
  local state = store.before(project)
  if not state and sides.is_there(project) then
    return take_match_back(project)
  end
  if not state then
    return nil, NOTHING
  end
  local work = work_of(project, state)
  local is_back, is_match = state.side == "before", work == "match"
  local moves = is_back and {} or moves_to("before", state)
  local made, message = make_always(project, TITLES.back:format(work), moves, function(made)
    if is_back then
      release_master(project, state)
    end
    store.note_moves(project, is_back and moves_back(project, state) or made or {}, true)
    tidy(project, state.moves)
    if is_match then
      sides.take_back(project)
    end
    store.forget_before(project)
  end)
  lamp.show(store.heard(project) == "before")
  return made, message
end

--- Whether an undo point of this title is a switch between before and after.
function compare.is_switch(title)
  for _, work in ipairs(WORKS) do
    if title == TITLES.before:format(work) or title == TITLES.after:format(work) then
      return true
    end
  end
  return false
end

local function tell(made, message, said)
  if message then
    speak.tell(message)
  end
  if made then
    speak.announce(said)
  end
end

--- Whether the state before the last match is heard.
function compare.is_before_match(project)
  local state = store.before(project)
  return state ~= nil and state.side == "before" and work_of(project, state) == "match"
end

--- What is heard on a side of the last balance or match, as a sentence.
function compare.heard_text(project, side)
  local state = store.before(project)
  local words = side == "before" and "Before the %s." or "After the %s."
  return words:format(state and work_of(project, state) or "balance")
end

--- The action: the other side.
function compare.toggle()
  guard.no_undo_point()
  local project = reaper.EnumProjects(-1)
  local side = store.heard(project) == "before" and "after" or "before"
  local made, message = compare.switch(project, side)
  tell(made, message, compare.heard_text(project, side))
end

--- The action: back to before the last balance or match.
function compare.restore()
  guard.no_undo_point()
  local project = reaper.EnumProjects(-1)
  local state = store.before(project)
  local work = state and work_of(project, state) or "match"
  local made, message = compare.go_back(project)
  tell(made, message, ("The mix is back to where it was before the %s."):format(work))
end

return compare
