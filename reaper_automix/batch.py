"""One command for one song or for many: what stands at a path is done song by song.

A song that fails does not keep the others of its batch from being done; all failures are told at
the end. Alone, it fails with the exit code of its own error. Where the songs of a batch are done
is the matter of :mod:`~reaper_automix.cluster`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from reaper_automix import cluster, settings, terminal
from reaper_automix.errors import BUG, SOME_FAILED, AutomixError, Cancelled
from reaper_automix.progress import Progress
from reaper_automix.settings import Settings

Found = TypeVar("Found")
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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a song of a batch could not be done; ``trace`` is the traceback of a bug."""

    why: str
    code: int = SOME_FAILED
    trace: str = ""


def each_song(
    path: Path,
    given: Mapping[str, object],
    work: Callable[[Song, Progress], Made],
    tell: Callable[[Made, How], None],
    how: How,
    scheduler: str | None = None,
) -> int:
    """Do the work for the song at ``path``, or for every song in it, and tell; the exit code.

    ``given`` are settings from the command line, ``None`` or ``()`` where they were not given. With
    the address of a ``scheduler`` its cluster does the work, which is pickled for that.
    """
    from reaper_automix.adapters import folder

    # A cluster's workers stand in folders of their own.
    path = path.resolve() if scheduler or path.name in ("", "..") else path
    given = {name: value for name, value in given.items() if value not in (None, ())}
    songs = folder.songs(path)
    how = replace(how, batch=songs != (path,) or scheduler is not None)
    settings.load(path, given=given)  # a wrong option is one mistake, not one for each song

    def song_at(found: Path) -> Song:
        return Song(found, settings.load(path, found, given=given), found.relative_to(path))

    do = partial(_do, work, quiet=how.quiet or scheduler is not None)
    if not how.batch:
        tell(do(song_at(path)), how)
        return 0
    begun = _begun(songs, song_at, quiet=how.quiet)
    outcomes = cluster.each(partial(_unless_failed, do), begun, scheduler)
    told = (_unless_failed(lambda made: tell(made, how), outcome) for outcome in outcomes)
    return _account(songs, tuple(told))


def _do(work: Callable[[Song, Progress], Made], song: Song, *, quiet: bool) -> Made:
    """Do one song, in whatever process this is."""
    from reaper_automix.adapters import folder

    if not quiet:
        _point_out(folder.projects(song.path))
    with terminal.watching(quiet=quiet) as progress:
        return work(song, progress)


def _begun(
    songs: Sequence[Path], song_at: Callable[[Path], Song], *, quiet: bool
) -> Iterator[Song | Failure]:
    """Every song as it is begun, or why its settings cannot be used."""
    for number, found in enumerate(songs, start=1):
        if not quiet:
            terminal.say(f"{number} of {len(songs)}: {found}")
        yield _unless_failed(song_at, found)


def _unless_failed(do: Callable[[Found], Made], found: Found | Failure) -> Made | Failure:
    """The next step of a song, unless one before it failed; a failure does not stop the others."""
    if isinstance(found, Failure):
        return found
    try:
        return do(found)
    except Cancelled:
        raise
    except AutomixError as error:
        return Failure(str(error))
    except Exception:
        return Failure("This is a bug; its traceback stands above.", BUG, traceback.format_exc())


def _account(songs: Sequence[Path], told: Sequence[Failure | None]) -> int:
    """Tell the failures of a batch; its exit code, which says so when one of them is a bug."""
    failed = {song: failure for song, failure in zip(songs, told, strict=True) if failure}
    for failure in failed.values():
        if failure.trace:
            terminal.say(failure.trace)
    if failed:
        terminal.complain(f"{len(failed)} of {len(songs)} songs failed, the others are done.")
    for song, failure in failed.items():
        terminal.say(f"  {song}: {failure.why}")
    codes = {failure.code for failure in failed.values()}
    return next((code for code in (BUG, SOME_FAILED) if code in codes), 0)


def _point_out(projects: Sequence[Path]) -> None:
    """A folder that is read as stems may be a project's own; say so, as it may have been meant."""
    for project in projects:
        terminal.say(f"The stems beside {project.name} are read; name {project} to have that read.")
