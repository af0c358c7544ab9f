"""What a match sets in a project: faders, pans and strips, and how far it goes.

**Conventions**: ``fader_db`` is absolute, as the fader stands; pan is REAPER's, -1 … 1; the strip
stands behind the effects of its track, before the fader, and its threshold is that of the signal
there. A strength of 1 is the whole match, 0 the mix as it was.

A match is levelled at one strength with some blocks. What it comes to at others was heard when it
was found, and is kept as curves of trims in dB, so that whoever changes its strength later, in
REAPER with no sound at hand, need not hear it anew.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

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


Block = Literal["gain", "eq", "compressor", "pan", "master"]

Carrier = Literal["master", "faders"]
"""What takes a trim: the output of the master's strip, or all faders alike."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which parts of a match are wanted."""

    gain: bool = True
    eq: bool = True
    compressor: bool = True
    pan: bool = True
    master: bool = True


@dataclass(frozen=True, slots=True)
class Trims:
    """The trims of a match, by what is switched on and how far it goes.

    ``switches`` are the blocks that are heard when they are switched, and there is a curve for each
    way in which they can stand: its number has a bit for each that is on, the first one the lowest.
    A curve has a trim for each of the ``strengths``, which rise from 0 to 1, with straight lines
    between them. ``on_master`` and ``on_faders`` say what can carry a trim.
    """

    switches: tuple[Block, ...] = ()
    strengths: tuple[float, ...] = (0.0, 1.0)
    curves: tuple[tuple[float, ...], ...] = ((0.0, 0.0),)
    on_master: bool = True
    on_faders: bool = True

    def carrier(self, blocks: Blocks) -> Carrier | None:
        """What takes the trim with these blocks; ``None`` where nothing may."""
        if self.on_master and blocks.master:
            return "master"
        return "faders" if self.on_faders and blocks.gain else None

    def trim_db(self, strength: float, blocks: Blocks) -> float:
        """The trim at a strength with these blocks."""
        if strength == 0.0:
            return 0.0
        curve = self.curves[number_of(blocks, self.switches)]
        above = max(1, bisect_left(self.strengths, strength))
        low, high = self.strengths[above - 1 : above + 1]
        part = (strength - low) / (high - low)
        return curve[above - 1] + part * (curve[above] - curve[above - 1])


UNTRIMMED = Trims()


def number_of(blocks: Blocks, switches: Sequence[Block]) -> int:
    """The number of the way in which switches stand.

    >>> number_of(Blocks(eq=False), ("gain", "eq", "master"))
    5
    """
    return sum(1 << bit for bit, block in enumerate(switches) if getattr(blocks, block))


@dataclass(frozen=True, slots=True)
class Match:
    """A whole match, as the stems and the mix would be set at full strength."""

    stems: tuple[Stem, ...]
    bus: Bus


def at(match: Match, strength: float, blocks: Blocks = Blocks(), trims: Trims = UNTRIMMED) -> Match:
    """The match at a strength 0 … 1, with some of its blocks; its ``matched`` seats are those.

    Decibels, pans and slopes of compression go in a straight line from neutral; frequencies, Qs
    and times stay, for they do nothing by themselves. A fader that was closed stays closed. What
    then lacks of the loudness wanted is trimmed.
    """
    trim_db, carrier = trims.trim_db(strength, blocks), trims.carrier(blocks)
    fader_db = trim_db if carrier == "faders" else 0.0
    stems = tuple(
        replace(stem, matched=_seat(stem.before, stem.matched, strength, blocks, fader_db))
        for stem in match.stems
    )
    heard = strength if blocks.master else 0.0
    output_db = heard * match.bus.output_db + (trim_db if carrier == "master" else 0.0)
    return Match(stems, Bus(weakened(match.bus.strip, heard, blocks), output_db))


def weakened(strip: Strip, strength: float, blocks: Blocks = Blocks()) -> Strip:
    """A strip at a strength 0 … 1."""
    eq = strength if blocks.eq else 0.0
    compressor = strength if blocks.compressor else 0.0
    return Strip(
        tuple(Band(eq * band.gain_db, band.frequency_hz, band.q) for band in strip.bands),
        _compressor(strip.compressor, compressor),
    )


def _seat(before: Seat, matched: Seat, strength: float, blocks: Blocks, trim_db: float) -> Seat:
    gain, pan = strength * blocks.gain, strength * blocks.pan
    moves = gain > 0.0 and before.fader_db > -math.inf  # from silence there is no way in decibels
    moved_db = gain * (matched.fader_db - before.fader_db) + trim_db if moves else 0.0
    return Seat(
        before.fader_db + moved_db,
        before.pan + pan * (matched.pan - before.pan),
        weakened(matched.strip, strength, blocks),
    )


def _compressor(compressor: Compressor, strength: float) -> Compressor:
    """The slope above the threshold, 1/ratio - 1, is what goes in a straight line."""
    slope = strength * (1.0 / compressor.ratio - 1.0)
    return replace(compressor, ratio=1.0 / (1.0 + slope), makeup_db=strength * compressor.makeup_db)
