"""Which moves the actions leave for moves by hand: those of the user, and none of their own."""

from pathlib import Path

import pytest

from action_rig import ACTIONS, make_stage
from reaper_automix import hand
from reaper_automix.adapters import project as adapter
from reaper_automix.hand import Start
from reaper_automix.rpp import parse
from reaper_double.lua_host import LUAS
from reaper_songs import guid

TOGGLE = ACTIONS / "automix_Toggle before-after.lua"
RESTORE = ACTIONS / "automix_Restore faders.lua"
UNGROUP = ACTIONS / "automix_Ungroup selected stem.lua"
KICK, LEAD, DRUMS = guid("Kick"), guid("Lead"), guid("Drums")


@pytest.fixture(params=LUAS)
def stage(request, tmp_path):
    stage = make_stage(tmp_path, request.param)
    with stage.reaper:
        stage.balance(0.5)
        stage.finish()
        yield stage


def start(stage, track_id):
    """From where the next balance starts a fader, by the text that REAPER would save."""
    root = parse(stage.project.rpp).block(adapter.ROOT)
    session = adapter.session_of(root, Path(stage.project.path))
    return hand.starts(session, forget=False)[track_id]


def move(stage, track_id, gain):
    """Move a fader as a user does."""
    pointer = stage.reaper.pointer(stage.project.track(track_id))
    stage.reaper.call("SetMediaTrackInfo_Value", pointer, "D_VOL", gain)


def press(stage, action):
    stage.host.run_to_end(action)


def moved(found, db):
    return Start(pytest.approx(found), pytest.approx(db, abs=0.001))


def test_what_a_balance_wrote_is_no_move_by_hand(stage):
    assert start(stage, KICK) == Start(1.0)
    assert start(stage, LEAD) == Start(0.5)
    move(stage, LEAD, 0.5)
    assert start(stage, LEAD) == Start(0.5)  # put back
    move(stage, LEAD, 0.75)
    assert start(stage, LEAD) == moved(0.5, 9.542)


def test_before_and_after_are_no_moves_by_hand(stage):
    for _ in range(3):
        press(stage, TOGGLE)
        assert start(stage, KICK) == Start(1.0)
        assert start(stage, LEAD) == Start(0.5)


def test_a_move_by_hand_outlives_before_and_after(stage):
    move(stage, KICK, 0.25)
    for _ in range(2):
        press(stage, TOGGLE)
        assert start(stage, KICK) == moved(1.0, -6.021)
        assert start(stage, LEAD) == Start(0.5)


def test_a_move_while_the_state_before_is_heard_counts_beside_the_state_after(stage):
    press(stage, TOGGLE)
    move(stage, KICK, 0.25)
    press(stage, TOGGLE)
    assert stage.fader(KICK) == 0.25
    assert start(stage, KICK) == moved(1.0, -6.021)


@pytest.mark.parametrize("toggles", [0, 1, 2])
def test_restored_faders_start_anew(stage, toggles):
    move(stage, KICK, 0.25)
    for _ in range(toggles):
        press(stage, TOGGLE)
    press(stage, RESTORE)
    assert stage.fader(LEAD) == 0.5
    move(stage, LEAD, 0.7)
    assert start(stage, LEAD) == Start(0.7)
    assert start(stage, KICK) == moved(1.0, -6.021)


def test_restoring_a_later_balance_goes_back_to_the_earlier_one(stage):
    move(stage, LEAD, 0.125)
    stage.press()
    job = stage.asked()
    stored = stage.worker.read(job, "session.json")["stored"]["faders"]
    assert {one["track_id"]: one["written_gain"] for one in stored}[LEAD] == 0.25
    again = {"track_id": LEAD, "control": "fader", "before": 0.125, "after": 0.0625}
    kept = {"track_id": LEAD, "found": 0.5, "written": 0.0625, "hand_db": -6.0206}
    stage.worker.answer(job, moves=[again], stored=[kept])
    stage.finish()
    assert start(stage, LEAD) == moved(0.5, -6.021)
    press(stage, RESTORE)
    assert stage.fader(LEAD) == 0.125
    assert start(stage, LEAD) == moved(0.5, -6.021)


def test_one_undo_takes_the_memory_back_along_with_the_faders(stage):
    press(stage, TOGGLE)
    assert stage.project.history.undo()
    assert start(stage, KICK) == Start(1.0)
    assert start(stage, LEAD) == Start(0.5)


def test_what_ends_at_the_top_of_the_users_fader_is_no_move_by_hand(tmp_path):
    stage = make_stage(tmp_path)
    with stage.reaper:
        stage.reaper.config_vars["slidermaxv"] = "6"
        stage.press()
        job = stage.asked()
        stage.worker.move(job, 8.0, only={KICK})
        stage.until(lambda: stage.worker.waiting())  # a mix that lands in part is summed anew
        stage.worker.answer(stage.worker.waiting()[0])
        stage.finish()
        assert stage.fader(KICK) == pytest.approx(10 ** (6 / 20))
        assert start(stage, KICK) == Start(1.0)


def test_what_a_dissolved_folder_hands_down_is_no_move_by_hand(stage):
    assert stage.fader(DRUMS) == 0.5
    pointer = stage.reaper.pointer(stage.project.track(DRUMS))
    stage.reaper.call("SetOnlyTrackSelected", pointer)
    press(stage, UNGROUP)
    assert stage.fader(KICK) == 0.25
    assert start(stage, KICK) == moved(0.5, 0.0)
