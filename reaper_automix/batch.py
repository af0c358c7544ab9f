"""One command for one song or for many: what stands at a path is done song by song.

A song that fails does not keep the others of its batch from being done; all failures are told at
the end. Alone, it fails with the exit code of its own error.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from reaper_automix import settings, terminal
from reaper_automix.errors import BUG, SOME_FAILED, AutomixError, Cancelled
from reaper_automix.progress import Progress
from reaper_automix.settings import Settings

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Song:
    """One song of what was asked for; ``place`` is its path in the batch."""

    path: Path
    settings: Settings
    place: Path

    @property
    def name(self) -> str:
        """Its name, without the suffix of a project."""
        return self.path.name if self.path.is_dir() else self.path.stem

    def home(self, out: Path | None) -> Path | None:
        """Where its results go: songs of one name in two folders must not meet in ``--out``."""
        return out and out / self.place.parent

    def goal(self, out: Path | None, name: str) -> Path | None:
        """Where one result of that name goes."""
        return out and out / self.place.parent / name


@dataclass(frozen=True, slots=True)
class How:
    """How outcomes are told: not at all, as JSON, as one of many."""

    quiet: bool = False
    as_json: bool = False
    batch: bool = False


def each_song(
    path: Path,
    given: Mapping[str, object],
    work: Callable[[Song, Progress], Made],
    tell: Callable[[Made, How], None],
    how: How,
) -> int:
    """Do the work for the song at ``path``, or for every song in it, and tell; the exit code.

    ``given`` are settings from the command line, ``None`` or ``()`` where they were not given.
    """
    from reaper_automix.adapters import folder

    path = path if path.name not in ("", "..") else path.resolve()
    given = {name: value for name, value in given.items() if value not in (None, ())}
    songs = folder.songs(path)
    how = replace(how, batch=songs != (path,))
    settings.load(path, given=given)  # a wrong option is one mistake, not one for each song

    def one(found: Path) -> None:
        place = found.relative_to(path) if how.batch else Path(found.name)
        song = Song(found, settings.load(path, found, given=given), place)
        if not how.quiet:
            _point_out(folder.projects(found))
        with terminal.watching(quiet=how.quiet) as progress:
            made = work(song, progress)
        tell(made, how)

    if how.batch:
        return _all(songs, one, quiet=how.quiet)
    one(path)
    return 0


def _all(songs: Sequence[Path], one: Callable[[Path], None], *, quiet: bool) -> int:
    """Every song in turn; the failures at the end."""
    failed: dict[Path, str] = {}
    code = 0
    for number, song in enumerate(songs, start=1):
        if not quiet:
            terminal.say(f"{number} of {len(songs)}: {song}")
        try:
            one(song)
        except Cancelled:
            raise
        except AutomixError as error:
            failed[song], code = str(error), code or SOME_FAILED
        except Exception:
            traceback.print_exc()
            failed[song], code = "This is a bug; its traceback stands above.", BUG
    if failed:
        terminal.complain(f"{len(failed)} of {len(songs)} songs failed, the others are done.")
    for song, why in failed.items():
        terminal.say(f"  {song}: {why}")
    return code


def _point_out(projects: Sequence[Path]) -> None:
    """A folder that is read as stems may be a project's own; say so, as it may have been meant."""
    for project in projects:
        terminal.say(f"The stems beside {project.name} are read; name {project} to have that read.")
