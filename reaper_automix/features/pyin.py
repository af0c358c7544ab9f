"""pYIN: fundamental frequency frame by frame, with the probability that a frame is voiced.

**Sources**: de Cheveigné & Kawahara 2002 ("YIN"), equations 6-8 and step 5, for the normalised
difference function; Mauch & Dixon 2014 ("pYIN", ICASSP) and its authors' Vamp plug-in for the
candidates and the hidden Markov model. Parameters are those of ``librosa.pyin`` 0.11, whose output
is the oracle of our tests frame by frame.

**Conventions**: f0 in Hz, NaN in unvoiced frames. Frame ``t`` is centred on sample ``t · hop``, the
signal is silent beyond its ends, ``n`` samples have ``n // hop + 1`` frames. Multiplying the
signal by a gain changes nothing.

**Why it is fast.** The hidden Markov model has two states, voiced and unvoiced, per pitch bin. In
one frame a path can move by a few semitones only, and the probability of that is the same for all
bins but those next to the two ends; and whether it moves in pitch does not depend on whether it
changes voicing. So the best predecessor of a state is the best over a narrow band, and one pass
over that band serves both voicings: 86,000 additions per frame instead of the 2.8 million of a
dense matrix. Moves beyond the band cost a constant (:data:`IMPOSSIBLE`), so that only the best of
all states matters for them. Which state a path came from is kept until all survivors share their
past, which then is final: memory does not grow with the length of the signal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.special import betainc

from reaper_automix.features.compiled import compiled, inner
from reaper_automix.features.windows import Windows

F_MIN_HZ = 440.0 * 2.0 ** (-45 / 12)
"""C1, 32.70 Hz."""
F_MAX_HZ = 440.0 * 2.0 ** (39 / 12)
"""C8, 4186.01 Hz."""

THRESHOLDS = 100
THRESHOLD_PRIOR = (2.0, 18.0)
"""Beta distribution over the threshold below which a trough is a candidate (mean 0.1)."""
TROUGH_DECAY = 2.0
"""λ of the Boltzmann prior: a later (longer) candidate is e^-λ as likely as the one before it."""
NO_TROUGH_PROBABILITY = 0.01
MAX_OCTAVES_PER_S = 35.92
SWITCH_PROBABILITY = 0.01

IMPOSSIBLE = math.log(np.finfo(np.float64).tiny)
"""Log-probability of what the model rules out (-708.4), as in the oracle, which adds the smallest
normal number before each logarithm; it decides where *every* path does something impossible."""

BATCH_FRAMES = 64
SETTLE_FRAMES = 256

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Frames in time and bins in pitch; the defaults are those of the published script.

    ``balanced`` divides each difference by the number of products it sums (and sums only those
    inside the frame). The oracle sums the whole frame and takes what lies beyond it as silence,
    which lifts the difference at long periods and so loses bass notes.
    """

    sample_rate_hz: float
    frame: int = 2048
    hop: int = 512
    bins_per_semitone: int = 10
    balanced: bool = False

    @property
    def f_max_hz(self) -> float:
        """The highest pitch looked for: C8, or half the sample rate where that is lower."""
        return min(F_MAX_HZ, self.sample_rate_hz / 2.0)

    @property
    def min_period(self) -> int:
        """The shortest period in samples."""
        return int(self.sample_rate_hz // self.f_max_hz)

    @property
    def max_period(self) -> int:
        """The longest period in samples."""
        return min(math.ceil(self.sample_rate_hz / F_MIN_HZ), self.frame - 1)

    @property
    def bins(self) -> int:
        """Number of pitch bins."""
        return int(12 * self.bins_per_semitone * math.log2(self.f_max_hz / F_MIN_HZ)) + 1

    @property
    def reach(self) -> int:
        """By how many bins pitch can move from one frame to the next."""
        semitones = round(MAX_OCTAVES_PER_S * 12 * self.hop / self.sample_rate_hz)
        return semitones * self.bins_per_semitone // 2

    def frequency_hz(self, bin_index: NDArray[np.integer]) -> Floats:
        """Centre frequency of pitch bins."""
        return F_MIN_HZ * np.exp2(bin_index / (12.0 * self.bins_per_semitone))


@dataclass(frozen=True, slots=True)
class Observations:
    """Candidates of consecutive frames: those of frame ``t`` are ``first[t] … first[t + 1]``."""

    first: Integers
    bins: Integers
    probabilities: Floats

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.first.size - 1

    @property
    def voiced_probability(self) -> Floats:
        """Sum of a frame's candidates, 0 … 1."""
        total = np.concatenate(([0.0], np.cumsum(self.probabilities)))
        return np.clip(np.diff(total[self.first]), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Contour:
    """f0 in Hz per frame (NaN where unvoiced) and the probability that the frame is voiced."""

    f0_hz: Floats
    voiced_probability: Floats


class Pyin:
    """Tracks a mono signal pushed in blocks of any size."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        half = grid.frame // 2
        self._windows = Windows(half, grid.frame - half, grid.hop)
        self._decoder = Decoder(grid)
        self._voiced_probability: list[Floats] = []

    def push(self, samples: NDArray[np.float32]) -> None:
        """The next samples, shape ``[frames]``."""
        self._decode(self._windows.push(samples))

    def result(self) -> Contour:
        """The contour of all that was pushed; ends the tracker."""
        self._decode(self._windows.close())
        f0_hz = self._decoder.result()
        return Contour(f0_hz, np.concatenate([np.empty(0), *self._voiced_probability]))

    def _decode(self, windows: NDArray[np.float32]) -> None:
        for start in range(0, len(windows), BATCH_FRAMES):
            observations = observe(windows[start : start + BATCH_FRAMES], self._grid)
            self._voiced_probability.append(observations.voiced_probability)
            self._decoder.push(observations)


def track(samples: NDArray[np.float32], grid: Grid) -> Contour:
    """The contour of a whole mono signal, shape ``[frames]``."""
    pyin = Pyin(grid)
    pyin.push(samples)
    return pyin.result()


def observe(frames: NDArray[np.float32], grid: Grid) -> Observations:
    """Pitch candidates of frames, shape ``[frames, grid.frame]``."""
    lags = grid.max_period + 1
    correlation = _autocorrelation(frames, lags)
    energy = np.zeros((len(frames), grid.frame + 1))
    np.cumsum(np.square(frames, dtype=np.float64), axis=1, out=energy[:, 1:])
    thresholds, prior = _threshold_prior()
    room = len(frames) * (lags // 2 + 1)
    bins, probabilities = np.empty(room, np.int64), np.empty(room)
    first = np.zeros(len(frames) + 1, np.int64)
    _observe(correlation, energy, grid.min_period, grid.balanced, thresholds, prior,
             grid.sample_rate_hz / F_MIN_HZ, 12 * grid.bins_per_semitone, grid.bins,
             first, bins, probabilities)  # fmt: skip
    return Observations(first, bins[: first[-1]].copy(), probabilities[: first[-1]].copy())


def _autocorrelation(frames: NDArray[np.float32], lags: int) -> NDArray[np.float32]:
    """Σ x[j]·x[j + k] inside each frame for k < ``lags``, by the Wiener-Khinchin theorem."""
    size = scipy.fft.next_fast_len(frames.shape[1] + lags, real=True)
    spectrum = scipy.fft.rfft(frames, n=size, axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    correlation: NDArray[np.float32] = scipy.fft.irfft(power, n=size, axis=1)[:, :lags]
    return correlation


def _threshold_prior() -> tuple[Floats, Floats]:
    """The upper edges of the threshold steps and the prior mass of each step."""
    edges = np.linspace(0.0, 1.0, THRESHOLDS + 1)
    return edges[1:], np.diff(betainc(*THRESHOLD_PRIOR, edges))


@compiled
def _observe(
    correlation: NDArray[np.float32],
    energy: Floats,
    min_period: int,
    balanced: bool,
    thresholds: Floats,
    prior: Floats,
    longest_period: float,
    bins_per_octave: int,
    bin_count: int,
    first: Integers,
    bins: Integers,
    probabilities: Floats,
) -> None:
    """Fill ``first``, ``bins`` and ``probabilities`` (Mauch & Dixon 2014, section 2.1)."""
    difference = np.empty(correlation.shape[1])
    lag = np.empty(difference.size, np.int64)
    mass = np.empty(difference.size)
    found = 0
    for t in range(correlation.shape[0]):
        _normalised_difference(correlation[t], energy[t], balanced, difference)
        trough = difference[min_period:]
        count = _troughs(trough, lag)
        _weigh(trough, lag[:count], thresholds, prior, mass)
        start = found
        for i in range(count):
            period = min_period + lag[i] + _vertex(trough, lag[i])
            pitch = max(round(bins_per_octave * math.log2(longest_period / period)), 0)
            if mass[i] == 0.0 or pitch >= bin_count:
                continue
            # Two troughs in one bin: the longer period stands, as in the oracle.
            found -= found > start and bins[found - 1] == pitch
            bins[found], probabilities[found] = pitch, mass[i]
            found += 1
        first[t + 1] = found


@inner
def _normalised_difference(
    correlation: NDArray[np.float32], energy: Floats, balanced: bool, difference: Floats
) -> None:
    """d'(k) of YIN equations 6 to 8, from the autocorrelation r and the energy up to a sample.

    d(k) = Σ (x[j] - x[j + k])² = Σ x[j]² + Σ x[j + k]² - 2·r(k); the second sum misses the first
    k samples of the frame, and the first one misses the last k where the sum ends with the frame.
    """
    size = energy.size - 1
    total = energy[size]
    difference[0] = 1.0
    mean = 0.0
    for k in range(1, difference.size):
        if balanced:
            value = energy[size - k] + total - energy[k] - 2.0 * correlation[k]
            value *= size / (size - k)
        else:
            value = 2.0 * (correlation[0] - correlation[k]) - energy[k]
        mean += (value - mean) / k
        difference[k] = value / mean if mean > 0.0 else 0.0


@inner
def _troughs(curve: Floats, lag: Integers) -> int:
    """Write the indices of the local minima, ends included, and return how many there are."""
    last = curve.size - 1
    count = 0
    for i in range(curve.size):
        falls = i == 0 or curve[i] < curve[i - 1]
        rises = i == last or curve[i] <= curve[i + 1]
        at_end = i == 0 and curve[0] == curve[1]
        if falls and rises and not at_end:
            lag[count] = i
            count += 1
    return count


@inner
def _weigh(curve: Floats, lag: Integers, thresholds: Floats, prior: Floats, mass: Floats) -> None:
    """Probability of each trough: how often it is chosen when the threshold is drawn from its prior.

    For one threshold, the n-th trough below it has the truncated Boltzmann probability
    e^-λn·(1 - e^-λ) / (1 - e^-λN). Where no trough lies below, the deepest gets
    :data:`NO_TROUGH_PROBABILITY` of the threshold's mass.
    """
    below = np.zeros(thresholds.size, np.int64)
    lowest = 0
    for i in range(lag.size):
        below[np.searchsorted(thresholds, curve[lag[i]], "right") :] += 1
        if curve[lag[i]] < curve[lag[lowest]]:
            lowest = i
    share = np.zeros(thresholds.size)
    for k in range(thresholds.size):
        if below[k]:
            share[k] = prior[k] * math.expm1(-TROUGH_DECAY) / math.expm1(-TROUGH_DECAY * below[k])
    for i in range(lag.size):
        reached = np.searchsorted(thresholds, curve[lag[i]], "right")
        mass[i] = np.sum(share[reached:])
        share[reached:] *= math.exp(-TROUGH_DECAY)
        if i == lowest:
            mass[i] += NO_TROUGH_PROBABILITY * np.sum(prior[:reached])


@inner
def _vertex(curve: Floats, i: int) -> float:
    """Where the parabola through three neighbours is lowest, relative to the middle (YIN step 5)."""
    if i == 0 or i == curve.size - 1:
        return 0.0
    curvature = curve[i + 1] + curve[i - 1] - 2.0 * curve[i]
    slope = (curve[i + 1] - curve[i - 1]) / 2.0
    return -slope / curvature if abs(slope) < abs(curvature) else 0.0


class Decoder:
    """The most likely path through the pitch bins (Viterbi), fed frame by frame.

    States 0 … bins - 1 are voiced, bins … 2·bins - 1 the same pitches unvoiced.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._score = np.full(2 * grid.bins, -math.log(2 * grid.bins))
        self._window, self._border = _transitions(grid)
        self._origins: list[NDArray[np.uint16]] = []
        self._unsettled = 0
        self._settle_at = SETTLE_FRAMES
        self._states: list[NDArray[np.uint16]] = []
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
        if self._origins:
            origins = np.concatenate(self._origins)
            self._states.append(_trace_back(origins, int(np.argmax(self._score))))
        states = np.concatenate([np.empty(0, np.uint16), *self._states]).astype(np.int64)
        f0_hz = self._grid.frequency_hz(states)
        f0_hz[states >= self._grid.bins] = np.nan
        return f0_hz

    def _settle(self) -> None:
        """Let go of the frames on which all surviving paths agree."""
        origins = np.concatenate(self._origins)
        frames, state = _common_past(origins)
        if frames:
            self._states.append(_trace_back(origins[:frames], state))
            origins = origins[frames:].copy()
        self._origins = [origins]
        self._unsettled = len(origins)
        self._settle_at = max(SETTLE_FRAMES, 2 * self._unsettled)


def _transitions(grid: Grid) -> tuple[Floats, Floats]:
    """Log-probability of moving by 0 … reach bins, and what a bin near an end adds to it.

    The probability falls linearly with distance (Mauch & Dixon 2014, equation 7); next to an end it
    is shared by the fewer bins there are.
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
            peak = np.argmax(score)
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
def _common_past(origins: NDArray[np.uint16]) -> tuple[int, int]:
    """How many of the first frames no longer depend on the future, and the last one's state."""
    alive = np.ones(origins.shape[1], np.bool_)
    for t in range(origins.shape[0] - 1, 0, -1):
        before = np.zeros(alive.size, np.bool_)
        for state in range(alive.size):
            if alive[state]:
                before[origins[t, state]] = True
        alive = before
        if np.sum(alive) == 1:
            return t, int(np.argmax(alive))
    return 0, 0


@compiled
def _trace_back(origins: NDArray[np.uint16], state: int) -> NDArray[np.uint16]:
    """The states that lead to ``state`` in the last frame."""
    states = np.empty(origins.shape[0], np.uint16)
    for t in range(states.size - 1, -1, -1):
        states[t] = state
        state = origins[t, state]
    return states
