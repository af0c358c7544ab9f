"""What the actions leave outside their folder: settings kept by REAPER, a worker, its files."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import msgspec

from reaper_automix.worker.protocol import Heartbeat
from reaper_automix.worker.spool import Spool

EXT_STATE_FILE = "reaper-extstate.ini"
"""Where REAPER keeps what a script stores for good (``SetExtState`` with ``persist``)."""

SECTION = b"[automix]"
"""The settings that a user chose in REAPER."""

DEAD_AFTER_S = 10.0
"""A heartbeat is written every second; one that is older belongs to nobody."""

STOP_TIMEOUT_S = 5.0
"""How long a worker may take to see that it is to stop, in the middle of a track."""


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
    """Remove the spool and the reports once the worker has ended; whether nothing is left."""
    stop_worker(spool)
    deadline = time.monotonic() + timeout_s
    while worker(spool) and time.monotonic() < deadline:
        time.sleep(0.05)
    for folder in (spool, reports(spool)):
        shutil.rmtree(folder, ignore_errors=True)
    return not spool.exists() and not reports(spool).exists()


def reports(spool: Path) -> Path:
    """Where the reports of balances in REAPER are kept."""
    return spool.with_name("reports")


def without_settings(content: bytes | None) -> bytes | None:
    """An ext state file without our section; ``None`` where it holds nothing else."""
    kept, ours = [], False
    for line in (content or b"").splitlines(keepends=True):
        if line.startswith(b"["):
            ours = line.strip().lower() == SECTION
        if not ours:
            kept.append(line)
    return b"".join(kept) or None
