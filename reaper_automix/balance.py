"""Solves the faders of one group so that its sources stand as asked beside each other.

Source: equal loudness inside a group (AES 2025 stage 1; Perez-Gonzalez & Reiss 2009), taken as a
balance and not as a level: the published script sets every track to -50 LUFS, here one target
level per group is chosen so that the group's *sum* stays as loud as it was (the anchor).

**Conventions**: ``level_lufs`` is a source's level at its fader's input; it *lands* at level plus
fader. A partial move goes ``strength`` of the way from the found fader to the asked one. No files,
no audio and no clock here: the loudness of a sum under given faders comes in as a function.

Where the rules meet, the fader's range goes before the headroom, the headroom before the anchor.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db

Faders = Mapping[str, float]
"""Fader position in dB by track id."""

SumLoudness = Callable[[Faders], float | None]
"""Loudness in LUFS of a group's sum under given faders; ``None`` when it is below the gate."""

SEARCH_SPAN_DB = 120.0
ANCHOR_TOLERANCE_DB = 1e-4
SMALLEST_MOVE_DB = 0.005
"""Below this a move is a rounding error and the fader is not touched."""

LOWERED_FOR_FADER = "The group went down by {:.1f} dB so that no fader has to go above {:+.0f} dB."


@dataclass(frozen=True, slots=True)
class Source:
    """One fader of a group: a track, or a folder heard as one source.

    ``level_lufs`` is ``None`` for a source that sounds but cannot be measured; it stays put, as
    does one that is not ``movable``. ``found_db`` is the fader that the balance starts from,
    ``hand_db`` what the engineer moved it by on top of that, and on top of whatever is solved.
    ``lift_db`` makes up for what a folder's own group went down by as a whole: the fader with which
    the folder sounds as it did, from where a partial move goes.
    """

    id: str
    level_lufs: float | None
    found_db: float = 0.0
    offset_db: float = 0.0
    movable: bool = True
    hand_db: float = 0.0
    lift_db: float = 0.0

    @property
    def balanced(self) -> bool:
        """Whether the balance moves this fader."""
        return self.movable and self.level_lufs is not None and math.isfinite(self.found_db)

    @property
    def landed_lufs(self) -> float:
        """Where it stands now, freed of what its role asks for."""
        return (self.level_lufs or 0.0) + self.found_db + self.lift_db - self.offset_db

    def asked_db(self, target_lufs: float) -> float:
        """The fader that brings it to the target, before any limit."""
        return target_lufs + self.offset_db - (self.level_lufs or 0.0)


@dataclass(frozen=True, slots=True)
class Solution:
    """New faders of a group in dB, for its balanced sources only, moves by hand included.

    ``held_db`` has the sources that a rule kept from going all the way, with the move they were
    asked for. ``shift_db`` says by how much the group went down as a whole (zero or negative),
    ``why`` for what reason.
    """

    target_lufs: float | None
    faders_db: dict[str, float]
    held_db: dict[str, float]
    shift_db: float = 0.0
    why: tuple[str, ...] = ()

    def gains(self) -> dict[str, float]:
        """The faders as linear gain."""
        return {track: gain_from_db(fader) for track, fader in self.faders_db.items()}


NOTHING = Solution(None, {}, {})
"""The solution of a group in which nothing moves."""


def solve(
    sources: Sequence[Source],
    settings: Settings,
    loudness: SumLoudness,
    anchor_lufs: float | None,
) -> Solution:
    """Faders of one group.

    ``anchor_lufs`` is how loud the sum shall stay, ``None`` when it was silent; then the sources
    meet at their median. A target in the settings replaces the anchor. A single balanced source
    is fitted to the median of its unmoved siblings. All that is solved without what was moved by
    hand; ``loudness`` is asked for faders without it. A fader that would pass its end takes the
    whole group down instead.
    """
    balanced = [source for source in sources if source.balanced]
    if not balanced:
        return NOTHING
    target = _target(balanced, sources, settings, loudness, anchor_lufs)
    faders = {source.id: _settled_db(source, target, settings) for source in balanced}
    moved = {source.id: faders[source.id] + source.hand_db for source in balanced}
    solution = Solution(target, moved, dict(_held(balanced, target, faders, settings)))
    over_db = max(moved.values()) - settings.fader_max_db
    if over_db < SMALLEST_MOVE_DB:
        return solution
    return lower(solution, over_db, LOWERED_FOR_FADER.format(over_db, settings.fader_max_db))


def explain(solution: Solution, reason: str) -> Solution:
    """The same solution with one more sentence about the group."""
    return replace(solution, why=(*solution.why, reason))


