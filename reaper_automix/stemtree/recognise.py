"""What tracks are taken for, and which folders are those of a stem: by name, else by content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reaper_automix.features import Features
from reaper_automix.roles import STEM_OF, Evidence, Guess, Role, StemName, guess, guesses
from reaper_automix.routing import Routing
from reaper_automix.session import Session, Track
from reaper_automix.stemtree.catalogue import called, is_whole

LEAST_VOTES = 2
"""So many tracks of one stem make a folder that of the stem, whatever it is called."""


@dataclass(frozen=True, slots=True)
class StemFolder:
    """A folder of a stem, or of the one ``role`` in it that it is called by ("Toms")."""

    track_id: str
    stem: StemName
    role: Role | None = None
    by: Literal["name", "content"] = "name"

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a stem that may itself lie in the folder of that stem."""
        return self.role is not None


def guess_all(session: Session, heard: Mapping[str, Features] | None = None) -> dict[str, Guess]:
    """What every track of a session is taken for, by id; ``heard`` are features of some.

    Names of tracks are read beside each other; those of folders are not among them, so that a new
    folder changes nothing for the tracks beside it.
    """
    evidence = _evidence(session, heard or {})
    sources = [track.id for track in session.tracks if not track.folder]
    told = guesses([evidence[track] for track in sources])
    known = dict(zip(sources, told, strict=True))
    return {
        track: known.get(track) or guess(one.name, one.folders) for track, one in evidence.items()
    }


def _evidence(session: Session, heard: Mapping[str, Features]) -> dict[str, Evidence]:
    names = {track.id: track.name for track in session.tracks}
    around = enclosing(session)
    return {
        track: Evidence(name, tuple(names[one] for one in around[track]), heard.get(track))
        for track, name in names.items()
    }


def recognise(
    session: Session, routing: Routing, guesses: Mapping[str, Guess]
) -> dict[str, StemFolder]:
    """The folders that stand for a stem, by id, in project order.

    A name counts more than what is inside. By its inside a folder is that of a stem when more than
    half of the tracks and folders directly in it are of that one.
    """
    votes: dict[str, list[StemName | None]] = {}
    found: dict[str, StemFolder] = {}
    for track in reversed(session.tracks):  # what lies in a folder follows it
        inside = votes.pop(track.id, [])
        stem = _stem_of(track, guesses)
        if track.folder:
            folder = _by_name(track, guesses) or _by_content(track, inside)
            stem = folder.stem if folder else None
            if folder is not None:
                found[track.id] = folder
        if track.parent_id is not None and routing.kind[track.id] in ("track", "folder"):
            votes.setdefault(track.parent_id, []).append(stem)
    return dict(reversed(found.items()))


def enclosing(session: Session) -> dict[str, tuple[str, ...]]:
    """The folders that each track lies in, by id, the outermost first."""
    found: dict[str, tuple[str, ...]] = {}
    for track in session.tracks:
        parent = track.parent_id
        found[track.id] = () if parent is None else (*found[parent], parent)
    return found


def _stem_of(track: Track, guesses: Mapping[str, Guess]) -> StemName | None:
    role = guesses[track.id].role
    return STEM_OF[role] if role else None


def _by_name(track: Track, guesses: Mapping[str, Guess]) -> StemFolder | None:
    if stem := called(track.name):
        return StemFolder(track.id, stem)
    guess = guesses[track.id]
    stem = _stem_of(track, guesses)
    if stem is None or guess.role is None or guess.by == "sound":
        return None
    return StemFolder(track.id, stem, None if is_whole(guess.role) else guess.role)


def _by_content(track: Track, votes: list[StemName | None]) -> StemFolder | None:
    known = Counter(stem for stem in votes if stem)
    stem, count = next(iter(known.most_common(1)), (None, 0))
    if stem is None or count < LEAST_VOTES or count * 2 <= len(votes):
        return None
    return StemFolder(track.id, stem, by="content")


def homes_of(
    part_stem: StemName,
    role: Role | None,
    found: Mapping[str, StemFolder],
    around: Mapping[str, tuple[str, ...]],
) -> Iterator[StemFolder]:
    """The folders that a track of a stem may be put into, the most fitting first.

    That of its very role, then those of the whole stem; those called so before those that merely
    hold it; outer ones before inner ones. What lies in another stem's folder is none of them.
    """
    fitting = (
        folder
        for folder in found.values()
        if folder.stem == part_stem
        and folder.role in (None, role)
        and all(
            found[outer].stem == part_stem for outer in around[folder.track_id] if outer in found
        )
    )
    yield from sorted(
        fitting,
        key=lambda one: (one.role is None, one.by != "name", len(around[one.track_id])),
    )
