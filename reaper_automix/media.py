"""Audio files: what is in one, its samples from any frame on, and writing one safely.

Everything libsndfile reads is read (WAV 16/24/32 bit and float, RF64, AIFF, FLAC, OGG, MP3 …), as
float32 and decoded as quickly as its kind allows (:mod:`reaper_automix.decoders`). A file that
cannot be read at all is a :class:`MediaError`; one that can be read in part is read in part, and
the reader of the data is told so.

**Conventions**: samples are float32 ``[channels, frames]``; frames count from the file's start at
the file's own rate. A *note* is one sentence about what was read but is not as it should be.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from reaper_automix.audio import BLOCK_FRAMES, Samples, Signal
from reaper_automix.decoders import decoder
from reaper_automix.errors import MediaError, OutputError

_log = logging.getLogger(__name__)

Note = Callable[[str], None]
"""Told one sentence about sound that was read but is not as it should be."""

WAV_LIMIT_BYTES = 2**32 - 2**16
"""More sound than this does not fit the 32-bit sizes of a RIFF file, which then becomes RF64."""

LOSSY_BECOMES = "PCM_24"
"""What decoded lossy sound is written as, which is more than a lossy codec keeps."""

PROMISE_S = 1.0
"""An MP3 whole and sound may still end this much before its header says so (measured: 0.5 s)."""

CONTAINERS = {
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".caf": "CAF",
    ".flac": "FLAC",
    ".mp3": "MP3",
    ".ogg": "OGG",
    ".w64": "W64",
}
"""libsndfile's container by file suffix; everything else is written as WAV."""

BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
"""Bit depth of the integer subtypes."""

_SAMPLE_BYTES = {name: bits // 8 for name, bits in BITS.items()} | {"FLOAT": 4, "DOUBLE": 8}
_SIGN_SIBLINGS = {"PCM_S8": "PCM_U8", "PCM_U8": "PCM_S8"}
_BYTE_ORDER = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">", b"FORM": ">"}
_SOUND_CHUNKS = (b"data", b"SSND")
_SIZE_UNKNOWN = 0x7FFFF000
"""Sizes from here on stand for "see the ds64 chunk", or for "streamed, nobody knows"."""

_FAULTS = {
    "damaged": "is damaged after {at:.1f} s and sounds only where it can be decoded",
    "short": "ends early, after {at:.1f} s, and counts as silent from there on",
    "nan": (
        "holds samples that are not numbers, or beyond +120 dBFS, from {at:.1f} s on, which count "
        "as silence"
    ),
}
"""What can be wrong with samples, as the note about it says it."""

LOUDEST = 1e6
"""Samples beyond it, +120 dBFS, are damage and no sound."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is in an audio file; ``subtype`` and ``format`` in libsndfile's words.

    ``notes`` are sentences about what the header already shows to be wrong (:func:`probe` only).
    """

    sample_rate_hz: int
    channels: int
    frames: int
    subtype: str
    format: str
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz


def probe(file: str) -> MediaInfo:
    """What the header of an audio file says; :class:`MediaError` when there is no sound in it."""
    with _open(file) as sound:
        info = _info(file, sound)
    return replace(info, notes=_cut_short(file, info.duration_s))


def blocks(
    file: str, start_frame: int = 0, frames: int | None = None, *, note: Note = _log.warning
) -> Iterator[Samples]:
    """The samples of a file from ``start_frame`` on (to its end for ``None``), block by block.

    Blocks are ``BLOCK_FRAMES`` long but the last. Nothing is yielded past the end of the file.
    """
    with Reader(file, note) as reader:
        rest = reader.info.frames - start_frame
        end = start_frame + (rest if frames is None else min(frames, rest))
        for first in range(start_frame, end, BLOCK_FRAMES):
            yield reader.read(first, min(BLOCK_FRAMES, end - first))


