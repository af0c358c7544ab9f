"""Worker processes: the same function over many tasks, on all cores, stopped at once when asked.

Processes, because pitch and filtering hold the interpreter; started fresh (``spawn``), because a
fork of a process that has threads (a progress bar, a BLAS) can hang. One line leads to each. On it
a worker tells what it has done and when it waits for the next task; tasks are given only then, so
that giving one never blocks, however large it is, and no thread or lock is needed that a stopped
worker could leave behind.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from reaper_automix import audio, heap, threads
from reaper_automix.errors import AutomixError, Cancelled

Task = TypeVar("Task")
Result = TypeVar("Result")

Tick = Callable[[float], None]
"""Told how much work was done since it was told last, in whatever unit the tasks count."""

TICK_S = 0.1
TELL_S = 0.05
"""A worker tells no more often than this."""

LEAVE_S = 0.1
"""Workers that are to put their task down have so long for it; slower ones are stopped."""

REST_S = 2.0
"""A worker that waits for longer gives back the memory that it keeps for its next task."""

RECALL = b"leave it"
"""What a worker hears then, and nothing else does it hear while it is at work; no pickle is it."""

KILLED = (
    "A worker process was killed while measuring, most likely for want of memory; "
    "try again with --jobs 1."
)


def ignore(amount: float) -> None:
    """The tick of work that nobody watches."""


def worked(amount: float) -> None:
    """Called by a task, in whatever process it runs, each time it has done a part of its work."""
    _heeding.ticks[-1](amount)


class _Heeding(threading.local):
    """Who is told in this thread; the last one is.

    A worker of a cluster may do several songs at a time, in as many threads.
    """

    def __init__(self) -> None:
        self.ticks: list[Tick] = [ignore]


_heeding = _Heeding()


def cores() -> int:
    """How many cores this process may use, which can be fewer than there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """What becomes of tasks that leave the interpreter to others, in their order.

    They are done by threads of this process, one per core; a single one needs none.
    """
    from concurrent.futures import ThreadPoolExecutor

    waiting = list(tasks)
    if len(waiting) <= 1:
        yield from map(work, waiting)
        return
    with ThreadPoolExecutor(cores()) as pool:
        yield from pool.map(work, waiting)


class Crew:
    """Up to ``jobs`` worker processes (default: one per core), started when first needed.

    With ``apart`` nothing is worked in this process, so that it can be stopped at any moment.

    They stay for further tasks until the crew is dismissed, and end with the process that they
    work for, however that ends.
    """

    def __init__(self, jobs: int | None = None, *, apart: bool = False) -> None:
        self._apart = apart
        self._jobs = jobs or cores()
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        heap.keep()  # who gives the tasks has much to add up, or works alone

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
        """Start the workers, each with some work to warm up by, and wait for none of them.

        That work tells nothing by :func:`worked`.
        A crew that works in this process has none.
        """
        for worker in self._started(self._jobs if self._apart or self._jobs > 1 else 0):
            worker.give(work)

    def map(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], tick: Tick = ignore
    ) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, in the order in which they are done.

        ``tick`` hears what the tasks tell by :func:`worked`, while they are at it, and may raise to
        stop them. A single task, or a crew of one, works in this process. Leaving the iteration
        early has the workers leave their tasks; who does not do so at once is stopped.
        """
        if not tasks:
            return
        if not self._apart and (self._jobs == 1 or len(tasks) == 1):
            yield from _alone(work, tasks, tick)
            return
        done = False
        try:
            yield from self._together(work, tasks, tick)
            done = True
        finally:
            if not done:
                self._put_down()

    def _put_down(self) -> None:
        """Have nobody at work any more; who leaves at once stays, as warm as before."""
        try:
            self._recall()
        except AutomixError:  # one of them was killed
            self.dismiss()
        late = [worker for worker in self._workers if not worker.waits]
        self._workers = [worker for worker in self._workers if worker.waits]
        _end(late)

    def _recall(self) -> None:
        """Tell the workers to leave their tasks, and wait a moment until they did."""
        for worker in self._workers:
            worker.recall()
        until = time.monotonic() + LEAVE_S
        while late := [worker for worker in self._workers if not worker.waits]:
            left_s = until - time.monotonic()
            if left_s <= 0.0:
                return
            for _ in _heard(late, left_s):
                pass

    def _together(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], tick: Tick
    ) -> Iterator[tuple[Task, Result]]:
        workers = self._started(min(self._jobs, len(tasks)))
        left, at_work = deque(tasks), dict[_Worker, Task]()
        while left or at_work:
            amount, done = 0.0, list[tuple[Task, Result]]()
            for worker, message in _heard(workers):
                if isinstance(message, _Told):
                    amount += message.amount
                elif worker in at_work:
                    done.append((at_work.pop(worker), cast("Result", message.result())))
            for worker in workers:
                if left and worker.waits:
                    at_work[worker] = left.popleft()
                    worker.give(work, at_work[worker])
            tick(amount)
            yield from done

    def dismiss(self) -> None:
        """Stop the workers, whatever they are doing."""
        workers, self._workers = self._workers, []
        _end(workers)

    def _started(self, count: int) -> list[_Worker]:
        while len(self._workers) < count:
            self._workers.append(_Worker(self._context))
        return self._workers


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.bury()


def _heard(
    workers: Sequence[_Worker], wait_s: float = TICK_S
) -> Iterator[tuple[_Worker, _Told | _Done]]:
    """What workers tell; nothing when none of them does for so long."""
    ready = connection.wait([worker.line for worker in workers], wait_s)
    for worker in workers:
        if worker.line in ready:
            yield worker, worker.hear()


def _alone(
    work: Callable[[Task], Result], tasks: Sequence[Task], tick: Tick
) -> Iterator[tuple[Task, Result]]:
    for task in tasks:
        _heeding.ticks.append(tick)
        try:
            result = work(task)
        finally:
            _heeding.ticks.pop()
        yield task, result


@dataclass(frozen=True, slots=True)
class _Told:
    """A worker has done this much since it told last."""

    amount: float


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a task: something, or the error that kept it from that."""

    outcome: object = None
    error: Exception | None = None

    def result(self) -> object:
        """The outcome; raises the error."""
        if self.error is not None:
            raise self.error
        return self.outcome


