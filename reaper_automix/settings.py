"""Settings of a balance: what each one means, its range, and the TOML files they may stand in.

:data:`SETTINGS` has one row per setting; the command line, the TOML files and the documentation
read it. What is given on the command line wins over ``reaper-automix.toml`` in the folder of the
song, that over ``reaper-automix.toml`` in the user's configuration folder, that over the defaults.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from reaper_automix import profiles, toml
from reaper_automix.errors import SettingsError
from reaper_automix.kinds import (
    Choice,
    Colors,
    Flag,
    Kind,
    Name,
    NameOrFile,
    Names,
    Number,
    Stretch,
)
from reaper_automix.session import TimeRange

MethodName = Literal["auto", "p_lufs", "lufs", "centroid"]
PitchMode = Literal["auto", "all", "exact"]
MultiMic = Literal["auto", "off"]
Part = Literal["whole", "densest"]
Write = Literal["fader", "items", "trim"]
Automation = Literal["skip", "shift", "trim"]
Measure = Literal["auto", "pre_fx", "post_fx"]

FILE_NAME = "reaper-automix.toml"
"""Name of a settings file, beside the project or in the user's configuration folder."""

MATCH_TABLE = "match"
"""The table of such a file that is about matches (:mod:`reaper_automix.match.asked`)."""