def lower(solution: Solution, by_db: float, reason: str) -> Solution:
    """The same balance, the whole group ``by_db`` lower."""
    return replace(
        explain(solution, reason),
        target_lufs=None if solution.target_lufs is None else solution.target_lufs - by_db,
        faders_db={track: fader - by_db for track, fader in solution.faders_db.items()},
        shift_db=solution.shift_db - by_db,
    )


def reason_held(solution: Solution, source_id: str, settings: Settings) -> str | None:
    """Why a source did not go all the way, as a sentence; ``None`` when it did."""
    asked_db = solution.held_db.get(source_id)
    if asked_db is None:
        return None
    if settings.max_move_db is not None and abs(asked_db) > settings.max_move_db:
        return f"Limited by the maximum move; {asked_db:+.1f} dB were asked for."
    if solution.shift_db:
        return f"Moved with its group only; {asked_db:+z.1f} dB are inside the dead-band."
    return f"Left alone; {asked_db:+z.1f} dB are inside the dead-band."


def _target(
    balanced: Sequence[Source],
    sources: Sequence[Source],
    settings: Settings,
    loudness: SumLoudness,
    anchor_lufs: float | None,
) -> float:
    """The level that every balanced source is asked to land on."""
    if settings.target_lufs is not None:
        return settings.target_lufs
    unmoved = [
        source
        for source in sources
        if not source.balanced and source.level_lufs is not None and math.isfinite(source.found_db)
    ]
    if len(balanced) == 1 and unmoved:
        return statistics.median(source.landed_lufs for source in unmoved)
    start = statistics.median(source.landed_lufs for source in balanced)
    if anchor_lufs is None or settings.part == 0.0:
        return start

    def excess(target: float) -> float:
        moved = {source.id: _fader_db(source, target, settings) for source in balanced}
        heard = loudness(moved)
        return -SEARCH_SPAN_DB if heard is None else heard - anchor_lufs

    return _rising_root(excess, start, settings.part)


def _rising_root(function: Callable[[float], float], start: float, slope: float) -> float:
    """Where a rising function crosses zero.

    The first step takes the slope that holds where every fader moves along, further ones the
    secant; a step that leaves the bracket, and every third one, halves it instead, because limits
    bend the function and the gate of the loudness makes it jump.
    """
    low, high = start - SEARCH_SPAN_DB, start + SEARCH_SPAN_DB
    point, value = start, function(start)
    for count in range(60):
        if abs(value) < ANCHOR_TOLERANCE_DB or high - low < ANCHOR_TOLERANCE_DB:
            break
        low, high = (low, point) if value > 0.0 else (point, high)
        step = point - value / slope
        if count % 3 == 2 or not low < step < high:
            step = (low + high) / 2.0
        before, value_before = point, value
        point, value = step, function(step)
        slope = max((value - value_before) / (point - before), 1e-6)
    return point


def _asked_db(source: Source, target_lufs: float, settings: Settings) -> float:
    """The move that the strength asks for."""
    started_db = source.found_db + source.lift_db
    return source.lift_db + settings.part * (source.asked_db(target_lufs) - started_db)


def _fader_db(source: Source, target_lufs: float, settings: Settings) -> float:
    """Where a source's fader goes inside the maximum move."""
    return _within(source, _asked_db(source, target_lufs, settings), settings)


def _within(source: Source, move_db: float, settings: Settings) -> float:
    """A source's fader after a move, or after as much of it as is allowed."""
    limit = math.inf if settings.max_move_db is None else settings.max_move_db
    return source.found_db + max(-limit, min(limit, move_db))


def _settled_db(source: Source, target_lufs: float, settings: Settings) -> float:
    """The same, with moves inside the dead-band not made.

    The anchor is sought without the dead-band, which would make the sum jump; it therefore holds
    to within the dead-band. Rounding keeps two moves that are equal on the same side of its edge.
    """
    fader = _fader_db(source, target_lufs, settings)
    started = _within(source, source.lift_db, settings)
    move = round(abs(fader - started), 3)
    return started if move < max(settings.dead_band_db, SMALLEST_MOVE_DB) else fader


def _held(
    balanced: Sequence[Source], target: float, faders: Faders, settings: Settings
) -> Iterator[tuple[str, float]]:
    """Sources that stand elsewhere than asked, with the move that was asked for."""
    for source in balanced:
        asked = _asked_db(source, target, settings)
        if abs(source.found_db + asked - faders[source.id]) >= SMALLEST_MOVE_DB:
            yield source.id, asked
