"""What a mix sounds like, in numbers that know nothing of its notes: a portrait of passages.

**Sources**: the features are those of Diff-MST's audio-feature loss (RMS, crest factor, ratio of
side to mid, imbalance, Bark spectra of mid and side; bands by Zwicker); third octaves by IEC
61260-1, base ten; loudness by BS.1770, its range by the percentiles of EBU Tech 3342 over gating
blocks.

**Conventions**: every passage stands at :data:`AT_LUFS` by itself, so that neither the level of a
mix nor that of a section counts. A portrait is the mean over passages, of logarithms where a
feature is one: one bar without bass says less than a bar with ten times of it. Mid is (L+R)/2, side
(L-R)/2. *Cells* are the bands between all limits of Bark bands and third octaves, so that the
powers of either are sums of them.

**Where we depart from the loss**: its logarithm is of the power plus 1e-8, by which a mono mix is
as far from a mix with the least of a side as that from one with all of it. Here a band's side is
told as a part of its mid, so that it is the width of that band, on a floor of
:data:`SIDE_FLOOR_DB`, where both channels correlate by 0.998; and the bands lie on a floor
:data:`BAND_FLOOR_DB` below all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features.loudness import BLOCK_HOPS, Meter
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.progress import Beat, unheeded

Float64 = NDArray[np.float64]

AT_LUFS = -16.0

SIDE_FLOOR_DB, BAND_FLOOR_DB = -30.0, -70.0
DECIBELS = 10.0 / np.log(10.0)
"""From the natural logarithm of a power to dB."""

SIDE_FLOOR, BAND_FLOOR = 10.0 ** (SIDE_FLOOR_DB / 10.0), 10.0 ** (BAND_FLOOR_DB / 10.0)

MOST_WIDTH = 10.0
"""Side to mid from which on a mix is out of phase, however far."""

RANGE_GATE = 10.0 ** (-20.0 / 10.0)

FRAME = 16384
"""Frames of a spectrum: bins of 2.7 Hz, two and more of them in the lowest cell."""

FIRST_HZ = 20.0
BARK_HZ = np.array(
    [
        *(FIRST_HZ, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320),
        *(2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500),
    ]
)
"""Limits of the 24 Bark bands."""

THIRDS_HZ = 10.0 ** (np.arange(13, 44) / 10.0)
"""Middles of the third octaves, 20 Hz … 20 kHz."""

THIRD_LIMITS_HZ = 10.0 ** (np.arange(12.5, 44.0) / 10.0)
"""The highest ends at 22.4 kHz, where nothing is left."""

CELL_LIMITS_HZ = np.union1d(BARK_HZ, np.minimum(THIRD_LIMITS_HZ, SAMPLE_RATE_HZ / 2.0))
CELLS_HZ = np.sqrt(CELL_LIMITS_HZ[:-1] * CELL_LIMITS_HZ[1:])
"""The middle of each cell."""


BINS = tuple(
    itertools.pairwise(np.ceil(CELL_LIMITS_HZ * (FRAME / SAMPLE_RATE_HZ)).astype(int).tolist())
)
"""The bins of each cell: its first, and the first of the next."""


def _of_cells(limits_hz: Float64) -> Float64:
    """Which cells lie in each band, ``[bands, cells]`` of 0 and 1."""
    low, high = limits_hz[:-1, None], limits_hz[1:, None]
    return np.where((low < CELLS_HZ) & (high > CELLS_HZ), 1.0, 0.0)


BARK_OF_CELLS, THIRDS_OF_CELLS = _of_cells(BARK_HZ), _of_cells(THIRD_LIMITS_HZ)

THIRDS = slice(-len(THIRDS_HZ), None)
"""The features that are third octaves."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One passage at :data:`AT_LUFS`; ``lufs`` is what it came with.

    ``powers`` ``[3, cells]`` are those of left, right, and their product; ``peak`` is linear;
    ``blocks`` are the K-weighted powers of its gating blocks.
    """

    lufs: float
    powers: Float64
    peak: float
    blocks: Float64


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a mix sounds like.

    ``rows`` ``[passages, features]`` are those of :func:`features`.
    """

    rows: Float64
    range_lu: float

    @property
    def features(self) -> Float64:
        """The mean over passages."""
        return np.asarray(self.rows.mean(axis=0))

    @property
    def thirds_db(self) -> Float64:
        """The spectrum of both channels' mean power."""
        return np.asarray(self.features[THIRDS] * DECIBELS)


def doubt(one: Portrait, other: Portrait, *, is_beside: bool = False) -> Float64:
    """The standard error of what is between two portraits' features.

    Passages of two songs err each by themselves. Those of two mixes of one song in the same places
    (``is_beside``) err together, and what is between them is nearly the same in all of them.
    """
    if is_beside and len(one.rows) == len(other.rows):
        return _error(one.rows - other.rows)
    return np.asarray(np.hypot(_error(one.rows), _error(other.rows)))


def _error(rows: Float64) -> Float64:
    """The standard error of the mean of rows; of a single one nothing is known, and it is 0."""
    spread = rows.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(rows.shape[1])
    return np.asarray(spread / np.sqrt(len(rows)))


