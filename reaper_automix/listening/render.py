"""One song as excerpts: the same seconds of it under every condition, equally loud.

Each balance is made by the engine over all of the song, as a balance for good would be; the excerpt
of all of them is then played in one pass. A reference mix is read from its own file, which begins
where the song's time line does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix import engine, media
from reaper_automix.account import notes_of_session
from reaper_automix.audio import BLOCK_FRAMES, Samples
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.errors import InputError, MediaError, NothingToBalance
from reaper_automix.features.density import densest
from reaper_automix.listening import matching
from reaper_automix.listening.anchors import low_passed
from reaper_automix.listening.conditions import BY_NAME, Condition, Form, of_form
from reaper_automix.memory import Memory
from reaper_automix.mix import Gains, Player
from reaper_automix.progress import Progress
from reaper_automix.render.passage import Span
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db

CHANNELS = 2

SECONDS = 10.0
"""Usual length of an excerpt (BS.1534-3: about 10 s, preferably no more than 12)."""

PLAYING = "Playing excerpts"

ALIKE_DB = -45.0
"""What two excerpts differ by, against one of them, where nobody tells them apart: 0.05 dB."""


@dataclass(frozen=True, slots=True)
class Song:
    """What an excerpt is made of: a session, how to balance it, and a reference mix if any."""

    session: Session
    place: Path
    settings: Settings
    reference: Path | None = None

    @property
    def form(self) -> Form:
        """The form of test that it can be in."""
        return "reference" if self.reference else "no reference"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The same seconds of one song by condition, ``[2, frames]`` at the kit's sample rate.

    ``alike`` are groups of conditions that are the same mix here; ``notes`` say in sentences what
    of the song is not in it, or is not as it should be.
    """

    name: str
    place: Path
    start_s: float
    end_s: float
    sounds: Mapping[str, Samples]
    alike: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def excerpt(song: Song, length_s: float, crew: Crew, memory: Memory, progress: Progress) -> Excerpt:
    """The excerpt of a song under every condition of its form.

    :class:`NothingToBalance` where a condition has nothing to be heard.
    """
    balances = dict(_balances(song, crew, memory, progress))
    span = _span(balances["default"], length_s)
    start_s, end_s = (frame / song.session.sample_rate_hz for frame in span)
    faders: dict[str, Gains] = {name: balanced.gains for name, balanced in balances.items()}
    scene, states = _scene(balances.values()), faders | {"untouched": {}}
    sounds = _played(scene, span, states, progress)
    if song.reference:
        sounds["hidden reference"] = _reference(song.reference, start_s, end_s)
    stretch = f"from {start_s:.1f} to {end_s:.1f} s"
    finished = {
        condition.name: _finished(condition, _sound(condition, sounds), song, stretch)
        for condition in of_form(song.form)
    }
    return Excerpt(
        song.session.name,
        song.place,
        start_s,
        end_s,
        finished,
        alike({name: finished[name] for name in (*faders, "untouched")}),
        tuple(_notes(song, balances["default"])),
    )


def alike(sounds: Mapping[str, Samples]) -> tuple[tuple[str, ...], ...]:
    """Groups of conditions that sound the same.

    >>> tone, other = np.ones((2, 8), np.float32), np.eye(2, 8, dtype=np.float32)
    >>> alike({"a": tone, "b": other, "c": tone * np.float32(1.001)})
    (('a', 'c'),)
    """
    groups: list[list[str]] = []
    for name, samples in sounds.items():
        found = next((one for one in groups if _same(sounds[one[0]], samples)), None)
        if found is None:
            groups.append([name])
        else:
            found.append(name)
    return tuple(tuple(group) for group in groups if len(group) > 1)


def _same(one: Samples, other: Samples) -> bool:
    apart = float(np.linalg.norm(one - other))
    return apart <= gain_from_db(ALIKE_DB) * float(np.linalg.norm(one))


