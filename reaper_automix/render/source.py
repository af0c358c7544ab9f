"""A source as one endless line of frames: its section, reversed, looped, silent around it.

**Conventions**: a *pull* is a function that gives the next frames of a line, as many as asked for,
float32 ``[channels, frames]``, contiguous and yours to change. A line has no end; whoever pulls
knows how much of it an item shows. Positions are frames of the source at the source's own rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from reaper_automix.audio import BLOCK_FRAMES, Samples
from reaper_automix.media import Reader
from reaper_automix.session import Section

Pull = Callable[[int], Samples]
"""Gives the next ``n`` frames of a line."""


def frame_at(time_s: float, rate_hz: float) -> int:
    """The frame nearest to a time.

    Times that differ only in their last digits give the same frame even half way between two, so
    that an item that begins where another ends neither overlaps it nor leaves a gap.

    >>> frame_at(0.1 + 0.2, 5.0), frame_at(0.3, 5.0)
    (2, 2)
    """
    return round(round(time_s * rate_hz, 6))


class SourceLine:
    """What a source plays from a frame on; frames below zero come before its start."""

    def __init__(self, reader: Reader, section: Section | None, loop: bool, first: int) -> None:
        section = section or Section()
        rate_hz = reader.info.sample_rate_hz
        self._reader = reader
        self._reverse = section.reverse
        self._start = frame_at(section.start_s, rate_hz)
        whole = reader.info.frames - self._start
        self._length = frame_at(section.length_s, rate_hz) or max(whole, 0)
        self._next = first
        self._pieces = self._looped if loop and self._length else self._once
        self._memory: Samples | None = None

    def pull(self, frames: int) -> Samples:
        """The next frames."""
        first, self._next = self._next, self._next + frames
        pieces = list(self._pieces(first, self._next))
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)

    def _once(self, first: int, end: int) -> Iterator[Samples]:
        """Silence, the source, silence: as much of each as lies in a range."""
        start, stop = (min(max(edge, first), end) for edge in (0, self._length))
        if first < start:
            yield self._silence(start - first)
        if start < stop or first == end:
            yield self._sound(start, stop - start)
        if stop < end:
            yield self._silence(end - stop)

    def _looped(self, first: int, end: int) -> Iterator[Samples]:
        """The source over and over; a short one is decoded once only."""
        if self._length <= BLOCK_FRAMES:
            if self._memory is None:
                self._memory = self._sound(0, self._length)
            yield self._memory.take(np.arange(first, end), axis=1, mode="wrap")
            return
        while first < end:
            at = first % self._length
            count = min(self._length - at, end - first)
            yield self._sound(at, count)
            first += count

    def _sound(self, at: int, frames: int) -> Samples:
        """Frames of the section, counted from its first one as it plays."""
        if not self._reverse:
            return self._reader.read(self._start + at, frames)
        last = self._start + self._length
        return np.ascontiguousarray(self._reader.read(last - at - frames, frames)[:, ::-1])

    def _silence(self, frames: int) -> Samples:
        return np.zeros((self._reader.info.channels, frames), np.float32)
