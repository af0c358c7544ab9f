"""Samples as files hold them, frame by frame, made into blocks, channel by channel.

Imported only by those who read samples, because numba takes a second to load.

**Conventions**: what comes in is ``[frames, channels]`` with any strides, what goes out a
contiguous ``[channels, frames]`` float32. One sweep per channel, in which only the reading
strides; the compiler makes vector code of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled


@compiled
def from_integers(
    samples: NDArray[Any], mask: np.integer[Any], scale: np.float32, block: NDArray[np.float32]
) -> None:
    """``block = (samples & mask) · scale``, rounded once, by the conversion to float32.

    ``scale`` is a power of two, so that multiplying by it is exact.
    """
    for channel in range(block.shape[0]):
        for frame in range(block.shape[1]):
            block[channel, frame] = np.float32(samples[frame, channel] & mask) * scale


@compiled
def from_floats(samples: NDArray[np.float32], block: NDArray[np.float32]) -> None:
    """``block = samples``, channel by channel."""
    for channel in range(block.shape[0]):
        for frame in range(block.shape[1]):
            block[channel, frame] = samples[frame, channel]
