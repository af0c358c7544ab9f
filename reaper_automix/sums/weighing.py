"""Weighs what arrives at a node on every way, from sketches, a few seconds at a time.

Sketches are int16; only as much of them is made float32 at a time as :data:`MOST_SAMPLES` allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.crew import side_by_side
from reaper_automix.features.loudness import hop_frames
from reaper_automix.features.trace import (
    POINTS,
    Sketch,
    at_points,
    channel_powers,
    scaled,
)
from reaper_automix.progress import Beat, unheeded
from reaper_automix.session import Envelope, Session
from reaper_automix.sums.rides import Rides
from reaper_automix.sums.ways import Way

MOST_SAMPLES = 1 << 22
"""Samples that are at hand at a time."""

ROUNDING = 5e-7
"""What correlations may be off by rounding; copies that differ by this much cancel to -60 dB."""

Floats = NDArray[np.float32]

Block = tuple[int, int, int]
"""The first of some hops, their number, and the instants of each."""


class Weighing:
    """What is on the scales: the ways into one node and what is known of their sources.

    Its hops are those that BS.1770 has in the sum: the first one starts with the sum, wherever in
    a hop of the time line that is. There are :attr:`hops` of them, the last one often not full.
    """

    def __init__(
        self,
        session: Session,
        ways: Sequence[Way],
        sketches: Mapping[str, Sketch],
        beat: Beat = unheeded,
    ) -> None:
        self._beat = beat
        self._ways = ways
        self._channels = ways[0].legs[0].matrix.shape[0]
        self._rows: dict[str, list[int]] = {}
        for row, way in enumerate(ways):
            self._rows.setdefault(way.source, []).append(row)
        self._sketches = {source: sketches[source] for source in self._rows}
        self._rides = Rides(session.sample_rate_hz)
        self._hop = hop_frames(session.sample_rate_hz)
        start = min(sketch.start_frame for sketch in self._sketches.values())
        end = max(sketch.start_frame + sketch.frames for sketch in self._sketches.values())
        self._first, self._late_frames = divmod(start, self._hop)
        self.length_hops = max(1, end - start) / self._hop
        self.hops = -(-max(1, end - start) // self._hop)

    def segments(self, length: int) -> tuple[Floats, Floats]:
        """Amplitudes ``[segments, hops, ways]`` and correlations ``[segments, ways, ways]``.

        A segment has ``length`` hops; behind the last hop of the sum there is silence.
        """
        count, ways = -(-self.hops // length), len(self._ways)
        powers = np.zeros((count * length, ways), np.float32)
        shared = np.zeros((count, ways, ways), np.float32)
        weighed = side_by_side(partial(self._weighed, length), self._blocks())
        for first, own, products in weighed:
            self._beat()
            powers[first : first + len(own)] = own
            for segment, product in enumerate(products, first // length):
                shared[segment] += product
        amplitudes = np.sqrt(powers).reshape(count, length, ways)
        return amplitudes, _correlations(shared, amplitudes)

    def _weighed(self, length: int, block: Block) -> tuple[int, Floats, list[Floats]]:
        """Of a block its first hop, each way's powers ``[hops, ways]``, and what they share.

        Those are mean products of every two ways, ``[ways, ways]``, one per segment from there on.
        """
        first, hops, points = block
        ways, arrived = len(self._ways), self._arrived(first, hops, points)
        by_channel = channel_powers(arrived.reshape(-1, hops, points))
        products = []
        for segment in range(first // length, -(-(first + hops) // length)):
            begin = segment * length - first
            inside = arrived[:, :, max(0, begin) : begin + length].reshape(ways, -1)
            products.append(inside @ inside.T / np.float32(points))
        return first, by_channel.reshape(ways, -1, hops).sum(axis=1).T, products

    def _blocks(self) -> Iterator[Block]:
        """All hops, as much of them at a time as is at hand.

        They take all instants where every source that sounds is kept whole.
        """
        for begin, hops in self._parts(0, self.hops, POINTS):
            points = self._hop if self._is_whole(begin, hops) else POINTS
            for first, count in self._parts(begin, hops, points):
                yield first, count, points

    def _parts(self, first: int, hops: int, points: int) -> Iterator[tuple[int, int]]:
        """Some hops in parts that are at hand at a time: the first of each and their number."""
        at_once = max(1, MOST_SAMPLES // (len(self._ways) * self._channels * points))
        for begin in range(first, first + hops, at_once):
            yield begin, min(at_once, first + hops - begin)

    def _is_whole(self, first: int, hops: int) -> bool:
        kept = ((one, self._kept(one, first, hops)) for one in self._sketches.values())
        heard = [one.samples.shape[2] for one, hops in kept if hops.start < hops.stop]
        return all(points == self._hop for points in heard)

    def _kept(self, sketch: Sketch, first: int, hops: int) -> slice:
        """Which hops of a sketch have a part in some hops of the sum: one more than these."""
        begin = self._first + first
        return slice(*np.searchsorted(sketch.hops, (begin, begin + hops + 1)))

    def _arrived(self, first: int, hops: int, points: int) -> Samples:
        """What arrives in some hops of the sum on every way, ``[ways, channels, hops, points]``."""
        shape = len(self._ways), self._channels
        arrived = np.zeros((*shape, hops + 1, points), np.float32)
        for source, rows in self._rows.items():
            kept = self._kept(self._sketches[source], first, hops)
            places = self._sketches[source].hops[kept] - (self._first + first)
            samples = self._sounding(source, kept, points)
            flat = samples.reshape(len(samples), -1)

            def ride(envelope: Envelope, places: NDArray[np.int32] = places) -> Floats:
                gains = self._rides.gains(envelope, self._first + first, hops + 1, points)
                return gains[places].ravel()

            for row in rows:
                way = self._ways[row].arrive(flat, ride)
                arrived[row][:, places] = way.reshape(self._channels, -1, points)
        late = round(self._late_frames * points / self._hop)
        return arrived.reshape(*shape, -1)[:, :, late : late + hops * points].reshape(
            *shape, hops, points
        )

    def _sounding(self, source: str, kept: slice, points: int) -> Samples:
        """A source's K-weighted samples in some of its hops, ``[channels, hops, points]``."""
        sketch = self._sketches[source]
        samples: Samples = sketch.samples[:, kept] * sketch.units[kept, None]
        if samples.shape[2] == points:
            return samples
        return scaled(at_points(samples, sketch.hops[kept]), channel_powers(samples))


def _correlations(shared: Floats, amplitudes: Floats) -> Floats:
    """Correlations of segments from what every two ways share in them.

    They are scaled to 1 of every way with itself and rounded to it, because what float32 makes of
    copies (some 1e-7 less) would be heard where loud ones cancel.
    """
    expected = amplitudes.swapaxes(1, 2) @ amplitudes
    itself = np.arange(shared.shape[1])
    scale = np.sqrt(_ratio(expected[:, itself, itself], shared[:, itself, itself]))
    correlations = _ratio(shared * scale[:, :, None] * scale[:, None], expected)
    correlations[:, itself, itself] = 1.0
    is_copy = np.abs(correlations) > 1.0 - ROUNDING
    return np.where(is_copy, np.sign(correlations), correlations)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Part by whole; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)
