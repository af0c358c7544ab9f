"""Excerpts of a source, at moments that all sources of a session share.

What two microphones hear of one source shows where both are heard at once, sample by sample, with
the delay of the way between them. So every source keeps some windows of its sound, and all of them
keep the same ones.

**Conventions**: time is cut into *windows* of :data:`WINDOW_HOPS` hops of the session's time line
(:mod:`.trace`): window ``w`` holds the hops from ``w · WINDOW_HOPS`` on. The sound is K-weighted,
one channel, at :data:`RATE_HZ`: delays are told by what lies below 4 kHz, and no better than that
is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features.loudness import hop_frames

WINDOW_HOPS = 2
"""Hops of a window: twice the longest delay that is looked for, and more."""

RATE_HZ = 8000
WINDOW_SAMPLES = 1600

MOST_WINDOWS = 160
"""Windows that a source keeps at most; in half a minute of sound they are all of it."""

SILENT_POWER = 1e-10
"""A window below this power is not kept, as in :data:`.trace.SILENT_POWER`."""

MOST_UNITS = 127
"""Steps up to the loudest sample of a window; they are 40 dB below it."""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """What a source sounds like in some windows of the time line.

    ``windows`` ``[kept]`` int32 are their numbers, ascending; they are the multiples of one power
    of two, so that any two sources share those of the sparser one. ``powers`` ``[kept]`` float32
    are mean powers, ``samples`` ``[kept, 1600]`` int8 the sound, the loudest of each window at
    :data:`MOST_UNITS`.
    """

    windows: NDArray[np.int32]
    powers: NDArray[np.float32]
    samples: NDArray[np.int8]


class Excerpter:
    """Takes excerpts of a K-weighted stream that comes in blocks of any size."""

    def __init__(self, sample_rate_hz: float, channels: int, start_frame: int) -> None:
        self._length = WINDOW_HOPS * hop_frames(sample_rate_hz)
        self._next, late = divmod(start_frame, self._length)
        self._rest: Samples = np.zeros((channels, late), np.float32)
        # Halved from channel to channel: no phase between two of them cancels all of the sound.
        self._mixed = np.asarray(0.5 ** np.arange(channels), np.float32)
        self._step = 1
        self._windows = np.empty(0, np.int64)
        self._sound: list[Samples] = []

    def push(self, weighted: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        missing = self._length - self._rest.shape[1]
        self._rest = np.concatenate([self._rest, weighted[:, :missing]], axis=1)
        if self._rest.shape[1] < self._length:
            return
        end = weighted.shape[1] - (weighted.shape[1] - missing) % self._length
        self._keep(self._rest[:, None])
        self._keep(weighted[:, missing:end].reshape(len(weighted), -1, self._length))
        self._rest = weighted[:, end:].copy()

    def result(self) -> Excerpts:
        """The excerpts; the stream ends here."""
        if self._rest.any():
            missing = self._length - self._rest.shape[1]
            self._keep(np.pad(self._rest, ((0, 0), (0, missing)))[:, None])
        sound = np.array(self._sound, np.float32).reshape(-1, self._length)
        powers = np.square(sound).mean(axis=1)
        return Excerpts(self._windows.astype(np.int32), powers, _counted(sound))

    def _keep(self, frames: Samples) -> None:
        """Keep what sounds in whole windows, ``[channels, windows, frames]``."""
        wanted = slice(-self._next % self._step, None, self._step)
        numbers = (self._next + np.arange(frames.shape[1]))[wanted]
        self._next += frames.shape[1]
        heard = frames[:, wanted].reshape(len(frames), -1)
        # Products of matrices, which BLAS does quickest.
        mono: Samples = (self._mixed @ heard).reshape(-1, self._length)
        energies = (mono[:, None] @ mono[:, :, None])[:, 0, 0]
        sounding = energies > SILENT_POWER * self._length
        self._windows = np.append(self._windows, numbers[sounding])
        self._sound += [window for window, sounds in zip(mono, sounding, strict=True) if sounds]
        while len(self._windows) > MOST_WINDOWS:
            self._thin()

    def _thin(self) -> None:
        """Keep every other window, from now on as well."""
        self._step *= 2
        kept = self._windows % self._step == 0
        self._windows = self._windows[kept]
        self._sound = [sound for sound, stays in zip(self._sound, kept, strict=True) if stays]


def _counted(sound: Samples) -> NDArray[np.int8]:
    """Windows ``[windows, frames]`` at :data:`RATE_HZ`, in units of their own.

    What the cut of their spectrum makes of the two ends goes under the taper of those who compare.
    """
    from scipy.fft import irfft, rfft

    bins = WINDOW_SAMPLES // 2 + 1
    spectrum = rfft(sound)[:, :bins]
    spectrum = np.pad(spectrum, ((0, 0), (0, bins - spectrum.shape[1])))
    slow = irfft(spectrum, WINDOW_SAMPLES)
    loudest = np.abs(slow).max(axis=1, keepdims=True, initial=0.0)
    units = np.where(loudest > 0.0, loudest, 1.0) / MOST_UNITS
    counted: NDArray[np.int8] = np.rint(slow / units).astype(np.int8)
    return counted
