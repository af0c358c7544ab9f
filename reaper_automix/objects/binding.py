"""Makes one source of the tracks of an object, so that a balance moves them all alike.

Where tracks of one object lie in one group, they are a *bond* there. Its fader is that of its
highest track; the others keep their distance to it, so that moves, limits, dead-band and the end
of the fader's range are those of one source. Its level is the loudness of their sum at the faders
as found, with their pans, as that of a folder is; what a profile asks of it is the power of what
they are asked for (:mod:`~reaper_automix.aims`). A folder or bus in which all that sounds is of the
object stands in its group for the tracks inside it.

What one track of a bond cannot do, none does: where one has to stay (it is locked, automated, not
among the chosen), all of them stay. Tracks that do not sound, and those whose fader is all the way
down, are not part of it. What one of them was moved by hand stays on top, as for any source. One
that no balance has set yet was put among the others as they stand, so all of them start from there.
Tracks of an object that lie in different groups are apart: there a balance moves the sums they are
in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reaper_automix.balance import Faders, Solution, Source
from reaper_automix.hand import is_same
from reaper_automix.levels import METHODS
from reaper_automix.mix import Gains, Node
from reaper_automix.objects.model import Object, Objects, listed
from reaper_automix.results import Heard
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene, reason_to_skip, reason_to_stay
from reaper_automix.units import db_from_gain, gain_from_db

STAYS_WITH = "It is one source with {} ({}), which stays: {}"
MOVES_WITH = "One source with {} ({}): they move as one. {}"
APART = "One source with {} ({}), but in another folder, so it moves by itself. {}"

SumLufs = Callable[[Gains], float | None]
"""Loudness of a group's sum under faders of all tracks, linear."""


@dataclass(frozen=True, slots=True)
class Bond:
    """Members of one group that are one object there; ``inside`` are they and all that is in them.

    Both are ids of tracks, folders and buses.
    """

    object: Object
    ids: tuple[str, ...]
    inside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bound:
    """The sources of a group, each bond as one, which bears the id of its highest fader.

    ``ties`` are all sources of each bond by that id.
    """

    sources: tuple[Source, ...]
    ties: Mapping[str, tuple[Source, ...]]

    def faders_db(self, faders_db: Faders) -> Iterator[tuple[str, float]]:
        """Every fader of these, without moves by hand: those of a bond keep their distances."""
        for one, fader_db in faders_db.items():
            tied = self.ties.get(one, ())
            highest_db = max((source.found_db for source in tied), default=0.0)
            yield one, fader_db
            yield from ((each.id, fader_db + each.found_db - highest_db) for each in tied)

    def _moved_db(self, faders_db: Faders) -> Iterator[tuple[str, float]]:
        """Every fader of these, each with what it was moved by hand."""
        by_id = {source.id: source for source in self.sources}
        for one, fader_db in faders_db.items():
            bare = {one: fader_db - by_id[one].hand_db}
            hand_db = {each.id: each.hand_db for each in (by_id[one], *self.ties.get(one, ()))}
            for each, bare_db in self.faders_db(bare):
                yield each, bare_db + hand_db[each]

    def spread(self, solution: Solution) -> Solution:
        """The solution for every fader; all of a bond are held by what holds one of it."""
        held = {
            one: [one, *(each.id for each in self.ties.get(one, ()))] for one in solution.held_db
        }
        return replace(
            solution,
            faders_db=dict(self._moved_db(solution.faders_db)),
            held_db={each: solution.held_db[one] for one, tied in held.items() for each in tied},
        )


@dataclass(frozen=True, slots=True)
class Bonds:
    """All bonds of a scene, by their group, and why what they keep in its place stays, by track.

    ``scene`` is the same with the faders that bonds start from. Here, too, ``gains`` are faders
    without moves by hand.
    """

    scene: Scene
    objects: Objects
    by_group: Mapping[Node, tuple[Bond, ...]]
    stays: Mapping[str, str]

    @property
    def ids(self) -> dict[Node, list[tuple[str, ...]]]:
        """The members of each group that are one source there."""
        return {group: [bond.ids for bond in bonds] for group, bonds in self.by_group.items()}

    def bind(
        self,
        group: Node,
        sources: Sequence[Source],
        heard: Mapping[str, Heard],
        gains: Gains,
        lufs: SumLufs,
    ) -> Bound:
        """The sources of a group, each bond as one, at the ``gains`` that its inside has by now."""
        singles = {source.id: source for source in sources}
        ties: dict[str, tuple[Source, ...]] = {}
        joined: list[Source] = []
        for bond in self.by_group.get(group, ()):
            members = tuple(singles[one] for one in bond.ids if one in singles)
            tied = tuple(source for source in members if source.balanced) or members
            if len(tied) > 1:
                one = self._as_one(group, bond, tied, heard, gains, lufs)
                singles = {name: source for name, source in singles.items() if source not in tied}
                ties[one.id] = tied
                joined.append(one)
        return Bound((*singles.values(), *joined), ties)

    def of(self, track_id: str) -> Bond | None:
        """The bond that a track, folder or bus is a member of, if it is one of any."""
        bonds = (bond for group in self.by_group.values() for bond in group)
        return next((bond for bond in bonds if track_id in bond.ids), None)

    def told(self, track_id: str) -> str:
        """What is said of a track that is of an object, as sentences; nothing of any other one."""
        found = self.objects.of(track_id)
        if found is None:
            return ""
        bonds = [bond for group in self.by_group.values() for bond in group]
        inside = [bond.inside for bond in bonds if track_id in bond.inside]
        together = max(inside, key=len, default=frozenset[str]())
        others = [one for one in found.track_ids if one != track_id]
        beside = [one for one in others if one in together]
        names = self._names(beside or others)
        sentence = MOVES_WITH if beside else APART
        return sentence.format(names, found.name, found.evidence(track_id))

    def _as_one(
        self,
        group: Node,
        bond: Bond,
        tied: Sequence[Source],
        heard: Mapping[str, Heard],
        gains: Gains,
        lufs: SumLufs,
    ) -> Source:
        highest = max(tied, key=lambda source: source.found_db)
        alone = {track.id: 0.0 for track in self.scene.session.tracks}
        alone |= {track: gains[track] for track in bond.inside}
        alone |= {one.id: gain_from_db(one.found_db - highest.found_db) for one in tied}
        whole = lufs(alone)
        behind_db = db_from_gain(self.scene.session.master_gain) if group is MIX else 0.0
        scale_db = self._scale_db(bond, tied, heard)
        return replace(
            highest,
            level_lufs=None if whole is None else whole - behind_db + scale_db,
            hand_db=max(one.hand_db + one.found_db - highest.found_db for one in tied),
        )

    def _scale_db(self, bond: Bond, tied: Sequence[Source], heard: Mapping[str, Heard]) -> float:
        """From full-band loudness to the scale of the method.

        One band means nothing for a whole kit; what else is heard by several microphones has the
        band that each of them has.
        """
        if bond.object.kind == "kit":
            return METHODS[self.scene.settings.method].offset_db
        heard_of = [heard[source.id] for source in tied]
        return _by_power(
            tied, heard, [(one.level.lufs or 0.0) - (one.features.lufs or 0.0) for one in heard_of]
        )

    def _names(self, tracks: Sequence[str]) -> str:
        names = [self.scene.session.track(one).name or "an unnamed track" for one in tracks]
        return listed(names)


