"""What the portrait of a mix would be at other settings, and how it answers to each of them.

A stem's gain and equaliser do to the power of a cell what they do at its middle; sums follow from
the powers of all stems and of their products. So a mix at any settings is a matter of some
thousand products instead of minutes of sound, and its derivatives come with it.

**Conventions**: *levels* ``[n, cells]`` are what gain, strip and master do to a stem in each cell,
in dB; *sides* ``[n, 2]`` the gains of its pan, left and right. What this leaves out (compressors,
gates, the phase of equalisers) is what a rendering tells; who asks adds it as an offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.features.loudness import BS_1770, OFFSET_LU
from reaper_automix.match.console.filters import Polynomial
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.search import portrait
from reaper_automix.match.search.portrait import (
    BARK_OF_CELLS,
    CELLS_HZ,
    THIRDS_OF_CELLS,
    Float64,
)
from reaper_automix.progress import Beat

NEPERS = 1.0 / portrait.DECIBELS
"""From dB to the natural logarithm of a power."""

SILENCE = 1e-30
"""Power of a mix without any sound."""

MOMENTS, APART = 24, 1024
"""How many peaks of a passage are known, and how many frames one is apart from the next."""

SOFT_DB = 0.5
"""Peaks so much below the highest still have a tenth of its say in the crest."""

AT_POWER = 10.0 ** ((portrait.AT_LUFS - OFFSET_LU) / 10.0)


def response_db(numerator: Polynomial, denominator: Polynomial, frequency_hz: Float64) -> Float64:
    """What filters do at the middle of each cell, ``[filters, cells]``, behind the bilinear warp.

    Polynomials are those of prototypes (s², s, 1), of numbers or ``[filters]`` of them.
    """
    rate_hz = SAMPLE_RATE_HZ
    warped = np.tan(np.pi * CELLS_HZ / rate_hz) / np.tan(np.pi * frequency_hz / rate_hz)[:, None]
    return portrait.decibels(_power(numerator, warped) / _power(denominator, warped))


def _power(polynomial: Polynomial, warped: Float64) -> Float64:
    """The square of a polynomial at s = j·warped."""
    square, linear, constant = (np.reshape(part, (-1, 1)) for part in polynomial)
    found: Float64 = (constant - square * warped**2) ** 2 + (linear * warped) ** 2
    return found


@cache
def k_weights() -> Float64:
    """What K-weighting does to the power in each cell."""
    both = [
        response_db(one.numerator, one.denominator, np.array([one.f0_hz]))[0]
        for one in (BS_1770.shelf, BS_1770.high_pass)
    ]
    return np.asarray(10.0 ** (sum(both) / 10.0))


@dataclass(frozen=True, slots=True)
class Answer:
    """What something would be, and how it answers.

    ``by_side`` ``[values, 2, n, cells]``: per dB on the left or right side of a stem in a cell.
    """

    values: Float64
    by_side: Float64


@dataclass(frozen=True, slots=True)
class _Passage:
    """A passage of stems: products of their powers, and what each gives to the highest peaks.

    ``products`` ``[cells, 2, n, 2, n]``; ``peaks`` ``[moments, 2, n, cells]`` are the parts of the
    samples at which a mix of them peaked.
    """

    products: Float64
    peaks: Float64


class Forecast:
    """Passages of stems, ready to be mixed in thought."""

    def __init__(self, stems: Sequence[Samples], beat: Beat) -> None:
        """``stems`` are passages ``[n, 2, frames]``."""
        self._stems, self._beat = stems, beat
        none = np.zeros((0, 2, len(stems[0]), len(CELLS_HZ)))
        self._passages = [_Passage(_products(one, beat), none) for one in stems]

    def note_peaks(self, mixes: Sequence[Samples]) -> None:
        """Learn where the passages peak, from mixes of them ``[2, frames]``."""
        self._passages = [
            replace(known, peaks=np.concatenate([known.peaks, _peaks(stems, mix, self._beat)]))
            for known, stems, mix in zip(self._passages, self._stems, mixes, strict=True)
        ]

    def features(self, levels_db: Float64, sides: Float64) -> Answer:
        """The features of the portrait, the mean over passages."""
        amplitudes = _amplitudes(levels_db, sides)
        answers = [_answer(passage, amplitudes) for passage in self._passages]
        return Answer(
            np.mean([answer.values for answer in answers], axis=0),
            np.mean([answer.by_side for answer in answers], axis=0),
        )

    def parts_above(self, frequency_hz: float) -> Float64:
        """Which part of its power each stem has above a frequency, 0 … 1."""
        own = sum(np.einsum("csisi->ic", one.products) for one in self._passages)
        return np.asarray(own[:, frequency_hz < CELLS_HZ].sum(axis=1) / (own.sum(axis=1) + SILENCE))

    def shares_db(self, levels_db: Float64, sides: Float64) -> Answer:
        """Each stem's share in the sum of all by K-weighted power, over all passages."""
        amplitudes = _amplitudes(levels_db, sides)
        own = sum(np.einsum("csisi->sic", one.products) for one in self._passages)
        powers = own * amplitudes**2 * k_weights()
        by_stem = np.maximum(powers.sum(axis=(0, 2)), SILENCE)
        total = by_stem.sum()
        by_side = np.repeat(-powers[None] / total, len(by_stem), axis=0)
        for stem, power in enumerate(by_stem):
            by_side[stem, :, stem] += powers[:, stem] / power
        return Answer(portrait.decibels(by_stem / total), by_side)


