"""The columns of a table of tracks, one row per column, for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from reaper_automix.report import figures
from reaper_automix.results import GroupResult, TrackResult


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its short and its full heading, with the unit, and what it says of a track.

    A ``minor`` one gives way where there is little room, a ``wide`` one needs more than others.
    A ``spare`` one stands on a terminal only where it takes no room from names.
    """

    title: str
    heading: str
    cell: Callable[[TrackResult], str]
    minor: bool = False
    wide: bool = False
    spare: bool = False
    number: bool = True

    @property
    def justify(self) -> Literal["left", "right"]:
        """Numbers stand to the right, so that their points stand below each other."""
        return "right" if self.number else "left"

    @property
    def classes(self) -> str:
        """What the page's style needs to know."""
        return " ".join(name for name in ("number", "minor", "wide") if getattr(self, name))


def change(before: str, after: str) -> str:
    """Two levels of one thing.

    >>> change("−18.2", "−6.0")
    '−18.2 →  −6.0'
    """
    return f"{before:>5} → {after:>5}"


def sums(group: GroupResult) -> tuple[str, str]:
    """Loudness and true peak of a sum, each before and after."""
    levels = group.before, group.after
    return change(*map(figures.loudness, levels)), change(*map(figures.true_peak, levels))


def _level(track: TrackResult) -> str:
    return figures.level(track.level.lufs if track.level else None)


def _role(track: TrackResult) -> str:
    return track.role or figures.UNKNOWN


def _aim(track: TrackResult) -> str:
    return figures.move(track.offset_db) if track.aim else figures.UNKNOWN


def _f0(track: TrackResult) -> str:
    return figures.hertz(track.features.f0_hz if track.features else None)


def _confidence(track: TrackResult) -> str:
    heard = track.features
    return figures.share(heard.pitch_confidence if heard and heard.f0_hz else None)


def _band(track: TrackResult) -> str:
    return figures.band(track.level.band) if track.level else figures.UNKNOWN


def _gain(track: TrackResult) -> str:
    return figures.move(track.gain_db) if track.status == "moved" else figures.UNKNOWN


def _fader(track: TrackResult) -> str:
    if track.status == "moved":
        return change(*map(figures.level, (track.fader_before_db, track.fader_after_db)))
    return figures.level(track.fader_before_db)


def _published(method: str) -> Callable[[TrackResult], str]:
    """The gain that one of the published methods gives."""
    return lambda track: figures.move(dict(track.adjustments_db).get(method))


def _full_band(track: TrackResult) -> str:
    return figures.level(track.features.lufs if track.features else None)


def _number(value: int | None) -> str:
    return figures.UNKNOWN if value is None else str(value)


def _measured(track: TrackResult) -> str:
    return "no" if track.status == "skipped" else "yes"


F0 = Column("f0 Hz", "f0, Hz", _f0, minor=True)
BAND = Column("Band Hz", "Band, Hz", _band, minor=True)

COLUMNS = {
    "balance": (
        Column("Role", "Role", _role, minor=True, spare=True, number=False),
        Column("Aim dB", "Aim, dB", _aim, minor=True, spare=True),
        F0,
        Column("Conf", "Confidence", _confidence, minor=True),
        BAND,
        Column("LUFS", "Level, LUFS", _level),
        Column("Gain dB", "Gain, dB", _gain),
        Column("Fader dB", "Fader, dB", _fader, wide=True),
    ),
    "paper": (
        F0,
        BAND,
        Column("LUFS", "Full band, LUFS", _full_band, minor=True),
        Column("p_lufs dB", "p_lufs, dB", _published("p_lufs")),
        Column("lufs dB", "lufs, dB", _published("lufs")),
        Column("centroid dB", "centroid, dB", _published("centroid")),
    ),
    "match": (
        Column("Kind", "Kind", lambda track: track.kind, minor=True, number=False),
        Column("Gain dB", "Gain, dB", _gain),
        Column("Fader dB", "Fader, dB", _fader, wide=True),
    ),
    "inspect": (
        Column("Kind", "Kind", lambda track: track.kind, minor=True, number=False),
        Column("Items", "Items", lambda track: _number(track.items)),
        Column("Ch", "Channels", lambda track: _number(track.channels)),
        Column("Fader dB", "Fader, dB", lambda track: figures.level(track.fader_before_db)),
        Column("Measured", "Measured", _measured, number=False),
    ),
}
"""Columns between name and reason, by mode."""
