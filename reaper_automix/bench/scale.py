"""Goals 3 and 4: a large session as a user balances it, cold and after small changes.

Every balance is a process of its own, from its start to its end: reading the project, measuring,
sums, the report and the written project are in it. *Cold* is without any kept measurement; the
files were read once before, as they are before the floor (:mod:`.floor`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from reaper_automix import cache as kept
from reaper_automix.bench import material
from reaper_automix.bench.findings import Findings, Row, Table, seconds
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.resources import MEMORY, Spent, program
from reaper_automix.session import Session

COLD_S, PEAK_BYTES, WARM_S = 60.0, 1.5e9, 1.0
"""What was asked for of 100 tracks of four minutes on two cores."""

AGAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "nothing changed": ("song", ()),
    "one item moved": ("moved", ()),
    "one fader changed": ("fader", ()),
    "another method": ("song", ("--method", "p_lufs")),
}
"""What is balanced again over the measurements of the cold run: a project, and its options."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a cold balance of some session took."""

    tracks: int
    minutes: float
    spent: Spent

    @property
    def track_minutes(self) -> float:
        """How much sound there is in it."""
        return self.tracks * self.minutes


def measure(plan: Plan) -> Findings:
    """The large session cold and again, then cold ones of other sizes."""
    cold, again = large(plan)
    grid = [cost(plan, tracks, minutes) for tracks, minutes in plan.grid]
    slope, straightness = line(grid)
    numbers = {
        "cold_s": cold.wall_s,
        "cold_cpu_s": cold.cpu_s,
        "peak_bytes": float(cold.peak_bytes),
        **{name: spent.wall_s for name, spent in again.items()},
        "s_per_track_minute": slope,
        "r_squared": straightness,
    }
    rows = (*_cold_rows(plan, cold), *_again_rows(again), _line_row(slope, straightness))
    return Findings(rows, numbers, (_table(grid),))


@cache
def large(plan: Plan) -> tuple[Spent, Mapping[str, Spent]]:
    """The large session cold, and again after each change of :data:`AGAIN`; done once."""
    song = material.session(plan.folder, plan.tracks, plan.seconds)
    songs = {
        "song": song,
        "moved": material.with_item_moved(song),
        "fader": material.with_fader_changed(song),
    }
    with plan.workplace() as place:
        cold = _cold(plan, song, place)
        again = {
            change: _balance(plan, songs[name], place, *options)
            for change, (name, options) in AGAIN.items()
        }
    return replace(cold, peak_bytes=_peak_bytes(plan, song)), again


def cost(plan: Plan, tracks: int, minutes: float) -> Cost:
    """What a session of that size takes cold."""
    if (tracks, minutes) == (plan.tracks, plan.minutes):
        return Cost(tracks, minutes, large(plan)[0])
    song = material.session(plan.folder, tracks, 60.0 * minutes, plan.seconds)
    with plan.workplace() as place:
        cold = _cold(plan, song, place)
    return Cost(tracks, minutes, replace(cold, peak_bytes=_peak_bytes(plan, song)))


def line(costs: Sequence[Cost]) -> tuple[float, float]:
    """Seconds per track-minute of the straight line through these costs, and its R².

    >>> costs = [Cost(n, m, Spent(2.0 + 0.5 * n * m, 0.0)) for n, m in ((1, 1), (2, 1), (2, 4))]
    >>> [round(number, 6) for number in line(costs)]
    [0.5, 1.0]
    """
    amounts = np.array([cost.track_minutes for cost in costs])
    walls_s = np.array([cost.spent.wall_s for cost in costs])
    slope, offset_s = np.polyfit(amounts, walls_s, 1)
    left = walls_s - (slope * amounts + offset_s)
    return float(slope), float(1.0 - left.var() / walls_s.var())


def _peak_bytes(plan: Plan, song: Session) -> int:
    """The most memory of a cold balance, in a run of its own: looking costs a third of its time."""
    with plan.workplace() as place:
        return _balance(plan, song, place, watched=True).peak_bytes


def _cold(plan: Plan, song: Session, place: Path) -> Spent:
    """Balance a session of which nothing is kept, its files read once before."""
    material.read_once(material.files_of(song))
    return _balance(plan, song, place)


def _balance(plan: Plan, song: Session, place: Path, *options: str, watched: bool = False) -> Spent:
    """Save the project and type the command, with the measurements that are kept in this place."""
    project = material.write_project(song, place / "song.RPP")
    arguments = ("balance", str(project), "--quiet", "--jobs", str(plan.jobs), *options)
    return program(*arguments, more={kept.FOLDER_VARIABLE: str(place / "kept")}, watched=watched)


def _cold_rows(plan: Plan, cold: Spent) -> Iterator[Row]:
    size = f"{plan.tracks} tracks × {plan.minutes:g} min, {plan.jobs} processes"
    yield Row(
        f"{size}: cold, files read before",
        f"{seconds(cold.wall_s)}, {seconds(cold.cpu_s)} CPU",
        f"≤ {seconds(COLD_S)}",
    )
    peak = f"{cold.peak_bytes / 1e9:.2f} GB ({MEMORY})"
    yield Row("… most memory of all processes", peak, f"≤ {PEAK_BYTES / 1e9:g} GB")


def _again_rows(again: Mapping[str, Spent]) -> Iterator[Row]:
    for change, spent in again.items():
        asked = f"≤ {seconds(WARM_S)}" if change == "nothing changed" else ""
        yield Row(f"… again, {change}", seconds(spent.wall_s), asked)


def _line_row(slope: float, straightness: float) -> Row:
    found = f"{1000.0 * slope:.0f} ms per track-minute, R² {straightness:.4f}"
    return Row("… slope over the sizes below", found, "linear")


def _table(costs: Sequence[Cost]) -> Table:
    rows = tuple(
        (
            str(cost.tracks),
            f"{cost.minutes:g}",
            seconds(cost.spent.wall_s),
            seconds(cost.spent.cpu_s),
            f"{1000.0 * cost.spent.wall_s / cost.track_minutes:.0f} ms",
            f"{cost.spent.peak_bytes / 1e9:.2f} GB",
        )
        for cost in costs
    )
    head = ("tracks", "minutes", "cold", "CPU", "per track-minute", f"memory ({MEMORY})")
    return Table(head, rows)
