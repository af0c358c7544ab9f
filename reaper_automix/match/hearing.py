"""What a match hears: passages of a session's stems, and of the mix they shall sound like.

A stem is what leads straight into the mix: a folder with all that is in it, or a loose track. The
song is played once to find out where its stems sound, then the passages that were chosen.

**Conventions**: passages are stereo float32 at the network's own rate
(:data:`~reaper_automix.match.console.table.SAMPLE_RATE_HZ`); mono stands on both sides alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.errors import NothingToBalance
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, Meter, hop_frames
from reaper_automix.match import passages
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.passages import Powers
from reaper_automix.mix import Desk, Player
from reaper_automix.progress import Progress
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.render.passage import Span
from reaper_automix.scene import Scene, TrackLost
from reaper_automix.strip import frame_by_frame

LISTENING = "Listening to the stems"
MOST_BYTES = 768 << 20
"""What all passages take in memory at most; of many stems fewer passages are heard."""

FEWEST = 2

SHORTEST_S = 1.0
"""What is shorter says nothing of how a mix sounds."""

MOST_OWN = 12
"""Passages more for stems that are silent in those of the others."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The mix that a match goes towards, by its passages, ``[2, frames]`` each.

    ``is_beside`` says that it is a mix of the very song, heard where the song is. ``notes`` are
    sentences about what is not as it should be with it.
    """

    name: str
    passages: tuple[Samples, ...]
    notes: tuple[str, ...] = ()
    is_beside: bool = False

    @property
    def duration_s(self) -> float:
        """Seconds that were heard of it."""
        return float(sum(one.shape[1] for one in self.passages) / SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True)
class Passage:
    """The same stretch of every stem, each as it arrives at its track's fader.

    ``stems`` are ``[n, 2, frames]``; ``start_s`` is where they begin on the time line.
    """

    start_s: float
    stems: Samples


@dataclass(frozen=True, slots=True)
class Heard:
    """The stems that sound, by track id, and passages of them, all of one length.

    ``elsewhere`` says for stems that are silent in the passages of the others where, in seconds,
    they were heard; ``silent`` are those that never sound, ``unheard`` those that sound in so few
    places that no passage has them. ``span`` are the frames of the song, ``powers``
    ``[stems, hops]`` those of the stems all along it, ``starts`` the hops at which the passages
    begin. ``scene`` lacks what turned out to be unreadable, ``notes`` are sentences about media.
    """

    scene: Scene
    stem_ids: tuple[str, ...]
    passages: tuple[Passage, ...]
    elsewhere: Mapping[str, float]
    silent: tuple[str, ...]
    unheard: tuple[str, ...]
    span: Span
    powers: Powers
    starts: tuple[int, ...]
    notes: tuple[str, ...]


def hear(scene: Scene, stem_ids: Sequence[str], progress: Progress) -> Heard:
    """Passages of these stems; :class:`NothingToBalance` when none of them sounds.

    Media that cannot be read after all are lost to the scene.
    """
    while True:
        try:
            return _hear(scene, stem_ids, progress)
        except TrackLost as lost:
            scene = scene.without(lost)


def _hear(scene: Scene, stem_ids: Sequence[str], progress: Progress) -> Heard:
    notes: list[str] = []
    span, powers = _powers(scene, stem_ids, scene.desk(note=notes.append), progress)
    sounds = {one for one, row in powers.items() if row.max(initial=0.0) >= ABSOLUTE_GATE_POWER}
    heard = tuple(one for one in stem_ids if one in sounds)
    if not heard:
        raise NothingToBalance(
            f"{scene.session.name} has no stem that sounds where it is listened to; "
            "see what is in it with: reaper-automix inspect."
        )
    _must_be_long(scene, span)
    rows = np.array([powers[one] for one in heard])
    starts, own = _starts(rows)
    unheard = {heard[source] for source in passages.silent_in(rows, starts)}
    rate_hz = scene.session.sample_rate_hz
    frames = {hop: span[0] + hop * hop_frames(rate_hz) for hop in starts}
    length = min(round(passages.LENGTH_S * rate_hz), span[1] - span[0])
    spans = [(first, first + length) for first in frames.values()]
    kept = tuple(one for one in heard if one not in unheard)
    return Heard(
        scene,
        kept,
        tuple(_heard_in(scene, kept, spans, progress)),
        {heard[source]: frames[hop] / rate_hz for source, hop in own.items()},
        tuple(one for one in stem_ids if one not in sounds),
        tuple(one for one in heard if one in unheard),
        span,
        np.array([powers[one] for one in kept]),
        starts,
        tuple(dict.fromkeys(notes)),
    )


def _must_be_long(scene: Scene, span: Span) -> None:
    seconds = (span[1] - span[0]) / scene.session.sample_rate_hz
    if seconds < SHORTEST_S:
        raise NothingToBalance(
            f"{scene.session.name} has only {seconds:.1f} s of sound where it is listened to; "
            f"a match takes {SHORTEST_S:g} s at least."
        )


def _powers(
    scene: Scene, stem_ids: Sequence[str], desk: Desk, progress: Progress
) -> tuple[Span, dict[str, Powers]]:
    """Where each stem sounds, hop by hop from the first frame that any of them has."""
    rate_hz, span = scene.session.sample_rate_hz, Player(desk, stem_ids).span
    meters = {one: Meter(rate_hz, 2) for one in stem_ids}
    done = 0
    for block in played(scene, stem_ids, desk, span):
        for meter, stem in zip(meters.values(), block, strict=True):
            meter.push(stem)
        done += block.shape[2]
        progress(LISTENING, done / rate_hz, (span[1] - span[0]) / rate_hz)
    hops = -(-done // hop_frames(rate_hz))
    return span, {one: meter.powers_on_time_line(0, hops) for one, meter in meters.items()}


def _starts(powers: Powers) -> tuple[tuple[int, ...], dict[int, int]]:
    """The hops at which passages begin, and of sources that are silent in the first ones theirs.

    What sounds in so few places that even those would be too many is in neither.
    """
    room = MOST_BYTES // (len(powers) * 2 * passages.FRAMES * np.float32().nbytes)
    starts = passages.chosen(powers, most=min(passages.MOST, max(FEWEST, room)))
    own: dict[int, int] = {}
    for _ in range(min(MOST_OWN, max(FEWEST, room - len(starts)))):
        missing = passages.silent_in(powers, starts)
        if not missing:
            break
        starts = (*starts, *passages.chosen(powers[list(missing)], most=1))
        still = passages.silent_in(powers, starts)
        own |= {source: starts[-1] for source in missing if source not in still}
    return tuple(sorted(set(starts))), own


def _heard_in(
    scene: Scene, stem_ids: Sequence[str], spans: Sequence[Span], progress: Progress
) -> Iterator[Passage]:
    rate_hz = scene.session.sample_rate_hz
    for number, span in enumerate(spans):
        progress(LISTENING, number, len(spans))
        stems = np.concatenate(list(played(scene, stem_ids, scene.desk_of(span), span)), axis=2)
        yield Passage(span[0] / rate_hz, resampled(stems, rate_hz))


def played(scene: Scene, stem_ids: Sequence[str], desk: Desk, span: Span) -> Iterator[Samples]:
    """Blocks ``[n, 2, frames]`` of stems, each at its fader's input.

    Where an envelope is the fader, it is in what is heard, and the fader means nothing.
    """
    player, first = Player(desk, stem_ids), span[0]
    tracks = [scene.session.track(one) for one in stem_ids]
    rides = [fader_envelope(scene.session, track) for track in tracks]
    for (heard,) in player.play(({},), span):
        block = np.stack([heard[one][:2] for one in stem_ids])
        ride = frame_by_frame(scene.session, first, block.shape[2])
        for stem, envelope in zip(block, rides, strict=True):
            if envelope is not None:
                stem *= ride(envelope)
        yield block
        first += block.shape[2]


def resampled(sound: Samples, rate_hz: int) -> Samples:
    """Sound ``[..., channels, frames]`` at the network's rate."""
    if rate_hz == SAMPLE_RATE_HZ:
        return sound
    import soxr

    rows = sound.reshape(-1, sound.shape[-1])
    turned = soxr.resample(rows.T, rate_hz, SAMPLE_RATE_HZ, quality="HQ").T
    return np.ascontiguousarray(turned, np.float32).reshape(*sound.shape[:-1], -1)
