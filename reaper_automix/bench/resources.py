"""What work costs: time, processors and memory, of this process and of those it starts.

**Conventions**: memory is the sum over a process and all below it, sampled every
:data:`SAMPLE_S`. On Linux each counts its proportional share (PSS), so that what processes share
counts once; elsewhere its resident set, which counts it in each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import psutil

from reaper_automix.errors import AutomixError

Result = TypeVar("Result")

SAMPLE_S = 0.05
IDLE_S, IDLE_SHARE = 0.5, 0.1
"""What uses less of a processor than this share for so long is idle."""
MEMORY = "PSS" if sys.platform == "linux" else "RSS"


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock, CPU seconds, and the most memory in bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int = 0


def cpu_s() -> float:
    """CPU seconds of this process and of all it has waited for."""
    return sum(os.times()[:4])


def spent(work: Callable[[], Result]) -> tuple[Result, Spent]:
    """What came of some work in this process, and what it took."""
    began_s, began_cpu_s = time.perf_counter(), cpu_s()
    result = work()
    return result, Spent(time.perf_counter() - began_s, cpu_s() - began_cpu_s)


def program(*arguments: str, more: Mapping[str, str] | None = None, watched: bool = False) -> Spent:
    """Run the program with some arguments and more environment variables; what that took.

    Memory is looked at only where it is ``watched``. A program that fails is an
    :class:`AutomixError` with the last it said.
    """
    began_s, began_cpu_s = time.perf_counter(), cpu_s()
    with started(*arguments, more=more) as process, Watch(process.pid, idle=not watched) as watch:
        _, said = process.communicate()
    if process.returncode:
        raise AutomixError(f"The bench met a fault: {said.decode(errors='replace').strip()}")
    return Spent(time.perf_counter() - began_s, cpu_s() - began_cpu_s, watch.peak_bytes)


def started(*arguments: str, more: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The program in a process of its own, as a user starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "reaper_automix", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(more or {})},
    )


class Watch:
    """Looks at the memory of a process and of all below it, until it is left."""

    def __init__(self, pid: int, *, idle: bool = False) -> None:
        self.peak_bytes = 0
        self._pid = pid
        self._left = threading.Event()
        self._thread = None if idle else threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left.set()
        if self._thread:
            self._thread.join()

    def _look(self) -> None:
        while not self._left.wait(SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, memory_bytes(self._pid))


def memory_bytes(pid: int) -> int:
    """Memory of a process and all below it by now; 0 when it is gone."""
    return round(_total(pid, _bytes))


def settle(pid: int) -> None:
    """Wait until a process and all below it have nothing left to do."""
    before_s = _total(pid, _cpu_s)
    while True:
        time.sleep(IDLE_S)
        now_s = _total(pid, _cpu_s)
        if now_s - before_s < IDLE_SHARE * IDLE_S:
            return
        before_s = now_s


def _total(pid: int, amount: Callable[[psutil.Process], float]) -> float:
    """A sum over a process and all below it, without those that end meanwhile."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += amount(one)
    return total


def _bytes(process: psutil.Process) -> float:
    if MEMORY == "PSS":
        return float(process.memory_full_info().pss)
    return float(process.memory_info().rss)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
