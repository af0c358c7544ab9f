"""The console's equaliser as second-order filters, at any sample rate.

**Source**: R. Bristow-Johnson's cookbook of equaliser filters, whose digital forms are the bilinear
transforms of the prototypes here; the shelves are those that are told by their Q (above 0.707 they
resonate).

**Conventions**: prototypes are (s², s, 1) with s in units of the band's frequency, and
``root`` is the root of the linear gain, 10^(dB/40). What is said here of numbers holds for tensors
of them as well: the differentiable twin of the console reads the same formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.filters import EDGE_LIMIT, Prototype, digital
from reaper_automix.match.console.strips import Band
from reaper_automix.match.console.table import BANDS, Shape

Value: TypeAlias = Any
"""A float, or a tensor of floats."""

Polynomial: TypeAlias = tuple[Value, Value, Value]


def low_shelf(root: Value, q: Value) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator of a shelf whose gain is that of the lows."""
    slope = root**0.5 / q
    return (root, root * slope, root * root), (root, slope, 1.0)


def peak(root: Value, q: Value) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator of a bell."""
    return (1.0, root / q, 1.0), (1.0, 1.0 / (root * q), 1.0)


def high_shelf(root: Value, q: Value) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator of a shelf whose gain is that of the highs."""
    slope = root**0.5 / q
    return (root * root, root * slope, root), (1.0, slope, root)


SHAPES: dict[Shape, Callable[[Value, Value], tuple[Polynomial, Polynomial]]] = {
    "low shelf": low_shelf,
    "peak": peak,
    "high shelf": high_shelf,
}


def sections(bands: Sequence[Band], sample_rate_hz: float) -> NDArray[np.float64]:
    """The equaliser's sections ``[bands, 5]`` (b0 b1 b2 a1 a2), without the bands of 0 dB.

    ``bands`` are the six of :data:`~reaper_automix.match.console.table.BANDS`, in that order. At
    a rate too low for a band's frequency it goes to the highest that the rate holds (0.49 of it).

    >>> from reaper_automix.match.console.strips import neutral_channel
    >>> sections(neutral_channel().strip.bands, 48_000.0).shape
    (0, 5)
    """
    rows = [
        _section(row.shape, band, sample_rate_hz)
        for row, band in zip(BANDS, bands, strict=True)
        if band.gain_db != 0.0
    ]
    return np.array(rows, np.float64).reshape(-1, 5)


def _section(shape: Shape, band: Band, sample_rate_hz: float) -> tuple[float, ...]:
    numerator, denominator = SHAPES[shape](10.0 ** (band.gain_db / 40.0), band.q)
    frequency_hz = min(band.frequency_hz, EDGE_LIMIT * sample_rate_hz)
    return digital(Prototype(frequency_hz, numerator, denominator), sample_rate_hz)
