"""Another sample rate or play rate: a line read faster or slower, pitch and all.

soxr's HQ resampler streams without delay: its frame ``k`` lies at source frame ``k · ratio``
(measured: a 1 kHz sine from 44.1 to 48 kHz is off by -124 dB). It can only begin on a whole frame,
so it is begun early, on a frame from which its grid meets the wanted position.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from reaper_automix.audio import BLOCK_FRAMES, Samples
from reaper_automix.render.source import Pull

QUALITY = "HQ"
"""20 bit; passes 91 % of the narrower band."""

FILTER_FRAMES = 256
"""More than half the length of soxr's filter, in frames of the lower rate."""

_GRID_TRIES = 1024
_MARGIN_FRAMES = 1024


def resampled(
    line_from: Callable[[int], Pull], position: float, ratio: float, channels: int
) -> Pull:
    """A line that starts at a fractional ``position`` and moves ``ratio`` source frames per frame.

    ``line_from`` gives the source from a whole frame on. At ratio 1 the source passes unchanged,
    from the nearest frame on.
    """
    if ratio == 1.0:
        return line_from(round(round(position, 6)))
    first, skip = _meeting(position, ratio)
    resampler = _Resampler(line_from(first), ratio, channels)
    resampler.pull(skip)
    return resampler.pull


def _meeting(position: float, ratio: float) -> tuple[int, int]:
    """A whole source frame to begin at and the frames to skip until ``position`` is met.

    Of many early beginnings the one that falls nearest to a whole frame: exact where the two rates
    allow it, else better than 1/500 frame for ratios that are not simple fractions.
    """
    filter_frames = math.ceil(FILTER_FRAMES * max(1.0, 1.0 / ratio))
    skips = np.arange(filter_frames, filter_frames + _GRID_TRIES)
    starts = position - skips * ratio
    errors = np.abs(starts - np.rint(starts))
    # Errors that differ by less than a rounding are the same: the first of them is the nearest.
    best = int(np.argmin(np.round(errors, 6)))
    return round(float(starts[best])), int(skips[best])


class _Resampler:
    """soxr behind a pull: feeds it until it has given enough."""

    def __init__(self, pull: Pull, ratio: float, channels: int) -> None:
        import soxr

        self._source = pull
        self._ratio = ratio
        self._soxr = soxr.ResampleStream(ratio, 1.0, channels, quality=QUALITY)
        self._held = np.zeros((0, channels), np.float32)

    def pull(self, frames: int) -> Samples:
        while len(self._held) < frames:
            fresh = self._fed(frames - len(self._held))
            self._held = np.concatenate([self._held, fresh])
        given, self._held = self._held[:frames], self._held[frames:]
        return np.ascontiguousarray(given.T)

    def _fed(self, missing: int) -> Samples:
        wanted = int(missing * self._ratio) + _MARGIN_FRAMES
        source = self._source(min(wanted, BLOCK_FRAMES))
        fresh: Samples = self._soxr.resample_chunk(np.ascontiguousarray(source.T))
        return fresh
