"""Where the energy of a stream lies: spectral centroid and bandwidth, and power per band.

**Sources**: centroid and bandwidth of a frame are the mean and the standard deviation of frequency,
weighted by the magnitude spectrum (librosa 0.11 ``spectral_centroid``, ``spectral_bandwidth``, the
published script's). Band limits: IEC 61260-1, base ten.

**Conventions**: Hz. Frames are Hann windows; the stream is silent beyond both ends. The published
shape (:data:`PUBLISHED`) is the plain mean over frames of the mean of all channels, silent frames
included, which count as 0 Hz.

**Where we depart from it**: the magnitude spectrum of a frame is the root of the channels' summed
powers, so that nothing cancels, and a frame counts by its power, so that silence and noise floor
do not; both make the result independent of gain, of silence around it and of polarity. The two
lowest bins, where an offset (DC) lies, are left out. Frames last as long at every sample rate and
overlap by half, which costs half as much as three quarters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features import SPECTRUM_HZ
from reaper_automix.features.windows import Windows
from reaper_automix.units import db_from_power

Float64 = NDArray[np.float64]

EDGES_HZ = np.array([*SPECTRUM_HZ, SPECTRUM_HZ[-1] * 10.0 ** (1 / 20)]) * 10.0 ** (-1 / 40)
"""Limits of the bands of :data:`~reaper_automix.features.SPECTRUM_HZ`, each shared by two."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How a stream is cut: frame and hop in samples.

    ``by_power`` weighs frames by their power; ``lowest_bin`` is the first bin that counts.
    """

    frame: int
    hop: int
    by_power: bool
    lowest_bin: int


PUBLISHED = Framing(frame=2048, hop=512, by_power=False, lowest_bin=0)


def framing(sample_rate_hz: float) -> Framing:
    """Frames of 43 ms at any sample rate (2048 samples at 44.1 and 48 kHz), from 35 Hz up.

    >>> framing(96000).frame
    4096
    """
    frame = 1 << round(math.log2(sample_rate_hz * 2048 / 46000))
    return Framing(frame, frame // 2, by_power=True, lowest_bin=2)


class SpectralShape:
    """Centroid and bandwidth of a stream, as means over its frames."""

    def __init__(self, sample_rate_hz: float, channels: int, framing: Framing) -> None:
        half = framing.frame // 2
        self._by_power = framing.by_power
        self._lowest_bin = framing.lowest_bin
        self._cuts = [Windows(half, half, framing.hop) for _ in range(channels)]
        self._hann = np.hanning(framing.frame + 1)[:-1].astype(np.float32)
        frequency_hz = np.arange(framing.lowest_bin, half + 1) * (sample_rate_hz / framing.frame)
        self._moments = np.stack([np.ones_like(frequency_hz), frequency_hz, frequency_hz**2], 1)
        self._sums = np.zeros(3)

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        self._add([cut.push(channel) for cut, channel in zip(self._cuts, samples, strict=True)])

    def result(self) -> tuple[float, float] | None:
        """Centroid and bandwidth of the whole stream; ``None`` when no frame counts. Ends it."""
        self._add([cut.close() for cut in self._cuts])
        weight, centroid, bandwidth = self._sums.tolist()
        return (centroid / weight, bandwidth / weight) if weight else None

    def _add(self, channels: list[NDArray[np.float32]]) -> None:
        power = _power(channels, self._hann)[:, self._lowest_bin :]
        weight = power.sum(axis=1, dtype=np.float64) if self._by_power else np.ones(len(power))
        total, first, second = (np.sqrt(power) @ self._moments).T
        total[total == 0.0] = 1.0
        centroid = first / total
        bandwidth = np.sqrt(np.maximum(second / total - centroid**2, 0.0))
        self._sums += weight.sum(), weight @ centroid, weight @ bandwidth


class BandPowers:
    """Mean power of a stream in each band of ``SPECTRUM_HZ``, channels summed.

    Sine windows that overlap by half: their squares add up to one, so that the bands add up to the
    stream's mean power exactly (but for what lies outside of all of them). A bin's power is spread
    evenly over its width, so that bands narrower than a bin get their share.
    """

    def __init__(self, sample_rate_hz: float, channels: int) -> None:
        self._frame = 1 << math.ceil(math.log2(sample_rate_hz / 8.0))
        self._hop = self._frame // 2
        self._cuts = [Windows(self._hop, self._hop, self._hop) for _ in range(channels)]
        self._sine = np.sin(np.pi * (np.arange(self._frame) + 0.5) / self._frame, dtype=np.float32)
        self._bin_hz = sample_rate_hz / self._frame
        self._power = np.zeros(self._hop + 1)
        self._frames = 0

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        self._frames += samples.shape[1]
        for cut, channel in zip(self._cuts, samples, strict=True):
            self._add(cut.push(channel))

    def db(self) -> tuple[float, ...]:
        """Power per band in dB, 0 dB for a mean square of 1; minus infinity where there is none.

        Ends the stream.
        """
        for cut in self._cuts:
            self._add(cut.push(np.zeros(self._hop, np.float32)))
            self._add(cut.close())
        double = np.full(self._hop + 1, 2.0)
        double[[0, -1]] = 1.0
        powers = self._power * double / (self._frame * max(1, self._frames))
        limits_hz = (np.arange(self._hop + 2) - 0.5) * self._bin_hz
        below = np.concatenate([[0.0], np.cumsum(powers)])
        bands = np.diff(np.interp(EDGES_HZ, limits_hz, below))
        return tuple(db_from_power(float(power)) for power in bands)

    def _add(self, windows: NDArray[np.float32]) -> None:
        self._power += _power([windows], self._sine).sum(axis=0, dtype=np.float64)


def _power(channels: list[NDArray[np.float32]], window: NDArray[np.float32]) -> Samples:
    """Power spectra of frames, channels summed, ``[frames, bins]``."""
    from scipy.fft import rfft

    power = np.zeros((len(channels[0]), len(window) // 2 + 1), np.float32)
    for frames in channels:
        if not frames.any():
            continue
        spectrum = rfft(frames * window, axis=1)
        power += spectrum.real**2 + spectrum.imag**2
    return power
