"""How much of a sound is harmonics: the share of its loudness that comes back period by period.

**Source**: the normalised autocorrelation of McLeod & Wyvill 2005 ("A smarter way to find pitch",
equation 9), taken of K-weighted frames (BS.1770) over lags much longer than those of a pitch.

**Why.** A narrowband level stands for a track as far as harmonics make its loudness. In a frame
their share is the height of the largest maximum of the autocorrelation: what repeats adds up
there, noise does not. Over lags up to 60 ms a chord repeats nearly as well as a single tone, while
a snare's noise never does, however clear the ring of its shell.

**Conventions**: shares are 0 … 1 and independent of gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled

Floats = NDArray[np.float32]

FRAME_S = 0.120
LONGEST_LAG_S = 0.060
SHORTEST_LAG_S = 0.0025
"""Shorter lags tell a dull sound from a bright one, not a pitched from an unpitched one."""

REACH = (0.7, 20.0)
"""A fundamental explains what lies above it and not too far above it, in multiples of f0."""
ENOUGH = 0.5
"""Of a frame's power; less in reach of f0 means that f0 belongs to something else."""


BANDS_PER_OCTAVE = 8
BANDS_HZ = 25.0 * 2.0 ** (np.arange(66) / BANDS_PER_OCTAVE)
"""Centres of the bands that a sound's power is told by, up to 7 kHz; the outer ones also hold
what lies beyond."""


@dataclass(frozen=True, slots=True)
class Spectra:
    """Power spectra of K-weighted frames of :data:`FRAME_S`, padded so that lags do not wrap.

    ``below`` has the power up to each bin and with it, shape ``[frames, bins]``.
    """

    frames: Floats
    power: Floats
    below: Floats
    sample_rate_hz: int

    @classmethod
    def of(cls, frames: Floats, sample_rate_hz: int) -> Spectra:
        """The spectra of frames, shape ``[frames, samples]``."""
        size = scipy.fft.next_fast_len(frames.shape[1] + round(LONGEST_LAG_S * sample_rate_hz))
        spectrum = scipy.fft.rfft(frames, n=size, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        return cls(frames, power, np.cumsum(power, axis=1), sample_rate_hz)

    def explained_by(self, f0_hz: NDArray[np.floating]) -> Floats:
        """How far f0 explains each frame: 1 where :data:`ENOUGH` of its power lies in reach of f0.

        NaN explains nothing.
        """
        edges_hz = np.nan_to_num(f0_hz, nan=0.0)[:, None] * np.array(REACH)
        low, high = np.take_along_axis(self.below, self._bins(edges_hz), axis=1).T
        share: Floats = (high - low) / np.maximum(self.below[:, -1], np.finfo(np.float32).tiny)
        return np.asarray(np.minimum(share / ENOUGH, 1.0), np.float32)

    def band_powers(self) -> Floats:
        """The power in each of :data:`BANDS_HZ`, shape ``[frames, bands]``."""
        upper_hz = BANDS_HZ[:-1] * 2.0 ** (0.5 / BANDS_PER_OCTAVE)
        below = self.below[:, [*self._bins(upper_hz), -1]]
        return np.diff(below, axis=1, prepend=np.float32(0.0))

    def repetition(self) -> Floats:
        """The share of each frame's power that comes back after some lag."""
        lags = round(LONGEST_LAG_S * self.sample_rate_hz)
        size = 2 * (self.power.shape[1] - 1)
        correlation = scipy.fft.irfft(self.power, n=size, axis=1)[:, :lags]
        height = np.empty(len(self.frames), np.float32)
        shortest = round(SHORTEST_LAG_S * self.sample_rate_hz)
        _highest_return(correlation, self.frames, shortest, height)
        return height

    def _bins(self, frequency_hz: NDArray[np.floating]) -> NDArray[np.int64]:
        """The nearest bins, the first and the last one at most."""
        last = self.power.shape[1] - 1
        bins = np.round(frequency_hz * (2 * last / self.sample_rate_hz))
        return np.asarray(np.clip(bins, 0, last), np.int64)


@compiled
def _highest_return(
    correlation: NDArray[np.float32],
    frames: NDArray[np.float32],
    shortest: int,
    height: NDArray[np.float32],
) -> None:
    """The largest value of 2·Σ x[j]·x[j+k] / Σ (x[j]² + x[j+k]²) after it first falls below 0.

    With every lag the second sum loses its first and its last square.
    """
    size = frames.shape[1]
    for t in range(correlation.shape[0]):
        frame = frames[t]
        both = 0.0
        for j in range(size):
            both += 2.0 * float(frame[j]) * float(frame[j])
        best = 0.0
        fallen = False
        for k in range(1, correlation.shape[1]):
            both -= float(frame[k - 1]) ** 2 + float(frame[size - k]) ** 2
            fallen = fallen or correlation[t, k] < 0.0
            if fallen and k >= shortest and 2.0 * correlation[t, k] > best * both:
                best = 2.0 * correlation[t, k] / both
        height[t] = min(best, 1.0)
