"""The actions' files and their effects': where from, where to, and the file that tells of us."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from reaper_automix import __version__
from reaper_automix.errors import OutputError
from reaper_automix.installer.changes import Change, read
from reaper_automix.installer.keymap import Action

FOLDER = "Automix"
"""The actions' folder inside REAPER's ``Scripts``."""

EFFECTS = "effects"
"""The folder of the effects beside the actions; they go into REAPER's ``Effects``."""

EFFECT_SUFFIX = ".jsfx"

INSTALLATION = PurePosixPath("lib/installation.json")
"""Where, in that folder, the actions find the interpreter and the spool."""

PATTERN = "automix_*.*"
"""Files of this name in the folder itself are actions; all others are libraries."""

SUFFIXES = (".lua", ".py")
"""What REAPER runs; nothing else is copied."""

LETTERS = {
    "automix_Balance selected tracks.lua": "BM",
    "automix_Balance all tracks.lua": "AL",
    "automix_Group selected tracks into a stem.lua": "GJ",
    "automix_Ungroup selected stem.lua": "UK",
    "automix_Sort project into stems.lua": "DW",
    "automix_Lock selected tracks.lua": "NI",
    "automix_Toggle before-after.lua": "TO",
    "automix_Restore faders.lua": "RF",
    "automix_Show last report.lua": "PH",
    "automix_Settings.lua": "SE",
    "automix_Match reference.lua": "YV",
    "automix_Match strength.lua": "QZ",
    "automix_Cancel.lua": "CX",
}
"""The letters for Ctrl+Alt+Shift, the most wanted first; what is not here gets no shortcut."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What ``lib/installation.json`` says; ``files`` and ``effects`` were copied, for uninstall.

    The actions start ``python`` with an absolute path and meet it in ``spool``; the script of the
    live bridge, which REAPER's own Python runs, finds our packages in ``site_packages``.
    """

    version: str
    python: str
    spool: str
    protocol: int
    site_packages: str
    files: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


def source() -> Path:
    """The actions that came with this package: inside it, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "_reascripts" / FOLDER
    return packed if packed.is_dir() else package.parent / "reascripts" / FOLDER


def home(resource: Path) -> Path:
    """Where the actions are in a resource folder."""
    return resource / "Scripts" / FOLDER


def effects_home(resource: Path) -> Path:
    """Where the effects are in a resource folder."""
    return resource / "Effects" / FOLDER


def missing(resource: Path, installed: Installation) -> Path | None:
    """The first file that was copied and is not there any more."""
    scripts = (home(resource) / name for name in installed.files)
    effects = (effects_home(resource) / name for name in installed.effects)
    return next((path for path in (*scripts, *effects) if not path.is_file()), None)


def listed(source: Path) -> tuple[Action, ...]:
    """The actions of a folder in the order of their shortcuts, then of their names."""
    order = {name: place for place, name in enumerate(LETTERS)}
    names = sorted(path.name for path in source.glob(PATTERN) if path.suffix in SUFFIXES)
    names.sort(key=lambda name: order.get(name, len(order)))
    return tuple(Action(PurePosixPath(FOLDER) / name, LETTERS.get(name, "")) for name in names)


def describe(
    spool: Path, files: tuple[str, ...] = (), effects: tuple[str, ...] = ()
) -> Installation:
    """What is installed here; raises OutputError where REAPER could not start it."""
    from reaper_automix.worker.protocol import PROTOCOL

    python = _windowless(Path(sys.executable))
    if "windowsapps" in str(python).lower():
        raise OutputError(
            f"{python} is Python from the Microsoft Store, which cannot write where REAPER reads: "
            "install reaper-automix with Python from python.org."
        )
    for path in (python, spool):
        if '"' in str(path):
            raise OutputError(
                f'{path} has a " in it, which REAPER cannot pass on when it starts a program: '
                "install to a folder without it."
            )
    packages = sysconfig.get_path("purelib")
    return Installation(__version__, str(python), str(spool), PROTOCOL, packages, files, effects)


def stored(resource: Path) -> Installation | None:
    """The installation that a resource folder's actions know; ``None`` without a usable one."""
    try:
        content = read(home(resource) / INSTALLATION)
        return msgspec.json.decode(content, type=Installation) if content else None
    except (OutputError, msgspec.DecodeError):
        return None


def copying(resource: Path, spool: Path, source: Path) -> Iterator[Change]:
    """The changes that bring these actions, and none of an earlier version, into REAPER.

    The installation file comes last: with it the actions count as installed.
    """
    here, there = home(resource), effects_home(resource)
    files, effects = tuple(_relative(source)), tuple(_effects(source))
    for name in files:
        yield Change(here / name, (source / name).read_bytes())
    for name in effects:
        yield Change(there / name, (source / EFFECTS / name).read_bytes())
    for name in sorted(_installed(resource) - set(files)):
        yield Change(here / name, None)
    for name in sorted(_installed_effects(resource) - set(effects)):
        yield Change(there / name, None)
    installation = describe(spool, files, effects)
    content = msgspec.json.format(msgspec.json.encode(installation), indent=2)
    yield Change(here / INSTALLATION, content + b"\n")


def removing(resource: Path) -> Iterator[Change]:
    """The changes that remove every file of ours; what a user put beside them stays."""
    for name in sorted(_installed(resource)):
        yield Change(home(resource) / name, None)
    for name in sorted(_installed_effects(resource)):
        yield Change(effects_home(resource) / name, None)
    yield Change(home(resource) / INSTALLATION, None)


def _installed(resource: Path) -> set[str]:
    """What an earlier installation copied, as it noted, and every action by its name."""
    earlier = stored(resource)
    noted = _inside(earlier.files if earlier else ())
    return noted | {path.name for path in home(resource).glob(PATTERN)}


def _installed_effects(resource: Path) -> set[str]:
    """As for the actions; without a note nothing tells ours from a user's effects."""
    earlier = stored(resource)
    return _inside(earlier.effects if earlier else ())


def _inside(names: Iterable[str]) -> set[str]:
    return {name for name in names if ".." not in PurePosixPath(name).parts}


def _relative(source: Path) -> Iterator[str]:
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES:
            yield path.relative_to(source).as_posix()


def _effects(source: Path) -> Iterator[str]:
    return (path.name for path in sorted((source / EFFECTS).glob(f"*{EFFECT_SUFFIX}")))


def _windowless(python: Path) -> Path:
    """The absolute path, on Windows of the interpreter that opens no console.

    A link is not followed, since that would lead out of a virtual environment.
    """
    beside = python.with_name("pythonw.exe")
    path = beside if os.name == "nt" and beside.is_file() else python
    return path.absolute()
