"""The loop of a worker: waits for jobs, does one at a time, tells that it lives, ends when idle.

It answers every job it can and outlives every job it cannot. What is left to do once a job is
answered, its report above all, is done as long as no other job waits. What ends it: a signal, the
spool's ``stop`` file, idle minutes, or a worker of another version that takes its place.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType

from reaper_automix import __version__
from reaper_automix.errors import AutomixError, Cancelled, InputError
from reaper_automix.worker import protocol
from reaper_automix.worker.hands import Answer, Hands, Rest, nothing
from reaper_automix.worker.heart import Heart, lives
from reaper_automix.worker.lock import Lock
from reaper_automix.worker.protocol import Result, Step
from reaper_automix.worker.spool import Job, Spool, write

IDLE_S = 600.0
"""A worker without a job ends after this."""
POLL_S = 0.02
"""Longest time that a job lies unseen."""
LOOK_S = 0.25
"""Where nothing stirs among the jobs, longest time until everything is looked at again."""
STEP_S = 0.1
"""Least time between two reports of progress."""
HAND_OVER_S = 60.0
"""Longest wait for a worker of another version to end."""
MOST_ATTEMPTS = 2
LOG_BYTES = 2**20

LOG = "worker.log"
CANCELLED = "Cancelled; nothing was changed."
BROKEN_OFF = (
    "Balancing broke off twice without an answer, most likely for want of memory; "
    f"see {LOG} in the spool folder and report it."
)
BUG = f"Balancing failed by a fault of the program; see {LOG} in the spool folder and report it."

log = logging.getLogger(__name__)


Open = Callable[[Path], AbstractContextManager[Hands]]


class Ended(Exception):
    """The worker was told to end in the middle of a job, which another one will do."""


class Awaited(Exception):
    """A job waits, or the worker is to end: what nobody waits for is put down."""


def skilled(folder: Path) -> AbstractContextManager[Hands]:
    """The hands that balance; imported late, because the heart must beat before that is done."""
    from reaper_automix.worker.work import Bench

    return Bench.beside(folder)


def serve(
    folder: Path, *, hands: Open = skilled, version: str = __version__, idle_s: float = IDLE_S
) -> None:
    """Do the jobs of a spool until idle or told to end; not at all where another worker does.

    :class:`~reaper_automix.errors.OutputError` where there can be no spool.
    """
    spool = Spool(folder)
    spool.make()
    with _logging(folder / LOG), Lock(spool.lock) as lock:
        if not _admitted(spool, lock, version):
            log.info("Another worker is at it.")
            return
        spool.stop.unlink(missing_ok=True)
        with _Orders(spool) as orders, Heart(spool, version) as heart:
            log.info("Version %s at work in process %d.", version, os.getpid())
            try:
                with hands(folder) as ready:
                    _Worker(spool, orders, heart, ready, version).work(idle_s)
            except Exception:
                log.exception("The worker failed.")
                raise
            log.info("Ended.")


def _admitted(spool: Spool, lock: Lock, version: str) -> bool:
    """Take the lock; from a worker of another version, which is told to end, after a wait."""
    deadline = time.monotonic() + HAND_OVER_S
    told: set[int] = set()
    while not lock.acquire(version):
        if lives(spool, version) or time.monotonic() > deadline:
            return False
        holder = lock.holder()
        if holder is not None and holder.version != version and holder.pid not in told:
            told.add(holder.pid)
            write(spool.stop, b"%d" % holder.pid)
        time.sleep(POLL_S)
    return True


class _Orders:
    """What tells a worker to end: a signal, or the stop file when it names this process or none.

    The end of the spool itself, too: that is what an uninstall leaves.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._told = threading.Event()

    def __enter__(self) -> _Orders:
        self._before = {one: signal.signal(one, self._heed) for one in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    @property
    def to_end(self) -> bool:
        """Whether to end now."""
        return self._told.is_set() or self._named() or not self._spool.jobs_folder.is_dir()

    def wait(self) -> bool:
        """Wait a moment, or less when told to end; whether so told."""
        return self._told.wait(POLL_S)

    def _heed(self, number: int, frame: FrameType | None) -> None:
        self._told.set()

    def _named(self) -> bool:
        try:
            named = self._spool.stop.read_bytes()[:32].strip()
        except OSError:
            return False
        return named in (b"", b"%d" % os.getpid())


_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Worker:
    """One worker at work."""

    def __init__(
        self, spool: Spool, orders: _Orders, heart: Heart, hands: Hands, version: str
    ) -> None:
        self._version = version
        self._spool = spool
        self._orders = orders
        self._heart = heart
        self._hands = hands
        self._warm = False
        self._beyond_answer: set[str] = set()
        self._left: tuple[Job, Rest] | None = None

    def work(self, idle_s: float) -> None:
        """Until told to end, or without a job for a while."""
        ends = time.monotonic() + idle_s
        while not self._orders.to_end:
            seen = self._spool.stir()
            job = self._next()
            if job is not None:
                rest = self._finish(job)
                if rest is not nothing:
                    self._afterwards(job, rest)
                ends = time.monotonic() + idle_s
            elif self._left is not None:
                self._afterwards(*self._left)
            elif time.monotonic() >= ends:
                return
            elif not self._warm:
                self._warm_up()
            else:
                self._spool.sweep()
                self._doze(seen, ends)

    def _doze(self, seen: int, ends: float) -> None:
        """Wait for a moment, longer while no job is being made: a glance costs next to nothing."""
        making = any(job.is_made for job in self._spool.jobs())
        until = min(ends, time.monotonic() + LOOK_S)
        while not self._orders.wait() and not making and time.monotonic() < until:
            if self._spool.stir() != seen:
                return

    def _next(self) -> Job | None:
        waiting = (job for job in self._spool.jobs() if job.waits)
        return next((job for job in waiting if self._can_answer(job)), None)

    def _can_answer(self, job: Job) -> bool:
        """Not what failed to be answered, nor what newer actions ask: their own worker comes."""
        if job.id in self._beyond_answer:
            return False
        try:
            return not protocol.sent_by_newer(job.read("request.json"), self._version)
        except InputError:
            return True  # its answer says what is wrong with it

    def _warm_up(self) -> None:
        self._warm = True
        try:
            self._hands.warm_up()
        except Exception:
            log.exception("Warming up failed.")

    def _finish(self, job: Job) -> Rest:
        """Do a job and answer it, where that cannot be, forget it; gives what is left to do."""
        self._heart.works_on(job.id)
        try:
            return self._answer(job)
        except Ended:
            job.leave()
        except OSError:
            log.exception("Job %s cannot be answered.", job.id)
            self._beyond_answer.add(job.id)
        finally:
            self._warm = self._warm and not job.cancelled  # that may have cost workers
            self._heart.works_on(None)
        return nothing

    def _answer(self, job: Job) -> Rest:
        started = time.monotonic()
        broken_off = job.begin() > MOST_ATTEMPTS
        answer = Answer(_failed(job, BROKEN_OFF)) if broken_off else self._done(job)
        job.answer(protocol.encode(answer.result))
        log.info("Job %s %s in %.2f s.", job.id, answer.result.outcome, time.monotonic() - started)
        return answer.rest

    def _done(self, job: Job) -> Answer:
        try:
            return self._hands.do(job, _Teller(job, self._orders))
        except Ended:
            raise
        except Cancelled:
            return Answer(Result(job.id, "cancelled", CANCELLED))
        except AutomixError as error:
            return Answer(_failed(job, str(error)))
        except Exception:
            log.exception("Job %s met a fault.", job.id)
            return Answer(_failed(job, BUG))

    def _afterwards(self, job: Job, rest: Rest) -> None:
        """Do what is left of a job while nobody waits; where somebody does, later from its start.

        What is left of a later job takes its place.
        """
        self._left = None
        try:
            rest(_Spare(self._is_awaited))
        except Awaited:
            self._left = job, rest
            self._warm = False  # breaking off may cost workers
            log.info("What was left of job %s is put down.", job.id)
        except Exception:
            log.exception("What was left of job %s met a fault.", job.id)

    def _is_awaited(self) -> bool:
        return self._orders.to_end or self._next() is not None


def _failed(job: Job, sentence: str) -> Result:
    return Result(job.id, "failed", sentence)


class _Teller:
    """A progress that writes ``progress.json`` and heeds ``cancel`` and the orders to end."""

    def __init__(self, job: Job, orders: _Orders) -> None:
        self._job = job
        self._orders = orders
        self._stage = ""
        self._stage_began = self._told = -STEP_S

    def __call__(self, stage: str, done: float, total: float, what: str = "") -> None:
        self._heed()
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._stage_began = stage, now
        if now - self._told >= STEP_S:
            self._told = now
            left_s = _left_s(now - self._stage_began, done, total)
            self._tell(Step(stage, done, total, what, left_s))

    def _heed(self) -> None:
        if self._orders.to_end:
            raise Ended
        if self._job.cancelled or not self._job.folder.is_dir():
            raise Cancelled(CANCELLED)

    def _tell(self, step: Step) -> None:
        try:
            write(self._job.folder / "progress.json", protocol.encode(step))
        except OSError as error:
            log.warning("Progress of job %s cannot be written: %s", self._job.id, error)


class _Spare:
    """A progress of spare time: nobody is told, and it ends as soon as somebody waits."""

    def __init__(self, is_awaited: Callable[[], bool]) -> None:
        self._is_awaited = is_awaited
        self._looked = -POLL_S

    def __call__(self, stage: str, done: float, total: float, what: str = "") -> None:
        now = time.monotonic()
        if now - self._looked < POLL_S:
            return
        self._looked = now
        if self._is_awaited():
            raise Awaited


def _left_s(taken_s: float, done: float, total: float) -> float | None:
    """The time that the rest of a stage takes at the pace so far; ``None`` at its start."""
    return taken_s * (total - done) / done if done > 0.0 and taken_s > 0.0 else None


@contextmanager
def _logging(path: Path) -> Iterator[None]:
    """What this package logs goes to a file that does not grow for ever."""
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
    package = logging.getLogger("reaper_automix")
    level = package.level
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(level)
        handler.close()
