"""Goal 1: the published numbers, and how much less they cost than the published way to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reaper_automix import paper
from reaper_automix.audio import from_samples
from reaper_automix.bench import material, published
from reaper_automix.bench.balances import at_work, balance_session
from reaper_automix.bench.findings import Findings, Row, times
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.published import Excerpt, Heard
from reaper_automix.bench.resources import Spent, spent
from reaper_automix.features import Features
from reaper_automix.settings import Settings

ASKED = "≥ 15 ×"
ORACLE = "≤ 0.5 %, ≤ 0.05 dB"
"""How far pitches and levels may be from the oracle's."""

PITCHES = ("f0_hz", "pyin_hz", "pesto_hz")
LEVELS = ("lufs", "p_lufs", "centroid")

Numbers = Mapping[str, float | None]


def measure(plan: Plan) -> Findings:
    """Mode ``paper`` and ``--pitch exact`` on the excerpts that the slow path has heard."""
    slow = published.heard(plan)
    by_paper, paper_cost = _by_paper(slow.excerpts)
    by_pitch, pitch_cost = _by_pitch(plan)
    numbers = {
        "slow_s_per_s": slow.cpu_s_per_s,
        "paper": slow.cpu_s / paper_cost.cpu_s,
        "paper_percent": _furthest(slow, by_paper, PITCHES, _percent),
        "paper_db": _furthest(slow, by_paper, LEVELS, _distance),
        "pitch": slow.cpu_s / pitch_cost.cpu_s,
        "pitch_percent": _furthest(slow, by_pitch, PITCHES, _percent),
    }
    return Findings(tuple(_rows(numbers)), numbers)


def _rows(numbers: Mapping[str, float]) -> list[Row]:
    slow, paper_apart = numbers["slow_s_per_s"], "{paper_percent:.4f} %, {paper_db:.4f} dB"
    return [
        Row("librosa pYIN, stock PESTO and pyloudnorm, one channel", f"{slow:.2f} CPU s per s"),
        Row("`--paper`: CPU against these", f"{times(numbers['paper'])} less", ASKED),
        Row("`--paper`: largest distance", paper_apart.format(**numbers), ORACLE),
        Row("`--pitch exact`, whole balance: CPU", f"{times(numbers['pitch'])} less", ASKED),
        Row(
            "`--pitch exact`: largest distance of a pitch",
            f"{numbers['pitch_percent']:.4f} %",
            ORACLE.partition(",")[0],
        ),
    ]


def _by_paper(excerpts: Sequence[Excerpt]) -> tuple[list[Numbers], Spent]:
    """What mode ``paper`` hears in the same samples."""
    first = excerpts[0]
    _paper(first.mono[: first.rate_hz], first.rate_hz)
    return spent(lambda: [_paper(one.mono, one.rate_hz) for one in excerpts])


def _paper(mono: published.Mono, rate_hz: int) -> Numbers:
    features, levels = paper.hear(from_samples(mono, rate_hz))
    said = {level.method: level.lufs for level in levels}
    return {**_pitches(features), **said, "lufs": features.lufs}


def _by_pitch(plan: Plan) -> tuple[list[Numbers], Spent]:
    """What a balance with ``--pitch exact`` hears in the same tracks, both channels of them."""
    sizes, exact = plan.sizes, Settings(pitch="exact")
    song = material.session(plan.folder, sizes.excerpts, sizes.excerpt_s, plan.seconds)
    with at_work(plan) as place:
        report, cost = balance_session(song, place, exact)
    heard = [track.features for track in report.tracks if track.kind == "track" and track.features]
    return [_pitches(features) for features in heard], cost


def _pitches(features: Features) -> Numbers:
    return {name: getattr(features, name) for name in PITCHES}


def _furthest(
    slow: Heard,
    ours: Sequence[Numbers],
    names: Sequence[str],
    distance: Callable[[float, float | None], float],
) -> float:
    """The largest distance over all excerpts and all of the named numbers."""
    return max(
        distance(theirs[name], found.get(name))
        for theirs, found in zip(slow.numbers, ours, strict=True)
        for name in names
        if name in theirs
    )


def _percent(theirs: float, found: float | None) -> float:
    return 100.0 if found is None else 100.0 * abs(found / theirs - 1.0)


def _distance(theirs: float, found: float | None) -> float:
    return float("inf") if found is None else abs(found - theirs)
