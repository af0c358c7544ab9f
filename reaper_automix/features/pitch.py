"""One fundamental frequency for a whole track, and how far it can be believed.

**Sources**: pYIN (:mod:`~reaper_automix.features.pyin`) and PESTO
(:mod:`~reaper_automix.features.pesto`), joined by
:mod:`~reaper_automix.features.pitch_estimate`. How much of a track is listened to is its
:data:`PitchMode`: as many frames as its level needs
(:mod:`~reaper_automix.features.pitch_sample`), all of them, or all as the published script does
(:class:`Published`).

**Conventions**: f0 in Hz; confidence 0 … 1. Everything but the published means is independent of
gain and of where in the project a clip lies. Nothing heavy is imported before the first tracker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features.reel import Reel
from reaper_automix.settings import PitchMode

if TYPE_CHECKING:
    from soxr import ResampleStream

    from reaper_automix.features.pesto import Pesto
    from reaper_automix.features.pyin import Pyin

DOUBTFUL, CREDIBLE = 0.33, 0.47
"""Confidence up to which a pitch counts for nothing, and from which it counts fully."""

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

    def __init__(self, sample_rate_hz: int, channels: int, mode: PitchMode = "auto") -> None:
        self._mode = mode
        self._reel = Reel(sample_rate_hz, channels)
        self._published = Published(sample_rate_hz) if mode == "exact" else None

    def push(self, samples: Samples, weighted: Samples) -> None:
        """The next block as it is played and K-weighted, both ``[channels, frames]``."""
        self._reel.push(weighted)
        if self._published is not None:
            self._published.push(samples.mean(axis=0, dtype=np.float32))

    def result(self) -> Pitch:
        """The pitch of all that was pushed; ends the tracker."""
        self._reel.close()
        heard = replace(self._heard(), notes=tuple(self._notes()))
        if self._published is None:
            return heard
        said = self._published.result()
        return replace(heard, f0_hz=said.f0_hz, pyin_hz=said.pyin_hz, pesto_hz=said.pesto_hz)

    def _heard(self) -> Pitch:
        from reaper_automix.features import pitch_estimate, pitch_sample
        from reaper_automix.features.pitch_frames import Listener

        listener = Listener(self._reel)
        if not listener.active.size:
            return Pitch(None, 0.0)
        sustain = pitch_estimate.sustain(listener.powers)
        if self._mode == "auto":
            frames, weights = pitch_sample.enough_frames(listener, sustain)
        else:
            frames, weights = pitch_sample.every_frame(listener)
        return pitch_estimate.estimate(frames, weights, sustain)

    def _notes(self) -> Iterator[str]:
        from reaper_automix.features import pesto_network

        if problem := pesto_network.available():
            yield problem
        if self._reel.full:
            heard = f"{self._reel.most_s / 60.0:.0f} minutes of its sound"
            yield f"Only the first {heard} were listened to for its pitch."


class Published:
    """The published script's numbers for one channel, pushed in blocks of any size.

    Means in Hz, of pYIN over voiced frames and of PESTO over all of them; f0 is the larger of the
    two and of 1 Hz. They say nothing of how far they can be believed, so confidence is 0. At a
    rate where the script stops, a tracker hears the sound at half or double that rate.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        from reaper_automix.features import pesto, pesto_network, pyin
        from reaper_automix.features.pyin_candidates import Grid

        self._pyin = _Ear(lambda rate_hz: pyin.Pyin(Grid(rate_hz)), sample_rate_hz, PYIN_RATES_HZ)
        self._problem = pesto_network.available()
        self._pesto = None if self._problem else _Ear(pesto.Pesto, sample_rate_hz, PESTO_RATES_HZ)

    def push(self, samples: NDArray[np.float32]) -> None:
        """The next samples, shape ``[frames]``."""
        self._pyin.push(samples)
        if self._pesto is not None:
            self._pesto.push(samples)

    def result(self) -> Pitch:
        """The numbers for all that was pushed; ends the trackers."""
        pyin_hz = self._pyin.mean_hz()
        if self._pesto is None:
            return Pitch(pyin_hz, 0.0, pyin_hz, None, (self._problem or "",))
        pesto_hz = self._pesto.mean_hz()
        opinions = (opinion for opinion in (pyin_hz, pesto_hz) if opinion is not None)
        return Pitch(max((1.0, *opinions)), 0.0, pyin_hz, pesto_hz)


def published(samples: NDArray[np.float32], sample_rate_hz: int) -> Pitch:
    """The same for a whole channel, shape ``[frames]``."""
    script = Published(sample_rate_hz)
    script.push(samples)
    return script.result()


class _Ear:
    """A tracker, at the nearest rate that it can take and that is a power of two away."""

    def __init__(
        self,
        tracker: Callable[[float], Pyin | Pesto],
        sample_rate_hz: int,
        range_hz: tuple[int, int],
    ) -> None:
        lowest_hz, highest_hz = range_hz
        rate_hz = float(sample_rate_hz)
        while rate_hz > highest_hz:
            rate_hz /= 2.0
        while rate_hz < lowest_hz:
            rate_hz *= 2.0
        self._tracker = tracker(rate_hz)
        self._resampler = _resampler(sample_rate_hz, rate_hz)

    def push(self, samples: NDArray[np.float32]) -> None:
        """The next samples, shape ``[frames]``."""
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        self._tracker.push(samples)

    def mean_hz(self) -> float | None:
        """The mean over all frames that have a pitch; ``None`` without any. Ends the tracker."""
        if self._resampler is not None:
            self._tracker.push(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        f0_hz = self._tracker.result().f0_hz
        known = f0_hz[~np.isnan(f0_hz)]
        return float(known.mean(dtype=np.float64)) if known.size else None


def _resampler(from_hz: float, to_hz: float) -> ResampleStream | None:
    """What brings a stream to another rate; ``None`` where nothing is to be done."""
    if from_hz == to_hz:
        return None
    import soxr

    return soxr.ResampleStream(from_hz, to_hz, 1, quality="HQ")
