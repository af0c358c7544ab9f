"""What pYIN, PESTO and the ear for tones say about single moments of a sound.

**Conventions**: a *frame* is what is heard around one moment of a
:class:`~reaper_automix.features.reel.Reel`, one every 20 ms. Frames are heard at :data:`RATE_HZ`,
which holds all that either tracker listens to. Every frame is brought to one power first, so that
gain changes nothing; what is said about a frame does not depend on the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from reaper_automix.features import pesto, pesto_network
from reaper_automix.features.pyin_candidates import Grid, likeliest
from reaper_automix.features.reel import HOP_S, Reel
from reaper_automix.features.tonality import FRAME_S, Spectra

Floats = NDArray[np.float32]
Values = NDArray[np.floating]

RATE_HZ = 16_000
GRID = Grid(RATE_HZ, frame=1024, hop=round(HOP_S * RATE_HZ), bins_per_semitone=10, balanced=True)
"""64 ms, two periods of C1 and still shorter than half a vibrato."""

WINDOW_S, FADE_S = 0.160, 0.010
"""The longest kernel of PESTO's transform takes 133 ms; what lies beyond it is faded out."""
WINDOW = round(WINDOW_S * RATE_HZ)
PASS_HZ = 7_200.0
"""From here to half of :data:`RATE_HZ` the spectrum is faded out."""

GATE = 1e-4
"""Frames whose power is 40 dB below the loudest are not analysed."""
SILENCE_POWER = 1e-20
"""-200 dB: what filters leave of nothing."""
EVEN_ODDS = 0.5
"""Probability from which pYIN's likeliest candidate is believed before PESTO, which below 80 Hz
takes a harmonic for the fundamental."""
FUNDAMENTAL_DB = -25.0
"""Level of a fundamental against the strongest of the three octaves above it. Below it pYIN's
period is one that the notes of a chord have in common: measured above -22 dB in single voices,
below -28 dB in chords."""
BATCH_FRAMES = 64
FRAME_HOPS = round(FRAME_S / HOP_S)


@dataclass(frozen=True, slots=True)
class Frames:
    """One value per analysed frame.

    ``tonality`` is the share of a frame's power that harmonics carry. ``pyin_hz`` is pYIN's
    likeliest candidate (its first stage: over a whole track a median does what the path does over
    a few frames) and ``pyin_probability`` what it gives it, ``pesto_hz`` is NaN without PESTO,
    ``f0_hz`` what is made of both. ``band_powers``, shape ``[frames, bands]``, say where the
    frame's power lies (:data:`~reaper_automix.features.tonality.BANDS_HZ`).
    """

    tonality: Values
    pyin_hz: Values
    pyin_probability: Values
    pesto_hz: Values
    f0_hz: Values
    band_powers: Floats

    def __getitem__(self, which: NDArray[np.integer]) -> Frames:
        """Some of the frames, in any order."""
        return Frames(*(column[which] for column in self._columns()))

    @staticmethod
    def joined(parts: Sequence[Frames]) -> Frames:
        """The frames of all parts, one part after the other."""
        columns = zip(*(part._columns() for part in parts), strict=True)
        return Frames(*(np.concatenate(column) for column in columns))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return tuple(getattr(self, field.name) for field in fields(self))


class Listener:
    """Hears single frames of a sound that has ended.

    ``powers`` has the K-weighted mean power of each frame, 0 where it is below the gate, and
    ``active`` the numbers of the others.
    """

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self.powers = reel.powers(FRAME_HOPS).astype(np.float64)
        gate = max(GATE * self.powers.max(initial=0.0), SILENCE_POWER)
        self.powers[self.powers < gate] = 0.0
        self.active = np.flatnonzero(self.powers)

    def hear(self, numbers: NDArray[np.int64]) -> Frames:
        """The frames of these numbers, in that order; all must be active."""
        batches = np.split(numbers, range(BATCH_FRAMES, numbers.size, BATCH_FRAMES))
        return Frames.joined([self._batch(batch) for batch in batches])

    def _batch(self, numbers: NDArray[np.int64]) -> Frames:
        rate_hz = self._reel.sample_rate_hz
        windows = self._reel.around(numbers, round(WINDOW_S * rate_hz))
        windows /= np.sqrt(self.powers[numbers])[:, None].astype(np.float32)
        return _analysed(at_rate(windows, rate_hz))


