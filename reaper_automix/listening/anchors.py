"""Anchors: what is heard through a low-pass, so that every listener finds it worse.

**Source**: BS.1534-3: for a cut-off of 3.5 kHz a ripple of at most ±0.1 dB below it, at least
25 dB less at 4 kHz and 50 dB less at 4.5 kHz; the mid anchor is the same at twice these.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples

STOP_DB = 60.0
"""How much less passes from the stop band on; its ripple in the pass band is 0.01 dB."""

WIDTH = 1.0 / 7.0
"""From the cut-off to the stop band, as a part of the cut-off: 3.5 kHz to 4 kHz."""


def low_passed(samples: Samples, sample_rate_hz: int, cutoff_hz: float) -> Samples:
    """The same sound, ``[channels, frames]``, without what lies above a frequency, not delayed."""
    from scipy.signal import oaconvolve

    taps = low_pass(sample_rate_hz, cutoff_hz)
    filtered = oaconvolve(samples.astype(np.float64), taps[None], mode="full", axes=1)
    delay = len(taps) // 2
    kept: Samples = filtered[:, delay : delay + samples.shape[1]].astype(np.float32)
    return kept


def low_pass(sample_rate_hz: int, cutoff_hz: float) -> NDArray[np.float64]:
    """The impulse response of the filter, linear in phase and odd in length."""
    from scipy.signal import firwin, kaiserord

    width_hz = cutoff_hz * WIDTH
    count, beta = kaiserord(STOP_DB, width_hz / (sample_rate_hz / 2.0))
    odd = 2 * math.ceil(count / 2) + 1
    middle_hz = cutoff_hz + width_hz / 2.0
    taps: NDArray[np.float64] = firwin(odd, middle_hz, window=("kaiser", beta), fs=sample_rate_hz)
    return taps
