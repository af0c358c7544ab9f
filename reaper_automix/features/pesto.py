"""PESTO: fundamental frequency by a small neural network, with its own confidence.

**Source**: Riou et al. 2023, "PESTO: Pitch Estimation with Self-supervised
Transposition-equivariant Objective" (ISMIR); parameters and numbers are those of the package
pesto-pitch 2.0.1 (``mir-1k_g7``), whose ``predict`` is the oracle of our tests frame by frame.

**Conventions**: frame ``t`` is centred on sample ``t · hop``, the signal is mirrored at its ends,
``n`` samples have ``n // hop + 1`` frames. f0 in Hz for every frame, voiced or not; confidence
0 … 1. f0 does not depend on gain; confidence does, unless the power of the frames is brought to
one value first (:func:`level_frames`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features import pesto_network as network
from reaper_automix.features.windows import Windows

Floats = NDArray[np.float32]

STEP_S = 0.010
"""Distance of the published frames."""
LOWEST_RATE_HZ = 6645
"""Below twice the transform's top bin there is nothing to measure (the oracle raises there)."""

LOWEST_HZ = 27.5
BINS_PER_SEMITONE = network.BINS_PER_SEMITONE
BINS = network.BINS
BANDWIDTH_OFFSET_HZ = 7.0
SILENCE = float(np.finfo(np.float32).eps)
"""Amplitude below which a bin counts as this, -138 dB."""
GROUP_BINS = 32
BATCH_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    """f0 in Hz and confidence 0 … 1, one value per frame."""

    f0_hz: Floats
    confidence: Floats


class Pesto:
    """Tracks a mono signal pushed in blocks of any size, with the numbers of the oracle."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._transform = Transform(sample_rate_hz, STEP_S)
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


class Transform:
    """The constant-Q transform at one sample rate (Hann windows, bandwidth f/Q + γ).

    Kernel k lasts Q·rate / (f_k + γ/α) samples and is scaled to sum to √length of a sine's
    amplitude, so that log-power depends on the rate by a constant only.
    """

    def __init__(self, sample_rate_hz: int, step_s: float) -> None:
        self.hop = int(step_s * sample_rate_hz + 0.5)
        ratio = 2.0 ** (1.0 / (12 * BINS_PER_SEMITONE))
        centre = 2.0 ** ((BINS_PER_SEMITONE - 1) / (24 * BINS_PER_SEMITONE))
        freqs_hz = LOWEST_HZ / centre * ratio ** np.arange(BINS)
        quality = 1.0 / (ratio - 1.0)
        offset_hz = BANDWIDTH_OFFSET_HZ / (ratio - 1.0)
        lengths = np.ceil(quality * sample_rate_hz / (freqs_hz + offset_hz)).astype(int)
        self._after = int(lengths.max() + 1) // 2
        self._before = self._after + 2
        self._groups = [
            self._group(freqs_hz[part] / sample_rate_hz, lengths[part])
            for part in (slice(first, first + GROUP_BINS) for first in range(0, BINS, GROUP_BINS))
        ]

    def windows(self) -> Windows:
        """What cuts a stream into the windows that :meth:`log_power` takes."""
        return Windows(self._before, self._after, self.hop, "reflect")

    def log_power(self, windows: Floats) -> Floats:
        """Natural logarithm of the power in each bin, shape ``[windows, BINS]``."""
        parts = []
        for where, kernels in self._groups:
            real, imaginary = np.split(windows[:, where] @ kernels, 2, axis=1)
            parts.append(np.square(real) + np.square(imaginary))
        return np.log(np.maximum(np.concatenate(parts, axis=1), SILENCE**2))

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
        first = self._before - half
        stacked = np.concatenate((kernels.real, kernels.imag), axis=1).astype(np.float32)
        return slice(first, first + 2 * half), stacked


def estimate(log_power: Floats) -> Estimate:
    """What the network says about frames of the transform, shape ``[frames, BINS]``."""
    return Estimate(network.f0_hz(log_power), network.confidence(log_power))
