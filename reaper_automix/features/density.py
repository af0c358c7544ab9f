"""Where a song is densest: the stretch in which most of its tracks sound.

It follows from the tracks alone, whatever their faders, gains and order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.loudness import (
    ABSOLUTE_GATE_POWER,
    RELATIVE_GATE_GAIN,
    hop_frames,
)
from reaper_automix.features.trace import Trace


def densest(traces: Sequence[Trace], sample_rate_hz: int, length_s: float) -> tuple[int, int]:
    """First frame and end of the stretch in which most tracks sound, the earliest of several.

    All of a song that is shorter. The stretch begins on a hop of 100 ms of the time line.
    """
    hop = hop_frames(sample_rate_hz)
    first, sounding = _sounding(traces)
    wanted = min(max(1, round(length_s * sample_rate_hz / hop)), len(sounding))
    totals = np.convolve(sounding, np.ones(wanted, np.int64), "valid")
    start = first + int(np.argmax(totals))
    return start * hop, (start + wanted) * hop


def extent(traces: Sequence[Trace], sample_rate_hz: int) -> tuple[int, int]:
    """First frame and end of all that some sources are, in whole hops."""
    hop = hop_frames(sample_rate_hz)
    first, end = _hops(traces)
    return first * hop, end * hop


def _hops(traces: Sequence[Trace]) -> tuple[int, int]:
    first = min(trace.first_hop for trace in traces)
    return first, max(trace.first_hop + len(trace.powers) for trace in traces)


def _sounding(traces: Sequence[Trace]) -> tuple[int, NDArray[np.int64]]:
    """The first hop in which anything lies, and how many tracks sound in each from there on."""
    first, end = _hops(traces)
    counts = np.zeros(end - first, np.int64)
    for trace in traces:
        start = trace.first_hop - first
        counts[start : start + len(trace.powers)] += _active(trace.powers)
    return first, counts


def _active(powers: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The hops of one track that pass the two gates of BS.1770, which its gain does not move."""
    heard = powers[powers >= ABSOLUTE_GATE_POWER]
    if not len(heard):
        return np.zeros(len(powers), np.bool_)
    floor = max(ABSOLUTE_GATE_POWER, float(heard.mean()) * RELATIVE_GATE_GAIN)
    active: NDArray[np.bool_] = powers >= floor
    return active
