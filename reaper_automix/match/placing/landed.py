"""What a match sets in a project: faders, pans and strips, and how far it goes.

**Conventions**: ``fader_db`` is absolute, as the fader stands; pan is REAPER's, -1 … 1; the strip
stands behind the effects of its track, before the fader, and its threshold is that of the signal
there. A strength of 1 is the whole match, 0 the mix as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reaper_automix.match.console.strips import Band, Compressor, Strip, neutral_channel

NEUTRAL = neutral_channel().strip


@dataclass(frozen=True, slots=True)
class Seat:
    """How a stem sits in the mix."""

    fader_db: float
    pan: float
    strip: Strip = NEUTRAL


@dataclass(frozen=True, slots=True)
class Stem:
    """A stem of a match: the track that carries it, how it sat before, and how the match has it."""

    track_id: str
    name: str
    before: Seat
    matched: Seat


@dataclass(frozen=True, slots=True)
class Bus:
    """The mix: its strip on the master, and the gain behind that strip."""

    strip: Strip = NEUTRAL
    output_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which parts of a match are wanted."""

    gain: bool = True
    eq: bool = True
    compressor: bool = True
    pan: bool = True
    master: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A whole match, as the stems and the mix would be set at full strength."""

    stems: tuple[Stem, ...]
    bus: Bus


def at(match: Match, strength: float, blocks: Blocks = Blocks()) -> Match:
    """The match at a strength 0 … 1, with some of its blocks; its ``matched`` seats are those.

    Decibels, pans and slopes of compression go in a straight line from neutral; frequencies, Qs
    and times stay, for they do nothing by themselves. A fader that was closed stays closed.
    """
    stems = tuple(
        replace(stem, matched=_seat(stem.before, stem.matched, strength, blocks))
        for stem in match.stems
    )
    heard = strength if blocks.master else 0.0
    bus = Bus(weakened(match.bus.strip, heard, blocks), heard * match.bus.output_db)
    return Match(stems, bus)


def weakened(strip: Strip, strength: float, blocks: Blocks = Blocks()) -> Strip:
    """A strip at a strength 0 … 1."""
    eq = strength if blocks.eq else 0.0
    compressor = strength if blocks.compressor else 0.0
    return Strip(
        tuple(Band(eq * band.gain_db, band.frequency_hz, band.q) for band in strip.bands),
        _compressor(strip.compressor, compressor),
    )


def _seat(before: Seat, matched: Seat, strength: float, blocks: Blocks) -> Seat:
    gain, pan = strength * blocks.gain, strength * blocks.pan
    moves = gain > 0.0 and before.fader_db > -math.inf  # from silence there is no way in decibels
    return Seat(
        before.fader_db + gain * (matched.fader_db - before.fader_db) if moves else before.fader_db,
        before.pan + pan * (matched.pan - before.pan),
        weakened(matched.strip, strength, blocks),
    )


def _compressor(compressor: Compressor, strength: float) -> Compressor:
    """The slope above the threshold, 1/ratio - 1, is what goes in a straight line."""
    slope = strength * (1.0 / compressor.ratio - 1.0)
    return replace(compressor, ratio=1.0 / (1.0 + slope), makeup_db=strength * compressor.makeup_db)
