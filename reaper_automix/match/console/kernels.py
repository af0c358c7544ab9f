"""The loop of a channel strip, compiled by numba: equaliser, compressor and delay in one sweep.

**Conventions**: samples and arithmetic float64. Filters are in the transposed direct form II, both
channels in lockstep; a section's state is ``[4]``: two of the left channel, two of the right. A
block is taken in stretches that stay in the processor's nearest cache.

**Silence** is where filters and envelope come to rest: what has fallen below :data:`AT_REST` is set
to zero after every stretch, for loops over denormal numbers become slow.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, inner

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

STRETCH = 256
AT_REST = 1e-20

FLOOR = 1e-8
"""What a detector takes silence for (dasp)."""

NEPERS = math.log(10.0) / 20.0
"""Of a decibel."""


@compiled
def run_strip(
    block: Float64,
    sections: Float64,
    state: Float64,
    curve: Float64,
    envelope: Float64,
    line: Float64,
    place: Int64,
    gains: Float64,
) -> None:
    """Takes ``block`` ``[2, frames]`` through a strip, in place; changes what comes with it.

    ``sections`` ``[bands, 5]`` with ``state`` ``[bands, 4]``; ``curve``: threshold dB, slope
    1/ratio - 1 (0 leaves the compressor off), knee dB, the pole's 1 - a, and the detector's gain
    for the sum of both channels; ``envelope`` ``[1]`` the reduction in dB; ``line`` ``[2, frames]``
    the delay with its ``place`` ``[1]``; ``gains``: before the strip, and left and right behind it.
    """
    reduction = np.ones(STRETCH)
    for start in range(0, block.shape[1], STRETCH):
        stop = min(start + STRETCH, block.shape[1])
        left, right = block[0, start:stop], block[1, start:stop]
        for frame in range(stop - start):
            left[frame] *= gains[0]
            right[frame] *= gains[0]
        for band in range(sections.shape[0]):
            _filter(left, right, sections[band], state[band])
        if curve[1] != 0.0:
            _reduce(left, right, curve, envelope, reduction)
        _delay(left, right, reduction, line, place, gains)


@inner
def _filter(left: Float64, right: Float64, section: Float64, state: Float64) -> None:
    """One section over both channels, in place."""
    b0, b1, b2, a1, a2 = section[0], section[1], section[2], section[3], section[4]
    p, q, r, s = state[0], state[1], state[2], state[3]
    for frame in range(left.shape[0]):
        x, y = left[frame], right[frame]
        u, v = b0 * x + p, b0 * y + r
        p, r = b1 * x + q - a1 * u, b1 * y + s - a1 * v
        q, s = b2 * x - a2 * u, b2 * y - a2 * v
        left[frame], right[frame] = u, v
    state[0], state[1], state[2], state[3] = _at_rest(p), _at_rest(q), _at_rest(r), _at_rest(s)


@inner
def _reduce(
    left: Float64, right: Float64, curve: Float64, envelope: Float64, reduction: Float64
) -> None:
    """Fills ``reduction`` with the compressor's gain, make-up aside."""
    threshold_db, slope, knee_db, pace, weight = curve[0], curve[1], curve[2], curve[3], curve[4]
    foot_db = threshold_db - knee_db / 2.0
    foot = math.exp(NEPERS * foot_db)
    envelope_db = envelope[0]
    for frame in range(left.shape[0]):
        heard = max(weight * abs(left[frame] + right[frame]), FLOOR)
        wanted_db = 0.0
        # The logarithm is dear: below the knee nobody needs it.
        if heard > foot:
            over_db = math.log(heard) / NEPERS - foot_db
            bent_db = min(over_db, knee_db)
            wanted_db = slope * (bent_db * bent_db / (2.0 * knee_db) + max(over_db - knee_db, 0.0))
        envelope_db += pace * (wanted_db - envelope_db)
        reduction[frame] = math.exp(NEPERS * envelope_db)
    envelope[0] = _at_rest(envelope_db)


@inner
def _delay(
    left: Float64, right: Float64, reduction: Float64, line: Float64, place: Int64, gains: Float64
) -> None:
    """What the strip heard a delay ago, with the reduction of now and the gains behind it."""
    here, last = place[0], line.shape[1] - 1
    for frame in range(left.shape[0]):
        x, y = left[frame], right[frame]
        left[frame] = gains[1] * reduction[frame] * line[0, here]
        right[frame] = gains[2] * reduction[frame] * line[1, here]
        line[0, here], line[1, here] = x, y
        here = here + 1 if here < last else 0
    place[0] = here


@inner
def _at_rest(value: float) -> float:
    return value if abs(value) > AT_REST else 0.0
