"""Everything there is to know about one source's sound, from one reading of it.

The first sweep takes what needs all samples, and chooses what is analysed more closely; what asks
for a band that only then is known (:mod:`reaper_automix.levels`) and the shape of the spectrum are
taken from what :func:`~reaper_automix.audio.held` has kept in memory.

**Conventions**: see :mod:`reaper_automix.features`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, Signal, Tape, held, is_short
from reaper_automix.features import Features
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, Meter, hop_frames, k_weighted
from reaper_automix.features.spectrum import Shape, shape
from reaper_automix.features.trace import Sketcher, Trace
from reaper_automix.features.true_peak import PeakEnvelope
from reaper_automix.levels import levels_of
from reaper_automix.measurement import Measurement
from reaper_automix.progress import Progress, silent
from reaper_automix.units import db_from_gain

if TYPE_CHECKING:
    from reaper_automix.features.pitch import Pitch
    from reaper_automix.features.trace import Sketch
    from reaper_automix.settings import PitchMode

STAGE = "Measuring"

ONLY_OFFSET = (
    "There is no sound on it but an offset (DC) or a rumble too low to hear, so it has no level; "
    "filter that out if there should be sound."
)


def listen(
    signal: Signal, *, pitch: PitchMode = "auto", progress: Progress = silent
) -> tuple[Measurement, Sketch]:
    """What there is to know about a source, and the sketch of it for sums.

    Silence has no loudness and no centroid, and peaks at minus infinity. A signal whose energy
    lies mostly where nothing can be heard (an offset, heard at most where it sets in) counts as
    silence, and a note says so. ``progress`` counts the seconds of the signal once.
    """
    from reaper_automix.features.pitch import PitchTracker

    kept = held(signal)
    ears = _Ears(kept)
    tracker = PitchTracker(kept.sample_rate_hz, kept.channels, pitch)
    sketcher = Sketcher(kept.sample_rate_hz, kept.channels, kept.start_frame)
    tape = Tape(kept) if is_short(kept) else None
    done = 0
    for block in kept.read():
        weighted = ears.push(block, tape.room(block.shape[1]) if tape else None)
        tracker.push(block, weighted)
        sketcher.push(weighted)
        done += block.shape[1]
        progress(STAGE, done / kept.sample_rate_hz, kept.duration_s)
    trace = ears.trace()
    features = ears.features(trace, shape(kept, every_frame=pitch == "all"))
    if features.lufs is not None:
        features = _with_pitch(features, tracker.result())
    beat = partial(progress, STAGE, kept.duration_s, kept.duration_s)
    weighted_again = replace(kept, read=tape.blocks.__iter__) if tape else k_weighted(kept)
    levels = levels_of(weighted_again, features, whole_lufs=ears.level_lufs(), beat=beat)
    sketch = sketcher.result(ears.powers())
    return Measurement(features, levels, trace), sketch


def overview(signal: Signal) -> Features:
    """The features of a signal but for its pitch."""
    kept = held(signal)
    ears = _Ears(kept)
    for block in kept.read():
        ears.push(block)
    return ears.features(ears.trace(), shape(kept))


class _Ears:
    """What needs all samples of a signal, its pitch aside."""

    def __init__(self, signal: Signal) -> None:
        rate_hz, start_frame = signal.sample_rate_hz, signal.start_frame
        self._signal = signal
        self._meter = Meter(rate_hz, signal.channels, start_frame=start_frame)
        self._peaks = PeakEnvelope(rate_hz, signal.channels, start_frame)

    def push(self, samples: Samples, room: Samples | None = None) -> Samples:
        """Take the next block; gives it back K-weighted, in ``room`` if there is some."""
        self._peaks.push(samples)
        return self._meter.push(samples, room)

    def level_lufs(self) -> float | None:
        """The loudness by which the signal is balanced; ends it."""
        return self._meter.level_lufs()

    def powers(self) -> NDArray[np.float32]:
        """The K-weighted power of every hop of the time line that has a sample of the signal."""
        start_frame, hop = self._signal.start_frame, hop_frames(self._signal.sample_rate_hz)
        first_hop, end_hop = start_frame // hop, -(-(start_frame + self._signal.frames) // hop)
        powers = self._meter.powers_on_time_line(first_hop, max(0, end_hop - first_hop))
        return powers.astype(np.float32)

    def trace(self) -> Trace:
        """How the signal goes in time; ends it. Its waveform reaches a hop more at either end."""
        first_hop, peaks = self._peaks.result()
        hops = first_hop, peaks.shape[1]
        powers = self._meter.powers_on_time_line(*hops).astype(np.float32)
        return Trace(first_hop, powers, peaks, self._meter.raw_powers_on_time_line(*hops))

    def features(self, trace: Trace, shape: Shape) -> Features:
        """The features but for the pitch; what is only an offset has no loudness."""
        features = Features(
            duration_s=self._signal.duration_s,
            active_s=self._meter.active_s(),
            peak_db=self._peaks.sample_db(),
            true_peak_db=db_from_gain(float(trace.peaks.max(initial=0.0))),
            lufs=self._meter.lufs(),
            range_lu=self._meter.range_lu(),
            centroid_hz=shape.centroid_hz,
            bandwidth_hz=shape.bandwidth_hz,
            spectrum_db=shape.bands_db,
        )
        if self._only_offset():
            return replace(features, lufs=None, active_s=0.0, notes=(ONLY_OFFSET,))
        return features

    def _only_offset(self) -> bool:
        """Whether most of the energy lies in hops that are strong and yet below the gate."""
        raw, weighted = self._meter.raw_powers(), self._meter.block_powers()
        unheard = (weighted < ABSOLUTE_GATE_POWER) & (raw > 10.0 * ABSOLUTE_GATE_POWER)
        return bool(np.sum(raw[unheard]) > np.sum(raw) / 2.0)


def _with_pitch(features: Features, pitch: Pitch) -> Features:
    return replace(
        features,
        f0_hz=pitch.f0_hz,
        pitch_confidence=pitch.confidence,
        pyin_hz=pitch.pyin_hz,
        pesto_hz=pitch.pesto_hz,
        notes=(*features.notes, *pitch.notes),
    )
