"""A balance with a real worker on real audio, and whatever may go wrong on the way."""

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

import action_rig
from action_rig import BALANCE_ALL, SHOW_REPORT, StandIn, is_balanced
from reaper_automix import engine
from reaper_automix.adapters import project
from reaper_automix.crew import Crew
from reaper_automix.settings import USUAL, Settings
from reaper_double import Reaper
from reaper_double.lua_host import LuaFailure, LuaHost
from reaper_songs import make_song

HALF = 0.5
PATIENCE_S = 60.0
NEVER = 10**9
FAULTS = 12


class Studio:
    """REAPER with our actions and the worker that they start themselves."""

    def __init__(self, folder, python=sys.executable):
        self.spool = folder / "Spool – ü x" / "spool"
        resource = folder / "REAPER räume"
        action_rig.install(resource, self.spool, python=python)
        self.reaper = Reaper(resource)
        self.reaper.open(make_song(folder / "Meine Lieder é", length_s=2.0))
        self.project = self.reaper.active
        self.host = LuaHost(self.reaper)
        self.worker = StandIn(self.spool)

    def until(self, condition):
        self.host.run_until(condition, PATIENCE_S)

    def balance(self):
        """Press the key and wait for the result."""
        self.host.run(BALANCE_ALL)
        self.until(self.is_over)
        assert self.reaper.console == []

    def is_over(self):
        """Whether nothing runs any more, or a result is shown."""
        windows = [script.window for script in self.host.scripts]
        return not windows or any("Track" in one.texts and one.is_open for one in windows)

    def close_result(self):
        self.host.window.press("esc")
        self.until(lambda: not self.host.scripts)

    def faders(self):
        return {track.guid: track.number("VOLPAN", 1) for track in self.project.tracks}


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("BROWSER", shutil.which("true"))
    studio = Studio(tmp_path)
    with studio.reaper:
        yield studio


@pytest.mark.long
def test_faders_land_where_the_engine_puts_them_and_a_second_press_moves_nothing(
    studio,
):
    before = studio.project.rpp
    with Crew() as crew:
        expected = engine.run(project.read(Path(studio.project.path)), Settings(**USUAL), crew)
    studio.balance()
    assert studio.faders() == pytest.approx(faders_of(expected), abs=1e-9)
    landed = studio.project.rpp
    assert landed != before
    studio.close_result()
    studio.balance()
    assert "Nothing moved" in studio.host.window.texts
    assert studio.project.rpp == landed
    studio.close_result()
    studio.project.history.undo()
    assert studio.project.rpp == before
    studio.host.run(SHOW_REPORT)
    studio.until(lambda: not studio.host.scripts)
    assert studio.reaper.console == []
    assert len(studio.reaper.processes) == 1


def faders_of(balanced):
    return {track.id: track.fader_after for track in balanced.tracks}


@pytest.fixture
def answered(tmp_path):
    """A balance whose answer is there but not read yet."""
    studio = Studio(tmp_path, python=shutil.which("true"))
    with studio.reaper:
        yield studio


def press_with_fault(studio, call):
    """Press the key, play the worker, and have the n-th call of it all fail."""
    studio.worker.beat()
    studio.reaper.fail_at(call)
    with contextlib.suppress(LuaFailure):
        studio.host.run(BALANCE_ALL)
        studio.until(lambda: studio.worker.waiting() or not studio.host.scripts)
    for job in studio.worker.waiting():
        studio.worker.move(job, HALF)
    with contextlib.suppress(LuaFailure):
        studio.until(studio.is_over)
    for script in list(studio.host.scripts):
        with contextlib.suppress(LuaFailure):
            studio.host.terminate(script)
    studio.reaper.fail_at(NEVER)  # ticks differ from run to run, and so does the number of calls


def test_an_error_in_any_call_leaves_all_or_nothing_and_nothing_running(answered):
    before = answered.project.rpp
    press_with_fault(answered, NEVER)
    after, calls = answered.project.rpp, len(answered.reaper.calls)
    answered.project.history.undo()
    for call in range(1, calls, calls // FAULTS):
        press_with_fault(answered, call)
        text = answered.project.rpp
        assert text in (before, after)
        assert is_balanced(answered.reaper)
        assert not answered.worker.waiting()
        if text != before:
            answered.project.history.undo()
        assert answered.project.rpp == before
        answered.host.run_to_end(action_rig.CANCEL)
        assert answered.reaper.console[-1] == "No balance or match is running.\n"
