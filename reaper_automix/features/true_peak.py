"""True peak of a stream: the largest value that the waveform takes between its samples.

**Source**: Recommendation ITU-R BS.1770-5, annex 2: four-fold oversampling with the 48-tap
interpolator tabulated there. Its branches stand 1/8, 3/8, 5/8 and 7/8 of the way between two
samples; the samples themselves count too, so that the true peak is never below the sample peak.
At 96 kHz and above the two middle branches do (no gap is wider than the annex has at 48 kHz), at
192 kHz and above the samples alone, as the annex allows.

**Conventions**: dBTP, the largest of all channels, minus infinity for digital silence. The stream
is silent before its first and behind its last sample.
"""

from __future__ import annotations

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.units import db_from_gain

OUTER = (
    0.0017089843750,
    0.0109863281250,
    -0.0196533203125,
    0.0332031250000,
    -0.0594482421875,
    0.1373291015625,
    0.9721679687500,
    -0.1022949218750,
    0.0476074218750,
    -0.0266113281250,
    0.0148925781250,
    -0.0083007812500,
)
"""Phase 0 of the annex; phase 3 is the same backwards."""

INNER = (
    -0.0291748046875,
    0.0292968750000,
    -0.0517578125000,
    0.0891113281250,
    -0.1665039062500,
    0.4650878906250,
    0.7797851562500,
    -0.2003173828125,
    0.1015625000000,
    -0.0582275390625,
    0.0330810546875,
    -0.0189208984375,
)
"""Phase 1 of the annex; phase 2 is the same backwards."""

PHASES = (
    (192_000, ()),
    (96_000, (INNER, INNER[::-1])),
    (0, (INNER, INNER[::-1], OUTER, OUTER[::-1])),
)
"""Branches of the interpolator, by the lowest sample rate they serve."""

TAIL = len(OUTER) - 1
"""Samples that a branch needs besides its own."""


class TruePeak:
    """True peak and sample peak of a stream that comes in blocks of any size.

    A branch makes at most its magnitudes' sum times the largest of its samples. Stretches that
    cannot beat the peak known so far are passed over: exact, and most of the work is saved.
    """

    def __init__(self, sample_rate_hz: float, channels: int) -> None:
        phases = next(rows for rate_hz, rows in PHASES if sample_rate_hz >= rate_hz)
        self._phases = np.array(phases, np.float32).reshape(-1, TAIL + 1)
        self._reach = float(np.abs(self._phases).sum(axis=1).max(initial=0.0))
        self._tail: Samples = np.zeros((channels, TAIL), np.float32)
        self._sample_peak = 0.0
        self._peak = 0.0

    def follow(self, samples: Samples) -> None:
        """Have the stream begin behind some samples instead of behind silence."""
        self._tail = np.concatenate([self._tail, samples], axis=1)[:, -TAIL:]

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        if not samples.shape[1]:
            return
        self._sample_peak = max(self._sample_peak, float(samples.max()), -float(samples.min()))
        self._look(samples)

    def db(self) -> float:
        """True peak in dBTP; ends the stream."""
        self._look(np.zeros_like(self._tail))
        return self.db_so_far()

    def db_so_far(self) -> float:
        """True peak in dBTP of a stream that goes on."""
        return db_from_gain(self._peak)

    def sample_db(self) -> float:
        """Sample peak in dBFS."""
        return db_from_gain(self._sample_peak)

    def _look(self, samples: Samples) -> None:
        from reaper_automix.features import kernels

        joined = np.concatenate([self._tail, samples], axis=1, dtype=np.float32)
        self._tail = joined[:, -TAIL:].copy()
        self._peak = max(self._peak, self._sample_peak)
        self._peak = kernels.true_peak(joined, self._phases, self._reach, self._peak)
