"""The song through a match from its beginning to its end: how loud it is, and how high it peaks.

Passages say how a mix sounds, and no more is needed to find its settings. A true peak that must not
be passed may come anywhere. So at last the whole song is played, as it was and as it will be; of a
song with so many stems that this would take long, the stretches that are loudest at the faders.

**Conventions**: everything at the session's own rate; spans are frames on its time line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.features.loudness import Meter, hop_frames
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.match.console.offline import MASTER, TRACK, Stream
from reaper_automix.match.console.strips import Console
from reaper_automix.match.hearing import Heard, played
from reaper_automix.match.placing.landed import Match
from reaper_automix.match.placing.mapping import End, console_as_placed
from reaper_automix.progress import Progress
from reaper_automix.render.passage import Span
from reaper_automix.results import SumLevel
from reaper_automix.units import gain_from_db

PLAYING = "Playing the song"

MOST_STEM_S = 6000.0
"""Seconds of stems that are played at most: 25 of them for four minutes, 100 for one."""

STRETCH_HOPS = 60
"""What is chosen of longer ones, 6 s each."""

LEAD_IN_S = 0.5
"""What compressors need to settle where a stretch begins in the middle of a song."""

PIECE = 1 << 14
"""Frames that go through the console at once, so that a hundred stems can be stopped soon."""

RING = 64
"""Frames by which a true peak is known later than its samples."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud a song was and is; ``seconds`` of it were played, or all (``None``)."""

    before: SumLevel
    after: SumLevel
    seconds: float | None


def levels(
    heard: Heard, ends: Sequence[End], before: Match, after: Match, progress: Progress
) -> Levels:
    """The levels of a song as it stood and with a match in place.

    ``ends`` are those of all stems that sound in it, also where no passage has them.
    """
    rate_hz = heard.scene.session.sample_rate_hz
    room = int(MOST_STEM_S / len(ends) * rate_hz)
    spans = [heard.span] if _frames([heard.span]) <= room else _loudest(heard, ends, room)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ears = [_Ear(console_as_placed(one, ends), rate_hz, pool) for one in (before, after)]
        _play(heard, [end.track_id for end in ends], spans, ears, progress)
    was, now = (ear.level() for ear in ears)
    return Levels(was, now, None if spans == [heard.span] else _frames(spans) / rate_hz)


class _Ear:
    """What hears a mix of some stretches."""

    def __init__(self, console: Console, rate_hz: int, pool: ThreadPoolExecutor) -> None:
        self._console, self._rate_hz, self._pool = console, rate_hz, pool
        self._meter, self._peaks_db = Meter(rate_hz, 2), [-np.inf]

    def begin(self, lead_in: int) -> None:
        """A stretch begins, of which so many frames are for settling only."""
        self._stream = Stream(self._console, self._rate_hz, self._pool)
        self._peak, self._unsettled = TruePeak(self._rate_hz, 2), lead_in + self._stream.latency

    def hear(self, stems: Samples) -> None:
        """The next frames of every stem, ``[n, 2, frames]``."""
        mix = self._stream.feed(stems)
        settling = min(self._unsettled, mix.shape[1])
        self._unsettled -= settling
        if settling:
            self._peak.follow(mix[:, :settling])
        self._peak.push(mix[:, settling:])
        self._meter.push(mix[:, settling:])

    def end(self) -> None:
        """The stretch is over."""
        self._peaks_db.append(self._peak.db_so_far())

    def level(self) -> SumLevel:
        """The level of all stretches."""
        return SumLevel(self._meter.lufs(), float(max(self._peaks_db)))


def _play(
    heard: Heard,
    stem_ids: Sequence[str],
    spans: Sequence[Span],
    ears: Sequence[_Ear],
    progress: Progress,
) -> None:
    rate_hz = heard.scene.session.sample_rate_hz
    done, total = 0, _frames(spans)
    for first, end in spans:
        lead_in = min(round(LEAD_IN_S * rate_hz), first - heard.span[0])
        for ear in ears:
            ear.begin(lead_in)
        for block in _stems(heard, stem_ids, (first - lead_in, end)):
            progress(PLAYING, min(done, total) / rate_hz, total / rate_hz)
            for ear in ears:
                ear.hear(block)
            done += block.shape[2]
        for ear in ears:
            ear.end()


def _stems(heard: Heard, stem_ids: Sequence[str], span: Span) -> Iterator[Samples]:
    """The stems in a span, and what brings its end out of the console: more of them, or silence."""
    scene, rate_hz = heard.scene, heard.scene.session.sample_rate_hz
    late = TRACK.frames(rate_hz) + MASTER.frames(rate_hz) + RING
    further = min(span[1] + late, heard.span[1])
    longer = (span[0], further)
    for block in played(scene, stem_ids, scene.desk_of(longer), longer):
        yield from (block[:, :, at : at + PIECE] for at in range(0, block.shape[2], PIECE))
    yield np.zeros((len(stem_ids), 2, span[1] + late - further), np.float32)


def _loudest(heard: Heard, ends: Sequence[End], room: int) -> list[Span]:
    """The stretches that are loudest at the faders, as many as there is room for, in order."""
    faders = {end.track_id: gain_from_db(end.before.fader_db) for end in ends}
    loudness = np.square([faders[one] for one in heard.stem_ids]) @ heard.powers
    hop = hop_frames(heard.scene.session.sample_rate_hz)
    starts = range(0, len(loudness), STRETCH_HOPS)
    highest = [loudness[start : start + STRETCH_HOPS].max() for start in starts]
    most = max(1, room // (STRETCH_HOPS * hop))
    chosen = sorted(np.argsort(highest, kind="stable")[::-1][:most].tolist())
    return list(_joined(heard.span, chosen, STRETCH_HOPS * hop))


def _joined(song: Span, numbers: Sequence[int], frames: int) -> Iterator[Span]:
    """The spans of stretches by their numbers; neighbours become one."""
    first, end = -1, -1
    for number in numbers:
        begins = song[0] + number * frames
        if begins != end:
            if end > first:
                yield first, end
            first = begins
        end = min(song[1], begins + frames)
    yield first, end


def _frames(spans: Sequence[Span]) -> int:
    return sum(end - first for first, end in spans)