class _Worker:
    """A worker process as seen from the one that gives the tasks."""

    def __init__(self, context: SpawnContext) -> None:
        self.line, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far,), daemon=True)
        with threads.limited(), _undisturbed():
            self._process.start()
        far.close()
        self._owes = 1  # the word that it is there

    @property
    def waits(self) -> bool:
        """Whether it has nothing to do."""
        return not self._owes

    def give(self, work: Callable[..., object], *arguments: object) -> None:
        """Have it call a function."""
        try:
            self.line.send((work, arguments))
        except ConnectionError as error:
            raise AutomixError(KILLED) from error
        self._owes += 1

    def recall(self) -> None:
        """Have it leave its task, if it has one, as soon as it tells how far it is."""
        with suppress(ConnectionError):  # of one that was killed its silence tells
            if not self.waits:
                self.line.send_bytes(RECALL)

    def hear(self) -> _Told | _Done:
        """What it tells next."""
        try:
            message: _Told | _Done = self.line.recv()
        except (EOFError, ConnectionError) as error:
            raise AutomixError(KILLED) from error
        if isinstance(message, _Done):
            self._owes -= 1
        return message

    def stop(self) -> None:
        """Do not let it finish."""
        self._process.terminate()

    def bury(self) -> None:
        """Wait until it is gone."""
        self._process.join()
        self.line.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have processes that are started meanwhile never hear of Ctrl-C, and this one only afterwards.

    Before it has loaded anything, a process could do no better than end with a traceback.
    """
    if sys.platform == "win32":  # which has no such mask
        yield
        return
    resource_tracker.ensure_running()  # its own start would open the mask again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(line: Connection[Any, Any]) -> None:
    """The life of a worker: Ctrl-C is left to the process that gives the tasks."""
    heap.keep()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    teller = _Teller(line)
    _heeding.ticks.append(teller)
    line.send(_Done())
    while True:
        try:
            order = _next_order(line)
        except EOFError:
            return
        if order == RECALL:  # of a task that was done by then
            continue
        answer = _answer(order)
        teller.flush()
        line.send_bytes(answer)


def _next_order(line: Connection[Any, Any]) -> bytes:
    """What a worker is to do next, for which it waits; ``EOFError`` when nobody needs it."""
    if not line.poll(REST_S):
        audio.rest()
    return line.recv_bytes()


def _answer(order: bytes) -> bytes:
    """The pickled outcome of a pickled call."""
    try:
        work, arguments = pickle.loads(order)
        return pickle.dumps(_Done(work(*arguments)))
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> bytes:
    """A pickled error with its traceback as a note; of one that cannot be pickled, that alone."""
    trace = traceback.format_exc()
    error.add_note(trace)
    try:
        return pickle.dumps(_Done(error=error))
    except Exception:
        return pickle.dumps(_Done(error=RuntimeError(trace)))


class _Teller:
    """Tells the other end of a line what was worked, not more often than it is heeded.

    That is also when a task hears that nobody wants it any more.
    """

    def __init__(self, line: Connection[Any, Any]) -> None:
        self._line = line
        self._amount = 0.0
        self._next_s = 0.0

    def __call__(self, amount: float) -> None:
        self._amount += amount
        if time.monotonic() >= self._next_s:
            self.flush()
            self._heed()

    def flush(self) -> None:
        """Tell what was not told yet."""
        self._line.send(_Told(self._amount))
        self._amount, self._next_s = 0.0, time.monotonic() + TELL_S

    def _heed(self) -> None:
        if self._line.poll():
            self._line.recv_bytes()
            raise Cancelled


def _end_with_parent() -> None:
    """End when the process that gave the tasks is gone, even in the middle of a long task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
