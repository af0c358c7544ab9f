-- @noindex
-- The stems of a session: top-level folders and loose tracks, those of the selection or all.

local json = require("json")

local stems = {}

--- Track id → the id of the stem it lies in.
function stems.around(session)
  local around = {}
  for _, track in ipairs(session.tracks) do -- parents come first
    local parent_id = track.parent_id ~= json.null and track.parent_id or nil
    around[track.id] = parent_id and around[parent_id] or track.id
  end
  return around
end

--- Ids, as a set, of the stems that are matched: those that are selected or have a selected track
-- inside, all where none does; never the track that is the reference. And whether they are all.
function stems.chosen(session, reference_id)
  local around, selected, all = stems.around(session), {}, {}
  for _, track in ipairs(session.tracks) do
    local stem_id = around[track.id]
    if track.id ~= reference_id and stem_id ~= reference_id then
      all[stem_id] = true
      selected[stem_id] = track.selected or selected[stem_id] or nil
    end
  end
  local is_all = next(selected) == nil
  return is_all and all or selected, is_all
end

--- Ids, as a set, of the stems of an earlier match (by id) that are still stems but not `chosen`.
function stems.others(session, earlier, chosen)
  local around, others = stems.around(session), {}
  for track_id in pairs(earlier) do
    others[track_id] = around[track_id] == track_id and not chosen[track_id] or nil
  end
  return others
end

return stems
