"""Sound out: tracks as stems, a session's sum as a bounce.

Nothing is clipped or normalised: what could pass full scale is written as 32-bit float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from reaper_automix import media, mix
from reaper_automix.audio import Samples, Signal, from_start, gained
from reaper_automix.mix import Desk
from reaper_automix.progress import Progress
from reaper_automix.routing import MIX
from reaper_automix.session import Track

FLOAT = "FLOAT"
LONGEST_NAME = 160
"""Bytes of a track's name that go into a file name; file systems stop at 255 in all."""

UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""Characters that some file system or shell does not take in a name."""


def write_bounce(desk: Desk, gains: mix.Gains, target: Path, progress: Progress) -> None:
    """The whole mix behind the master fader, as one file."""
    bounce = _watched(mix.tap(desk, MIX, gains), "Bouncing", progress, target.name)
    media.write(target, from_start(bounce), subtype=FLOAT)


def write_stems(
    desk: Desk, tracks: list[Track], gains: Mapping[str, float], folder: Path, progress: Progress
) -> list[Path]:
    """Each track at its fader's input times ``gains``, all from the session's start."""
    written = []
    for number, track in enumerate(tracks, start=1):
        target = folder / f"{number:03d} {file_name(track.name)}.wav"
        signal = _watched(desk.signals[track.id], "Rendering", progress, track.name)
        placed = gained(from_start(signal), gains.get(track.id, 1.0))
        media.write(target, placed, subtype=FLOAT)
        written.append(target)
    return written


def file_name(name: str) -> str:
    """A track's name as a file name that every system takes.

    >>> file_name('Gtr "3" DI/amp?')
    'Gtr _3_ DI_amp_'
    """
    safe = UNSAFE.sub("_", name).strip(" .").encode("utf-8", "replace")[:LONGEST_NAME]
    return safe.decode("utf-8", "ignore").rstrip(" .") or "track"


def _watched(signal: Signal, stage: str, progress: Progress, what: str) -> Signal:
    """The same signal, telling how far its reading has come."""

    def read() -> Iterator[Samples]:
        done = 0
        for block in signal.read():
            yield block
            done += block.shape[1]
            progress(stage, done / signal.sample_rate_hz, signal.duration_s, what)

    return replace(signal, read=read)
