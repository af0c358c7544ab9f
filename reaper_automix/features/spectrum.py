"""Where the energy of a stream lies: spectral centroid and bandwidth, and power per band.

**Sources**: centroid and bandwidth of a frame are the mean and the standard deviation of frequency,
weighted by the magnitude spectrum (librosa 0.11 ``spectral_centroid``, ``spectral_bandwidth``, the
published script's). Band limits: IEC 61260-1, base ten.

**Conventions**: Hz. Frames are Hann windows; the stream is silent beyond both ends. The published
shape (:class:`PublishedShape`) is the plain mean over frames of the mean of all channels, silent
frames included, which count as 0 Hz.

**Where we depart from it**: the magnitude spectrum of a frame is the root of the channels' summed
powers, so that nothing cancels, and a frame counts by its power, so that silence and noise floor
do not; both make the result independent of gain, of silence around it and of polarity. The two
lowest bins, where an offset (DC) lies, are left out. Frames last as long at every sample rate and
overlap by half. And since a frame counts by its power, some hundred that are chosen by it tell what
all of them do (:mod:`reaper_automix.features.frames`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, Signal
from reaper_automix.features import SPECTRUM_HZ
from reaper_automix.features.frames import Numbers, chosen, cut, frame_powers, hop_powers
from reaper_automix.features.windows import Windows
from reaper_automix.units import db_from_power

Float64 = NDArray[np.float64]

EDGES_HZ = np.array([*SPECTRUM_HZ, SPECTRUM_HZ[-1] * 10.0 ** (1 / 20)]) * 10.0 ** (-1 / 40)
"""Limits of the bands of :data:`~reaper_automix.features.SPECTRUM_HZ`, each shared by two."""


PUBLISHED_FRAME = 2048
PUBLISHED_HOP = 512
"""How the published script cuts a stream, in samples at any rate."""

LOWEST_BIN = 2
"""The bins below hold the offset (DC) of a frame."""

BATCH = 16
"""Frames that are transformed together."""

FRAMES = 1024
"""Frames that centroid and bandwidth are taken on at most, 43 ms each.

What chance leaves falls with the square root of the count. Measured on recordings of 30 to 83 s,
against every frame: 0.3 % in the centroid (at most 0.6 %), 0.8 % in the bandwidth (at most 3 %, on
a bass)."""

LONG_FRAMES = 384
"""Frames that the bands are taken on at most, 171 ms each at 48 kHz.

Measured like that: up to 0.5 dB (rms) in bands within 10 dB of the strongest. Those far below, made
by a single note, may be off by some decibels."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the energy of a signal lies.

    ``centroid_hz`` and ``bandwidth_hz`` are ``None`` for silence. ``bands_db`` is the mean power
    in each band of :data:`~reaper_automix.features.SPECTRUM_HZ`, channels summed, 0 dB for a mean
    square of 1; minus infinity where there is none.
    """

    centroid_hz: float | None
    bandwidth_hz: float | None
    bands_db: tuple[float, ...]


def shape(signal: Signal, *, every_frame: bool = False) -> Shape:
    """The spectral shape of a signal, which is read three times (so hold it).

    It is taken on frames chosen by power, or on ``every_frame``, which they are measured against.
    """
    rate_hz = signal.sample_rate_hz
    short, long = short_frame(rate_hz), long_frame(rate_hz)
    hops = hop_powers(signal, short // 2)
    most, most_long = (sys.maxsize, sys.maxsize) if every_frame else (FRAMES, LONG_FRAMES)
    numbers, weights = chosen(frame_powers(hops, 1), most)
    frames = _cut(signal, numbers, weights, _hann(short))
    centroid_hz, bandwidth_hz = _centroid(frames, _moments(rate_hz, short, LOWEST_BIN))
    numbers, weights = chosen(frame_powers(hops, long // short), most_long)
    frames = _cut(signal, numbers, weights, _sine(long))
    powers = _mean_powers(frames, long, hops[0].sum() / max(1, signal.frames))
    return Shape(centroid_hz, bandwidth_hz, _bands_db(powers, rate_hz))


def short_frame(sample_rate_hz: float) -> int:
    """Samples of a frame of 43 ms or next to it, a power of two: 2048 at 44.1 and 48 kHz.

    >>> short_frame(96000)
    4096
    """
    return 1 << round(math.log2(sample_rate_hz * 2048 / 46000))


def long_frame(sample_rate_hz: float) -> int:
    """Samples of a frame of 1/8 s or up to twice as long, which tells the lowest bands apart.

    >>> long_frame(48000)
    8192
    """
    return 1 << math.ceil(math.log2(sample_rate_hz / 8.0))


def _cut(
    signal: Signal, numbers: Numbers, weights: Float64, window: Samples
) -> Iterator[tuple[Samples, Float64]]:
    """The frames of these numbers through a window, ``[frames, channels, length]``, with weights.

    They come few at a time, so that their spectra stay in the processor's cache.
    """
    length, first = len(window), 0
    for part in cut(signal, (numbers - 1) * (length // 2), window, BATCH):
        yield part, weights[first : first + len(part)]
        first += len(part)


def _centroid(
    frames: Iterable[tuple[Samples, Float64]], moments: Float64
) -> tuple[float | None, float | None]:
    """Means of the frames' centroid and bandwidth by their power above the two lowest bins."""
    sums = np.zeros(3)
    for part, weight in frames:
        power = _power(part)[:, LOWEST_BIN:]
        heard = weight * power.sum(axis=1, dtype=np.float64)
        centroid, bandwidth = _frame_shapes(power, moments)
        sums += heard.sum(), heard @ centroid, heard @ bandwidth
    heard, centroid_hz, bandwidth_hz = sums.tolist()
    return (centroid_hz / heard, bandwidth_hz / heard) if heard else (None, None)


