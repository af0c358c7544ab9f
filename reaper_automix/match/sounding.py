"""How a mix of the passages sounds at some settings: rendered, measured and told in figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.errors import NothingToBalance
from reaper_automix.features import louder
from reaper_automix.features.loudness import Meter
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.match.console import offline
from reaper_automix.match.console.strips import Console
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.outcome import Sound
from reaper_automix.match.placing.landed import Bus, Match
from reaper_automix.match.placing.mapping import (
    End,
    console_as_placed,
    console_before,
    raised,
    trimmed,
)
from reaper_automix.match.placing.stored import Placed
from reaper_automix.match.search import portrait
from reaper_automix.match.search.portrait import Portrait
from reaper_automix.progress import Progress
from reaper_automix.results import SumLevel

MIXING = "Mixing the passages"
LEAD_IN_FRAMES = SAMPLE_RATE_HZ // 2
"""What of a passage compressors need to settle."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """The passages of a mix, how loud they are together, and what they sound like."""

    level: SumLevel
    portrait: Portrait

    def gained(self, by_db: float) -> Mixed:
        """The same, louder by a gain behind it, as that of the master fader."""
        return replace(self, level=self.level.gained(by_db))

    def sound(self) -> Sound:
        """The same in figures."""
        return replace(
            _sound(self.portrait), lufs=self.level.lufs, true_peak_db=self.level.true_peak_db
        )


def mixed(heard: Sequence[Passage], settings: Console, progress: Progress) -> Mixed:
    """The passages at the settings of a console."""
    parts = _rendered(heard, settings, progress)
    return Mixed(level_of(parts), _portrait(parts, "The mix"))


def portrait_of(reference: Reference) -> Portrait:
    """What a reference sounds like, passage by passage."""
    return _portrait(reference.passages, f"The reference {reference.name}")


def sound_of(reference: Portrait) -> Sound:
    """A reference in figures."""
    return _sound(reference)


@dataclass(frozen=True, slots=True)
class Goal:
    """How loud a mix shall be: ``target_lufs``, or as it was where that is ``None``.

    No true peak comes out above ``headroom_dbtp`` but one that was there already.
    """

    target_lufs: float | None
    headroom_dbtp: float

    def short_db(self, before: SumLevel, after: SumLevel) -> float:
        """By how much a mix has to get louder, as far as its peaks let it; 0 of silence."""
        if before.lufs is None or after.lufs is None:
            return 0.0
        wanted = before.lufs if self.target_lufs is None else self.target_lufs
        ceiling_db = max(self.headroom_dbtp, before.true_peak_db)
        return min(wanted - after.lufs, ceiling_db - after.true_peak_db)


@dataclass(frozen=True, slots=True)
class Song:
    """How loud a song was, and by how much it is louder and peaks higher than its passages."""

    before: SumLevel
    louder_db: float
    higher_db: float


def song_of(before: SumLevel, after: SumLevel, passages: SumLevel) -> Song:
    """A song that was and is so loud, by the level of its passages as they are."""
    louder_db = (after.lufs or 0.0) - (passages.lufs or 0.0)
    return Song(before, louder_db, after.true_peak_db - passages.true_peak_db)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Passages of the stems' ends, and what there is of a match in them.

    ``stands`` says what is heard of a placed match: as far as it goes, and the engineer's own
    strips. ``bus`` is the mix's strip before, ``has_master`` whether a match's one is what is heard
    there. Levels are those of the song as far as that is known: ``song`` is how loud it was, and
    by how much it is louder than its passages and peaks higher.
    """

    passages: Sequence[Passage]
    ends: Sequence[End]
    bus: Bus
    stands: Callable[[Placed], Match]
    has_master: bool
    progress: Progress
    song: Song | None = None

    def before(self) -> SumLevel:
        """How loud the mix was."""
        return self.song.before if self.song else self.level(console_before(self.ends, self.bus))

    @property
    def is_free(self) -> bool:
        """Whether all faders may be moved alike, which changes how loud the mix is and no more."""
        return not any(end.holds for end in self.ends)

    def after(self, placed: Placed) -> SumLevel:
        """How loud the mix is with as much of a match as is placed."""
        return self.level(console_as_placed(self.stands(placed), self.ends))

    def after_each(self, placings: Sequence[Placed]) -> list[SumLevel]:
        """The same of several, of which much is alike."""
        consoles = [console_as_placed(self.stands(placed), self.ends) for placed in placings]
        parts = []
        for number, passage in enumerate(self.passages):
            self.progress(MIXING, number, len(self.passages))
            parts.append(list(offline.mixes(passage.stems, consoles, SAMPLE_RATE_HZ)))
        return [self._of_song(level_of(part)) for part in zip(*parts, strict=True)]

    def into_master(self, match: Match) -> SumLevel:
        """How loud the stems of a match come to the master."""
        return self.level(console_as_placed(replace(match, bus=Bus()), self.ends))

    def level(self, settings: Console) -> SumLevel:
        """How loud the passages are at the settings of a console."""
        return self._of_song(level_of(_rendered(self.passages, settings, self.progress)))

    def _of_song(self, level: SumLevel) -> SumLevel:
        if self.song is None:
            return level
        lufs = louder(level.lufs, self.song.louder_db)
        return replace(level, lufs=lufs, true_peak_db=level.true_peak_db + self.song.higher_db)


