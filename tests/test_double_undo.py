"""Undo in the double of REAPER gives back the exact text."""

import pytest

from reaper_double import ArgumentError, Reaper, UnbalancedError
from reaper_songs import EVERY_KIND


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path) as running:
        running.open(EVERY_KIND)
        yield running


def fader(reaper, name="Kick"):
    return reaper.pointer(reaper.active.track(name))


def set_fader(reaper, gain):
    reaper.call("SetMediaTrackInfo_Value", fader(reaper), "D_VOL", gain)


def select_and_move(reaper):
    reaper.call("SetOnlyTrackSelected", fader(reaper, "Tom hi"))
    reaper.call("ReorderSelectedTracks", 0, 0)


def delete_first(reaper):
    reaper.call("DeleteTrack", *reaper.call("GetTrack", 0, 0))


CHANGES = {
    "a fader": lambda reaper: set_fader(reaper, 0.123),
    "a new track": lambda reaper: reaper.call("InsertTrackAtIndex", 2, False),
    "a deleted track": delete_first,
    "an order": select_and_move,
    "a name": lambda reaper: reaper.call(
        "GetSetMediaTrackInfo_String", fader(reaper), "P_NAME", "New", True
    ),
    "ext state": lambda reaper: reaper.call("SetProjExtState", 0, "AUTOMIX", "VERSION", "2"),
    "track ext state": lambda reaper: reaper.call(
        "GetSetMediaTrackInfo_String", fader(reaper), "P_EXT:automix_items", "1.5", True
    ),
    "an effect": lambda reaper: reaper.call(
        "TrackFX_AddByName", fader(reaper), "JS:utility/volume", False, -1
    ),
    "a send": lambda reaper: reaper.call("CreateTrackSend", fader(reaper), fader(reaper, "Muted")),
    "an envelope point": lambda reaper: reaper.call(
        "SetEnvelopePoint",
        *reaper.call("GetTrackEnvelope", fader(reaper, "Trim envelope"), 0),
        0,
        None,
        500.0,
    ),
    "the selection of time": lambda reaper: reaper.call(
        "GetSet_LoopTimeRange2", 0, True, False, 1.0, 2.0, False
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_undo_and_redo_give_back_the_exact_text(reaper, change):
    before = reaper.active.rpp
    reaper.call("Undo_BeginBlock2", 0)
    change(reaper)
    reaper.call("Undo_EndBlock2", 0, "A change", -1)
    after = reaper.active.rpp
    assert after != before
    assert reaper.call("Undo_CanUndo2", 0) == ("A change",)
    assert reaper.call("Undo_DoUndo2", 0) == (1,)
    assert reaper.active.rpp == before
    assert reaper.call("Undo_CanUndo2", 0) == (None,)
    assert reaper.active.history.redo()
    assert reaper.active.rpp == after
    assert reaper.unprotected_changes == []


def test_nothing_to_undo(reaper):
    assert reaper.call("Undo_CanUndo2", 0) == (None,)
    assert reaper.call("Undo_DoUndo2", 0) == (0,)


def test_blocks_nest_and_the_outermost_counts(reaper):
    reaper.call("Undo_BeginBlock2", 0)
    reaper.call("Undo_BeginBlock2", 0)
    set_fader(reaper, 0.2)
    reaper.call("Undo_EndBlock2", 0, "Inner", -1)
    assert reaper.undo_depth == 1
    assert reaper.call("Undo_CanUndo2", 0) == (None,)
    reaper.call("Undo_EndBlock2", 0, "Outer", 1)
    assert reaper.undo_depth == 0
    assert [(point.title, point.flags) for point in reaper.active.history.points] == [("Outer", 1)]


def test_a_block_that_changes_nothing_adds_no_undo_point(reaper):
    reaper.call("Undo_BeginBlock2", 0)
    set_fader(reaper, 0.2)
    set_fader(reaper, 0.50118723362727)
    reaper.call("Undo_EndBlock2", 0, "Nothing", -1)
    assert reaper.call("Undo_CanUndo2", 0) == (None,)


def test_an_end_without_a_beginning_is_an_error(reaper):
    with pytest.raises(UnbalancedError):
        reaper.call("Undo_EndBlock2", 0, "Title", -1)
    with pytest.raises(UnbalancedError):
        reaper.call("PreventUIRefresh", -1)


def test_locks_of_the_screen_are_counted(reaper):
    reaper.call("PreventUIRefresh", 1)
    assert reaper.refresh_depth == 1
    reaper.call("PreventUIRefresh", -1)
    assert reaper.refresh_depth == 0


def test_a_change_outside_of_every_block_is_noted(reaper):
    set_fader(reaper, 0.2)
    assert reaper.unprotected_changes == ["SetMediaTrackInfo_Value"]


def test_views_may_change_outside_of_blocks(reaper):
    reaper.call("SetOnlyTrackSelected", fader(reaper, "Muted"))
    reaper.call("GetSetProjectInfo", 0, "RENDER_SETTINGS", 2, True)
    reaper.call("SetEditCurPos", 1.0, False, False)
    assert reaper.unprotected_changes == []


def test_pointers_live_through_undo(reaper):
    pointer = fader(reaper)
    (item,) = reaper.call("GetTrackMediaItem", pointer, 0)
    with reaper.active.user("Delete another track"):
        reaper.active.delete_track(reaper.active.tracks[-1])
    reaper.call("Undo_DoUndo2", 0)
    assert reaper.call("GetTrackName", pointer) == (True, "Kick")
    assert reaper.call("GetTrackMediaItem", pointer, 0) == (item,)


def test_a_pointer_that_was_stale_stays_so_though_its_track_comes_back(reaper):
    pointer = fader(reaper)
    reaper.active.user_deletes_track("Kick")
    reaper.call("Undo_DoUndo2", 0)
    assert reaper.active.track("Kick").index == 1
    with pytest.raises(ArgumentError):
        reaper.call("GetTrackName", pointer)


def test_what_came_back_by_undo_lives_through_the_next(reaper):
    reaper.active.user_moves_fader("Muted", 0.5)
    reaper.active.user_deletes_track("Kick")
    reaper.call("Undo_DoUndo2", 0)
    pointer = fader(reaper)
    reaper.call("Undo_DoUndo2", 0)
    assert reaper.call("GetTrackName", pointer) == (True, "Kick")


def test_what_a_user_does_has_undo_points_of_its_own(reaper):
    project, before = reaper.active, reaper.active.rpp
    project.user_moves_fader("Kick", 0.3)
    project.user_renames_track("Kick", "Bass drum")
    project.user_selects("Muted")
    project.user_selects_time(1.0, 2.0)
    project.user_moves_item(project.items[0], 1.5)
    project.user_deletes_track("Drums")
    with project.user("Remove an item"):
        project.delete_item(project.items[0])
    assert len(project.history.points) == 7
    assert reaper.unprotected_changes == []
    while project.history.undo():
        pass
    assert project.rpp == before


def test_undo_of_one_project_leaves_the_other_alone(reaper):
    first = reaper.active
    second = reaper.open(EVERY_KIND)
    second.user_moves_fader("Kick", 0.3)
    after = second.rpp
    assert reaper.call("Undo_DoUndo2", reaper.pointer(first)) == (0,)
    assert second.rpp == after
