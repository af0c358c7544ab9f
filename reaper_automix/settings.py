"""Settings of a balance: defaults, the TOML files they may stand in, and their ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reaper_automix.session import TimeRange

MethodName = Literal["auto", "p_lufs", "lufs", "centroid"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to balance.

    ``target_lufs`` is the level every source lands on; ``None`` keeps each group's summed
    loudness where it was. ``strength`` 0 … 1 goes part of the way; ``max_move_db`` limits a move
    (``None``: no limit); smaller moves than ``dead_band_db`` are left alone. Sums stay below
    ``headroom_dbtp``, faders at or below ``fader_max_db``. ``tracks`` limits the balance to tracks
    of these names or ids; ``time_range`` limits what is measured.
    """

    method: MethodName = "auto"
    profile: str = "equal"
    strength: float = 1.0
    max_move_db: float | None = None
    dead_band_db: float = 0.5
    headroom_dbtp: float = -6.0
    fader_max_db: float = 12.0
    target_lufs: float | None = None
    tracks: tuple[str, ...] = ()
    use_time_selection: bool = False
    time_range: TimeRange | None = None