def at_rate(windows: Floats, sample_rate_hz: int) -> Floats:
    """Windows at :data:`RATE_HZ`, shape ``[windows, WINDOW]``, of windows of the same duration.

    The spectrum of a window is cut, or extended by nothing, at half of that rate. Its ends are
    faded, since a spectrum takes the end to lie before the beginning.
    """
    length = windows.shape[1]
    spectrum = scipy.fft.rfft(windows * _faded_ends(length, round(FADE_S * sample_rate_hz)), axis=1)
    kept = min(spectrum.shape[1], _SLOPE.size)
    spectrum = spectrum[:, :kept] * (_SLOPE[:kept] * np.float32(WINDOW / length))
    heard: Floats = scipy.fft.irfft(spectrum, n=WINDOW, axis=1)
    return heard


@cache
def _faded_ends(length: int, fade: int) -> Floats:
    """1, but for a raised cosine at both ends."""
    window = np.ones(length, np.float32)
    window[:fade] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    window[length - fade :] = window[:fade][::-1]
    return window


def _low_pass() -> Floats:
    """Response over the bins of a window's spectrum: 1, but for a raised cosine at its end."""
    frequency_hz = np.arange(WINDOW // 2 + 1) / WINDOW_S
    way_down = np.clip((frequency_hz - PASS_HZ) / (RATE_HZ / 2 - PASS_HZ), 0.0, 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * way_down), np.float32)


_SLOPE = _low_pass()


def _analysed(windows: Floats) -> Frames:
    """What is heard in windows at :data:`RATE_HZ`, shape ``[frames, WINDOW]``."""
    transform = pesto.transform(RATE_HZ, HOP_S)
    log_power = transform.log_power(windows[:, WINDOW // 2 - transform.before :])
    pyin_hz, probability = likeliest(_middle(windows, GRID.frame), GRID)
    pesto_hz = _pesto_hz(log_power)
    spectra = Spectra.of(_middle(windows, round(FRAME_S * RATE_HZ)), RATE_HZ)
    sure = (probability >= EVEN_ODDS) & _has_fundamental(log_power, pyin_hz)
    explains_more = spectra.explained_by(pyin_hz) > spectra.explained_by(pesto_hz)
    f0_hz = np.where(sure | explains_more, pyin_hz, pesto_hz)
    heard = np.square(spectra.frames).mean(axis=1)
    tonality = spectra.repetition() * spectra.explained_by(f0_hz) * np.minimum(heard, 1.0)
    return Frames(tonality, pyin_hz, probability, pesto_hz, f0_hz, spectra.band_powers())


def _middle(windows: Floats, length: int) -> Floats:
    first = (windows.shape[1] - length) // 2
    return windows[:, first : first + length]


def _pesto_hz(log_power: Floats) -> Floats:
    if pesto_network.available() is not None:
        return np.full(len(log_power), np.nan, np.float32)
    return pesto_network.f0_hz(log_power)


def _has_fundamental(log_power: Floats, f0_hz: Values) -> NDArray[np.bool_]:
    """Whether there is sound at f0 itself and not only at what would be its harmonics."""
    level = log_power + pesto.LOG_BANDWIDTH
    own = pesto.nearest_bin(np.nan_to_num(f0_hz, nan=pesto.BIN_HZ[0]))[:, None]
    bins = np.arange(level.shape[1])
    below = np.max(level, axis=1, where=np.abs(bins - own) <= 1, initial=-np.inf)
    octaves = (bins >= own) & (bins <= own + 3 * pesto.BINS_PER_OCTAVE)
    strongest = np.max(level, axis=1, where=octaves, initial=-np.inf)
    return np.asarray(below >= strongest + FUNDAMENTAL_DB * math.log(10.0) / 10.0)
