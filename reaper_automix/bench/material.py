"""Sessions for the bench: as many tracks as one likes, of sound that is made in seconds.

A track is one stereo file, 48 kHz and 24 bit: a few bars of one instrument, played again and again
in an order of its own with pauses and small changes of level. No two share their bars, their tempo,
or the length of them, so tracks are as good as unrelated. Files are made once and kept; sessions
of more tracks than :data:`MOST_FILES` play them again from another place on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from reaper_automix.adapters import new_project
from reaper_automix.demo import instruments
from reaper_automix.demo.synth import RATE_HZ, Rng, Wave, band, edges, mixed, saw
from reaper_automix.session import Item, Session, Source, Take, Track
from reaper_automix.units import gain_from_db

RECIPE = 1
"""Part of the name of the folder of files; raised when they would sound different."""

MOST_FILES = 100
FOLDER_OF = 10
"""Every so many tracks lie in one folder."""

TAKES = 3
"""Different bars of each track."""
BEATS = 8
PAUSES = 0.15
"""Share of bars that are silent."""
WANDER_DB = 1.5
"""Standard deviation of a bar's level."""
SHIFT_S = 0.05
"""How far an item is moved when it is."""

READ_BYTES = 1 << 20

LOWEST_HZ = 41.2
"""E1, the lowest root of a track."""


def _strokes(stroke: Callable[[float, Rng], Wave], every: float) -> Callable[[float, Rng], Wave]:
    """A bar of strokes on the grid of a drum."""

    def bar(beat_s: float, rng: Rng) -> Wave:
        moments = np.arange(0.0, BEATS, every) * beat_s
        return mixed(
            BEATS * beat_s,
            ((at_s, stroke(float(rng.uniform(0.5, 1.0)), rng)) for at_s in moments),
        )

    return bar


