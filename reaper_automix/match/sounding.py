"""How a mix of the passages sounds at some settings: rendered, measured and told in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.errors import NothingToBalance
from reaper_automix.features.loudness import Meter
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.match import console, passages, portrait
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.landed import Bus, Match
from reaper_automix.match.mapping import (
    End,
    console_as_placed,
    console_before,
    raised,
    trimmed,
)
from reaper_automix.match.outcome import Sound
from reaper_automix.match.portrait import Portrait
from reaper_automix.match.strips import Console
from reaper_automix.match.table import SAMPLE_RATE_HZ
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
    cuts = range(passages.FRAMES, reference.samples.shape[1], passages.FRAMES)
    parts = np.split(reference.samples, list(cuts), axis=1)
    long_enough = [part for part in parts if part.shape[1] == parts[0].shape[1]]
    return _portrait(long_enough, f"The reference {reference.name}")


def sound_of(reference: Portrait) -> Sound:
    """A reference in figures."""
    return _sound(reference)


def levelled(
    match: Match,
    heard: Sequence[Passage],
    ends: Sequence[End],
    target_lufs: float | None,
    headroom_dbtp: float,
    progress: Progress,
) -> Match:
    """The match whose mix is as loud as it was, or as asked for, before and behind its master.

    The faders make up for what the strips take or give, the master's output for what its strip
    does; so the mix keeps its loudness with either of them. No true peak comes out above the
    headroom but one that was there already.
    """
    before = _level(heard, console_before(ends), progress)
    if before.lufs is None:
        return match
    without_master = replace(match, bus=Bus())
    if not any(end.fixed for end in ends):
        stems = _level(heard, console_as_placed(without_master, ends), progress)
        match = raised(match, before.lufs - stems.lufs) if stems.lufs is not None else match
    after = _level(heard, console_as_placed(match, ends), progress)
    if after.lufs is None:
        return match
    wanted = before.lufs if target_lufs is None else target_lufs
    ceiling_db = max(headroom_dbtp, before.true_peak_db)
    return trimmed(match, min(wanted - after.lufs, ceiling_db - after.true_peak_db))


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


def _level(heard: Sequence[Passage], settings: Console, progress: Progress) -> SumLevel:
    return level_of(_rendered(heard, settings, progress))


def _rendered(heard: Sequence[Passage], settings: Console, progress: Progress) -> list[Samples]:
    parts = []
    for number, passage in enumerate(heard):
        progress(MIXING, number, len(heard))
        parts.append(console.mix(passage.stems, settings, SAMPLE_RATE_HZ))
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
