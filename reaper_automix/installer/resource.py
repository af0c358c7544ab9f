"""REAPER's resource folder: where it keeps its settings, scripts and shortcuts.

The places are those of facts.md, section 6: one standard folder per system, and for a portable
installation the folder with the program (on macOS the one with the .app) when ``reaper.ini`` is
in it. REAPER itself tells a user with "Show REAPER resource path in explorer/finder".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reaper_automix.errors import InputError
from reaper_automix.installer.running import Instance

INI = "reaper.ini"
"""The file that makes a folder REAPER's; written when REAPER is started for the first time."""

HOW_TO_TELL = (
    "give the folder that REAPER shows with Options > Show REAPER resource path as --resource-path"
)

PROGRAM_FOLDERS = {
    "win32": ("C:/Program Files/REAPER (x64)", "C:/Program Files/REAPER", "C:/REAPER", "~/REAPER"),
    "darwin": ("/Applications", "~/Applications", "~/REAPER"),
    "linux": ("~/opt/REAPER", "/opt/REAPER", "~/REAPER"),
}
"""Where portable installations are usually put; others are found when they are open."""


@dataclass(frozen=True, slots=True)
class Found:
    """A resource folder, and whether REAPER is open on it."""

    path: Path
    is_open: bool


def find(given: Path | None, instances: Sequence[Instance]) -> Found:
    """The folder asked for, else that of the open REAPER, else the only one there is.

    Raises InputError where there is none, or more than one to choose from.
    """
    if given is not None:
        return _found(_checked(given), instances)
    opened = _distinct(folder for one in instances if (folder := of(one)) is not None)
    choices = opened or _distinct(candidates())
    if not choices:
        raise InputError(
            "REAPER's resource folder was not found: start REAPER once so that it makes one, or "
            f"{HOW_TO_TELL}."
        )
    if len(choices) > 1:
        listed = " and ".join(str(folder) for folder in choices)
        raise InputError(f"There is more than one REAPER ({listed}): choose with --resource-path.")
    return _found(choices[0], instances)


def candidates() -> Iterator[Path]:
    """The standard folder and the usual portable ones, whether they exist or not."""
    yield standard()
    for folder in PROGRAM_FOLDERS.get(sys.platform, PROGRAM_FOLDERS["linux"]):
        yield Path(folder).expanduser()


def standard() -> Path:
    """The folder of an installation that is not portable."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "REAPER"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "REAPER"
    return Path.home() / ".config" / "REAPER"


def of(instance: Instance) -> Path | None:
    """The resource folder of an open REAPER; ``None`` where that cannot be known."""
    if instance.config is not None:
        # relative to what, REAPER's documents do not say
        return instance.config.parent if instance.config.is_absolute() else None
    if instance.program is None:
        return None
    portable = _beside(instance.program)
    return portable if (portable / INI).is_file() else standard()


def _beside(program: Path) -> Path:
    """The folder with the program, which on macOS is the one with the .app around it."""
    bundle = next((outer for outer in program.parents if outer.suffix == ".app"), program)
    return bundle.parent


def _checked(given: Path) -> Path:
    folder = given.expanduser().absolute()
    folder = folder.parent if folder.is_file() else folder
    if not (folder / INI).is_file():
        raise InputError(
            f"{folder} has no {INI}, so REAPER does not use it: {HOW_TO_TELL}, and start REAPER "
            "once if it is new."
        )
    return folder


def _found(folder: Path, instances: Sequence[Instance]) -> Found:
    """An open REAPER whose folder is not known may be using this one."""
    users = [of(instance) for instance in instances]
    return Found(folder, any(user is None or _same(user, folder) for user in users))


def _distinct(folders: Iterator[Path]) -> list[Path]:
    kept: list[Path] = []
    for folder in folders:
        if (folder / INI).is_file() and not any(_same(folder, other) for other in kept):
            kept.append(folder)
    return kept


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
