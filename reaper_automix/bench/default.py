"""Goal 2: the default mode, what it costs, and how near its gains are to our exhaustive ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix.adapters import folder
from reaper_automix.bench import material, published
from reaper_automix.bench.balances import at_work, balance, balance_session
from reaper_automix.bench.findings import Findings, Row, times
from reaper_automix.bench.plan import Plan
from reaper_automix.errors import InputError, NothingToBalance
from reaper_automix.settings import Settings

ASKED = "≥ 200 ×"
NEAR_DB, FAR_DB = 0.1, 0.3
"""How near a gain is to the exhaustive one for most tracks, and for all."""
MOST = 0.95

SETTINGS = Settings(dead_band_db=0.0)
"""Without the dead band, which makes a hair's breadth a step of half a decibel."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One track: by how much its gain differs from the exhaustive one, in dB."""

    name: str
    apart_db: float


def measure(plan: Plan) -> Findings:
    """The cost of a default balance against the slow path's, and the gains against ``all``."""
    slow = published.heard(plan)
    sizes = plan.sizes
    with at_work(plan) as place:
        ratios = {
            name: slow.cpu_s_per_s / _cpu_s_per_s(plan, place, seconds)
            for name, seconds in (("excerpts", sizes.excerpt_s), ("whole", plan.seconds))
        }
        compared = list(_compared(plan, place))
    worst = max(compared, key=lambda track: track.apart_db)
    near = float(np.mean([track.apart_db <= NEAR_DB for track in compared]))
    numbers = {**ratios, "tracks": len(compared), "near": near, "worst_db": worst.apart_db}
    return Findings(tuple(_rows(numbers, worst.name, plan)), numbers)


def _rows(numbers: Mapping[str, float], worst: str, plan: Plan) -> Iterator[Row]:
    length = f"{plan.sizes.excerpt_s:g} s of each track"
    yield Row(f"default, whole balance, {length}: CPU", f"{times(numbers['excerpts'])} less", ASKED)
    yield Row(
        f"default, whole balance, {plan.minutes:g} min of each track: CPU",
        f"{times(numbers['whole'])} less",
        ASKED,
    )
    yield Row(
        f"default: gains within {NEAR_DB} dB of `--pitch all`, {numbers['tracks']:.0f} tracks",
        f"{numbers['near']:.1%}",
        f"≥ {MOST:.0%}",
    )
    yield Row("default: furthest gain", f"{numbers['worst_db']:.3f} dB ({worst})", f"≤ {FAR_DB} dB")


def _cpu_s_per_s(plan: Plan, place: Path, seconds: float) -> float:
    """CPU of a balance for a second of a stereo track."""
    song = material.session(plan.folder, plan.sizes.excerpts, seconds, plan.seconds)
    _, cost = balance_session(song, place, Settings())
    return cost.cpu_s / (plan.sizes.excerpts * seconds)


def _compared(plan: Plan, place: Path) -> Iterator[Compared]:
    """Every track of the generated session and of the material."""
    sizes = plan.sizes
    song = material.session(plan.folder, sizes.compared, sizes.compared_s, plan.seconds)
    yield from _tracks(material.write_project(song, place / "compared" / "generated.RPP"), plan)
    for path in _songs(plan.material):
        yield from _tracks(path, plan)


def _songs(places: Sequence[Path]) -> Iterator[Path]:
    """Every song at or anywhere below these places."""
    for place in places:
        try:
            yield from folder.songs(place)
        except InputError:
            yield from _songs(sorted(path for path in place.iterdir() if path.is_dir()))


def _tracks(song: Path, plan: Plan) -> list[Compared]:
    """The tracks of one song that move; none where nothing can be heard."""
    try:
        ours, _ = balance(song, SETTINGS, plan.jobs)
        exhaustive, _ = balance(song, replace(SETTINGS, pitch="all"), plan.jobs)
    except (InputError, NothingToBalance):
        return []
    pairs = zip(ours.tracks, exhaustive.tracks, strict=True)
    return [
        Compared(f"{song.stem}: {one.name}", abs(one.gain_db - other.gain_db))
        for one, other in pairs
        if one.kind == "track" and math.isfinite(one.gain_db - other.gain_db) and one.level
    ]
