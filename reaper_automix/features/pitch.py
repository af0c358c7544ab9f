"""One fundamental frequency for a whole track, and how far it can be believed.

**Sources**: pYIN (:mod:`~reaper_automix.features.pyin`) and PESTO
(:mod:`~reaper_automix.features.pesto`), joined as method.md section 3 says: the weighted median of
log f0 over active frames. :func:`published` keeps the published script's means instead.

**Confidence** is the share of a track's loudness that harmonics or chords carry
(:mod:`~reaper_automix.features.tonality`), less up to :data:`DISSENT` where the two trackers
disagree, and less where the sound is over before a pitch is heard. That share is what a narrowband
level needs: where it is high, the band around the harmonics stands for the sound; where it is low,
the band misses most of it. PESTO's own confidence is not in it: it rises with gain, and brought to
one gain it is as sure of a snare's ring as of a voice (measured: 0.8 to 1.0 on snares and crashes).

**Conventions**: f0 in Hz; confidence 0 … 1. Everything but :func:`published` is independent of
gain and of where in the project a clip lies. Nothing heavy is imported before the first tracker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import BLOCK_FRAMES, Samples

if TYPE_CHECKING:
    from reaper_automix.features.pitch_frames import Frames

DOUBTFUL, CREDIBLE = 0.33, 0.47
"""Confidence up to which a pitch counts for nothing, and from which it counts fully."""

DISSENT = 0.15
"""What complete disagreement between pYIN and PESTO takes from confidence. It is little, because
over a chord both can be right."""

BRIEF = 0.5
"""What a sound keeps of its confidence that is over before a pitch is heard."""
SUSTAIN_S, SUSTAINED = 0.100, 0.6
"""A pitch is held: this share of the power is still there this much later."""

CANCELLED_POWER = 0.25
"""A mid with less than this share of the power that unrelated channels would leave in it (-6 dB)
has lost its sound to opposite phases."""

PYIN_RATES_HZ = (0, 66_000)
"""Where a period of C1 fits into pYIN's published frame; the oracle raises above."""
PESTO_RATES_HZ = (6_645, 1_000_000)
"""Where PESTO's highest bin lies below half the sample rate; the oracle raises below."""


@dataclass(frozen=True, slots=True)
class Pitch:
    """A track's f0 in Hz (``None`` without sound) and how far it can be believed.

    ``pyin_hz`` and ``pesto_hz`` are the opinions behind it, ``None`` where one has none.
    """

    f0_hz: float | None
    confidence: float
    pyin_hz: float | None = None
    pesto_hz: float | None = None
    notes: tuple[str, ...] = ()


