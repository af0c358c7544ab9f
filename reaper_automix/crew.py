"""Worker processes: the same function over many tasks, on all cores, stopped at once when asked.

Processes, because pitch and filtering hold the interpreter; started fresh (``spawn``), because a
fork of a process that has threads (a progress bar, a BLAS) can hang.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType
from typing import Self, TypeVar

from reaper_automix import threads
from reaper_automix.errors import AutomixError

Task = TypeVar("Task")
Result = TypeVar("Result")

Tick = Callable[[float], None]
"""Told how much work was done since it was told last, in whatever unit the tasks count."""

TICK_S = 0.1

KILLED = (
    "A worker process was killed while measuring, most likely for want of memory; "
    "try again with --jobs 1."
)


def ignore(amount: float) -> None:
    """The tick of work that nobody watches."""


def worked(amount: float) -> None:
    """Called by a task, in whatever process it runs, each time it has done a part of its work."""
    _told[-1](amount)


_told: list[Tick] = [ignore]
"""Who is told in this process; the last one is."""


class Crew:
    """Up to ``jobs`` worker processes (default: one per core), started when first needed.

    With ``apart`` nothing is worked in this process, so that it can be stopped at any moment.

    They stay for further tasks until the crew is dismissed, and end with the process that they
    work for, however that ends.
    """

    def __init__(self, jobs: int | None = None, *, apart: bool = False) -> None:
        self._apart = apart
        self._jobs = jobs or os.cpu_count() or 1
        self._context = multiprocessing.get_context("spawn")
        self._pool: ProcessPoolExecutor | None = None
        self._done: Synchronized[float] = self._context.Value("d", 0.0)

    @property
    def jobs(self) -> int:
        """How many tasks are worked at once."""
        return self._jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.dismiss()

    def prepare(self, work: Callable[[], None]) -> None:
        """Start the workers, each with some work to warm up by, and wait for none of them."""
        pool = self._started()
        for _ in range(self._jobs):
            pool.submit(work)

    def map(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], tick: Tick = ignore
    ) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, in the order in which they are done.

        ``tick`` hears what the tasks tell by :func:`worked`, while they are at it. A single task,
        or a crew of one, works in this process. Leaving the iteration early stops the workers.
        """
        if not tasks:
            return
        if not self._apart and (self._jobs == 1 or len(tasks) == 1):
            yield from _alone(work, tasks, tick)
            return
        done = False
        try:
            yield from self._together(self._started(), work, tasks, tick)
            done = True
        except BrokenProcessPool as error:
            raise AutomixError(KILLED) from error
        finally:
            if not done:
                self.dismiss()

    def _together(
        self,
        pool: ProcessPoolExecutor,
        work: Callable[[Task], Result],
        tasks: Sequence[Task],
        tick: Tick,
    ) -> Iterator[tuple[Task, Result]]:
        futures = {pool.submit(work, task): task for task in tasks}
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, TICK_S, FIRST_COMPLETED)
            tick(self._done_since())
            for future in finished:
                yield futures[future], future.result()

    def _done_since(self) -> float:
        """What the workers did since this was asked last."""
        with self._done.get_lock():
            amount, self._done.value = self._done.value, 0.0
        return amount

    def dismiss(self) -> None:
        """Stop the workers, whatever they are doing."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        workers = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Anew for every pool: a worker may have been stopped while it held the old one's lock.
            self._done = self._context.Value("d", 0.0)
            self._pool = ProcessPoolExecutor(
                self._jobs, self._context, initializer=_settle_in, initargs=(self._done,)
            )
        return self._pool


def _alone(
    work: Callable[[Task], Result], tasks: Sequence[Task], tick: Tick
) -> Iterator[tuple[Task, Result]]:
    for task in tasks:
        _told.append(tick)
        try:
            result = work(task)
        finally:
            _told.pop()
        yield task, result


def _settle_in(done: Synchronized[float]) -> None:
    """One thread per worker, Ctrl-C left to the process that gave the tasks, and who to tell."""
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(amount: float) -> None:
        with done.get_lock():
            done.value += amount

    _told.append(tell)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threads.limit()


def _end_with_parent() -> None:
    """End when the process that gave the tasks is gone: the queue alone would never tell."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
