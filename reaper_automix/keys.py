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
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import msgspec

from reaper_automix import __version__
from reaper_automix.inflow import Feed, Node, inflow, proportions
from reaper_automix.render.clips import in_range, is_audio, is_offline, sounding_takes
from reaper_automix.render.envelopes import fader_envelope, input_envelopes
from reaper_automix.routing import Routing, trace
from reaper_automix.session import (
    Envelope,
    Item,
    Receive,
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

    ``always``: in every key. ``in_sums``: in keys of sums only, where it lies between a track and
    the sum. ``by_rule``: not as it stands, but by what :mod:`.routing` and :mod:`.render` make of
    it. ``never``: nobody hears it.
    """

    always: tuple[str, ...] = ()
    in_sums: tuple[str, ...] = ()
    by_rule: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


def _counts(always: str = "", in_sums: str = "", by_rule: str = "", never: str = "") -> Counts:
    return Counts(*(tuple(names.split()) for names in (always, in_sums, by_rule, never)))


COUNTS: Mapping[type, Counts] = {
    Session: _counts(
        always="sample_rate_hz item_mix",
        in_sums="pan_law pan_mode",
        by_rule="tracks global_automation master_gain master_pan master_channels",
        never="name tempo_bpm pan_taper master_fx time_selection regions stored schema_version",
    ),
    Track: _counts(
        always="channels phase_inverted play_offset_s free_positioning",
        in_sums="pan pan_law pan_mode pan_width dual_pan_left dual_pan_right",
        by_rule="id parent_id folder items fader_gain mute main_send receives automation volume "
        "pre_fx_volume trim_volume fx fx_enabled",
        never="name solo solo_defeat pan_automated mute_automated volume_bypassed input_fx "
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
    Receive: _counts(
        always="mode gain pan mono phase_inverted source_channel",
        by_rule="source_id mute target_channel audio",
    ),
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


def sum_key(
    session: Session,
    node: Node,
    gains: Mapping[str, float],
    time_range: TimeRange | None,
    pitch: PitchMode,
    *,
    routing: Routing | None = None,
    unheard: Collection[str] = (),
) -> str:
    """The key of what arrives at a node under some faders, by their proportions (:mod:`.inflow`).

    ``unheard`` are tracks whose own items do not sound, because their media cannot be read. Which
    of the tracks is which, and in what order they stand, does not count.
    """
    flow = inflow(session, routing or trace(session), node)
    settled, _ = proportions(flow, gains)
    stamps, arriving = _Stamps(), dict[Node, str]()
    for target in (*flow.tracks, node):
        feeds = flow.into(target)
        fed = [_named(_given(session, feed, settled), arriving[feed.source.id]) for feed in feeds]
        track = session.track(target) if target is not None else None
        items = _items(track, time_range, stamps) if track and target not in unheard else ()
        arriving[target] = _named(_strip(session, track), items, sorted(fed))
    return _named("sum", *_program(), pesto_weights(), pitch, time_range, arriving[node])


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


def _strip(session: Session, track: Track | None) -> object:
    """What a track does to all that arrives at its fader; the master for ``None``."""
    project = _always(session)
    if track is None:
        return project, session.master_gain, session.master_pan, session.master_channels
    return project, _always(track), [*map(_always, input_envelopes(session, track))]


def _given(session: Session, feed: Feed, gains: Mapping[str, float]) -> object:
    """What happens to a track's sound on its way into a node."""
    sent = _always(feed.receive) if feed.receive else None
    if not feed.is_behind_fader:
        return sent, session.pan_law
    ridden = fader_envelope(session, feed.source)
    fader = _always(ridden) if ridden else gains[feed.source.id]
    return sent, fader, _in_sums(session), _in_sums(feed.source)


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
_IN_SUMS = {kind: attrgetter(*counts.in_sums) for kind, counts in COUNTS.items() if counts.in_sums}


def _always(value: Session | Track | Item | Take | Section | Envelope | Receive) -> object:
    """The fields that count in every key."""
    found: object = _ALWAYS[type(value)](value)
    return found


def _in_sums(value: Session | Track) -> object:
    """The fields that count between a track and a sum."""
    found: object = _IN_SUMS[type(value)](value)
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
