"""Filters: analogue prototypes, their digital form at any rate, where they settle.

**Source**: bilinear transform with pre-warping, s/ω0 = (1/K)·(z-1)/(z+1), K = tan(π·f0/rate).

**Conventions**: a digital section is (b0, b1, b2, a1, a2) with a0 = 1, a *stage* (one of first
order) is (b0, b1, a1). A prototype is written in s/ω0, where ω0 = 2π·f0 is the frequency that the
transform leaves in its place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features import Band

Section: TypeAlias = tuple[float, float, float, float, float]
Stage: TypeAlias = tuple[float, float, float]

EDGE_LIMIT = 0.49
"""An edge at or above this part of the sample rate has nothing left to separate."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """(n2·s² + n1·s + n0) / (d2·s² + d1·s + d0), with s in units of 2π·``f0_hz``."""

    f0_hz: float
    numerator: tuple[float, float, float]
    denominator: tuple[float, float, float]


def digital(prototype: Prototype, sample_rate_hz: float) -> Section:
    """The prototype's digital form.

    >>> low_pass = Prototype(1000.0, (0.0, 0.0, 1.0), (1.0, 2.0, 1.0))
    >>> [round(coefficient, 3) for coefficient in digital(low_pass, 8000.0)]
    [0.086, 0.172, 0.086, -0.828, 0.172]
    """
    warped = math.tan(math.pi * min(prototype.f0_hz / sample_rate_hz, EDGE_LIMIT))
    n0, n1, n2 = _in_z(prototype.numerator, warped)
    d0, d1, d2 = _in_z(prototype.denominator, warped)
    return n0 / d0, n1 / d0, n2 / d0, d1 / d0, d2 / d0


def _in_z(polynomial: tuple[float, float, float], warped: float) -> tuple[float, float, float]:
    square, linear, constant = polynomial
    linear, constant = linear * warped, constant * warped**2
    return square + linear + constant, 2.0 * (constant - square), square - linear + constant


def analogue(section: Section, sample_rate_hz: float) -> Prototype:
    """The prototype behind a digital section whose denominator is s² + s/Q + 1.

    It lets a filter that is only tabulated for one rate be had at any other.
    """
    b0, b1, b2, a1, a2 = section
    scale = 4.0 / (1.0 - a1 + a2)
    warped = math.sqrt((1.0 + a1 + a2) / (1.0 - a1 + a2))
    numerator = (
        scale * (b0 - b1 + b2) / 4.0,
        scale * (b0 - b2) / (2.0 * warped),
        scale * (b0 + b1 + b2) / (4.0 * warped**2),
    )
    f0_hz = sample_rate_hz / math.pi * math.atan(warped)
    return Prototype(f0_hz, numerator, (1.0, scale * (1.0 - a2) / (2.0 * warped), 1.0))


def usable(band: Band, sample_rate_hz: float) -> Band:
    """The band without the edges that lie at or above :data:`EDGE_LIMIT` of the rate.

    >>> usable(Band(3000.0, 6000.0), 8000)
    Band(low_hz=3000.0, high_hz=None)
    """

    def edge(frequency_hz: float | None) -> float | None:
        drop = frequency_hz is None or frequency_hz >= EDGE_LIMIT * sample_rate_hz
        return None if drop else frequency_hz

    return Band(edge(band.low_hz), edge(band.high_hz))


def band_stages(band: Band, sample_rate_hz: float) -> tuple[Stage, Stage]:
    """A high-pass and a low-pass of first order, one behind the other.

    Equal to two of ``scipy.signal.butter(1, …)``, which agree with the filters of the published
    script.
    """
    edges = usable(band, sample_rate_hz)
    return _high_pass(edges.low_hz, sample_rate_hz), _low_pass(edges.high_hz, sample_rate_hz)


def _high_pass(edge_hz: float | None, sample_rate_hz: float) -> Stage:
    """The digital form of s / (s + 1)."""
    if edge_hz is None:
        return 1.0, 0.0, 0.0
    warped = math.tan(math.pi * edge_hz / sample_rate_hz)
    gain = 1.0 / (1.0 + warped)
    return gain, -gain, gain * (warped - 1.0)


def _low_pass(edge_hz: float | None, sample_rate_hz: float) -> Stage:
    """The digital form of 1 / (s + 1)."""
    if edge_hz is None:
        return 1.0, 0.0, 0.0
    warped = math.tan(math.pi * edge_hz / sample_rate_hz)
    gain = 1.0 / (1.0 + warped)
    return gain * warped, gain * warped, gain * (warped - 1.0)


def settled(sections: NDArray[np.float64], offset: Samples) -> NDArray[np.float64]:
    """The state in which a constant input leaves a cascade, so that it is not heard to begin.

    ``sections`` ``[count, 5]``, ``offset`` ``[channels]``; the state, ``[channels, count, 2]``, is
    that of the transposed direct form II (:mod:`~reaper_automix.features.kernels`). An offset (DC)
    passes no high-pass then, not even as a step where the stream begins.
    """
    state = np.zeros((len(offset), len(sections), 2))
    entering = offset.astype(np.float64)
    for index, (b0, b1, b2, a1, a2) in enumerate(sections):
        leaving = entering * ((b0 + b1 + b2) / (1.0 + a1 + a2))
        state[:, index, 0] = leaving - b0 * entering
        state[:, index, 1] = b2 * entering - a2 * leaving
        entering = leaving
    return state
