"""A balance from the key press to moved faders, with a worker that the test plays."""

from pathlib import Path

import pytest

from action_rig import (
    BALANCE_ALL,
    BALANCE_SELECTED,
    is_balanced,
    make_stage,
)
from reaper_automix import __version__, session
from reaper_automix.adapters import project
from reaper_double.lua_host import LUAS
from reaper_songs import guid, song, track

KICK, LEAD = guid("Kick"), guid("Lead")
HALF = 0.5


@pytest.fixture(params=LUAS)
def stage_in_each_lua(request, tmp_path):
    stage = make_stage(tmp_path, request.param)
    with stage.reaper:
        yield stage


@pytest.fixture
def stage(tmp_path):
    """On one Lua only, for what does not depend on the language."""
    stage = make_stage(tmp_path, osara=True)
    with stage.reaper:
        yield stage


def test_faders_land_as_one_undo_point_and_undo_gives_the_text_back(stage_in_each_lua):
    stage = stage_in_each_lua
    before = stage.project.rpp
    stage.balance()
    assert stage.fader(KICK) == 0.5
    assert stage.fader(LEAD) == 0.25
    assert stage.titles == ["Automix: balance 5 tracks (auto)"]
    assert is_balanced(stage.reaper)
    stage.host.window.press("U")
    stage.until(lambda: not stage.host.scripts)
    assert stage.project.rpp == before
    assert stage.titles == []


def test_the_job_says_what_was_asked_and_what_the_project_is(stage_in_each_lua):
    stage = stage_in_each_lua
    stage.press(BALANCE_ALL)
    job = stage.asked()
    request = stage.worker.read(job)
    assert (request["id"], request["kind"], request["scope"]) == (job.name, "balance", "all")
    assert (request["protocol"], request["version"]) == (1, __version__)
    assert request["project_path"] == stage.project.path
    assert request["controls"] == request["tracks"] == request["rendered"] == []
    asked = session.from_json((job / "session.json").read_bytes())
    assert asked == project.read(Path(stage.project.path))


def test_a_run_that_changes_nothing_adds_no_undo_point(stage):
    before = stage.project.rpp
    stage.balance(only=())
    stage.finish()
    assert stage.project.rpp == before
    assert stage.titles == []


def test_selected_tracks_are_asked_for(stage):
    stage.project.user_selects(KICK)
    stage.press(BALANCE_SELECTED)
    request = stage.worker.read(stage.asked())
    assert request["scope"] == "selected"


def test_without_a_selection_it_says_so_and_does_nothing(stage):
    stage.press(BALANCE_SELECTED)
    assert "No track is selected" in stage.said
    assert not stage.worker.jobs()


def test_an_empty_project_is_told_in_a_sentence(stage):
    stage.reaper.new_tab()
    stage.press(BALANCE_ALL)
    assert "no tracks" in stage.said


def test_the_settings_of_the_user_and_the_end_of_the_faders_go_along(stage):
    stage.reaper.config_vars["slidermaxv"] = "6"
    stage.reaper.call("SetExtState", "automix", "strength", "0.7", False)
    stage.press()
    settings = stage.worker.read(stage.asked())["settings"]
    assert settings == {"strength": "0.7", "fader_max_db": "6"}


def test_what_stands_on_other_controls_goes_along(stage):
    view = stage.reaper.pointer(stage.project.track(KICK))
    stage.reaper.call("GetSetMediaTrackInfo_String", view, "P_EXT:automix_items", "1.25", True)
    stage.press()
    controls = stage.worker.read(stage.asked())["controls"]
    assert controls == [{"track_id": KICK, "control": "items", "gain": 1.25}]


def test_a_second_press_says_that_one_is_running_and_does_nothing(stage):
    stage.press()
    job = stage.asked()
    stage.press(BALANCE_SELECTED)
    assert "running already" in stage.said
    assert stage.worker.jobs() == [job]
    stage.worker.move(job, HALF)
    stage.finish()
    stage.press()
    assert stage.asked() != job


def test_a_failure_is_told_in_the_workers_words(stage):
    stage.press()
    stage.worker.answer(stage.asked(), "failed", "Nothing can be heard; add audio.")
    stage.until(lambda: not stage.host.scripts)
    assert stage.said == "Nothing can be heard; add audio.\n"
    assert stage.titles == []


def test_a_read_answer_is_given_back_to_the_worker(stage):
    stage.press()
    job = stage.asked()
    stage.worker.move(job, HALF)
    stage.finish()
    assert (job / "done").exists()
    assert not (job / "cancel").exists()


def moved_by_hand(stage):
    stage.project.user_moves_fader(KICK, 0.9)


def deleted(stage):
    stage.project.user_deletes_track(KICK)


def item_moved(stage):
    stage.project.user_moves_item(stage.project.track(KICK).items[0], 1.0)


