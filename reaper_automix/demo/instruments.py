"""The demo's players: one note or stroke each, as small pure functions."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from reaper_automix.demo.synth import (
    RATE_HZ,
    Rng,
    Wave,
    band,
    decay,
    drive,
    edges,
    mixed,
    noise,
    saw,
    squares,
    times,
)

CYMBAL_HZ = tuple(325.0 * ratio for ratio in (2.0, 3.0, 4.16, 5.43, 6.79, 8.21))
"""Frequencies without a common fundamental, as metal has them."""


def kick(strength: float, rng: Rng) -> Wave:
    """A skin that starts high and settles at 50 Hz, and the beater's click."""
    t = times(0.5)
    sweep_hz = 50.0 + 140.0 * np.exp(-t / 0.025)
    skin = np.sin(2 * np.pi * np.cumsum(sweep_hz) / RATE_HZ) * decay(0.5, 0.42)
    click = band(noise(0.5, rng) * decay(0.5, 0.02), 2000.0, 6000.0)
    return np.asarray(strength * drive(skin + 0.25 * strength * click, 1.5))


def snare(strength: float, rng: Rng) -> Wave:
    """Two modes of the skin under the rattle of the wires."""
    t = times(0.4)
    skin = np.sin(2 * np.pi * 186.0 * t) + 0.6 * np.sin(2 * np.pi * 331.0 * t)
    wires = band(noise(0.4, rng) * decay(0.4, 0.28), 1500.0, 9000.0)
    return np.asarray(strength * (0.5 * skin * decay(0.4, 0.17) + (0.3 + 0.4 * strength) * wires))


def hat(strength: float, rng: Rng, fall_s: float = 0.09) -> Wave:
    """A hi-hat, closed or (with a long fall) open: metal and air above 7 kHz."""
    seconds = min(fall_s, 1.2)
    metal = squares(CYMBAL_HZ, seconds) / len(CYMBAL_HZ) + 0.5 * noise(seconds, rng)
    return strength * band(metal * decay(seconds, fall_s), 7000.0, 15000.0)


def open_hat(strength: float, rng: Rng) -> Wave:
    """A hi-hat left open."""
    return hat(strength, rng, fall_s=0.8)


def crash(strength: float, rng: Rng) -> Wave:
    """A crash cymbal, two seconds long."""
    metal = squares(CYMBAL_HZ, 2.2) / len(CYMBAL_HZ) + noise(2.2, rng)
    return strength * band(metal * decay(2.2, 2.0), 2500.0, 13000.0)


def shaker(strength: float, rng: Rng) -> Wave:
    """Seeds thrown against a shell: noise that swells before it falls."""
    return strength * edges(band(noise(0.11, rng), 5000.0, 11000.0), 0.03 / strength**0.5, 0.07)


def string(
    freq_hz: float,
    seconds: float,
    rng: Rng,
    *,
    fall_s: float,
    tone_hz: float,
    damping: float = 0.3,
    position: float = 0.2,
) -> Wave:
    """A plucked string: a wave that runs round and loses a little at each turn.

    ``fall_s`` is the time to fall by 60 dB, ``tone_hz`` how bright the pluck is, ``position``
    where along the string it is plucked. Source: Karplus and Strong, Computer Music Journal 7(2),
    1983; tuned by linear interpolation as in Jaffe and Smith, same issue. Whole turns are computed
    at once, since no sample depends on one less than a turn old.
    """
    turn = RATE_HZ / freq_hz - damping
    whole = int(turn)
    late = turn - whole
    taps = np.convolve((1.0 - damping, damping), (1.0 - late, late)) * 10 ** (
        -3 / (fall_s * freq_hz)
    )
    corner = round(position * whole)
    shape = np.repeat((1.0 / corner, -1.0 / (whole - corner)), (corner, whole - corner)) * corner
    pluck = band(np.tile(shape + 0.1 * rng.standard_normal(whole), 2), None, tone_hz)[whole:]
    wave = np.zeros(round(seconds * RATE_HZ) + whole + 2)
    wave[2 : whole + 2] = pluck
    for start in range(whole + 2, len(wave), whole):
        end = min(start + whole, len(wave))
        wave[start:end] = sum(
            tap * wave[start - whole - lag : end - whole - lag] for lag, tap in enumerate(taps)
        )
    return edges(wave[2 : 2 + round(seconds * RATE_HZ)], 0.001, min(0.03, seconds / 4))


def bass(freq_hz: float, seconds: float, strength: float, rng: Rng) -> Wave:
    """A bass guitar's string, from the pickup."""
    tone_hz = 500.0 + 1500.0 * strength
    return strength * string(freq_hz, seconds, rng, fall_s=6.0, tone_hz=tone_hz, damping=0.5)


def strum(freqs_hz: Sequence[float], seconds: float, strength: float, rng: Rng) -> Wave:
    """A guitar chord, the strings struck one after another."""
    tone_hz = 1800.0 + 3000.0 * strength
    gap_s = 0.006 + 0.01 * (1.0 - strength)
    played = (
        (index * gap_s, string(freq_hz, seconds, rng, fall_s=3.5, tone_hz=tone_hz))
        for index, freq_hz in enumerate(freqs_hz)
    )
    return strength * mixed(seconds + gap_s * len(freqs_hz), played)


@functools.cache
def electric_piano(freq_hz: float, seconds: float, strength: float) -> Wave:
    """A struck tine by frequency modulation: a mellow body and a bell that fades at once.

    Source: Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
    JAES 21(7), 1973.
    """
    angle = 2 * np.pi * freq_hz * times(seconds)
    body = np.sin(angle + (0.4 + 1.4 * strength) * decay(seconds, 1.6) * np.sin(angle))
    bell = np.sin(angle + 0.6 * np.sin(14.0 * angle)) * decay(seconds, 0.5)
    return strength * edges((body + 0.35 * strength * bell) * decay(seconds, 4.0), 0.003, 0.06)


DETUNED_CENTS = (-7.0, 1.0, 9.0)


def pad(freqs_hz: Sequence[float], seconds: float, rng: Rng) -> Wave:
    """A slow synthesizer chord: three sawtooths a note, slightly apart, through a low-pass."""
    voices = [
        saw(freq_hz * 2 ** (cents / 1200), seconds, rng.random())
        for freq_hz in freqs_hz
        for cents in DETUNED_CENTS
    ]
    return edges(band(np.sum(voices, axis=0), 120.0, 1400.0), 0.5, 0.9)
