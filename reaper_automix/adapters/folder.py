"""A folder of stems as a session: one track per audio file, all from the start of the song.

**Conventions**: a stem's track has the id that follows from its file name, so that a second run
finds the same tracks. Faders stand at unity, or where they stand by now in the project that an
earlier balance wrote beside the folder.
"""

from __future__ import annotations

import glob
import logging
import os
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from reaper_automix import media, outputs, rpp
from reaper_automix.adapters import new_project, project
from reaper_automix.adapters.project.store import write_stored
from reaper_automix.errors import AutomixError, InputError, MediaError
from reaper_automix.media import MediaInfo
from reaper_automix.session import Item, Session, Source, StoredBalance, Take, Track

log = logging.getLogger(__name__)

AUDIO_SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".au"),
        *(".flac", ".ogg", ".oga", ".opus", ".mp3"),
        *(".m4a", ".aac", ".wma", ".wv", ".ape", ".mpc"),  # promise audio, but not to libsndfile
    )
)
"""Names that promise audio. What cannot be read of them is listed as skipped, not passed over."""

PROJECT_SUFFIX = ".rpp"

FALLBACK_RATE_HZ = 48000
"""Sample rate of a session none of whose files can be read."""

NAMESPACE = uuid.UUID("7b0c1f5e-4a3d-5c0e-9d0a-52e4f0a1c6b2")
"""Under which the ids of stems are made (RFC 4122, version 5)."""

_OURS = re.compile(r"(.+)-(?:automix|match|stems)(?:-\d+)?")
"""The name of what is written beside a song of the name in the group."""


def songs(path: Path) -> tuple[Path, ...]:
    """The songs at a path: a project, a folder of stems, or all that lie in a folder of songs.

    A folder with audio files is one song. Without any, the projects in it are songs; without
    these, the songs of its folders, one level down. What we wrote is never a song.
    """
    try:
        return _songs(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); check the path and its permissions."
        ) from error


def projects(path: Path) -> tuple[Path, ...]:
    """The projects directly in a folder, without copies that we wrote; none for a file."""
    if not path.is_dir():
        return ()
    found = [file for file in _entries(path) if file.suffix.lower() == PROJECT_SUFFIX]
    names = {file.stem for file in found}
    return tuple(file for file in found if file.is_file() and _original(file.stem) not in names)


def read(path: Path) -> Session:
    """The stems of a folder, in the natural order of their names (2 before 10).

    Files with audio names that cannot be read become tracks with the unreadable file, for the
    account of the balance to name; other files and folders are not looked at.
    """
    path = path.absolute()
    files = _audio_files(path)
    if not files:
        raise InputError(f"{path} holds no audio files; name the folder that the stems lie in.")
    found = {file: _probe(file) for file in files}
    tracks = tuple(_track(file, info) for file, info in found.items())
    session = Session(path.name, tracks, sample_rate_hz=_common_rate_hz(found.values()))
    return _resumed(session, path)


def write_project(
    session: Session, target: Path, faders: Mapping[str, float], stored: StoredBalance
) -> None:
    """Write a new project that plays the stems of a folder at their faders (linear gain).

    A stem that cannot be read becomes a track without items.
    """
    write_changed(session, target, lambda node: write_stored(node, stored), faders)


