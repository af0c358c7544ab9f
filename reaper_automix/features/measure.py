"""Everything there is to know about one track's sound, in one pass over it.

**Conventions**: see :mod:`reaper_automix.features`. Memory does not grow with the signal's length
(but for 16 bytes per 100 ms).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reaper_automix.audio import Samples, Signal
from reaper_automix.features import Features
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, HopPowers, KWeighting, Meter
from reaper_automix.features.spectrum import BandPowers, SpectralShape, framing
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.progress import Progress, silent

if TYPE_CHECKING:
    from reaper_automix.features.pitch import Pitch, PitchTracker

STAGE = "Measuring"

ONLY_OFFSET = (
    "There is no sound on it but an offset (DC) or a rumble too low to hear, so it has no level; "
    "filter that out if there should be sound."
)


def measure(signal: Signal, *, pitch: bool, progress: Progress = silent) -> Features:
    """The features of a signal, read once; f0 only with ``pitch``, which costs most of the time.

    Silence has no loudness and no centroid, and peaks at minus infinity. A signal whose energy
    lies mostly where nothing can be heard (an offset, heard at most where it sets in) counts as
    silence, and a note says so.
    """
    ears = _Ears(signal.sample_rate_hz, signal.channels, pitch=pitch)
    done = 0
    for block in signal.read():
        ears.push(block)
        done += block.shape[1]
        progress(STAGE, done / signal.sample_rate_hz, signal.duration_s)
    return ears.features(signal.duration_s)


class _Ears:
    """What one pass feeds, all of it with the same blocks."""

    def __init__(self, sample_rate_hz: int, channels: int, *, pitch: bool) -> None:
        self._meter = Meter(sample_rate_hz, channels)
        self._raw = HopPowers(sample_rate_hz, channels)
        self._peaks = TruePeak(sample_rate_hz, channels)
        self._shape = SpectralShape(sample_rate_hz, channels, framing(sample_rate_hz))
        self._bands = BandPowers(sample_rate_hz, channels)
        self._weighting = KWeighting(sample_rate_hz, channels)
        self._tracker = _tracker(sample_rate_hz, channels) if pitch else None

    def push(self, samples: Samples) -> None:
        for ear in (self._meter, self._raw, self._peaks, self._shape, self._bands):
            ear.push(samples)
        if self._tracker is not None:
            self._tracker.push(samples, self._weighting.push(samples))

    def features(self, duration_s: float) -> Features:
        shape = self._shape.result()
        features = Features(
            duration_s=duration_s,
            active_s=self._meter.active_s(),
            peak_db=self._peaks.sample_db(),
            true_peak_db=self._peaks.db(),
            lufs=self._meter.lufs(),
            range_lu=self._meter.range_lu(),
            centroid_hz=shape and shape[0],
            bandwidth_hz=shape and shape[1],
            spectrum_db=self._bands.db(),
        )
        if self._only_offset():
            return replace(features, lufs=None, active_s=0.0, notes=(ONLY_OFFSET,))
        return features if self._tracker is None else _with_pitch(features, self._tracker.result())

    def _only_offset(self) -> bool:
        """Whether most of the energy lies in hops that are strong and yet below the gate."""
        raw, weighted = self._raw.powers(), self._meter.block_powers()
        unheard = (weighted < ABSOLUTE_GATE_POWER) & (raw > 10.0 * ABSOLUTE_GATE_POWER)
        return bool(np.sum(raw[unheard]) > np.sum(raw) / 2.0)


def _tracker(sample_rate_hz: int, channels: int) -> PitchTracker:
    from reaper_automix.features.pitch import PitchTracker

    return PitchTracker(sample_rate_hz, channels)


def _with_pitch(features: Features, pitch: Pitch) -> Features:
    return replace(
        features,
        f0_hz=pitch.f0_hz,
        pitch_confidence=pitch.confidence,
        pyin_hz=pitch.pyin_hz,
        pesto_hz=pitch.pesto_hz,
        notes=(*features.notes, *pitch.notes),
    )
