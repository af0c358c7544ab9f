"""Tracks as REAPER rendered them: put in place of their items, and kept for as long as they hold.

A render holds for a track whose state chunk says the same as when it was made, over the same range,
at the same sample rate, with the same media. What does not change the sound before the fader (the
fader itself, names, colours, selection, windows, our own trim) does not count.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from reaper_automix import media, rpp
from reaper_automix.controls import TRIM_NAME
from reaper_automix.errors import MediaError
from reaper_automix.memory import media_identity
from reaper_automix.rpp import Node
from reaper_automix.session import Item, Session, Source, Take, TimeRange, Track

CACHE_BYTES = 2 * 2**30
"""Size of all kept renders together; those that were not used for longest go first."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNHEARD_LINES: Mapping[str, frozenset[str]] = {
    "TRACK": _words(
        "NAME PEAKCOL SEL BEAT AUTOMODE VOLPAN PANLAW PANMODE MUTESOLO ISBUS BUSCOMP SHOWINMIX "
        "LAYOUTS TRACKHEIGHT TRACKIMGFN INQ REC VU LOCK SPACER MAINSEND HWOUT GROUP_FLAGS "
        "GROUP_FLAGS_HIGH"
    ),
    "ITEM": _words("NAME SEL COLOR YPOS LOCK TAKECOLOR IMGRESOURCEFLAGS"),
    "FXCHAIN": _words("WNDRECT SHOW LASTSEL DOCKED FLOAT FLOATPOS"),
    "TAKEFX": _words("WNDRECT SHOW LASTSEL DOCKED FLOAT FLOATPOS"),
}
"""Lines of a chunk, by block, that nobody hears before the fader."""

UNHEARD_BLOCKS = _words("VOLENV2 VOLENV3 PANENV2 WIDTHENV2 DUALPANENVL2 DUALPANENV2 NOTES")
"""Blocks of a chunk that act behind the effects, or not at all."""


@dataclass(frozen=True, slots=True)
class Render:
    """A file that holds a track from ``start_s`` on, as it sounded with a trim of that gain."""

    file: Path
    start_s: float
    trim: float = 1.0


class _Note(msgspec.Struct, frozen=True):
    """What is kept beside a render."""

    start_s: float
    trim: float


@dataclass(frozen=True, slots=True)
class Cache:
    """Kept renders, in a folder of their own."""

    folder: Path
    largest_bytes: int = CACHE_BYTES

    def find(self, key: str) -> Render | None:
        """The render of that key, which counts as used now; ``None`` without a readable one."""
        sound, note = self._files(key)
        try:
            said = msgspec.json.decode(note.read_bytes(), type=_Note)
            media.probe(str(sound))
            os.utime(sound)
        except (OSError, msgspec.DecodeError, MediaError):
            return None
        return Render(sound, said.start_s, said.trim)

    def keep(self, key: str, render: Render) -> Render:
        """Move a render in; it is used where it is when that cannot be."""
        sound, note = self._files(key)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.move(render.file, sound)
            note.write_bytes(msgspec.json.encode(_Note(render.start_s, render.trim)))
        except OSError:
            return replace(render, file=sound) if sound.is_file() else render
        self._make_room(spare=sound)
        return replace(render, file=sound)

    def _files(self, key: str) -> tuple[Path, Path]:
        return self.folder / f"{key}.wav", self.folder / f"{key}.json"

    def _make_room(self, spare: Path) -> None:
        kept = sorted(self.folder.glob("*.wav"), key=_used_s, reverse=True)
        total = 0
        for sound in kept:
            total += sound.stat().st_size
            if total > self.largest_bytes and sound != spare:
                sound.unlink(missing_ok=True)
                sound.with_suffix(".json").unlink(missing_ok=True)


def _used_s(file: Path) -> float:
    return file.stat().st_mtime


def key(session: Session, track: Track, chunk: str, time_range: TimeRange | None) -> str:
    """What a render of a track holds for, as 64 hex digits."""
    text = msgspec.json.encode(
        {
            "state": _heard(chunk),
            "range": time_range,
            "sample_rate_hz": session.sample_rate_hz,
            "media": list(media_identity((track,))),
        }
    )
    return hashlib.sha256(text).hexdigest()


def place(session: Session, renders: Mapping[str, Render], trims: Mapping[str, float]) -> Session:
    """The session with rendered tracks playing their files; ``trims`` are their trims by now."""
    return replace(
        session,
        tracks=tuple(
            _placed(track, renders[track.id], trims.get(track.id, 1.0))
            if track.id in renders
            else track
            for track in session.tracks
        ),
    )


def _placed(track: Track, render: Render, trim: float) -> Track:
    """The track as its file, in which everything up to the fader is already.

    That is effects, pre-FX envelope, play offset and what other tracks send to it; the post-FX
    envelope is not, because REAPER takes a pre-fader stem before it. Polarity is taken to belong to
    the fader, too, which the Self test checks. Raises MediaError for a file that cannot be read.
    """
    length_s = media.probe(str(render.file)).duration_s
    source = Source("WAVE", str(render.file), str(render.file))
    take = Take("{render}", track.name, source, gain=trim / render.trim)
    return replace(
        track,
        items=(Item("{render}", render.start_s, length_s, (take,)),),
        fx=(),
        receives=tuple(one for one in track.receives if not one.audio),
        pre_fx_volume=None,
        play_offset_s=0.0,
        free_positioning=True,
    )


def _heard(chunk: str) -> list[str]:
    """The lines of a state chunk that have a say in the sound before the fader."""
    return list(_heard_of(rpp.parse(chunk, "The state of a track")))


def _heard_of(node: Node) -> Iterator[str]:
    unheard = UNHEARD_LINES.get(node.name, frozenset())
    for entry in _without_trim(node):
        if isinstance(entry, Node):
            yield from _heard_block(entry)
        elif entry.strip() and entry.split(maxsplit=1)[0] not in unheard:
            yield entry.strip()


def _heard_block(node: Node) -> Iterator[str]:
    inside = list(_heard_of(node))
    empty_chain = node.name in ("FXCHAIN", "TAKEFX") and not inside
    if node.name not in UNHEARD_BLOCKS and not empty_chain:
        yield node.head.strip()
        yield from inside
        yield ">"


def _without_trim(node: Node) -> Iterable[str | Node]:
    """What is in a block, without the entry of our trim plug-in, ``BYPASS`` up to the next one."""
    entry: list[str | Node] = []
    for line in node.body:
        if isinstance(line, str) and line.split()[:1] == ["BYPASS"]:
            yield from () if _is_trim(entry) else entry
            entry = []
        entry.append(line)
    yield from () if _is_trim(entry) else entry


def _is_trim(entry: Iterable[str | Node]) -> bool:
    return any(isinstance(line, Node) and TRIM_NAME in line.arguments for line in entry)
