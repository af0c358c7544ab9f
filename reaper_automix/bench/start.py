"""Goal 5: how long it takes until the help, a result that is known, and a worker are there."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from reaper_automix import cache
from reaper_automix.bench import material
from reaper_automix.bench.findings import Findings, Row, seconds
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.presses import answered, wait_for, worker
from reaper_automix.bench.resources import program

SMALL_S, SMALL_TRACKS = 1.0, 2
"""A session that is measured in a moment, so that a start is what takes the time."""


def measure(plan: Plan) -> Findings:
    """All of them, each in new processes; code that was compiled before lies on the disk."""
    with plan.workplace() as place:
        beating_s, ready_s = _worker_s(plan, place / "worker")
        numbers = {
            "help_s": median(_help_s() for _ in range(plan.sizes.repeats)),
            "known_s": _known_s(plan, place),
            "beating_s": beating_s,
            "ready_s": ready_s,
        }
    tracks = plan.sizes.warm
    return Findings(
        (
            Row("`reaper-automix --help`", seconds(numbers["help_s"]), "≤ 0.30 s"),
            Row(f"`balance`, {tracks} tracks, all known", seconds(numbers["known_s"]), "≤ 1.0 s"),
            Row("worker: from its start to its first beat", seconds(beating_s)),
            Row("worker: to the answer of a small job", seconds(ready_s), "≤ 3.0 s"),
        ),
        numbers,
    )


def _help_s() -> float:
    return program("--help").wall_s


def _known_s(plan: Plan, place: Path) -> float:
    """A balance of which everything was measured before, from its start to its end."""
    song = material.session(plan.folder, plan.sizes.warm, plan.seconds / 4, plan.seconds)
    project = material.write_project(song, place / "song.RPP")
    command = ("balance", str(project), "--quiet", "--jobs", str(plan.jobs))
    more = {cache.FOLDER_VARIABLE: str(place / "kept")}
    program(*command, more=more)
    return median(program(*command, more=more).wall_s for _ in range(plan.sizes.repeats))


def _worker_s(plan: Plan, place: Path) -> tuple[float, float]:
    """Seconds to the first heartbeat, and to the answer of a job that was waiting."""
    song = material.session(plan.folder, SMALL_TRACKS, SMALL_S, plan.seconds)
    with worker(place, waiting=song) as at_work:
        wait_for((at_work.spool / "worker.json").is_file)
        beating_s = time.perf_counter() - at_work.began_s
        answered(at_work.spool / "jobs" / "f0")
        return beating_s, time.perf_counter() - at_work.began_s