def levelled(placed: Placed, hearing: Hearing, goal: Goal) -> Match:
    """The whole match whose mix, as far as it is ``placed``, is as loud as it was or shall be.

    The faders make up for what strips take or give, the master's threshold follows what comes to
    it, and its output, or the faders where the master is not wanted, brings the mix to its goal.
    Where neither is, nothing can.
    """
    match, part = placed.match, placed.strength
    free = placed.blocks.gain and hearing.is_free
    before, stems = hearing.before(), hearing.level(console_before(hearing.ends))
    whole = hearing.into_master(match)
    if before.lufs is None or stems.lufs is None or whole.lufs is None or part == 0.0:
        return match
    into = hearing.into_master(hearing.stands(placed))
    if free and into.lufs is not None:
        match = raised(match, (stems.lufs - into.lufs) / part)
        into = hearing.into_master(hearing.stands(replace(placed, match=match)))
    if into.lufs is not None:
        shifted = placed.match.bus.strip.shifted(into.lufs - whole.lufs)
        match = replace(match, bus=replace(match.bus, strip=shifted))
    placed = replace(placed, match=match)
    return louder_by(placed, hearing, goal.short_db(before, hearing.after(placed)))


def louder_by(placed: Placed, hearing: Hearing, by_db: float) -> Match:
    """The whole match whose mix, as far as it is placed, is louder by as much as can be."""
    if placed.strength == 0.0:
        return placed.match
    if placed.blocks.master and hearing.has_master:
        return trimmed(placed.match, by_db / placed.strength)
    if placed.blocks.gain and hearing.is_free:
        return raised(placed.match, by_db / placed.strength)
    return placed.match


def level_of(parts: Sequence[Samples]) -> SumLevel:
    """Loudness and true peak of passages.

    Compressors come in with nothing behind them, so that the peak of what begins a passage is one
    that no song has.
    """
    meter = Meter(SAMPLE_RATE_HZ, 2)
    for part in parts:
        meter.push(part)
    return SumLevel(meter.lufs(), max(_true_peak_db(part) for part in parts))


def _true_peak_db(part: Samples) -> float:
    peak = TruePeak(SAMPLE_RATE_HZ, 2)
    lead_in = LEAD_IN_FRAMES if part.shape[1] > 2 * LEAD_IN_FRAMES else 0
    peak.follow(part[:, :lead_in])
    peak.push(part[:, lead_in:])
    return peak.db()


def _rendered(heard: Sequence[Passage], settings: Console, progress: Progress) -> list[Samples]:
    parts = []
    for number, passage in enumerate(heard):
        progress(MIXING, number, len(heard))
        parts.append(offline.mix(passage.stems, settings, SAMPLE_RATE_HZ))
    return parts


def _portrait(parts: Sequence[Samples], what: str) -> Portrait:
    stretches = [one for part in parts if (one := portrait.stretch(part)) is not None]
    if not stretches:
        raise NothingToBalance(f"{what} is silent in all passages; choose louder ones.")
    return portrait.portrait(stretches)


def _sound(of: Portrait) -> Sound:
    return Sound(
        thirds_db=tuple(float(level) for level in of.thirds_db),
        crest_db=float(of.features[1]),
        range_lu=of.range_lu,
        width_db=float(10.0 * np.log10(of.features[2] + portrait.SIDE_FLOOR)),
    )
