"""Finds finished projects: reads what lies in some folders, and says what does not count and why.

A song counts once, however many versions and backups of it there are, and only where somebody set
its faders: what a balance of ours left there says nothing about its engineer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reaper_automix.errors import AutomixError, InputError
from reaper_automix.hand import is_same
from reaper_automix.places import PROJECT_SUFFIXES, place_of
from reaper_automix.session import Session, Source

SAME_SONG = 0.5
"""Projects that share so much of their media are versions of one song."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A project whose faders somebody set."""

    path: Path
    session: Session


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A project that teaches nothing, and why; ``failed`` where it could not be read."""

    path: Path
    why: str
    failed: bool = False


def find(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Every project file at some paths, however deep; :class:`InputError` where there is none.

    Links to folders are not followed, and hidden folders are not looked into.
    """
    found = {_key(file): file for path in paths for file in _projects_at(path)}
    if not found:
        named = ", ".join(map(str, paths))
        raise InputError(f"There is no project (.RPP) in {named}; name a folder of finished ones.")
    return tuple(found[key] for key in sorted(found))


def read(files: Iterable[Path]) -> Iterator[Finished | LeftOut]:
    """Every project as it is read, with what of it cannot be or says nothing."""
    for file in files:
        try:
            session = place_of(file).read()
        except AutomixError as error:
            yield LeftOut(file, str(error), failed=True)
            continue
        why = next((why for applies, why in REASONS_TO_LEAVE if applies(session)), None)
        # The balance starts from what the engineer left, not from what an earlier one found.
        yield LeftOut(file, why) if why else Finished(file, replace(session, stored=None))


def versions_apart(projects: Iterable[Finished]) -> Iterator[Finished | LeftOut]:
    """The newest version of every song, and the others, which are left out."""
    kept: list[tuple[frozenset[str], Finished]] = []
    for project in sorted(projects, key=_newest_first):
        media = frozenset(_media(project.session))
        newer = (one for other, one in kept if _are_one_song(media, other))
        if known := next(newer, None):
            yield LeftOut(project.path, f"It is a version of {known.path.name}, which is newer.")
            continue
        kept.append((media, project))
        yield project


def _are_one_song(media: frozenset[str], other: frozenset[str]) -> bool:
    return len(media & other) > SAME_SONG * len(media | other)


def _untouched_since(session: Session) -> bool:
    """Whether a balance of ours put most of the faders where they stand, and nothing is by hand.

    Not all of them: what a balance leaves alone (noise, returns, locks) it does not remember.
    """
    if session.stored is None:
        return False
    stored = {fader.track_id: fader for fader in session.stored.faders}
    played = [track for track in session.tracks if track.items and track.fader_gain]
    ours = [track for track in played if track.id in stored]
    by_hand = any(
        stored[track.id].hand_db or not is_same(track.fader_gain, stored[track.id].written_gain)
        for track in session.tracks
        if track.id in stored
    )
    return 2 * len(ours) > len(played) and not by_hand


REASONS_TO_LEAVE: tuple[tuple[Callable[[Session], bool], str], ...] = (
    (
        lambda session: not any(track.items for track in session.tracks),
        "It has no tracks with items.",
    ),
    (
        _untouched_since,
        "Its faders stand as reaper-automix put them; move them by hand to have it count.",
    ),
    (
        lambda session: all(abs(track.fader_gain) == 1.0 for track in session.tracks),
        "All of its faders stand at 0 dB, so nobody balanced it by them.",
    ),
)
"""Why a project as a whole teaches nothing; the first that applies is told."""


def _projects_at(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path.")
    if not path.is_dir():
        place_of(path)  # says so where it is no project
        yield path
        return
    for folder, inner, files in os.walk(path):
        inner[:] = [name for name in inner if not name.startswith(".")]
        yield from (Path(folder, name) for name in files if _is_project(name))


def _is_project(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(PROJECT_SUFFIXES)


def _key(file: Path) -> str:
    """What tells one file from another, by whatever path it was named."""
    return os.path.realpath(file)


def _newest_first(project: Finished) -> tuple[float, bool, str]:
    try:
        changed_s = project.path.stat().st_mtime
    except OSError:
        changed_s = 0.0
    return -changed_s, project.path.suffix.lower() != ".rpp", str(project.path)


def _media(session: Session) -> Iterator[str]:
    """What a project plays, by name and size: a copy of a project has copies of its media."""
    takes = (take for track in session.tracks for item in track.items for take in item.takes)
    return (_named(take.source) for take in takes if take.source and take.source.path)


def _named(source: Source) -> str:
    name = source.path.replace("\\", "/").rpartition("/")[2]
    try:
        size = Path(source.file).stat().st_size if source.file else 0
    except OSError:
        size = 0
    return f"{name.casefold()} {size}"
