"""Synthesised signals with known answers, shape [channels, frames] float32."""

import numpy as np

from reaper_automix.features.filters import band_stages

RATE_HZ = 48000


def times(duration_s, rate_hz=RATE_HZ):
    return np.arange(round(duration_s * rate_hz)) / rate_hz


def tone(freq_hz, duration_s, level_db=-20.0, rate_hz=RATE_HZ, channels=1):
    """A sine whose peak is ``level_db`` dBFS."""
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * freq_hz * times(duration_s, rate_hz))
    return np.tile(wave.astype(np.float32), (channels, 1))


def harmonic(
    f0_hz, duration_s, level_db=-20.0, rate_hz=RATE_HZ, slope_db_per_octave=-6.0, vibrato=0.0
):
    """A tone with all harmonics below 0.45 × rate, falling by the slope; vibrato in semitones."""
    t = times(duration_s, rate_hz)
    bent_hz = f0_hz * 2 ** (vibrato / 12 * np.sin(2 * np.pi * 5.5 * t))
    phase = 2 * np.pi * np.cumsum(bent_hz) / rate_hz
    count = max(1, int(0.45 * rate_hz / f0_hz / 2 ** (abs(vibrato) / 12)))
    exponent = slope_db_per_octave / (20 * np.log10(2))
    wave = sum(k**exponent * np.sin(k * phase) for k in range(1, count + 1))
    wave *= 10 ** (level_db / 20) / np.max(np.abs(wave))
    return wave.astype(np.float32)[None]


def noise(duration_s, level_db=-20.0, rate_hz=RATE_HZ, channels=1, seed=0):
    """White noise whose RMS is ``level_db`` dBFS; channels are independent."""
    wave = np.random.default_rng(seed).standard_normal((channels, round(duration_s * rate_hz)))
    return (10 ** (level_db / 20) * wave).astype(np.float32)


def band_section(band, rate_hz):
    """The two stages of a band as one section of second order, b0 b1 b2 a1 a2."""
    high, low = band_stages(band, rate_hz)
    numerator = np.convolve(high[:2], low[:2])
    denominator = np.convolve([1.0, high[2]], [1.0, low[2]])
    return *numerator.tolist(), *denominator[1:].tolist()
