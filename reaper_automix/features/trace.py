"""How a source goes in time, kept so small that sums of sources follow from it without audio.

**Conventions**: time is cut into *hops* of 100 ms (:func:`.loudness.hop_frames`) of the session's
time line: hop ``h`` holds the frames from ``h · hop`` on, whatever a source's own first frame is,
so that hop ``h`` of every source is the same moment. What of a hop lies outside a source is
silence in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = 150
"""Instants of every hop that a sketch keeps."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Loudness and peaks of a source, hop by hop.

    ``powers`` ``[hops]`` is the K-weighted mean power of each hop, channels summed (BS.1770);
    ``peaks`` ``[channels, hops]`` the largest true peak in each, linear. Both float32.
    """

    first_hop: int
    powers: NDArray[np.float32]
    peaks: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The K-weighted samples of a source at :data:`POINTS` scattered instants of every hop.

    ``samples`` ``[channels, hops · POINTS]`` float16. The instants are the same for all sources of
    a session, so that what two sources have in common shows in their sketches; each hop is scaled
    to the power that the whole of it has.
    """

    first_hop: int
    samples: NDArray[np.float16]