def _mean_powers(
    frames: Iterable[tuple[Samples, Float64]], size: int, mean_power: float
) -> Float64:
    """Mean power of a signal by bin of the spectra of frames, adding up to ``mean_power``."""
    powers = np.zeros(size // 2 + 1)
    for part, weight in frames:
        powers += weight @ _power(part)
    powers[1:-1] *= 2.0
    total = powers.sum()
    return powers * (mean_power / total) if total else powers


def _bands_db(powers: Float64, sample_rate_hz: float) -> tuple[float, ...]:
    """Power per band in dB of powers per bin.

    A bin's power is spread evenly over its width, so that bands narrower than a bin get their
    share.
    """
    bin_hz = sample_rate_hz / 2.0 / (len(powers) - 1)
    limits_hz = (np.arange(len(powers) + 1) - 0.5) * bin_hz
    below = np.concatenate([[0.0], np.cumsum(powers)])
    bands = np.diff(np.interp(EDGES_HZ, limits_hz, below))
    return tuple(db_from_power(float(power)) for power in bands)


def _hann(frame: int) -> Samples:
    """The periodic Hann window."""
    return np.hanning(frame + 1)[:-1].astype(np.float32)


def _sine(frame: int) -> Samples:
    """Half a sine.

    The squares of such windows that overlap by half add up to one, so that the powers of all frames
    add up to the signal's.
    """
    return np.sin(np.pi * (np.arange(frame) + 0.5) / frame, dtype=np.float32)


def _moments(sample_rate_hz: float, frame: int, lowest_bin: int) -> Float64:
    """Frequency to the powers 0, 1 and 2 of the bins of a frame, ``[bins, 3]``."""
    frequency_hz = np.arange(lowest_bin, frame // 2 + 1) * (sample_rate_hz / frame)
    return np.stack([np.ones_like(frequency_hz), frequency_hz, frequency_hz**2], 1)


def _frame_shapes(power: Samples, moments: Float64) -> tuple[Float64, Float64]:
    """Centroid and bandwidth of each frame; 0 of a silent one."""
    total, first, second = (np.sqrt(power) @ moments).T
    total[total == 0.0] = 1.0
    centroid = first / total
    return centroid, np.sqrt(np.maximum(second / total - centroid**2, 0.0))


def _power(frames: Samples) -> Samples:
    """Power spectra of windowed frames, channels summed, ``[frames, bins]``."""
    from scipy.fft import rfft

    from reaper_automix.features import kernels

    spectra = rfft(frames, axis=2)
    power = np.empty((spectra.shape[0], spectra.shape[2]), np.float32)
    kernels.power_spectra(spectra, power)
    return power


class PublishedShape:
    """Centroid and bandwidth of a mono stream as the published script has them."""

    def __init__(self, sample_rate_hz: float) -> None:
        half = PUBLISHED_FRAME // 2
        self._windows = Windows(half, half, PUBLISHED_HOP)
        self._moments = _moments(sample_rate_hz, PUBLISHED_FRAME, lowest_bin=0)
        self._sums = np.zeros(2)
        self._frames = 0

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[1, frames]``."""
        self._add(self._windows.push(samples[0]))

    def result(self) -> tuple[float, float] | None:
        """Centroid and bandwidth of the whole stream, ``None`` for one of no length. Ends it."""
        self._add(self._windows.close())
        if not self._frames:
            return None
        centroid_hz, bandwidth_hz = (self._sums / self._frames).tolist()
        return centroid_hz, bandwidth_hz

    def _add(self, frames: Samples) -> None:
        power = _power(frames[:, None] * _hann(PUBLISHED_FRAME))
        self._sums += [shapes.sum() for shapes in _frame_shapes(power, self._moments)]
        self._frames += len(frames)