def credibility(confidence: float) -> float:
    """Weight of the narrowband level, 0 … 1: smooth, and flat beyond both thresholds.

    The thresholds lie in the gap between the two kinds. Measured over synthesised material and
    real sessions: hats, shakers, claps, cymbals, noise below 0.25; kicks and snares mostly below
    0.35; the densest chords from 0.46, single notes 0.6 to 1. What lies in the gap (a snare that
    rings, a tuned kick) is loud where its f0 says, so that its level hardly depends on its weight.

    >>> [round(credibility(confidence), 3) for confidence in (0.2, 0.4, 0.47, 0.9)]
    [0.0, 0.5, 1.0, 1.0]
    """
    x = min(max((confidence - DOUBTFUL) / (CREDIBLE - DOUBTFUL), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


class PitchTracker:
    """Listens to a stream of any channel count and rate; its blocks may have any size."""

    def __init__(self, sample_rate_hz: int) -> None:
        from reaper_automix.features.pitch_frames import FrameAnalysis

        self._analysis = FrameAnalysis(sample_rate_hz)
        self._mixdown = _Mixdown()

    def push(self, samples: Samples) -> None:
        """The next block, ``[channels, frames]``."""
        for mono in self._mixdown.push(samples):
            self._analysis.push(mono)

    def result(self) -> Pitch:
        """The pitch of all that was pushed; ends the tracker."""
        from reaper_automix.features import pesto_network

        for mono in self._mixdown.close():
            self._analysis.push(mono)
        problem = pesto_network.available()
        return _summary(self._analysis.result(), (problem,) if problem else ())


def published(samples: NDArray[np.float32], sample_rate_hz: int) -> Pitch:
    """The published script's numbers for one channel, shape ``[frames]``.

    Means in Hz, of pYIN over voiced frames and of PESTO over all of them; f0 is the larger of the
    two and of 1 Hz. They say nothing of how far they can be believed, so confidence is 0. At a
    rate where the script stops, a tracker hears the sound at half or double that rate.
    """
    from reaper_automix.features import pesto, pesto_network, pyin
    from reaper_automix.features.pyin_candidates import Grid

    heard, rate_hz = _brought_within(samples, sample_rate_hz, PYIN_RATES_HZ)
    pyin_hz = _mean(pyin.track(heard, Grid(rate_hz)).f0_hz)
    problem = pesto_network.available()
    if problem is not None:
        return Pitch(pyin_hz, 0.0, pyin_hz, None, (problem,))
    heard, rate_hz = _brought_within(samples, sample_rate_hz, PESTO_RATES_HZ)
    pesto_hz = _mean(pesto.track(heard, rate_hz).f0_hz)
    opinions = (opinion for opinion in (pyin_hz, pesto_hz) if opinion is not None)
    return Pitch(max((1.0, *opinions)), 0.0, pyin_hz, pesto_hz)


class _Mixdown:
    """Makes one channel of many, in stretches of :data:`BLOCK_FRAMES` whatever the blocks were.

    That channel is the mid; where opposite phases cancel it, the channel that was loudest so far.
    """

    def __init__(self) -> None:
        self._held: Samples | None = None
        self._power: NDArray[np.float64] | None = None

    def push(self, samples: Samples) -> list[NDArray[np.float32]]:
        """The stretches that are complete with this block."""
        held = samples if self._held is None else np.concatenate((self._held, samples), axis=1)
        whole = held.shape[1] - held.shape[1] % BLOCK_FRAMES
        self._held = held[:, whole:]
        return [
            self._one_channel(held[:, first : first + BLOCK_FRAMES])
            for first in range(0, whole, BLOCK_FRAMES)
        ]

    def close(self) -> list[NDArray[np.float32]]:
        """What is left at the end."""
        if self._held is None or not self._held.shape[1]:
            return []
        return [self._one_channel(self._held)]

    def _one_channel(self, block: Samples) -> NDArray[np.float32]:
        mid: NDArray[np.float32] = block.mean(axis=0)
        power = np.square(block, dtype=np.float64).mean(axis=1)
        self._power = power if self._power is None else self._power + power
        unrelated = power.sum() / len(block) ** 2
        if np.square(mid, dtype=np.float64).mean() >= CANCELLED_POWER * unrelated:
            return mid
        loudest: NDArray[np.float32] = block[int(np.argmax(self._power))]
        return loudest


def _summary(frames: Frames, notes: tuple[str, ...]) -> Pitch:
    """One pitch from all active frames; louder and more tonal ones weigh more."""
    if not frames.power.size:
        return Pitch(None, 0.0, notes=notes)
    tonal_power = frames.power.astype(np.float64) * frames.tonality
    share = float(tonal_power.sum() / frames.power.sum(dtype=np.float64))
    agreement = _mean_agreement(frames, tonal_power)
    return Pitch(
        f0_hz=_weighted_median(frames.f0_hz, tonal_power),
        confidence=share * (1.0 - DISSENT * (1.0 - agreement)) * _duration_factor(frames),
        pyin_hz=_weighted_median(frames.pyin_hz, tonal_power * frames.pyin_probability),
        pesto_hz=_weighted_median(frames.pesto_hz, tonal_power),
        notes=notes,
    )


def _duration_factor(frames: Frames) -> float:
    """1 for a held sound, down to :data:`BRIEF` for one that is over after :data:`SUSTAIN_S`."""
    from reaper_automix.features.pitch_frames import HOP_S

    later = round(SUSTAIN_S / HOP_S)
    power = np.zeros(int(frames.index[-1]) + later + 1)
    power[frames.index] = frames.power
    held = float(np.minimum(power[:-later], power[later:]).sum() / power.sum())
    return BRIEF + (1.0 - BRIEF) * min(held / SUSTAINED, 1.0)


def _mean_agreement(frames: Frames, weights: NDArray[np.float64]) -> float:
    """How far the trackers agree: 1 within a semitone, a half when octaves apart, else 0.

    One that has nothing to say disagrees; where PESTO is missing, nobody does.
    """
    if np.isnan(frames.pesto_hz).all() or not weights.any():
        return 1.0
    semitones = 12.0 * np.log2(frames.pyin_hz / frames.pesto_hz)
    beside_octave = np.abs(semitones - 12.0 * np.round(semitones / 12.0))
    agreement = np.where(np.abs(semitones) < 1.0, 1.0, np.where(beside_octave < 1.0, 0.5, 0.0))
    return float(np.average(agreement, weights=weights))


def _weighted_median(values: NDArray[np.floating], weights: NDArray[np.float64]) -> float | None:
    """The value that splits the weights in halves (of f0 as of log f0); ``None`` without weight."""
    known = ~np.isnan(values) & (weights > 0.0)
    if not known.any():
        return None
    order = np.argsort(values[known])
    below = np.cumsum(weights[known][order])
    return float(values[known][order][np.searchsorted(below, below[-1] / 2.0)])


def _mean(values: NDArray[np.floating]) -> float | None:
    """The mean of what is not NaN; ``None`` of nothing."""
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if known.size else None


def _brought_within(
    samples: NDArray[np.float32], sample_rate_hz: int, rates_hz: tuple[int, int]
) -> tuple[NDArray[np.float32], float]:
    """Samples at the nearest rate in a range that is a power of two away, and that rate."""
    lowest_hz, highest_hz = rates_hz
    rate_hz = float(sample_rate_hz)
    while rate_hz > highest_hz:
        rate_hz /= 2.0
    while rate_hz < lowest_hz:
        rate_hz *= 2.0
    if rate_hz == sample_rate_hz:
        return samples, rate_hz
    import soxr

    heard: NDArray[np.float32] = soxr.resample(samples, sample_rate_hz, rate_hz, quality="HQ")
    return heard, rate_hz
