"""What a pan control does to the two channels that leave a fader.

**Conventions**: a law is the gain at the centre (1 = 0 dB, 0.7079 = -3 dB); above 1 it is a law
with gain compensation: the centre stays at unity and the sides are raised to it (``D_PANLAW``).
Exact at the centre, hard left and hard right; REAPER does not document its tapers in between, so
there the law fades out linearly with the pan position.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reaper_automix.session import Session, Track

STEREO_PAN = 5
DUAL_PAN = 6


def position_gains(pan: float, law: float) -> tuple[float, float]:
    """Left and right gain at a pan position -1 … 1 under a pan law.

    >>> position_gains(0.0, 0.5), position_gains(-1.0, 0.5), position_gains(1.0, 2.0)
    ((0.5, 0.5), (1.0, 0.0), (0.0, 2.0))
    """
    centre, side = (law, 1.0) if law <= 1.0 else (1.0, law)
    gain = centre + (side - centre) * abs(pan)
    return min(1.0, 1.0 - pan) * gain, min(1.0, 1.0 + pan) * gain


def matrix(track: Track, session: Session) -> NDArray[np.float32]:
    """Gains ``[output, input]`` from the first two channels at a fader to left and right."""
    law = track.pan_law if track.pan_law >= 0.0 else session.pan_law
    mode = track.pan_mode if track.pan_mode >= 0 else session.pan_mode
    if mode == STEREO_PAN:
        reach = track.pan_width * (1.0 - abs(track.pan))
        return _two_positions(track.pan - reach, track.pan + reach, law)
    if mode == DUAL_PAN:
        return _two_positions(track.dual_pan_left, track.dual_pan_right, law)
    return balance_matrix(track.pan, law)


def balance_matrix(pan: float, law: float) -> NDArray[np.float32]:
    """Stereo balance, also what sends and the master do: each channel stays on its side."""
    return np.diag(position_gains(pan, law)).astype(np.float32)


def _two_positions(left: float, right: float, law: float) -> NDArray[np.float32]:
    """Each input channel placed at a position of its own."""
    columns = [position_gains(position, law) for position in (left, right)]
    return np.array(columns, dtype=np.float32).T
