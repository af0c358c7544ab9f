"""The console's pan and REAPER's: two laws that are matched by the ratio of right to left.

**Conventions**: the console's pan is 0 … 1, REAPER's -1 … 1, both from left to right; a pan law of
REAPER is its gain at the centre (:mod:`reaper_automix.pan`). ``level_db`` is what the console's pan
leaves of the level beyond what REAPER's does: a fader at gain + level sounds as the console does at
that gain.
"""

from __future__ import annotations

import math

from reaper_automix.pan import position_gains
from reaper_automix.units import db_from_gain

HALVINGS = 60
"""Until a pan is as narrow as a float can tell."""


def console_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of the console at a pan 0 … 1 (dasp: -4.52 dB in the centre).

    >>> left, right = console_gains(0.5)
    >>> round(db_from_gain(left), 2), left == right, console_gains(0.0)
    (-4.52, True, (1.0, 0.0))
    """
    return _towards(1.0 - pan), _towards(pan)


def reaper_of(pan: float, law: float = 1.0) -> tuple[float, float]:
    """REAPER's pan for one of the console, and the ``level_db`` that goes to the fader.

    >>> [round(value, 3) for value in reaper_of(0.3)]
    [-0.533, -2.05]
    """
    left, right = console_gains(pan)
    position = 1.0 - left / right if right > left else right / left - 1.0
    return position, _level_db(pan, position, law)


def console_of(pan: float, law: float = 1.0) -> tuple[float, float]:
    """The console's pan for one of REAPER, and the ``level_db`` by which the console is behind it.

    >>> [round(value, 3) for value in console_of(-0.533)]
    [0.3, -2.049]
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if reaper_of(middle)[0] < pan else (low, middle)
    position = 1.0 if pan >= 1.0 else high if pan > -1.0 else 0.0
    return position, _level_db(position, pan, law)


def _towards(part: float) -> float:
    """Gain of the side towards which the pan has gone ``part`` of the way."""
    return math.sqrt(part * math.sin(part * math.pi / 2.0))


def _level_db(console: float, reaper: float, law: float) -> float:
    """By how much the louder side differs."""
    return db_from_gain(max(console_gains(console)) / max(position_gains(reaper, law)))
