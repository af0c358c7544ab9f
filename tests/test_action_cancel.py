"""A balance that is cancelled, at every stage and in every way, leaves the project as it was.

And one that is running when its key is pressed again goes on.
"""

from pathlib import Path, PurePosixPath

import pytest

from action_rig import (
    BALANCE_ALL,
    CANCEL,
    is_balanced,
    make_stage,
)
from reaper_automix.installer.keymap import Action, KeyMap
from reaper_double.lua_host import ASK
from reaper_songs import guid

KICK, LEAD = guid("Kick"), guid("Lead")
HALF = 0.5


@pytest.fixture
def stage(tmp_path):
    """The same on one Lua only, for what does not depend on the language."""
    stage = make_stage(tmp_path, osara=True)
    with stage.reaper:
        yield stage


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
def test_cancelled_at_any_moment_nothing_changes(stage, moment, cancel):
    before = stage.project.rpp
    stage.press()
    moment(stage)
    cancel(stage)
    stage.until(lambda: not stage.host.scripts)
    assert stage.project.rpp == before
    assert is_balanced(stage.reaper)
    assert all((job / "done").exists() for job in stage.worker.jobs())
    stage.press()
    assert "running" not in stage.said


@pytest.mark.parametrize("cancel", [by_escape, by_closing, by_button])
def test_cancelled_in_its_window_the_worker_is_told_to_stop(stage, cancel):
    before = stage.project.rpp
    stage.press()
    job = stage.asked()
    cancel(stage)
    stage.until(lambda: not stage.host.scripts)
    assert (job / "cancel").exists()
    assert stage.project.rpp == before
    assert stage.host.spoken[-1] == "Cancelled; nothing was changed."
    assert not stage.host.window.is_open


def test_cancel_says_when_nothing_runs(stage):
    stage.press(CANCEL)
    assert stage.said == "No balance or match is running.\n"


def test_an_earlier_cancel_does_not_end_a_later_balance(stage):
    stage.press(CANCEL)
    stage.balance()
    assert stage.fader(KICK) == 0.5


# Pressed again


def installed_flags():
    """The flags that `reaper-automix install` gives an action."""
    action = Action(PurePosixPath("Automix") / BALANCE_ALL.name)
    content, _ = KeyMap(b"", Path("/Scripts")).adding([action])
    return int(content.split()[1])


def test_pressed_again_the_action_itself_says_that_it_runs(stage):
    stage.host.flags = installed_flags()
    stage.press()
    job = stage.asked()
    stage.press()
    assert stage.said.startswith("A balance or match of this project is running already")
    assert not stage.reaper.asked.shown
    stage.worker.move(job, HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5


def test_pressed_again_an_action_that_reaper_added_is_asked_about_by_reaper(stage):
    stage.host.flags = ASK
    stage.press()
    stage.asked()
    stage.reaper.asked.answers.append("new instance")
    stage.press()
    assert len(stage.reaper.asked.shown) == 1
    assert "running already" in stage.said
