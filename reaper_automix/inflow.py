"""What flows into one node of a session, and at which faders its sum is as good as at others.

Moving all faders of a folder together makes its sum louder and changes nothing else about it. So
a sum is measured once, at the *proportions* of its faders (:func:`proportions`), and what it is at
the real ones follows. A folder inside gives what its faders have in common to its own fader first:
raised inside and lowered outside by as much, it is the same to whatever it flows into.

**Conventions**: as in :mod:`reaper_automix.mix`: faders are linear, a node is a track's input or
(``None``) the master; what is silent and what only its effects would give back is left out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.routing import Routing, sounding_receives
from reaper_automix.session import Receive, Session, Track
from reaper_automix.units import db_from_gain, gain_from_db

Node = str | None

STEP_DB = 0.05
"""Faders are told apart in steps of this; a sum is off by no more than half of one."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What one track gives to a node: by its main send, or by the send that is received there."""

    source: Track
    target: Node
    receive: Receive | None = None

    @property
    def is_behind_fader(self) -> bool:
        """Whether the source's fader has a say in it."""
        return self.receive is None or self.receive.mode == "post-fader"


@dataclass(frozen=True, slots=True)
class Inflow:
    """Everything that reaches ``node``.

    ``tracks`` are the ids of what is heard there, feeders first, without the node itself.
    """

    session: Session
    node: Node
    tracks: tuple[str, ...]
    feeds: tuple[Feed, ...]

    def into(self, target: Node) -> list[Feed]:
        """What is given to a node."""
        return [feed for feed in self.feeds if feed.target == target]

    def riders(self, target: Node) -> tuple[str, ...]:
        """The tracks whose faders, moved together, move the sum at a node by as much.

        None where anything sounds in it that would not go along: items of its own, a pre-fader
        send, a fader under automation, a track that is heard by another way as well.
        """
        feeds = self.into(target)
        has_items = target is not None and bool(self.session.track(target).items)
        go_along = not has_items and all(map(self._goes_along, feeds))
        return tuple(feed.source.id for feed in feeds) if go_along else ()

    def scales(self, track: Track) -> bool:
        """Whether a track's fader moves all that is heard of it here."""
        given = self._given_by(track)
        return fader_envelope(self.session, track) is None and all(
            feed.is_behind_fader for feed in given
        )

    def _goes_along(self, feed: Feed) -> bool:
        return self._given_by(feed.source) == [feed] and self.scales(feed.source)

    def _given_by(self, track: Track) -> list[Feed]:
        return [feed for feed in self.feeds if feed.source is track]


def inflow(session: Session, routing: Routing, node: Node) -> Inflow:
    """What reaches a node of a session."""
    into: dict[Node, list[Feed]] = {}
    for feed in _feeds(session, routing):
        into.setdefault(feed.target, []).append(feed)
    reached = [node]
    for target in reached:
        sources = (feed.source.id for feed in into.get(target, ()))
        reached += [source for source in dict.fromkeys(sources) if source not in reached]
    heard = set(reached[1:])
    feeds = tuple(feed for target in reached for feed in into.get(target, ()))
    return Inflow(session, node, tuple(one for one in routing.order if one in heard), feeds)


def rounds(session: Session, routing: Routing) -> list[list[Node]]:
    """All groups, in rounds: nothing in a group flows from another one of its round or a later one.

    So the groups of a round can be solved side by side.
    """
    numbers: dict[Node, int] = {}
    for group in routing.groups():
        flowing = (routing.home.get(track) for track in inflow(session, routing, group).tracks)
        before = (numbers[home] for home in flowing if home in numbers)
        numbers[group] = 1 + max(before, default=0)
    return [
        [group for group, number in numbers.items() if number == round_]
        for round_ in sorted(set(numbers.values()))
    ]


def _feeds(session: Session, routing: Routing) -> Iterator[Feed]:
    """All that tracks give to each other and to the master."""
    sounding = {track.id: track for track in session.tracks if _is_heard(track, routing)}
    for track in sounding.values():
        if track.main_send and track.id in routing.home:
            yield Feed(track, routing.home[track.id])
    for track in session.tracks:
        for receive in sounding_receives(track, routing.broken):
            if source := sounding.get(receive.source_id):
                yield Feed(source, track.id, receive)


def _is_heard(track: Track, routing: Routing) -> bool:
    only_its_effects = routing.kind[track.id] == "return" and track.returns_effects
    return track.id not in routing.silent and not only_its_effects


def proportions(flow: Inflow, gains: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """Faders to measure a sum at, and the linear gain that the real ones have on top of them.

    Faders in the same proportions give the same ones, in steps of :data:`STEP_DB`.
    """
    tracks = [flow.session.track(track_id) for track_id in flow.tracks]
    settled = {track.id: gains.get(track.id, track.fader_gain) for track in tracks}
    for folder in filter(flow.scales, tracks):
        riders = flow.riders(folder.id)
        settled[folder.id] *= loudest(settled, riders)
        settled = relative_gains(settled, riders)
    riders = flow.riders(flow.node)
    common = loudest(settled, riders)
    settled = relative_gains(settled, riders)
    return {**gains, **_stepped(settled.items())}, common


def relative_gains(gains: Mapping[str, float], members: Collection[str]) -> dict[str, float]:
    """The same faders with those of ``members`` relative to the loudest of them, in steps."""
    top = loudest(gains, members)
    return {**gains, **_stepped((member, gains[member] / top) for member in members)}


def loudest(gains: Mapping[str, float], members: Iterable[str]) -> float:
    """The gain of the loudest of some faders; 1 where there is none that is open.

    >>> loudest({"{1}": 0.5, "{2}": -2.0}, ["{1}", "{2}"])
    2.0
    """
    return max((abs(gains[member]) for member in members), default=0.0) or 1.0


def _stepped(gains: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {track: _in_steps(gain) for track, gain in gains}


def _in_steps(gain: float) -> float:
    """The nearest gain that is told apart, of the same polarity; a closed fader stays closed."""
    if not gain:
        return 0.0
    steps = round(db_from_gain(gain) / STEP_DB)
    return math.copysign(gain_from_db(steps * STEP_DB), gain)
