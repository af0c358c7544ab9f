"""The console's pan and REAPER's: two laws that are matched by the ratio of right to left.

**Conventions**: the console's pan is 0 … 1, REAPER's -1 … 1, both from left to right; a pan law of
REAPER is its gain at the centre (:mod:`reaper_automix.pan`). Sides are the gains of left and right.
"""

from __future__ import annotations

import math
from functools import lru_cache

from reaper_automix.units import db_from_gain

HALVINGS = 60
"""Until a pan is as narrow as a float can tell."""

LEAST_GAIN = 1e-6
"""A pan law that lets nothing through counts as this, so that every level is a number."""


def console_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of the console at a pan 0 … 1 (dasp: -4.52 dB in the centre).

    >>> left, right = console_gains(0.5)
    >>> round(db_from_gain(left), 2), left == right, console_gains(0.0)
    (-4.52, True, (1.0, 0.0))
    """
    return _towards(1.0 - pan), _towards(pan)


def reaper_of(pan: float) -> float:
    """REAPER's pan for one of the console.

    >>> round(reaper_of(0.3), 3)
    -0.533
    """
    return position_of(console_gains(pan))


@lru_cache(4096)
def console_of(position: float) -> float:
    """The console's pan for one of REAPER.

    >>> round(console_of(-0.533), 3)
    0.3
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if reaper_of(middle) < position else (low, middle)
    return 1.0 if position >= 1.0 else high if position > -1.0 else 0.0


def position_of(sides: tuple[float, float]) -> float:
    """REAPER's pan whose sides, at a law of 0 dB, have the ratio of these.

    >>> position_of((1.0, 0.5)), position_of((0.0, 0.0))
    (-0.5, 0.0)
    """
    left, right = sides
    if left == right:
        return 0.0
    return 1.0 - left / right if right > left else right / left - 1.0


def level_db(console: tuple[float, float], reaper: tuple[float, float]) -> float:
    """By how much the console's sides are louder than REAPER's, as power.

    A fader at a gain plus that sounds as the console does at the gain.

    >>> from reaper_automix.pan import position_gains
    >>> round(level_db(console_gains(0.3), position_gains(reaper_of(0.3), 1.0)), 2)
    -2.05
    """
    return db_from_gain(math.hypot(*console) / max(LEAST_GAIN, math.hypot(*reaper)))


def _towards(part: float) -> float:
    """Gain of the side towards which the pan has gone ``part`` of the way."""
    return math.sqrt(part * math.sin(part * math.pi / 2.0))