def bonds_of(scene: Scene, objects: Objects, heard: Mapping[str, Heard]) -> Bonds:
    """How the objects of a scene are bound; ``heard`` are its tracks, the sums need not be."""
    map_ = _Map(scene, objects, heard)
    by_group = {group: tuple(map_.bonds(group)) for group in scene.routing.groups()}
    stays, anew = dict[str, str](), dict[str, float]()
    for bond in (bond for bonds in by_group.values() for bond in bonds):
        stays |= dict(_kept(scene, bond))
        anew |= dict(_anew(scene, bond))
    hand_db = {one: moved_db for one, moved_db in scene.hand_db.items() if one not in anew}
    rebased = replace(scene, found={**scene.found, **anew}, hand_db=hand_db)
    return Bonds(rebased, objects, by_group, stays)


def _anew(scene: Scene, bond: Bond) -> Iterator[tuple[str, float]]:
    """Where a bond starts from if one of its faders was set since by no balance.

    Who set it heard the others where the last balance has put them.
    """
    stored = scene.session.stored.faders if scene.session.stored else ()
    found = {fader.track_id: fader.found_gain for fader in stored}
    begins = [one in found and is_same(scene.found[one], found[one]) for one in bond.ids]
    if any(begins) and not all(begins):
        yield from ((one, scene.session.track(one).fader_gain) for one in bond.ids)


def _kept(scene: Scene, bond: Bond) -> Iterator[tuple[str, str]]:
    """What one track of a bond that has to stay keeps in its place."""
    tracks = [scene.session.track(one) for one in bond.ids]
    reasons = {track.name: why for track in tracks if (why := reason_to_stay(scene, track))}
    for name, why in list(reasons.items())[:1]:
        for track in tracks:
            if reason_to_stay(scene, track) is None:
                yield track.id, STAYS_WITH.format(name, bond.object.name, why)


class _Map:
    """Which members of every group stand for which object."""

    def __init__(self, scene: Scene, objects: Objects, heard: Mapping[str, Heard]) -> None:
        self._scene = scene
        self._objects = objects
        self._empty = {one for one, found in heard.items() if found.is_empty}

    def bonds(self, group: Node) -> Iterator[Bond]:
        """Where at least two members of a group stand for one object."""
        stand_for = {one: self._object(one) for one in self._sounding(group)}
        for found in self._objects.found:
            ids = tuple(one for one, of in stand_for.items() if of is found and self._is_open(one))
            if len(ids) > 1:
                yield Bond(found, ids, frozenset(self._inside(ids)))

    def _sounding(self, group: Node) -> list[str]:
        members = map(self._scene.session.track, self._scene.routing.members(group))
        return [
            track.id
            for track in members
            if track.id not in self._empty and reason_to_skip(self._scene, track) is None
        ]

    def _object(self, member: str) -> Object | None:
        """The object that all of what sounds in a track, folder or bus is of."""
        inside = [self._object(one) for one in self._sounding(member)]
        if not inside or self._scene.sounds(self._scene.session.track(member)):
            inside.append(self._objects.of(member))
        return inside[0] if all(one is inside[0] for one in inside) else None

    def _is_open(self, member: str) -> bool:
        return self._scene.found[member] != 0.0

    def _inside(self, ids: Sequence[str]) -> Iterator[str]:
        for one in ids:
            yield one
            yield from self._inside(self._scene.routing.members(one))


def _by_power(tied: Sequence[Source], heard: Mapping[str, Heard], values: Sequence[float]) -> float:
    """The mean of some values of sources, each as far as it is heard in their sum."""
    levels = [(heard[one.id].features.lufs or -120.0) + one.found_db for one in tied]
    powers = [math.pow(gain_from_db(level - max(levels)), 2.0) for level in levels]
    weighted = (power * value for power, value in zip(powers, values, strict=True))
    return sum(weighted) / sum(powers)
