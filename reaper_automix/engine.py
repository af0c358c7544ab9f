"""Balances a session: measures every source, solves every group, inner groups first.

One direction: Session → Signal → Measurement → level → faders. No place is read or written here.
A folder is one source for the group it lies in: its sum is measured after its inside is solved.

Faders follow from what is known of the sources, without audio: how loud a group's sum is under any
faders (:mod:`.totals`), and that its true peak keeps the headroom (:mod:`.headroom`). Where that is
not certain the sum is listened to, as its home asks for anyway. :func:`heard_out` plays afterwards
what the account still lacks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reaper_automix import balance, headroom, measuring
from reaper_automix.account import account_of_groups, account_of_tracks
from reaper_automix.aims import Aims, aims
from reaper_automix.balance import NOTHING, Solution, Source
from reaper_automix.crew import Crew
from reaper_automix.errors import NothingToBalance
from reaper_automix.hand import with_moves, without_moves
from reaper_automix.inflow import inflow, proportions, rounds
from reaper_automix.measuring import Known, Staff
from reaper_automix.memory import Memory
from reaper_automix.mix import Gains, Node
from reaper_automix.objects import Objects, finder
from reaper_automix.objects.binding import Bound, SumLufs, bonds_of
from reaper_automix.progress import Beat, Progress, silent
from reaper_automix.results import GroupResult, Heard, SumLevel, TrackResult
from reaper_automix.routing import MIX, home_gain, sounding_receives
from reaper_automix.scene import Scene, TrackLost, reason_to_skip, reason_to_stay, set_scene
from reaper_automix.session import Session, StoredBalance, StoredFader, Track
from reaper_automix.settings import Settings
from reaper_automix.totals import Totals
from reaper_automix.units import db_from_gain, gain_from_db

log = logging.getLogger(__name__)

OPENING = "Opening media"


@dataclass(frozen=True, slots=True)
class Balanced:
    """The outcome: linear faders by track id, what to store, and the account of it.

    Sums in ``groups`` may be predicted; ``totals`` is what has them played, ``found`` the faders
    as the session has them. ``objects`` are the tracks that were found to record one source.
    """

    gains: Gains
    stored: StoredBalance
    tracks: tuple[TrackResult, ...]
    groups: tuple[GroupResult, ...]
    found: Gains
    totals: Totals
    objects: Objects


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
    staff = Staff(crew, progress, memory or Memory())
    scene = set_scene(session, settings, chosen, opening(progress), staff.memory.headers)
    tracks, lost = measuring.measure(measuring.own_items(scene), staff)
    for track in lost:
        scene = scene.without(track)
    return _settled(scene, tracks, staff)


def heard_out(balanced: Balanced, crew: Crew, progress: Progress = silent) -> Balanced:
    """The same balance with every sum of its account as it sounds, played where it is not known.

    :class:`~reaper_automix.scene.TrackLost` where media are gone by now.
    """
    totals = balanced.totals.played_by(crew, progress)
    groups = [one.id for one in balanced.groups if one.before.predicted or one.after.predicted]
    before, after = totals.play(groups, (balanced.found, balanced.gains))
    rows = (
        replace(row, before=before.get(row.id, row.before), after=after.get(row.id, row.after))
        for row in balanced.groups
    )
    return replace(balanced, groups=tuple(rows))


def without(balanced: Balanced, lost: TrackLost) -> Balanced:
    """The balance anew, without a track whose media are gone."""
    totals = balanced.totals
    return _settled(totals.scene.without(lost), totals.tracks, totals.staff)


def total(
    session: Session,
    settings: Settings,
    crew: Crew,
    progress: Progress = silent,
    *,
    memory: Memory | None = None,
) -> SumLevel:
    """How loud the whole mix is as the session stands; predicted where all of it is known."""
    staff = Staff(crew, progress, memory or Memory())
    scene = set_scene(session, settings, beat=opening(progress), headers=staff.memory.headers)
    now = _now(session)
    sources = measuring.own_items(scene)
    known = measuring.recall(sources, staff.memory)
    totals = Totals(scene, known, staff)
    if len(known.measurements) == len(sources):
        return totals.level(MIX, now)
    (levels,) = totals.play((MIX,), (now,))
    return levels[MIX]


def known_objects(scene: Scene, memory: Memory) -> Objects:
    """The objects of a scene, where a balance has heard all of its tracks before."""
    keys = measuring.recall(measuring.own_items(scene), memory).keys
    return finder.recall(scene, keys, memory)


def opening(progress: Progress) -> Beat:
    """What tells that files are being opened; ``progress`` may raise to stop that."""
    return partial(progress, OPENING, 0.0, 1.0)


def _settled(scene: Scene, tracks: Known, staff: Staff) -> Balanced:
    """The balance of what can be heard; what is lost on the way plays no part in it."""
    while True:
        try:
            return _balance(scene, tracks, staff)
        except TrackLost as lost:
            log.warning("%s", lost)
            scene = scene.without(lost)


def _balance(scene: Scene, tracks: Known, staff: Staff) -> Balanced:
    """Solve every group, inner ones first, and give account of it."""
    totals = Totals(scene, tracks, staff)
    heard = _hear_tracks(scene, tracks, totals)
    if all(source.level.lufs is None for source in heard.values()):
        raise NothingToBalance(
            f"{scene.session.name} has no track with sound that can be measured; "
            "see what is in it with: reaper-automix inspect."
        )
    now = _now(scene.session)
    aimed = aims(scene, tracks.measurements)
    objects = finder.find(scene, totals.tracks.keys, staff.memory, totals.sketches)
    bonds = bonds_of(scene, objects, heard)
    scene = bonds.scene
    start, stays = _start(scene, heard, bonds.stays), without_moves(now, scene.hand_db)
    bare, gains = dict(start), with_moves(start, scene.hand_db)  # without moves by hand, and with
    solutions: dict[Node, Solution] = {}
    for groups in rounds(scene.session, scene.routing):
        fed = [track for group in groups for track in _fed_members(scene, group, heard)]
        heard |= _hear_sums(scene, fed, bare, totals)
        asked: dict[Node, Solution] = {}
        for group in groups:
            sources = _sources(scene, group, heard, bare, aimed, bonds.stays)
            moving = {source.id for source in sources if source.balanced}
            bare |= {one: stays[one] for one in scene.routing.members(group) if one not in moving}
            bind = partial(bonds.bind, group, sources, heard, bare)
            asked[group] = _solve(totals, scene, group, bind, start, bare) if moving else NOTHING
            bare |= without_moves(asked[group].gains(), scene.hand_db)
        gains = with_moves(bare, scene.hand_db)
        _hear_sums(scene, _too_loud_perhaps(totals, asked, heard, gains), bare, totals)
        for group, solution in asked.items():
            solutions[group] = headroom.keep(totals, group, solution, gains, now, list(solutions))
            gains |= solutions[group].gains()
            bare |= without_moves(solutions[group].gains(), scene.hand_db)
    gains = _settled_faders(now, gains)
    heard |= _as_moved(scene, totals, {one: heard[one] for one in solutions if one in heard}, bare)
    return Balanced(
        gains,
        _stored(scene, gains, solutions),
        account_of_tracks(scene, heard, gains, solutions, aimed, bonds),
        account_of_groups(
            scene,
            solutions,
            {group: totals.level(group, now) for group in solutions},
            {group: totals.level(group, gains) for group in solutions},
        ),
        now,
        totals,
        objects,
    )


def _hear_tracks(scene: Scene, tracks: Known, totals: Totals) -> dict[str, Heard]:
    """Every track that has a say, as the method of the settings hears it."""
    method = scene.settings.method
    own = {track: found.heard(method) for track, found in tracks.measurements.items()}
    with_a_say = _with_a_say(scene, own)
    heard = {
        track: found
        for track, found in own.items()
        if track in with_a_say and scene.routing.kind[track] == "track" and track not in scene.lost
    }
    fed = [track for track in heard if _is_fed(scene, track)]
    return heard | _hear_sums(scene, fed, _start(scene, heard), totals)


def _is_fed(scene: Scene, track_id: str) -> bool:
    """Whether other tracks send to a track."""
    return bool(sounding_receives(scene.session.track(track_id), scene.routing.broken))


def _with_a_say(scene: Scene, heard: Mapping[str, Heard]) -> frozenset[str]:
    """The tracks whose level counts, by what is known of them so far; silent ones cannot."""
    empty = {track for track, found in heard.items() if found.is_empty}
    return scene.concerned(empty) - scene.routing.silent


def _fed_members(scene: Scene, group: Node, heard: Mapping[str, Heard]) -> list[str]:
    """Folders and buses of a group that have a say."""
    with_a_say = _with_a_say(scene, heard)
    return [
        track
        for track in scene.routing.members(group)
        if scene.routing.kind[track] in ("folder", "bus") and track in with_a_say
    ]


def _hear_sums(
    scene: Scene, tracks: Sequence[str], gains: Gains, totals: Totals
) -> dict[str, Heard]:
    """Tracks that others feed, each heard as the sum that arrives at its fader.

    A sum is measured at the proportions of its faders, so that it is known again however loud it
    is as a whole. While it is listened to, the sums of groups are metered under the ``gains``
    themselves and as they are in the session, so that the totals know both from then on.
    """
    if not tracks:
        return {}
    flows = {track: inflow(scene.session, scene.routing, track) for track in tracks}
    placed = {track: proportions(flow, gains) for track, flow in flows.items()}
    faders = {track: relative for track, (relative, _) in placed.items()}
    states = (gains, _now(scene.session))
    found, lost = measuring.measure(measuring.sums(scene, faders, states), totals.staff)
    if lost:
        raise lost[0]
    for track in found.sums.keys() & set(scene.routing.groups()):
        for state, level in zip(states, found.sums[track], strict=True):
            totals.learn(track, state, level)
    return {
        track: measured.heard(scene.settings.method).gained(db_from_gain(placed[track][1]))
        for track, measured in found.measurements.items()
    }


def _now(session: Session) -> dict[str, float]:
    """Faders as the session has them, linear."""
    return {track.id: track.fader_gain for track in session.tracks}


def _start(
    scene: Scene, heard: Mapping[str, Heard], stay: Collection[str] = ()
) -> dict[str, float]:
    """Faders to start from: as found for what may move; what stays or is skipped stands as it is.

    Going back to what an earlier balance found would move a fader that nobody asked to move. What
    was moved by hand is left out of them all.
    """
    stays = without_moves(_now(scene.session), scene.hand_db)
    return {
        track.id: scene.found[track.id]
        if track.id not in stay and _may_move(scene, track, heard.get(track.id))
        else stays[track.id]
        for track in scene.session.tracks
    }


def _settled_faders(now: Gains, gains: Gains) -> dict[str, float]:
    """The faders to write: one that a rounding error would move stays exactly where it is."""
    return {
        track: now[track]
        if abs(db_from_gain(gain) - db_from_gain(now[track])) <= balance.SMALLEST_MOVE_DB
        else gain
        for track, gain in gains.items()
    }


def _as_moved(
    scene: Scene, totals: Totals, heard: Mapping[str, Heard], bare: Gains
) -> dict[str, Heard]:
    """Sums of groups, which were heard without moves by hand, as loud as these make them."""
    gains, found = with_moves(bare, scene.hand_db), dict[str, Heard]()
    for group, sound in heard.items() if scene.hand_db else ():
        with_hand, plain = totals.powers(group).lufs(gains), totals.powers(group).lufs(bare)
        if with_hand is not None and plain is not None:
            found[group] = sound.gained(with_hand - plain)
    return found


def _may_move(scene: Scene, track: Track, heard: Heard | None) -> bool:
    if heard is not None and heard.is_empty:
        return False
    return reason_to_skip(scene, track) is None and reason_to_stay(scene, track) is None


def _sources(
    scene: Scene,
    group: Node,
    heard: Mapping[str, Heard],
    bare: Mapping[str, float],
    aimed: Aims,
    stay: Collection[str],
) -> list[Source]:
    """The members of a group that sound, as the solver sees them."""
    members = map(scene.session.track, scene.routing.members(group))
    return [
        Source(
            track.id,
            _level_lufs(scene, track, heard[track.id]),
            db_from_gain(bare[track.id]),
            aimed.offset_db(track.id),
            track.id not in stay and reason_to_stay(scene, track) is None,
            scene.hand_db.get(track.id, 0.0),
        )
        for track in members
        if track.id in heard and reason_to_skip(scene, track) is None
    ]


def _level_lufs(scene: Scene, track: Track, heard: Heard) -> float | None:
    """The level with which a source reaches its group at an open fader; ``None``: nothing to it."""
    if heard.is_empty or heard.level.lufs is None:
        return None
    return heard.level.lufs + db_from_gain(home_gain(scene.session, track, scene.routing))


def _solve(
    totals: Totals,
    scene: Scene,
    group: Node,
    bind: Callable[[SumLufs], Bound],
    start: Gains,
    bare: Gains,
) -> Solution:
    """One group's faders; its sum stays as loud as it was at ``start``.

    That holds without the moves by hand, which ``start`` and ``bare`` leave out; they come on top.
    """
    powers = totals.powers(group)
    bound = bind(powers.lufs)

    def loudness(faders_db: balance.Faders) -> float | None:
        moved = {track: gain_from_db(fader) for track, fader in bound.faders_db(faders_db)}
        return powers.lufs({**bare, **moved})

    solution = balance.solve(bound.sources, scene.settings, loudness, powers.lufs(start))
    return bound.spread(solution)


def _too_loud_perhaps(
    totals: Totals, asked: Mapping[Node, Solution], heard: Mapping[str, Heard], gains: Gains
) -> list[str]:
    """Groups that may pass the headroom, so far as their home wants them heard anyway."""
    with_a_say = _with_a_say(totals.scene, heard)
    return [
        group
        for group, solution in asked.items()
        if group is not MIX
        and group in with_a_say
        and solution.faders_db
        and not headroom.is_kept(totals, group, gains)
    ]


def _stored(scene: Scene, gains: Gains, solutions: Mapping[Node, Solution]) -> StoredBalance:
    """What the project shall remember: every fader that was set, as found and as written.

    The others keep what an earlier balance left.
    """
    stored = scene.session.stored or StoredBalance()
    known = {fader.track_id: fader for fader in stored.faders if fader.track_id in gains}
    for track in (track for solution in solutions.values() for track in solution.faders_db):
        moved_db = scene.hand_db.get(track, 0.0)
        known[track] = StoredFader(track, scene.found[track], gains[track], moved_db)
    return StoredBalance(tuple(known.values()))
