"""What flows into one node of a session, and in what order its groups can be solved.

**Conventions**: as in :mod:`reaper_automix.mix`: a node is a track's input or (``None``) the
master; what is silent and what only its effects would give back is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reaper_automix.routing import Routing, sounding_receives
from reaper_automix.session import Receive, Session, Track

Node = str | None


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
