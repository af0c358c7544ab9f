"""The statistics of grades: medians with intervals, and who differs from whom.

**Sources**: BS.1534-3 (medians and quartiles, since grades are not normal; tests that assume
nothing of the distribution). Bootstrap percentiles after Efron; signed ranks after Wilcoxon 1945,
exact for any ties; Holm 1979 for many tests at once.

**Conventions**: grades are ``[listeners, songs]`` of one condition. Listeners are independent of
each other, the grades of one listener are not; so listeners are what is drawn anew and what is
ranked. Everything is drawn from one fixed seed: the same answers give the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grades = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 10_000
SEED = 1534


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, its 95 % interval, and the quartiles."""

    median: float
    low: float
    high: float
    first_quartile: float
    third_quartile: float


def summary(grades: Grades) -> Summary:
    """The middle of all grades, and how sure it is.

    >>> summary(np.array([[40.0], [50.0], [60.0]])).median
    50.0
    """
    quartiles = np.percentile(grades, (25.0, 50.0, 75.0))
    low, high = _interval(grades)
    return Summary(float(quartiles[1]), low, high, float(quartiles[0]), float(quartiles[2]))


def _interval(grades: Grades) -> tuple[float, float]:
    """Percentiles of the medians of listeners drawn again and again, each with all songs."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    drawn = generator.integers(len(grades), size=(RESAMPLES, len(grades)))
    medians = np.median(grades[drawn].reshape(RESAMPLES, -1), axis=1)
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(medians, (tail, 100.0 - tail))
    return float(low), float(high)


def signed_rank_p(differences: NDArray[np.float64]) -> float:
    """Wilcoxon's signed-rank test, two-sided and exact: p of differences that are none.

    Differences of zero are left out, as Wilcoxon does; equal ones share their ranks. The null
    distribution is counted out over all signs, on doubled ranks, which are whole numbers.

    >>> signed_rank_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    0.0625
    """
    moved = differences[differences != 0.0]
    if not len(moved):
        return 1.0
    ranks = _doubled_ranks(np.abs(moved))
    chances = np.ones(1)
    for rank in ranks:
        chances = 0.5 * (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0)))
    rising = int(ranks[moved > 0.0].sum())
    fewer = min(rising, int(ranks.sum()) - rising)
    return min(1.0, 2.0 * float(chances[: fewer + 1].sum()))


def _doubled_ranks(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Twice the rank of each number, from 2 on; equal numbers share the mean of theirs."""
    ordered = np.sort(sizes)
    below = np.searchsorted(ordered, sizes, "left")
    up_to = np.searchsorted(ordered, sizes, "right")
    return (below + up_to + 1).astype(np.int64)


def holm(chances: Sequence[float]) -> tuple[float, ...]:
    """Probabilities of several tests, each as it is worth among all of them.

    >>> holm((0.01, 0.04, 0.03))
    (0.03, 0.06, 0.06)
    """
    corrected = [math.nan] * len(chances)
    highest = 0.0
    for done, number in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, chances[number] * (len(chances) - done)))
        corrected[number] = highest
    return tuple(corrected)
