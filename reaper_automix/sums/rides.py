"""Volume envelopes hop by hop: their gains at the instants of sketches, and within what they stay.

**Conventions**: hops are those of the time line, see :mod:`reaper_automix.features.trace`.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from reaper_automix.features.loudness import hop_frames
from reaper_automix.render.envelopes import Curve
from reaper_automix.session import Envelope

_CELLS = 16
"""Parts of a hop in which an envelope's extent is looked up; longer than an interpolator's taps."""


class Rides:
    """The envelopes of a session, each prepared once."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._hop_s = hop_frames(sample_rate_hz) / sample_rate_hz
        self._curves: dict[int, tuple[Envelope, Curve]] = {}

    def gains(
        self, envelope: Envelope, first_hop: int, hops: int, points: int
    ) -> NDArray[np.float32]:
        """Gains ``[hops, points]`` in the middle of equal parts of each hop.

        The instants of a sketch lie half a part from there at most, that is 0.3 ms.
        """
        step_s = self._hop_s / points
        start_s = first_hop * self._hop_s + step_s / 2.0
        gains = self._curve(envelope).over(start_s, step_s, hops * points)
        return np.broadcast_to(np.float32(gains), hops * points).reshape(hops, points)

    def extent(
        self, envelope: Envelope, first_hop: int, hops: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The smallest and the largest gain in and next to every hop, each ``[hops]``.

        Envelopes are monotone between two of their points, so what they are there and at the edges
        of the cells is all that they can be; one cell more on either side is looked at.
        """
        cell_s = self._hop_s / _CELLS
        cells = (hops + 2) * _CELLS
        start_s = (first_hop - 1) * self._hop_s
        edges = np.zeros(cells + 1) + self._curve(envelope).over(start_s, cell_s, cells + 1)
        low, high = np.minimum(edges[:-1], edges[1:]), np.maximum(edges[:-1], edges[1:])
        for point in envelope.points:
            cell, gain = int((point.time_s - start_s) // cell_s), max(point.gain, 0.0)
            if 0 <= cell < cells:
                low[cell], high[cell] = min(low[cell], gain), max(high[cell], gain)
        return _near_hops(low).min(axis=1), _near_hops(high).max(axis=1)

    def _curve(self, envelope: Envelope) -> Curve:
        """By identity: to compare envelopes point by point takes longer than to follow one."""
        known = self._curves.get(id(envelope))
        if known is None:
            known = self._curves[id(envelope)] = envelope, Curve(envelope)
        return known[1]


def _near_hops(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cells of every hop but the first and the last, with one more on either side."""
    return sliding_window_view(cells[_CELLS - 1 :], _CELLS + 2)[::_CELLS]
