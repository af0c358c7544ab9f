"""What a setting may be: one of some names, a number, a flag, names, a stretch of time.

Every kind turns what was typed, or stands in a TOML file, into the value that
:class:`~reaper_automix.settings.Settings` holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from reaper_automix.session import TimeRange


class Kind(Protocol):
    """What a setting may be: ``allowed`` in words, ``metavar`` for the command line's help."""

    @property
    def allowed(self) -> str:
        """The values that can be used, to stand after "must be"."""

    @property
    def metavar(self) -> str:
        """The value's place holder."""

    def parse(self, value: object) -> object:
        """The value that was written; ``ValueError`` or ``TypeError`` where it cannot be used."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some names."""

    names: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """``auto, p_lufs or lufs``."""
        return " or ".join(filter(None, (", ".join(self.names[:-1]), self.names[-1])))

    @property
    def metavar(self) -> str:
        """``auto|p_lufs|lufs``."""
        return "|".join(self.names)

    def parse(self, value: object) -> str:
        """The name itself; upper and lower case are the same."""
        name = str(value).strip().lower()
        if name not in self.names:
            raise ValueError(value)
        return name


@dataclass(frozen=True, slots=True)
class NameOrFile:
    """One of some names, another name of the user's own, or the path of a file of some kind."""

    names: tuple[str, ...]
    suffix: str

    @property
    def allowed(self) -> str:
        """``equal, rock, a name of your own or a file (.toml)``."""
        return f"{', '.join(self.names)}, a name of your own or a file ({self.suffix})"

    @property
    def metavar(self) -> str:
        """``equal|rock|NAME|FILE.toml``."""
        return "|".join((*self.names, "NAME", f"FILE{self.suffix}"))

    def parse(self, value: object) -> str:
        """The path as it is written, or the name, of letters, digits, ``-`` and ``_``."""
        text = str(value).strip()
        if isinstance(value, str) and text.endswith(self.suffix):
            return text
        if not _NAME.fullmatch(text):
            raise ValueError(value)
        return text.lower()


_NAME = re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``, a percentage where it may.

    ``none`` is the word for no number, where it is ``optional``.
    """

    unit: str
    low: float
    high: float
    optional: bool = False
    percent: bool = False
    none: str = "none"

    @property
    def allowed(self) -> str:
        """``a number from -60 to 0 (dBTP)``."""
        unit = f" ({self.unit})" if self.unit else ""
        percent = f" or {self.low * 100:g}% to {self.high * 100:g}%" if self.percent else ""
        none = f' or "{self.none}"' if self.optional else ""
        return f"a number from {self.low:g} to {self.high:g}{unit}{percent}{none}"

    @property
    def metavar(self) -> str:
        """The unit."""
        return self.unit.upper() or f"{self.low:g}..{self.high:g}"

    def parse(self, value: object) -> float | None:
        """The number, ``None`` for the word that says so."""
        if self.optional and str(value).strip().lower() == self.none:
            return None
        number = self._number(value)
        if not self.low <= number <= self.high:
            raise ValueError(value)
        return number

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError(value)
        text = str(value).strip().replace("\N{MINUS SIGN}", "-")
        if self.percent and text.endswith("%"):
            return float(text[:-1]) / 100.0
        return float(text)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    allowed: str = "true or false"
    metavar: str = ""

    def parse(self, value: object) -> bool:
        """The truth value itself."""
        if not isinstance(value, bool):
            raise TypeError(value)
        return value


@dataclass(frozen=True, slots=True)
class Name:
    """One name, or none."""

    allowed: str = 'a name or a number, or "none"'
    metavar: str = "NAME"

    def parse(self, value: object) -> str:
        """The name without blanks at its ends, an empty one for ``none``."""
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError(value)
        name = str(value).strip()
        if not name:
            raise ValueError(value)
        return "" if name.lower() == "none" else name


@dataclass(frozen=True, slots=True)
class Names:
    """Some names, none of them for ``none`` where ``optional``.

    On the command line commas part them, in a TOML file they are a list.
    """

    optional: bool = False
    metavar: str = "NAME[,NAME]"

    @property
    def allowed(self) -> str:
        """``one or more names``."""
        return 'one or more names or "none"' if self.optional else "one or more names"

    def parse(self, value: object) -> tuple[str, ...]:
        """The names in the order given, each once, without blanks at their ends."""
        names = tuple(dict.fromkeys(filter(None, map(str.strip, _names(value)))))
        if not names:
            raise ValueError(value)
        return () if self.optional and [name.lower() for name in names] == ["none"] else names


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Some of a few words, in their own order."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """``some of gain, eq and pan``."""
        return f"some of {', '.join(self.words[:-1])} and {self.words[-1]}"

    @property
    def metavar(self) -> str:
        """``gain,eq,pan``."""
        return ",".join(self.words)

    def parse(self, value: object) -> tuple[str, ...]:
        """The words, each once; upper and lower case are the same.

        >>> SomeOf(("gain", "eq", "pan")).parse("pan, Gain")
        ('gain', 'pan')
        """
        found = {word.strip().lower() for word in _names(value)}
        if not found or not found <= set(self.words):
            raise ValueError(value)
        return tuple(word for word in self.words if word in found)


@dataclass(frozen=True, slots=True)
class Colors:
    """Some colours as ``#rrggbb``, or none; written as names are."""

    allowed: str = 'one or more colours such as #ff8000, or "none"'
    metavar: str = "#RRGGBB[,#RRGGBB]"

    def parse(self, value: object) -> tuple[str, ...]:
        """The colours in the order given, each once, in lower case."""
        colors = tuple(dict.fromkeys(name.lower() for name in Names(optional=True).parse(value)))
        if any(_COLOR.fullmatch(color) is None for color in colors):
            raise ValueError(value)
        return colors


_COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


def _names(value: object) -> Iterator[str]:
    """Every name in a string with commas, in a TOML list of names, or in strings with commas."""
    if isinstance(value, str):
        yield from value.split(",")
    elif isinstance(value, list) and all(isinstance(name, str) for name in value):
        yield from value
    elif isinstance(value, tuple):
        for part in value:
            yield from _names(part)
    else:
        raise ValueError(value)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the time line, in seconds or minutes and seconds."""

    allowed: str = 'START-END in seconds or minutes:seconds, as in 30-90 or 0:30-1:30, or "none"'
    metavar: str = "START-END"

    def parse(self, value: object) -> TimeRange | None:
        """The stretch, ``None`` for ``none``.

        >>> Stretch().parse("0:30-1:02.5")
        TimeRange(start_s=30.0, end_s=62.5)
        """
        text = re.sub(r"\s", "", str(value)).replace("\N{EN DASH}", "-")
        if text.lower() == "none":
            return None
        start_s, end_s = map(_seconds, text.split("-"))
        if not start_s < end_s:
            raise ValueError(value)
        return TimeRange(start_s, end_s)


_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)", re.ASCII)
"""``[[hours:]minutes:]seconds``."""


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
