"""What a match did: what was heard, how far the mix was from its reference, and what was set.

**Conventions**: as in :mod:`~reaper_automix.match.placing.landed`; loudness in LUFS and true peaks
in dBTP are those of the whole song or, where that has too many stems, of its loudest stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reaper_automix.match.placing.landed import Blocks, Bus, Seat
from reaper_automix.session import TimeRange

Way = Literal["optimiser", "network"]
"""How the settings were found: by going towards the reference, or by a network's weights."""

StemStatus = Literal["matched", "kept", "skipped"]


@dataclass(frozen=True, slots=True)
class Sound:
    """How a mix sounds, in figures.

    ``thirds_db`` is its spectrum in third octaves from 20 Hz to 20 kHz, at -16 LUFS; ``width_db``
    is side to mid. The reference has no level of its own.
    """

    thirds_db: tuple[float, ...]
    crest_db: float
    range_lu: float
    width_db: float
    lufs: float | None = None
    true_peak_db: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """One term of the distance to the reference, before and after: its loss, and its gap in dB.

    One that is ``of_width`` is of what both channels do beside each other, which pans decide.
    """

    name: str
    label: str
    before: float
    after: float
    before_db: float
    after_db: float
    of_width: bool


@dataclass(frozen=True, slots=True)
class StemResult:
    """One stem: how it sat and how it sits now; ``why`` are sentences."""

    id: str
    name: str
    status: StemStatus
    before: Seat
    after: Seat
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """The account of a match.

    ``loss_before`` and ``loss_after`` are the whole distance, the sum of the ``gaps``. ``passages``
    are those of the song that were heard, ``reference_s`` the seconds of the reference.
    ``checkpoint`` is the SHA-256 of a network's file. ``strength`` and ``blocks`` say how much of
    the match was set; ``stems`` and ``bus`` are as that has them. ``levels_s`` are the seconds of
    the song whose loudness and true peak are told; ``None`` is all of it.
    """

    reference: str
    reference_s: float
    way: Way
    checkpoint: str
    strength: float
    blocks: Blocks
    keep_pan: bool
    target_lufs: float | None
    passages: tuple[TimeRange, ...]
    loss_before: float
    loss_after: float
    gaps: tuple[Gap, ...]
    before: Sound
    after: Sound
    aim: Sound
    stems: tuple[StemResult, ...]
    bus: Bus
    levels_s: float | None = None

    @property
    def turns_pans(self) -> bool:
        """Whether pans were free to move."""
        return self.blocks.pan and not self.keep_pan
