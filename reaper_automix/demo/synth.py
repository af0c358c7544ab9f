"""The few building blocks that every demo instrument is made of.

**Conventions**: a wave is one channel at :data:`RATE_HZ`, float64, no particular level; a function
with ``rng`` draws from it and nothing else, so the same seed gives the same wave.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE_HZ = 48000

Wave = NDArray[np.floating[Any]]
Rng = np.random.Generator


def times(seconds: float) -> Wave:
    """The time of each sample, from 0."""
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def decay(seconds: float, fall_s: float) -> Wave:
    """An exponential from 1 that falls by 60 dB in ``fall_s``."""
    return np.asarray(10.0 ** (-3.0 * times(seconds) / fall_s))


def noise(seconds: float, rng: Rng) -> Wave:
    """White noise of RMS 1."""
    return rng.standard_normal(round(seconds * RATE_HZ))


def band(wave: Wave, low_hz: float | None = None, high_hz: float | None = None) -> Wave:
    """Between two frequencies, second order at either end; ``None`` leaves that end open."""
    for edge_hz, kind in ((low_hz, "highpass"), (high_hz, "lowpass")):
        if edge_hz:
            filters = signal.butter(2, edge_hz, kind, fs=RATE_HZ, output="sos")
            wave = np.asarray(signal.sosfilt(filters, wave))
    return wave


def edges(wave: Wave, rise_s: float, fall_s: float) -> Wave:
    """With a cosine rise at its start and fall at its end."""
    rise, fall = (min(round(length * RATE_HZ), len(wave)) for length in (rise_s, fall_s))
    shaped = wave.copy()
    shaped[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / max(rise, 1))
    shaped[len(wave) - fall :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / max(fall, 1))
    return shaped


def drive(wave: Wave, amount: float) -> Wave:
    """Through a soft-clipping stage that its peak overdrives ``amount`` times."""
    return np.asarray(np.tanh(amount * wave / np.max(np.abs(wave))))


def saw(freq_hz: float, seconds: float, phase: float = 0.0) -> Wave:
    """A sawtooth whose steps are smoothed by a two-sample polynomial (PolyBLEP).

    Source: Välimäki and Huovilainen, "Antialiasing oscillators in subtractive synthesis", IEEE
    Signal Processing Magazine 24(2), 2007.
    """
    step = freq_hz / RATE_HZ
    position = (phase + step * np.arange(round(seconds * RATE_HZ))) % 1.0
    wave = 2.0 * position - 1.0
    after, before = position < step, position > 1.0 - step
    late, early = position[after] / step, (position[before] - 1.0) / step
    wave[after] -= 2.0 * late - late**2 - 1.0
    wave[before] -= early**2 + 2.0 * early + 1.0
    return np.asarray(wave)


def squares(freqs_hz: Iterable[float], seconds: float) -> Wave:
    """A cluster of square waves: the metal of a cymbal."""
    t = times(seconds)
    return np.asarray(sum(np.sign(np.sin(2 * np.pi * freq_hz * t)) for freq_hz in freqs_hz))


def mixed(length_s: float, events: Iterable[tuple[float, Wave]]) -> Wave:
    """Waves laid over each other, each from its own time; what is past the end is cut."""
    total = np.zeros(round(length_s * RATE_HZ))
    for start_s, wave in events:
        first = round(start_s * RATE_HZ)
        part = wave[: max(0, len(total) - first)]
        total[first : first + len(part)] += part
    return total


def delayed(wave: Wave, seconds: float) -> Wave:
    """Later by some time, at its old length."""
    lag = round(seconds * RATE_HZ)
    return np.concatenate((np.zeros(lag), wave))[: len(wave)]


def reverberated(wave: Wave, fall_s: float, rng: Rng, high_hz: float = 6000.0) -> Wave:
    """In a room whose sound falls by 60 dB in ``fall_s``: convolved with decaying noise."""
    response = band(noise(fall_s, rng) * decay(fall_s, fall_s), 100.0, high_hz)
    response /= np.sqrt(np.sum(response**2))
    return np.asarray(signal.oaconvolve(wave, response)[: len(wave)])
