"""Reads a profile from its TOML file, and says in a sentence what is wrong with it and where.

title = "Mine"             # optional, as is "source"
strength = 0.4             # 0 … 1: how far to go from the balance that is there
share = 1.0                # 0 … 1: how far tracks of one role share its level

[roles]                    # dB; only differences count
"lead vocal" = 6.0

[stems]                    # for roles that are not listed above
drums = -2.0
"""

from __future__ import annotations

import difflib
import math
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reaper_automix import toml
from reaper_automix.errors import SettingsError
from reaper_automix.profiles.profile import Profile
from reaper_automix.roles import STEM_OF

MOST_DB = 40.0
"""No offset is further from 0: beyond that a track is as good as switched off."""

ROLES = tuple(STEM_OF)
STEMS = tuple(dict.fromkeys(stem for stem in STEM_OF.values() if stem))

Check = Callable[[object], object]


def read(path: Path) -> Profile:
    """The profile in a file; :class:`SettingsError` names file, line and key of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); check it.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not a UTF-8 text file; save it as one.") from error
    return _profile(path.stem, toml.parse(text, str(path)), _Text(path, text))


@dataclass(frozen=True, slots=True)
class _Text:
    """Where things stand in a file."""

    path: Path
    text: str

    def at(self, table: str, key: str) -> str:
        """``profile.toml, line 3`` for a key of a table (empty: of none)."""
        begin = 0
        if table:
            head = re.search(
                rf"^[ \t]*\[[ \t]*[\"']?{table}[\"']?[ \t]*\]", self.text, re.MULTILINE
            )
            begin = head.end() if head else 0
        name = rf"""["']?{re.escape(key)}\b"""
        path = rf"""^[ \t]*\[*[ \t]*(?:["']?{table}["']?[ \t]*\.[ \t]*)?{name}"""
        alone = re.compile(path, re.MULTILINE).search(self.text, begin)
        found = alone or re.compile(rf"""{name}["']?[ \t]*=""").search(self.text, begin)
        line = f", line {self.text.count(chr(10), 0, found.start()) + 1}" if found else ""
        return f"{self.path}{line}"


@dataclass(frozen=True, slots=True)
class _Key:
    """What may stand behind a key: the check of its value, and what passes it in words."""

    check: Check
    allowed: str
    names: tuple[str, ...] = field(default=())

    @property
    def is_table(self) -> bool:
        """Whether keys of its own stand below it."""
        return bool(self.names)


def _number(low: float, high: float) -> Check:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(value)
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(value)
        return float(value)

    return check


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_OFFSET = _number(-MOST_DB, MOST_DB), f"a number from {-MOST_DB:g} to {MOST_DB:g} (dB)"
_PART = _number(0.0, 1.0), "a number from 0 to 1"
_SPREAD = _number(0.1, MOST_DB), f"a number from 0.1 to {MOST_DB:g} (dB)"

KEYS: Mapping[str, _Key] = {
    "title": _Key(_words, "a text"),
    "source": _Key(_words, "a text"),
    "strength": _Key(*_PART),
    "share": _Key(*_PART),
    "spread_db": _Key(*_SPREAD),
    "roles": _Key(*_OFFSET, names=ROLES),
    "stems": _Key(*_OFFSET, names=STEMS),
}
"""Every key of a profile."""


def _profile(name: str, values: Mapping[str, Any], text: _Text) -> Profile:
    found: dict[str, Any] = {}
    for key, value in values.items():
        _known(key, KEYS, text.at("", key), "key")
        row = KEYS[key]
        found[key] = _table(key, value, text) if row.is_table else _checked("", key, value, text)
    found.pop("source", None)
    return Profile(name, **found)


def _table(key: str, values: object, text: _Text) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise SettingsError(f"{text.at('', key)}: {key} must be a table; write [{key}] above it.")
    for name in values:
        _known(name, KEYS[key].names, text.at(key, name), key.removesuffix("s"))
    return {name: _checked(key, name, value, text) for name, value in values.items()}


def _known(name: str, names: Iterable[str], where: str, kind: str) -> None:
    if name in (known := tuple(names)):
        return
    close = difflib.get_close_matches(name.lower(), known, n=1)
    meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}."
    raise SettingsError(f"{where}: there is no {kind} {name!r}; {meant}")


def _checked(table: str, key: str, value: object, text: _Text) -> object:
    row = KEYS[table or key]
    try:
        return row.check(value)
    except (TypeError, ValueError, OverflowError):
        where = text.at(table, key)
        raise SettingsError(
            f"{where}: {key} cannot be {reprlib.repr(value)}; it must be {row.allowed}."
        ) from None
