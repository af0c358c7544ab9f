"""What is asked of a match, and the settings that say so.

They stand in the table ``[match]`` of a ``reaper-automix.toml``, as the options of the command
line that count more, or as plain values in a job of the actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reaper_automix import settings
from reaper_automix.errors import SettingsError
from reaper_automix.kinds import Flag, Number, SomeOf
from reaper_automix.match.placing.landed import Blocks
from reaper_automix.settings import MATCH_TABLE, Setting

BLOCKS = ("gain", "eq", "compressor", "pan", "master")


@dataclass(frozen=True, slots=True)
class Asked:
    """How far a match goes, and what of it is wanted.

    ``strength`` 0 … 1 goes part of the way from the mix as it is. ``target_lufs`` is how loud the
    mix comes out, ``None`` for as loud as it was.
    """

    strength: float = 1.0
    keep_pan: bool = True
    blocks: tuple[str, ...] = BLOCKS
    target_lufs: float | None = None

    @property
    def wanted(self) -> Blocks:
        """The blocks as switches."""
        return Blocks(**{block: block in self.blocks for block in BLOCKS})


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "strength",
        "--strength",
        Number("", 0.0, 1.0, percent=True),
        "How far to go from the mix as it is to the match: 0.7 and 70% mean the same.",
    ),
    Setting(
        "keep_pan",
        "--keep-pan",
        Flag(),
        "Leave every pan where it is, which is usual, or let the match move it.",
    ),
    Setting(
        "blocks",
        "--blocks",
        SomeOf(BLOCKS),
        "Which parts of the match are set: faders, equalisers, compressors, pans, the master.",
    ),
    Setting(
        "target_lufs",
        "--target",
        Number("LUFS", -70.0, 0.0, optional=True),
        "How loud the mix comes out; none keeps it as loud as it was.",
    ),
)
"""Every setting of a match, in the order in which help texts list them."""

BESIDE_BALANCE = {"strength": "--match-strength", "target_lufs": "--match-target"}
"""Options that have another name beside those of a balance."""

FOLLOWED = (
    *("tracks", "lock_tags", "lock_colors", "time_range"),
    *("use_time_selection", "region", "section", "headroom_dbtp"),
)
"""The settings of a balance that a match follows as well."""

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


def load(*places: Path, given: Mapping[str, object] | None = None) -> Asked:
    """What holds for a song: ``given`` options over the files of its places, the outermost first.

    :class:`SettingsError` names the option, or the file and key, whose value cannot be used.
    """
    values: dict[str, Any] = {}
    for file in settings.files(*places):
        for name, value in settings.table(file, MATCH_TABLE).items():
            where = f"{file}: {MATCH_TABLE}.{name}"
            values[name] = _setting(name, where).parse(value, where)
    for name, value in (given or {}).items():
        values[name] = BY_NAME[name].parse(value, BY_NAME[name].option)
    return Asked(**values)


def of_values(given: Mapping[str, object], origin: str) -> Asked:
    """What plain values ask for; ``origin`` is where they were given."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{origin}: {name}"
        values[name] = _setting(name, where).parse(value, where)
    return Asked(**values)


def _setting(name: str, where: str) -> Setting:
    if setting := BY_NAME.get(name):
        return setting
    raise SettingsError(f"{where} is no setting of a match; there are {', '.join(BY_NAME)}.")
