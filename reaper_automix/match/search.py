"""The least squares of a match: features that shall be those of a reference, at moves that cost.

**Source**: trust-region reflective least squares inside bounds (Branch, Coleman and Li 1999) of
SciPy, with slopes that are known.
"""

from __future__ import annotations

import numpy as np

from reaper_automix.match import terms
from reaper_automix.match.forecast import Forecast
from reaper_automix.match.knobs import Knobs
from reaper_automix.match.portrait import Float64
from reaper_automix.match.priors import RELUCTANCE, Wishes
from reaper_automix.progress import Beat

MOST_STEPS = 40
GOOD_ENOUGH = 1e-4
"""Part by which the last step has to better the distance, or move the knobs."""

INSIDE = 1e-9
"""Where the search starts, it has to be inside all limits."""


class Search:
    """Knobs that may move, and what they are to reach."""

    def __init__(self, forecast: Forecast, knobs: Knobs, wishes: Wishes, beat: Beat) -> None:
        self._forecast, self._knobs, self._beat = forecast, knobs, beat
        self._low, self._high = knobs.limits(wishes)
        self._free = self._high > self._low
        self._weights = np.sqrt(terms.weights())
        self._costs = np.sqrt(RELUCTANCE) / knobs.usual()

    def features(self, row: Float64) -> Float64:
        """The features that a row is forecast to have, in the mean over passages."""
        return self._answer(row)[0]

    def allowed(self, row: Float64) -> Float64:
        """The row with all knobs inside their limits."""
        return np.clip(row, self._low, self._high)

    def solve(self, row: Float64, goal: Float64) -> Float64:
        """The row that brings the forecast nearest to a goal, sought from another row."""
        from scipy.optimize import least_squares

        free = self._free
        if not free.any():
            return row
        known: dict[bytes, tuple[Float64, Float64, Float64]] = {}

        def answer(moves: Float64) -> tuple[Float64, Float64, Float64]:
            """Asked twice for the same moves: once for what comes out, once for the slopes."""
            if moves.tobytes() not in known:
                known.clear()
                whole = row.copy()
                whole[free] = moves
                known[moves.tobytes()] = (whole, *self._answer(whole))
            return known[moves.tobytes()]

        def residuals(moves: Float64) -> Float64:
            _, features, _ = answer(moves)
            return np.concatenate([self._weights * (features - goal), self._costs[free] * moves])

        def slopes(moves: Float64) -> Float64:
            whole, _, by_side = answer(moves)
            found = self._knobs.slopes(whole, by_side)[:, free]
            return np.vstack([self._weights[:, None] * found, np.diag(self._costs[free])])

        low, high = self._low[free], self._high[free]
        found = least_squares(
            residuals,
            np.clip(row[free], low + INSIDE, high - INSIDE),
            slopes,
            bounds=(low, high),
            x_scale=self._knobs.usual()[free],
            max_nfev=MOST_STEPS,
            ftol=GOOD_ENOUGH,
            xtol=GOOD_ENOUGH,
        )
        settled = row.copy()
        settled[free] = found.x
        return settled

    def _answer(self, row: Float64) -> tuple[Float64, Float64]:
        """Mean features, and their slopes by side, over all passages."""
        self._beat()
        knobs = self._knobs
        answers = self._forecast.answers(knobs.levels_db(row), knobs.sides(row))
        features = np.mean([one.features for one in answers], axis=0)
        return features, np.mean([one.by_side for one in answers], axis=0)
