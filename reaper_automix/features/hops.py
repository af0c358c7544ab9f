"""Cuts a stream into hops, and sums what is found in them.

**Conventions**: a hop is 100 ms (:func:`.loudness.hop_frames`). A stream has two grids of them, its
own, from its first frame on (the gating blocks of BS.1770 stand there), and that of the session's
time line, where all sources of a session meet. A *piece* is what lies between two cuts, of either
grid or of the blocks in which the stream comes; sums over pieces are sums over hops of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HopPowers:
    """Mean power of every whole hop of a stream, and frames and energy of what is left behind."""

    hop: int
    powers: Float64
    rest_frames: int
    rest_energy: float


def cuts(first: int, frames: int, hop: int) -> Int64:
    """The frames of a block, counted from its own first, at which a hop begins.

    ``first`` is the block's place on the grid, whose hops begin at multiples of ``hop``.

    >>> cuts(250, 200, 100).tolist()
    [50, 150]
    """
    return np.arange(-first % hop, frames, hop)


@lru_cache(maxsize=1024)
def pieces(grids: tuple[int, ...], frames: int, hop: int) -> Int64:
    """Where the pieces of a block begin, ascending from 0 on, read-only.

    ``grids`` are the block's places in a hop of each grid. Blocks of all tracks meet the same few
    places, and finding out anew takes as long as a filter does.

    >>> pieces((50, 80), 200, 100).tolist()
    [0, 20, 50, 120, 150]
    """
    starts = np.unique(np.concatenate([[0], *(cuts(first, frames, hop) for first in grids)]))
    starts.flags.writeable = False
    return starts


class Energies:
    """Energies of one or more kinds in a stream that comes in blocks of any size."""

    def __init__(self, kinds: int, hop: int, start_frame: int = 0) -> None:
        self._kinds = kinds
        self._hop = hop
        self._start_frame = start_frame
        self._frames = 0
        self._starts = [np.empty(0, np.int64)]
        self._energies = [np.empty((kinds, 0))]

    def cut(self, frames: int) -> tuple[Int64, Float64]:
        """Where the pieces of the next block end, and room for their energies, ``[kinds, pieces]``.

        The room is zero; what is put there by the time of the sums belongs to the block.
        """
        own, shared = self._frames % self._hop, (self._start_frame + self._frames) % self._hop
        starts = pieces((own, shared), frames, self._hop)
        energies = np.zeros((self._kinds, len(starts)))
        self._starts.append(starts + self._frames)
        self._energies.append(energies)
        self._frames += frames
        return np.append(starts[1:], frames), energies

    def own(self, kind: int) -> HopPowers:
        """What one kind has in the hops of the stream's own grid."""
        whole, rest = divmod(self._frames, self._hop)
        energies = self._per_hop(kind, 0, whole + 1)
        return HopPowers(self._hop, energies[:-1] / self._hop, rest, float(energies[-1]))

    def on_time_line(self, kind: int, first_hop: int, hops: int) -> Float64:
        """Mean power of one kind in some hops of the time line, which hold all of the stream."""
        return self._per_hop(kind, self._start_frame - first_hop * self._hop, hops) / self._hop

    def _per_hop(self, kind: int, offset: int, hops: int) -> Float64:
        numbers = (np.concatenate(self._starts) + offset) // self._hop
        energies = np.concatenate(self._energies, axis=1)[kind]
        per_hop: Float64 = np.bincount(numbers, energies, hops)[:hops].astype(np.float64)
        return per_hop
