"""What is known of a node's sum because it was played before, under these faders or others.

With w_i the gains of the ways into a node (:mod:`.cross`) and p_i their peaks, the sums under two
states, one of them times c, differ by Σ (w_i - c w0_i) x_i. So by the triangle inequality

    |peak(w) - |c| peak(w0)|  ≤  Σ |w_i - c w0_i| p_i,

in every hop for itself and for any c. It is small where few faders moved, or all by much the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.results import SumLevel
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.units import db_from_gain, gain_from_db

MOST_STATES = 8

SAME_DB = 0.001
"""Faders nearer than this are the same."""

SAME_RATIO = gain_from_db(SAME_DB) - 1.0

Gains = Mapping[str, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class State:
    """The faders under which a sum was played, linear by track id, and what it was then."""

    gains: dict[str, float]
    level: SumLevel


@dataclass(frozen=True, slots=True)
class Known:
    """The states under which one node was played, the latest first."""

    states: tuple[State, ...] = ()

    def learn(self, gains: Gains, level: SumLevel) -> Known:
        """The same and one more; what was learned longest ago goes first.

        What is only predicted teaches nothing.
        """
        if level.predicted:
            return self
        others = [state for state in self.states if not _same_faders(state.gains, gains)]
        return Known((State(dict(gains), level), *others)[:MOST_STATES])

    def exactly(self, gains: Gains, powers: CrossPowers | None = None) -> SumLevel | None:
        """The sum under these faders where it was played under the same; ``None`` where not.

        With the node's ``powers`` only faders that have a say in it count, and they may be the
        same but for one gain that is common to all ways, if it takes nothing through the gate.
        """
        if powers is None:
            same = (one.level for one in self.states if _same_faders(one.gains, gains))
            return next(same, None)
        found = (_shifted(state, gains, powers) for state in self.states)
        return next((level for level in found if level is not None), None)

    def true_peak(self, gains: Gains, powers: CrossPowers) -> tuple[float, float]:
        """What the true peak of the sum under these faders lies between, linear."""
        wanted = powers.way_gains(gains)
        low, bounds = 0.0, powers.peak_bounds(wanted)
        for state in self.states:
            played = powers.way_gains(state.gains)
            common = _common_gain(wanted, played, powers)
            peak = gain_from_db(state.level.true_peak_db)
            apart = powers.peak_bounds(wanted - common * played)
            # The peak can only have been where its bound is no lower.
            there = powers.peak_bounds(played) >= peak
            low = max(low, abs(common) * peak - float(apart[there].max(initial=0.0)))
            bounds = np.minimum(bounds, abs(common) * peak + apart)
        return low, float(bounds.max(initial=0.0))


def _same_faders(known: Gains, gains: Gains) -> bool:
    return all(fader in gains and _same(gain, gains[fader]) for fader, gain in known.items())


def _same(gain: float, other: float) -> bool:
    return math.isclose(gain, other, rel_tol=SAME_RATIO)


def _shifted(state: State, gains: Gains, powers: CrossPowers) -> SumLevel | None:
    """The level of a state as it is with one gain on all ways; ``None`` if that is not the case."""
    wanted, played = powers.way_gains(gains), powers.way_gains(state.gains)
    loudest = int(np.abs(played).argmax()) if len(played) else 0
    common = float(wanted[loudest] / played[loudest]) if played.any() else 1.0
    if not common or not np.allclose(wanted, common * played, rtol=SAME_RATIO, atol=0.0):
        return None
    by_db = db_from_gain(common)
    if abs(by_db) <= SAME_DB:
        return state.level
    peak_db = state.level.true_peak_db + by_db
    if state.level.lufs is None:
        return SumLevel(None, peak_db) if by_db < 0.0 else None
    then, now = powers.lufs(state.gains), powers.lufs(gains)
    is_gated_alike = then is not None and now is not None and abs(now - then - by_db) <= SAME_DB
    return SumLevel(state.level.lufs + by_db, peak_db) if is_gated_alike else None


def _common_gain(wanted: Floats, played: Floats, powers: CrossPowers) -> float:
    """The c that makes Σ |w_i - c w0_i| p_i small: the median of w_i / w0_i, weighted by w0_i p_i.

    It makes the sum of them least, with each p_i the largest over all hops.
    """
    weights = np.abs(played) * powers.peaks.max(axis=(0, 1))
    heard = np.flatnonzero(weights)
    if not len(heard):
        return 0.0
    ratios = wanted[heard] / played[heard]
    order = np.argsort(ratios)
    reached = np.cumsum(weights[heard][order])
    return float(ratios[order][np.searchsorted(reached, reached[-1] / 2.0)])
