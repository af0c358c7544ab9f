"""Balances a session: measures every source, solves every group, inner groups first.

One direction: Session → Signal → Features → level → faders. No place is read or written here.
A folder is one source for the group it lies in: its sum is measured after its inside is solved.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reaper_automix import balance, levels, memory, mix
from reaper_automix.account import account_of_groups, account_of_tracks
from reaper_automix.balance import Solution, Source
from reaper_automix.crew import Crew, worked
from reaper_automix.errors import NothingToBalance
from reaper_automix.features.measure import measure
from reaper_automix.memory import Memory
from reaper_automix.mix import Desk, Gains, Node
from reaper_automix.profiles import offset_db
from reaper_automix.progress import Beat, Progress, silent
from reaper_automix.results import GroupResult, Heard, SumLevel, TrackResult
from reaper_automix.routing import home_gain
from reaper_automix.scene import Scene, TrackLost, reason_to_skip, reason_to_stay, set_scene
from reaper_automix.session import Session, StoredBalance, StoredFader, Track
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain, gain_from_db

log = logging.getLogger(__name__)

OPENING, MEASURING, SUMMING = "Opening media", "Measuring", "Summing"

HEADROOM_TOLERANCE_DB = 0.01
HEADROOM_LEFT_DB = 0.1
"""A group lowered further than this below its headroom is raised again, in a few rounds."""
HEADROOM_ROUNDS = 4

LOWERED_FOR_HEADROOM = "The group went down by {:.1f} dB to keep its sum below {:.1f} dBTP."
UNREACHABLE_HEADROOM = (
    "The headroom cannot be kept: the tracks that stay put peak at {:.1f} dBTP by themselves."
)


@dataclass(frozen=True, slots=True)
class Balanced:
    """The outcome: linear faders by track id, what to store, and the account of it."""

    gains: dict[str, float]
    stored: StoredBalance
    tracks: tuple[TrackResult, ...]
    groups: tuple[GroupResult, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """One source to measure, with as much of the session as that takes."""

    scene: Scene
    node: str
    gains: Mapping[str, float]
    seconds: float

    def key(self) -> str:
        """What its measurement holds for."""
        scene = self.scene
        return memory.key(
            scene.session, self.node, self.gains, scene.time_range, scene.settings.method
        )


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who measures, who is told how far it is, and who remembers it."""

    crew: Crew
    progress: Progress
    memory: Memory


class _Summing:
    """Tells how far summing is, again with every block that is read, so that it can be stopped."""

    def __init__(self, progress: Progress, total: float) -> None:
        self._progress = progress
        self._total = total
        self._done = 0.0
        self._what = ""

    def reach(self, done: float, what: str) -> None:
        """Groups that are done, and the one at hand."""
        self._done, self._what = done, what
        self()

    def __call__(self) -> None:
        self._progress(SUMMING, self._done, self._total, self._what)

    def heed(self, stage: str, done: float, total: float, what: str = "") -> None:
        """The progress of measuring a sum, which is a part of summing."""
        self()


def run(
    session: Session,
    settings: Settings,
    crew: Crew,
    progress: Progress = silent,
    *,
    chosen: frozenset[str] | None = None,
    memory: Memory | None = None,
) -> Balanced:
    """Balance a session; :class:`NothingToBalance` when no track could be measured.

    Only ``chosen`` tracks move, and of these only the ones that the settings allow; by default
    all of them. ``memory`` spares what it remembers from being measured again.
    """
    staff = _Staff(crew, progress, memory or Memory())
    scene = set_scene(session, settings, chosen, opening(progress))
    scene, heard = _measure_tracks(scene, staff)
    while True:
        if all(source.level.lufs is None for source in heard.values()):
            raise NothingToBalance(
                f"{session.name} has no track with sound that can be measured; "
                "see what is in it with: reaper-automix inspect."
            )
        try:
            return _balance(scene, dict(heard), staff)
        except TrackLost as lost:
            log.warning("%s", lost)
            scene = scene.without(lost)
            heard.pop(lost.track_id, None)


def opening(progress: Progress) -> Beat:
    """What tells that files are being opened; ``progress`` may raise to stop that."""
    return partial(progress, OPENING, 0.0, 1.0)


def _measure_tracks(scene: Scene, staff: _Staff) -> tuple[Scene, dict[str, Heard]]:
    """Features and level of every track that counts; those whose media fail leave the scene."""
    heard: dict[str, Heard] = {}
    while tasks := _unheard(scene, heard):  # again for what a lost or a silent track left to others
        measured, lost = _measure(tasks, staff, _names(scene))
        heard |= measured
        for track in lost:
            scene = scene.without(track)
    return scene, heard


def _unheard(scene: Scene, heard: Mapping[str, Heard]) -> list[_Task]:
    """The tracks that sound, have a say and are not measured yet."""
    signals, start = scene.desk().signals, _start(scene, heard)
    missing = _with_a_say(scene, heard) & signals.keys() - heard.keys()
    return [
        _Task(_alone(scene, track), track.id, start, signals[track.id].duration_s)
        for track in scene.session.tracks
        if track.id in missing and scene.routing.kind[track.id] == "track"
    ]


