"""Settings of a balance: what each one means, its range, and the TOML files they may stand in.

:data:`SETTINGS` has one row per setting; the command line, the TOML files and the documentation
read it. What is given on the command line wins over ``reaper-automix.toml`` in the folder of the
song, that over ``reaper-automix.toml`` in the user's configuration folder, that over the defaults.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from reaper_automix.errors import SettingsError
from reaper_automix.profiles import PROFILES
from reaper_automix.session import TimeRange

MethodName = Literal["auto", "p_lufs", "lufs", "centroid"]

FILE_NAME = "reaper-automix.toml"
"""Name of a settings file, beside the project or in the user's configuration folder."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to balance.

    ``target_lufs`` is the level every source lands on; ``None`` keeps each group's summed
    loudness where it was. ``strength`` 0 … 1 goes part of the way; ``max_move_db`` limits a move
    (``None``: no limit); smaller moves than ``dead_band_db`` are left alone. Sums stay below
    ``headroom_dbtp``, faders at or below ``fader_max_db``. ``tracks`` limits the balance to tracks
    of these names or ids; ``time_range`` limits what is measured.
    """

    method: MethodName = "auto"
    profile: str = "equal"
    strength: float = 1.0
    max_move_db: float | None = None
    dead_band_db: float = 0.5
    headroom_dbtp: float = -6.0
    fader_max_db: float = 12.0
    target_lufs: float | None = None
    tracks: tuple[str, ...] = ()
    use_time_selection: bool = False
    time_range: TimeRange | None = None


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
class Number:
    """A number from ``low`` to ``high``, ``none`` where ``optional``, a percentage where it may."""

    unit: str
    low: float
    high: float
    optional: bool = False
    percent: bool = False

    @property
    def allowed(self) -> str:
        """``a number from -60 to 0 (dBTP)``."""
        unit = f" ({self.unit})" if self.unit else ""
        percent = f" or {self.low * 100:g}% to {self.high * 100:g}%" if self.percent else ""
        none = ' or "none"' if self.optional else ""
        return f"a number from {self.low:g} to {self.high:g}{unit}{percent}{none}"

    @property
    def metavar(self) -> str:
        """The unit."""
        return self.unit.upper() or f"{self.low:g}..{self.high:g}"

    def parse(self, value: object) -> float | None:
        """The number, ``None`` for ``none``."""
        if self.optional and str(value).strip().lower() == "none":
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
class Names:
    """Some names. On the command line commas part them, in a TOML file they are a list."""

    allowed: str = "one or more names"
    metavar: str = "NAME[,NAME]"

    def parse(self, value: object) -> tuple[str, ...]:
        """The names in the order given, each once, without blanks at their ends."""
        names = tuple(dict.fromkeys(filter(None, map(str.strip, _names(value)))))
        if not names:
            raise ValueError(value)
        return names


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


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: a field of :class:`Settings` (and key of a TOML file), its option and help."""

    name: str
    option: str
    kind: Kind
    help: str

    def parse(self, value: object, where: str) -> object:
        """The value as :class:`Settings` holds it; ``where`` names its origin in the error."""
        try:
            return self.kind.parse(value)
        except (TypeError, ValueError):
            raise SettingsError(
                f"{where} cannot be {_shown(value)}; it must be {self.kind.allowed}."
            ) from None


