"""Media sources: what a take plays, with lengths and rates from the real files."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import NamedTuple

import soundfile as sf

from reaper_double.text import number, tokens
from reaper_double.view import View

REVERSE_MODES = (2, 3)
_OFFLINE = "_OFFLINE_"


class Format(NamedTuple):
    """What a sound file says about itself; zeros where there is none."""

    length_s: float = 0.0
    rate_hz: int = 0
    channels: int = 0


class Source(View):
    """A ``<SOURCE`` block; a SECTION holds the source it is a part of."""

    kind = "PCM_source"

    @property
    def type(self) -> str:
        """``WAVE``, ``MIDI``, ``SECTION`` …"""
        return tokens(self.node.head)[1].upper().removeprefix(_OFFLINE)

    @property
    def parent(self) -> Source | None:
        """The source inside a section."""
        inner = self.block("SOURCE")
        return None if inner is None else self.project.view_of(inner, Source)

    @property
    def file(self) -> str:
        """The absolute path of its file; empty for sections and what is kept in the project."""
        written = self.text("FILE", 1)
        return self.project.absolute(written) if written else ""

    @property
    def format(self) -> Format:
        """Length, rate and channels."""
        return format_of(self.file) if self.file else Format()

    @property
    def is_midi(self) -> bool:
        """Whether it holds notes; its length then counts quarter notes."""
        return self.type in ("MIDI", "MIDIPOOL")

    @property
    def length(self) -> float:
        """Seconds, quarter notes for MIDI, of the part for a section."""
        if self.parent is not None:
            return self.number("LENGTH", 1) or max(0.0, self.parent.length - self.offset_s)
        return self._quarter_notes() if self.is_midi else self.format.length_s

    @property
    def offset_s(self) -> float:
        """Where a section starts in its parent."""
        return self.number("STARTPOS", 1)

    @property
    def is_reversed(self) -> bool:
        """Whether a section plays backwards."""
        return int(self.number("MODE", 1)) in REVERSE_MODES

    def _quarter_notes(self) -> float:
        ticks = self.number("HASDATA", 2, 960.0)
        events = (self.tokens_at(at) for key in "Ee" for at in self.places(key))
        return sum(number(row[1]) for row in events) / ticks


class LooseSource(Source):
    """A source made from a file, in no project (``PCM_Source_CreateFromFile``)."""

    @property
    def file(self) -> str:
        """The file as it was given."""
        return tokens(str(self.node.body[0]))[1]


def format_of(path: str) -> Format:
    """What a file says about itself; zeros where it is missing or no sound file."""
    try:
        return _format(path, os.stat(path).st_mtime_ns)
    except (OSError, sf.LibsndfileError):
        return Format()


@functools.lru_cache(maxsize=1024)
def _format(path: str, _changed_ns: int) -> Format:
    with sf.SoundFile(Path(path)) as file:
        return Format(file.frames / file.samplerate, file.samplerate, file.channels)
