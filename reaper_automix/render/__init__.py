"""A track's items as one signal at the fader's input, streamed.

:func:`survey` tells, from headers alone, which tracks can be rendered and what will differ from
REAPER; :func:`signal` renders one. What comes in: items with their takes, gains, fades and
envelopes. What does not: track FX, the fader, the track's pan, sends and receives.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from reaper_automix.audio import BLOCK_FRAMES, Samples, Signal
from reaper_automix.media import Note
from reaper_automix.render.clips import Clip, clips_of
from reaper_automix.render.envelopes import Curve, input_envelopes
from reaper_automix.render.survey import Survey, survey
from reaper_automix.render.voice import Voice
from reaper_automix.session import Session, TimeRange, Track

__all__ = ["Survey", "signal", "survey"]

_log = logging.getLogger(__name__)


def signal(
    session: Session, track: Track, time_range: TimeRange | None = None, *, note: Note | None = None
) -> Signal:
    """What arrives at a track's fader from its items, at the session's rate.

    It has the track's channels and reaches from the start of the first item that sounds (in the
    range) to the end of the last one; no frames when there is none. Gains: item, take, fades, take
    envelope, track polarity and :func:`~reaper_automix.render.envelopes.input_envelopes`. ``note``
    is told, once, what reading the media brings to light; by default it is logged. Reading raises
    :class:`~reaper_automix.errors.MediaError` when a file cannot be read after all.
    """
    playing = clips_of(session, track, time_range)
    start = min((clip.first for clip in playing), default=0)
    end = max((clip.end for clip in playing), default=0)
    told: set[str] = set()

    def tell(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            (note or _log.warning)(sentence)

    def read() -> Iterator[Samples]:
        curves = [Curve(envelope) for envelope in input_envelopes(session, track)]
        with closing(_Ensemble(playing, session.sample_rate_hz, track.channels, tell)) as ensemble:

            def heard(first: int) -> Samples:
                block = ensemble.heard(first, min(BLOCK_FRAMES, end - first))
                _ride(block, first / session.sample_rate_hz, session.sample_rate_hz, curves)
                return -block if track.phase_inverted else block

            # Mapped, so that nothing holds a block of each of many tracks that are played at once.
            yield from map(heard, range(start, end, BLOCK_FRAMES))

    return Signal(session.sample_rate_hz, track.channels, start, end - start, read)


class _Ensemble:
    """Clips that sound together, block by block; a file is open only while a block needs it."""

    def __init__(self, playing: list[Clip], sample_rate_hz: int, channels: int, note: Note) -> None:
        self._waiting = deque(sorted(playing, key=lambda clip: clip.first))
        self._voices: list[Voice] = []
        self._rate_hz, self._channels, self._note = sample_rate_hz, channels, note

    def close(self) -> None:
        """Let go of all files."""
        for voice in self._voices:
            voice.close()

    def heard(self, first: int, frames: int) -> Samples:
        """The sum of what sounds in a block; what fills a block alone is passed on as it is."""
        shape, end = (self._channels, frames), first + frames
        block = None
        for voice in self._sounding(end):
            at, samples = voice.heard(first, frames)
            block = _added(block, samples, at, shape)
            if voice.end <= end:
                self._voices.remove(voice)
                voice.close()
        return np.zeros(shape, np.float32) if block is None else block

    def _sounding(self, end: int) -> Iterator[Voice]:
        """The voices that go on, and those that begin before frame ``end``, opened one by one."""
        yield from list(self._voices)
        while self._waiting and self._waiting[0].first < end:
            clip = self._waiting.popleft()
            self._voices.append(Voice(clip, self._rate_hz, self._channels, self._note))
            yield self._voices[-1]


def _added(block: Samples | None, samples: Samples, at: int, shape: tuple[int, int]) -> Samples:
    """A block, or silence, and one more voice from its frame ``at`` on."""
    if block is None:
        if samples.shape == shape:
            return samples
        block = np.zeros(shape, np.float32)
    block[: len(samples), at : at + samples.shape[1]] += samples
    return block


def _ride(block: Samples, start_s: float, sample_rate_hz: int, curves: list[Curve]) -> None:
    """The track's envelopes, in place."""
    for curve in curves:
        gains = curve.over(start_s, 1.0 / sample_rate_hz, block.shape[1])
        block *= np.asarray(gains, np.float32)
