"""Solves the groups of a scene, round by round, and hears what is needed for that.

Everything here is done without what was moved by hand, which comes on top (:mod:`.hand`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from reaper_automix import balance, headroom, profiles, submix
from reaper_automix.aims import Aims, aims
from reaper_automix.balance import NOTHING, Solution, Source
from reaper_automix.hand import with_moves, without_moves
from reaper_automix.measuring import Known
from reaper_automix.mix import Gains, Node
from reaper_automix.objects import Objects, finder
from reaper_automix.objects.binding import Bonds, Bound, SumLufs, bonds_of
from reaper_automix.profiles.wishes import strength
from reaper_automix.results import Heard
from reaper_automix.routing import home_gain
from reaper_automix.scene import Scene, reason_to_skip, reason_to_stay
from reaper_automix.session import Session, Track
from reaper_automix.totals import Totals
from reaper_automix.units import db_from_gain, gain_from_db


@dataclass(frozen=True, slots=True)
class Case:
    """What a balance is solved from.

    ``now`` are the faders of the session; ``start`` are those that are started from and ``stays``
    those of what does not move, both without what was moved by hand.
    """

    scene: Scene
    totals: Totals
    aimed: Aims
    bonds: Bonds
    now: Gains
    start: Gains
    stays: Gains


@dataclass(frozen=True, slots=True)
class Faders:
    """Faders while groups are solved: without and with what was moved by hand.

    ``lifts_db`` is what folders need to sound as they did, whose own group went down as a whole.
    """

    bare: Gains
    hand_db: Mapping[str, float]
    lifts_db: Mapping[Node, float] = field(default_factory=dict)

    @property
    def gains(self) -> dict[str, float]:
        """As they will stand."""
        return with_moves(self.bare, self.hand_db)

    def but(self, bare: Gains) -> Faders:
        """With others in place of some."""
        return replace(self, bare={**self.bare, **bare})

    def solved(self, solution: Solution) -> Faders:
        """With those of a solution."""
        return self.but(without_moves(solution.gains(), self.hand_db))

    def settled(self, group: Node, solution: Solution) -> Faders:
        """With those of a group's last solution, and what that asks of the folder around it."""
        lifts_db = {**self.lifts_db, group: -solution.shift_db}
        return replace(self.solved(solution), lifts_db=lifts_db)


def case_of(
    scene: Scene,
    tracks: Known,
    totals: Totals,
    heard: Mapping[str, Heard],
    before: Case | None = None,
) -> Case:
    """What is asked of the tracks, which of them are one, and where they start.

    The first two are what they were in the case ``before``, if there was one.
    """
    bonds = bonds_of(scene, before.bonds.objects if before else _objects(totals), heard)
    now = faders_of(scene.session)
    case = Case(
        bonds.scene,
        totals,
        before.aimed if before else aims(scene, tracks.measurements, bonds.ids),
        bonds,
        now,
        _start(bonds.scene, heard, bonds.stays),
        without_moves(now, bonds.scene.hand_db),
    )
    if scene.settings.strength is not None:
        return case
    settings = replace(scene.settings, strength=_strength(case, heard))
    return replace(case, scene=replace(case.scene, settings=settings))


def _objects(totals: Totals) -> Objects:
    """Which tracks record one source."""
    keys, memory = totals.tracks.keys, totals.staff.memory
    return finder.find(totals.scene, keys, memory, totals.sketches, totals.beat)


def _strength(case: Case, heard: Mapping[str, Heard]) -> float:
    """How far faders go, by how far the tracks of the session are from what they are asked for."""
    profile = profiles.load(case.scene.settings.profile)
    return strength(profile, [_landed(case, group, heard) for group in case.scene.routing.groups()])


def _landed(case: Case, group: Node, heard: Mapping[str, Heard]) -> list[float]:
    """Where the tracks of a group stand at the start, each less what it is asked for."""
    sources = _sources(case, group, heard, Faders(case.start, {}))
    lufs = case.totals.powers(group).lufs
    bound = case.bonds.bind(group, sources, heard, case.start, lufs)
    return [source.landed_lufs for source in bound.sources if source.balanced]


def solve_round(
    case: Case,
    groups: Sequence[Node],
    heard: Mapping[str, Heard],
    faders: Faders,
) -> tuple[Faders, dict[Node, Solution]]:
    """Groups side by side: as asked for, then with their headroom."""
    asked: dict[Node, Solution] = {}
    for group in groups:
        sources = _sources(case, group, heard, faders)
        moving = {source.id for source in sources if source.balanced}
        staying = set(case.scene.routing.members(group)) - moving
        faders = faders.but({one: case.stays[one] for one in staying})
        bind = partial(case.bonds.bind, group, sources, heard, faders.bare)
        asked[group] = _solve(case, group, bind, faders.bare) if moving else NOTHING
        faders = faders.solved(asked[group])
    solved: dict[Node, Solution] = {}
    for group, solution in asked.items():
        solved[group] = headroom.keep(case.totals, group, solution, faders.gains)
        faders = faders.settled(group, solved[group])
    return faders, solved


