"""An installation that cannot be used, and a worker that is missing, old, stale or dead."""

from pathlib import Path

import pytest

import action_rig
from action_rig import (
    StandIn,
    make_stage,
)
from reaper_automix import __version__
from reaper_double import registry
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


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"python": "/gone/python"}, "does not find its Python, /gone/python"),
        ({"protocol": 2}, "different versions"),
        ({"protocol": "one"}, "cannot read"),
    ],
)
def test_an_installation_that_cannot_be_used_is_told_in_a_sentence(stage, given, sentence):
    action_rig.install(Path(stage.reaper.resource_path), stage.worker.spool, **given)
    stage.press()
    assert sentence in stage.said
    assert "reaper-automix install" in stage.said
    assert not stage.worker.jobs()


def test_without_an_installation_it_says_how_to_make_one(stage):
    Path(stage.reaper.resource_path, "Scripts/Automix/lib/installation.json").unlink()
    stage.press()
    assert "reaper-automix install" in stage.said


def test_a_quotation_mark_in_a_path_is_refused(stage, tmp_path):
    python = tmp_path / 'a "b' / "python"
    python.parent.mkdir()
    python.touch()
    resource = Path(stage.reaper.resource_path)
    action_rig.install(resource, stage.worker.spool, python=python)
    stage.press()
    assert str(python) in stage.said
    assert not stage.worker.jobs()


def test_the_worker_is_started_with_its_spool_and_only_when_none_lives(stage, clock):
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    expected = f"-m reaper_automix worker {stage.worker.spool}\n"
    assert stage.log.read_text("utf-8") == expected
    stage.worker.move(stage.asked(), HALF)
    stage.finish()
    stage.balance()
    assert stage.log.read_text("utf-8") == expected


def test_a_worker_that_does_not_come_up_is_told_with_its_log(stage, clock):
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    clock[0] = 21.0
    stage.host.run_until(lambda: not stage.host.scripts, 20)
    assert str(stage.worker.spool / "worker.log") in stage.said


@pytest.mark.parametrize("sign", ["older version", "stale"])
def test_a_worker_of_no_use_is_replaced(stage, sign):
    earlier = StandIn(stage.worker.spool, "0.0.9" if sign == "older version" else __version__)
    earlier.beat(age_s=11.0 if sign == "stale" else 0.0)
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    stage.worker.move(stage.asked(), HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5


def test_a_worker_that_dies_in_the_middle_is_started_again(stage):
    stage.worker.beat()
    stage.press()
    job = stage.asked()
    assert not stage.log.exists()
    (stage.worker.spool / "worker.json").unlink()
    stage.host.run_until(stage.log.exists, 20)
    stage.worker.beat()
    stage.worker.move(job, HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5
