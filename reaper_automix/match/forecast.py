"""What the portrait of a mix would be at other settings, and how it answers to each of them.

A stem's gain and equaliser do to the power of a cell what they do at its middle; sums follow from
the powers of all stems and of their products. So a mix at any settings is a matter of some
thousand products instead of minutes of sound, and its derivatives come with it.

**Conventions**: *levels* ``[n, cells]`` are what gain, strip and master do to a stem in each cell,
in dB; *sides* ``[n, 2]`` the gains of its pan, left and right. What this leaves out (compressors,
gates, the phase of equalisers) is what a rendering tells; who asks adds it as an offset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.features.loudness import BS_1770, OFFSET_LU
from reaper_automix.match import portrait
from reaper_automix.match.filters import Polynomial
from reaper_automix.match.portrait import BARK_OF_CELLS, CELLS_HZ, Float64
from reaper_automix.match.table import SAMPLE_RATE_HZ
from reaper_automix.progress import Beat

NEPERS = np.log(10.0) / 10.0
"""From dB to the natural logarithm of a power."""

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
    """The features of one passage (0 for its crest), and what each of them does per dB.

    ``by_side`` ``[features, 2, n, cells]``: per dB on the left or right side of a stem in a cell.
    """

    features: Float64
    by_side: Float64


class Forecast:
    """Passages of stems, ready to be mixed in thought."""

    def __init__(self, passages: Iterable[Samples], beat: Beat) -> None:
        """``passages`` are stems ``[n, 2, frames]``."""
        self._products = [_products(stems, beat) for stems in passages]

    def answers(self, levels_db: Float64, sides: Float64) -> tuple[Answer, ...]:
        """What each passage would be."""
        amplitudes = _amplitudes(levels_db, sides)
        return tuple(_answer(products, amplitudes) for products in self._products)

    def own(self, levels_db: Float64, sides: Float64) -> Float64:
        """K-weighted power of each stem by itself, over all passages, ``[n]``."""
        amplitudes = _amplitudes(levels_db, sides)
        powers = sum(np.einsum("csisi->sic", one) for one in self._products) * amplitudes**2
        found: Float64 = (powers * k_weights()).sum(axis=(0, 2))
        return found


def _products(stems: Samples, beat: Beat) -> Float64:
    """Powers of all sides of all stems and of their products, ``[cells, 2, n, 2, n]``."""
    count = len(stems)
    cross = portrait.cross_powers(stems.swapaxes(0, 1).reshape(2 * count, -1), beat)
    return cross.reshape(-1, 2, count, 2, count)


def _amplitudes(levels_db: Float64, sides: Float64) -> Float64:
    """``[2, n, cells]``."""
    found: Float64 = 10.0 ** (levels_db / 20.0) * sides.T[:, :, None]
    return found


def _answer(products: Float64, amplitudes: Float64) -> Answer:
    powers, slopes = _sums(products, amplitudes)
    heard = k_weights() * (powers[0] + powers[1])
    to_level = AT_POWER / max(heard.sum(), 1e-30)
    # A dB more of anything takes the whole mix down by its share in the loudness.
    falls = -k_weights() * (slopes[0] + slopes[1]) / max(heard.sum(), 1e-30)
    return Answer(portrait.features(to_level * powers, 0.0), _slopes(powers, slopes, falls))


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
    """The slopes of all features from those of the powers, and of the level they are brought to."""
    left, right, both = slopes
    mean, mid, side = left + right, (left + right + 2.0 * both) / 4.0, (left + right) / 2.0
    side = side - mid
    sum_mid, sum_side = portrait.mid_side(powers)
    total = powers[0].sum() + powers[1].sum()
    width = sum_side.sum() / max(sum_mid.sum(), 1e-30)
    tilt = (powers[1].sum() - powers[0].sum()) / max(total, 1e-30)
    rms = np.sqrt(AT_POWER / max((k_weights() * (powers[0] + powers[1])).sum(), 1e-30) * total / 2)
    return np.concatenate(
        [
            (rms / 2.0 * (mean / total + falls))[None],
            np.zeros_like(falls)[None],
            ((side - width * mid) / sum_mid.sum())[None],
            ((right - left - tilt * mean) / total)[None],
            *_log_slopes(sum_mid, sum_side, mid, side, falls),
        ]
    )


def _log_slopes(
    mid: Float64, side: Float64, by_mid: Float64, by_side: Float64, falls: Float64
) -> tuple[Float64, Float64]:
    """Slopes of the Bark bands' logarithms, of mid and of side."""
    in_mid, in_side = BARK_OF_CELLS @ mid, BARK_OF_CELLS @ side
    on_floor = in_mid + portrait.BAND_FLOOR * (in_mid.sum() + in_side.sum())
    inside = BARK_OF_CELLS[:, None, None, :]
    part = (in_side / on_floor)[:, None, None, None]
    per_band = inside / on_floor[:, None, None, None]
    return (
        per_band * by_mid + falls,
        per_band * (by_side - part * by_mid) / (part + portrait.SIDE_FLOOR),
    )
