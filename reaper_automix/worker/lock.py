"""One worker per user: a lock of the operating system, which ends with its process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from reaper_automix.worker.spool import write


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock."""

    pid: int
    version: str


class Lock:
    """The lock file of a spool; ``holder.json`` beside it says who holds it.

    Beside it, because Windows lets nobody read a locked file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._holder = path.with_name("holder.json")
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self, version: str) -> bool:
        """Take the lock for this process unless somebody has it."""
        file = self._path.open("ab")
        if not _try_lock(file):
            file.close()
            return False
        self._file = file
        write(self._holder, msgspec.json.encode(Holder(os.getpid(), version)))
        return True

    def holder(self) -> Holder | None:
        """Who said last to have the lock; ``None`` where that cannot be told."""
        try:
            return msgspec.json.decode(self._holder.read_bytes(), type=Holder)
        except (OSError, msgspec.DecodeError):
            return None

    def release(self) -> None:
        """Give the lock back."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
