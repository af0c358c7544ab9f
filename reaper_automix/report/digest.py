"""What a report comes down to: a few counts, and how far sources of one group lie apart."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reaper_automix.objects import Object
from reaper_automix.report import figures
from reaper_automix.report.nearness import nearer
from reaper_automix.results import GroupResult, Report, TrackResult

CONTAINERS = frozenset({"folder", "bus", "return"})
"""Kinds whose sound comes from other tracks; the others are what people count as tracks."""

ROUNDING_DB = 0.005


@dataclass(frozen=True, slots=True)
class Digest:
    """Counts over the tracks that are sources themselves.

    ``limited`` are among the ``moved``. The spreads are the standard deviation, in dB, of where
    sources land around the mean of their group, folders included as sources of theirs; ``None``
    where no group has two.
    """

    tracks: int
    moved: int
    limited: int
    kept: int
    skipped: int
    spread_before_db: float | None
    spread_after_db: float | None


def digest(report: Report) -> Digest:
    """Count and compare."""
    sources = [track for track in report.tracks if track.kind not in CONTAINERS]
    status = [track.status for track in sources]
    return Digest(
        tracks=len(sources),
        moved=status.count("moved"),
        limited=sum(track.limited for track in sources),
        kept=status.count("kept"),
        skipped=status.count("skipped"),
        spread_before_db=_spread_db(report.tracks, lambda track: track.before_lufs),
        spread_after_db=_spread_db(report.tracks, lambda track: track.after_lufs),
    )


def headline(report: Report) -> str:
    """The outcome in one sentence."""
    if report.mode == "match" and report.match:
        return nearer(report.match)
    found = digest(report)
    tracks = figures.count(found.tracks, _NOUN.get(report.mode, "track"))
    if report.mode == "inspect":
        return f"{tracks}: {found.tracks - found.skipped} can be measured, {found.skipped} cannot."
    parts = (
        (found.moved, _VERB[report.mode]),
        (found.limited, "of them limited"),
        (found.kept, "left alone"),
        (found.skipped, "skipped"),
    )
    return f"{tracks}: " + ", ".join(f"{number} {what}" for number, what in parts if number) + "."


_NOUN = {"paper": "stem"}
_VERB = {"balance": "moved", "paper": "brought to the target"}


def foretold(groups: Iterable[GroupResult]) -> str:
    """The sentence about predicted sums; empty where all of them were played."""
    levels = (level for group in groups for level in (group.before, group.after))
    return figures.PREDICTED if any(level.predicted for level in levels) else ""


def object_title(found: Object) -> str:
    """What is said of an object above its tracks.

    >>> object_title(Object("Drum kit", "kit", (), 0.7))
    'Drum kit: 0 tracks are one source (kit, confidence 0.70)'
    """
    tracks = figures.count(len(found.members), "track")
    about = f"{found.kind}, confidence {figures.share(found.confidence)}"
    return f"{figures.plain(found.name)}: {tracks} are one source ({about})"


def double(found: Object) -> str:
    """What is said of tracks with the same notes: how two have them, how alike more are at least.

    >>> double(Object("A, B and C", "double", (), 0.4))
    'Play the same notes (alike by 0.40 or more).'
    """
    if len(found.members) == 2:
        return found.members[0].evidence
    return f"Play the same notes (alike by {figures.share(found.confidence)} or more)."


def held(track: TrackResult, target_lufs: float) -> tuple[str, ...]:
    """The published methods whose gain stops short of the target, held by the peak's ceiling."""
    said = {level.method: level.lufs for level in (*track.other_levels, track.level) if level}
    return tuple(
        method
        for method, gain_db in track.adjustments_db
        if (said.get(method) or -math.inf) + gain_db < target_lufs - ROUNDING_DB
    )


def _spread_db(
    tracks: Iterable[TrackResult], landing: Callable[[TrackResult], float | None]
) -> float | None:
    """Pooled standard deviation of landings inside their groups."""
    groups: dict[str | None, list[float]] = defaultdict(list)
    for track in tracks:
        level = landing(track)
        if track.status != "skipped" and level is not None and math.isfinite(level):
            groups[track.parent_id].append(level)
    squares = [
        (level - statistics.fmean(levels)) ** 2
        for levels in groups.values()
        if len(levels) > 1
        for level in levels
    ]
    return math.sqrt(statistics.fmean(squares)) if squares else None
