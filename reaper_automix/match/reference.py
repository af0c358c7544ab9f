"""The mix that stems shall sound like: an audio file, another project, a track or a region.

A reference is played once to find its loudest passages, spread over all of it, and then only these;
so one of an hour takes no more memory than one of a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reaper_automix import media
from reaper_automix.audio import Samples
from reaper_automix.errors import InputError, MediaError, SettingsError
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, Meter, hop_frames
from reaper_automix.match import passages, same
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import SHORTEST_S, Reference, resampled
from reaper_automix.match.same import Song
from reaper_automix.mix import Node, Player
from reaper_automix.places import PROJECT_SUFFIXES, place_of
from reaper_automix.progress import Progress
from reaper_automix.render.passage import Span
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene, is_named, set_scene
from reaper_automix.session import Session, TimeRange, Track
from reaper_automix.settings import Settings

LISTENING = "Listening to the reference"

SAME = "The reference is a mix of this very song, so both were heard in the same places."

FULL_SCALE = 0.9999
"""A sample from here on may have been cut off."""

CLIPPED_RUN = 3
"""So many neighbours at full scale are no peak but a cut one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen as the reference.

    ``path`` is an audio file, a project or a folder of stems; ``track`` a name or GUID and
    ``region`` a name or number in that project or, without one, in the one that is matched.
    ``time_range`` is a stretch of it.
    """

    path: Path | None = None
    track: str = ""
    region: str = ""
    time_range: TimeRange | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be played from any frame on, in blocks ``[channels, frames]``."""

    name: str
    sample_rate_hz: int
    channels: int
    span: Span
    play: Callable[[Span], Iterator[Samples]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """A reference that was played once: how loud it is, hop by hop; sentences about it."""

    source: Source
    powers: passages.Powers
    notes: tuple[str, ...]


def survey(choice: Choice, session: Session, progress: Progress) -> Survey:
    """Play what was chosen for the match of a session.

    :class:`InputError` where it cannot be read, is silent or too short; :class:`SettingsError`
    where nothing, or nothing that is there, was chosen.
    """
    notes: list[str] = []
    source = _source(choice, session, notes.append)
    powers, cut = _survey(source, progress)
    _must_sound(source, powers)
    return Survey(source, powers, tuple(_notes(source, cut, notes)))


def heard(surveyed: Survey, song: Song) -> Reference:
    """The passages of a reference: where a mix of the same song is heard, else its loudest ones."""
    source, beside = surveyed.source, _beside(surveyed, song)
    parts = tuple(_part(source, span) for span in beside or _loudest(surveyed))
    notes = (SAME, *surveyed.notes) if beside else surveyed.notes
    return Reference(source.name, parts, notes, is_beside=bool(beside))


def _loudest(surveyed: Survey) -> list[Span]:
    hop = hop_frames(surveyed.source.sample_rate_hz)
    starts = passages.chosen(surveyed.powers[None])
    return [_passage(surveyed.source, start * hop, passages.LENGTH_S) for start in starts]


def _beside(surveyed: Survey, song: Song) -> list[Span]:
    """Where a reference has the passages of a song, to the sample; none if it lacks any of them."""
    source, lag = surveyed.source, same.lag_hops(song.powers, surveyed.powers)
    if lag is None:
        return []
    rate_hz, near = source.sample_rate_hz, round(same.NEAR_S * source.sample_rate_hz)
    firsts = [(start + lag) * hop_frames(rate_hz) for start in song.starts]
    last = source.span[1] - source.span[0] - round(song.seconds * rate_hz)
    if min(firsts) < -near or max(firsts) > last + near:
        return []
    begins = max(0, firsts[0])
    part = _part(source, _passage(source, begins, song.seconds)).sum(axis=0)
    later = round(same.lag_frames(song.first, part, SAMPLE_RATE_HZ) * rate_hz / SAMPLE_RATE_HZ)
    moved = begins + later - firsts[0]
    return [_passage(source, max(0, first + moved), song.seconds) for first in firsts]


def _part(source: Source, span: Span) -> Samples:
    """A span of a reference, both channels at the network's rate."""
    return resampled(
        _stereo(np.concatenate(list(source.play(span)), axis=1)), source.sample_rate_hz
    )


def track_of(choice: Choice, session: Session) -> Track | None:
    """The track of the session that is the reference, and so no stem of it."""
    is_here = choice.track and choice.path is None
    return _track(session, choice.track) if is_here else None


def _source(choice: Choice, session: Session, note: media.Note) -> Source:
    if choice.path is None:
        if not (choice.track or choice.region or choice.time_range):
            raise SettingsError(
                "There is no reference; name one with --reference, or a track or region of the "
                "project with --reference-track or --reference-region."
            )
        return _of_session(choice, session, note)
    if choice.path.is_dir() or choice.path.suffix.lower() in PROJECT_SUFFIXES:
        return _of_session(choice, place_of(choice.path).read(), note)
    if choice.track or choice.region:
        raise SettingsError(
            f"{choice.path.name} is an audio file, which has no tracks or regions; "
            "name a stretch of it with --reference-range."
        )
    return _of_file(choice.path, choice.time_range, note)


def _of_file(path: Path, time_range: TimeRange | None, note: media.Note) -> Source:
    try:
        info = media.probe(str(path))
    except MediaError as error:
        fault, _, _ = str(error).rpartition(";")
        raise InputError(f"The reference {fault}; choose another one.") from error

    def play(span: Span) -> Iterator[Samples]:
        return media.blocks(str(path), span[0], span[1] - span[0], note=note)

    span = _cut((0, info.frames), time_range, info.sample_rate_hz)
    return Source(path.name, info.sample_rate_hz, info.channels, span, play, info.notes)


def _of_session(choice: Choice, session: Session, note: media.Note) -> Source:
    """A project's mix at its faders, or one of its tracks at its fader's input."""
    track = _track(session, choice.track) if choice.track else None
    settings = Settings(time_range=choice.time_range, region=choice.region)
    scene = set_scene(_sounding(session, track), settings)
    node: Node = track.id if track else MIX
    player = Player(scene.desk(note=note), (node,))
    name = track.name if track else session.name

    def play(span: Span) -> Iterator[Samples]:
        passage = Player(scene.desk_of(span), (node,))
        return (heard[node] for (heard,) in passage.play(({},), span))

    where = f"{name}, {choice.region}" if choice.region else name
    notes = tuple(_unheard(scene, track))
    return Source(where, session.sample_rate_hz, player.width(node), player.span, play, notes)


def _unheard(scene: Scene, track: Track | None) -> Iterator[str]:
    """That effects of a project are not run here."""
    fed = [one for one in scene.session.tracks if track is None or one.id == track.id]
    of_master = () if track else scene.session.master_fx
    if any(one.active_fx for one in fed) or any(one.active for one in of_master):
        yield "The effects of the reference are not run here, so it is heard without them."


def _track(session: Session, name: str) -> Track:
    found = next((track for track in session.tracks if is_named(track, name)), None)
    if found is None:
        raise SettingsError(
            f"No track of {session.name} is called {name!r}; "
            "see their names with: reaper-automix inspect."
        )
    return found


def _sounding(session: Session, track: Track | None) -> Session:
    """The session with a track unmuted, as references usually are muted, and what it lies in."""
    heard = {track.id} if track else set()
    for one in reversed(session.tracks):
        if one.id in heard and one.parent_id is not None:
            heard.add(one.parent_id)
    tracks = (replace(one, mute=one.mute and one.id not in heard) for one in session.tracks)
    return replace(session, tracks=tuple(tracks))


def _cut(span: Span, time_range: TimeRange | None, rate_hz: int) -> Span:
    if time_range is None:
        return span
    first, end = round(time_range.start_s * rate_hz), round(time_range.end_s * rate_hz)
    return min(first, span[1]), min(end, span[1])


def _survey(source: Source, progress: Progress) -> tuple[passages.Powers, int]:
    """Its power hop by hop, and in how many places it is cut off at full scale."""
    rate_hz, (start, end) = source.sample_rate_hz, source.span
    meter, done, cut = Meter(rate_hz, 2), 0, 0
    for block in source.play(source.span):
        sound = _stereo(block)
        meter.push(sound)
        cut += _cuts(sound)
        done += block.shape[1]
        progress(LISTENING, done / rate_hz, (end - start) / rate_hz, source.name)
    return meter.powers_on_time_line(0, max(1, -(-done // hop_frames(rate_hz)))), cut


def _cuts(sound: Samples) -> int:
    """Runs of samples at full scale."""
    full = np.abs(sound) >= FULL_SCALE
    if not full.any() or full.shape[1] < CLIPPED_RUN:
        return 0
    cut = sliding_window_view(full, CLIPPED_RUN, axis=1).all(axis=2).astype(np.int8)
    return int(np.count_nonzero(np.diff(cut, axis=1, prepend=0) == 1))


def _must_sound(source: Source, powers: passages.Powers) -> None:
    seconds = (source.span[1] - source.span[0]) / source.sample_rate_hz
    if seconds < SHORTEST_S:
        raise InputError(
            f"The reference {source.name} has only {max(0.0, seconds):.1f} s of sound where it is "
            "listened to; choose one, or a stretch of it, of some seconds at least."
        )
    if powers.max(initial=0.0) < ABSOLUTE_GATE_POWER:
        raise InputError(f"The reference {source.name} is silent; choose another one.")


def _passage(source: Source, first: int, seconds: float) -> Span:
    start = source.span[0] + first
    return start, min(source.span[1], start + round(seconds * source.sample_rate_hz))


def _stereo(sound: Samples) -> Samples:
    """The first two channels; a single one on both sides."""
    return np.repeat(sound, 2, axis=0) if len(sound) == 1 else sound[:2]


def _notes(source: Source, cut: int, read: Sequence[str]) -> Iterator[str]:
    """What is to be known about the reference, in sentences."""
    seconds = (source.span[1] - source.span[0]) / source.sample_rate_hz
    yield from dict.fromkeys((*source.notes, *read))
    if seconds < passages.LENGTH_S:
        yield f"The reference is only {seconds:.1f} s long; all of it was heard."
    if source.channels == 1:
        yield "The reference is mono, so it says nothing of width."
    if source.channels > 2:
        yield f"The reference has {source.channels} channels; the first two were heard."
    if cut:
        yield f"The reference is clipped in {cut} places; it was used as it is."
