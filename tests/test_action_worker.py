"""An installation that cannot be used, and a worker that is missing, old, stale or dead."""

import json
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


def installation_of(stage):
    return Path(stage.reaper.resource_path, "Scripts/Automix/lib/installation.json")


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
    installation_of(stage).unlink()
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


def test_a_program_that_does_not_start_is_told_at_once(stage, clock):
    said = json.loads(installation_of(stage).read_text("utf-8"))
    Path(said["python"]).chmod(0o644)
    stage.press()
    stage.host.run_until(lambda: not stage.host.scripts, 20)
    assert f"cannot start its worker with {said['python']}; run `reaper-automix" in stage.said
    assert all((job / "cancel").exists() for job in stage.worker.jobs())


@pytest.mark.parametrize("has_log", [True, False])
def test_a_worker_that_does_not_come_up_is_told_with_its_log(stage, clock, has_log):
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    log = stage.worker.spool / "worker.log"
    if has_log:
        log.touch()
    clock[0] = 21.0
    stage.host.run_until(lambda: not stage.host.scripts, 20)
    assert "does not run" in stage.said
    assert (str(log) in stage.said) is has_log
    assert ("reaper-automix doctor" in stage.said) is not has_log


@pytest.mark.parametrize("sign", ["older version", "stale"])
def test_a_worker_of_no_use_is_replaced(stage, sign):
    earlier = StandIn(stage.worker.spool, "0.0.9" if sign == "older version" else __version__)
    earlier.beat(age_s=11.0 if sign == "stale" else 0.0)
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    stage.worker.move(stage.asked(), HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5


@pytest.mark.parametrize("earlier_pid", [None, 7])
def test_where_the_started_worker_is_of_another_version_both_are_named(stage, clock, earlier_pid):
    upgraded = StandIn(stage.worker.spool, "9.9.9")
    if earlier_pid:
        upgraded.beat(pid=earlier_pid)
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    upgraded.beat(pid=8)
    stage.host.run_until(lambda: not stage.host.scripts, 20)
    (told,) = stage.reaper.console
    assert f"of version 9.9.9 and these actions are of version {__version__}; run `rea" in told
    assert len(stage.log.read_text("utf-8").splitlines()) == 1


def test_a_worker_of_another_version_that_stays_is_told_and_only_one_is_started(stage, clock):
    stays = StandIn(stage.worker.spool, "9.9.9")
    stays.beat()
    stage.press()
    stage.host.run_until(stage.log.exists, 20)
    for clock[0] in (8.0, 15.0, 21.0):
        stays.beat()
        stage.host.tick()
    assert not stage.host.scripts
    assert "of version 9.9.9" in stage.said
    assert len(stage.log.read_text("utf-8").splitlines()) == 1


def test_what_a_worker_of_another_version_has_begun_it_may_finish(stage, clock):
    stage.press()
    stage.host.run_until(stage.worker.waiting, 20)
    (job,) = stage.worker.waiting()
    upgraded = StandIn(stage.worker.spool, "9.9.9")
    upgraded.beat(pid=8, job=job.name)
    stage.host.tick()
    for clock[0] in (8.0, 21.0, 60.0):
        upgraded.beat(pid=8, job=job.name)
        stage.host.tick()
    upgraded.move(job, HALF)
    stage.host.run_until(stage.is_over, 20)
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


# Answers that cannot be used

MOVE = {"track_id": KICK, "control": "fader", "before": 1.0, "after": 0.5}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"moves": [MOVE | {"after": "0.5"}]}, "moves"),
        ({"moves": [MOVE | {"control": "pan"}]}, "moves"),
        ({"moves": {"first": MOVE}}, "moves"),
        ({"stored": None}, "stored"),
        ({"stored": [{"track_id": KICK, "found": 1.0}]}, "stored"),
        ({"rows": [{"track_id": KICK, "name": "Kick"}]}, "rows"),
        ({"rows": ["Kick"]}, "rows"),
        ({"notes": [7]}, "notes"),
        ({"plan": {"render": [7], "kept": []}}, "plan"),
        ({"plan": {"render": [], "kept": [], "range": [0.0, 1.0]}}, "plan"),
        ({"mix": {"before_lufs": "loud", "after_lufs": None}}, "mix"),
        ({"title": None}, "title"),
        ({"outcome": "maybe"}, "outcome"),
    ],
)
def test_an_answer_of_a_wrong_form_is_told_and_nothing_changes(stage, wrong, field):
    before = stage.project.rpp
    stage.press()
    stage.worker.answer(stage.asked(), **wrong)
    stage.until(lambda: not stage.host.scripts)
    (told,) = stage.reaper.console
    assert told.startswith(
        f"Automix cannot read its worker's answer ({field}); press the key again"
    )
    assert stage.project.rpp == before


@pytest.mark.parametrize("text", ["", '{"id": ', "[]", '{"id": "another"}'])
def test_an_answer_that_stays_unreadable_is_not_awaited_for_ever(stage, clock, text):
    before = stage.project.rpp
    stage.press()
    (stage.asked() / "result.json").write_text(text, "utf-8")
    beat_and_tick(stage, 2)
    assert stage.host.scripts
    clock[0] = 2.5
    stage.until(lambda: not stage.host.scripts)
    assert "cannot read its worker's answer (result.json)" in stage.said
    assert stage.project.rpp == before


def test_an_answer_that_is_unreadable_for_a_moment_is_used(stage, clock):
    stage.press()
    job = stage.asked()
    (job / "result.json").write_text("{", "utf-8")
    beat_and_tick(stage, 2)
    clock[0] = 1.0
    stage.worker.move(job, HALF)
    stage.finish()
    assert stage.fader(KICK) == 0.5


def beat_and_tick(stage, times):
    for _ in range(times):
        stage.worker.beat()
        stage.host.tick()