def stretch(samples: Samples, beat: Beat = unheeded) -> Stretch | None:
    """A passage ``[2, frames]``, brought to :data:`AT_LUFS`; ``None`` where it is silent."""
    meter = Meter(SAMPLE_RATE_HZ, 2)
    meter.push(samples)
    lufs = meter.lufs()
    if lufs is None:
        return None
    gain_db = AT_LUFS - lufs
    gain = 10.0 ** (gain_db / 20.0)
    cross = cross_powers(samples, beat) * gain**2
    powers = np.stack([cross[:, 0, 0], cross[:, 1, 1], cross[:, 0, 1]])
    width = np.ones(BLOCK_HOPS) / BLOCK_HOPS
    blocks = np.convolve(meter.block_powers() * gain**2, width, "valid")
    return Stretch(lufs, powers, float(np.abs(samples).max()) * gain, blocks)


def portrait(stretches: Sequence[Stretch]) -> Portrait:
    """The portrait of one or more passages."""
    rows = np.array([features(one.powers, one.peak) for one in stretches])
    return Portrait(rows, _range_lu(np.concatenate([one.blocks for one in stretches])))


def mid_side(powers: Float64) -> tuple[Float64, Float64]:
    """Powers of mid and side, ``[..., cells]``, from those ``[..., 3, cells]``."""
    left, right, both = np.moveaxis(powers, -2, 0)
    return (left + right + 2.0 * both) / 4.0, np.maximum(left + right - 2.0 * both, 0.0) / 4.0


def features(powers: Float64, peak: float) -> Float64:
    """The features in the order of :data:`~reaper_automix.match.search.terms.TERMS`, and thirds.

    RMS (linear), crest (dB), side to mid, imbalance (-1 … 1, right louder: above 0), then the
    natural logarithms of the power in Bark bands of the mid, and of the side's part of it; last
    those of both channels' mean power in third octaves, which tell more of the bass.
    """
    mid, side = mid_side(powers)
    left, right = powers[0].sum(), powers[1].sum()
    mean = (left + right) / 2.0
    crest_db = float(decibels(np.asarray(peak**2 / mean)))
    ends = (np.sqrt(mean), crest_db, _over(side, mid), (right - left) / (left + right))
    thirds = np.log(on_floor(THIRDS_OF_CELLS @ (powers[0] + powers[1]) / 2.0))
    return np.concatenate([ends, *logs(mid, side), thirds])


def on_floor(bands: Float64) -> Float64:
    """Powers of bands on a floor :data:`BAND_FLOOR_DB` below all of them."""
    return np.asarray(bands + BAND_FLOOR * bands.sum())


def logs(mid: Float64, side: Float64) -> tuple[Float64, Float64]:
    """Natural logarithms of the power of the mid in Bark bands, and of the side's part of it."""
    in_mid, in_side = BARK_OF_CELLS @ mid, BARK_OF_CELLS @ side
    least = BAND_FLOOR * (in_mid.sum() + in_side.sum())
    return np.log(in_mid + least), np.log(in_side / (in_mid + least) + SIDE_FLOOR)


def cross_powers(signals: Samples, beat: Beat = unheeded) -> Float64:
    """Powers of signals ``[n, frames]`` and of their products in each cell: ``[cells, n, n]``.

    The real part of the cross spectra, as mean power per frame; Hann windows that overlap by half.
    """
    from scipy.fft import rfft

    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    total: Float64 = np.zeros((len(CELLS_HZ), len(signals), len(signals)))
    for frame in _frames(signals):
        spectra = rfft(frame * window, axis=1)
        for cell, (first, end) in enumerate(BINS):
            part = spectra[:, first:end]
            total[cell] += part.real @ part.real.T + part.imag @ part.imag.T
        beat()
    # One half of each spectrum is told, and squared Hann windows that overlap by half are 3/4.
    total *= (2.0 / FRAME) / 0.75 / max(1, signals.shape[1])
    return total


def _frames(signals: Samples) -> Iterator[Samples]:
    """Frames ``[n, FRAME]`` that overlap by half, with silence before the first and the last."""
    hop = FRAME // 2
    padded = np.pad(signals, ((0, 0), (hop, FRAME)))
    for first in range(0, signals.shape[1] + 1, hop):
        yield padded[:, first : first + FRAME]


def _range_lu(blocks: Float64) -> float:
    """From the 10th to the 95th percentile of what is above the relative gate of EBU Tech 3342."""
    heard = blocks[blocks > RANGE_GATE * blocks.mean()]
    low, high = np.percentile(heard, (10.0, 95.0))
    return float(10.0 * np.log10(high / low))


def decibels(power: Float64) -> Float64:
    """Powers in dB; what is silent stands at -200 dB."""
    return 10.0 * np.log10(np.maximum(power, 1e-20))


def _over(side: Float64, mid: Float64) -> float:
    """Side to mid; of what is nothing but side, :data:`MOST_WIDTH`."""
    return float(side.sum() / max(mid.sum(), side.sum() / MOST_WIDTH))
