"""The heartbeat of a worker: a file that is replaced every second for as long as it lives."""

from __future__ import annotations

import logging
import os
import threading
import time
from types import TracebackType
from typing import Self

from reaper_automix.errors import InputError
from reaper_automix.worker import protocol
from reaper_automix.worker.protocol import PROTOCOL, Heartbeat
from reaper_automix.worker.spool import Spool, write

BEAT_S = 1.0
DEAD_AFTER_S = 10.0
"""A heartbeat older than this is that of a dead worker."""

log = logging.getLogger(__name__)


class Heart:
    """Beats in a thread of its own from entering to leaving; its file is gone afterwards."""

    def __init__(self, spool: Spool, version: str) -> None:
        self._spool = spool
        self._version = version
        self._job: str | None = None
        self._due = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def __enter__(self) -> Self:
        self._beat()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped = True
        self._due.set()
        self._thread.join()
        self._spool.heartbeat.unlink(missing_ok=True)

    def works_on(self, job: str | None) -> None:
        """Tell at once which job is being done; ``None`` for none."""
        self._job = job
        self._due.set()

    def _beat_on(self) -> None:
        while True:
            self._due.wait(BEAT_S)
            self._due.clear()
            if self._stopped:
                return
            self._beat()

    def _beat(self) -> None:
        state: protocol.State = "busy" if self._job else "idle"
        beat = Heartbeat(os.getpid(), self._version, PROTOCOL, time.time(), state, self._job)
        try:
            write(self._spool.heartbeat, protocol.encode(beat))
        except OSError as error:
            log.warning("The heartbeat cannot be written: %s", error)


def last_beat(spool: Spool) -> Heartbeat | None:
    """The heartbeat that lies in a spool, be its worker alive or not."""
    try:
        return protocol.decode(spool.heartbeat.read_bytes(), Heartbeat, "worker.json")
    except (OSError, InputError):
        return None


def lives(spool: Spool, version: str) -> bool:
    """Whether a worker of that version beat lately."""
    beat = last_beat(spool)
    return (
        beat is not None and beat.version == version and abs(time.time() - beat.beat) < DEAD_AFTER_S
    )