class Reader:
    """An open audio file that is read from any frame on, quickest in order.

    What is not a number (NaN, infinity) reads as silence, and so does what cannot be decoded;
    ``note`` is told each of these once.
    """

    def __init__(self, file: str, note: Note = _log.warning) -> None:
        self._file = file
        self._note = note
        self._told: set[str] = set()
        sound = _open(file)
        self.info = _info(file, sound)
        self._decoder = decoder(file, sound)

    def __enter__(self) -> Self:
        """Read as a context manager to have the file closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; reading from it is over."""
        self._decoder.close()

    def read(self, first: int, frames: int) -> Samples:
        """``frames`` frames from frame ``first`` on, silent outside the file.

        They are yours to change, and contiguous.
        """
        start = max(first, 0)
        sound = self._decoded(start, max(min(first + frames, self.info.frames) - start, 0))
        if sound.shape[1] == frames:
            return sound
        padded = np.zeros((self.info.channels, frames), np.float32)
        padded[:, start - first : start - first + sound.shape[1]] = sound
        return padded

    def _decoded(self, start: int, frames: int) -> Samples:
        """Samples of the file; fewer than asked for where it ends early or breaks."""
        if not frames:
            return np.zeros((self.info.channels, 0), np.float32)
        try:
            sound = self._decoder.decode(start, frames)
        except (sf.SoundFileError, OSError) as error:
            self._must_be_there(error)
            self._tell("damaged", start)
            return np.zeros((self.info.channels, 0), np.float32)
        end = start + sound.shape[1]
        if sound.shape[1] < frames and self._seconds_from(end) > PROMISE_S:
            self._tell("short", end)
        return self._finite(sound, start)

    def _seconds_from(self, frame: int) -> float:
        return (self.info.frames - frame) / self.info.sample_rate_hz

    def _must_be_there(self, error: Exception) -> None:
        """A file that vanished while it was being read is lost, not merely damaged."""
        if obstacle := _obstacle(self._file):
            raise MediaError(_unreadable(self._file, obstacle)) from error

    def _finite(self, sound: Samples, start: int) -> Samples:
        """The same samples with silence in place of what is no sound."""
        if self._decoder.always_numbers:
            return sound
        flat = sound.reshape(-1)
        # One pass of BLAS instead of a mask: the sum of squares is small where all samples are.
        with np.errstate(all="ignore"):
            if np.dot(flat, flat) <= LOUDEST**2:
                return sound
            is_sound = np.abs(sound) <= LOUDEST  # no NaN is
        if not is_sound.all():
            self._tell("nan", start)
            sound[~is_sound] = 0.0
        return sound

    def _tell(self, fault: str, frame: int) -> None:
        """Note one kind of fault the first time that it is met."""
        if fault not in self._told:
            self._told.add(fault)
            what = _FAULTS[fault].format(at=frame / self.info.sample_rate_hz)
            self._note(f"{self._file} {what}; export it again.")


def subtype_for(info: MediaInfo, target: Path) -> str:
    """The subtype that keeps a file's bit depth in the container that ``target`` names.

    >>> subtype_for(MediaInfo(48000, 2, 1, "PCM_16", "FLAC"), Path("a.wav"))
    'PCM_16'
    >>> subtype_for(MediaInfo(48000, 2, 1, "VORBIS", "OGG"), Path("a.wav"))
    'PCM_24'
    """
    container = CONTAINERS.get(target.suffix.lower(), "WAV")
    same = info.subtype if info.subtype in _SAMPLE_BYTES else LOSSY_BECOMES
    wishes = (same, _SIGN_SIBLINGS.get(same, LOSSY_BECOMES), LOSSY_BECOMES)
    fitting = (wish for wish in wishes if sf.check_format(container, wish))
    return next(fitting, str(sf.default_subtype(container)))


def write(target: Path, signal: Signal, *, subtype: str = "PCM_24") -> None:
    """Write a signal as an audio file, whole or not at all.

    The suffix of ``target`` chooses the container (:data:`CONTAINERS`, WAV otherwise), RF64 where
    RIFF is too small. Samples beyond full scale clip in integer subtypes, which are rounded to the
    nearest step. :class:`OutputError` when it cannot be written; what was there then still is.
    """
    with _replacing(target) as part:
        shape = {"samplerate": signal.sample_rate_hz, "channels": signal.channels}
        container = _container(target, signal, subtype)
        with sf.SoundFile(part, "w", **shape, subtype=subtype, format=container) as sound:
            for block in signal.read():
                sound.write(_encoded(block, subtype))


