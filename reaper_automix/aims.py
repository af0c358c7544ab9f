"""Where every source shall stand beside the others of its group, by what the tracks are taken for.

A folder stands for what is in it: its offset is the power of what its tracks are asked for, so that
a session in folders comes out as the same tracks without folders would. So does what is one object:
all of its tracks are asked for what it is asked for as one. Offsets are relative to the average of
their group. They depend on names and sounds, never on a fader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reaper_automix import profiles
from reaper_automix.measurement import Measurement
from reaper_automix.mix import Node
from reaper_automix.profiles.wishes import centred, together_db, wanted_db
from reaper_automix.roles import Evidence, Guess, guesses
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene


@dataclass(frozen=True, slots=True)
class Aims:
    """What each track is taken for, and its offset in dB from the average of its group.

    A source that is not in ``offsets_db`` is asked for nothing in particular.
    """

    guesses: Mapping[str, Guess]
    offsets_db: Mapping[str, float]

    def offset_db(self, track_id: str) -> float:
        """How far above the average of its group a source shall stand."""
        return self.offsets_db.get(track_id, 0.0)


def aims(
    scene: Scene,
    heard: Mapping[str, Measurement],
    bonds: Mapping[Node, Iterable[Collection[str]]],
) -> Aims:
    """What the profile of the settings asks of every source.

    ``heard`` are tracks by their own items, ``bonds`` the members of each group that are one source
    there. Everything is asked for the same by ``equal``, and where no track has a role that is
    known.
    """
    taken_for = _guesses(scene, heard)
    profile = profiles.load(scene.settings.profile)
    if profile.is_equal:
        return Aims(taken_for, {})
    audible = [track for track, found in heard.items() if _sounds(scene, track, found)]
    sources = [track for track in audible if not _inside(scene, track, audible)]
    wanted = wanted_db(profile, {track: taken_for[track] for track in sources})
    return Aims(taken_for, dict(_offsets(scene, wanted, bonds)))


def _guesses(scene: Scene, heard: Mapping[str, Measurement]) -> dict[str, Guess]:
    """What every track is taken for by its sound and its name, which is read beside the others."""
    evidence = [
        Evidence(scene.session.track(track).name, _folders(scene, track), found.features)
        for track, found in heard.items()
    ]
    return dict(zip(heard, guesses(evidence), strict=True))


def _folders(scene: Scene, track_id: str) -> tuple[str, ...]:
    """Names of the folders and buses that a track is in, the outermost first."""
    home = scene.routing.home.get(track_id)
    if home is None:
        return ()
    return (*_folders(scene, home), scene.session.track(home).name)


def _sounds(scene: Scene, track_id: str, found: Measurement) -> bool:
    """Whether a track has a part in the mix, however far its fader is down."""
    empty = found.heard(scene.settings.method).is_empty
    return not empty and scene.sounds(scene.session.track(track_id))


def _inside(scene: Scene, track_id: str, audible: list[str]) -> bool:
    """Whether others sound in a track, which then stands for these."""
    return not set(scene.routing.members(track_id)).isdisjoint(audible)


def _offsets(
    scene: Scene,
    wanted: Mapping[str, float],
    bonds: Mapping[Node, Iterable[Collection[str]]],
) -> Iterator[tuple[str, float]]:
    """Every source's offset, group by group, inner ones first."""
    wishes = dict(wanted)
    for group in scene.routing.groups():
        members = {
            track: wishes[track] for track in scene.routing.members(group) if track in wishes
        }
        if not members:
            continue
        yield from _of_group(members, bonds.get(group, ()))
        if group is not MIX:
            wishes[group] = together_db(members.values())


def _of_group(
    members: Mapping[str, float], bonds: Iterable[Collection[str]]
) -> Iterator[tuple[str, float]]:
    """The offsets of the members of a group, those of a bond all alike."""
    stands_for = {one: min(bond) for bond in bonds for one in bond if one in members}
    sources: dict[str, list[float]] = {}
    for one, wish in members.items():
        sources.setdefault(stands_for.get(one, one), []).append(wish)
    offsets = centred({one: together_db(wishes) for one, wishes in sources.items()})
    yield from ((one, offsets[stands_for.get(one, one)]) for one in members)
