"""What the true peaks of all that arrives at a node stay below, hop by hop.

An interpolator is linear: what it makes of a sum is at most the sum of what it makes of the parts,
and what comes out of a pan matrix at most the magnitudes of the matrix times the channels' peaks.
The instants of a hop are the same for all sources (:class:`.PeakEnvelope`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.trace import Trace
from reaper_automix.features.true_peak import INNER, OUTER
from reaper_automix.session import Session
from reaper_automix.strip import fit
from reaper_automix.sums.rides import Rides
from reaper_automix.sums.ways import Leg, Way

REACH = float(max(np.abs(INNER).sum(), np.abs(OUTER).sum()))
"""How many times the samples around it a true peak can be."""


def bounds(
    session: Session, ways: Sequence[Way], traces: Mapping[str, Trace]
) -> NDArray[np.float32]:
    """The bounds with all faders at one, ``[hops, channels, ways]``, linear.

    The hops are those of the time line; the first one is where the first waveform begins to move.
    """
    rides, heard = Rides(session.sample_rate_hz), [traces[way.source] for way in ways]
    first = min(trace.first_hop for trace in heard)
    last = max(trace.first_hop + trace.peaks.shape[1] for trace in heard)
    channels = ways[0].legs[0].matrix.shape[0]
    found = np.zeros((last - first, channels, len(ways)), np.float32)
    for row, (way, trace) in enumerate(zip(ways, heard, strict=True)):
        bound = sum(_of_leg(leg, trace, rides) for leg in way.legs)
        begin = trace.first_hop - first
        found[begin : begin + trace.peaks.shape[1], :, row] = np.transpose(bound)
    return found


def _of_leg(leg: Leg, trace: Trace, rides: Rides) -> NDArray[np.float64]:
    """Bounds ``[channels, hops]`` of what arrives on a leg.

    Under envelopes with gains e_k from ``low`` to ``high`` on the samples x_k, m the middle of the
    two and h_k the interpolator:

        |Σ h_k e_k x_k|  ≤  m |Σ h_k x_k| + (high - low) / 2 · Σ |h_k| · max |x_k|.
    """
    hops = trace.peaks.shape[1]
    peaks = fit(trace.peaks, leg.matrix.shape[1], hops)
    arrived = np.abs(leg.matrix).astype(np.float64) @ peaks
    low, high = np.ones((2, hops))
    for envelope in leg.envelopes:
        least, most = rides.extent(envelope, trace.first_hop, hops)
        low, high = low * least, high * most
    beside = np.pad(arrived, ((0, 0), (1, 1)))
    around = np.maximum(arrived, np.maximum(beside[:, :-2], beside[:, 2:]))
    bound: NDArray[np.float64] = (high + low) / 2.0 * arrived + (high - low) / 2.0 * REACH * around
    return bound
