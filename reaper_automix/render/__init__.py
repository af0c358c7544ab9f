"""A track's items as one signal at the fader's input, streamed.

:func:`survey` tells, from headers alone, which tracks can be rendered and what will differ from
REAPER; :func:`signal` renders one. What comes in: items with their takes, gains, fades and
envelopes. What does not: track FX, the fader, the track's pan, sends and receives.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator

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
        blocks = _mixed(playing, session.sample_rate_hz, track.channels, (start, end), tell)
        for first, block in blocks:
            _ride(block, first / session.sample_rate_hz, session.sample_rate_hz, curves)
            yield -block if track.phase_inverted else block

    return Signal(session.sample_rate_hz, track.channels, start, end - start, read)


def _mixed(
    playing: list[Clip], sample_rate_hz: int, channels: int, span: tuple[int, int], note: Note
) -> Iterator[tuple[int, Samples]]:
    """Sum of clips block by block; a file is open only while a block needs it."""
    waiting = deque(sorted(playing, key=lambda clip: clip.first))
    voices: list[Voice] = []
    start, end = span
    try:
        for first in range(start, end, BLOCK_FRAMES):
            block = np.zeros((channels, min(BLOCK_FRAMES, end - first)), np.float32)
            voices = [voice for voice in voices if _goes_on(voice, block, first)]
            while waiting and waiting[0].first < first + block.shape[1]:
                voice = Voice(waiting.popleft(), sample_rate_hz, note)
                if _goes_on(voice, block, first):
                    voices.append(voice)
            yield first, block
    finally:
        for voice in voices:
            voice.close()


def _goes_on(voice: Voice, block: Samples, first: int) -> bool:
    """Add a voice to a block and close it at its end."""
    if voice.add_to(block, first):
        return True
    voice.close()
    return False


def _ride(block: Samples, start_s: float, sample_rate_hz: int, curves: list[Curve]) -> None:
    """The track's envelopes, in place."""
    for curve in curves:
        gains = curve.over(start_s, 1.0 / sample_rate_hz, block.shape[1])
        block *= np.asarray(gains, np.float32)
