"""Which passages of a song are listened to: spread over it, loud, with as much sounding as can be.

**Conventions**: time is cut into hops of 100 ms; ``powers`` are K-weighted mean powers
``[sources, hops]``. Passages are told by their first hop.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, RELATIVE_GATE_GAIN
from reaper_automix.match.console.table import SAMPLE_RATE_HZ

FRAMES = 262_144
"""Of a passage, at 44.1 kHz: what the network was trained on, 5.94 s."""

LENGTH_S = FRAMES / SAMPLE_RATE_HZ
HOPS = math.ceil(10.0 * LENGTH_S)
"""Hops that hold a passage."""

MOST = 6
"""Passages that are listened to, but for those of sources which are silent in all of them."""

Powers = NDArray[np.float64]


def chosen(powers: Powers, hops: int = HOPS, most: int = MOST) -> tuple[int, ...]:
    """The first hops of up to ``most`` passages of so many hops, in the order of the song.

    Best is where every source sounds as it does on average, and then where all of it is loudest.
    The first one begins a song that is no longer than a passage; of silence there is none.
    """
    scores = _scores(powers, hops)
    apart = max(hops, powers.shape[1] // (2 * most))
    found: list[int] = []
    while len(found) < most and scores.max(initial=0.0) > 0.0:
        best = int(np.argmax(scores))
        found.append(best)
        scores[max(0, best - apart + 1) : best + apart] = 0.0
    return tuple(sorted(found))


def silent_in(powers: Powers, starts: tuple[int, ...], hops: int = HOPS) -> tuple[int, ...]:
    """The sources that sound somewhere, but in none of some passages."""
    means = _means(powers, hops)
    heard = means[:, list(starts)].max(axis=1, initial=0.0) >= ABSOLUTE_GATE_POWER
    sounds = means.max(axis=1) >= ABSOLUTE_GATE_POWER
    return tuple(int(source) for source in np.flatnonzero(sounds & ~heard))


def _scores(powers: Powers, hops: int) -> NDArray[np.float64]:
    """How much of every source there is in the passage that begins with a hop, plus its loudness.

    A source counts up to its own usual power, so that being loud makes up for no other's silence.
    """
    means = _means(powers, hops)
    usual = np.array([_usual(one) for one in powers])[:, None]
    presence = np.minimum(1.0, np.divide(means, usual, out=np.zeros_like(means), where=usual > 0.0))
    total = means.sum(axis=0)
    scores: NDArray[np.float64] = presence.sum(axis=0) + total / max(total.max(), 1e-30)
    scores[means.max(axis=0) < ABSOLUTE_GATE_POWER] = 0.0
    return scores


def _means(powers: Powers, hops: int) -> Powers:
    """Mean power of every passage, ``[sources, first hops]``; of the whole of a shorter song."""
    width = min(hops, powers.shape[1])
    sums = np.cumsum(np.pad(powers, ((0, 0), (1, 0))), axis=1)
    means: Powers = np.maximum(sums[:, width:] - sums[:, :-width], 0.0) / width
    return means


def _usual(powers: NDArray[np.float64]) -> float:
    """The mean power of what passes the two gates of BS.1770; 0 of silence."""
    heard = powers[powers >= ABSOLUTE_GATE_POWER]
    if not len(heard):
        return 0.0
    return float(heard[heard >= heard.mean() * RELATIVE_GATE_GAIN].mean())
