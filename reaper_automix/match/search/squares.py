"""The least squares of a match: features that shall be those of a reference, at moves that cost.

**Source**: trust-region reflective least squares inside bounds (Branch, Coleman and Li 1999) of
SciPy, with slopes that are known.
"""

from __future__ import annotations

import numpy as np

from reaper_automix.match.search import terms
from reaper_automix.match.search.forecast import Answer, Forecast
from reaper_automix.match.search.knobs import Knobs
from reaper_automix.match.search.portrait import Float64, Portrait
from reaper_automix.match.search.priors import (
    LEAST_STEERED,
    RELUCTANCE,
    STEERED_HZ,
    SURE,
    Wishes,
)
from reaper_automix.progress import Beat

MOST_STEPS = 40
GOOD_ENOUGH = 1e-4
"""Part by which the last step has to better the distance, or move the knobs."""

KEPT_WIDTH = 0.1
"""What terms of the width count where pans stay: faders should not be turned to widen a mix."""

SHARE_COST, SHARE_MARGIN_DB = 0.05, 0.3
"""What the root of the loss rises by per dB of a share that is missing, and how early it begins."""

GUARD = 100.0
"""What a unit of the loss costs by which a term is further away than it may be."""

INSIDE = 1e-9
"""Where the search starts, it has to be inside all limits."""


class Search:
    """Knobs that may move, and what they are to reach."""

    def __init__(
        self,
        forecast: Forecast,
        knobs: Knobs,
        wishes: Wishes,
        goal: Portrait,
        beat: Beat,
        *,
        is_sure: bool = False,
    ) -> None:
        self._forecast, self._knobs, self._beat = forecast, knobs, beat
        self._low, self._high = knobs.limits(wishes)
        self._free = self._high > self._low
        self._members = terms.members()
        self._weights = np.sqrt(terms.weights() * _asked(wishes) + terms.thirds_weights(goal))
        self._usual = knobs.usual()
        self._usual[knobs.parts["pan"]] *= np.maximum(
            forecast.parts_above(STEERED_HZ), LEAST_STEERED
        )
        self._costs = np.sqrt(RELUCTANCE * (SURE if is_sure else 1.0)) / self._usual
        self._least_db = self.shares(np.zeros(knobs.size)).values - wishes.limits.share_db

    def features(self, row: Float64) -> Answer:
        """The features that a row is forecast to have, in the mean over passages."""
        return self._forecast.features(self._knobs.levels_db(row), self._knobs.sides(row))

    def shares(self, row: Float64) -> Answer:
        """The share that each stem is forecast to have in the mix."""
        return self._forecast.shares_db(self._knobs.levels_db(row), self._knobs.sides(row))

    def allowed(self, row: Float64) -> Float64:
        """The row with all knobs inside their limits."""
        return np.clip(row, self._low, self._high)

    def solve(self, row: Float64, goal: Float64, most: Float64) -> Float64:
        """The row that brings the forecast nearest to a goal, sought from another row.

        ``most`` is how far away each term may be at most, in the unit of the loss.
        """
        from scipy.optimize import least_squares

        free = self._free
        if not free.any():
            return row
        known: dict[bytes, tuple[Float64, Float64]] = {}

        def both(moves: Float64) -> tuple[Float64, Float64]:
            """Asked twice for the same moves: once for what comes out, once for the slopes."""
            if moves.tobytes() not in known:
                whole = row.copy()
                whole[free] = moves
                known.clear()
                known[moves.tobytes()] = self._weighed(whole, goal, most)
            return known[moves.tobytes()]

        low, high = self._low[free], self._high[free]
        found = least_squares(
            lambda moves: both(moves)[0],
            np.clip(row[free], low + INSIDE, high - INSIDE),
            lambda moves: both(moves)[1][:, free],
            bounds=(low, high),
            x_scale=self._usual[free],
            max_nfev=MOST_STEPS,
            ftol=GOOD_ENOUGH,
            xtol=GOOD_ENOUGH,
        )
        settled = row.copy()
        settled[free] = found.x
        return settled

    def _weighed(self, row: Float64, goal: Float64, most: Float64) -> tuple[Float64, Float64]:
        """Everything whose squares shall be least, and its slopes by all knobs."""
        self._beat()
        features, shares = self.features(row), self.shares(row)
        missing_db = np.maximum(self._least_db + SHARE_MARGIN_DB - shares.values, 0.0)
        of_features = self._knobs.slopes(row, features.by_side)
        of_shares = self._knobs.slopes(row, shares.by_side)
        apart = features.values - goal
        worse = np.maximum(terms.losses(apart) - most, 0.0)
        of_terms = (2.0 * self._members * terms.weights() * apart) @ of_features
        return (
            np.concatenate(
                [
                    self._weights * apart,
                    GUARD * worse,
                    SHARE_COST * missing_db,
                    self._costs * row,
                ]
            ),
            np.vstack(
                [
                    self._weights[:, None] * of_features,
                    GUARD * (worse > 0.0)[:, None] * of_terms,
                    -SHARE_COST * (missing_db > 0.0)[:, None] * of_shares,
                    np.diag(self._costs),
                ]
            ),
        )


def _asked(wishes: Wishes) -> Float64:
    """How much each feature counts: what only pans should change counts little where they stay."""
    asked = np.ones(terms.FEATURES)
    if wishes.keep_pan or not wishes.blocks.pan:
        for term in terms.TERMS:
            asked[term.part] = KEPT_WIDTH if term.name in terms.OF_WIDTH else 1.0
    return asked
