"""Makes a kit of songs: the page that listeners get, and the key that the experimenter keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reaper_automix import memory, outputs
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError, OutputError, SettingsError
from reaper_automix.listening import blind, key, page, render
from reaper_automix.listening.blind import Kit
from reaper_automix.listening.render import SECONDS, Song
from reaper_automix.places import place_of
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Output
from reaper_automix.settings import Settings

PAGE_NAME = "listening-test.html"


@dataclass(frozen=True, slots=True)
class Request:
    """What to make a kit of. ``references`` are none, or a mix for each of the ``songs``."""

    songs: tuple[tuple[Path, Settings], ...]
    out: Path
    references: tuple[Path, ...] = ()
    length_s: float = SECONDS
    jobs: int | None = None


def make(request: Request, progress: Progress = silent) -> tuple[Kit, tuple[Output, ...]]:
    """Render and write a kit; :class:`OutputError` where another kit's key would be lost."""
    songs = _songs(request)
    with Crew(request.jobs) as crew:
        known = memory.opened()
        excerpts = [render.excerpt(song, request.length_s, crew, known, progress) for song in songs]
    kit = blind.blinded(excerpts)
    layout = outputs.folder_of(request.out)
    _spare(layout.folder, kit)
    with outputs.staging(layout) as stage:
        (stage / PAGE_NAME).write_bytes(page.page(kit))
        (stage / key.FILE_NAME).write_bytes(key.to_json(kit.key))
    return kit, (
        Output("page", str(layout.folder / PAGE_NAME)),
        Output("key", str(layout.folder / key.FILE_NAME)),
    )


def _songs(request: Request) -> Sequence[Song]:
    if len(request.references) not in (0, len(request.songs)):
        raise SettingsError(
            f"There are {len(request.references)} reference mixes for {len(request.songs)} songs; "
            "give --reference once for each song, in their order, or not at all."
        )
    references = request.references or (None,) * len(request.songs)
    return [
        Song(place_of(path).read(), path.absolute(), settings, reference)
        for (path, settings), reference in zip(request.songs, references, strict=True)
    ]


def _spare(folder: Path, kit: Kit) -> None:
    """Answers to a kit mean nothing without its key, so another kit's is never replaced."""
    path = folder / key.FILE_NAME
    if not path.exists():
        return
    try:
        other = key.read(path).kit
    except InputError:
        other = ""
    if other != kit.id:
        raise OutputError(
            f"{folder} holds the key of another listening test, without which its answers mean "
            "nothing; choose another folder with --out."
        )
