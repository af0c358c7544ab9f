"""Synthesised instruments, shape [1, frames] float32: what has a pitch and what has none."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from signals import RATE_HZ, harmonic, noise, times


def band(samples, low_hz, high_hz, rate_hz=RATE_HZ):
    """Second-order pass band; ``None`` leaves an edge out."""
    for edge_hz, kind in ((low_hz, "high"), (high_hz, "low")):
        if edge_hz is not None:
            samples = sosfilt(butter(2, edge_hz, kind, fs=rate_hz, output="sos"), samples)
    return samples.astype(np.float32)


def decay(duration_s, time_constant_s):
    return np.exp(-times(duration_s) / time_constant_s).astype(np.float32)


def repeated(hit, count=6, every_s=0.5):
    """A bar or two of one hit, no two equally loud."""
    step = round(every_s * RATE_HZ)
    bar = np.zeros((1, step * count + hit.shape[1]), np.float32)
    for index in range(count):
        level = 1.0 - 0.1 * (index % 3)
        bar[:, index * step : index * step + hit.shape[1]] += level * hit
    return bar


def hat(time_constant_s=0.05):
    """Six square waves that do not fit together, through a high-pass, as drum machines make it."""
    t = times(0.5)
    metal = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in (205, 304, 370, 523, 540, 800))
    return band(0.1 * metal[None] * decay(0.5, time_constant_s), 7000, None)


def shaker():
    rise = np.minimum(times(0.2) / 0.03, 1.0)
    return band(noise(0.2) * rise * decay(0.2, 0.06), 3500, 9000)


def snare(ring=0.6):
    t = times(0.6)
    shell = np.sin(2 * np.pi * 185 * t) + 0.6 * np.sin(2 * np.pi * 331 * t)
    wires = band(noise(0.6, -12, seed=4), 1000, None) * decay(0.6, 0.12)
    return (0.3 * ring * shell * decay(0.6, 0.08) + wires).astype(np.float32)


def kick(time_constant_s=0.12):
    t = times(0.6)
    phase = 2 * np.pi * (52 * t + 150 * 0.03 * (1 - np.exp(-t / 0.03)))
    click = 0.3 * band(noise(0.6, -6, seed=5), 1500, 6000) * decay(0.6, 0.004)
    return (0.7 * np.sin(phase) * decay(0.6, time_constant_s) + click).astype(np.float32)


def clap():
    return band(noise(0.5, -10, seed=6) * decay(0.5, 0.08), 900, 2500)


def voice(f0_hz=220.0, duration_s=2.0):
    """Vibrato of a semitone each way, two formants, a little breath."""
    source = harmonic(f0_hz, duration_s, vibrato=0.7)
    formants = band(source, 500, 900) + 0.5 * band(source, 1000, 1600) + 0.1 * source
    return formants + 0.002 * noise(duration_s, 0)


def pluck(f0_hz, duration_s=0.5, seed=0, high_hz=5000):
    """A string after Karplus and Strong, at a rate that fits its period."""
    period = round(RATE_HZ / f0_hz)
    burst = np.zeros(round(duration_s * RATE_HZ))
    burst[:period] = np.random.default_rng(seed).uniform(-1, 1, period)
    burst[:period] -= burst[:period].mean()
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1.0, -0.498, -0.498
    return 0.3 * band(lfilter([1.0], loop, burst)[None], None, high_hz)


def line(notes_hz, **more):
    return np.concatenate([pluck(f, seed=i, **more) for i, f in enumerate(notes_hz)], axis=1)


def bass():
    return line((55.0, 41.2, 49.0, 55.0, 65.4, 55.0), high_hz=1200)


def guitar():
    return line((196.0, 220.0, 261.6, 220.0, 196.0, 220.0))


def chord(notes_hz, duration_s=1.5):
    """A pad: three detuned saw-like voices per note, swelling in and out."""
    swell = np.sin(np.pi * times(duration_s) / duration_s) ** 0.5
    voices = (harmonic(f * d, duration_s, -30, slope_db_per_octave=-9.0)
              for f in notes_hz for d in (0.997, 1.0, 1.004))  # fmt: skip
    return (sum(voices) * swell).astype(np.float32)


def pad():
    return np.concatenate(
        [chord((220.0, 261.6, 329.6, 392.0)), chord((174.6, 220.0, 261.6, 329.6))], axis=1
    )


UNPITCHED = {
    "hats": lambda: repeated(hat(), every_s=0.25),
    "open hat": lambda: repeated(hat(0.25)),
    "one hat": hat,
    "shaker": lambda: repeated(shaker(), count=12, every_s=0.125),
    "one shake": shaker,
    "snares": lambda: repeated(snare()),
    "one snare": snare,
    "dry snare": lambda: snare(0.2),
    "claps": lambda: repeated(clap()),
    "one clap": clap,
    "noise": lambda: noise(2.0),
    "dull noise": lambda: band(noise(2.0), None, 600),
    "hiss": lambda: band(noise(2.0), 4000, None),
}

KICKS = {
    "one kick": kick,
    "kicks": lambda: repeated(kick()),
    "short kicks": lambda: repeated(kick(0.05)),
}

PITCHED = {
    "voice": (voice, 220.0),
    "low voice": (lambda: voice(110.0), 110.0),
    "bass": (bass, 55.0),
    "guitar": (guitar, 220.0),
    "saw": (lambda: harmonic(147.0, 1.5), 147.0),
    "one note": (lambda: pluck(330.0), 330.0),
}
