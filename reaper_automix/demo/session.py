"""Makes the demo: the recordings of :mod:`.arrangement` as files, in a REAPER project."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from reaper_automix import outputs, rpp
from reaper_automix.adapters import new_project
from reaper_automix.demo.arrangement import (
    BAR_S,
    CROSSFADE_S,
    RECORDINGS,
    STRIPS,
    Clip,
    Recording,
    Strip,
)
from reaper_automix.demo.score import SONG_S, TEMPO_BPM
from reaper_automix.demo.synth import RATE_HZ, Wave
from reaper_automix.errors import OutputError
from reaper_automix.progress import Progress, silent
from reaper_automix.session import Fade, Item, Session, Source, Take, Track
from reaper_automix.units import gain_from_db

log = logging.getLogger(__name__)

CUSTOM_COLOR = 0x1000000
FADE = Fade(0.01)
CROSSFADE = Fade(CROSSFADE_S, shape=0)
"""Linear, since both items play the same sound there: the two add up to what was recorded."""


def make(folder: Path, progress: Progress = silent) -> Path:
    """Make the demo session in ``folder``, unless it is there already; the path of its project.

    A demo that somebody has worked on stays as it is. :class:`OutputError` where the folder holds
    a ``demo.RPP`` or ``Media`` that is not ours.
    """
    folder = folder.absolute()
    layout = outputs.Layout(folder / "Media", folder / "demo.RPP")
    project = folder / "demo.RPP"
    text = project_text(folder)
    ours = layout.is_ours()
    if not (ours or layout.written()):
        raise OutputError(
            f"{folder} already has a demo.RPP or Media that is not the demo's; name another folder."
        )
    if not ours:
        log.info("%s has been changed since it was made and is left as it is", project)
        return project
    if not _is_current(layout, text):
        with outputs.staging(layout) as stage:
            _record(stage, progress)
            project.write_bytes(text)
    return project


def session(folder: Path) -> Session:
    """The demo session as it lies in ``folder``."""
    tracks = chain.from_iterable(_tracks(strip, None, folder) for strip in STRIPS)
    return Session("demo", tuple(tracks), RATE_HZ, TEMPO_BPM)


def project_text(folder: Path) -> bytes:
    """The project; its notes tell from which version of this source the recordings are."""
    document = rpp.parse(new_project.text(session(folder), {}, folder))
    notes = next(document.blocks()).add_block("NOTES", "0", "2", at=0)
    notes.add_line("|reaper-automix demo: every sound in here is computed.")
    notes.add_line(f"|Recipe {_recipe()}.")
    return rpp.encode(rpp.dump(document))


def file_name(name: str) -> str:
    """The file of a recording."""
    return f"{name}.{RECORDINGS[name].suffix}"


def _recipe() -> str:
    """A digest of the source that makes the sound."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_current(layout: outputs.Layout, text: bytes) -> bool:
    made = layout.written()
    there = all((layout.folder / name).is_file() for name in made)
    return (
        bool(made) and there and layout.project is not None and layout.project.read_bytes() == text
    )


def _record(folder: Path, progress: Progress) -> None:
    """Perform every part once and write its recordings."""
    from reaper_automix.demo.performance import PARTS

    total_s = len(RECORDINGS) * SONG_S
    parts = sorted({recording.part for recording in RECORDINGS.values()})
    done_s = 0.0
    for part in parts:
        names = [name for name, recording in RECORDINGS.items() if recording.part == part]
        progress("Recording the demo", done_s, total_s, names[0])
        sound = PARTS[part]()
        for name in names:
            _write(folder / file_name(name), RECORDINGS[name], sound)
        done_s += len(names) * SONG_S
    progress("Recording the demo", total_s, total_s)


def _write(path: Path, recording: Recording, sound: Wave) -> None:
    """Cut a recording out of its part and store it."""
    import soundfile
    from scipy.signal import resample_poly

    cut = _cut(recording, sound)
    if recording.rate_hz != RATE_HZ:
        cut = resample_poly(cut, recording.rate_hz, RATE_HZ, axis=-1)
    peak = float(np.max(np.abs(cut)))
    level = gain_from_db(recording.peak_db) / peak if peak else 0.0
    soundfile.write(path, (level * cut).T, recording.rate_hz, subtype=recording.subtype)


def _cut(recording: Recording, sound: Wave) -> Wave:
    """The bars that are recorded, and silence where a recording starts before the song."""
    start_s, end_s = (bar * BAR_S for bar in recording.bars)
    early = round(recording.handle_s * RATE_HZ)
    first, last = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    edge = [(0, 0)] * (sound.ndim - 1)
    return np.pad(sound, [*edge, (early, 0)])[..., first : last + early]


def _tracks(strip: Strip, parent: Track | None, folder: Path) -> Iterator[Track]:
    """A strip's track and all inside it, folders first."""
    color = CUSTOM_COLOR | strip.color if strip.color else 0
    track = Track(
        id=_guid("track", strip.name),
        name=strip.name,
        parent_id=parent.id if parent else None,
        folder=bool(strip.inside),
        items=tuple(_items(strip, folder)),
        fader_gain=gain_from_db(strip.fader_db),
        pan=strip.pan,
        color=color or (parent.color if parent else 0),
    )
    yield track
    for inner in strip.inside:
        yield from _tracks(inner, track, folder)


def _items(strip: Strip, folder: Path) -> Iterator[Item]:
    clips = strip.clips
    for index, clip in enumerate(clips):
        item = _item(strip, index, folder)
        if index > 0 and clips[index - 1].end_bar == clip.start_bar:
            item = _earlier(item, CROSSFADE_S)
        if index + 1 < len(clips) and clips[index + 1].start_bar == clip.end_bar:
            item = replace(item, fade_out=CROSSFADE)
        yield item


def _earlier(item: Item, seconds: float) -> Item:
    """The item drawn out at its start, for a crossfade with the one before."""
    return replace(
        item,
        position_s=item.position_s - seconds,
        length_s=item.length_s + seconds,
        takes=tuple(replace(take, offset_s=take.offset_s - seconds) for take in item.takes),
        fade_in=CROSSFADE,
    )


def _item(strip: Strip, index: int, folder: Path) -> Item:
    clip = strip.clips[index]
    names = (*clip.rejected, clip.recording)
    return Item(
        id=_guid("item", strip.name, index),
        position_s=clip.start_bar * BAR_S,
        length_s=(clip.end_bar - clip.start_bar) * BAR_S,
        takes=tuple(
            _take(clip, name, _guid("take", strip.name, index, name), folder) for name in names
        ),
        active_take=len(clip.rejected),
        loop=clip.loop,
        gain=gain_from_db(clip.gain_db),
        fade_in=FADE,
        fade_out=FADE,
    )


def _take(clip: Clip, name: str, guid: str, folder: Path) -> Take:
    recording = RECORDINGS[name]
    path = f"Media/{file_name(name)}"
    start_s = 0.0 if clip.loop else (clip.start_bar - recording.bars[0]) * BAR_S
    return Take(
        id=guid,
        name=name,
        source=Source("FLAC" if recording.suffix == "flac" else "WAVE", path, str(folder / path)),
        offset_s=start_s + recording.handle_s,
        gain=-1.0 if clip.inverted else 1.0,
    )


def _guid(*what: object) -> str:
    """A GUID that is the same in every demo."""
    return f"{{{uuid5(NAMESPACE_URL, f'reaper-automix/demo/{what}')}}}".upper()
