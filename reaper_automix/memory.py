"""What was measured before, for a process that balances more than once.

A measurement holds for as long as nothing that is heard in it changed: items, envelopes, media,
range and method; for a folder also the faders and pans inside it. Names, colours, selection and
solos do not count, nor do the fader and pan of a track that is heard by itself.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from reaper_automix.results import Heard
from reaper_automix.session import Session, TimeRange, Track

MOST = 4000
"""Measurements that are remembered, some kB each."""


class Memory:
    """Measurements by :func:`key`; those that were not asked for longest are forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._heard: OrderedDict[str, Heard] = OrderedDict()

    def recall(self, key: str) -> Heard | None:
        """What was measured, if it was."""
        heard = self._heard.get(key)
        if heard is not None:
            self._heard.move_to_end(key)
        return heard

    def remember(self, key: str, heard: Heard) -> None:
        """Keep a measurement."""
        self._heard[key] = heard
        if len(self._heard) > self._most:
            self._heard.popitem(last=False)


def key(
    session: Session,
    node: str,
    gains: Mapping[str, float],
    time_range: TimeRange | None,
    method: str,
) -> str:
    """What the measurement of one source of a session under some faders holds for."""
    alone = len(session.tracks) == 1
    tracks = (_bare(track, None if alone else gains) for track in session.tracks)
    heard = replace(
        session, name="", tracks=tuple(tracks), time_selection=None, stored=None, master_fx=()
    )
    parts = (heard, node, time_range, method, list(media_identity(session.tracks)))
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def media_identity(tracks: tuple[Track, ...]) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of the last change (ns) of every file that tracks play."""
    takes = (take for track in tracks for item in track.items for take in item.takes)
    for file in dict.fromkeys(take.source.file for take in takes if take.source):
        try:
            known = Path(file or "").stat()
            yield file or "", known.st_size, known.st_mtime_ns
        except OSError:
            yield file or "", 0, 0


def _bare(track: Track, gains: Mapping[str, float] | None) -> Track:
    """The track without what nobody hears; without fader and pan, too, where it is heard alone."""
    track = replace(track, name="", selected=False, color=0, solo=0, solo_defeat=False)
    if gains is None:
        return replace(track, fader_gain=1.0, pan=0.0, pan_width=1.0, parent_id=None)
    return replace(track, fader_gain=gains.get(track.id, track.fader_gain))
