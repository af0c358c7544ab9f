"""PESTO: fundamental frequency by a small neural network, with its own confidence.

**Source**: Riou et al. 2023, "PESTO: Pitch Estimation with Self-supervised
Transposition-equivariant Objective" (ISMIR); parameters and numbers are those of the package
pesto-pitch 2.0.1 (``mir-1k_g7``), whose ``predict`` is the oracle of our tests frame by frame.

**Conventions**: frame ``t`` is centred on sample ``t · hop``, the signal is mirrored at its ends,
``n`` samples have ``n // hop + 1`` frames. f0 in Hz for every frame, voiced or not; confidence
0 … 1. f0 does not depend on gain (down to -138 dB); confidence rises with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features import pesto_network as network
from reaper_automix.features.pesto_network import available as available
from reaper_automix.features.windows import Windows

Floats = NDArray[np.float32]

STEP_S = 0.010
"""Distance of the published frames."""

BINS_PER_OCTAVE = 12 * network.BINS_PER_SEMITONE
LOWEST_HZ = 27.5 * 2.0 ** (-1 / BINS_PER_OCTAVE)
"""Centre of the lowest of the three bins of A0."""
BANDWIDTH_PER_HZ = 2.0 ** (1.0 / BINS_PER_OCTAVE) - 1.0
BANDWIDTH_OFFSET_HZ = 7.0
"""Bandwidth of bin f is f/Q + γ (Schörkhuber et al. 2014): 1/Q and γ."""
BIN_HZ = LOWEST_HZ * 2.0 ** (np.arange(network.BINS) / BINS_PER_OCTAVE)
LOG_BANDWIDTH = np.log(BIN_HZ * BANDWIDTH_PER_HZ + BANDWIDTH_OFFSET_HZ).astype(np.float32)
"""Added to log-power it makes a sine equally strong in all bins."""
SILENCE = float(np.finfo(np.float32).eps)
"""Amplitude below which a bin counts as this, -138 dB."""
GROUP_EDGES = (*range(0, network.BINS, 32), network.BINS)
"""Neighbouring bins are done together; their windows differ little in length."""
BATCH_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    """f0 in Hz and confidence 0 … 1, one value per frame."""

    f0_hz: Floats
    confidence: Floats


class Pesto:
    """Tracks a mono signal pushed in blocks of any size, with the numbers of the oracle."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._transform = transform(sample_rate_hz, STEP_S)
        self._windows = self._transform.windows()
        self._estimates: list[Estimate] = []

    def push(self, samples: Floats) -> None:
        """The next samples, shape ``[frames]``."""
        self._estimate(self._windows.push(samples))

    def result(self) -> Estimate:
        """The estimates for all that was pushed; ends the tracker."""
        self._estimate(self._windows.close())
        return Estimate(
            np.concatenate([np.empty(0, np.float32), *(part.f0_hz for part in self._estimates)]),
            np.concatenate(
                [np.empty(0, np.float32), *(part.confidence for part in self._estimates)]
            ),
        )

    def _estimate(self, windows: Floats) -> None:
        for first in range(0, len(windows), BATCH_FRAMES):
            log_power = self._transform.log_power(windows[first : first + BATCH_FRAMES])
            self._estimates.append(estimate(log_power))


def track(samples: Floats, sample_rate_hz: float) -> Estimate:
    """The estimates for a whole mono signal, shape ``[frames]``."""
    pesto = Pesto(sample_rate_hz)
    pesto.push(samples)
    return pesto.result()


class Transform:
    """The constant-Q transform at one sample rate, with Hann windows.

    Each kernel is scaled to √length times the amplitude of a sine (half of it, being complex), so
    that another sample rate adds a constant to log-power.
    """

    def __init__(self, sample_rate_hz: float, step_s: float) -> None:
        self.hop = int(step_s * sample_rate_hz + 0.5)
        cycles = sample_rate_hz / BANDWIDTH_PER_HZ
        lengths = np.ceil(cycles / (BIN_HZ + BANDWIDTH_OFFSET_HZ / BANDWIDTH_PER_HZ)).astype(int)
        self._after = int(lengths.max() + 1) // 2
        self.before = self._after + 2
        self._groups = [
            self._group(BIN_HZ[first:last] / sample_rate_hz, lengths[first:last])
            for first, last in pairwise(GROUP_EDGES)
        ]

    def windows(self) -> Windows:
        """What cuts a stream into the windows that :meth:`log_power` takes."""
        return Windows(self.before, self._after, self.hop, "reflect")

    def log_power(self, windows: Floats) -> Floats:
        """Natural logarithm of the power in each bin, shape ``[windows, bins]``."""
        parts = []
        for where, kernels in self._groups:
            real, imaginary = np.split(windows[:, where] @ kernels, 2, axis=1)
            parts.append(np.square(real) + np.square(imaginary))
        return np.asarray(np.log(np.maximum(np.concatenate(parts, axis=1), SILENCE**2)))

    def _group(
        self, freqs: NDArray[np.float64], lengths: NDArray[np.int64]
    ) -> tuple[slice, Floats]:
        """Neighbouring kernels: where in a window they lie, and their real and imaginary parts."""
        half = int(lengths.max() + 1) // 2
        kernels = np.zeros((2 * half, freqs.size), np.complex128)
        for k, (freq, length) in enumerate(zip(freqs, lengths, strict=True)):
            time = np.arange(length) - (length + 1) // 2
            window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)
            kernel = window * np.exp(2j * np.pi * freq * time) * math.sqrt(length) / window.sum()
            kernels[half + time, k] = kernel
        first = self.before - half
        stacked = np.concatenate((kernels.real, kernels.imag), axis=1).astype(np.float32)
        return slice(first, first + 2 * half), stacked


def nearest_bin(frequency_hz: NDArray[np.floating]) -> NDArray[np.int64]:
    """The bin of the transform at a frequency; it need not exist."""
    return np.asarray(np.round(BINS_PER_OCTAVE * np.log2(frequency_hz / LOWEST_HZ)), np.int64)


@cache
def transform(sample_rate_hz: float, step_s: float) -> Transform:
    """The transform at that rate; its kernels take 0.1 s to make and are made once."""
    return Transform(sample_rate_hz, step_s)


def estimate(log_power: Floats) -> Estimate:
    """What the network says about frames of the transform, shape ``[frames, bins]``."""
    return Estimate(network.f0_hz(log_power), network.confidence(log_power))
