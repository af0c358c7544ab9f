"""How the samples of an open audio file become blocks.

Plain PCM, which is what sessions are made of, comes straight from its bytes: libsndfile says where
in the file the first frame lies, and one compiled sweep makes float32 of the bytes and tells the
channels apart. That takes a sixth of what libsndfile takes by itself, and gives the same samples
to the last bit: integers over their full scale, in which nothing but the conversion to float32 is
ever rounded. Everything else is decoded by libsndfile.

**Conventions**: as in :mod:`reaper_automix.media`.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from reaper_automix.audio import Samples


class Decoder(Protocol):
    """Reads samples of one file, which is open until it is closed.

    ``always_numbers``: the file has no way to say what is not a finite number.
    """

    always_numbers: bool

    def decode(self, first: int, frames: int) -> Samples:
        """Frames from ``first`` on, fewer where the file ends early; yours to change.

        Raises ``soundfile.SoundFileError`` or ``OSError`` where the file is damaged.
        """

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How plain PCM holds a sample: in the ``width`` upper bytes of a number of type ``kind``."""

    kind: str
    width: int

    @property
    def spare(self) -> int:
        """Bytes of the number that belong to the sample beside it."""
        return np.dtype(self.kind).itemsize - self.width


CODINGS = {
    "PCM_16": Coding("i2", 2),
    "PCM_24": Coding("i4", 3),
    "PCM_32": Coding("i4", 4),
    "FLOAT": Coding("f4", 4),
}
"""Plain PCM by libsndfile's subtype."""

BYTE_ORDERS = {
    "WAV": "<",
    "WAVEX": "<",
    "RF64": "<",
    "W64": "<",
    "AIFF": ">",
    "CAF": ">",
    "AU": ">",
}
"""What containers hold samples in that say nothing else, by libsndfile's format."""

_SAID_ORDERS = {"LITTLE": "<", "BIG": ">"}


def decoder(file: str, sound: sf.SoundFile) -> Decoder:
    """The quickest decoder there is for a file that libsndfile has opened; it takes it over."""
    with suppress(OSError, sf.SoundFileError):
        if plain := _plain(file, sound):
            sound.close()
            return plain
    return Library(sound)


def _plain(file: str, sound: sf.SoundFile) -> Plain | None:
    """The decoder of plain PCM, if that is what the file holds."""
    coding = CODINGS.get(sound.subtype)
    order = _SAID_ORDERS.get(sound.endian) or BYTE_ORDERS.get(sound.format)
    if coding is None or order is None:
        return None
    status = Path(file).stat()
    start, step = _places(file, status.st_size, status.st_mtime_ns)
    if step != coding.width * sound.channels:
        return None
    return Plain(file, start, sound.channels, coding, order)


@lru_cache(maxsize=1024)
def _places(file: str, size: int, changed_ns: int) -> tuple[int, int]:
    """Where the first frame of a file lies, and how many bytes on the next one.

    Seeking in plain PCM, libsndfile moves the stream that it reads from to the frame's first byte.
    Asking that way takes longer than opening the file, so the answer is kept for all items of it,
    until the file has another size or time.
    """
    with Path(file).open("rb") as stream, sf.SoundFile(stream) as sound:
        sound.seek(0)
        start = stream.tell()
        sound.seek(1)
        return start, stream.tell() - start


class _Desk(threading.local):
    """Room for the bytes of one block, for one thread.

    All files share it, so that it stays in the processor's cache when many are read in turn.
    """

    _data = np.empty(0, np.uint8)

    def room(self, size: int) -> NDArray[np.uint8]:
        """So many bytes, whatever they are, until the next call."""
        if len(self._data) < size:
            self._data = np.empty(size, np.uint8)
        return self._data


_DESK = _Desk()


class Plain:
    """Plain PCM from its bytes.

    Samples of three bytes are read as overlapping numbers of four, each with a byte of its
    neighbour at the lower end, which is masked: the one before it where the lowest byte comes
    first, else the one behind it. So there is a byte to spare before and behind what was read.
    """

    def __init__(self, file: str, start: int, channels: int, coding: Coding, order: str) -> None:
        self._stream = BufferedReader(FileIO(file))
        self._start = start
        self._channels = channels
        self._coding = coding
        self.always_numbers = coding.kind != "f4"
        self._type = np.dtype(order + coding.kind)
        self._offset = 0 if order == "<" else coding.spare

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def decode(self, first: int, frames: int) -> Samples:
        """Frames from ``first`` on, fewer where the file ends early; yours to change."""
        step, spare = self._coding.width * self._channels, self._coding.spare
        data = _DESK.room(frames * step + 2 * spare)
        self._stream.seek(self._start + first * step)
        there = self._stream.readinto(data[spare : spare + frames * step].data) // step
        strides = (step, self._coding.width)
        shape = (there, self._channels)
        samples = np.ndarray(shape, self._type, data, self._offset, strides)
        return self._converted(samples.astype(self._type.newbyteorder("="), copy=False))

    def _converted(self, samples: NDArray[Any]) -> Samples:
        from reaper_automix.planar import from_floats, from_integers

        block = np.empty(samples.shape[::-1], np.float32)
        if samples.dtype == np.float32:
            from_floats(samples, block)
        else:
            mask = samples.dtype.type(-1 << 8 * self._coding.spare)
            from_integers(samples, mask, np.float32(-1.0 / np.iinfo(samples.dtype).min), block)
        return block


class Library:
    """Whatever else libsndfile reads, quickest in order."""

    always_numbers = False

    def __init__(self, sound: sf.SoundFile) -> None:
        self._sound = sound
        self._next = 0
        self._read = np.empty((0, sound.channels), np.float32)

    def close(self) -> None:
        """Let go of the file."""
        self._sound.close()

    def decode(self, first: int, frames: int) -> Samples:
        """Frames from ``first`` on, fewer where the file ends early; yours to change."""
        from reaper_automix.planar import from_floats

        if len(self._read) < frames:
            self._read = np.empty((frames, self._sound.channels), np.float32)
        at, self._next = self._next, -1
        if first != at:
            self._sound.seek(first)
        samples = self._sound.read(out=self._read[:frames])
        self._next = first + len(samples)
        block = np.empty(samples.shape[::-1], np.float32)
        from_floats(samples, block)
        return block
