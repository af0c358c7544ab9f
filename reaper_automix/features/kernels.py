"""The inner loops of measuring loudness and peaks, compiled by numba.

Imported only inside the classes that need them: a run that measures nothing never pays for numba.

**Conventions**: samples float32, C-contiguous; filter arithmetic and state float64, because at
192 kHz a 38 Hz pole lies within 1e-3 of the unit circle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, inner

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

STRETCH = 64
"""Frames that the search for the true peak takes or passes over together."""


@compiled
def cascade(samples: Float32, sections: Float64, state: Float64, filtered: Float32) -> None:
    """Three second-order sections in one sweep; changes ``state`` and fills ``filtered``.

    ``samples`` and ``filtered`` ``[channels, frames]``; ``sections`` ``[3, 5]`` holds b0 b1 b2 a1
    a2 (a0 = 1), ``state`` ``[channels, 3, 2]`` the two delays of the transposed direct form II.
    Written out, so that all of it stays in registers.
    """
    b0, b1, b2, a1, a2 = sections[0]
    d0, d1, d2, c1, c2 = sections[1]
    f0, f1, f2, e1, e2 = sections[2]
    for channel in range(samples.shape[0]):
        p, q = state[channel, 0]
        r, s = state[channel, 1]
        t, u = state[channel, 2]
        for frame in range(samples.shape[1]):
            x = np.float64(samples[channel, frame])
            y = b0 * x + p
            p = (b1 * x + q) - a1 * y
            q = b2 * x - a2 * y
            z = d0 * y + r
            r = (d1 * y + s) - c1 * z
            s = d2 * y - c2 * z
            w = f0 * z + t
            t = (f1 * z + u) - e1 * w
            u = f2 * z - e2 * w
            filtered[channel, frame] = w
        state[channel, 0, 0], state[channel, 0, 1] = p, q
        state[channel, 1, 0], state[channel, 1, 1] = r, s
        state[channel, 2, 0], state[channel, 2, 1] = t, u


@compiled
def true_peak(samples: Float32, phases: Float32, reach: float, peak: float) -> float:
    """The largest magnitude between the frames of ``samples`` ``[channels, frames]``, or ``peak``.

    ``phases`` ``[count, taps]`` are the branches of a polyphase interpolator, newest sample last;
    no branch makes more than ``reach`` times the largest magnitude among its samples, so that
    stretches which cannot beat the peak known so far are passed over.
    """
    tail = phases.shape[1] - 1
    for channel in range(samples.shape[0]):
        for first in range(0, samples.shape[1] - tail, STRETCH):
            stretch = samples[channel, first : first + STRETCH + tail]
            if _largest(stretch) * reach > peak:
                peak = max(peak, _largest_between(stretch, phases))
    return peak


@inner
def _largest(samples: Float32) -> float:
    largest = np.float32(0.0)
    for sample in samples:
        largest = max(largest, abs(sample))
    return float(largest)


@inner
def _largest_between(samples: Float32, phases: Float32) -> float:
    count = samples.shape[0] - phases.shape[1] + 1
    largest = 0.0
    for phase in range(phases.shape[0]):
        between = np.zeros(count, np.float32)
        for tap in range(phases.shape[1]):
            for frame in range(count):
                between[frame] += phases[phase, tap] * samples[frame + tap]
        largest = max(largest, _largest(between))
    return largest
