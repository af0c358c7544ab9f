"""A balance from the key press to moved faders, with a worker that the test plays."""

from pathlib import Path

import pytest

import action_rig
from action_rig import BALANCE_ALL, BALANCE_SELECTED, CANCEL, SHOW_REPORT, StandIn, is_balanced
from reaper_automix import __version__, session
from reaper_automix.adapters import project
from reaper_double import Reaper, registry
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import guid, make_song, song, track

KICK, LEAD = guid("Kick"), guid("Lead")
HALF = 0.5


class Stage:
    """REAPER with a saved project of five tracks, our actions, and a worker by hand."""

    def __init__(self, reaper, host, worker, log):
        self.reaper, self.host, self.worker, self.log = reaper, host, worker, log
        self.project = reaper.active

    def press(self, action=BALANCE_ALL):
        """Press an action's key."""
        return self.host.run(action)

    def asked(self):
        """Tick until a job waits for an answer; the job."""
        self.until(self.worker.waiting)
        return self.worker.waiting()[0]

    def until(self, condition):
        self.host.run_until(lambda: self.worker.beat() or condition(), 20)

    def finish(self):
        """Tick until every script has ended, closing the result."""
        self.until(self.is_over)
        self.host.window.press("esc")
        self.until(lambda: not self.host.scripts)

    def balance(self, factor=HALF, only=None, action=BALANCE_ALL):
        """A whole balance that multiplies every fader."""
        self.press(action)
        self.worker.move(self.asked(), factor, only)
        self.until(self.is_over)

    def fader(self, track_id, tab=None):
        view = (tab or self.project).track(track_id)
        return self.reaper.call("GetMediaTrackInfo_Value", self.reaper.pointer(view), "D_VOL")[0]

    def is_over(self):
        """Whether nothing runs any more, or a result is shown."""
        windows = [script.window for script in self.host.scripts]
        return not windows or any("Track" in one.texts and one.is_open for one in windows)

    @property
    def said(self):
        return "".join(self.reaper.console)

    @property
    def titles(self):
        return [point.title for point in self.project.history.points]


def make_stage(folder, lua="5.4", osara=False):
    """A stage whose worker program only notes what it was started with."""
    log = folder / "gestartet.txt"
    program = folder / "Prögramme x" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\n', "utf-8")
    program.chmod(0o755)
    spool = folder / "Spool – ü x"
    resource = folder / "REAPER räume"
    action_rig.install(resource, spool, python=program)
    reaper = Reaper(resource)
    reaper.open(make_song(folder / "Meine Lieder é", length_s=0.1))
    return Stage(reaper, LuaHost(reaper, lua, osara=osara), StandIn(spool), log)


@pytest.fixture(params=LUAS)
def stage(request, tmp_path):
    stage = make_stage(tmp_path, request.param)
    with stage.reaper:
        yield stage


@pytest.fixture
def one_stage(tmp_path):
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


def test_faders_land_as_one_undo_point_and_undo_gives_the_text_back(stage):
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


def test_the_job_says_what_was_asked_and_what_the_project_is(stage):
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


def test_selected_tracks_are_asked_for(one_stage):
    one_stage.project.user_selects(KICK)
    one_stage.press(BALANCE_SELECTED)
    request = one_stage.worker.read(one_stage.asked())
    assert request["scope"] == "selected"


def test_without_a_selection_it_says_so_and_does_nothing(one_stage):
    one_stage.press(BALANCE_SELECTED)
    assert "No track is selected" in one_stage.said
    assert not one_stage.worker.jobs()


def test_an_empty_project_is_told_in_a_sentence(one_stage):
    one_stage.reaper.new_tab()
    one_stage.press(BALANCE_ALL)
    assert "no tracks" in one_stage.said


