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
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features.hops import pieces
from reaper_automix.features.loudness import hop_frames
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

BRANCHES = (
    (192_000, ()),
    (96_000, (INNER,)),
    (0, (INNER, OUTER)),
)
"""Branches of the interpolator by the lowest sample rate they serve; each stands for itself and
for the same backwards."""

TAPS = len(OUTER)
BEFORE, BEHIND = TAPS // 2, TAPS // 2 - 1
"""Frames before its first and behind its last one that a sound makes its waveform move in."""


class TruePeak:
    """True peak and sample peak of a stream that comes in blocks of any size."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._interpolator = _Interpolator(sample_rate_hz, channels)
        self._peak = 0.0

    def follow(self, samples: Samples) -> None:
        """Have the stream begin behind some samples instead of behind silence."""
        self._interpolator.follow(samples)

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        peaks = np.full((len(samples), 1), self._peak, np.float32)
        self._interpolator.push(samples, np.array([samples.shape[1]]), peaks)
        self._peak = float(peaks.max(initial=0.0))

    def db(self) -> float:
        """True peak in dBTP; ends the stream."""
        self.push(self._interpolator.silence())
        return self.db_so_far()

    def db_so_far(self) -> float:
        """True peak in dBTP of a stream that goes on."""
        return db_from_gain(self._peak)

    def sample_db(self) -> float:
        """Sample peak in dBFS."""
        return db_from_gain(self._interpolator.sample_peak)


class PeakEnvelope:
    """True peak of every channel of a stream in every hop of the session's time line.

    An instant between two samples belongs to the hop of the earlier one (those before the time
    line begins, to its first hop). So every instant of a hop is one sum of samples, the same for
    all sources, and **the peak of a sum in a hop is at most the sum of its sources' peaks there**.
    """

    def __init__(self, sample_rate_hz: int, channels: int, start_frame: int) -> None:
        self._interpolator = _Interpolator(sample_rate_hz, channels)
        self._hop = hop_frames(sample_rate_hz)
        self._next = start_frame - BEFORE
        self._numbers = [np.empty(0, np.int64)]
        self._peaks = [np.empty((channels, 0), np.float32)]

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        frames = samples.shape[1]
        starts = pieces((self._next % self._hop,), frames, self._hop)
        peaks = np.zeros((len(samples), len(starts)), np.float32)
        self._interpolator.push(samples, np.append(starts[1:], frames), peaks)
        self._numbers.append(np.maximum(self._next + starts, 0) // self._hop)
        self._peaks.append(peaks)
        self._next += frames

    def result(self) -> tuple[int, NDArray[np.float32]]:
        """The first hop in which the waveform moves and the peaks, linear, ``[channels, hops]``.

        The waveform begins to move :data:`BEFORE` frames ahead of the first sample, and rings out
        over :data:`BEHIND`. Ends the stream.
        """
        self.push(self._interpolator.silence())
        numbers = np.concatenate(self._numbers)
        found = np.concatenate(self._peaks, axis=1)
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        return int(numbers[0]), np.maximum.reduceat(found, firsts, axis=1)

    def sample_db(self) -> float:
        """Sample peak in dBFS, of all channels."""
        return db_from_gain(self._interpolator.sample_peak)


class _Interpolator:
    """What true peaks are looked for with; keeps the samples that a branch reaches back to."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        from reaper_automix.features import kernels

        self._raise_peaks = kernels.raise_peaks
        self._readable = kernels.readable
        rows = next(rows for rate_hz, rows in BRANCHES if sample_rate_hz >= rate_hz)
        branches = np.array(rows).reshape(-1, TAPS)
        mirrored = branches[:, ::-1]
        self._even = ((branches + mirrored) / 2.0)[:, : TAPS // 2].astype(np.float32)
        self._odd = ((branches - mirrored) / 2.0)[:, : TAPS // 2].astype(np.float32)
        self._reach = float(np.abs(branches).sum(axis=1).max(initial=1.0))
        self._tail: Samples = np.zeros((channels, TAPS - 1), np.float32)
        self.sample_peak = 0.0

    def follow(self, samples: Samples) -> None:
        """Take samples for what came before the stream."""
        self._tail = np.concatenate([self._tail, samples], axis=1)[:, 1 - TAPS :]

    def push(self, samples: Samples, ends: NDArray[np.int64], peaks: NDArray[np.float32]) -> None:
        """Raise ``peaks`` ``[channels, pieces]``, which ``ends`` cuts, to those of the next block.

        Its instants begin and end :data:`BEFORE` frames before the block does.
        """
        reach = TAPS - 1
        joint = np.concatenate([self._tail, samples[:, :reach]], axis=1)
        self._raise(joint, np.minimum(ends, reach), peaks)
        if samples.shape[1] > reach:  # from here on nothing before the block is heard
            self._raise(samples, np.maximum(ends - reach, 0), peaks)
        self.follow(samples[:, -reach:])

    def _raise(self, samples: Samples, ends: NDArray[np.int64], peaks: NDArray[np.float32]) -> None:
        """The same, of samples that begin with what the first instant reaches back to."""
        taken = self._readable(samples)
        largest = self._raise_peaks(taken, self._even, self._odd, self._reach, ends, peaks)
        self.sample_peak = max(self.sample_peak, largest)

    def silence(self) -> Samples:
        """What a stream ends with, so that its last samples ring out."""
        return np.zeros_like(self._tail)
