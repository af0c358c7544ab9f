"""The most likely path through the pitch candidates of many frames.

**Source**: Mauch & Dixon 2014 ("pYIN"), section 2.2: a hidden Markov model with one voiced and one
unvoiced state per pitch bin, decoded by Viterbi's algorithm.

**Why it is fast.** In one frame a path can move by a few semitones only, the probability of a move
is the same for all bins but those next to the two ends, and whether a path moves in pitch does not
depend on whether it changes voicing. So the best predecessor of a state is the best over a narrow
band, and one pass over that band serves both voicings: 86,000 additions per frame instead of the
2.8 million of a dense matrix. Moves beyond the band all cost :data:`IMPOSSIBLE`, so that of them
only the one from the best state of all can win. The result is the dense one, state by state.

**Why memory is bounded.** Of all that could have led to a frame, little survives a few frames later
(Šrámek et al. 2007, "On-line Viterbi algorithm"): in sound one path, in silence some dozens. Then
those paths are kept instead of every state's origin.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, inner
from reaper_automix.features.pyin_candidates import Floats, Grid, Integers, Observations

SWITCH_PROBABILITY = 0.01

IMPOSSIBLE = math.log(np.finfo(np.float64).tiny)
"""Log-probability of what the model rules out (-708.4), as in the oracle, which adds the smallest
normal number before each logarithm; it decides where *every* path does something impossible."""

SETTLE_FRAMES = 256
SURVIVORS = 64
"""How often it is looked for, and what counts as, few paths surviving."""


class Decoder:
    """Finds the path, fed with one stretch of frames after the other.

    States 0 … bins - 1 are voiced, bins … 2·bins - 1 the same pitches unvoiced.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._score = np.full(2 * grid.bins, -math.log(2 * grid.bins))
        self._window, self._border = _transitions(grid)
        self._origins: list[NDArray[np.uint16]] = []
        self._unsettled = 0
        self._settle_at = SETTLE_FRAMES
        self._branches: list[NDArray[np.uint16]] = []
        self._started = False

    def push(self, observations: Observations) -> None:
        """The observations of the next frames."""
        if not observations.frames:
            return
        origins = np.empty((observations.frames, self._score.size), np.uint16)
        _advance(observations.first, observations.bins, observations.probabilities,
                 observations.voiced_probability, self._window, self._border,
                 self._started, self._score, origins)  # fmt: skip
        self._started = True
        self._origins.append(origins)
        self._unsettled += observations.frames
        if self._unsettled >= self._settle_at:
            self._settle()

    def result(self) -> Floats:
        """f0 of every frame in Hz, NaN where it is unvoiced."""
        state = int(np.argmax(self._score))
        path: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
        origins = np.concatenate([np.empty((0, self._score.size), np.uint16), *self._origins])
        last = _trace_back(origins, np.array([state]))
        for branches in reversed([*self._branches, last]):
            branch = int(np.argmax(branches[-1] == state))
            path.append(branches[1:, branch])
            state = int(branches[0, branch])
        states = np.concatenate(path[::-1]).astype(np.int64)
        f0_hz = self._grid.frequency_hz(states)
        f0_hz[states >= self._grid.bins] = np.nan
        return f0_hz

    def _settle(self) -> None:
        """Where few states survive, keep the states of their paths instead of all origins."""
        origins = np.concatenate(self._origins)
        frames, survivors = _few_survivors(origins, SURVIVORS)
        if frames:
            self._branches.append(_trace_back(origins[:frames], survivors))
            origins = origins[frames:].copy()
        self._origins = [origins]
        self._unsettled = len(origins)
        self._settle_at = max(SETTLE_FRAMES, 2 * self._unsettled)


def _transitions(grid: Grid) -> tuple[Floats, Floats]:
    """Log-probability of moving by 0 … reach bins, and what a bin near an end adds to it.

    The probability falls linearly with distance (Mauch & Dixon 2014, section 2.2); next to an end
    it is shared by the fewer bins there are.
    """
    triangle = 1.0 - np.arange(grid.reach + 1) / (grid.reach + 1.0)
    both_sides = np.concatenate((triangle[:0:-1], triangle))
    share = np.convolve(np.ones(grid.bins), both_sides, mode="same")
    return np.log(triangle), -np.log(share)