@pytest.mark.parametrize(
    ("edit", "why"),
    [(moved_by_hand, "changed"), (deleted, "deleted"), (item_moved, "changed")],
)
def test_a_track_that_changed_meanwhile_is_left_and_listed(stage, edit, why):
    stage.press()
    job = stage.asked()
    edit(stage)
    expected = None if why == "deleted" else stage.fader(KICK)
    stage.worker.move(job, HALF)
    add_up(stage, without=KICK)
    stage.until(lambda: "Track" in stage.host.window.texts)
    assert stage.fader(LEAD) == 0.25
    assert stage.titles[-1] == "Automix: balance 4 tracks (auto)"
    assert "Balanced 4 tracks" in stage.host.window.texts
    assert match_db(stage) == 3.5
    assert expected is None or stage.fader(KICK) == expected
    stage.host.window.press("down")
    stage.until(lambda: any(why in text for text in stage.host.window.texts))
    assert "1 track left as found" in " ".join(stage.host.window.texts)
    stage.finish()
    stored = project.read(saved(stage)).stored
    assert KICK not in [fader.track_id for fader in stored.faders]


def add_up(stage, without):
    """Answer the sum that a part of the moves is asked for."""
    job = stage.asked()
    request = stage.worker.read(job)
    assert request["kind"] == "sum"
    assert without not in [move["track_id"] for move in request["moves"]]
    stage.worker.answer(job, mix={"before_lufs": -22.0, "after_lufs": -18.5})


def match_db(stage):
    return float(stage.reaper.call("GetProjExtState", 0, "AUTOMIX_BEFORE", "MATCH")[1])


def test_who_keeps_editing_has_the_rest_landed_without_a_match(stage):
    stage.press()
    stage.worker.move(stage.asked(), HALF)
    tracks = [guid(name) for name in ("Kick", "Snare", "Lead", "Pad")]
    stage.project.user_moves_fader(tracks[0], 0.9)
    for track_id in tracks[1:]:
        job = stage.asked()
        stage.project.user_moves_fader(track_id, 0.9)
        stage.worker.answer(job, mix={"before_lufs": -22.0, "after_lufs": -18.5})
    stage.until(lambda: "Track" in stage.host.window.texts)
    assert stage.titles[-1] == "Automix: balance 1 track (auto)"
    assert match_db(stage) == 0.0
    assert any("not matched in loudness" in text for text in stage.host.window.texts)


def knob_turned(stage, track):
    stage.reaper.call("TrackFX_SetParam", track, 0, 0, -6.0)


def renamed_and_painted(stage, track):
    stage.reaper.call("GetSetMediaTrackInfo_String", track, "P_NAME", "Bassdrum", True)
    stage.reaper.call("SetMediaTrackInfo_Value", track, "I_CUSTOMCOLOR", 0x1000000 + 255.0)
    stage.project.user_selects(KICK)


@pytest.mark.parametrize(("edit", "is_left"), [(knob_turned, True), (renamed_and_painted, False)])
def test_effects_that_were_heard_must_not_change_meanwhile(stage, edit, is_left):
    track = stage.reaper.pointer(stage.project.track(KICK))
    stage.reaper.call("TrackFX_AddByName", track, "JS:utility/volume", False, -1)
    stage.press()
    plan = stage.asked()
    assert stage.worker.read(plan, "chunks.json").keys() == {KICK}
    stage.worker.answer(plan, plan={"render": [], "kept": [KICK], "range": None})
    job = stage.asked()
    edit(stage, track)
    stage.worker.move(job, HALF)
    if is_left:
        add_up(stage, without=KICK)
    stage.finish()
    assert stage.fader(KICK) == (1.0 if is_left else 0.5)
    assert stage.fader(LEAD) == 0.25


def saved(stage):
    stage.project.save()
    return Path(stage.project.path)


def test_a_name_and_a_selection_may_change_meanwhile(stage):
    stage.press()
    job = stage.asked()
    stage.project.user_renames_track(KICK, "Bassdrum")
    stage.project.user_selects(LEAD)
    stage.worker.move(job, HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5


def test_the_result_goes_to_the_project_it_began_in(stage):
    mine = stage.project
    stage.press()
    job = stage.asked()
    other = stage.reaper.open(song(track("Kick")))
    text = other.rpp
    stage.worker.move(job, HALF)
    stage.finish()
    assert other.rpp == text
    assert stage.fader(KICK, mine) == 0.5


def test_two_projects_are_balanced_side_by_side(stage):
    mine = stage.project
    stage.press(BALANCE_ALL)
    first = stage.asked()
    other = stage.reaper.open(song(track("Kick"), track("Lead")))
    other.user_selects(KICK)
    stage.press(BALANCE_SELECTED)
    stage.until(lambda: len(stage.worker.waiting()) == 2)
    (second,) = (job for job in stage.worker.waiting() if job != first)
    stage.worker.move(second, 0.25, only=[KICK])
    stage.until(lambda: stage.fader(KICK, other) == 0.25)
    assert stage.fader(KICK, mine) == 1.0
    stage.worker.move(first, HALF)
    stage.until(lambda: stage.fader(KICK, mine) == 0.5)
    assert stage.fader(KICK, other) == 0.25


def test_a_project_that_is_closed_meanwhile_is_given_up(stage):
    stage.press()
    job = stage.asked()
    stage.reaper.close(stage.project)
    stage.until(lambda: not stage.host.scripts)
    assert "was closed" in stage.said
    assert (job / "cancel").exists()
