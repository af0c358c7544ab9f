"""Worker processes: the same function over many tasks, on all cores, stopped at once when asked.

Processes, because pitch and filtering hold the interpreter; started fresh (``spawn``), because a
fork of a process that has threads (a progress bar, a BLAS) can hang.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self, TypeVar

from reaper_automix.errors import AutomixError

Task = TypeVar("Task")
Result = TypeVar("Result")

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Crew:
    """Up to ``jobs`` worker processes (default: one per core), started when first needed."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.dismiss()

    def map(
        self, work: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, in the order in which they are done.

        A single task, or a crew of one, works in this process. Leaving the iteration early stops
        the workers.
        """
        if self._jobs == 1 or len(tasks) <= 1:
            for task in tasks:
                yield task, work(task)
            return
        futures = {self._started().submit(work, task): task for task in tasks}
        done = False
        try:
            for future in as_completed(futures):
                yield futures[future], _result(future)
            done = True
        finally:
            if not done:
                self.dismiss()

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
            self._pool = ProcessPoolExecutor(
                self._jobs, multiprocessing.get_context("spawn"), initializer=_settle_in
            )
        return self._pool


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise AutomixError(
            "A worker process was killed while measuring, most likely for want of memory; "
            "try again with --jobs 1."
        ) from error


def _settle_in() -> None:
    """One thread per worker, and Ctrl-C left to the process that gave the tasks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")
