"""The real worker process with real audio: started, cancelled, killed and started again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import reaper_automix
from jobs import FIRST, SECOND, answer, submit, wait_for
from signals import noise
from songs import session, track

pytestmark = pytest.mark.long

STARTED = "20261122-190002-0123abcd"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "stäte of 'mine'" / "spool"


@pytest.fixture
def start(home):
    started = []

    def begin():
        root = str(Path(reaper_automix.__file__).parents[1])
        command = [sys.executable, "-m", "reaper_automix", "worker", str(home)]
        environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def songs_of(folder, count, duration_s):
    return session(
        *(track(folder, f"Spür {n}", noise(duration_s, -20 - n, seed=n)) for n in range(count))
    )


def done(folder):
    return (folder / "result.json").exists()


def test_it_answers_is_cancelled_at_once_killed_and_replaced(home, start, tmp_path):
    short = songs_of(tmp_path / "short", 3, 1.0)
    first = submit(home, FIRST, session=short)
    worker = start()
    wait_for(lambda: done(first), 60.0)
    assert answer(first)["outcome"] == "done"
    assert len(answer(first)["moves"]) >= 2
    wait_for(Path(answer(first)["report"]).is_file)

    long = songs_of(tmp_path / "long", 3, 30.0)
    cancelled = submit(home, SECOND, session=long, settings={"method": "auto"})
    wait_for((cancelled / "progress.json").exists, 60.0)
    (cancelled / "cancel").touch()
    wait_for(lambda: done(cancelled), 60.0)
    assert answer(cancelled)["outcome"] == "cancelled"

    unheard = songs_of(tmp_path / "unheard", 3, 60.0)
    left = submit(home, STARTED, session=unheard, settings={"method": "auto"})
    wait_for((left / "attempts").exists, 60.0)
    worker.kill()
    worker.wait()
    assert not done(left)
    start()
    wait_for(lambda: done(left), 60.0)
    assert answer(left)["outcome"] == "done"
