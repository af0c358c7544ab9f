"""A folder of records that many processes read, write and tidy up at once.

One file per record, named by the hash of its key, in one of 256 folders; its ending is its kind.
A record is written beside its place and then put there, so that no reader meets half of one. There
is no lock and no index that could be wrong: what a crash (or a power cut, since nothing is synced)
leaves behind fails its checksum or is an unfinished file, and both go the next time that somebody
meets them.

Nothing here is fatal. Where a folder cannot be written to, nothing is kept, and that is said once.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from reaper_automix.cache.record import Untrusted, sealed, unsealed

log = logging.getLogger(__name__)

MOST_BYTES = 2 * 2**30
"""Size of all records together; those that were not used for longest go first."""

FREED = 16
"""This part of the room is free after old records went."""

WRITERS = 4
"""So many processes that write at once stay within the room: all records are counted anew before
any of them has written more than its share of what was free."""

USED_EVERY_S = 3600.0
"""That a record is used is noted (as the time of its file) no more often than this."""

BROKEN_OFF_AFTER_S = 3600.0
"""A file that is unfinished for so long belongs to a process that is gone."""

TRIES = 3
"""A folder that somebody removes while a record is written there is made again."""

NOT_KEPT = (
    "Measurements cannot be kept in {} ({}) and are made anew every time; make room there, make it "
    "writable, or name another folder in REAPER_AUTOMIX_CACHE."
)

T = TypeVar("T")

_FAN = re.compile(r"[0-9a-f]{2}")
_FILE = re.compile(r"[0-9a-f]{38}\.(?P<kind>[a-z]+)(?P<part>\.[0-9a-f]{8}\.part)?")


class Kind(Protocol[T]):
    """What the store has to know of a kind of value; ``decode`` refuses with ``ValueError``."""

    @property
    def name(self) -> str:
        """Small letters, at most 20."""

    def encode(self, value: T) -> bytes:
        """The bytes of a value."""

    def decode(self, content: memoryview) -> T:
        """The value of these bytes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of the store; an unfinished one is of no kind."""

    path: Path
    kind: str | None
    size: int
    used_s: float

    @property
    def is_broken_off(self) -> bool:
        """Whether nobody will finish it any more."""
        return self.kind is None and time.time() - self.used_s > BROKEN_OFF_AFTER_S


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in a store: records and bytes, all and by kind; ``oldest_s`` is unix time."""

    records: int
    bytes: int
    kinds: dict[str, tuple[int, int]]
    oldest_s: float | None


class Store:
    """The records in a folder, which need not be there yet."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._freed = most_bytes // FREED
        self._share = self._freed // WRITERS
        self._written = self._share  # nobody knows what other processes have written
        self._lock = threading.Lock()
        self._said = False

    def get(self, kind: Kind[T], key: str) -> T | None:
        """What is kept under a key; ``None`` where that is nothing, or nothing to be trusted."""
        path = self._path(kind.name, key)
        try:
            record, used_s = _read(path)
        except OSError:
            return None
        try:
            value = kind.decode(unsealed(record, kind.name, key))
        except (Untrusted, ValueError):
            _remove(path)
            return None
        _use(path, used_s)
        return value

    def put(self, kind: Kind[T], key: str, value: T) -> bool:
        """Keep a value, in place of what was there; whether it could be kept."""
        try:
            record = sealed(kind.name, key, kind.encode(value))
        except UnicodeEncodeError:  # the name of a file need not be text
            return False
        try:
            _write(self._path(kind.name, key), record)
        except OSError as error:
            self._say(error)
            return False
        self._count(len(record))
        return True

    def inventory(self) -> Inventory:
        """What is kept by now."""
        return _counted(self._kept())

    def clear(self) -> tuple[Inventory, Inventory]:
        """Remove everything that is ours, and nothing else; what is gone, and what would not go."""
        gone: list[Kept] = []
        stuck: list[Kept] = []
        for one in self._kept():
            (gone if _remove(one.path) else stuck).append(one)
        for folder in (*self._fans(), self.folder):
            with suppress(OSError):
                folder.rmdir()
        return _counted(gone), _counted(stuck)

    def make_room(self) -> None:
        """Remove what was not used for longest, until there is room for some more records."""
        kept = sorted(self._kept(), key=lambda one: one.used_s)
        excess = sum(one.size for one in kept) - (self.most_bytes - self._freed)
        for one in kept:
            is_in_the_way = excess > 0 if one.kind else one.is_broken_off
            if is_in_the_way and _remove(one.path):
                excess -= one.size

    def _path(self, kind: str, key: str) -> Path:
        name = hashlib.blake2b(os.fsencode(key), digest_size=20).hexdigest()
        return self.folder / name[:2] / f"{name[2:]}.{kind}"

    def _count(self, size: int) -> None:
        """Make room now and then."""
        with self._lock:
            self._written += size
            due = self._written >= self._share
            self._written = 0 if due else self._written
        if due:
            self.make_room()

    def _fans(self) -> Iterator[Path]:
        with suppress(OSError):
            for entry in os.scandir(self.folder):
                if _FAN.fullmatch(entry.name):
                    yield Path(entry.path)

    def _kept(self) -> Iterator[Kept]:
        """All files of ours, also those of a version that had other kinds."""
        for folder in self._fans():
            with suppress(OSError):
                for entry in os.scandir(folder):
                    if (name := _FILE.fullmatch(entry.name)) and (known := _known(entry)):
                        kind = None if name["part"] else name["kind"]
                        yield Kept(Path(entry.path), kind, known.st_size, known.st_mtime)

    def _say(self, error: OSError) -> None:
        if not self._said:
            self._said = True
            log.warning(NOT_KEPT.format(self.folder, error.strerror or error))


def _counted(files: Iterable[Kept]) -> Inventory:
    """The records among some files."""
    kept = [one for one in files if one.kind]
    kinds: dict[str, tuple[int, int]] = {}
    for one in kept:
        count, size = kinds.get(str(one.kind), (0, 0))
        kinds[str(one.kind)] = count + 1, size + one.size
    oldest = min((one.used_s for one in kept), default=None)
    return Inventory(len(kept), sum(one.size for one in kept), kinds, oldest)


def _read(path: Path) -> tuple[bytes, float]:
    """A file and when it was last used."""
    with path.open("rb") as stream:
        return stream.read(), os.fstat(stream.fileno()).st_mtime


def _write(path: Path, record: bytes) -> None:
    """Put a record in its place, whole or not at all."""
    for attempt in range(1, TRIES + 1):
        try:
            _write_once(path, record)
        except FileNotFoundError:
            if attempt == TRIES:
                raise
        else:
            return


def _write_once(path: Path, record: bytes) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(record)
        part.replace(path)
    except PermissionError:
        if not path.is_file():  # Windows does not replace what somebody reads; that may stay
            raise
    finally:
        _remove(part)


def _use(path: Path, used_s: float) -> None:
    if time.time() - used_s > USED_EVERY_S:
        with suppress(OSError):
            os.utime(path)


def _known(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Size and time of a file; ``None`` for one that is gone by now, and for what is no file."""
    try:
        return entry.stat() if entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None


def _remove(path: Path) -> bool:
    """Whether that file is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
