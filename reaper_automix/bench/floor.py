"""The floor under goal 3: what nobody can leave out who says how loud these files are.

Decoding by libsndfile into float32 blocks, K-weighting as one pass of second-order sections in our
compiled loop, and gating; in as many processes as the balance has, started and compiled before the
clock runs. No pitch, no peaks, no sums, nothing is written. The files were read once before, as
they are before the cold balance that this is the floor of.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reaper_automix.bench import material, scale
from reaper_automix.bench.findings import Findings, Row, seconds, times
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.resources import spent
from reaper_automix.crew import Crew

ASKED = "≤ 3 ×"

READ_FRAMES = 1 << 16
"""Frames that are read at a time: the floor takes 40 % longer with twice as many."""


def measure(plan: Plan) -> Findings:
    """The floor of the large session, and how far above it a cold balance is."""
    files = material.files(plan.folder, min(plan.tracks, material.MOST_FILES), plan.seconds)
    again = -(-plan.tracks // len(files))
    tracks = (files * again)[: plan.tracks]
    cold, _ = scale.large(plan)
    with Crew(plan.jobs) as crew:
        list(crew.map(loudness, files[: plan.jobs] * 2))
        material.read_once(files)
        heard, floor = spent(lambda: dict(crew.map(loudness, tracks)))
    numbers = {
        "floor_s": floor.wall_s,
        "ratio": cold.wall_s / floor.wall_s,
        "loudest_lufs": max(filter(None, heard.values())),
    }
    size = f"{plan.tracks} tracks × {plan.minutes:g} min, {plan.jobs} processes"
    rows = (
        Row(f"{size}: the floor, files read before", seconds(floor.wall_s)),
        Row("… cold against the floor", times(numbers["ratio"]), ASKED),
    )
    return Findings(rows, numbers)


def loudness(file: Path) -> float | None:
    """Integrated loudness of a file, and nothing else."""
    import soundfile

    from reaper_automix.features.loudness import Meter

    with soundfile.SoundFile(file) as sound:
        meter = Meter(sound.samplerate, sound.channels)
        block = np.empty((READ_FRAMES, sound.channels), np.float32)
        while len(read := sound.read(out=block)):
            meter.push(read.T)
    return meter.lufs()
