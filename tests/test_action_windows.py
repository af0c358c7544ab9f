"""What the windows of a balance show, speak and do on keys."""

import pytest

from action_rig import (
    BALANCE_SELECTED,
    SHOW_REPORT,
    make_stage,
)
from reaper_automix import __version__
from reaper_double import registry
from reaper_double.gfx import Window
from reaper_songs import guid

KICK, LEAD = guid("Kick"), guid("Lead")
HALF = 0.5


@pytest.fixture
def stage(tmp_path):
    """The same on one Lua only, for what does not depend on the language."""
    stage = make_stage(tmp_path, osara=True)
    with stage.reaper:
        yield stage


@pytest.fixture
def clock(monkeypatch):
    """REAPER's clock in seconds, which stands still until a test puts it forward."""
    now_s = [0.0]
    monkeypatch.setitem(registry.FUNCTIONS, "time_precise", lambda _reaper: now_s[0])
    return now_s


def test_what_is_over_in_a_moment_shows_no_progress(stage, clock):
    stage.balance()
    assert stage.host.window.was_opened == 1
    assert "Track" in stage.host.window.texts


def test_what_takes_longer_shows_progress_and_then_the_result(stage, clock):
    stage.press()
    job = stage.asked()
    assert not stage.host.window.is_open
    clock[0] = 0.4
    stage.until(lambda: stage.host.window.is_open)
    stage.worker.move(job, HALF)
    stage.until(lambda: "Track" in stage.host.window.texts)
    assert stage.host.window.was_opened == 2


def test_progress_shows_the_track_the_bar_and_what_is_left(stage, clock):
    stage.press()
    job = stage.asked()
    clock[0] = 1.0
    stage.worker.progress(job, done=1.0, total=4.0, what="Bass", eta_s=3.2)
    stage.until(lambda: "Bass" in stage.host.window.texts)
    window = stage.host.window
    assert {"Measuring", "4 s left"} <= set(window.texts)
    ground, done = (thing.values for thing in window.drawn if thing.values[3:4] == (8,))
    assert done[2] == pytest.approx(ground[2] / 4)


def test_progress_is_spoken_at_every_quarter_and_every_ten_seconds(stage, clock):
    stage.press()
    job = stage.asked()
    for part in (0.3, 0.6, 0.6):
        stage.worker.progress(job, done=part, total=1.0)
        stage.host.tick()
        stage.host.tick()
    clock[0] = 11.0
    stage.until(lambda: len(stage.host.spoken) >= 4)
    assert stage.host.spoken == ["Balancing", "Measuring 30%", "Measuring 60%", "Measuring 60%"]


def test_the_space_bar_stays_play_and_stop(stage, clock):
    stage.press()
    stage.asked()
    clock[0] = 1.0
    stage.until(lambda: stage.host.window.is_open)
    stage.host.window.press("space")
    stage.until(lambda: stage.reaper.call("GetPlayState") == (1,))
    stage.host.window.press("space")
    stage.until(lambda: stage.reaper.call("GetPlayState") == (0,))


def test_before_and_after_in_the_result(stage):
    stage.balance()
    after = stage.fader(KICK), stage.fader(LEAD)
    stage.host.window.press("b")
    stage.until(lambda: stage.fader(KICK) == 1.0)
    stage.host.window.press("k")
    stage.until(lambda: not stage.host.scripts)
    assert (stage.fader(KICK), stage.fader(LEAD)) == after


def test_undo_after_comparing_goes_back_to_before_the_balance(stage):
    before = stage.project.rpp
    stage.balance()
    stage.host.window.press("b")
    stage.until(lambda: stage.fader(KICK) == 1.0)
    stage.host.window.press("u")
    stage.until(lambda: not stage.host.scripts)
    assert stage.project.rpp == before


def test_undo_in_the_result_touches_nothing_that_was_done_since(stage):
    stage.balance()
    stage.project.user_moves_fader(LEAD, 0.77)
    text = stage.project.rpp
    stage.host.window.press("u")
    stage.until(lambda: any("since" in text for text in stage.host.window.texts))
    assert stage.project.rpp == text


def test_the_result_is_read_out_line_by_line(stage):
    stage.balance()
    assert stage.host.spoken[-1] == "Balanced 5 tracks, mix −20.0 → −18.5 LUFS"
    stage.host.window.press("down")
    stage.until(lambda: stage.host.spoken[-1].startswith("Kick, 110 Hz"))


def test_the_report_opens_from_the_result(stage):
    stage.balance()
    stage.host.window.press("r")
    job = stage.asked()
    assert stage.worker.read(job) == {
        "protocol": 1,
        "id": job.name,
        "kind": "show",
        "version": __version__,
        "project_path": stage.project.path,
        "project_id": guid("Drums"),
    }
    stage.worker.answer(job)
    stage.until(lambda: (job / "done").exists())
    assert stage.host.window.is_open


