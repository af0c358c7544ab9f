"""Workers and REAPERs that end without a word, come in twos, or are of another version.

After each of it the next press works, nothing is half done, and no job stays for ever.
"""

import os
from pathlib import Path

import pytest

from action_studio import BAND, LENGTH_S, PATIENCE_S, Spool, Studio, clip
from jobs import wait_for
from reaper_automix import __version__
from reaper_songs import make_song, song, track

pytestmark = pytest.mark.long

PAIR = song(track("Kick", clip("kick")), track("Pad", clip("pad")))
OLD = "0.0.1"


class House:
    """A spool and all the REAPERs at it, which outlive their windows' being dropped."""

    def __init__(self, folder):
        self.folder = folder
        self.spool = Spool(folder / "Spool – ü x")
        self.studios = []

    def open(self, text=BAND):
        """A REAPER with a project of its own."""
        folder = self.folder / f"Lied é {len(self.studios)}"
        return self.reopen(make_song(folder, text, length_s=LENGTH_S))

    def reopen(self, path):
        """A REAPER that opens a project from its file, as after a crash of the one before."""
        self.studios.append(Studio(self.folder, self.spool, path))
        return self.studios[-1]

    def workers(self):
        return [one for there in self.studios for one in there.reaper.processes]


@pytest.fixture
def one_core():
    """Workers that are started meanwhile have one listener each: a dozen of them is started here.

    Which core that is does not matter, but no two tests that run at once should share it.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.sched_setaffinity(0, {sorted(cores)[number % len(cores)]})
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture
def house(tmp_path, monkeypatch, one_core):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    house = House(tmp_path)
    yield house
    for worker in (*house.workers(), *house.spool.started):
        worker.kill()
        worker.wait()
    for there in house.studios:
        there.reaper.quit()


# Where it strikes


def submitted(there):
    """The job is there and nobody has begun it."""
    there.spool.freeze()
    there.submit()


def measuring(there):
    """The worker is at it."""
    there.submit_until("attempts")


def answered(there):
    """The result is there and REAPER has not seen it."""
    there.submit_until("result.json")


STEPS = (measuring, submitted, answered)
"""A worker is started in the first and there for the others."""


def test_a_worker_that_is_killed_at_any_step_is_replaced_and_the_press_goes_on(house):
    there = house.open(PAIR)
    before, landed = there.project.rpp, there.expected_faders()
    for step in STEPS:
        step(there)
        there.spool.kill()
        there.finish()
        assert there.faders() == pytest.approx(landed)
        assert there.project.history.undo()
        assert there.project.rpp == before
    there.balance()
    assert there.faders() == pytest.approx(landed)
    there.spool.wait_until_empty()


@pytest.mark.parametrize("with_worker", [False, True])
def test_a_reaper_that_is_killed_at_any_step_finds_its_project_as_saved(house, with_worker):
    there = house.open(PAIR)
    landed, saved = there.expected_faders(), there.path.read_bytes()
    for step in STEPS:
        step(there)
        there.spool.kill() if with_worker else there.spool.resume()
        there = house.reopen(there.path)
        assert there.path.read_bytes() == saved
        there.balance()
        assert there.faders() == pytest.approx(landed)
    wait_for(there.spool.is_empty_after_days, PATIENCE_S)
    assert there.path.read_bytes() == saved


def test_two_windows_that_press_at_once_share_one_worker_and_each_gets_its_own(house):
    one, other = house.open(), house.open(PAIR)
    expected = one.expected_faders(), other.expected_faders()
    one.press()
    other.press()
    one.until(lambda: other.host.tick() or (one.is_over() and other.is_over()))
    for there, faders in zip((one, other), expected, strict=True):
        there.finish()
        assert there.faders() == pytest.approx(faders)
    wait_for(lambda: [one.poll() for one in house.workers()].count(None) == 1, PATIENCE_S)
    (alive,) = (one.pid for one in house.workers() if one.poll() is None)
    assert house.spool.sign()["pid"] == alive
    assert house.spool.log().count("at work in process") == 1


def test_a_worker_of_an_older_version_makes_room_for_a_new_one(house):
    there = house.open(PAIR)
    old = house.spool.start_old(OLD)
    expected = there.expected_faders()
    there.balance()
    assert there.faders() == pytest.approx(expected)
    assert old.wait(PATIENCE_S) == 0
    assert house.spool.sign()["version"] == __version__