def test_the_settings_of_the_user_and_the_end_of_the_faders_go_along(one_stage):
    one_stage.reaper.config_vars["slidermaxv"] = "6"
    one_stage.reaper.call("SetExtState", "automix", "strength", "0.7", False)
    one_stage.press()
    settings = one_stage.worker.read(one_stage.asked())["settings"]
    assert settings == {"strength": "0.7", "fader_max_db": "6"}


def test_what_stands_on_other_controls_goes_along(one_stage):
    view = one_stage.reaper.pointer(one_stage.project.track(KICK))
    one_stage.reaper.call("GetSetMediaTrackInfo_String", view, "P_EXT:automix_items", "1.25", True)
    one_stage.press()
    controls = one_stage.worker.read(one_stage.asked())["controls"]
    assert controls == [{"track_id": KICK, "control": "items", "gain": 1.25}]


def test_a_second_press_says_that_one_is_running_and_does_nothing(one_stage):
    one_stage.press()
    job = one_stage.asked()
    one_stage.press(BALANCE_SELECTED)
    assert "running already" in one_stage.said
    assert one_stage.worker.jobs() == [job]
    one_stage.worker.move(job, HALF)
    one_stage.finish()
    one_stage.press()
    assert one_stage.asked() != job


def test_a_failure_is_told_in_the_workers_words(one_stage):
    one_stage.press()
    one_stage.worker.answer(one_stage.asked(), "failed", "Nothing can be heard; add audio.")
    one_stage.until(lambda: not one_stage.host.scripts)
    assert one_stage.said == "Nothing can be heard; add audio.\n"
    assert one_stage.titles == []


def test_a_read_answer_is_given_back_to_the_worker(one_stage):
    one_stage.press()
    job = one_stage.asked()
    one_stage.worker.move(job, HALF)
    one_stage.finish()
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
def test_a_track_that_changed_meanwhile_is_left_and_listed(one_stage, edit, why):
    one_stage.press()
    job = one_stage.asked()
    edit(one_stage)
    expected = None if why == "deleted" else one_stage.fader(KICK)
    one_stage.worker.move(job, HALF)
    one_stage.until(lambda: "Track" in one_stage.host.window.texts)
    assert one_stage.fader(LEAD) == 0.25
    assert expected is None or one_stage.fader(KICK) == expected
    one_stage.host.window.press("down")
    one_stage.until(lambda: any(why in text for text in one_stage.host.window.texts))
    assert "1 track left as found" in " ".join(one_stage.host.window.texts)
    one_stage.finish()
    stored = project.read(saved(one_stage)).stored
    assert KICK not in [fader.track_id for fader in stored.faders]


def saved(stage):
    stage.project.save()
    return Path(stage.project.path)


def test_a_name_and_a_selection_may_change_meanwhile(one_stage):
    one_stage.press()
    job = one_stage.asked()
    one_stage.project.user_renames_track(KICK, "Bassdrum")
    one_stage.project.user_selects(LEAD)
    one_stage.worker.move(job, HALF)
    one_stage.finish()
    assert one_stage.fader(KICK) == 0.5


def test_the_result_goes_to_the_project_it_began_in(one_stage):
    mine = one_stage.project
    one_stage.press()
    job = one_stage.asked()
    other = one_stage.reaper.open(song(track("Kick")))
    text = other.rpp
    one_stage.worker.move(job, HALF)
    one_stage.finish()
    assert other.rpp == text
    assert one_stage.fader(KICK, mine) == 0.5


def test_two_projects_are_balanced_side_by_side(one_stage):
    mine = one_stage.project
    one_stage.press(BALANCE_ALL)
    first = one_stage.asked()
    other = one_stage.reaper.open(song(track("Kick"), track("Lead")))
    other.user_selects(KICK)
    one_stage.press(BALANCE_SELECTED)
    one_stage.until(lambda: len(one_stage.worker.waiting()) == 2)
    (second,) = (job for job in one_stage.worker.waiting() if job != first)
    one_stage.worker.move(second, 0.25, only=[KICK])
    one_stage.until(lambda: one_stage.fader(KICK, other) == 0.25)
    assert one_stage.fader(KICK, mine) == 1.0
    one_stage.worker.move(first, HALF)
    one_stage.until(lambda: one_stage.fader(KICK, mine) == 0.5)
    assert one_stage.fader(KICK, other) == 0.25


