"""A match as sound: the whole mix through its strips, and each stem by itself.

Streamed block by block at the session's own rate, from its start; nothing is clipped or normalised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reaper_automix import media, strip
from reaper_automix.audio import Samples, Signal
from reaper_automix.match.console import offline
from reaper_automix.match.console.strips import Channel, Console
from reaper_automix.match.finding import Found
from reaper_automix.match.hearing import played
from reaper_automix.match.placing.mapping import console_as_placed
from reaper_automix.mix import Player
from reaper_automix.progress import Progress
from reaper_automix.scene import Scene, set_scene
from reaper_automix.session import Session
from reaper_automix.stems import FLOAT, file_name


@dataclass(frozen=True, slots=True)
class Chain:
    """What takes blocks of stems ``[n, 2, frames]``; what comes out is ``latency`` frames late."""

    feed: Callable[[Samples], Samples]
    latency: int


Chains = Callable[[], Chain]
"""Makes a chain that has heard nothing yet."""


def write_mix(found: Found, target: Path, progress: Progress) -> None:
    """The whole mix behind the master fader, as one file."""
    chains = partial(_mix, found.scene.session, console_as_placed(found.written, found.ends))
    told = partial(progress, "Bouncing", what=target.name)
    stem_ids = [end.track_id for end in found.ends]
    media.write(target, _signal(found, stem_ids, chains, told), subtype=FLOAT)


def write_stems(found: Found, folder: Path, progress: Progress) -> list[Path]:
    """Every stem as it goes into the mix, behind strip, fader and pan."""
    settings = console_as_placed(found.written, found.ends)
    written = []
    for number, (end, channel) in enumerate(zip(found.ends, settings.channels, strict=True), 1):
        target = folder / f"{number:03d} {file_name(end.name)}.wav"
        chains = partial(_stem, channel, found.scene.session.sample_rate_hz)
        told = partial(progress, "Rendering", what=end.name)
        media.write(target, _signal(found, [end.track_id], chains, told), subtype=FLOAT)
        written.append(target)
    return written


def _mix(session: Session, settings: Console) -> Chain:
    stream = offline.Stream(settings, session.sample_rate_hz)

    def feed(block: Samples) -> Samples:
        ride = strip.frame_by_frame(session, 0, block.shape[2])
        return strip.arrive(session, None, stream.feed(block), ride)

    return Chain(feed, stream.latency)


def _stem(channel: Channel, sample_rate_hz: int) -> Chain:
    stream = offline.channel_stream(channel, sample_rate_hz)
    return Chain(lambda block: stream.feed(block[0]), stream.latency)


def _signal(
    found: Found, stem_ids: Sequence[str], chains: Chains, told: Callable[[float, float], None]
) -> Signal:
    """Stems behind a chain, from the start of the song to the end of the last of them."""
    scene = _whole(found.scene)
    desk, rate_hz = scene.desk(), scene.session.sample_rate_hz
    _, frames = Player(desk, stem_ids).span

    def read() -> Iterator[Samples]:
        chain = chains()
        late, done = chain.latency, 0
        for block in played(scene, stem_ids, desk, (0, frames + chain.latency)):
            heard = chain.feed(block)
            yield heard[:, late:]
            late = max(0, late - heard.shape[1])
            done += heard.shape[1]
            told(done / rate_hz, frames / rate_hz)

    return Signal(rate_hz, 2, 0, frames, read)


def _whole(scene: Scene) -> Scene:
    """The scene of all of the song, whatever part of it was listened to."""
    whole = set_scene(scene.session, scene.settings.over_all_of_it())
    return replace(whole, lost=scene.lost)