def _open(file: str) -> sf.SoundFile:
    """The file as ``soundfile.SoundFile``, or :class:`MediaError` in the user's words."""
    if obstacle := _obstacle(file):
        raise MediaError(_unreadable(file, obstacle))
    # The name as bytes, since one that is not UTF-8 cannot be encoded the way soundfile does it.
    name = file if os.name == "nt" else os.fsencode(file)
    try:
        return sf.SoundFile(name)
    except (sf.SoundFileError, OSError, TypeError) as error:  # TypeError: headerless ".raw"
        raise MediaError(_unreadable(file, "holds no sound that can be read")) from error


def _obstacle(file: str) -> str | None:
    """What keeps a file from being opened at all."""
    try:
        status = Path(file).stat()
    except (OSError, ValueError) as error:
        return f"is out of reach ({getattr(error, 'strerror', None) or error})"
    rows = (
        (not stat.S_ISREG(status.st_mode), "is not a file"),
        (status.st_size == 0, "is empty"),
        (not os.access(file, os.R_OK), "may not be read by this user"),
    )
    return next((words for holds, words in rows if holds), None)


def _unreadable(file: str, why: str) -> str:
    return f"{file} {why}; put a readable audio file there or mute the items that play it."


def _info(file: str, sound: sf.SoundFile) -> MediaInfo:
    if sound.frames <= 0:
        raise MediaError(_unreadable(file, "has a header but no samples"))
    return MediaInfo(
        sample_rate_hz=sound.samplerate,
        channels=sound.channels,
        frames=sound.frames,
        subtype=sound.subtype,
        format=sound.format,
    )


def _cut_short(file: str, duration_s: float) -> tuple[str, ...]:
    """A note when the header promises more sound than the file holds (libsndfile keeps silent)."""
    promised, there = _sound_bytes(file)
    if promised <= there:
        return ()
    return (
        f"{file} is cut short: it promises {duration_s * promised / there:.1f} s and holds "
        f"{duration_s:.1f} s, the rest counts as silence; export it again.",
    )


def _sound_bytes(file: str) -> tuple[int, int]:
    """Bytes of sound that a RIFF, RF64 or AIFF header promises and those in the file; else 0, 0."""
    with Path(file).open("rb") as stream:
        order = _BYTE_ORDER.get(stream.read(12)[:4])
        long_size = 0
        while order and len(header := stream.read(8)) == 8:
            name, size = struct.unpack(f"{order}4sI", header)
            start = stream.tell()
            if name in _SOUND_CHUNKS:
                promised = long_size if size >= _SIZE_UNKNOWN else size
                return promised, Path(file).stat().st_size - start
            if name == b"ds64":
                long_size = struct.unpack("<8xQ", stream.read(16))[0]
            stream.seek(start + size + size % 2)
    return 0, 0


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A path beside ``target`` that takes its place once all is written, and is gone otherwise."""
    # A short name: the target's own may already be as long as the file system allows.
    part = target.with_name(f".automix-{secrets.token_hex(6)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(None, "there is a folder of that name")
        part.touch()
        yield part
        part.replace(target)
    except (OSError, sf.SoundFileError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise OutputError(
            f"{target} cannot be written ({reason}); make room there or choose another folder."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _container(target: Path, signal: Signal, subtype: str) -> str:
    """The container by suffix, and by size for WAV, in libsndfile's words."""
    container = CONTAINERS.get(target.suffix.lower(), "WAV")
    size = signal.frames * signal.channels * _SAMPLE_BYTES.get(subtype, 0)
    return "RF64" if container == "WAV" and size > WAV_LIMIT_BYTES else container


def _encoded(block: Samples, subtype: str) -> NDArray[np.float32] | NDArray[np.int32]:
    """Interleaved samples for libsndfile, which by itself rounds towards minus infinity."""
    bits = BITS.get(subtype)
    if bits is None:
        return block.T
    top = 2.0 ** (bits - 1)
    steps = np.rint(block.T * np.float64(top))
    return np.clip(steps, -top, top - 1.0).astype(np.int32) << (32 - bits)