def test_a_project_that_is_closed_meanwhile_is_given_up(one_stage):
    one_stage.press()
    job = one_stage.asked()
    one_stage.reaper.close(one_stage.project)
    one_stage.until(lambda: not one_stage.host.scripts)
    assert "was closed" in one_stage.said
    assert (job / "cancel").exists()


def by_escape(stage):
    stage.until(lambda: stage.host.window.is_open)
    stage.host.window.press("esc")


def by_closing(stage):
    stage.until(lambda: stage.host.window.is_open)
    stage.host.window.close()


def by_button(stage):
    stage.until(lambda: stage.host.window.is_open)
    stage.host.window.point(*place_of(stage.host.window, "Cancel  Esc"), buttons=1)


def by_action(stage):
    stage.press(CANCEL)


def by_terminating(stage):
    stage.host.terminate(stage.host.scripts[0])


def place_of(window, text):
    thing = next(one for one in window.drawn if one.values[0] == text)
    return thing.x + 5, thing.y + 5


def at_once(_stage):
    """Before anything is asked."""


def waiting(stage):
    stage.asked()


def measuring(stage):
    stage.worker.progress(stage.asked())
    stage.host.tick()


def answered(stage):
    stage.worker.move(stage.asked(), HALF)


@pytest.mark.parametrize("moment", [at_once, waiting, measuring, answered])
@pytest.mark.parametrize("cancel", [by_action, by_terminating])
def test_cancelled_at_any_moment_nothing_changes(one_stage, moment, cancel):
    before = one_stage.project.rpp
    one_stage.press()
    moment(one_stage)
    cancel(one_stage)
    one_stage.until(lambda: not one_stage.host.scripts)
    assert one_stage.project.rpp == before
    assert is_balanced(one_stage.reaper)
    assert all((job / "done").exists() for job in one_stage.worker.jobs())
    one_stage.press()
    assert "running" not in one_stage.said


@pytest.mark.parametrize("cancel", [by_escape, by_closing, by_button])
def test_cancelled_in_its_window_the_worker_is_told_to_stop(one_stage, cancel):
    before = one_stage.project.rpp
    one_stage.press()
    job = one_stage.asked()
    cancel(one_stage)
    one_stage.until(lambda: not one_stage.host.scripts)
    assert (job / "cancel").exists()
    assert one_stage.project.rpp == before
    assert one_stage.host.spoken[-1] == "Cancelled; nothing was changed."
    assert not one_stage.host.window.is_open


def test_cancel_says_when_nothing_runs(one_stage):
    one_stage.press(CANCEL)
    assert one_stage.said == "No balance is running.\n"


def test_an_earlier_cancel_does_not_end_a_later_balance(one_stage):
    one_stage.press(CANCEL)
    one_stage.balance()
    assert one_stage.fader(KICK) == 0.5


def test_what_is_over_in_a_moment_shows_no_progress(one_stage, clock):
    one_stage.balance()
    assert one_stage.host.window.was_opened == 1
    assert "Track" in one_stage.host.window.texts


def test_what_takes_longer_shows_progress_and_then_the_result(one_stage, clock):
    one_stage.press()
    job = one_stage.asked()
    assert not one_stage.host.window.is_open
    clock[0] = 0.4
    one_stage.until(lambda: one_stage.host.window.is_open)
    one_stage.worker.move(job, HALF)
    one_stage.until(lambda: "Track" in one_stage.host.window.texts)
    assert one_stage.host.window.was_opened == 2


