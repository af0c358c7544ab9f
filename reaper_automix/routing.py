"""Who feeds whom: groups to balance, kinds of tracks, and the order in which signals flow.

A track's *home* is where its fader leads: the folder it lies in, or, with its main send off, the
bus that its first post-fader send feeds. The tracks of one home are a group; the tracks without a
folder are the group of the whole mix (home ``None``). Roles and stems, when they come, change
homes here and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reaper_automix.results import Kind
from reaper_automix.session import Receive, Session, Track

MIX = None
"""Home of the tracks at the top: the master."""


@dataclass(frozen=True, slots=True)
class Routing:
    """The signal flow of one session.

    ``home`` is missing for a track that leads nowhere. ``silent`` are tracks that do not sound
    because they, or a folder or bus they lead to, are muted. ``order`` lists every track after all
    that feed it; ``broken`` are receives left out because they would close a loop, as (source,
    target) ids.
    """

    home: dict[str, str | None]
    kind: dict[str, Kind]
    silent: frozenset[str]
    order: tuple[str, ...]
    broken: frozenset[tuple[str, str]]

    def members(self, group: str | None) -> tuple[str, ...]:
        """Ids of the tracks of a group, in project order."""
        return tuple(track for track, home in self.home.items() if home == group)

    def groups(self) -> tuple[str | None, ...]:
        """Every group that has members, inner ones before the ones they lie in."""
        homes = set(self.home.values())
        inner = [track for track in self.order if track in homes]
        return (*inner, MIX) if MIX in homes else tuple(inner)


def trace(session: Session) -> Routing:
    """Routing of a session; loops of sends or folders are cut where they close."""
    by_id = {track.id: track for track in session.tracks}
    home = {track.id: destination for track, destination in _homes(session)}
    order, broken = _flow_order(session, home)
    home = {track: goal for track, goal in home.items() if (track, goal) not in broken}
    kind = {track.id: _kind(track, home) for track in session.tracks}
    return Routing(home, kind, _silent(by_id, home), order, frozenset(broken))


def sounding_receives(track: Track, broken: frozenset[tuple[str, str]]) -> tuple[Receive, ...]:
    """The receives that reach a track's main channels, without those that would close a loop."""
    return tuple(
        receive
        for receive in track.receives
        if _sounds(receive) and (receive.source_id, track.id) not in broken
    )


def home_gain(session: Session, track: Track, routing: Routing) -> float:
    """Linear gain on the way home behind the fader: that of the send for a track without main send.

    1 for one that leads nowhere, and for a send that is turned all the way down.
    """
    home = routing.home.get(track.id)
    if track.main_send or home is None:
        return 1.0
    receives = session.track(home).receives
    sends = (r for r in receives if r.source_id == track.id and r.mode == "post-fader")
    return next((abs(send.gain) for send in sends if _sounds(send) and send.gain), 1.0)


def unmoved_sends(session: Session, track_id: str) -> tuple[str, ...]:
    """Names of the tracks that a pre-fader send of this one feeds: these will not follow it."""
    return tuple(
        track.name
        for track in session.tracks
        for receive in track.receives
        if receive.source_id == track_id and receive.audio and receive.mode != "post-fader"
    )


def _homes(session: Session) -> Iterator[tuple[Track, str | None]]:
    for track in session.tracks:
        if track.main_send:
            yield track, track.parent_id
            continue
        bus = next(_post_fader_targets(session, track), None)
        if bus is not None:
            yield track, bus


def _post_fader_targets(session: Session, source: Track) -> Iterator[str]:
    for track in session.tracks:
        for receive in track.receives:
            feeds = receive.source_id == source.id and receive.mode == "post-fader"
            if feeds and _sounds(receive):
                yield track.id


def _sounds(receive: Receive) -> bool:
    """Whether a receive is audio, not muted and no side chain."""
    return receive.audio and not receive.mute and receive.target_channel < 2


def _kind(track: Track, home: dict[str, str | None]) -> Kind:
    """A return only receives; a bus is home to the tracks that feed it and have no other."""
    if track.folder:
        return "folder"
    if track.id in home.values():
        return "bus"
    return "return" if track.receives and not track.items else "track"


def _silent(by_id: dict[str, Track], home: dict[str, str | None]) -> frozenset[str]:
    def muted(track_id: str | None) -> bool:
        while track_id is not None:
            if by_id[track_id].mute:
                return True
            track_id = home.get(track_id)
        return False

    return frozenset(track_id for track_id in by_id if muted(track_id))


def _flow_order(
    session: Session, home: dict[str, str | None]
) -> tuple[tuple[str, ...], set[tuple[str, str]]]:
    """Depth-first order along the signal, sources first, and the edges that would close a loop."""
    feeders: dict[str, list[str]] = {track.id: [] for track in session.tracks}
    for source, goal in home.items():
        if goal is not None:
            feeders[goal].append(source)
    for track in session.tracks:
        sounding = filter(_sounds, track.receives)
        feeders[track.id] += [r.source_id for r in sounding if r.source_id in feeders]
    order: dict[str, None] = {}
    broken: set[tuple[str, str]] = set()
    for track in session.tracks:
        _visit(track.id, feeders, order, broken)
    return tuple(order), broken


def _visit(
    start: str, feeders: dict[str, list[str]], order: dict[str, None], broken: set[tuple[str, str]]
) -> None:
    """Append ``start`` and everything that feeds it, feeders first, without recursion."""
    path: dict[str, Iterator[str]] = {}
    if start not in order:
        path[start] = iter(feeders[start])
    while path:
        track, sources = next(reversed(path.items()))
        source = next(sources, None)
        if source is None:
            order[track] = None
            del path[track]
        elif source in path:
            broken.add((source, track))
        elif source not in order:
            path[source] = iter(feeders[source])