@compiled
def _advance(
    first: Integers,
    bins: Integers,
    probabilities: Floats,
    voiced_probability: Floats,
    window: Floats,
    border: Floats,
    started: bool,
    score: Floats,
    origins: NDArray[np.uint16],
) -> None:
    """Carry the best log-probability of each state over the frames; note where it came from."""
    count = score.size // 2
    best = np.empty((2, count))
    origin = np.empty((2, count), np.int64)
    tiny = math.exp(IMPOSSIBLE)
    for t in range(voiced_probability.size):
        if started or t > 0:
            peak = int(np.argmax(score))
            for voicing in range(2):
                part = score[voicing * count : (voicing + 1) * count] + border
                _best_in_reach(part, window, best[voicing], origin[voicing])
            _switch(best, origin, peak, score, origins[t])
        score[count:] += math.log((1.0 - voiced_probability[t]) / count + tiny)
        seen = score[bins[first[t] : first[t + 1]]].copy()
        score[:count] += IMPOSSIBLE
        for i in range(seen.size):
            candidate = first[t] + i
            score[bins[candidate]] = seen[i] + math.log(probabilities[candidate] + tiny)


@inner
def _best_in_reach(part: Floats, window: Floats, best: Floats, origin: Integers) -> None:
    """For each bin the best of ``part`` plus the cost of moving here, and its bin."""
    size = part.size
    reach = window.size - 1
    best[:] = -np.inf
    for move in range(-reach, reach + 1):
        to, come = max(0, -move), max(0, move)
        _keep_better(part[come : size - to], window[abs(move)], come,
                     best[to : size - come], origin[to : size - come])  # fmt: skip


@inner
def _keep_better(source: Floats, cost: float, start: int, best: Floats, origin: Integers) -> None:
    """One step of a running maximum, written without branches for the vector units."""
    for j in range(source.size):
        value = source[j] + cost
        better = value > best[j]
        best[j] = value if better else best[j]
        origin[j] = start + j if better else origin[j]


@inner
def _switch(
    best: Floats, origin: Integers, peak: int, score: Floats, origins: NDArray[np.uint16]
) -> None:
    """Let each state come from its own voicing, from the other, or, at a loss, from anywhere."""
    count = best.shape[1]
    anywhere = score[peak] + IMPOSSIBLE
    stay, change = math.log(1.0 - SWITCH_PROBABILITY), math.log(SWITCH_PROBABILITY)
    for voicing in range(2):
        from_voiced, from_unvoiced = (stay, change) if voicing == 0 else (change, stay)
        for j in range(count):
            voiced, unvoiced = best[0, j] + from_voiced, best[1, j] + from_unvoiced
            value, state = (
                (voiced, origin[0, j]) if voiced >= unvoiced else (unvoiced, count + origin[1, j])
            )
            if anywhere > value:
                value, state = anywhere, peak
            score[voicing * count + j] = value
            origins[voicing * count + j] = state


@compiled
def _few_survivors(origins: NDArray[np.uint16], limit: int) -> tuple[int, Integers]:
    """How many of the first frames lie before the last point that few paths cross, and those."""
    alive = np.ones(origins.shape[1], np.bool_)
    for t in range(origins.shape[0] - 1, 0, -1):
        before = np.zeros(alive.size, np.bool_)
        for state in range(alive.size):
            if alive[state]:
                before[origins[t, state]] = True
        alive = before
        if np.sum(alive) <= limit:
            return t, np.flatnonzero(alive)
    return 0, np.flatnonzero(alive)


@compiled
def _trace_back(origins: NDArray[np.uint16], ends: Integers) -> NDArray[np.uint16]:
    """The states that lead to each end, one row per frame, and one before for where they start."""
    states = np.empty((origins.shape[0] + 1, ends.size), np.uint16)
    for branch in range(ends.size):
        states[-1, branch] = ends[branch]
        for t in range(origins.shape[0] - 1, -1, -1):
            states[t, branch] = origins[t, states[t + 1, branch]]
    return states
