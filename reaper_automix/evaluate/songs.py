"""Songs whose authors' balance is known: projects with media, and the faders that give it back.

A folder of ``sessions`` or ``multitrack`` holds one project. Its ``session.json`` says per track
``restore_gain_db``, the fader at which the part sits where its author put it; without such a file
that is 0 dB for all of them.

**Conventions**: gains in dB by track id. A *draw* turns every source up or down by chance, the same
in every run: what a balance makes of a song must not depend on how loud its files are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix.adapters import project
from reaper_automix.errors import InputError
from reaper_automix.routing import Routing
from reaper_automix.session import Session, Track
from reaper_automix.units import db_from_gain, gain_from_db

Gains = Mapping[str, float]

FOLDERS = ("sessions", "multitrack")
ACCOUNT = "session.json"

SPREAD_DB = 12.0
"""Sources are turned by no more than this, either way."""


@dataclass(frozen=True, slots=True)
class Song:
    """One song; ``author_db`` has the author's fader of every track that has one."""

    name: str
    path: Path
    session: Session
    author_db: Gains

    def draw(self, number: int) -> dict[str, float]:
        """By how much every source is turned in the draw of that number."""
        rng = np.random.default_rng([number, *self.name.encode()])
        drawn = rng.uniform(-SPREAD_DB, SPREAD_DB, len(self.session.tracks))
        return {
            track.id: float(gain) for track, gain in zip(self.session.tracks, drawn, strict=True)
        }

    def turned(self, drawn: Gains) -> Session:
        """The session with the gains of its items so turned."""
        tracks = tuple(_turned(track, drawn[track.id]) for track in self.session.tracks)
        return replace(self.session, tracks=tracks)


def read(data: Path) -> tuple[Song, ...]:
    """The songs of a folder of data, in the order of their names."""
    found = [
        _song(path)
        for folder in FOLDERS
        for path in sorted((data / folder).glob("*/*"))
        if path.suffix.lower() == ".rpp"
    ]
    if not found:
        raise InputError(
            f"{data} has no projects in {' or '.join(FOLDERS)}; name the folder with the material "
            "with --data."
        )
    return tuple(found)


def faders_db(routing: Routing, gains: Gains, track_id: str) -> float:
    """What all faders on a track's way to the mix do together; ``gains`` are linear."""
    home = routing.home.get(track_id)
    beyond = 0.0 if home is None else faders_db(routing, gains, home)
    return db_from_gain(gains[track_id]) + beyond


def _song(path: Path) -> Song:
    session = project.read(path)
    account = path.with_name(ACCOUNT)
    author_db = dict(_author(account, session)) if account.exists() else _as_it_is(session)
    return Song(path.parent.name, path, session, author_db)


def _as_it_is(session: Session) -> dict[str, float]:
    return {track.id: 0.0 for track in session.tracks if track.items}


def _author(account: Path, session: Session) -> Iterator[tuple[str, float]]:
    """The author's fader of every part; what was made from parts to fill a session has none."""
    owners = {file: track.id for track in session.tracks for file in _files(track)}
    try:
        for record in json.loads(account.read_text("utf-8"))["tracks"]:
            if record.get("kind", "part") == "part":
                yield owners[record["file"]], float(record["restore_gain_db"])
    except OSError as error:
        raise InputError(
            f"{account} cannot be read ({error.strerror}); check its permissions."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{account} does not say restore_gain_db for the files of its project: {error!r}; "
            "correct it or leave its folder out."
        ) from error


def _files(track: Track) -> Iterator[str]:
    """The media of a track as the project names them."""
    for item in track.items:
        yield from (take.source.path for take in item.takes if take.source is not None)


def _turned(track: Track, by_db: float) -> Track:
    gain = gain_from_db(by_db)
    return replace(track, items=tuple(replace(one, gain=one.gain * gain) for one in track.items))