def _with_a_say(scene: Scene, heard: Mapping[str, Heard]) -> frozenset[str]:
    """The tracks to measure, by what is known of them so far."""
    empty = {track for track, found in heard.items() if _is_empty(found)}
    return scene.concerned(empty)


def _measure_folders(
    scene: Scene, desk: Desk, group: Node, heard: Mapping[str, Heard], gains: Gains, staff: _Staff
) -> dict[str, Heard]:
    """Folders and buses of a group, each heard as the sum of what is inside it by now."""
    with_a_say = _with_a_say(scene, heard) - scene.routing.silent
    inner = [
        track
        for track in scene.routing.members(group)
        if scene.routing.kind[track] in ("folder", "bus") and track in with_a_say
    ]
    tasks = [_Task(scene, track, gains, mix.tap(desk, track, gains).duration_s) for track in inner]
    found, lost = _measure([task for task in tasks if task.seconds], staff, {})
    if lost:
        raise lost[0]
    return found


def _measure(
    tasks: Sequence[_Task], staff: _Staff, names: Mapping[str, str]
) -> tuple[dict[str, Heard], list[TrackLost]]:
    """What was measured, now or before, and the tracks whose media could not be read."""
    keys = {task.node: task.key() for task in tasks}
    known = {track: staff.memory.recall(key) for track, key in keys.items()}
    heard = {track: found for track, found in known.items() if found is not None}
    lost: list[TrackLost] = []
    for task, outcome in _heard_now([t for t in tasks if t.node not in heard], staff, names):
        if isinstance(outcome, Heard):
            heard[task.node] = outcome
            staff.memory.remember(keys[task.node], outcome)
        else:
            lost.append(TrackLost(*outcome))
    return heard, lost


def _heard_now(
    tasks: Sequence[_Task], staff: _Staff, names: Mapping[str, str]
) -> Iterator[tuple[_Task, Heard | tuple[str, str]]]:
    """What the crew hears, while the progress is told how far it is."""
    total, done, latest = sum(task.seconds for task in tasks), 0.0, ""

    def tick(seconds: float) -> None:
        nonlocal done
        done = min(done + seconds, total)
        staff.progress(MEASURING, done, total, latest)

    tick(0.0)
    for task, outcome in staff.crew.map(_hear, tasks, tick):
        latest = names.get(task.node, "")
        yield task, outcome
    staff.progress(MEASURING, total, total, latest)


def _names(scene: Scene) -> dict[str, str]:
    return {track.id: track.name for track in scene.session.tracks}


def _hear(task: _Task) -> Heard | tuple[str, str]:
    """Measure one source; the id and message of the track whose media are lost, if one is."""
    method, notes = task.scene.settings.method, dict[str, None]()
    try:
        signal = mix.tap(task.scene.desk(notes.setdefault), task.node, task.gains)
        needs_pitch = levels.METHODS[method].needs_pitch
        features = measure(signal, pitch=needs_pitch, progress=_counting())
        level = levels.level(signal, features, method)
        return Heard(replace(features, notes=(*features.notes, *notes)), level)
    except TrackLost as lost:
        return lost.track_id, str(lost)


def _counting() -> Progress:
    """A progress that hands on the seconds of audio since it was called last."""
    counted = 0.0

    def count(stage: str, done: float, total: float, what: str = "") -> None:
        nonlocal counted
        worked(done - counted)
        counted = done

    return count


def _alone(scene: Scene, track: Track) -> Scene:
    """The scene cut down to one track, which is all that a worker needs unless others feed it."""
    if track.receives:
        return scene
    return replace(scene, session=replace(scene.session, tracks=(track,)))


def _balance(scene: Scene, heard: dict[str, Heard], staff: _Staff) -> Balanced:
    """Solve every group, inner ones first, and give account of it."""
    groups = scene.routing.groups()
    told = _Summing(staff.progress, len(groups) + 1.0)
    desk = scene.desk(beat=told)
    now = {track.id: track.fader_gain for track in scene.session.tracks}
    gains = _start(scene, heard)
    told()
    states = [gains] if gains == now else [gains, now]
    levels_before = mix.listen(desk, groups, states)
    anchors, before = levels_before[0], levels_before[-1]
    solutions: dict[Node, Solution] = {}
    after: dict[Node, SumLevel] = {}
    for count, group in enumerate(groups, start=1):
        told.reach(float(count), _name(scene, group))
        heard |= _measure_folders(
            scene, desk, group, heard, gains, replace(staff, progress=told.heed)
        )
        sources = _sources(scene, group, heard, gains)
        moving = {source.id for source in sources if source.balanced}
        gains |= {one: now[one] for one in scene.routing.members(group) if one not in moving}
        solution = _solve(desk, scene.settings, group, sources, gains, anchors[group].lufs)
        if solution is balance.NOTHING and gains == now:
            solutions[group], after[group] = solution, before[group]
            continue
        solutions[group], after[group] = _below_headroom(
            desk, scene.settings.headroom_dbtp, group, solution, gains
        )
        gains |= _linear(solutions[group])
    return Balanced(
        gains,
        _stored(scene, gains),
        account_of_tracks(scene, heard, gains, solutions),
        account_of_groups(scene, solutions, before, after),
    )


