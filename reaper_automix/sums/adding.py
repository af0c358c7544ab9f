"""The inner loop of summing tracks, compiled by numba.

Imported only where something is played: what adds nothing up never pays for numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled

Float32 = NDArray[np.float32]


@compiled
def add_placed(left: Float32, right: Float32, gains: Float32, sums: Float32) -> None:
    """Add a stereo track, times ``gains`` ``[states, 2, 2]``, to the first two channels of sums.

    ``left`` and ``right`` may be shorter than ``sums`` ``[states, channels, frames]``. It is
    ``sums[:, :2] += gains @ [left, right]`` for all states while the track is still in the cache;
    one product of matrices over all tracks would first have to copy them beside each other.
    """
    for state in range(gains.shape[0]):
        for side in range(2):
            from_left, from_right = gains[state, side]
            total = sums[state, side]
            for frame in range(left.shape[0]):
                total[frame] += from_left * left[frame] + from_right * right[frame]
