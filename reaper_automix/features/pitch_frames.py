"""What pYIN, PESTO and the ear for tones say about each frame of a stream.

**Conventions**: one frame every :data:`HOP_S`, frame ``t`` centred on ``t · HOP_S``; silence beyond
both ends. Everything is taken from the K-weighted signal (BS.1770), so that sound counts as far as
it is heard, and at :data:`RATE_HZ`, which holds all that either tracker listens to. Every frame is
brought to one power first, so that gain changes nothing. Frames far below the loudest so far are
passed over; what is said about a frame does not depend on the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from reaper_automix.features import pesto, pesto_network
from reaper_automix.features.loudness import KWeighting
from reaper_automix.features.pyin_candidates import Grid, likeliest
from reaper_automix.features.tonality import FRAME_S, Spectra

Floats = NDArray[np.float32]
Values = NDArray[np.floating]

RATE_HZ = 16_000
HOP_S = 0.020
HOP = round(HOP_S * RATE_HZ)
GRID = Grid(RATE_HZ, frame=1024, hop=HOP, bins_per_semitone=10, balanced=True)
"""64 ms, two periods of C1 and still shorter than half a vibrato."""

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

    ``index`` is the frame's number, ``power`` its K-weighted mean power, ``tonality`` the share of
    it that harmonics carry. ``pyin_hz`` is pYIN's likeliest candidate (its first stage: over a
    whole track a median does what the path does over a few frames) and ``pyin_probability`` what it
    gives it, ``pesto_hz`` is NaN without PESTO, ``f0_hz`` what is made of both.
    """

    index: NDArray[np.int64]
    power: Values
    tonality: Values
    pyin_hz: Values
    pyin_probability: Values
    pesto_hz: Values
    f0_hz: Values


class FrameAnalysis:
    """Analyses one channel, pushed in blocks of any size."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._weighting = KWeighting(sample_rate_hz, 1)
        self._loudness = FramePower(sample_rate_hz)
        self._resampler = soxr.ResampleStream(sample_rate_hz, RATE_HZ, 1, quality="HQ")
        self._transform = pesto.transform(RATE_HZ, HOP_S)
        self._windows = self._transform.windows("constant")
        self._loudest = SILENCE_POWER / GATE
        self._seen = 0
        self._parts: list[Frames] = []

    def push(self, samples: Floats) -> None:
        """The next samples, shape ``[frames]``."""
        weighted = self._weighting.push(samples[None])[0]
        self._loudness.push(weighted)
        self._select(self._windows.push(self._resampler.resample_chunk(weighted)))

    def result(self) -> Frames:
        """All frames above the gate; ends the analysis."""
        self._loudness.close()
        rest = self._resampler.resample_chunk(np.empty(0, np.float32), last=True)
        self._select(self._windows.push(rest))
        self._select(self._windows.close())
        return _joined(self._parts, self._loudest * GATE)

    def _select(self, windows: Floats) -> None:
        """Analyse the windows that are not far below the loudest so far."""
        if not len(windows):
            return
        power = self._loudness.take(len(windows))
        self._loudest = max(self._loudest, float(power.max(initial=0.0)))
        loud = np.flatnonzero(power >= self._loudest * GATE)
        for first in range(0, loud.size, BATCH_FRAMES):
            batch = loud[first : first + BATCH_FRAMES]
            self._parts.append(self._analyse(windows[batch], power[batch], self._seen + batch))
        self._seen += len(windows)

    def _analyse(self, windows: Floats, power: Floats, index: NDArray[np.int64]) -> Frames:
        windows = np.divide(windows, np.sqrt(power)[:, None], dtype=np.float32)
        log_power = self._transform.log_power(windows)
        pyin_hz, probability = likeliest(self._middle(windows, GRID.frame), GRID)
        pesto_hz = _pesto_hz(log_power)
        spectra = Spectra.of(self._middle(windows, round(FRAME_S * RATE_HZ)), RATE_HZ)
        sure = (probability >= EVEN_ODDS) & _has_fundamental(log_power, pyin_hz)
        explains_more = spectra.explained_by(pyin_hz) > spectra.explained_by(pesto_hz)
        f0_hz = np.where(sure | explains_more, pyin_hz, pesto_hz)
        heard = np.square(spectra.frames).mean(axis=1)
        tonal = spectra.repetition() * spectra.explained_by(f0_hz) * np.minimum(heard, 1.0)
        return Frames(index, power, tonal, pyin_hz, probability, pesto_hz, f0_hz)

    def _middle(self, windows: Floats, length: int) -> Floats:
        first = self._transform.before - length // 2
        return windows[:, first : first + length]


def _joined(parts: Sequence[Frames], gate: float) -> Frames:
    """All frames whose power reaches the gate."""
    columns: list[NDArray[Any]] = []
    for field in fields(Frames):
        values = [getattr(part, field.name)[part.power >= gate] for part in parts]
        columns.append(np.concatenate(values) if values else np.empty(0))
    return Frames(*columns)


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


class FramePower:
    """Mean power of each frame at the rate of the stream, so that nothing heard is left out.

    Frames are :data:`FRAME_HOPS` hops long; the edges of hops are rounded to whole samples.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._hop = HOP_S * sample_rate_hz
        self._rest = np.empty(0, np.float32)
        self._hops = 0
        self._energies = np.zeros(FRAME_HOPS // 2)

    def push(self, samples: Floats) -> None:
        """The next samples, shape ``[frames]``."""
        joined = np.concatenate((self._rest, samples))
        start = round(self._hops * self._hop)
        whole = int((start + joined.size) / self._hop) - self._hops
        edges = np.round(self._hop * np.arange(self._hops, self._hops + whole + 1)).astype(int)
        self._add(joined[: edges[-1] - start], edges[:-1] - start)
        self._rest = joined[edges[-1] - start :]

    def close(self) -> None:
        """Count the last, broken hop as one that ends in silence."""
        self._add(self._rest, np.zeros(min(self._rest.size, 1), int))

    def take(self, frames: int) -> Floats:
        """Mean power of the next frames; they must have been pushed, or be beyond the end."""
        missing = max(0, frames + FRAME_HOPS - 1 - self._energies.size)
        energies = np.pad(self._energies, (0, missing))
        self._energies = energies[frames:]
        windows = np.lib.stride_tricks.sliding_window_view(energies, FRAME_HOPS)[:frames]
        return np.asarray(windows.sum(axis=1) / (FRAME_HOPS * self._hop), np.float32)

    def _add(self, samples: Floats, starts: NDArray[np.int64]) -> None:
        if starts.size:
            energies = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
            self._energies = np.concatenate((self._energies, energies))
            self._hops += starts.size