def _notes(note: Callable[[float, float, Rng], Wave], beats: int) -> Callable[[float, Rng], Wave]:
    """A bar of notes of so many beats each, on steps of a pentatonic scale over some root."""

    def bar(beat_s: float, rng: Rng) -> Wave:
        root_hz = LOWEST_HZ * 2.0 ** (rng.integers(0, 24) / 12.0)
        steps = rng.choice((0, 2, 4, 7, 9, 12), BEATS // beats)
        return mixed(
            BEATS * beat_s,
            (
                (index * beats * beat_s, note(root_hz * 2.0 ** (step / 12.0), beats * beat_s, rng))
                for index, step in enumerate(steps)
            ),
        )

    return bar


def _lead(freq_hz: float, seconds: float, rng: Rng) -> Wave:
    """A bright synthesizer, two octaves up."""
    return edges(band(saw(4.0 * freq_hz, seconds, rng.random()), None, 3000.0), 0.02, 0.1)


INSTRUMENTS: Mapping[str, Callable[[float, Rng], Wave]] = {
    "Kick": _strokes(instruments.kick, 1.0),
    "Bass": _notes(lambda hz, s, rng: instruments.bass(hz, s, 0.8, rng), 1),
    "Keys": _notes(lambda hz, s, rng: instruments.electric_piano(4.0 * hz, s, 0.7), 2),
    "Snare": _strokes(instruments.snare, 2.0),
    "Guitar": _notes(lambda hz, s, rng: instruments.strum((2 * hz, 3 * hz), s, 0.8, rng), 2),
    "Lead": _notes(_lead, 1),
    "Hats": _strokes(instruments.hat, 0.5),
    "Pad": _notes(lambda hz, s, rng: instruments.pad((2 * hz, 3 * hz, 4 * hz), s, rng), 8),
    "Shaker": _strokes(instruments.shaker, 0.25),
}
"""One bar of each instrument, by the length of a beat in seconds."""


def session(folder: Path, tracks: int, seconds: float, longest_s: float | None = None) -> Session:
    """A session of that many tracks in folders, all of them that long.

    Its files, at least ``longest_s`` long, are made in ``folder`` where they are not there yet.
    """
    file_s = max(seconds, longest_s or 0.0)
    played = files(folder, min(tracks, MOST_FILES), file_s)
    return Session("song", tuple(_tracks(played, tracks, seconds, file_s)), RATE_HZ)


def files(folder: Path, count: int, seconds: float) -> list[Path]:
    """The files of the first tracks, each that long, made where they are not there yet."""
    home = folder / f"sound-{RECIPE}-{seconds:g}s"
    home.mkdir(parents=True, exist_ok=True)
    names = list(INSTRUMENTS)
    made = [home / f"{names[n % len(names)]} {n // len(names) + 1}.wav" for n in range(count)]
    for number, file in enumerate(made):
        if not file.is_file():
            _record(number, file, seconds)
    return made


def files_of(song: Session) -> list[Path]:
    """The files that a session plays, each once."""
    takes = (take for track in song.tracks for item in track.items for take in item.takes)
    found = (take.source.file for take in takes if take.source and take.source.file)
    return [Path(file) for file in dict.fromkeys(found)]


def read_once(sounds: Iterable[Path]) -> None:
    """Read files and forget them, so that the system has in memory what it has room for.

    What is measured after it is work, and not where some earlier program has left the files.
    """
    room = bytearray(READ_BYTES)
    for file in sounds:
        with file.open("rb", buffering=0) as sound:
            while sound.readinto(room):
                pass


def with_item_moved(song: Session) -> Session:
    """The same with the last track's item a little later."""
    last = song.tracks[-1]
    item = replace(last.items[0], position_s=last.items[0].position_s + SHIFT_S)
    return replace(song, tracks=(*song.tracks[:-1], replace(last, items=(item,))))


def with_fader_changed(song: Session) -> Session:
    """The same with the last track's fader 3 dB lower."""
    last = song.tracks[-1]
    lower = replace(last, fader_gain=last.fader_gain * gain_from_db(-3.0))
    return replace(song, tracks=(*song.tracks[:-1], lower))


def write_project(song: Session, path: Path) -> Path:
    """The session as a project; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(new_project.text(song, {}, path.parent), "utf-8", newline="")
    return path


def _tracks(played: list[Path], count: int, seconds: float, file_s: float) -> Iterator[Track]:
    """Every tenth track is the folder of the following ones."""
    parent: str | None = None
    for number in range(count):
        if number % FOLDER_OF == 0 and number + 1 < count:
            parent = f"{{FOLDER {number // FOLDER_OF}}}"
            yield Track(parent, f"Group {number // FOLDER_OF + 1}", folder=True)
        again, which = divmod(number, len(played))
        offset_s = file_s * (again / 3.0 % 1.0)
        yield _track(number, played[which], seconds, offset_s, parent)


def _track(number: int, file: Path, seconds: float, offset_s: float, parent: str | None) -> Track:
    source = Source("WAVE", str(file), str(file))
    take = Take(f"{{TAKE {number}}}", file.stem, source, offset_s=offset_s)
    item = Item(f"{{ITEM {number}}}", 0.0, seconds, (take,), loop=True)
    return Track(f"{{TRACK {number}}}", f"{number} {file.stem}", parent, items=(item,))


def _record(number: int, file: Path, seconds: float) -> None:
    """Make one file, whole or not at all."""
    import soundfile

    aside = file.with_suffix(".part")
    left = round(seconds * RATE_HZ)
    with soundfile.SoundFile(aside, "w", RATE_HZ, 2, "PCM_24", format="WAV") as sound:
        for bar in _bars(number):
            sound.write(bar[:left])
            left -= len(bar)
            if left <= 0:
                break
    aside.replace(file)


def _bars(number: int) -> Iterator[Wave]:
    """The bars of a track for ever, ``[frames, channels]``."""
    rng = np.random.default_rng(number)
    play = list(INSTRUMENTS.values())[number % len(INSTRUMENTS)]
    beat_s = 60.0 / rng.uniform(80.0, 140.0)
    level = gain_from_db(rng.uniform(-24.0, -6.0))
    takes = [_stereo(play(beat_s, rng), play(beat_s, rng), level) for _ in range(TAKES)]
    yield takes[0]
    while True:
        bar = takes[rng.integers(TAKES)]
        played = rng.random() >= PAUSES
        yield bar * np.float32(played * gain_from_db(min(rng.normal(0.0, WANDER_DB), 4.0)))


def _stereo(middle: Wave, side: Wave, level: float) -> Wave:
    """Two takes of one bar as one in stereo, its peak at ``level``."""
    both = np.stack((middle + 0.4 * side, middle - 0.4 * side), axis=1)
    return np.asarray(both * (level / max(np.abs(both).max(), 1e-9)), np.float32)
