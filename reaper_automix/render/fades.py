"""Fades at the ends of an item: REAPER's eight shapes, bent by a curvature.

Source: the formulas that the community measured (ReaTeam "Convert item fades to take volume
envelopes", facts section 5), which the Bézier outlines of SWS agree with. Shapes 0, 3 and 4 are one
formula: the menu entries differ in the curvature that they store with the item.

**Conventions**: ``x`` runs from 0 (silent) to 1 (full) over a fade-in; a fade-out is the same curve
run backwards with the curvature negated. ``curve`` is ``D_FADEINDIR``, -1 … 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reaper_automix.session import Fade

Curve = NDArray[np.float64]

Shape = Callable[[Curve, float], Curve]
"""Gain over ``x`` for a curvature."""


def fade_in(fade: Fade, since_s: Curve) -> Curve:
    """Gain of a fade-in, by seconds since the item's start."""
    return _gain(fade.shape, since_s / fade.length_s, fade.curve)


def fade_out(fade: Fade, left_s: Curve) -> Curve:
    """Gain of a fade-out, by seconds left to the item's end."""
    return _gain(fade.shape, left_s / fade.length_s, -fade.curve)


def _gain(shape: int, x: Curve, curve: float) -> Curve:
    return SHAPES.get(shape, SHAPES[0])(np.clip(x, 0.0, 1.0), min(max(curve, -1.0), 1.0))


def _bent(straight: Callable[[Curve], Curve], early: Callable[[Curve], Curve], power: int) -> Shape:
    """A shape that moves from ``straight`` to ``early`` (curve -1) or to a late rise (curve 1)."""

    def shape(x: Curve, curve: float) -> Curve:
        extreme = early(x) if curve < 0.0 else x**power
        return (1.0 - abs(curve)) * straight(x) + abs(curve) * extreme

    return shape


def _power(power: int) -> Shape:
    """A straight line, bent to a power."""
    return _bent(lambda x: x, lambda x: 1.0 - (1.0 - x) ** power, power)


def _parabola(x: Curve) -> Curve:
    return x * (2.0 - x)


def _superellipse(x: Curve) -> Curve:
    return np.sqrt(1.0 - (1.0 - x) ** 8)


def _leaned(x: Curve, middle: float) -> Curve:
    """``x`` bent along a quadratic Bézier whose control point lies at ``middle``."""
    if middle == 0.5:
        return x
    slope = 1.0 - 2.0 * middle
    along = (np.sqrt(x * slope + middle**2) - middle) / slope
    return -slope * along**2 + (2.0 - 2.0 * middle) * along


def _slow_ends(x: Curve, curve: float) -> Curve:
    leaned = _leaned(x, (curve + 2.0) / 4.0)
    return leaned**2 * (3.0 - 2.0 * leaned)


def _slow_ends_steep(x: Curve, curve: float) -> Curve:
    leaned = _leaned(x, (5.0 * curve + 8.0) / 16.0)
    return np.where(leaned <= 0.5, 8.0 * leaned**4, 1.0 - 8.0 * (1.0 - leaned) ** 4)


def _equal_power(x: Curve, curve: float) -> Curve:
    """The crossfade shape: polynomials whose squares add up to one within 0.04 dB."""
    if curve < 0.0:
        falling = (1.0 + curve) * (1.0 - _quarter(x)) - curve * (1.0 - x) ** 4
        return np.sqrt(np.maximum(1.0 - falling**2, 0.0))
    return (1.0 - curve) * (1.0 - _quarter(1.0 - x)) + curve * x**4


def _quarter(x: Curve) -> Curve:
    """About 1 - cos(πx/2)."""
    return x**2 * (2.0 - math.pi / 4.0 - (1.0 - math.pi / 4.0) * x**2)


SHAPES: dict[int, Shape] = {
    0: _power(4),
    1: _bent(_parabola, _superellipse, 4),
    2: _power(2),
    3: _power(4),
    4: _power(4),
    5: _slow_ends,
    6: _slow_ends_steep,
    7: _equal_power,
}
"""Gain curves by ``C_FADEINSHAPE``."""