def _start(scene: Scene, heard: Mapping[str, Heard]) -> dict[str, float]:
    """Faders to start from: as found for what may move; what stays or is skipped stands as it is.

    Going back to what an earlier balance found would move a fader that nobody asked to move.
    """
    return {
        track.id: scene.found[track.id]
        if _may_move(scene, track, heard.get(track.id))
        else track.fader_gain
        for track in scene.session.tracks
    }


def _is_empty(heard: Heard) -> bool:
    return heard.level.lufs is None or heard.only_noise


def _may_move(scene: Scene, track: Track, heard: Heard | None) -> bool:
    if heard is not None and _is_empty(heard):
        return False
    return reason_to_skip(scene, track) is None and reason_to_stay(scene, track) is None


def _sources(
    scene: Scene, group: Node, heard: Mapping[str, Heard], start: Mapping[str, float]
) -> list[Source]:
    """The members of a group that sound, as the solver sees them."""
    members = map(scene.session.track, scene.routing.members(group))
    return [
        Source(
            track.id,
            _level_lufs(scene, track, heard[track.id]),
            db_from_gain(start[track.id]),
            offset_db(scene.settings.profile, role=None),
            reason_to_stay(scene, track) is None,
        )
        for track in members
        if track.id in heard and reason_to_skip(scene, track) is None
    ]


def _level_lufs(scene: Scene, track: Track, heard: Heard) -> float | None:
    """The level with which a source reaches its group at an open fader; ``None``: nothing to it."""
    if heard.level.lufs is None or heard.only_noise:
        return None
    return heard.level.lufs + db_from_gain(home_gain(scene.session, track, scene.routing))


def _solve(
    desk: Desk,
    settings: Settings,
    group: Node,
    sources: Sequence[Source],
    gains: Mapping[str, float],
    anchor_lufs: float | None,
) -> Solution:
    """One group's faders; the loudness of its sum comes from cross powers, not from audio."""
    movable = [source.id for source in sources if source.balanced]
    if not movable:
        return balance.NOTHING
    powers = mix.weigh(desk, group, movable, gains)

    def loudness(faders_db: balance.Faders) -> float | None:
        return powers.lufs({track: gain_from_db(fader) for track, fader in faders_db.items()})

    return balance.solve(sources, settings, loudness, anchor_lufs)


def _below_headroom(
    desk: Desk, headroom_dbtp: float, group: Node, solution: Solution, gains: Mapping[str, float]
) -> tuple[Solution, SumLevel]:
    """The solution, lowered until the true peak of the group's sum leaves the headroom.

    The peak of what moves, turned down, plus what stays is a convex function of that gain, so the
    chord between a gain that is low enough and one that is not never asks for too little; where
    everything moves it is exact at once. What stays may be too loud alone; then that is said.
    """
    closed = dict.fromkeys(solution.faders_db, 0.0)
    states = ({**gains, **_linear(solution)}, {**gains, **closed})
    heard, rest = (state[group] for state in mix.listen(desk, (group,), states))
    if not solution.faders_db or heard.true_peak_db <= headroom_dbtp + HEADROOM_TOLERANCE_DB:
        return solution, heard
    ceiling, high = gain_from_db(headroom_dbtp), gain_from_db(heard.true_peak_db)
    gain, low = 0.0, gain_from_db(rest.true_peak_db)
    if low >= ceiling:
        return balance.explain(solution, UNREACHABLE_HEADROOM.format(rest.true_peak_db)), heard
    lowered = solution
    for _ in range(HEADROOM_ROUNDS):
        gain += (ceiling - low) * (1.0 - gain) / (high - low)
        by_db = -db_from_gain(gain)
        lowered = balance.lower(solution, by_db, LOWERED_FOR_HEADROOM.format(by_db, headroom_dbtp))
        (state,) = mix.listen(desk, (group,), ({**gains, **_linear(lowered)},))
        heard = state[group]
        low = gain_from_db(heard.true_peak_db)
        if heard.true_peak_db > headroom_dbtp - HEADROOM_LEFT_DB:
            break
    return lowered, heard


def _linear(solution: Solution) -> dict[str, float]:
    return {track: gain_from_db(fader) for track, fader in solution.faders_db.items()}


def _stored(scene: Scene, gains: Mapping[str, float]) -> StoredBalance:
    """What the project shall remember: every fader as found and as written."""
    faders = (StoredFader(track, found, gains[track]) for track, found in scene.found.items())
    return StoredBalance(tuple(faders))


def _name(scene: Scene, group: Node) -> str:
    return "" if group is None else scene.session.track(group).name
