"""Which REAPER is open, from the list of processes.

An open REAPER keeps its actions in memory and writes ``reaper-kb.ini`` anew (facts.md, section 6),
so what is added to that file meanwhile is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROCESS_NAMES = frozenset({"reaper", "reaper.exe"})
"""What REAPER's process is called on Linux, macOS and Windows, in lower case."""

CONFIG_OPTION = "-cfgfile"
"""REAPER's option for another reaper.ini (REAPER-CLI.md, see facts.md, section 1)."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An open REAPER; ``None`` where the system does not tell us about it."""

    pid: int
    program: Path | None = None
    config: Path | None = None


def instances() -> tuple[Instance, ...]:
    """Every open REAPER of this machine, as far as the system tells."""
    import psutil

    return tuple(_reapers(psutil.process_iter(["pid", "name", "exe", "cmdline"])))


def _reapers(processes: Iterable[object]) -> Iterator[Instance]:
    for process in processes:
        known: dict[str, object] = getattr(process, "info", {})
        if str(known.get("name") or "").lower() in PROCESS_NAMES:
            yield _instance(known)


def _instance(known: dict[str, object]) -> Instance:
    program, words = known.get("exe"), known.get("cmdline")
    return Instance(
        int(str(known["pid"])),
        Path(str(program)) if program else None,
        _config([str(word) for word in words] if isinstance(words, list) else []),
    )


def _config(words: list[str]) -> Path | None:
    place = words.index(CONFIG_OPTION) + 1 if CONFIG_OPTION in words else len(words)
    return Path(words[place]) if place < len(words) else None
