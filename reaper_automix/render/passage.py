"""A passage of a track: sample for sample what the whole of it has there.

Most takes can begin anywhere. A take that bends pitch or tempo cannot: where a time stretcher goes
on depends on where it came from, and the fractional grid of a tape that runs at any speed is met
closely, not exactly. Such a take is played from its own start, and what comes before the passage
is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from reaper_automix import render
from reaper_automix.audio import BLOCK_FRAMES, Samples, Signal, aligned
from reaper_automix.media import Note
from reaper_automix.render.clips import clips_of, in_range
from reaper_automix.render.voice import is_stretched, pitch_factor
from reaper_automix.session import Session, Take, TimeRange, Track

Span = tuple[int, int]
"""First frame and end of a passage on the session's time line."""


def signal(
    session: Session,
    track: Track,
    time_range: TimeRange | None,
    span: Span,
    *,
    note: Note | None = None,
) -> Signal:
    """What :func:`reaper_automix.render.signal` of the ``time_range`` has between two frames."""
    first, end = span
    cues = (
        clip.first
        for clip in clips_of(session, track, time_range)
        if clip.first < first < clip.end and not begins_anywhere(clip.take)
    )
    played = _range(session, (min(cues, default=first), end))
    return _from_frame(render.signal(session, track, played, note=note), first)


def begins_anywhere(take: Take) -> bool:
    """Whether a take sounds the same wherever its playing began."""
    return not is_stretched(take) and pitch_factor(take) == 1.0


def with_items_in(session: Session, span: Span) -> Session:
    """The session without the items that do not sound in a passage."""
    played = _range(session, span)

    def cut(track: Track) -> Track:
        items = tuple(item for item in track.items if in_range(track, item, played))
        return replace(track, items=items)

    return replace(session, tracks=tuple(map(cut, session.tracks)))


def _range(session: Session, span: Span) -> TimeRange:
    first, end = span
    return TimeRange(first / session.sample_rate_hz, end / session.sample_rate_hz)


def _from_frame(whole: Signal, first: int) -> Signal:
    """The signal without what it has before a frame."""
    early = first - whole.start_frame
    if early <= 0:
        return whole
    blocks = -(-early // BLOCK_FRAMES)
    origin = first - blocks * BLOCK_FRAMES

    def read() -> Iterator[Samples]:
        following = islice(aligned(whole, origin), blocks, None)
        yield from (block for block in following if block is not None)

    return replace(whole, start_frame=first, frames=max(0, whole.frames - early), read=read)
