"""A worker and the jobs that REAPER's actions put before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from reaper_automix import __version__, cache
from reaper_automix.bench.resources import settle, started
from reaper_automix.errors import AutomixError
from reaper_automix.session import Session, to_json
from reaper_automix.worker import protocol, spool
from reaper_automix.worker.protocol import PROTOCOL, Request, Result

LOOK_S = 0.001
PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker at the spool in a folder, its process, and when that was started."""

    spool: Path
    pid: int
    began_s: float
    numbers: Iterator[int] = field(default_factory=count)

    def press(self, song: Session, *, at_once: bool = False) -> tuple[Result, float]:
        """The answer to a balance of all tracks, and the seconds it took.

        The worker is idle by then, but when it is pressed ``at_once``: an answer is followed by its
        report, for which sums are played.
        """
        if not at_once:
            settle(self.pid)
        job = submit(self.spool, song, f"{next(self.numbers):08x}")
        began_s = time.perf_counter()
        return answered(job), time.perf_counter() - began_s


@contextmanager
def worker(place: Path, waiting: Session | None = None) -> Iterator[Worker]:
    """A worker in a process of its own, as an action starts one; a job may wait for it already."""
    home = place / "spool"
    if waiting is not None:
        submit(home, waiting, "f0")
    more = {cache.FOLDER_VARIABLE: str(place / "kept")}
    began_s = time.perf_counter()
    with started("worker", str(home), more=more) as process:
        try:
            yield Worker(home, process.pid, began_s)
        finally:
            process.terminate()
            process.communicate()


def submit(home: Path, song: Session, name: str) -> Path:
    """Write a job, its request last; its folder."""
    folder = home / "jobs" / name
    folder.mkdir(parents=True)
    (folder / "session.json").write_bytes(to_json(song))
    request = Request(PROTOCOL, name, "balance", version=__version__)
    spool.write(folder / "request.json", protocol.encode(request))
    return folder


def answered(job: Path) -> Result:
    """Wait for the answer to a job; an answer that it failed is an :class:`AutomixError`."""
    file = job / "result.json"
    wait_for(file.is_file)
    result = protocol.decode(file.read_bytes(), Result, file.name)
    if result.outcome != "done":
        raise AutomixError(f"The bench met a fault: {result.message}")
    return result


def wait_for(there: Callable[[], bool]) -> None:
    """Wait until something is there."""
    deadline = time.perf_counter() + PATIENCE_S
    while not there():
        if time.perf_counter() > deadline:
            raise AutomixError("The bench met a fault: a worker does not answer.")
        time.sleep(LOOK_S)
