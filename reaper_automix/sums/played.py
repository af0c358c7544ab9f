"""Exact sums from audio, on all cores: the time line is cut into passages, one task each.

**Equal to one pass** (:func:`reaper_automix.mix.listen`): passages begin on whole hops of the
gating grid, and every one but the first is led in by what comes before it, so that filters know
their past. How much that takes follows from the slowest of them, the RLB high-pass of BS.1770 (a
double pole at 38 Hz): of a step it keeps (1 + x) · exp(-x), x = 2π · 38 Hz · t, and that is 1e-9
after one hop of 100 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, Signal
from reaper_automix.crew import Crew, worked
from reaper_automix.features.loudness import BLOCK_HOPS, gated_loudness, hop_frames
from reaper_automix.mix import Gains, Node, Player
from reaper_automix.progress import Progress
from reaper_automix.render import passage
from reaper_automix.render.passage import Span
from reaper_automix.results import SumLevel
from reaper_automix.scene import Scene

SUMMING = "Summing"

LEAD_IN_HOPS = 1
PASSAGES_PER_WORKER = 4
"""More than one, so that no worker waits long for the last one."""
LEAST_HEARD_S = 500.0
"""Seconds of audio of all tracks that a passage has at least: about half a second of work, as much
as it takes to start a worker."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A passage to be played for some groups and fader states, with what of the scene it takes.

    ``lead_in`` are frames before it that are played for the filters alone; ``goes_on``: another
    passage follows.
    """

    scene: Scene
    groups: tuple[Node, ...]
    states: tuple[Gains, ...]
    span: Span
    lead_in: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A sum in one passage: its level, and the powers of its whole hops."""

    level: SumLevel
    powers: NDArray[np.float64]


_Parts = Mapping[tuple[int, Node], _Part]
"""By the number of the fader state and the group."""


def listen(
    scene: Scene,
    groups: Sequence[Node],
    states: Sequence[Gains],
    crew: Crew,
    progress: Progress,
) -> list[dict[Node, SumLevel]]:
    """Loudness and true peak of several sums under several fader states, played by a crew.

    ``progress`` counts seconds of audio over all tracks and may raise to stop the crew.
    :class:`~reaper_automix.scene.TrackLost` when media cannot be read after all.
    """
    player = Player(scene.desk(), groups)
    total, done = player.heard_s, 0.0

    def tick(seconds: float) -> None:
        nonlocal done
        done = min(done + seconds, total)
        progress(SUMMING, done, total)

    tick(0.0)
    tasks = _tasks(scene, player, groups, states, crew.jobs)
    found = {task.span: parts for task, parts in crew.map(_play, tasks, tick)}
    in_time = [found[task.span] for task in tasks]
    return [
        {group: _joined([parts[number, group] for parts in in_time]) for group in groups}
        for number in range(len(states))
    ]


def _tasks(
    scene: Scene, player: Player, groups: Sequence[Node], states: Sequence[Gains], jobs: int
) -> list[_Task]:
    """The time line in passages of about one length, each with the items that sound in it."""
    hop = hop_frames(scene.session.sample_rate_hz)
    most = PASSAGES_PER_WORKER * jobs if jobs > 1 else 1
    edges = _edges(player.span, hop, min(most, int(player.heard_s / LEAST_HEARD_S)))
    tasks = []
    for first, end in pairwise(edges):
        lead_in = LEAD_IN_HOPS * hop if first > edges[0] else 0
        session = passage.with_items_in(scene.session, (first - lead_in, end))
        part = replace(scene, session=session)
        goes_on = end < edges[-1]
        tasks.append(_Task(part, tuple(groups), tuple(states), (first, end), lead_in, goes_on))
    return tasks


def _edges(span: Span, hop: int, count: int) -> list[int]:
    """Where passages begin and end; none is shorter than a gating block, if all of it is not."""
    first, end = span
    hops = (end - first) // hop
    count = max(1, min(count, hops // BLOCK_HOPS))
    inner = [first + hop * (hops * number // count) for number in range(1, count)]
    return [first, *inner, end] if end > first else []


def _play(task: _Task) -> _Parts:
    """Play one passage, in whatever process."""
    first, end = task.span
    led_in = first - task.lead_in, end
    desk = task.scene.desk_of(led_in)
    signals = {track: _counted(signal, first) for track, signal in desk.signals.items()}
    player = Player(replace(desk, signals=signals), task.groups)
    meters = player.meter(task.states, led_in, task.lead_in)
    return {
        (number, group): _Part(meter.level(goes_on=task.goes_on), meter.powers())
        for number, state in enumerate(meters)
        for group, meter in state.items()
    }


def _counted(signal: Signal, first: int) -> Signal:
    """The same signal, telling how many seconds of it from a frame on are played."""

    def read() -> Iterator[Samples]:
        at = signal.start_frame

        def heard(block: Samples) -> Samples:
            nonlocal at
            at += block.shape[1]
            worked(min(block.shape[1], max(0, at - first)) / signal.sample_rate_hz)
            return block

        # Mapped, so that nothing holds a block of each of many tracks that are played at once.
        yield from map(heard, signal.read())

    return replace(signal, read=read)


def _joined(parts: Sequence[_Part]) -> SumLevel:
    """The level of a sum that was played in parts, in the order of time."""
    if len(parts) == 1:
        return parts[0].level
    powers = np.concatenate([np.empty(0), *(part.powers for part in parts)])
    peaks_db = (part.level.true_peak_db for part in parts)
    return SumLevel(gated_loudness(powers), max(peaks_db, default=-math.inf))
