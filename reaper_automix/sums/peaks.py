"""How high the sum of all that arrives at a node peaks, estimated from above, without audio.

**The bound.** An interpolator is linear: what it makes of a sum is at most the sum of what it makes
of the parts, and what comes out of a pan matrix at most the magnitudes of the matrix times the
channels' peaks. The instants of a hop are the same for all sources (:class:`.PeakEnvelope`). So in
every hop no sum peaks above B = Σ p_i, with p_i what each way peaks at. One source has just that,
but a hundred never peak in one instant, and B is some 9 dB too high.

**The tail.** Of a way i in a hop two things are known: it stays within ±p_i, and its mean square is
d_i·p_i². That d_i, its *duty*, is the part of the time that it would spend at its peak if it were
either there or silent. It is a waveform, as often above zero as below, and cosh is convex in the
square of what it is taken of; so on average over a hop

    exp(θ·x_i) = cosh(θ·x_i) ≤ M_i = 1 + d_i·(cosh(θ·p_i) - 1).

Sources that know nothing of each other multiply these (Chernoff): an instant of their sum passes t
in no more than exp(Σ ln M_i - θ·t) of all cases, for any θ. Of N instants less than one is expected
to do so from

    t = (L + Σ ln M_i) / θ,    L = ln(N)

on. (The sum may pass it up or down, which is twice as often; but such a bound overstates the tail
by θ·σ·√(2π), which is ten times.) Many small sources are Gaussian, whatever each of them is: there
ln M_i = θ²·d_i·p_i²/2, and the lowest t = σ·√(2·L), with σ² = Σ d_i·p_i², comes of θ = √(2·L) / σ.
This θ is taken always, as t holds for any; the best one for each hop gives 0.2 dB less. Few
sources, or one far above the others, come out near B, and the lower of the two counts.

**What sources have in common** raises their sum: copies add up to their number, not to its root.
The cross powers (:mod:`.cross`) tell by how much the power of a sum lies above that of unrelated
sources, and the tail is wider by the root of that.

All of it follows a gain common to all ways exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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

INSTANTS = 4800
"""Independent instants of a hop: those of 24 kHz, above which nothing peaks."""

UNLIKELY = math.log(INSTANTS)
"""L above."""

ROUNDING = 1e-5
"""How far sums of hundreds of float32 may be off, relative to the largest."""

STEEP = 30.0
"""From here on ln cosh x is x - ln 2 in float32, and cosh x is soon beyond it."""

ROWS = 512
"""Hops and channels that are estimated at a time."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Peaks:
    """What arrives on every way with all faders at one, hop by hop.

    ``bounds`` are the true peaks that it stays below, ``[hops, channels, ways]``, linear;
    ``duties`` ``[hops, ways]`` its mean square by its squared peak, 0 … 1. The hops are those of
    the time line; the first one is where the first waveform begins to move.
    """

    bounds: Floats
    duties: Floats

    @property
    def nbytes(self) -> int:
        """The room that it takes."""
        return self.bounds.nbytes + self.duties.nbytes

    def estimate(self, gains: Floats, coherence: Floats) -> float:
        """The true peak of the sum under the gains of its ways, from above, linear.

        ``coherence`` ``[hops]`` is the root of the sum's power by that of unrelated sources.
        """
        hops, channels, ways = self.bounds.shape
        gains, bounds = np.abs(gains), self.bounds.reshape(hops * channels, ways)
        highest = (bounds @ gains) * np.float32(1.0 + ROUNDING)
        found, order = 0.0, np.argsort(-highest)
        for begin in range(0, len(order), ROWS):
            rows = order[begin : begin + ROWS]
            if highest[rows[0]] <= found:
                break
            when = rows // channels
            tails = _tails(bounds[rows] * gains, self.duties[when]) * coherence[when]
            found = max(found, float(np.minimum(highest[rows], tails).max()))
        return found


def _tails(peaks: Floats, duties: Floats) -> Floats:
    """What unrelated sources ``[rows, ways]`` are not expected to pass in a hop, by row."""
    spread = np.sqrt(np.einsum("rw,rw,rw->r", peaks, peaks, duties))
    steepness = np.divide(
        math.sqrt(2.0 * UNLIKELY), spread, out=np.zeros_like(spread), where=spread > 0.0
    )
    at_peak = peaks * steepness[:, None]
    bent = np.exp(np.minimum(at_peak, STEEP))
    moments = np.log(1.0 + duties / 2.0 * (bent + 1.0 / bent - 2.0))
    moments += np.maximum(at_peak - STEEP, 0.0)
    tails: Floats = (UNLIKELY + moments.sum(axis=1)) * spread / math.sqrt(2.0 * UNLIKELY)
    return tails


def arriving(session: Session, ways: Sequence[Way], traces: Mapping[str, Trace]) -> Peaks:
    """The peaks of what arrives on some ways, by the traces of their sources."""
    rides, heard = Rides(session.sample_rate_hz), [traces[way.source] for way in ways]
    first = min(trace.first_hop for trace in heard)
    last = max(trace.first_hop + trace.peaks.shape[1] for trace in heard)
    channels = ways[0].legs[0].matrix.shape[0]
    bounds = np.zeros((last - first, channels, len(ways)), np.float32)
    duties = np.zeros((last - first, len(ways)), np.float32)
    for row, (way, trace) in enumerate(zip(ways, heard, strict=True)):
        there = slice(trace.first_hop - first, trace.first_hop - first + trace.peaks.shape[1])
        bounds[there, :, row] = np.transpose(sum(_of_leg(leg, trace, rides) for leg in way.legs))
        duties[there, row] = _duties(trace)
    return Peaks(bounds, duties)


def _duties(trace: Trace) -> Floats:
    """Mean square by squared peak of a source in every hop; it is at its peak once at least."""
    squares = np.square(trace.peaks).sum(axis=0)
    duties = np.divide(trace.plain_powers, squares, out=np.zeros_like(squares), where=squares > 0.0)
    clipped: Floats = np.clip(duties, np.float32(1.0 / INSTANTS), np.float32(1.0))
    return clipped


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
