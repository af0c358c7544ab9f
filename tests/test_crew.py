"""Worker processes: every task once, faults passed on, nobody left behind."""

import multiprocessing
import os
import time

import pytest

from reaper_automix.crew import Crew, worked
from reaper_automix.errors import AutomixError, MediaError


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
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_work_done_is_told_while_it_is_done(jobs):
    told = []
    with Crew(jobs) as crew:
        assert len(list(crew.map(count_up, [1, 2, 3], told.append))) == 3
    assert sum(told) == pytest.approx(3.0)