def write_changed(
    session: Session,
    target: Path,
    change: project.Change,
    faders: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Write a new project that plays the stems of a folder, after any change of its tree."""
    target = target.absolute()
    document = rpp.parse(new_project.text(session, faders, target.parent))
    change(project.root(document, target))
    project.save(document, target, like=next(_stems(session), target))


def last_balance(path: Path) -> Path | None:
    """The project of the newest balance of a folder, as whose faders it is read."""
    return next(filter(_balanced, _balanced_projects(path.absolute())), None)


def _stems(session: Session) -> Iterator[Path]:
    """The files that a session plays."""
    takes = (take for track in session.tracks for item in track.items for take in item.takes)
    return (Path(take.source.file) for take in takes if take.source and take.source.file)


def _songs(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise InputError(f"There is no file or folder {path}; check the path.")
    if _is_audio(path):
        raise InputError(f"{path} is a single audio file; name the folder of stems it lies in.")
    if not path.is_dir():
        return (path,)
    found = _songs_in(path) or tuple(song for inner in _folders(path) for song in _songs_in(inner))
    if not found:
        raise InputError(
            f"{path} holds no audio files and no projects, nor do the folders in it; "
            "name a folder of stems or a project (.RPP)."
        )
    return found


def _songs_in(folder: Path) -> tuple[Path, ...]:
    return (folder,) if _audio_files(folder) else projects(folder)


def _folders(path: Path) -> list[Path]:
    """The folders in a folder, without what we wrote."""
    return [
        entry
        for entry in _entries(path)
        if entry.is_dir() and not (entry / outputs.MANIFEST).exists()
    ]


def _audio_files(folder: Path) -> list[Path]:
    return [entry for entry in _entries(folder) if _is_audio(entry)]


def _is_audio(path: Path) -> bool:
    return path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder in natural order, without hidden files (macOS adds ``._x`` to x)."""
    found = (entry for entry in folder.iterdir() if not entry.name.startswith("."))
    return sorted(found, key=lambda entry: (_natural(entry.name), entry.name))


def _natural(name: str) -> list[str | int]:
    """A key that sorts names as people do: numbers by their value, letters without case.

    >>> sorted(["10 Bass", "2 kick", "Vox"], key=_natural)
    ['2 kick', '10 Bass', 'Vox']
    """
    words = re.split(r"(\d+)", name.casefold())
    return [int(word) if index % 2 else word for index, word in enumerate(words)]


def _original(name: str) -> str | None:
    """The song of which we write a copy of that name."""
    found = _OURS.fullmatch(name)
    return found and found[1]


def _probe(file: Path) -> MediaInfo | None:
    try:
        return media.probe(str(file))
    except MediaError as error:
        log.info("%s", error)
        return None


def _common_rate_hz(found: Iterable[MediaInfo | None]) -> int:
    """The rate that most files have, the highest of equals: those need no resampling."""
    counts = Counter(info.sample_rate_hz for info in found if info)
    return max(counts, key=lambda rate_hz: (counts[rate_hz], rate_hz), default=FALLBACK_RATE_HZ)


def _track(file: Path, info: MediaInfo | None) -> Track:
    channels = info.channels if info else 2
    return Track(
        _guid(file.name),
        file.stem,
        items=(_item(file, info),),
        # REAPER's tracks have an even number of channels, at least two (I_NCHAN).
        channels=max(2, channels + channels % 2),
    )


def _item(file: Path, info: MediaInfo | None) -> Item:
    source = Source(_source_kind(info), file.name, str(file))
    take = Take(_guid(file.name, "take"), file.name, source)
    return Item(_guid(file.name, "item"), 0.0, info.duration_s if info else 0.0, takes=(take,))


def _source_kind(info: MediaInfo | None) -> str:
    """REAPER's source type for a file; WAVE stands for AIFF, W64 and CAF too."""
    if info is None:
        return "WAVE"
    if info.format == "OGG":
        return info.subtype
    return {"FLAC": "FLAC", "MP3": "MP3", "MPEG": "MP3"}.get(info.format, "WAVE")


def _guid(file_name: str, part: str = "") -> str:
    """REAPER's form of an id that is the same for the same name on every run and machine."""
    # A name that is not UTF-8 holds surrogates, which cannot be hashed as they are.
    name = os.fsencode(file_name).decode("utf-8", "backslashreplace")
    return f"{{{uuid.uuid5(NAMESPACE, f'{name}/{part}')}}}".upper()


def _resumed(session: Session, path: Path) -> Session:
    """The session as the newest balance of the folder left it, and as it was moved since."""
    file = last_balance(path)
    earlier = _balanced(file) if file else None
    if earlier is None or earlier.stored is None:
        return session
    gains = {track.id: track.fader_gain for track in earlier.tracks}
    stored = (fader for fader in earlier.stored.faders if fader.track_id in gains)
    tracks = (
        replace(track, fader_gain=gains.get(track.id, track.fader_gain)) for track in session.tracks
    )
    return replace(session, tracks=tuple(tracks), stored=StoredBalance(tuple(stored)))


def _balanced_projects(path: Path) -> list[Path]:
    """The projects that balances of this folder wrote beside it, newest first."""
    pattern = f"{glob.escape(path.name)}-automix*/{glob.escape(path.name)}.RPP"
    found = [file for file in path.parent.glob(pattern) if _original(file.parent.name) == path.name]
    return sorted(found, key=lambda file: _natural(file.parent.name), reverse=True)


def _balanced(file: Path) -> Session | None:
    try:
        session = project.read(file)
    except AutomixError as error:
        log.warning("The earlier balance in %s is not used: %s", file, error)
        return None
    return session if session.stored else None