def test_progress_shows_the_track_the_bar_and_what_is_left(one_stage, clock):
    one_stage.press()
    job = one_stage.asked()
    clock[0] = 1.0
    one_stage.worker.progress(job, done=1.0, total=4.0, what="Bass", eta_s=3.2)
    one_stage.until(lambda: "Bass" in one_stage.host.window.texts)
    window = one_stage.host.window
    assert {"Measuring", "4 s left"} <= set(window.texts)
    ground, done = (thing.values for thing in window.drawn if thing.values[3:4] == (8,))
    assert done[2] == pytest.approx(ground[2] / 4)


def test_progress_is_spoken_at_every_quarter_and_every_ten_seconds(one_stage, clock):
    one_stage.press()
    job = one_stage.asked()
    for part in (0.3, 0.6, 0.6):
        one_stage.worker.progress(job, done=part, total=1.0)
        one_stage.host.tick()
        one_stage.host.tick()
    clock[0] = 11.0
    one_stage.until(lambda: len(one_stage.host.spoken) >= 4)
    assert one_stage.host.spoken == ["Balancing", "Measuring 30%", "Measuring 60%", "Measuring 60%"]


def test_the_space_bar_stays_play_and_stop(one_stage, clock):
    one_stage.press()
    one_stage.asked()
    clock[0] = 1.0
    one_stage.until(lambda: one_stage.host.window.is_open)
    one_stage.host.window.press("space")
    one_stage.until(lambda: one_stage.reaper.call("GetPlayState") == (1,))
    one_stage.host.window.press("space")
    one_stage.until(lambda: one_stage.reaper.call("GetPlayState") == (0,))


def test_before_and_after_in_the_result(one_stage):
    one_stage.balance()
    after = one_stage.fader(KICK), one_stage.fader(LEAD)
    one_stage.host.window.press("b")
    one_stage.until(lambda: one_stage.fader(KICK) == 1.0)
    one_stage.host.window.press("k")
    one_stage.until(lambda: not one_stage.host.scripts)
    assert (one_stage.fader(KICK), one_stage.fader(LEAD)) == after


def test_undo_after_comparing_goes_back_to_before_the_balance(one_stage):
    before = one_stage.project.rpp
    one_stage.balance()
    one_stage.host.window.press("b")
    one_stage.until(lambda: one_stage.fader(KICK) == 1.0)
    one_stage.host.window.press("u")
    one_stage.until(lambda: not one_stage.host.scripts)
    assert one_stage.project.rpp == before


def test_undo_in_the_result_touches_nothing_that_was_done_since(one_stage):
    one_stage.balance()
    one_stage.project.user_moves_fader(LEAD, 0.77)
    text = one_stage.project.rpp
    one_stage.host.window.press("u")
    one_stage.until(lambda: any("since" in text for text in one_stage.host.window.texts))
    assert one_stage.project.rpp == text


def test_the_result_is_read_out_line_by_line(one_stage):
    one_stage.balance()
    assert one_stage.host.spoken[-1] == "Balanced 5 tracks, mix −20.0 → −18.5 LUFS"
    one_stage.host.window.press("down")
    one_stage.until(lambda: one_stage.host.spoken[-1].startswith("Kick, 110 Hz  A2"))


def test_the_report_opens_from_the_result(one_stage):
    one_stage.balance()
    one_stage.host.window.press("r")
    job = one_stage.asked()
    assert one_stage.worker.read(job) == {
        "protocol": 1,
        "id": job.name,
        "kind": "show",
        "version": __version__,
        "project_path": one_stage.project.path,
    }
    one_stage.worker.answer(job)
    one_stage.until(lambda: (job / "done").exists())
    assert one_stage.host.window.is_open


def test_the_report_action_says_when_there_is_none(one_stage):
    one_stage.press(SHOW_REPORT)
    one_stage.worker.answer(one_stage.asked(), "failed", "There is no report of Song yet.")
    one_stage.until(lambda: not one_stage.host.scripts)
    assert one_stage.said == "There is no report of Song yet.\n"


