"""Pitch candidates of single frames, and how likely each one is.

**Sources**: de Cheveigné & Kawahara 2002 ("YIN"), equations 6 to 8 and step 5, for the normalised
difference function and its minima; Mauch & Dixon 2014 ("pYIN"), section 2.1, for the probability
of each minimum when YIN's threshold is not one number but a distribution. Where the authors' own
plug-in departs from the paper (a prior over the order of the troughs), so do the oracle and we.

**Conventions**: periods in samples, pitch in bins above :data:`F_MIN_HZ`. Independent of gain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.special import betainc

from reaper_automix.features.compiled import compiled, inner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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

    def frequency_hz(self, bin_index: NDArray[np.integer] | Floats) -> Floats:
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


def likeliest(frames: NDArray[np.float32], grid: Grid) -> tuple[Floats, Floats]:
    """Per frame the most probable candidate in Hz (NaN without any) and its probability."""
    seen = observe(frames, grid)
    bins, probability = np.empty(seen.frames), np.empty(seen.frames)
    _likeliest(seen.first, seen.bins, seen.probabilities, bins, probability)
    return grid.frequency_hz(bins), probability


@compiled
def _likeliest(
    first: Integers, bins: Integers, probabilities: Floats, best: Floats, highest: Floats
) -> None:
    """Fill ``best`` with bins and ``highest`` with their probabilities (NaN and 0 without any)."""
    for t in range(best.size):
        best[t], highest[t] = np.nan, 0.0
        for i in range(first[t], first[t + 1]):
            if probabilities[i] > highest[t]:
                best[t], highest[t] = bins[i], probabilities[i]


def observe(frames: NDArray[np.float32], grid: Grid) -> Observations:
    """Pitch candidates of frames, shape ``[frames, grid.frame]``."""
    lags = grid.max_period + 1
    correlation = _autocorrelation(frames, lags)
    thresholds, prior = _threshold_prior()
    room = len(frames) * (lags // 2 + 1)
    bins, probabilities = np.empty(room, np.int64), np.empty(room)
    first = np.zeros(len(frames) + 1, np.int64)
    _observe(correlation, frames, grid.min_period, grid.balanced, thresholds, prior,
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
    frames: NDArray[np.float32],
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
    energy = np.zeros(frames.shape[1] + 1)
    lag = np.empty(difference.size, np.int64)
    mass = np.empty(difference.size)
    found = 0
    for t in range(correlation.shape[0]):
        for j in range(frames.shape[1]):
            energy[j + 1] = energy[j] + float(frames[t, j]) ** 2
        _normalised_difference(correlation[t], energy, balanced, difference)
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
    """Probability of each trough: how often it is chosen, the threshold being drawn at random.

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
    """Where the parabola through three neighbours is lowest, seen from the middle (YIN step 5)."""
    if i == 0 or i == curve.size - 1:
        return 0.0
    curvature = curve[i + 1] + curve[i - 1] - 2.0 * curve[i]
    slope = (curve[i + 1] - curve[i - 1]) / 2.0
    return -slope / curvature if abs(slope) < abs(curvature) else 0.0
