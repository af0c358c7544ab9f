"""Which frames of a sound are listened to for its pitch, and how many are enough.

**The sample.** The powers of all frames, laid end to end in the order of time, make a ruler;
points on it choose frames, so that each frame is chosen in proportion to its power and all that are
chosen weigh the same ("systematic sampling proportional to size": Madow 1949, Hartley & Rao 1962).
The points are the sequence of van der Corput (0, 1/2, 1/4, 3/4, 1/8 and so on), all moved on by one
constant. Its first 2^k points divide the ruler evenly, and twice as many contain them: no held note
is heard twice before every other has been heard once, and no frame is analysed in vain. Gain and
silence do not move the points; nothing is left to chance.

**How sure it is.** Let n points choose frames i with tonality w_i and f0 f_i. A mean over them has
the variance

    v(y) = (1 - c) · Σ (y_i - y_{i+1})² / (2n) / n

(Wolter 1984: differences of neighbours, since even spacing already averages what changes slowly
over time), where 1 - c = Σ p_i · (1 - min(1, n·p_i)) is the share of the power p that the sample
leaves to chance (finite population; Hartley & Rao). Confidence is such a mean. f0 is the weighted
median m: its distribution function F(m) = Σ w_i·[f_i <= m] / Σ w_i is a ratio of means, which is
1/2 with the standard error s = √v(w·([f <= m] - 1/2)) / mean(w), or that with [f < m] if it is
larger (many frames can share one f0). That all frames would have their median at f_i, whose weight
lies between F_{i-1} and F_i, therefore has the probability

    P_i = Φ((F_i - 1/2) / s) - Φ((F_{i-1} - 1/2) / s)

(Woodruff 1952; Maritz & Jarrett 1978). The mean spectrum of the chosen frames says what level each
f_i would give, so that the mean squared change of level that all frames would bring is known:

    E = Σ P_i · (L(f_i) - L(m))² + (half of the change of L over confidence ± its error)².

**When it is enough.** :data:`FIRST_POINTS` are taken, and twice as many again until √E is at most
:data:`AUTO_DB` for the level of method ``auto`` and :data:`P_LUFS_DB` for that of ``p_lufs``, or
there are as many points as frames (then all frames are heard), or :data:`MOST_POINTS`. By
Chebyshev's inequality a level of ``auto`` that was settled so is within 0.1 dB with a probability
of 75 % and within 0.3 dB with 97 % in the worst case, with 95 % and more than 99.99 % where the
error is normal; mostly √E is far smaller. ``tests/run_pitch.py`` compares it with all frames.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from reaper_automix.features.pitch import credibility
from reaper_automix.features.pitch_estimate import Weights, credit, weighted_median
from reaper_automix.features.pitch_frames import Frames, Listener, Values
from reaper_automix.features.tonality import BANDS_HZ
from reaper_automix.levels import NARROWBAND_OFFSET_DB, PURE_TONE_DB

FIRST_POINTS = 64
MOST_POINTS = 1024
"""By now the place of the median among the frames is known to 1.6 %; what is still open is nearly a
tie between two notes, and is left open."""
MOVED_ON = (math.sqrt(5.0) - 1.0) / 2.0
"""The golden ratio: times a power of two it is nowhere near a whole number, so that no sample
begins at the very start of a sound."""

AUTO_DB, P_LUFS_DB = 0.05, 0.5
"""Root of the mean squared error that a level may have. The level of ``p_lufs`` differs from that
of ``auto`` only where the pitch is not quite credible, and an f0 means little: on such a track the
published method itself is decibels off."""


def every_frame(listener: Listener) -> tuple[Frames, Weights]:
    """All active frames and their powers."""
    return listener.hear(listener.active), listener.powers[listener.active]


def enough_frames(listener: Listener, sustain: float) -> tuple[Frames, Weights]:
    """So many frames that the level would not change, and how often each of them counts."""
    powers = listener.powers[listener.active]
    heard, known = np.empty(0, np.int64), list[Frames]()
    count = FIRST_POINTS
    while count < powers.size:
        draws = drawn(powers, count)
        chosen = np.flatnonzero(draws)
        fresh = np.setdiff1d(chosen, heard)
        frames = Frames.joined([*known, listener.hear(listener.active[fresh])])
        frames = frames[np.argsort(np.concatenate((heard, fresh)))]
        heard, known = chosen, [frames]
        if count == MOST_POINTS or is_settled(
            frames, draws[chosen], _chance(powers, count), sustain
        ):
            return frames, draws[chosen].astype(np.float64)
        count *= 2
    return every_frame(listener)


def drawn(powers: Weights, count: int) -> NDArray[np.int64]:
    """How many of the first ``count`` points fall on each frame."""
    ends = np.cumsum(powers)
    frames = np.searchsorted(ends, _points(count) * ends[-1], side="right")
    return np.bincount(np.minimum(frames, powers.size - 1), minlength=powers.size)


def _points(count: int) -> Weights:
    """The first points of the sequence of van der Corput, moved on; 0 … 1.

    >>> ((_points(4) - MOVED_ON) % 1.0).round(3).tolist()
    [0.0, 0.5, 0.25, 0.75]
    """
    number, points, place = np.arange(count), np.full(count, MOVED_ON), 0.5
    while number.any():
        points += place * (number & 1)
        number, place = number >> 1, place / 2.0
    return points % 1.0


def _chance(powers: Weights, count: int) -> float:
    """The share of the power that a sample leaves to chance (1 - c above)."""
    shares = powers / powers.sum()
    return float(np.sum(shares * (1.0 - np.minimum(1.0, count * shares))))


def is_settled(frames: Frames, draws: NDArray[np.int64], chance: float, sustain: float) -> bool:
    """Whether more frames would change neither level by more than is allowed (see above)."""
    f0_hz = weighted_median(frames.f0_hz, draws * frames.tonality)
    if f0_hz is None:
        return False
    likely_hz, probability = _likely_medians(frames, draws, f0_hz, chance)
    narrow_db = _narrow_db(np.append(likely_hz, f0_hz), draws @ frames.band_powers)
    above_db = np.maximum(narrow_db, PURE_TONE_DB) - NARROWBAND_OFFSET_DB
    less, trust, more = _trusts(credit(frames), draws, chance, sustain)
    p_lufs_db = _expected_db(narrow_db, probability)
    auto_db = math.hypot(
        trust * _expected_db(above_db, probability), (more - less) / 2.0 * above_db[-1]
    )
    return auto_db <= AUTO_DB and p_lufs_db <= P_LUFS_DB


def _likely_medians(
    frames: Frames, draws: NDArray[np.int64], f0_hz: float, chance: float
) -> tuple[Values, Weights]:
    """Each f0 that was heard, and the probability that it is the median of all frames (P_i)."""
    weights = draws * frames.tonality
    sides = (frames.f0_hz < f0_hz, frames.f0_hz <= f0_hz)
    errors = (_standard_error((side - 0.5) * frames.tonality, draws, chance) for side in sides)
    error = max(errors) * draws.sum() / weights.sum()
    tonal = np.flatnonzero(weights > 0.0)
    order = tonal[np.argsort(frames.f0_hz[tonal])]
    ends = np.cumsum(weights[order])[:-1] / weights.sum()
    below = ndtr((ends - 0.5) / max(error, np.finfo(np.float64).tiny))
    probability: Weights = np.diff(below, prepend=0.0, append=1.0)
    return frames.f0_hz[order], probability


def _trusts(
    credits: Weights, draws: NDArray[np.int64], chance: float, sustain: float
) -> tuple[float, float, float]:
    """The weight of the narrowband level at confidence minus, without and plus its error."""
    confidence = sustain * float(np.average(credits, weights=draws))
    error = sustain * _standard_error(credits, draws, chance)
    return (
        credibility(confidence - error),
        credibility(confidence),
        credibility(confidence + error),
    )


def _narrow_db(f0_hz: Values, band_powers: Values) -> Weights:
    """What the band from 2·f0 to 4·f0 leaves of a spectrum, for each f0.

    At x·f0 its power response is x²/(x²+4) · 16/(x²+16) (:mod:`reaper_automix.levels`).
    """
    square = np.square(BANDS_HZ / f0_hz[:, None])
    response = square / (square + 4.0) * 16.0 / (square + 16.0)
    return np.asarray(10.0 * np.log10(response @ band_powers / band_powers.sum()))


def _expected_db(levels_db: Weights, probability: Weights) -> float:
    """Root of the mean squared distance of probable levels from the last one."""
    return math.sqrt(float(probability @ np.square(levels_db[:-1] - levels_db[-1])))


def _standard_error(values: Values, draws: NDArray[np.int64], chance: float) -> float:
    """√v of the mean of values of frames (see above)."""
    drawn_values = np.repeat(values, draws)
    steps = np.diff(drawn_values, append=drawn_values[0])
    return math.sqrt(chance * float(steps @ steps) / 2.0) / drawn_values.size
