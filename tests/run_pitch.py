"""How far ``--pitch auto`` is from ``--pitch all`` on every file of the shared test material.

    PYTHONPATH=. python tests/run_pitch.py [FOLDER …]

The files whose levels differ most, then the shares of files within 0.1 and 0.3 dB, and the frames
that were listened to.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
from rich.console import Console
from rich.table import Table

from conftest import shared_data_folder
from reaper_automix import media
from reaper_automix.audio import Signal
from reaper_automix.errors import AutomixError
from reaper_automix.features.measure import listen
from reaper_automix.features.pitch_frames import Listener

METHODS = ("auto", "p_lufs")
SHOWN = 12


@dataclass(frozen=True)
class Row:
    """One file: its length, frames heard, and by how much each method's level differs in dB."""

    name: str
    duration_s: float
    frames: int
    all_frames: int
    confidence: float
    apart_db: dict[str, float]


def agreement(folder):
    """A row for every file of a folder that sounds."""
    for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        try:
            info = media.probe(str(file))
        except AutomixError:
            continue
        read = partial(media.blocks, str(file))
        signal = Signal(info.sample_rate_hz, info.channels, 0, info.frames, read)
        some, frames = heard(signal, "auto")
        every, all_frames = heard(signal, "all")
        if every.features.lufs is None:
            continue
        apart_db = {
            method: abs(some.heard(method).level.lufs - every.heard(method).level.lufs)
            for method in METHODS
        }
        name, confidence = str(file.relative_to(folder)), every.features.pitch_confidence
        yield Row(name, signal.duration_s, frames, all_frames, confidence, apart_db)


def heard(signal, mode):
    """What was measured, and how many frames were listened to for the pitch."""
    hear, frames = Listener.hear, []

    def counted(listener, numbers):
        frames.append(numbers.size)
        return hear(listener, numbers)

    with mock.patch.object(Listener, "hear", counted):
        found, _ = listen(signal, pitch=mode)
    return found, sum(frames)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = shared_data_folder()
    usual = [data / part for part in ("sessions", "multitrack", "oneshots")] if data else []
    arguments.add_argument("folders", nargs="*", type=Path, default=usual)
    rows = [row for folder in arguments.parse_args().folders for row in agreement(folder)]
    console = Console(width=120)
    console.print(furthest(rows))
    for method in METHODS:
        apart_db = np.array([row.apart_db[method] for row in rows])
        near, nearer = np.mean(apart_db <= 0.3), np.mean(apart_db <= 0.1)
        console.print(f"{method}: {nearer:.1%} within 0.1 dB, {near:.1%} within 0.3 dB, "
                      f"{apart_db.max():.3f} dB at most")  # fmt: skip
    frames, all_frames = np.transpose([(row.frames, row.all_frames) for row in rows])
    console.print(f"{len(rows)} files; {np.median(frames):.0f} frames at the median, "
                  f"{frames.sum() / all_frames.sum():.0%} of all")  # fmt: skip


def furthest(rows):
    """The files whose levels differ most."""
    table = Table("file", "s", "frames", "of", "confidence", *METHODS)
    for row in sorted(rows, key=lambda row: -max(row.apart_db.values()))[:SHOWN]:
        apart = [f"{row.apart_db[method]:.3f}" for method in METHODS]
        table.add_row(row.name, f"{row.duration_s:.0f}", str(row.frames), str(row.all_frames),
                      f"{row.confidence:.2f}", *apart)  # fmt: skip
    return table


if __name__ == "__main__":
    main()
