"""What the actions leave outside their folder: settings kept by REAPER, a worker, its files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from reaper_automix import cache
from reaper_automix.errors import LiveError
from reaper_automix.worker.spool import Spool, renders_home

EXT_STATE_FILE = "reaper-extstate.ini"
"""Where REAPER keeps what a script stores for good (``SetExtState`` with ``persist``)."""

SECTION = b"[automix]"
"""The settings that a user chose in REAPER."""

PYTHON_KEYS = (b"reascript", b"pythonlibpath64", b"pythonlibdll64")
"""What ``live setup`` writes into reaper.ini."""

DEAD_AFTER_S = 10.0
"""A heartbeat is written every second; one that is older belongs to nobody."""

STOP_TIMEOUT_S = 5.0
"""How long a worker may take to see that it is to stop, in the middle of a track."""


class Heartbeat(msgspec.Struct, frozen=True):
    """What we need of ``worker.json``; ``beat`` is unix time in seconds.

    Not the worker's own type, whose module loads numpy: doctor must not fall with it.
    """

    pid: int
    version: str
    beat: float
    state: str


def worker(spool: Path) -> Heartbeat | None:
    """The worker that is alive in a spool; ``None`` where there is none."""
    try:
        said = msgspec.json.decode(Spool(spool).heartbeat.read_bytes(), type=Heartbeat)
    except (OSError, msgspec.DecodeError):
        return None
    return said if abs(time.time() - said.beat) < DEAD_AFTER_S else None


def stop_worker(spool: Path) -> None:
    """Tell the worker that is alive to end, if there is one."""
    if found := worker(spool):
        Spool(spool).stop.write_text(str(found.pid), encoding="utf-8")


def remove_state(spool: Path, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Remove :func:`folders` once the worker has ended; whether nothing is left.

    The folders they were in go as well where nothing else is in them. Of the measurements, which
    may be in a folder of the user's choice, only what is ours goes.
    """
    stop_worker(spool)
    deadline = time.monotonic() + timeout_s
    while worker(spool) and time.monotonic() < deadline:
        time.sleep(0.05)
    ours = _ours_alone(spool)
    for folder in ours:
        shutil.rmtree(folder, ignore_errors=True)
    if measured := cache.home():
        cache.Store(measured).clear()
    for emptied in (renders_home(spool).parent, spool.parent):  # Windows has one in the other
        with suppress(OSError):
            emptied.rmdir()
    return not any(folder.exists() for folder in ours)


def folders(spool: Path) -> tuple[Path, ...]:
    """Where the actions keep jobs, reports and renders, and everybody measurements; what exists."""
    measured = cache.home()
    every = (*_ours_alone(spool), *((measured,) if measured else ()))
    return tuple(folder for folder in every if folder.exists())


def _ours_alone(spool: Path) -> tuple[Path, ...]:
    return spool, reports(spool), renders_home(spool)


def reports(spool: Path) -> Path:
    """Where the reports of balances in REAPER are kept."""
    return spool.with_name("reports")


def without_python(content: bytes, before: bytes | None) -> bytes:
    """A ``reaper.ini`` without what ``live setup`` wrote, if that is what still stands there.

    ``before`` is the file as it was; ``None`` where there was no set-up.
    """
    now, then = _python_lines(content), _python_lines(before or b"")
    if before is None or _library(now) != _own_library():
        return content
    lines = content.splitlines(keepends=True)
    return b"".join(then.get(key, b"") if (key := _key(line)) in now else line for line in lines)


def _own_library() -> tuple[str, ...]:
    from reaper_automix.bridge.setup import shared_library

    try:
        library = shared_library()
    except LiveError:
        return ()
    return str(library.parent), library.name


def _library(lines: Mapping[bytes, bytes]) -> tuple[str, ...]:
    """Folder and name of the library that these lines name."""
    values = (lines.get(key, b"").partition(b"=")[2].strip() for key in PYTHON_KEYS[1:])
    return tuple(value.decode(errors="replace") for value in values)


def _python_lines(content: bytes) -> dict[bytes, bytes]:
    lines = content.splitlines(keepends=True)
    return {key: line for line in lines if (key := _key(line)) in PYTHON_KEYS}


def _key(line: bytes) -> bytes:
    return line.partition(b"=")[0].strip().lower()


def without_settings(content: bytes | None) -> bytes | None:
    """An ext state file without our section; ``None`` where it holds nothing else."""
    kept, ours = [], False
    for line in (content or b"").splitlines(keepends=True):
        if line.startswith(b"["):
            ours = line.strip().lower() == SECTION
        if not ours:
            kept.append(line)
    return b"".join(kept) or None
