"""How the sources of a node add up: the loudness of their sum under any faders, without audio.

K-weighting, faders, pans and sends are linear. So the K-weighted sum is the sum of what arrives on
every way (:mod:`.ways`), each times the product g of the faders on it, and with c_i(t) what arrives
on way i its power in a hop is

    p = Σ_ij g_i g_j ⟨c_i c_j⟩,    ⟨c_i c_j⟩ = a_i a_j r_ij,    a_i² = ⟨c_i c_i⟩,

⟨⟩ the mean over the hop, channels summed. No fader is inside it. The amplitudes a are kept hop by
hop; the correlations r are kept once for a *segment* of hops, as what makes the total of a segment
what it is:

    r_ij = Σ_t ⟨c_i c_j⟩ / Σ_t a_i a_j.

Copies have 1 and anti-phase copies -1 exactly. What arrives is computed from the sources' sketches
(:mod:`reaper_automix.features.trace`, where it stands how accurate that is).

How high the sum peaks is estimated from the peaks of what arrives (:mod:`.peaks`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from reaper_automix.features.loudness import BLOCK_HOPS, gated_loudness
from reaper_automix.features.trace import Sketch, Trace
from reaper_automix.inflow import Node
from reaper_automix.progress import Beat, unheeded
from reaper_automix.routing import Routing
from reaper_automix.session import Session
from reaper_automix.sums.peaks import Peaks, arriving
from reaper_automix.sums.ways import Way, find
from reaper_automix.sums.weighing import Weighing

ANALYSIS = 2
"""Raised whenever the same sources weigh otherwise."""

MOST_CORRELATIONS = 1 << 22
"""Numbers in all correlation matrices of a node together, 16 MB.

In four minutes a segment is one hop up to 41 ways, 0.6 s for 100 ways and 5.4 s for 300.
"""

Gains = Mapping[str, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CrossPowers:
    """The sums of a node's sources under all faders.

    ``sources`` are the tracks that the ways come from, ``ways`` the faders that each of them
    passes. ``amplitudes`` are ``[segments, hops, ways]``,
    ``correlations`` ``[segments, ways, ways]``; their hops start with the sum, which is
    ``length_hops`` long. Those of the ``peaks`` are the time line's.
    """

    sources: tuple[str, ...]
    ways: tuple[tuple[str, ...], ...]
    length_hops: float
    amplitudes: Floats
    correlations: Floats
    peaks: Peaks

    @property
    def faders(self) -> tuple[str, ...]:
        """Ids of the tracks whose faders have a say."""
        return tuple(dict.fromkeys(fader for way in self.ways for fader in way))

    def way_gains(self, gains: Gains) -> Floats:
        """What the faders on every way make of it, linear."""
        return np.array([prod(gains[fader] for fader in way) for way in self.ways], np.float32)

    def powers(self, gains: Gains) -> NDArray[np.float64]:
        """K-weighted powers of the sum in each of its hops.

        What is left over behind the last whole one is no hop (see :class:`.Meter`), but less than
        a gating block is one short clip.
        """
        powers = self._together(self.amplitudes * self.way_gains(gains))
        if self.length_hops < BLOCK_HOPS:
            return np.array([powers.sum() / self.length_hops])
        return powers[: int(self.length_hops)]

    def lufs(self, gains: Gains) -> float | None:
        """Integrated loudness of the sum; ``None`` below the gate."""
        return gated_loudness(self.powers(gains)) if self.ways else None

    def shares(self, gains: Gains) -> dict[str, float]:
        """The K-weighted powers of all that arrives of each source, summed over all hops."""
        energies = np.square(self.amplitudes * self.way_gains(gains)).sum((0, 1), np.float64)
        found = dict.fromkeys(self.sources, 0.0)
        for source, energy in zip(self.sources, energies.tolist(), strict=True):
            found[source] += energy
        return found

    def true_peak(self, gains: Gains) -> float:
        """The true peak of the sum, estimated from above (:mod:`.peaks`), linear."""
        way_gains = self.way_gains(gains)
        return self.peaks.estimate(way_gains, self._coherence(way_gains))

    def _together(self, heard: Floats) -> NDArray[np.float64]:
        """Powers in all hops of the sum of what is heard, ``[segments, hops, ways]``."""
        powers = np.sum((heard @ self.correlations) * heard, axis=2, dtype=np.float64)
        return np.maximum(powers, 0.0).ravel()

    def _coherence(self, way_gains: Floats) -> Floats:
        """How much the sources have in common in each hop of the peaks (:meth:`.Peaks.estimate`).

        A hop of the time line has a part of two hops of the sum, or one ahead of it.
        """
        heard, hops = self.amplitudes * way_gains, len(self.peaks.bounds)
        apart = _around(np.sum(heard * heard, axis=2, dtype=np.float64).ravel(), hops)
        together = np.maximum(_around(self._together(heard), hops), apart)
        wider = np.divide(together, apart, out=np.ones_like(apart), where=apart > 0.0)
        return np.sqrt(wider).astype(np.float32)


def weigh(
    session: Session,
    routing: Routing,
    node: Node,
    traces: Mapping[str, Trace],
    sketches: Mapping[str, Sketch],
    beat: Beat = unheeded,
) -> CrossPowers:
    """The cross powers of a node, from what is known of each track's own items (by track id).

    ``beat`` is called with every few seconds of sound, and may raise to stop it.
    """
    ways = find(session, routing, node, [track for track in traces if track in sketches])
    sources, faders = tuple(way.source for way in ways), tuple(way.faders for way in ways)
    if not ways:
        nothing = np.zeros((1, 1, 0), np.float32)
        silent = Peaks(nothing, nothing[0])
        correlations = np.zeros((1, 0, 0), np.float32)
        return CrossPowers(sources, faders, 1.0, nothing, correlations, silent)
    weighing = Weighing(session, ways, sketches, beat)
    segments = weighing.segments(_segment_hops(weighing.hops, len(ways)))
    peaks = arriving(session, ways, traces)
    return CrossPowers(sources, faders, weighing.length_hops, *segments, peaks)


def key(session: Session, routing: Routing, node: Node, sources: Mapping[str, str]) -> str:
    """What the cross powers of a node hold for; ``sources`` are the keys of its tracks' items.

    It is what :func:`weigh` makes of session and routing: the ways, on which no fader is.
    """
    ways = find(session, routing, node, sorted(sources))
    parts = [(way.source, sources[way.source], way.faders, _legs(way)) for way in ways]
    content = msgspec.json.encode(("cross powers", ANALYSIS, session.sample_rate_hz, parts))
    return hashlib.sha256(content).hexdigest()


def _legs(way: Way) -> list[object]:
    return [(leg.matrix.tolist(), leg.envelopes) for leg in way.legs]


def _around(powers: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """The powers of the hops of a sum, added up around each hop of the time line."""
    powers = powers[:hops]
    padded = np.pad(powers, (2, max(0, hops - len(powers))))
    added: NDArray[np.float64] = sliding_window_view(padded, 3).sum(axis=1)
    return added


def _segment_hops(hops: int, ways: int) -> int:
    """Hops of a segment: as few as memory allows."""
    return -(-hops // max(1, MOST_CORRELATIONS // ways**2))