def test_the_report_action_says_when_there_is_none(stage):
    stage.press(SHOW_REPORT)
    stage.worker.answer(stage.asked(), "failed", "There is no report of Song yet.")
    stage.until(lambda: not stage.host.scripts)
    assert stage.said == "There is no report of Song yet.\n"


def test_a_later_balance_closes_the_result_of_the_earlier(stage):
    stage.balance()
    (earlier,) = stage.host.scripts
    stage.project.user_selects(KICK)
    stage.press(BALANCE_SELECTED)
    stage.worker.move(stage.asked(), HALF)
    stage.until(lambda: earlier not in stage.host.scripts)
    assert len(stage.host.scripts) == 1


def test_the_window_comes_back_where_it_was(stage):
    stage.balance()
    stage.host.window.at = (300.0, 250.0)
    stage.host.window.values.update(w=800.0, h=500.0)
    stage.finish()
    stage.balance()
    assert stage.host.window.at == (300.0, 250.0)
    assert stage.host.window.values["w"] == 800.0


def test_on_a_screen_of_high_density_everything_is_as_large(stage, monkeypatch):
    stage.balance()
    plain = extent(stage)
    stage.finish()
    stage.reaper.call("DeleteExtState", "automix", "window_result", True)
    opened = Window._init

    def dense(window, *values):
        answer = opened(window, *values)
        window.values["ext_retina"] = 2.0
        return answer

    monkeypatch.setattr(Window, "_init", dense)
    stage.project.history.undo()
    stage.balance()
    assert extent(stage) == pytest.approx(tuple(2 * value for value in plain))


def extent(stage):
    """Size of the window, and where its last text begins."""
    window = stage.host.window
    last = [thing for thing in window.drawn if thing.what == "drawstr"][-1]
    return window.values["w"], window.values["h"], last.x, last.y


def test_a_narrow_window_leaves_the_reasons_to_the_line_below(stage):
    stage.balance()
    assert "Why" in stage.host.window.texts
    stage.host.window.values["w"] = 600.0
    stage.until(lambda: "Why" not in stage.host.window.texts)
    assert "Kick" in stage.host.window.texts


def test_progress_without_a_track_shows_no_word_for_it(stage, clock):
    stage.press()
    job = stage.asked()
    clock[0] = 1.0
    stage.worker.progress(job, what=None, eta_s=None, total=0.0)
    stage.until(lambda: "Measuring" in stage.host.window.texts)
    assert set(stage.host.window.texts) == {"Measuring", "", "Cancel  Esc"}


def test_a_moved_track_without_a_reason_says_where_it_lands(stage):
    show(stage, row(level_lufs=-32.84, fader_db=1.34, move_db=1.34))
    (detail,) = (text for text in stage.host.window.texts if text.startswith("Kick ·"))
    assert detail.endswith("lands at −31.5 LUFS")


def test_a_reason_stands_instead_of_where_it_lands(stage):
    show(stage, row(why="Limited to 12 dB."))
    assert "Kick · Limited to 12 dB." in stage.host.window.texts


def test_a_track_of_which_nothing_is_known_has_no_dot_behind_its_name(stage):
    show(stage, row(status="kept", level_lufs=None, fader_db=None, move_db=None))
    assert stage.host.window.texts.count("Kick") == 2  # in the table and below it


@pytest.mark.parametrize("move_db", [-0.04, 0.0, 0.04])
def test_a_move_that_is_too_small_to_show_has_neither_sign_nor_bar(stage, move_db):
    show(stage, row(move_db=move_db, level_lufs=-0.01))
    texts = stage.host.window.texts
    assert texts.count("0.0") == 2  # level and move
    assert not {"−0.0", "+0.0"} & set(texts)
    assert not bars(stage)
    show(stage, row(move_db=-0.06))
    assert len(bars(stage)) == 1


def show(stage, *rows):
    """The result of a balance whose table is these rows."""
    stage.press()
    stage.worker.answer(stage.asked(), rows=list(rows))
    stage.until(stage.is_over)


def row(**fields):
    known = {
        "track_id": KICK,
        "name": "Kick",
        "depth": 0,
        "kind": "track",
        "status": "moved",
        "f0_hz": None,
        "level_lufs": -20.0,
        "move_db": 3.0,
        "fader_db": 3.0,
        "why": "",
    }
    return known | fields


def bars(stage):
    """The bars of moves that are drawn; nothing else is as high."""
    boxes = (thing.values for thing in stage.host.window.drawn if thing.what == "rect")
    return [values for values in boxes if values[3:4] == (9,)]