def _products(stems: Samples, beat: Beat) -> Float64:
    """Powers of all sides of all stems and of their products, ``[cells, 2, n, 2, n]``."""
    count = len(stems)
    cross = portrait.cross_powers(stems.swapaxes(0, 1).reshape(2 * count, -1), beat)
    return cross.reshape(-1, 2, count, 2, count)


def _peaks(stems: Samples, mix: Samples, beat: Beat) -> Float64:
    """What each stem gives in each cell to the peaks of a mix, ``[moments, 2, n, cells]``."""
    from scipy.fft import rfft

    half = portrait.FRAME // 2
    window = np.hanning(portrait.FRAME + 1)[:-1].astype(np.float32)
    turns = np.where(np.arange(half + 1) % 2, -2.0, 2.0) / portrait.FRAME
    padded = np.pad(stems, ((0, 0), (0, 0), (half, half)))
    found = []
    for moment in _moments(mix):
        # In the middle of its window every bin adds with the sign of its number.
        spectra = rfft(padded[:, :, moment : moment + portrait.FRAME] * window, axis=2).real * turns
        cells = [spectra[:, :, first:end].sum(axis=2) for first, end in portrait.BINS]
        found.append(np.moveaxis(np.array(cells, np.float64), 0, 2).swapaxes(0, 1))
        beat()
    return np.array(found)


