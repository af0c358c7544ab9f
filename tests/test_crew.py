"""Worker processes: every task once, faults passed on, nobody left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jobs import wait_for
from reaper_automix import crew as crew_module
from reaper_automix import threads
from reaper_automix.crew import Crew, side_by_side, worked
from reaper_automix.errors import AutomixError, Cancelled, MediaError


def double(number):
    return 2 * number


def complain(number):
    raise MediaError(f"File {number} is gone; put it back.")


def vanish(number):
    os._exit(number)


def count_up(number):
    for _ in range(number):
        worked(0.5)
    return number


def linger(number):
    time.sleep(60.0 * number)
    return number


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once(jobs):
    with Crew(jobs) as crew:
        assert sorted(crew.map(double, range(7))) == [(n, 2 * n) for n in range(7)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_the_input_reaches_the_caller(jobs):
    with Crew(jobs) as crew, pytest.raises(MediaError, match="is gone"):
        list(crew.map(complain, [1, 2]))


def test_a_killed_worker_is_one_sentence():
    with Crew(2) as crew, pytest.raises(AutomixError, match="--jobs 1"):
        list(crew.map(vanish, [1, 2]))


def test_leaving_early_stops_the_workers():
    before = set(multiprocessing.active_children())
    with Crew(2) as crew:
        assert next(crew.map(linger, [0, 1, 1, 1])) == (0, 0)
    # The pool's own thread may be about to note that one is gone.
    wait_for(lambda: set(multiprocessing.active_children()) <= before)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_work_done_is_told_while_it_is_done(jobs):
    told = []
    with Crew(jobs) as crew:
        assert len(list(crew.map(count_up, [1, 2, 3], told.append))) == 3
    assert sum(told) == pytest.approx(3.0)


@pytest.mark.parametrize("waits", [True, False])
def test_a_worker_that_waits_for_long_rests(monkeypatch, waits):
    rests = []
    monkeypatch.setattr(crew_module, "REST_S", 0.0)
    monkeypatch.setattr(crew_module.audio, "rest", lambda: rests.append(len(rests)))
    line, far = multiprocessing.Pipe()
    giving = threading.Timer(0.1 if waits else 0.0, far.send_bytes, [b"order"])
    giving.start()
    if not waits:
        giving.join()
    assert crew_module._next_order(line) == b"order"
    giving.join()
    assert rests == [0] * waits


def own_pid(number):
    return os.getpid()


def spin(number):
    worked(1.0)
    while True:
        pass


def test_a_tick_that_raises_stops_workers_in_the_middle_of_their_work():
    def cancel(amount):
        if amount:
            raise Cancelled

    with Crew(2) as crew:
        with pytest.raises(Cancelled):
            list(crew.map(spin, [1, 2, 3], cancel))
        assert sorted(crew.map(double, [1, 2])) == [(1, 2), (2, 4)]


def go_on(number):
    while True:
        worked(1.0)
        time.sleep(0.001)


def test_workers_that_leave_their_task_at_once_are_kept(monkeypatch):
    def cancel(amount):
        if amount:
            raise Cancelled

    monkeypatch.setattr(crew_module, "LEAVE_S", 30.0)  # whatever the machine has to do besides
    with Crew(2, apart=True) as crew:
        with pytest.raises(Cancelled):
            list(crew.map(go_on, [1, 2, 3], cancel))
        kept = {child.pid for child in multiprocessing.active_children()}
        found = sorted(crew.map(double, range(5)))
        assert found == [(n, 2 * n) for n in range(5)]
        assert {pid for _, pid in crew.map(own_pid, range(5))} <= kept


def test_a_recall_that_comes_too_late_costs_no_task():
    with Crew(1, apart=True) as crew:
        for number in range(20):
            assert next(crew.map(count_up, [number % 2, 1, 1])) == (number % 2, number % 2)


def warm_up():
    os.environ["WARM"] = "yes"


def is_warm(number):
    return os.environ["WARM"]


def test_workers_that_warm_up_take_their_tasks_after_it():
    with Crew(2) as crew:
        crew.prepare(warm_up)
        assert sorted(crew.map(is_warm, [1, 2])) == [(1, "yes"), (2, "yes")]


def test_a_crew_of_one_has_nobody_to_warm_up():
    before = set(multiprocessing.active_children())
    with Crew(1) as crew:
        crew.prepare(warm_up)
        assert set(multiprocessing.active_children()) <= before


def size(data):
    return data, len(data)


def test_tasks_and_results_may_be_larger_than_what_a_line_holds():
    tasks = [bytes([number]) * (1 << 20) for number in range(5)]
    with Crew(2) as crew:
        crew.prepare(warm_up)
        found = sorted(result for _, result in crew.map(size, tasks))
        assert found == [(task, len(task)) for task in tasks]


def lock_up(number):
    raise ValueError(threading.Lock())


def test_a_fault_has_its_traceback_even_if_it_cannot_be_sent():
    with Crew(2) as crew:
        with pytest.raises(MediaError) as fault:
            list(crew.map(complain, [1, 2]))
        assert "in complain" in fault.value.__notes__[0]
        with pytest.raises(RuntimeError, match="in lock_up"):
            list(crew.map(lock_up, [1, 2]))


def threads_of(number):
    return {variable: os.environ.get(variable) for variable in threads.VARIABLES}


def test_workers_start_with_one_thread_each_and_leave_this_process_as_it_is(monkeypatch):
    for variable in threads.VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    before = dict(os.environ)
    wanted = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with Crew(2) as crew:
        assert [found for _, found in crew.map(threads_of, [1, 2])] == [wanted, wanted]
    assert dict(os.environ) == before


def test_a_crew_apart_does_not_even_one_task_in_this_process():
    with Crew(1, apart=True) as crew:
        assert [pid for _, pid in crew.map(own_pid, [1])] != [os.getpid()]
        assert list(crew.map(own_pid, [])) == []


def test_a_crew_works_on_after_it_was_stopped():
    with Crew(2) as crew:
        next(crew.map(linger, [0, 1]))
        assert sorted(crew.map(double, [1, 2])) == [(1, 2), (2, 4)]


def test_a_crew_works_on_after_a_worker_was_killed():
    with Crew(2) as crew:
        with pytest.raises(AutomixError, match="was killed"):
            list(crew.map(vanish, [1, 2]))
        assert sorted(crew.map(double, [1, 2])) == [(1, 2), (2, 4)]


def deaf_to(number):
    return signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mask of signals")
def test_ctrl_c_reaches_no_worker_from_its_very_start_on_and_this_process_as_before():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with Crew(2) as crew:
        assert all(signal.SIGINT in mask for _, mask in crew.map(deaf_to, [1, 2]))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


KILLED_AT_WORK = """
import os, signal, sys, test_crew
from reaper_automix.crew import Crew

if __name__ == "__main__":
    with Crew(2) as crew:
        print(*[pid for _, pid in crew.map(test_crew.own_pid, range(8))], flush=True)
        sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask whether a process lives")
def test_workers_end_with_the_process_that_they_work_for(tmp_path):
    script = tmp_path / "killed at work.py"
    script.write_text(KILLED_AT_WORK)
    paths = os.pathsep.join((str(Path(__file__).parent), *sys.path))
    process = subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where it would say what the kill left undone
        env={**os.environ, "PYTHONPATH": paths},
    )
    with process:
        pids = {int(pid) for pid in process.stdout.readline().split()}
        process.kill()
    wait_for(lambda: not any(map(lives, pids)))


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_threads_answer_in_the_order_of_their_tasks(count):
    assert list(side_by_side(lambda number: number**2, iter(range(count)))) == [
        number**2 for number in range(count)
    ]
