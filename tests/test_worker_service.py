"""The worker's loop, with a double for the work: jobs answered, told to end, killed, replaced."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import jobs
from jobs import FIRST, SECOND, DoubleHands, answer, opened, submit, wait_for
from reaper_automix import cli
from reaper_automix.errors import OutputError
from reaper_automix.worker import heart, service
from reaper_automix.worker.lock import Lock
from reaper_automix.worker.service import BROKEN_OFF, BUG, CANCELLED, _left_s, serve
from reaper_automix.worker.spool import Job, Spool

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "stäte of mine" / "spool"


@pytest.fixture
def start(spool):
    """Starts workers with a double for the work; none is left behind."""
    started = []

    def begin(version="1", idle_s=20.0):
        command = [sys.executable, jobs.__file__, str(spool), version, str(idle_s)]
        paths = os.pathsep.join((str(Path(jobs.__file__).parent), *sys.path))
        started.append(subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def run(spool, hands=None, **given):
    """A worker in this process, which ends as soon as there is no job."""
    hands = hands or DoubleHands("1")
    serve(spool, hands=opened(hands), version="1", **{"idle_s": 0.05, **given})
    return hands


def beat(spool):
    return heart.last_beat(Spool(spool))


def is_at(spool, job_id):
    found = beat(spool)
    return found is not None and found.job == job_id


def test_jobs_are_answered_the_oldest_first(spool):
    folders = [submit(spool, job_id) for job_id in (SECOND, FIRST)]
    assert run(spool).done == [FIRST, SECOND]
    assert all(answer(folder)["outcome"] == "done" for folder in folders)


@pytest.mark.parametrize("count", [1, 3])
def test_it_never_ends_while_a_job_waits(spool, count):
    folders = [submit(spool, f"20261122-19000{n}-0a") for n in range(count)]
    run(spool, idle_s=0.0)
    assert all(answer(folder)["outcome"] == "done" for folder in folders)


def until_awaited(progress):
    while True:
        progress("Summing", 0.0, 1.0)
        time.sleep(0.001)


def test_the_answer_comes_before_what_nobody_waits_for(spool):
    found = []
    submit(spool)
    run(spool, DoubleHands("1", lambda job, progress: found.append(answer(job.folder)["outcome"])))
    assert found == ["done"]


def test_what_nobody_waits_for_is_put_down_when_a_job_comes(spool):
    def rest(job, progress):
        if job.id == FIRST:
            wait_for(lambda: beat(spool).state == "idle")
            submit(spool, SECOND)
            until_awaited(progress)

    submit(spool, FIRST)
    hands = run(spool, DoubleHands("1", rest))
    assert hands.done == [FIRST, SECOND]
    assert answer(spool / "jobs" / SECOND)["outcome"] == "done"


def test_what_was_put_down_is_begun_again_once_nobody_waits(spool):
    begun = []

    def rest(job, progress):
        begun.append(job.id)
        if len(begun) == 1:
            submit(spool, SECOND, settings={"profile": "fail"})
            until_awaited(progress)

    submit(spool, FIRST)
    run(spool, DoubleHands("1", rest))
    assert begun == [FIRST, FIRST]


def test_what_nobody_waits_for_does_not_keep_it_from_ending(spool):
    def rest(job, progress):
        (spool / "stop").touch()
        until_awaited(progress)

    folder = submit(spool)
    run(spool, DoubleHands("1", rest), idle_s=20.0)
    assert answer(folder)["outcome"] == "done"


def test_a_fault_in_what_nobody_waits_for_harms_no_answer(spool):
    def rest(job, progress):
        raise ZeroDivisionError(job.id)

    folders = [submit(spool, job_id) for job_id in (FIRST, SECOND)]
    run(spool, DoubleHands("1", rest))
    assert [answer(folder)["outcome"] for folder in folders] == ["done", "done"]
    assert f"ZeroDivisionError: {SECOND}" in (spool / "worker.log").read_text("utf-8")


def test_a_worker_that_ends_takes_its_heartbeat_with_it(spool):
    run(spool)
    assert not (spool / "worker.json").exists()
    assert "Ended." in (spool / "worker.log").read_text("utf-8")


def test_it_leaves_no_log_handler_behind(spool):
    package = logging.getLogger("reaper_automix")
    before = list(package.handlers), package.level
    run(spool)
    assert (list(package.handlers), package.level) == before


@pytest.mark.parametrize(
    ("wish", "sentence"), [("fail", "The song is out of tune; tune it."), ("crash", BUG)]
)
def test_a_job_that_fails_is_answered_and_the_next_one_done(spool, wish, sentence):
    failed = submit(spool, FIRST, settings={"profile": wish})
    done = submit(spool, SECOND)
    run(spool)
    assert answer(failed) == {**answer(done), **{"id": FIRST}, **failing(sentence)}
    assert answer(done)["outcome"] == "done"


def failing(sentence):
    return {"outcome": "failed", "message": sentence}


def test_a_fault_of_the_program_stands_in_the_log(spool):
    submit(spool, FIRST, settings={"profile": "crash"})
    run(spool)
    assert "ZeroDivisionError: 1" in (spool / "worker.log").read_text("utf-8")


def test_a_job_that_is_not_submitted_yet_waits(spool):
    folder = submit(spool)
    (folder / "request.json").rename(folder / "request.json.tmp")
    assert run(spool).done == []
    (folder / "request.json.tmp").rename(folder / "request.json")
    assert run(spool).done == [FIRST]


@pytest.mark.parametrize("name", ["no job", "..job", "20261122-190000-XYZ", "a" * 65])
def test_what_is_no_job_of_ours_is_left_alone(spool, name):
    stranger = spool / "jobs" / name
    stranger.mkdir(parents=True)
    (stranger / "request.json").write_text("{}")
    assert run(spool).done == []
    assert stranger.exists()


@pytest.mark.parametrize("mark", ["result.json", "done"])
def test_an_answered_job_is_not_done_again(spool, mark):
    (submit(spool) / mark).touch()
    assert run(spool).done == []


def test_fetched_and_forgotten_jobs_are_thrown_away(spool):
    fetched, forgotten, fresh = (submit(spool, f"20261122-19000{n}-0a") for n in range(3))
    for folder in (fetched, forgotten, fresh):
        (folder / "result.json").touch()
    (fetched / "done").touch()
    os.utime(forgotten, (0, time.time() - 25 * 3600))
    run(spool)
    assert [folder.exists() for folder in (fetched, forgotten, fresh)] == [False, False, True]


def test_a_job_that_broke_off_twice_is_not_tried_again(spool):
    folder = submit(spool)
    Job(folder).begin()
    Job(folder).begin()
    assert run(spool).done == []
    assert answer(folder)["message"] == BROKEN_OFF


def test_a_job_that_cannot_be_answered_holds_up_no_other(spool):
    hands = DoubleHands("1")
    stuck, done = submit(spool, FIRST), submit(spool, SECOND)
    (stuck / "result.json.tmp").mkdir()
    run(spool, hands)
    assert hands.done == [FIRST, SECOND]
    assert answer(done)["outcome"] == "done"
    assert not (stuck / "result.json").exists()


def test_progress_is_told_and_cancel_heeded(spool, start):
    folder = submit(spool, settings={"profile": "wait"})
    start()
    wait_for((folder / "progress.json").exists)
    step = json.loads((folder / "progress.json").read_text("utf-8"))
    assert step | {"eta_s": 0} == {
        "stage": "Measuring",
        "done": 1.0,
        "total": 4.0,
        "what": "Vöx",
        "eta_s": 0,
    }
    (folder / "cancel").touch()
    wait_for((folder / "result.json").exists)
    assert answer(folder)["outcome"] == "cancelled"
    assert answer(folder)["message"] == CANCELLED


def test_progress_is_written_at_most_ten_times_a_second(spool, monkeypatch):
    class Orders:
        to_end = False

    written, now = [], iter(range(1000))
    monkeypatch.setattr(service.time, "monotonic", lambda: next(now) / 50)
    monkeypatch.setattr(service, "write", lambda path, content: written.append(content))
    (spool / "jobs" / FIRST).mkdir(parents=True)
    teller = service._Teller(Job(spool / "jobs" / FIRST), Orders())
    for _ in range(100):
        teller("Measuring", 1.0, 2.0)
    assert 15 <= len(written) <= 20  # in two seconds


@pytest.mark.parametrize(
    ("taken_s", "done", "left"),
    [(0.0, 0.0, None), (0.0, 1.0, None), (2.0, 1.0, 6.0), (8.0, 4.0, 0.0)],
)
def test_what_is_left_goes_at_the_pace_so_far(taken_s, done, left):
    assert _left_s(taken_s, done, 4.0) == left


def test_a_job_whose_folder_is_gone_is_dropped(spool, start):
    folder = submit(spool, settings={"profile": "wait"})
    start()
    wait_for((folder / "progress.json").exists)
    shutil.rmtree(folder, ignore_errors=True)
    after = submit(spool, SECOND)
    wait_for((after / "result.json").exists)


def test_the_heart_tells_what_is_being_done(spool, start):
    process = start()
    wait_for(lambda: beat(spool) is not None)
    first = beat(spool)
    assert (first.pid, first.version, first.protocol, first.state) == (process.pid, "1", 1, "idle")
    folder = submit(spool, settings={"profile": "wait"})
    wait_for(lambda: is_at(spool, FIRST))
    assert beat(spool).state == "busy"
    (folder / "go").touch()
    wait_for(lambda: beat(spool).state == "idle")


def test_a_second_worker_of_the_same_version_ends_at_once(spool, start):
    first = start()
    wait_for(lambda: beat(spool) is not None)
    assert start().wait(30) == 0
    assert first.poll() is None
    assert beat(spool).pid == first.pid


def test_two_workers_started_together_are_one(spool, start):
    pair = [start(), start()]
    wait_for(lambda: any(process.poll() is not None for process in pair))
    folder = submit(spool)
    wait_for((folder / "result.json").exists)
    assert sorted(process.poll() is None for process in pair) == [False, True]


def test_a_worker_of_another_version_takes_over_and_does_the_job(spool, start):
    folder = submit(spool, settings={"profile": "wait"})
    old = start("1")
    wait_for(lambda: is_at(spool, FIRST))
    start("2")
    assert old.wait(30) == 0
    (folder / "go").touch()
    wait_for((folder / "result.json").exists)
    assert answer(folder)["message"] == "2"
    assert Job(folder).attempts == 1


def test_a_killed_worker_is_replaced_and_its_job_done(spool, start):
    folder = submit(spool, settings={"profile": "wait"})
    first = start()
    wait_for((folder / "attempts").exists)
    first.kill()
    first.wait()
    second = start()
    (folder / "go").touch()
    wait_for((folder / "result.json").exists)
    assert answer(folder)["outcome"] == "done"
    assert Job(folder).attempts == 2
    assert second.poll() is None


def test_a_worker_that_is_killed_after_the_answer_takes_nothing_back(spool, start):
    folder = submit(spool, settings={"profile": "dawdle"})
    first = start()
    wait_for((folder / "result.json").exists)
    wait_for(lambda: beat(spool).state == "idle")
    first.kill()
    first.wait()
    start()
    after = submit(spool, SECOND)
    wait_for((after / "result.json").exists)
    assert answer(folder)["outcome"] == answer(after)["outcome"] == "done"
    assert Job(folder).attempts == 1


@POSIX
@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_in_the_middle_of_a_job(spool, start, order):
    folder = submit(spool, settings={"profile": "wait"})
    process = start()
    wait_for(lambda: is_at(spool, FIRST))
    process.send_signal(order)
    assert process.wait(30) == 0
    assert not (spool / "worker.json").exists()
    assert not (folder / "result.json").exists()
    assert Job(folder).attempts == 0


@pytest.mark.parametrize("named", [b"", b"%d"])
def test_the_stop_file_ends_it(spool, start, named):
    process = start()
    wait_for(lambda: beat(spool) is not None)
    (spool / "stop").write_bytes(named % process.pid if named else named)
    assert process.wait(30) == 0


def test_a_stop_file_for_another_one_is_not_heeded(spool):
    folder = submit(spool)
    spool.mkdir(exist_ok=True)
    (spool / "stop").write_bytes(b"1")
    run(spool)
    assert answer(folder)["outcome"] == "done"


@pytest.mark.parametrize("name", ["", "jobs"])
def test_where_no_spool_can_be_it_says_so(spool, name, capsys):
    spool.parent.mkdir()
    if name:
        spool.mkdir()
    (spool / name).touch()
    assert cli.run(["worker", str(spool)]) == OutputError.exit_code
    said = capsys.readouterr().err
    assert f"{spool} cannot be used as spool folder (" in said
    assert said.count("\n") == 1


def test_it_ends_when_its_spool_is_gone(spool):
    hands = DoubleHands("1")
    timer = threading.Timer(0.2, lambda: shutil.rmtree(spool, ignore_errors=True))
    timer.start()
    run(spool, hands, idle_s=20.0)
    assert hands.done == []


def test_a_heartbeat_that_cannot_be_written_stops_nothing(spool):
    folder = submit(spool)
    (spool / "worker.json.tmp").mkdir()
    run(spool)
    assert answer(folder)["outcome"] == "done"


def test_a_stale_or_alien_heartbeat_is_no_life(spool):
    place = Spool(spool)
    place.make()
    assert not heart.lives(place, "1")
    place.heartbeat.write_bytes(b"\xff not json")
    assert not heart.lives(place, "1")
    now = {
        "pid": 1,
        "version": "1",
        "protocol": 1,
        "beat": time.time(),
        "state": "idle",
        "job": None,
    }
    place.heartbeat.write_text(json.dumps(now))
    assert heart.lives(place, "1")
    assert not heart.lives(place, "2")
    place.heartbeat.write_text(json.dumps({**now, "beat": now["beat"] - 11}))
    assert not heart.lives(place, "1")


def test_the_lock_is_one_persons_at_a_time(tmp_path):
    with Lock(tmp_path / "lock") as mine:
        assert mine.acquire("1")
        yours = Lock(tmp_path / "lock")
        assert not yours.acquire("2")
        assert yours.holder().version == "1"
    assert yours.acquire("2")
    yours.release()


def test_warming_up_that_fails_stops_nothing(spool):
    class Cold(DoubleHands):
        def warm_up(self):
            raise ImportError("no torch")

    run(spool, Cold("1"))
    assert "no torch" in (spool / "worker.log").read_text("utf-8")