def _balances(
    song: Song, crew: Crew, memory: Memory, progress: Progress
) -> Iterator[tuple[str, Balanced]]:
    """The song balanced in every way of the test; what was measured for one serves all."""

    def told(stage: str, done: float, total: float, what: str = "") -> None:
        progress(stage, done, total, f"{song.session.name} {what}".rstrip())

    for condition in of_form(song.form):
        if condition.kind == "balance":
            settings = condition.settings(song.settings)
            yield (
                condition.name,
                engine.run(song.session, settings, crew, told, memory=memory),
            )


def _span(balanced: Balanced, length_s: float) -> Span:
    """The densest seconds of what was measured."""
    known = balanced.totals.tracks.measurements
    traces = [measurement.trace for measurement in known.values()]
    return densest(traces, balanced.totals.scene.session.sample_rate_hz, length_s)


def _scene(balances: Iterable[Balanced]) -> Scene:
    """One scene for all balances; what was lost on the way to one of them is in none."""
    scenes = [balanced.totals.scene for balanced in balances]
    lost = {track: why for scene in scenes for track, why in scene.lost.items()}
    return replace(scenes[0], lost=lost)


def _played(
    scene: Scene, span: Span, states: Mapping[str, Gains], progress: Progress
) -> dict[str, Samples]:
    """The mix between two frames under several fader states, at the kit's sample rate."""
    rate_hz, length = scene.session.sample_rate_hz, span[1] - span[0]
    parts: dict[str, list[Samples]] = {name: [] for name in states}
    player = Player(scene.desk_of(span), (MIX,))
    for number, played in enumerate(player.play(tuple(states.values()), span)):
        done = min(number * BLOCK_FRAMES, length)
        progress(PLAYING, done / rate_hz, length / rate_hz, scene.session.name)
        for heard, state in zip(parts.values(), played, strict=True):
            heard.append(state[MIX][:CHANNELS])
    return {name: at_rate(np.concatenate(heard, axis=1), rate_hz) for name, heard in parts.items()}


def at_rate(samples: Samples, sample_rate_hz: int) -> Samples:
    """Samples at the kit's sample rate."""
    if sample_rate_hz == matching.RATE_HZ:
        return samples
    import soxr

    frames = np.ascontiguousarray(samples.T)
    resampled: Samples = soxr.resample(frames, sample_rate_hz, matching.RATE_HZ, quality="VHQ").T
    return resampled


def _reference(file: Path, start_s: float, end_s: float) -> Samples:
    """The excerpt of a reference mix, in stereo."""
    try:
        info = media.probe(str(file))
    except MediaError as error:
        raise InputError(
            f"{file} cannot be read as a reference mix; name an audio file with --reference."
        ) from error
    first, end = (round(at_s * info.sample_rate_hz) for at_s in (start_s, end_s))
    if end > info.frames:
        raise InputError(
            f"{file} is {info.duration_s:.1f} s long and the excerpt ends at {end_s:.1f} s; name a "
            "reference mix that begins and ends with the song."
        )
    samples = np.concatenate(list(media.blocks(str(file), first, end - first)), axis=1)
    stereo = samples[:CHANNELS] if len(samples) >= CHANNELS else np.tile(samples, (CHANNELS, 1))
    return at_rate(stereo, info.sample_rate_hz)


def _sound(condition: Condition, sounds: Mapping[str, Samples]) -> Samples:
    """What a condition sounds like; an anchor is made from the best that there is."""
    if condition.kind != "anchor":
        return sounds[condition.name]
    source = sounds.get("hidden reference", sounds["untouched"])
    return low_passed(source, matching.RATE_HZ, condition.cutoff_hz)


def _finished(condition: Condition, sound: Samples, song: Song, stretch: str) -> Samples:
    finished = matching.levelled(matching.faded(sound))
    if finished is None:
        raise NothingToBalance(
            f"{song.session.name} is silent {stretch} as {BY_NAME[condition.name].title}; open its "
            "faders, or name another stretch with --range."
        )
    return finished


def _notes(song: Song, balanced: Balanced) -> Iterator[str]:
    """What of a song is not heard as REAPER plays it, in sentences."""
    yield from notes_of_session(song.session, song.settings)
    for track in balanced.tracks:
        said = (*track.why, *track.notes) if track.status == "skipped" else track.notes
        yield from (f"{track.name}: {sentence}" for sentence in said)
