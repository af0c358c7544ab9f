"""What a measurement holds for, as a name: the same sound has the same key, another has another.

A key follows from everything that is heard and from nothing else; :data:`COUNTS` decides about
every field of a session. Media count as path, size and time of the last change. The same track
duplicated, renamed, moved to another folder, with another fader, pan or colour keeps its key; an
item, a fade, an envelope or a file that changed gives it a new one. So does another place on the
time line, because traces are cut along it (:mod:`reaper_automix.features.trace`).

Numbers count to :data:`DECIMALS`: a control that was moved and taken out again
(:mod:`reaper_automix.controls`) is a rounding error away from what it was, and REAPER writes fewer
digits into a project than it has itself. What lies on the edge between two steps may be measured
twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import msgspec

from reaper_automix import __version__
from reaper_automix.render.clips import in_range, is_audio, is_offline, sounding_takes
from reaper_automix.render.envelopes import input_envelopes
from reaper_automix.session import (
    Envelope,
    Item,
    Section,
    Session,
    Source,
    Take,
    TimeRange,
    Track,
)
from reaper_automix.settings import PitchMode

ANALYSIS = 3
"""Raised whenever the same sound measures otherwise; another version of the program does so too."""

DECIMALS = 9
"""Times are told apart to a nanosecond, gains to -180 dB; REAPER writes at most 14 decimals."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Which fields of a type count, by name.

    ``always``: as it stands. ``by_rule``: not as it stands, but by what :mod:`.render` makes of it.
    ``never``: it is not heard at the fader's input.
    """

    always: tuple[str, ...] = ()
    by_rule: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


def _counts(always: str = "", by_rule: str = "", never: str = "") -> Counts:
    return Counts(*(tuple(names.split()) for names in (always, by_rule, never)))


COUNTS: Mapping[type, Counts] = {
    Session: _counts(
        always="sample_rate_hz item_mix",
        by_rule="global_automation",
        never="tracks master_gain master_pan master_channels pan_law pan_mode "
        "name tempo_bpm pan_taper master_fx time_selection regions stored schema_version",
    ),
    Track: _counts(
        always="channels phase_inverted play_offset_s free_positioning",
        by_rule="items automation volume pre_fx_volume trim_volume",
        never="id parent_id folder fader_gain mute main_send receives fx fx_enabled "
        "pan pan_law pan_mode pan_width dual_pan_left dual_pan_right "
        "name solo solo_defeat pan_automated mute_automated volume_bypassed input_fx "
        "frozen locked pinned grouped vca_follower selected color",
    ),
    Item: _counts(
        always="position_s length_s loop gain fade_in fade_out",
        by_rule="takes active_take all_takes_play mute plays",
        never="id",
    ),
    Take: _counts(
        always="offset_s play_rate preserve_pitch pitch_semitones gain pan pan_law channel_mode",
        by_rule="source volume",
        never="id name pan_automated mute_automated has_fx has_stretch_markers",
    ),
    Source: _counts(by_rule="kind file section", never="path"),
    Section: _counts(always="start_s length_s reverse", never="overlap_s"),
    Envelope: _counts(always="points fader_scaled", never="automation_items"),
}
"""What is heard of a session. A fade and a point of an envelope count as a whole."""


MOST_PATHS = 20000
"""Files whose paths are held from one key to the next."""

Stamp = tuple[int, int]
"""Size and time of the last change (ns) of a file."""


def stamp(file: str) -> Stamp | None:
    """What tells one state of a file from another; ``None`` where there is none to be seen."""
    try:
        known = _path(file).stat()
    except (OSError, ValueError):  # the latter for what no system has as a name
        return None
    return known.st_size, known.st_mtime_ns


@lru_cache(maxsize=MOST_PATHS)
def _path(file: str) -> Path:
    """Making a path takes longer than asking the system for what is there."""
    return Path(file)


@cache
def pesto_weights() -> list[tuple[str, Stamp | None]]:
    """The files that PESTO needs, which is not imported; without them pitch is heard otherwise.

    As they were first seen by this process, since it reads them once, too.
    """
    package = find_spec("pesto")
    folders = package.submodule_search_locations if package else None
    files = [file for folder in folders or () for file in Path(folder, "weights").glob("*.ckpt")]
    return sorted((file.name, stamp(str(file))) for file in files)


def folder_key(folder: str) -> str:
    """The key of what the media files of a folder were found to be; their stamps lie with that."""
    return _named("headers", *_program(), os.fsencode(folder))


def track_key(
    session: Session, track: Track, time_range: TimeRange | None, pitch: PitchMode
) -> str:
    """The key of a track by itself: its items at its fader's input, without what others send it."""
    own = _strip(session, track), _items(track, time_range, _Stamps())
    return _named("track", *_program(), pesto_weights(), pitch, time_range, own)


def media_identity(track: Track) -> dict[str, Stamp | None]:
    """The stamps of all files that a track has, whether or not they sound."""
    takes = (take for item in track.items for take in item.takes)
    return {
        take.source.file: stamp(take.source.file)
        for take in takes
        if take.source and take.source.file
    }


class _Stamps(dict[str, Stamp | None]):
    """Stamps of files, each looked at once."""

    def __missing__(self, file: str) -> Stamp | None:
        self[file] = stamp(file)
        return self[file]


def _strip(session: Session, track: Track) -> object:
    """What a track does to all that arrives at its fader."""
    return _always(session), _always(track), [*map(_always, input_envelopes(session, track))]


def _items(track: Track, time_range: TimeRange | None, stamps: _Stamps) -> list[object]:
    """What sounds of a track's items, by start."""
    by_start = sorted(track.items, key=attrgetter("position_s"))
    return [
        (_always(item), [_take(take, stamps) for take in takes])
        for item in by_start
        if in_range(track, item, time_range) and (takes := _audio(item))
    ]


def _audio(item: Item) -> list[Take]:
    """The takes that play a file, or would if it could be read."""
    return [take for take in sounding_takes(item) if is_audio(take)]


def _take(take: Take, stamps: _Stamps) -> object:
    source = take.source
    assert source is not None
    file = None if is_offline(take) else source.file
    return (
        _always(take),
        (os.fsencode(file), stamps[file]) if file else None,
        _always(source.section) if source.section else None,
        _always(take.volume) if take.volume else None,
    )


_ALWAYS = {kind: attrgetter(*counts.always) for kind, counts in COUNTS.items() if counts.always}


def _always(value: Session | Track | Item | Take | Section | Envelope) -> object:
    """The fields that count in every key."""
    found: object = _ALWAYS[type(value)](value)
    return found


def _program() -> tuple[object, ...]:
    """What reads and measures."""
    return ANALYSIS, __version__


def _named(*parts: object) -> str:
    """A name for what is made of these parts, 32 hex digits."""
    content = msgspec.msgpack.encode(_rounded(msgspec.to_builtins(parts)))
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _rounded(value: object) -> object:
    """What is built in, with its numbers to :data:`DECIMALS`."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0  # which makes -0.0 the same as 0.0
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    if isinstance(value, dict):
        return [_rounded(part) for part in value.values()]
    return value