def _moments(mix: Samples) -> list[int]:
    """The frames of the highest peaks of a mix, one at most in each :data:`APART` frames."""
    loudest = np.abs(mix).max(axis=0)
    whole = loudest[: len(loudest) // APART * APART].reshape(-1, APART)
    highest = np.argsort(-whole.max(axis=1), kind="stable")[:MOMENTS]
    return [int(piece) * APART + int(whole[piece].argmax()) for piece in highest]


def _amplitudes(levels_db: Float64, sides: Float64) -> Float64:
    """``[2, n, cells]``."""
    found: Float64 = 10.0 ** (levels_db / 20.0) * sides.T[:, :, None]
    return found


def _answer(passage: _Passage, amplitudes: Float64) -> Answer:
    powers, slopes = _sums(passage.products, amplitudes)
    heard = k_weights() * (powers[0] + powers[1])
    to_level = AT_POWER / max(heard.sum(), SILENCE)
    # A dB more of anything takes the whole mix down by its share in the loudness.
    falls = -k_weights() * (slopes[0] + slopes[1]) / max(heard.sum(), SILENCE)
    peak_db, by_peak = _peak(passage.peaks, amplitudes)
    values = portrait.features(to_level * powers, 10.0 ** (peak_db / 20.0) * np.sqrt(to_level))
    by_side = _slopes(to_level * powers, to_level * slopes, falls)
    by_side[1] += by_peak
    return Answer(values, by_side)


def _peak(peaks: Float64, amplitudes: Float64) -> tuple[float, Float64]:
    """The highest of some moments in dB, and its slopes; all that are nearly as high have a say."""
    if not len(peaks):
        return 0.0, np.zeros_like(amplitudes)
    parts = peaks * amplitudes
    sums = parts.sum(axis=(2, 3))
    heights_db = portrait.decibels(sums**2)
    top_db = float(heights_db.max())
    says = 10.0 ** ((heights_db - top_db) / SOFT_DB)
    slopes = np.einsum("ms,msnc->snc", says / says.sum() / sums, parts)
    return top_db + SOFT_DB * float(np.log10(says.sum())), slopes


def _sums(products: Float64, amplitudes: Float64) -> tuple[Float64, Float64]:
    """Powers of left, right and their product ``[3, cells]``, and their slopes per dB of a side."""
    left, right = amplitudes
    met = np.einsum("csitj,tjc->stic", products, amplitudes)
    powers = np.stack([(left * met[0, 0]), (right * met[1, 1]), (left * met[0, 1])]).sum(axis=1)
    none = np.zeros_like(left)
    slopes = [
        (2.0 * left * met[0, 0], none),
        (none, 2.0 * right * met[1, 1]),
        (left * met[0, 1], right * met[1, 0]),
    ]
    return powers, NEPERS / 2.0 * np.array(slopes)


def _slopes(powers: Float64, slopes: Float64, falls: Float64) -> Float64:
    """The slopes of all features from those of the powers, and of the level they are brought to.

    That of the crest is without its peak.
    """
    left, right, both = slopes
    mean, mid = left + right, (left + right + 2.0 * both) / 4.0
    side = mean / 2.0 - mid
    in_mid, in_side = portrait.mid_side(powers)
    total = powers[0].sum() + powers[1].sum()
    width, tilt = in_side.sum() / in_mid.sum(), (powers[1].sum() - powers[0].sum()) / total
    ends = (
        np.sqrt(total / 2.0) / 2.0 * (mean / total + falls),
        -mean / total / NEPERS,
        (side - width * mid) / in_mid.sum(),
        (right - left - tilt * mean) / total,
    )
    thirds = portrait.on_floor(THIRDS_OF_CELLS @ (powers[0] + powers[1]) / 2.0)
    of_thirds = _inside(THIRDS_OF_CELLS, thirds) * mean / 2.0 + falls
    return np.concatenate([ends, *_log_slopes(in_mid, in_side, mid, side, falls), of_thirds])


def _inside(bands: Float64, powers: Float64) -> Float64:
    """What a cell adds to the logarithms of bands of these powers, ``[bands, 1, 1, cells]``."""
    return (bands / powers[:, None])[:, None, None, :]


def _log_slopes(
    mid: Float64, side: Float64, by_mid: Float64, by_side: Float64, falls: Float64
) -> tuple[Float64, Float64]:
    """Slopes of the Bark bands' logarithms, of mid and of side."""
    in_mid, in_side = BARK_OF_CELLS @ mid, BARK_OF_CELLS @ side
    on_floor = in_mid + portrait.BAND_FLOOR * (in_mid.sum() + in_side.sum())
    part = (in_side / on_floor)[:, None, None, None]
    per_band = _inside(BARK_OF_CELLS, on_floor)
    return (
        per_band * by_mid + falls,
        per_band * (by_side - part * by_mid) / (part + portrait.SIDE_FLOOR),
    )
