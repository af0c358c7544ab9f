"""What an optimiser may turn, how far, and how reluctantly: the table that keeps a match a mix.

A reference says how a mix sounds, not how it came to: muting the stems that it has no likeness of
would do as well. So every move from where a stem stands costs, by its square in usual moves, and
none goes beyond its limit.

**Conventions**: knobs are moves, 0 where a stem stands: decibels of gains, octaves of frequencies
and Qs, positions 0 … 1 of pans. Stems have the four bands of :data:`STEM_BANDS` at fixed places,
the master all six at places of their own choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reaper_automix.match.placing.landed import Blocks


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a match may go, in dB either way but for the pan, a position.

    ``share_db`` is how much of its share in the mix a stem may lose.
    """

    gain_db: float = 6.0
    eq_db: float = 6.0
    pan: float = 0.3
    share_db: float = 6.0


ALL_BLOCKS, USUAL_LIMITS = Blocks(), Limits()
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a match.

    Stems are told by their numbers: those that are ``fixed`` stay as they are, of ``own_pan`` the
    pan does, and of ``own_strip`` equaliser and compressor, for the engineer has set her own.
    """

    keep_pan: bool = True
    blocks: Blocks = ALL_BLOCKS
    limits: Limits = USUAL_LIMITS
    fixed: frozenset[int] = NOBODY
    own_pan: frozenset[int] = NOBODY
    own_strip: frozenset[int] = NOBODY

    @property
    def kept(self) -> Mapping[str, frozenset[int]]:
        """The stems of which each kind of knob stays."""
        return {
            "gain": self.fixed,
            "eq": self.fixed | self.own_strip,
            "pan": self.fixed | self.own_pan,
        }


USUAL_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a band of a stem stands."""

    band: int
    frequency_hz: float
    q: float


STEM_BANDS = (
    Place(0, 120.0, 0.6),
    Place(1, 450.0, 0.6),
    Place(2, 2500.0, 0.6),
    Place(5, 8000.0, 0.6),
)
MASTER_BANDS = tuple(
    Place(number, frequency_hz, 0.7)
    for number, frequency_hz in enumerate((100.0, 400.0, 2500.0, 8500.0, 14_000.0, 9000.0))
)
"""Where the master's bands stand before they move."""

USUAL = {"gain": 3.0, "eq": 2.0, "pan": 0.15, "bus": 3.0, "octaves": 0.7, "q": 0.5}
"""What is a usual move of each kind of knob: one of them costs as much as the other."""

RELUCTANCE = 5e-4
"""What a usual move costs, in the unit of the loss."""

SURE = 0.1
"""What is left of that where the reference is a mix of the very song, so that notes say nothing."""

STEERED_HZ, LEAST_STEERED = 200.0, 0.1
"""A usual move of a pan is smaller for what lies below: kick and bass stay near the middle."""

OCTAVES, Q_OCTAVES = 1.5, 1.0
"""How far a band of the master moves."""

SILENT_BAND_DB = 0.5
"""A band with less gain is off: nobody hears it, and there are fewer to read past."""
