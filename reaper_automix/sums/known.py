"""What is known of a node's sum because it was played before, under these faders or as many dB off.

Faders decide nothing by it: it spares playing a sum again for the account.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reaper_automix.results import SumLevel
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.units import db_from_gain, gain_from_db

MOST_STATES = 8

SAME_DB = 0.001
"""Faders nearer than this are the same."""

SAME_RATIO = gain_from_db(SAME_DB) - 1.0

Gains = Mapping[str, float]


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
