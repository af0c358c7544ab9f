"""Every *way* that a source takes to a node, and what becomes of it there.

A way is named by the faders on it: its contribution to the node is the product of their gains
times what arrives with all of them at one. Pans, sends, polarity and the master are linear and do
not change in time, so that what arrives is a matrix times the source's channels; volume envelopes
are gains in time, which every matrix lets pass. Both are found by sending the unit matrix instead
of samples through what a track does to samples (:mod:`reaper_automix.strip`).

Parts of a source that pass the same faders arrive as one way. A fader that an envelope drives is
not on the way; its envelope is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix import strip
from reaper_automix.audio import Samples
from reaper_automix.inflow import Feed, Inflow, Node, inflow
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.routing import MIX, Routing
from reaper_automix.session import Envelope, Session, Track
from reaper_automix.strip import Ride

MOST_WAYS = 32
"""Where one source arrives at a track by more ways, the track's fader counts as it stands."""

Path = tuple[tuple[str, ...], tuple[Envelope, ...]]
"""The faders and the envelopes that were passed; the faders are sorted."""

Bundle = dict[Path, NDArray[np.float32]]
"""What arrives of one source, by the paths it took: matrices ``[channels here, its channels]``."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A matrix ``[channels at the node, channels of the source]`` and what rides on top of it."""

    matrix: NDArray[np.float32]
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What arrives of ``source`` through ``faders``, with these at one: the sum of the legs."""

    source: str
    faders: tuple[str, ...]
    legs: tuple[Leg, ...]

    def arrive(self, samples: Samples, ride: Ride) -> Samples:
        """The source's samples ``[channels, frames]`` as they arrive at the node."""
        channels = self.legs[0].matrix.shape[1]
        samples = strip.fit(samples, channels, samples.shape[1])
        arrived: Samples = np.sum([_along(leg, samples, ride) for leg in self.legs], axis=0)
        return arrived


def find(
    session: Session, routing: Routing, node: Node, sources: Collection[str]
) -> tuple[Way, ...]:
    """All ways on which sources reach a node, in the order of the sources."""
    map_ = _Map(session, inflow(session, routing, node))
    return tuple(
        Way(source, faders, legs)
        for source in sources
        for faders, legs in _by_faders(map_.bundle(source)).items()
    )


def sources(
    session: Session, routing: Routing, node: Node, tracks: Collection[str]
) -> tuple[str, ...]:
    """Those of some tracks that reach a node on any way, in their order."""
    return tuple(dict.fromkeys(way.source for way in find(session, routing, node, tracks)))


def _along(leg: Leg, samples: Samples, ride: Ride) -> Samples:
    arrived = leg.matrix @ samples
    for envelope in leg.envelopes:
        arrived *= ride(envelope)
    return arrived


def _by_faders(bundle: Bundle) -> dict[tuple[str, ...], tuple[Leg, ...]]:
    legs: dict[tuple[str, ...], tuple[Leg, ...]] = {}
    for (faders, envelopes), matrix in bundle.items():
        legs[faders] = (*legs.get(faders, ()), Leg(matrix, envelopes))
    return legs


class _Map:
    """Follows one source after the other to the node."""

    def __init__(self, session: Session, flow: Inflow) -> None:
        self._session = session
        self._flow = flow
        self._tracks = {track.id: track for track in session.tracks}
        self._feeds: dict[str, list[Feed]] = {}
        for feed in flow.feeds:
            self._feeds.setdefault(feed.source.id, []).append(feed)

    def bundle(self, source: str) -> Bundle:
        """What arrives at the node of one source."""
        if source == self._flow.node:
            return self._own(source)
        received: dict[Node, Bundle] = {}
        for track_id in self._flow.tracks:
            if track_id == source:
                self._pass_on(source, self._own(source), received)
            elif track_id in received:
                self._pass_on(track_id, self._meet(track_id, received), received)
        return self._meet(self._flow.node, received)

    def _own(self, source: str) -> Bundle:
        channels = strip.width(self._session, self._tracks[source])
        return {((), ()): np.eye(channels, dtype=np.float32)}

    def _meet(self, node: Node, received: dict[Node, Bundle]) -> Bundle:
        """What has arrived at a node, as its fader (or what is behind the master) has it."""
        track = None if node is MIX else self._tracks[node]

        def arrive(samples: Samples, ride: Ride) -> Samples:
            return strip.arrive(self._session, track, samples, ride)

        return _through(received.pop(node, {}), arrive)

    def _pass_on(self, track_id: str, heard: Bundle, received: dict[Node, Bundle]) -> None:
        leaving = self._leave(self._tracks[track_id], heard)
        for feed in self._feeds[track_id]:
            sent = _through(leaving if feed.is_behind_fader else heard, self._given(feed))
            received[feed.target] = _joined(received.get(feed.target, {}), sent)

    def _leave(self, track: Track, heard: Bundle) -> Bundle:
        driven = fader_envelope(self._session, track) is not None
        counts = len(heard) <= MOST_WAYS and not driven
        gain = 1.0 if counts or driven else track.fader_gain

        def leave(samples: Samples, ride: Ride) -> Samples | None:
            return strip.leave(self._session, track, samples, gain, ride)

        return _through(heard, leave, (track.id,) if counts else ())

    def _given(self, feed: Feed) -> Callable[[Samples, Ride], Samples]:
        """What a main send or a send makes of what it takes."""
        track = None if feed.target is MIX else self._tracks[feed.target]
        channels = strip.width(self._session, track)

        def give(samples: Samples, ride: Ride) -> Samples:
            if feed.receive is not None:
                samples = strip.send(self._session, feed.receive, samples)
            return strip.fit(samples, channels, samples.shape[1])

        return give


def _through(
    bundle: Bundle,
    step: Callable[[Samples, Ride], Samples | None],
    faders: tuple[str, ...] = (),
) -> Bundle:
    """A bundle behind a step; what closed sends and pans leave nothing of is left out."""
    passed: Bundle = {}
    for (behind, before), matrix in bundle.items():
        envelopes: list[Envelope] = []

        def note(envelope: Envelope, envelopes: list[Envelope] = envelopes) -> NDArray[np.float32]:
            envelopes.append(envelope)
            return np.ones(1, np.float32)

        arrived = step(matrix, note)
        if arrived is not None and arrived.any():
            path = tuple(sorted((*behind, *faders))), (*before, *envelopes)
            passed = _joined(passed, {path: arrived})
    return passed


def _joined(bundle: Bundle, other: Bundle) -> Bundle:
    """Two bundles as one, what took the same path summed."""
    shared = {path: bundle[path] + other[path] for path in bundle.keys() & other.keys()}
    return bundle | other | shared
