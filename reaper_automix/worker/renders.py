"""Tracks as REAPER rendered them: put in place of their items, and kept for as long as they hold.

A render holds for a track whose state chunk says the same as when it was made, over the same range,
at the same sample rate and tempo, with the same media. What does not change the sound before the
fader (the fader itself, names, colours, selection, windows, our own trim) does not count. Tracks
whose sound depends on what stands elsewhere in the project are not kept at all.

**Departure**: a session has one tempo, that of the project's start. A change further on in the
tempo map is noticed only where it moves items, not by a delay that follows the tempo.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from reaper_automix import media, rpp
from reaper_automix.controls import TRIM_NAME
from reaper_automix.errors import MediaError
from reaper_automix.keys import media_identity
from reaper_automix.rpp import Node
from reaper_automix.session import Item, Session, Source, Take, TimeRange, Track

PART = ".part"
"""Ending of a render that is being copied."""

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
    "EXT": _words("automix_lock"),
}
"""Lines of a chunk, by block, that nobody hears before the fader."""

HEARD_OF_PROJECT = (
    "sample_rate_hz",
    "tempo_bpm",
    "pan_law",
    "pan_taper",
    "item_mix",
    "global_automation",
)
"""Fields of a session that are heard before the faders of its tracks."""

FROM_ELSEWHERE = ("<SOURCE MIDIPOOL", "POOLEDENVINST")
"""How lines of a chunk begin whose notes or points stand somewhere else in the project."""

CHAINS = _words("FXCHAIN TAKEFX")
"""Blocks of effects."""

NOTHING_IF_EMPTY = CHAINS | {"EXT"}
"""Blocks that, with nothing in them, are the same as none."""

UNHEARD_BLOCKS = _words("VOLENV2 VOLENV3 PANENV2 WIDTHENV2 DUALPANENVL2 DUALPANENV2 NOTES")
"""Blocks of a chunk that act behind the effects, or not at all."""


Named = Callable[[str], bool]
"""Whether an effect is called so, in one of the words of its block."""


def no_one(word: str) -> bool:
    """No effect."""
    return False


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
        """Move a render in, whole or not at all; it is used where it is when that cannot be."""
        sound, note = self._files(key)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            sound.unlink(missing_ok=True)  # so that no note ever stands beside another's sound
            note.write_bytes(msgspec.json.encode(_Note(render.start_s, render.trim)))
            _move(render.file, sound)
        except OSError:
            with suppress(OSError):
                note.unlink(missing_ok=True)
            return render
        self._make_room(spare=sound)
        return replace(render, file=sound)

    def _files(self, key: str) -> tuple[Path, Path]:
        return self.folder / f"{key}.wav", self.folder / f"{key}.json"

    def _make_room(self, spare: Path) -> None:
        for broken_off in self.folder.glob(f"*{PART}"):
            broken_off.unlink(missing_ok=True)
        kept = sorted(self.folder.glob("*.wav"), key=_used_s, reverse=True)
        total = 0
        for sound in kept:
            total += sound.stat().st_size
            if total > self.largest_bytes and sound != spare:
                sound.unlink(missing_ok=True)
                sound.with_suffix(".json").unlink(missing_ok=True)


def _move(file: Path, goal: Path) -> None:
    """Put a file at its goal, whole or not at all, also on another disk."""
    with suppress(OSError):
        file.replace(goal)
        return
    aside = goal.with_suffix(PART)
    try:
        shutil.copyfile(file, aside)
        aside.replace(goal)
    finally:
        aside.unlink(missing_ok=True)
    file.unlink()


def _used_s(file: Path) -> float:
    return file.stat().st_mtime


def key(
    session: Session,
    track: Track,
    chunk: str,
    time_range: TimeRange | None,
    *,
    is_bypassed: Named = no_one,
) -> str | None:
    """What a render of a track holds for, as 64 hex digits.

    ``None`` where its state does not tell: a side chain or MIDI comes from another track, notes or
    automation items are pooled with others. ``is_bypassed`` says of an effect's words whether it
    was bypassed for the render.
    """
    state = _heard(chunk, lambda word: word == TRIM_NAME or is_bypassed(word))
    if _is_fed(track) or any(line.startswith(FROM_ELSEWHERE) for line in state):
        return None
    text = msgspec.json.encode(
        {
            "state": state,
            "range": time_range,
            "project": [getattr(session, name) for name in HEARD_OF_PROJECT],
            "media": media_identity(track),
        }
    )
    return hashlib.sha256(text).hexdigest()


def _is_fed(track: Track) -> bool:
    return track.folder or any(not receive.mute for receive in track.receives)


def place(session: Session, renders: Mapping[str, Render], trims: Mapping[str, float]) -> Session:
    """The session with rendered tracks playing their files; ``trims`` are their trims by now.

    A folder's file holds what lies in it, which leads there no more.
    """
    folders = {track.id for track in session.tracks if track.folder and track.id in renders}
    placed = (
        _placed(track, renders[track.id], trims.get(track.id, 1.0))
        if track.id in renders
        else track
        for track in session.tracks
    )
    return replace(
        session,
        tracks=tuple(
            replace(track, main_send=False) if track.parent_id in folders else track
            for track in placed
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


def _heard(chunk: str, is_apart: Named) -> list[str]:
    """The lines of a state chunk that have a say in the sound before the fader.

    Effects that are apart are passed over: our trim, whose gain is known, and bypassed ones.
    """
    return _heard_of(rpp.parse(chunk, "The state of a track"), is_apart)


def _heard_of(node: Node, is_apart: Named) -> list[str]:
    unheard = UNHEARD_LINES.get(node.name, frozenset())
    heard: list[str] = []
    for entry in _without(node, is_apart) if node.name in CHAINS else node.body:
        if isinstance(entry, Node):
            heard += _heard_block(entry, is_apart)
        elif (line := entry.strip()) and not (unheard and line.split(maxsplit=1)[0] in unheard):
            heard.append(line)
    return heard


def _heard_block(node: Node, is_apart: Named) -> list[str]:
    if node.name in UNHEARD_BLOCKS:
        return []
    inside = _heard_of(node, is_apart)
    return [node.head.strip(), *inside, ">"] if inside or node.name not in NOTHING_IF_EMPTY else []


def _without(chain: Node, is_apart: Named) -> Iterable[str | Node]:
    """What is in a chain, without the entries of some effects, ``BYPASS`` up to the next one."""
    entry: list[str | Node] = []
    for line in chain.body:
        if isinstance(line, str) and line.split()[:1] == ["BYPASS"]:
            yield from () if _is_of(entry, is_apart) else entry
            entry = []
        entry.append(line)
    yield from () if _is_of(entry, is_apart) else entry


def _is_of(entry: Iterable[str | Node], is_named: Named) -> bool:
    return any(isinstance(line, Node) and any(map(is_named, line.arguments)) for line in entry)
