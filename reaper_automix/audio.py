"""Sound in memory: one block of it, and a signal that is read block by block.

**Conventions**: samples are float32, shape ``[channels, frames]``, 1.0 is full scale. A
:class:`Signal` is a recipe, not a buffer: reading it again starts from its first frame, and no
step holds more than one block, so memory does not grow with the length of a session. Who reads a
block may keep it, and does not change it. What is read more than once is :func:`held`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""``[channels, frames]`` float32."""

BLOCK_FRAMES = 1 << 17
"""Frames per block; only the last block of a signal is shorter."""

SPARE_REELS = 2
"""As many as one track needs; see :class:`Tape`."""

HELD_BYTES = 256 << 20
"""What :func:`held` keeps of one signal at most: ten minutes of stereo at 48 kHz take 220 MiB."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that can be read from its start as often as needed.

    ``start_frame`` is where it begins on the session's time line, so that signals of one session
    (which share ``sample_rate_hz``) can be summed. ``read()`` yields :data:`Samples` of exactly
    ``BLOCK_FRAMES`` frames, the last one shorter, ``frames`` in all.
    """

    sample_rate_hz: int
    channels: int
    start_frame: int
    frames: int
    read: Callable[[], Iterator[Samples]]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz


def from_samples(samples: Samples, sample_rate_hz: int, start_frame: int = 0) -> Signal:
    """Signal over samples that are already in memory, shape ``[channels, frames]``.

    >>> from_samples(np.zeros((2, 10), np.float32), 48000).frames
    10
    """
    samples = np.atleast_2d(np.asarray(samples, dtype=np.float32))

    def read() -> Iterator[Samples]:
        for first in range(0, samples.shape[1], BLOCK_FRAMES):
            yield samples[:, first : first + BLOCK_FRAMES]

    return Signal(sample_rate_hz, samples.shape[0], start_frame, samples.shape[1], read)


def to_samples(signal: Signal) -> Samples:
    """The whole signal in memory, ``[channels, frames]``; for short signals and tests."""
    blocks = list(signal.read())
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((signal.channels, 0), np.float32)


def held(signal: Signal, most_bytes: int = HELD_BYTES) -> Signal:
    """The same signal, which its first whole reading keeps in memory for the later ones.

    What is kept goes with the last reference to the signal. One of more than ``most_bytes`` is not
    kept, nor is what was read of one before the reader lost interest; they are read anew.
    """
    if not is_short(signal, most_bytes):
        return signal
    kept: list[Samples] = []

    def read() -> Iterator[Samples]:
        if kept:
            yield from kept
        else:
            kept[:] = yield from _keeping(signal)

    return replace(signal, read=read)


def is_short(signal: Signal, most_bytes: int = HELD_BYTES) -> bool:
    """Whether all of a signal may be kept in memory."""
    return signal.frames * signal.channels * np.float32().nbytes <= most_bytes


def _keeping(signal: Signal) -> Generator[Samples, None, list[Samples]]:
    """A signal's blocks as they come; in the end all of them, which nobody can change."""
    tape = Tape(signal)
    for block in signal.read():
        place = tape.room(block.shape[1])
        place[:] = block
        place.flags.writeable = False
        yield place
    return tape.blocks


class Tape:
    """Room for all blocks of a signal, or of what somebody makes of them.

    They lie side by side in one piece of memory, which goes back to :class:`_Reels` when nobody
    refers to a block any more.
    """

    def __init__(self, signal: Signal) -> None:
        self._channels = signal.channels
        self._rest = _REELS.taken(signal.frames * signal.channels)
        self.blocks: list[Samples] = []

    def room(self, frames: int) -> Samples:
        """The place of the next block, to be filled."""
        size = frames * self._channels
        place, self._rest = self._rest[:size], self._rest[size:]
        self.blocks.append(place.reshape(self._channels, frames))
        return self.blocks[-1]


class _Reels:
    """Pieces of memory that tapes have been given back; the next tape of that length gets them.

    Pages of memory that are touched first take the system as long as decoding what is put there,
    and one track is as long as the other in most sessions. Threads (a worker of a cluster may do
    several songs at a time) share them.
    """

    def __init__(self) -> None:
        self._spare: list[NDArray[np.float32]] = []
        # Reentrant, as what is lent may be given back at any moment: by a collection in here, too.
        self._lock = threading.RLock()

    def taken(self, size: int) -> NDArray[np.float32]:
        """An array of so many numbers, whatever they are."""
        reel = self._claimed(size)
        if reel is None:
            reel = np.empty(size, np.float32)
        lent = np.frombuffer(reel.data, np.float32, size)
        weakref.finalize(lent, self._spare_again, reel).atexit = False
        return lent

    def _claimed(self, size: int) -> NDArray[np.float32] | None:
        """The smallest that fits, for nobody else; where none does, all make room for a new one."""
        with self._lock:
            fitting = [reel for reel in self._spare if reel.size >= size]
            claimed = min(fitting, key=len, default=None)
            others = [] if claimed is None else self._spare
            self._spare = [other for other in others if other is not claimed]
        return claimed

    def let_go(self) -> None:
        """Leave what is spare to the system."""
        with self._lock:
            self._spare = []

    def _spare_again(self, reel: NDArray[np.float32]) -> None:
        with self._lock:
            self._spare = [reel, *self._spare][:SPARE_REELS]


_REELS = _Reels()


def rest() -> None:
    """Keep no memory for further signals; for a process that may have nothing to do for long."""
    _REELS.let_go()


def aligned(signal: Signal, origin: int) -> Iterator[Samples | None]:
    """A signal's blocks on the grid that starts at ``origin``; ``None`` where it has not begun.

    ``origin`` is a frame of the time line, not after the signal's first one: :class:`ValueError`.
    """
    if signal.start_frame < origin:
        raise ValueError(f"a signal from frame {signal.start_frame} begins before {origin}")
    skipped, shift = divmod(signal.start_frame - origin, BLOCK_FRAMES)
    yield from repeat(None, skipped)
    yield from _delayed(signal, shift) if shift else signal.read()


def _delayed(signal: Signal, shift: int) -> Iterator[Samples]:
    """A signal's blocks behind so many frames of silence; holds none, but for what is late."""
    late = np.zeros((signal.channels, shift), np.float32)

    def delayed(block: Samples) -> Samples:
        nonlocal late
        joined = np.concatenate([late, block], axis=1)
        late = joined[:, BLOCK_FRAMES:].copy()
        return joined[:, :BLOCK_FRAMES]

    yield from map(delayed, signal.read())
    if late.shape[1]:
        yield late


def from_start(signal: Signal) -> Signal:
    """The signal with the silence before it, so that all files of a session start together."""

    def read() -> Iterator[Samples]:
        silence = np.zeros((signal.channels, BLOCK_FRAMES), np.float32)
        for block in aligned(signal, 0):
            yield silence if block is None else block

    return replace(signal, start_frame=0, frames=signal.start_frame + signal.frames, read=read)


def gained(signal: Signal, gain: float) -> Signal:
    """The signal times a linear gain."""

    def read() -> Iterator[Samples]:
        for block in signal.read():
            yield block * np.float32(gain)

    return signal if gain == 1.0 else replace(signal, read=read)