COMMAND_LINE = "command line"
"""The origin of values that are known to the user by their option."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to balance.

    ``pitch`` says how much of a track is listened to for its f0. ``profile`` is the name of one of
    :mod:`reaper_automix.profiles` or the path of a file. ``target_lufs`` is the level every source
    lands on; ``None`` keeps each group's summed loudness where it was. ``strength`` 0 … 1 goes part
    of the way (``None``: as far as the profile and the session ask for); ``max_move_db`` limits a
    move (``None``: no limit); smaller moves than ``dead_band_db`` are left alone. Sums stay below
    ``headroom_dbtp``, faders at or below ``fader_max_db``. ``objects`` says whether tracks that
    record one source are found and moved as one. ``tracks`` limits the balance to tracks of these
    names or ids; ``time_range`` or a ``region`` (or marker) limits what is measured, and so
    does a ``section`` that is ``densest`` (:data:`reaper_automix.sections.DENSEST_S`). Tracks with
    one of ``lock_tags`` in their name or one of ``lock_colors`` (``#rrggbb``) stay where they are,
    with all that lies in them. What was moved by hand since a balance is kept on top of the next
    one, unless ``forget_moves``.

    In a running REAPER, ``write`` says what a balance moves, ``automation`` what it does where
    volume automation drives the fader, ``measure`` whether REAPER renders tracks with effects
    first, and ``balance_new_stems`` whether a new stem is balanced inside.
    """

    method: MethodName = "auto"
    pitch: PitchMode = "auto"
    profile: str = "equal"
    strength: float | None = 1.0
    max_move_db: float | None = None
    dead_band_db: float = 0.5
    headroom_dbtp: float = -6.0
    fader_max_db: float = 12.0
    objects: MultiMic = "auto"
    target_lufs: float | None = None
    tracks: tuple[str, ...] = ()
    lock_tags: tuple[str, ...] = ("[lock]", "#lock")
    lock_colors: tuple[str, ...] = ()
    forget_moves: bool = False
    use_time_selection: bool = False
    time_range: TimeRange | None = None
    region: str = ""
    section: Part = "whole"
    write: Write = "fader"
    automation: Automation = "skip"
    measure: Measure = "auto"
    balance_new_stems: bool = False

    @property
    def part(self) -> float:
        """The part of the way that faders go; all of it where nobody has found that out yet."""
        return 1.0 if self.strength is None else self.strength

    def over_all_of_it(self) -> Settings:
        """The same settings over all of the session."""
        return replace(self, time_range=None, use_time_selection=False, region="", section="whole")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: a field of :class:`Settings` (and key of a TOML file), its option and help.

    A ``live`` one means something only in a running REAPER.
    """

    name: str
    option: str
    kind: Kind
    help: str
    live: bool = False

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
        "pitch",
        "--pitch",
        Choice(get_args(PitchMode)),
        "Where the pitch of a track is looked for: in moments all over its sound, as many as its "
        "level needs (auto), in every moment of it (all, slower), or as the published script does "
        "(exact, slowest).",
    ),
    Setting(
        "profile",
        "--profile",
        NameOrFile(profiles.NAMES, profiles.SUFFIX),
        "The balance aimed at: every source equally loud (equal), what each is taken for as far "
        "apart as engineers place it (roles, rock, pop, jazz, orchestral, speech), or a profile "
        "of your own.",
    ),
    Setting(
        "strength",
        "--strength",
        Number("", 0.0, 1.0, optional=True, percent=True, none="auto"),
        "How far to go from the present balance to the one aimed at: 0.7 and 70% mean the same; "
        "auto is all of the way for equal, and otherwise further the further the session is from "
        "the profile.",
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
        "objects",
        "--objects",
        Choice(get_args(MultiMic)),
        "Tracks that record one source (the microphones of a kit, an amp and its DI, a pair, a "
        "compressed copy): found by their sound and moved as one (auto), or every track by itself "
        "(off).",
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
        "lock_tags",
        "--lock-tags",
        Names(optional=True),
        "Tracks with such a word in their name stay where they are, and what lies in them.",
    ),
    Setting(
        "lock_colors",
        "--lock-colors",
        Colors(),
        "Tracks of such a colour stay where they are, and what lies in them.",
    ),
    Setting(
        "forget_moves",
        "--forget-moves",
        Flag(),
        "Balance faders that were moved by hand since a balance anew, from where they are now, "
        "instead of keeping that move on top.",
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
    Setting(
        "region",
        "--region",
        Name(),
        "Measure only the first region of this name or number; a marker counts up to the next one.",
    ),
    Setting(
        "section",
        "--section",
        Choice(get_args(Part)),
        "Measure all of the song (whole), or only the 30 seconds of it in which most of its tracks "
        "sound (densest).",
    ),
    Setting(
        "write",
        "--write",
        Choice(get_args(Write)),
        "What moves: the fader, the gain of all items of the track, or a trim plug-in at the end "
        "of its effects.",
        live=True,
    ),
    Setting(
        "automation",
        "--automation",
        Choice(get_args(Automation)),
        "Where volume automation drives the fader: leave the track alone (skip), shift the whole "
        "envelope (shift), or write a trim plug-in before the fader (trim).",
        live=True,
    ),
    Setting(
        "measure",
        "--measure",
        Choice(get_args(Measure)),
        "What is heard: items directly, and tracks with effects or instruments as REAPER renders "
        "them (auto), everything before its effects (pre_fx), or everything rendered (post_fx).",
        live=True,
    ),
    Setting(
        "balance_new_stems",
        "--balance-new-stems",
        Flag(),
        "Balance the inside of a stem as soon as its tracks are grouped.",
        live=True,
    ),
)
"""Every setting, in the order in which help texts list them."""

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
"""The settings by their name."""

USUAL: Mapping[str, Any] = {"profile": "roles", "strength": None}
"""What holds where nobody says anything else: the balance that comes nearest to engineers'
(``reaper-automix evaluate``). Whoever makes :class:`Settings` himself says what he wants."""

_RIVALS = frozenset({"use_time_selection", "time_range", "region", "section"})
"""Settings for one thing: a value of one, wherever it counts more, puts the others aside."""


def load(
    *places: Path,
    given: Mapping[str, object] | None = None,
    origin: str = COMMAND_LINE,
    usual: Mapping[str, object] | None = None,
) -> Settings:
    """The settings that hold for a song.

    ``places`` are projects or folders whose ``reaper-automix.toml`` counts, the outermost first;
    ``given`` are values by setting name that count more, and ``origin`` is where they were given;
    ``usual`` are values that count less, which hold where nobody says anything.
    :class:`SettingsError` names the option, or the file, line and key, whose value cannot be used.
    """
    layers = [
        USUAL,
        _parsed(usual or {}, origin),
        *map(read, files(*places)),
        _parsed(given or {}, origin),
    ]
    found = Settings(**_merged(layers))
    profiles.load(found.profile)  # what is wrong with it is said now
    return found


def told(settings: Settings) -> tuple[Setting, ...]:
    """The rows that an account lists: those of a running REAPER only where they are not usual."""
    usual = Settings()
    return tuple(
        setting
        for setting in SETTINGS
        if not setting.live or getattr(settings, setting.name) != getattr(usual, setting.name)
    )


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
    values = {}
    for key, value in toml.parse(text, str(path)).items():
        if key == MATCH_TABLE and isinstance(value, dict):
            continue
        where = f"{path}{_line(text, key)}"
        values[key] = _setting(key, where).parse(value, f"{where}: {key}")
    _refuse_rivals(values, str(path))
    return _with_profile(values, path.parent, f"{path}{_line(text, 'profile')}: profile")


def table(path: Path, name: str) -> dict[str, Any]:
    """A table of a TOML file, which may not be there."""
    found = toml.parse(_text(path), str(path)).get(name, {})
    return found if isinstance(found, dict) else {}


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


def _parsed(given: Mapping[str, object], origin: str) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        setting = _setting(name, origin)
        where = setting.option if origin == COMMAND_LINE else f"{origin}: {name}"
        values[name] = setting.parse(value, where)
    _refuse_rivals(values, origin)
    if origin == COMMAND_LINE:
        return _with_profile(values, Path.cwd(), "", anywhere=True)
    return _with_profile(values, None, f"{origin}: profile")


def _with_profile(
    values: dict[str, Any], home: Path | None, where: str, *, anywhere: bool = False
) -> dict[str, Any]:
    """The values with the path of a profile's file made whole.

    Settings come along with projects, so only the command line may name a file ``anywhere``; a
    settings file names those of its own folder, and a project that is open in REAPER none.
    """
    name = values.get("profile")
    if name is None or not name.endswith(profiles.SUFFIX):
        return values
    if home is None:
        raise SettingsError(
            f"{where} cannot be a file here; "
            f"put it into {profiles.user_folder()} and give its name."
        )
    if not anywhere and Path(name).name != name:
        raise SettingsError(f"{where} must lie beside the settings; {name} does not.")
    return {**values, "profile": str(home / name)}


def _refuse_rivals(values: Mapping[str, object], where: str) -> None:
    given = [name for name in BY_NAME if name in values and _is_rival(name, values[name])]
    if len(given) > 1:
        raise SettingsError(
            f"{where}: {' and '.join(given)} cannot be used together; leave all but one out."
        )


def _is_rival(name: str, value: object) -> bool:
    """Whether a value puts others aside; one that asks for what is usual leaves them be."""
    return name in _RIVALS and value != getattr(Settings(), name)


def _merged(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All layers' values, later ones first; a later rival puts earlier ones aside."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            if _is_rival(name, value):
                merged = {one: kept for one, kept in merged.items() if one not in _RIVALS}
            merged[name] = value
    return merged