def test_a_later_balance_closes_the_result_of_the_earlier(one_stage):
    one_stage.balance()
    (earlier,) = one_stage.host.scripts
    one_stage.project.user_selects(KICK)
    one_stage.press(BALANCE_SELECTED)
    one_stage.worker.move(one_stage.asked(), HALF)
    one_stage.until(lambda: earlier not in one_stage.host.scripts)
    assert len(one_stage.host.scripts) == 1


def test_the_window_comes_back_where_it_was(one_stage):
    one_stage.balance()
    one_stage.host.window.at = (300.0, 250.0)
    one_stage.host.window.values.update(w=800.0, h=500.0)
    one_stage.finish()
    one_stage.balance()
    assert one_stage.host.window.at == (300.0, 250.0)
    assert one_stage.host.window.values["w"] == 800.0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"python": "/gone/python"}, "does not find its Python, /gone/python"),
        ({"protocol": 2}, "different versions"),
        ({"protocol": "one"}, "cannot read"),
    ],
)
def test_an_installation_that_cannot_be_used_is_told_in_a_sentence(one_stage, given, sentence):
    action_rig.install(Path(one_stage.reaper.resource_path), one_stage.worker.spool, **given)
    one_stage.press()
    assert sentence in one_stage.said
    assert "reaper-automix install" in one_stage.said
    assert not one_stage.worker.jobs()


def test_without_an_installation_it_says_how_to_make_one(one_stage):
    Path(one_stage.reaper.resource_path, "Scripts/Automix/lib/installation.json").unlink()
    one_stage.press()
    assert "reaper-automix install" in one_stage.said


def test_a_quotation_mark_in_a_path_is_refused(one_stage, tmp_path):
    python = tmp_path / 'a "b' / "python"
    python.parent.mkdir()
    python.touch()
    resource = Path(one_stage.reaper.resource_path)
    action_rig.install(resource, one_stage.worker.spool, python=python)
    one_stage.press()
    assert str(python) in one_stage.said
    assert not one_stage.worker.jobs()


def test_the_worker_is_started_with_its_spool_and_only_when_none_lives(one_stage, clock):
    one_stage.press()
    one_stage.host.run_until(one_stage.log.exists, 20)
    expected = f"-m reaper_automix worker {one_stage.worker.spool}\n"
    assert one_stage.log.read_text("utf-8") == expected
    one_stage.worker.move(one_stage.asked(), HALF)
    one_stage.finish()
    one_stage.balance()
    assert one_stage.log.read_text("utf-8") == expected


def test_a_worker_that_does_not_come_up_is_told_with_its_log(one_stage, clock):
    one_stage.press()
    one_stage.host.run_until(one_stage.log.exists, 20)
    clock[0] = 21.0
    one_stage.host.run_until(lambda: not one_stage.host.scripts, 20)
    assert str(one_stage.worker.spool / "worker.log") in one_stage.said


@pytest.mark.parametrize("sign", ["older version", "stale"])
def test_a_worker_of_no_use_is_replaced(one_stage, sign):
    earlier = StandIn(one_stage.worker.spool, "0.0.9" if sign == "older version" else __version__)
    earlier.beat(age_s=11.0 if sign == "stale" else 0.0)
    one_stage.press()
    one_stage.host.run_until(one_stage.log.exists, 20)
    one_stage.worker.move(one_stage.asked(), HALF)
    one_stage.finish()
    assert one_stage.fader(KICK) == 0.5


def test_a_worker_that_dies_in_the_middle_is_started_again(one_stage):
    one_stage.worker.beat()
    one_stage.press()
    job = one_stage.asked()
    assert not one_stage.log.exists()
    (one_stage.worker.spool / "worker.json").unlink()
    one_stage.host.run_until(one_stage.log.exists, 20)
    one_stage.worker.beat()
    one_stage.worker.move(job, HALF)
    one_stage.finish()
    assert one_stage.fader(KICK) == 0.5