def hear_tracks(scene: Scene, tracks: Known, totals: Totals) -> dict[str, Heard]:
    """Every track that has a say, as the method of the settings hears it."""
    method = scene.settings.method
    own = {track: found.heard(method) for track, found in tracks.measurements.items()}
    with_a_say = _with_a_say(scene, own)
    heard = {
        track: found
        for track, found in own.items()
        if track in with_a_say and scene.routing.kind[track] == "track" and track not in scene.lost
    }
    fed = [track for track in heard if submix.is_one(scene, track)]
    return heard | hear_sums(fed, _start(scene, heard), totals)


def _with_a_say(scene: Scene, heard: Mapping[str, Heard]) -> frozenset[str]:
    """The tracks whose level counts, by what is known of them so far; silent ones cannot."""
    empty = {track for track, found in heard.items() if found.is_empty}
    return scene.concerned(empty) - scene.routing.silent


def fed_members(scene: Scene, group: Node, heard: Mapping[str, Heard]) -> list[str]:
    """Folders and buses of a group that have a say."""
    with_a_say = _with_a_say(scene, heard)
    return [
        track
        for track in scene.routing.members(group)
        if scene.routing.kind[track] in ("folder", "bus") and track in with_a_say
    ]


def hear_sums(tracks: Sequence[str], gains: Gains, totals: Totals) -> dict[str, Heard]:
    """Tracks that others feed, each as the sum that arrives at its fader."""
    found = {track: submix.heard(totals, track, gains) for track in tracks}
    return {track: sum_ for track, sum_ in found.items() if sum_ is not None}


def faders_of(session: Session) -> dict[str, float]:
    """Faders as the session has them, linear."""
    return {track.id: track.fader_gain for track in session.tracks}


def _start(
    scene: Scene, heard: Mapping[str, Heard], stay: Collection[str] = ()
) -> dict[str, float]:
    """Faders to start from: as found for what may move; what stays or is skipped stands as it is.

    Going back to what an earlier balance found would move a fader that nobody asked to move. What
    was moved by hand is left out of them all.
    """
    stays = without_moves(faders_of(scene.session), scene.hand_db)
    return {
        track.id: scene.found[track.id]
        if track.id not in stay and _may_move(scene, track, heard.get(track.id))
        else stays[track.id]
        for track in scene.session.tracks
    }


def _may_move(scene: Scene, track: Track, heard: Heard | None) -> bool:
    if heard is not None and heard.is_empty:
        return False
    return reason_to_skip(scene, track) is None and reason_to_stay(scene, track) is None


def _sources(case: Case, group: Node, heard: Mapping[str, Heard], faders: Faders) -> list[Source]:
    """The members of a group that sound, as the solver sees them."""
    scene = case.scene
    return [
        Source(
            track.id,
            _level_lufs(scene, track, heard[track.id]),
            db_from_gain(faders.bare[track.id]),
            case.aimed.offset_db(track.id),
            track.id not in case.bonds.stays and reason_to_stay(scene, track) is None,
            scene.hand_db.get(track.id, 0.0),
            faders.lifts_db.get(track.id, 0.0),
        )
        for track in map(scene.session.track, scene.routing.members(group))
        if track.id in heard and reason_to_skip(scene, track) is None
    ]


def _level_lufs(scene: Scene, track: Track, heard: Heard) -> float | None:
    """The level with which a source reaches its group at an open fader; ``None``: nothing to it."""
    if heard.is_empty or heard.level.lufs is None:
        return None
    return heard.level.lufs + db_from_gain(home_gain(scene.session, track, scene.routing))


def _solve(case: Case, group: Node, bind: Callable[[SumLufs], Bound], bare: Gains) -> Solution:
    """One group's faders; its sum stays as loud as it was at the start.

    That holds without the moves by hand, which come on top.
    """
    powers = case.totals.powers(group)
    bound = bind(powers.lufs)

    def loudness(faders_db: balance.Faders) -> float | None:
        moved = {track: gain_from_db(fader) for track, fader in bound.faders_db(faders_db)}
        return powers.lufs({**bare, **moved})

    anchor_lufs = powers.lufs(case.start)
    return bound.spread(balance.solve(bound.sources, case.scene.settings, loudness, anchor_lufs))