def _shown(value: object) -> str:
    """The value as the user wrote it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return repr(",".join(map(str, value)))
    return repr(value)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "method",
        "--method",
        Choice(get_args(MethodName)),
        "How loud a track is: narrowband where its pitch is credible and full band where it is "
        "not (auto), always narrowband as published (p_lufs), full band (lufs), or around its "
        "spectral centroid (centroid).",
    ),
    Setting(
        "profile",
        "--profile",
        Choice(tuple(PROFILES)),
        "The balance aimed at: every source equally loud (equal).",
    ),
    Setting(
        "strength",
        "--strength",
        Number("", 0.0, 1.0, percent=True),
        "How far to go from the present balance to the one aimed at: 0.7 and 70% mean the same.",
    ),
    Setting(
        "max_move_db",
        "--max-move",
        Number("dB", 0.0, 60.0, optional=True),
        "No fader moves further than this.",
    ),
    Setting(
        "dead_band_db",
        "--dead-band",
        Number("dB", 0.0, 12.0),
        "Moves smaller than this are left alone.",
    ),
    Setting(
        "headroom_dbtp",
        "--headroom",
        Number("dBTP", -60.0, 0.0),
        "True peak that the sum stays below.",
    ),
    Setting(
        "fader_max_db",
        "--fader-max",
        Number("dB", 0.0, 60.0),
        "No fader goes above this; the whole group goes down instead.",
    ),
    Setting(
        "target_lufs",
        "--target",
        Number("LUFS", -70.0, 0.0, optional=True),
        "Level that every source lands on; none keeps each group's sum as loud as it was.",
    ),
    Setting(
        "tracks",
        "--tracks",
        Names(),
        "Only these tracks move: names, globs (Gtr*) or GUIDs; may be given several times.",
    ),
    Setting(
        "use_time_selection",
        "--time-selection",
        Flag(),
        "Measure only the project's time selection.",
    ),
    Setting(
        "time_range",
        "--range",
        Stretch(),
        "Measure only this stretch of the time line, in seconds or minutes:seconds.",
    ),
)
"""Every setting, in the order in which help texts list them."""

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
"""The settings by their name."""

_RIVALS = {"time_range": "use_time_selection", "use_time_selection": "time_range"}
"""Two settings for one thing: a value of one, wherever it counts more, puts the other aside."""


def load(*places: Path, given: Mapping[str, object] | None = None) -> Settings:
    """The settings that hold for a song.

    ``places`` are projects or folders whose ``reaper-automix.toml`` counts, the outermost first;
    ``given`` are the values of the command line by setting name. :class:`SettingsError` names the
    option, or the file, line and key, whose value cannot be used.
    """
    layers = [*map(read, files(*places)), _parsed_options(given or {})]
    return Settings(**_merged(layers))


def user_file() -> Path:
    """The settings file in the user's configuration folder, whether or not it exists."""
    from platformdirs import user_config_path

    return user_config_path("reaper-automix", appauthor=False) / FILE_NAME


def files(*places: Path) -> tuple[Path, ...]:
    """The settings files that exist for these places, the one that counts most last."""
    folders = (place if place.is_dir() else place.parent for place in places)
    candidates = (user_file(), *(folder / FILE_NAME for folder in folders))
    return tuple(path for path in dict.fromkeys(candidates) if path.is_file())


def read(path: Path) -> dict[str, Any]:
    """The settings that stand in a TOML file, by name."""
    text = _text(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}; correct it.") from error
    values = {}
    for key, value in table.items():
        where = f"{path}{_line(text, key)}"
        values[key] = _setting(key, where).parse(value, f"{where}: {key}")
    _refuse_rivals(values, str(path))
    return values


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}); allow it or move it away."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not a UTF-8 text file; save it as one.") from error


def _line(text: str, key: str) -> str:
    """``, line 3`` for the line that a top-level key stands on; nothing where it is not plain."""
    found = re.search(rf"""^[ \t]*\[*["']?{re.escape(key)}\b""", text, re.MULTILINE)
    return f", line {text.count(chr(10), 0, found.start()) + 1}" if found else ""


def _setting(name: str, where: str) -> Setting:
    if setting := BY_NAME.get(name):
        return setting
    raise SettingsError(f"{where}: there is no setting {name!r}; {_suggestion(name)}")


def _suggestion(name: str) -> str:
    """What an unknown key was probably meant to be: keys and the words of the options count."""
    words = {setting.option.lstrip("-").replace("-", "_"): setting.name for setting in SETTINGS}
    words |= {setting.name: setting.name for setting in SETTINGS}
    close = difflib.get_close_matches(name.lower().replace("-", "_"), words, n=1)
    return f"did you mean {words[close[0]]!r}?" if close else f"there are {', '.join(BY_NAME)}."


def _parsed_options(given: Mapping[str, object]) -> dict[str, Any]:
    values = {
        name: BY_NAME[name].parse(value, BY_NAME[name].option) for name, value in given.items()
    }
    _refuse_rivals(values, "command line")
    return values


def _refuse_rivals(values: Mapping[str, object], where: str) -> None:
    if values.get("time_range") and values.get("use_time_selection"):
        raise SettingsError(
            f"{where}: a time range and the time selection cannot both be used; leave one out."
        )


def _merged(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All layers' values, later ones first; a later rival puts an earlier one aside."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            if value and name in _RIVALS:
                merged.pop(_RIVALS[name], None)
            merged[name] = value
    return merged
