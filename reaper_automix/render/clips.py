"""Which takes of a track play when: mute, lanes, active takes, overlaps, the range asked for.

**Conventions**: frames count on the session's time line at its sample rate. An item's edges lie on
the nearest frame. What cannot be rendered (:data:`NOT_AUDIO`, missing media) makes no clip.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reaper_automix.render.source import frame_at
from reaper_automix.session import Item, Section, Session, Source, Take, TimeRange, Track

NOT_AUDIO = {
    "MIDI": "MIDI",
    "MIDIPOOL": "MIDI",
    "VIDEO": "video",
    "RPP_PROJECT": "subproject",
    "CLICK": "click source",
    "LTC": "timecode",
    "REX": "REX loop",
    "VIDEOEFFECT": "video effect",
    "NOTES": "text note",
}
"""Kinds of source that only REAPER can play, in the user's words."""

EMPTY = "EMPTY"
OFFLINE = "_OFFLINE_"
"""What REAPER puts before the kind of a source that was set offline; it plays nothing."""

ENCLOSED_REPLACE = 0
ALWAYS_MIX = 1
LATER_REPLACE = 2


@dataclass(frozen=True, slots=True)
class Clip:
    """One take as it plays from frame ``first`` up to ``end``.

    ``position_s`` is where its item begins, which may lie before ``first`` when a time range cuts
    into it. ``hidden`` are stretches of frames where another item plays instead.
    """

    item: Item
    take: Take
    file: str
    section: Section | None
    position_s: float
    first: int
    end: int
    hidden: tuple[tuple[int, int], ...] = ()

    @property
    def end_s(self) -> float:
        """Where its item ends."""
        return self.position_s + self.item.length_s


def sounding_takes(item: Item) -> tuple[Take, ...]:
    """The takes of an item that play; none for a muted item, another lane or an empty take."""
    if item.mute or not item.plays:
        return ()
    active = slice(None) if item.all_takes_play else slice(item.active_take, item.active_take + 1)
    return tuple(
        take for take in item.takes[active] if take.source is not None and take.source.kind != EMPTY
    )


def is_audio(take: Take) -> bool:
    """Whether a take plays an audio file, be it there or missing."""
    return take.source is not None and take.source.kind not in NOT_AUDIO


def is_offline(take: Take) -> bool:
    """Whether the media was set offline in REAPER, where it plays nothing."""
    return take.source is not None and take.source.kind.startswith(OFFLINE)


def rendered_takes(item: Item) -> list[tuple[Take, Source, str]]:
    """The sounding takes whose file can be played here, with source and file."""
    return [
        (take, take.source, take.source.file)
        for take in sounding_takes(item)
        if take.source and take.source.file and is_audio(take) and not is_offline(take)
    ]


def in_range(track: Track, item: Item, time_range: TimeRange | None) -> bool:
    """Whether any of an item lies in a time range."""
    if time_range is None:
        return True
    position_s = item.position_s + track.play_offset_s
    return position_s < time_range.end_s and position_s + item.length_s > time_range.start_s


def clips_of(session: Session, track: Track, time_range: TimeRange | None = None) -> list[Clip]:
    """What a track plays, by start; cut to the range, and to what comes after the song's start."""
    low, high = _bounds(session, time_range)
    cut = (
        replace(clip, first=max(clip.first, low), end=min(clip.end, high))
        for clip in _whole_clips(session, track)
    )
    return [clip for clip in cut if clip.first < clip.end]


def _bounds(session: Session, time_range: TimeRange | None) -> tuple[int, int]:
    """First and last frame of a time range; a play offset may put sound before frame 0."""
    if time_range is None:
        return 0, sys.maxsize
    rate_hz = session.sample_rate_hz
    return max(0, frame_at(time_range.start_s, rate_hz)), frame_at(time_range.end_s, rate_hz)


def _whole_clips(session: Session, track: Track) -> Iterator[Clip]:
    items = sorted(filter(rendered_takes, track.items), key=lambda item: item.position_s)
    item_mix = ALWAYS_MIX if track.free_positioning else session.item_mix
    rate_hz, offset_s = session.sample_rate_hz, track.play_offset_s
    for item, replacing in zip(items, _replacements(items, item_mix), strict=True):
        position_s = item.position_s + offset_s
        first, end = (frame_at(t, rate_hz) for t in (position_s, position_s + item.length_s))
        hidden = tuple(_heard_alone(other, offset_s, rate_hz) for other in replacing)
        for take, source, file in rendered_takes(item):
            yield Clip(item, take, file, source.section, position_s, first, end, hidden)


def _replacements(items: Sequence[Item], item_mix: int) -> list[list[Item]]:
    """For every item (by start) the items that play in its stead where they lie.

    Source: REAPER's "Item mix behavior". Mode 0: what lies wholly inside an item replaces it. Mode
    2: whatever starts later does. Equal extents mix in mode 0; the later in the track wins in 2.
    """
    replaced: list[list[Item]] = [[] for _ in items]
    replaces = REPLACES.get(item_mix)
    if replaces is None:
        return replaced
    for index, item in enumerate(items):
        for other_index in range(index + 1, len(items)):
            other = items[other_index]
            if other.position_s >= item.end_s:
                break
            if replaces(other, item):
                replaced[index].append(other)
            elif replaces(item, other):
                replaced[other_index].append(item)
    return replaced


REPLACES: dict[int, Callable[[Item, Item], bool]] = {
    ENCLOSED_REPLACE: lambda inner, outer: (
        outer.position_s <= inner.position_s
        and inner.end_s <= outer.end_s
        and inner.length_s < outer.length_s
    ),
    LATER_REPLACE: lambda later, earlier: later.position_s >= earlier.position_s,
}
"""Whether the first of two overlapping items replaces the second, by ``item_mix``."""


def _heard_alone(item: Item, offset_s: float, rate_hz: int) -> tuple[int, int]:
    """Where an item replaces others: between its fades, which stay crossfades."""
    start_s = item.position_s + offset_s + item.fade_in.length_s
    end_s = item.end_s + offset_s - item.fade_out.length_s
    return frame_at(start_s, rate_hz), frame_at(end_s, rate_hz)
