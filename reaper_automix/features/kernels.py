"""The inner loops of measuring loudness and peaks, compiled by numba.

Imported only inside the classes that need them: a run that measures nothing never pays for numba.

**Conventions**: samples float32, as :func:`readable` gives them; filter arithmetic and state
float64, because at 192 kHz a 38 Hz pole lies within 1e-3 of the unit circle. A block is cut into
*pieces*: ``ends`` ``[pieces]`` int64 ascending, the last one its length; what is found in a piece
is added to (or raised in) the column of that piece.

**Filters** are in the transposed direct form II. A sample waits there for two operations on the
state that the sample before it left (output = b0·in + p, then p = b1·in + q - a1·output), however
many more could be done meanwhile. So lanes go in lockstep, and two cost little more than one:
channels are taken in pairs, and so are the bands that are measured, which makes four lanes. A
channel or a band without a partner is its own, which counts once.

**Silence** is passed over where the filter has come to rest. State below :data:`AT_REST` is set to
zero after every :data:`STRETCH` frames: filters that ring out into denormal numbers become slow.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, fused, inner
from reaper_automix.features.true_peak import TAPS

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Pair: TypeAlias = tuple[float, float]
Row: TypeAlias = tuple[float, float, float, float, float]

STRETCH = 256
"""Frames that are looked at together."""

AT_REST = 1e-20

HALF, LAST = TAPS // 2, TAPS - 1
"""Half the taps of a branch of the interpolator, and the last of them."""

MAGNITUDE = np.int32(0x7FFFFFFF)
"""The bits of a float32 but for its sign. As integers they are ordered like the magnitudes, and
only of the largest integer does numba make a loop over many lanes."""


def readable(samples: NDArray[np.floating]) -> Float32:
    """The samples as loops take them, float32, contiguous and read-only.

    They are only copied if they are not float32 or not contiguous. numba compiles a loop once more
    for arrays that can be written to.
    """
    view = np.ascontiguousarray(samples, np.float32).view()
    view.flags.writeable = False
    return view


@compiled
def weigh(
    samples: Float32,
    sections: Float64,
    state: Float64,
    ends: Int64,
    weighted: Float32,
    energies: Float64,
) -> None:
    """Two second-order sections in one sweep; changes ``state`` and fills ``weighted``.

    ``samples`` and ``weighted`` ``[channels, frames]``; ``sections`` ``[2, 5]`` holds b0 b1 b2 a1
    a2 (a0 = 1), ``state`` ``[channels, 2, 2]`` the delays. To ``energies`` ``[2, pieces]`` the
    energy of the samples and that of the weighted ones are added, all channels together.
    """
    for left in range(0, samples.shape[0], 2):
        right = min(left + 1, samples.shape[0] - 1)
        partner = 1.0 if right > left else 0.0
        first = 0
        for piece in range(ends.shape[0]):
            for start in range(first, ends[piece], STRETCH):
                stop = min(start + STRETCH, ends[piece])
                a, b = samples[left, start:stop], samples[right, start:stop]
                c, d = weighted[left, start:stop], weighted[right, start:stop]
                if _rests(state[left], state[right], a, b):
                    c[:] = 0.0
                    d[:] = 0.0
                    continue
                raw, heard = _weigh_pair(a, b, sections, state[left], state[right], c, d)
                energies[0, piece] += raw[0] + partner * raw[1]
                energies[1, piece] += heard[0] + partner * heard[1]
            first = ends[piece]


@compiled
def measure_bands(
    weighted: Float32, sections: Float64, state: Float64, ends: Int64, energies: Float64
) -> None:
    """The energy inside several bands at once, all channels together; changes ``state``.

    Each band is one of ``sections`` ``[bands, 5]``; ``state`` ``[bands, channels, 2]``;
    ``energies`` ``[bands, pieces]`` are added to.
    """
    for left in range(0, weighted.shape[0], 2):
        right = min(left + 1, weighted.shape[0] - 1)
        partner = 1.0 if right > left else 0.0
        first = 0
        for piece in range(ends.shape[0]):
            for start in range(first, ends[piece], STRETCH):
                stop = min(start + STRETCH, ends[piece])
                a, b = weighted[left, start:stop], weighted[right, start:stop]
                for band in range(0, sections.shape[0], 2):
                    other = min(band + 1, sections.shape[0] - 1)
                    p, q = state[band, left], state[band, right]
                    r, s = state[other, left], state[other, right]
                    if _rests(p, q, a, b) and _rests(r, s, a, b):
                        continue
                    passed, heard = _pass_pairs(a, b, sections[band], sections[other], p, q, r, s)
                    energies[band, piece] += passed[0] + partner * passed[1]
                    if other > band:
                        energies[other, piece] += heard[0] + partner * heard[1]
            first = ends[piece]


@compiled
def raise_peaks(
    samples: Float32, even: Float32, odd: Float32, reach: float, ends: Int64, peaks: Float32
) -> float:
    """Raises ``peaks`` ``[channels, pieces]`` to the largest magnitudes at and between samples.

    Returns the largest magnitude of a sample.

    ``samples`` ``[channels, frames + taps - 1]``: instant t lies at, or behind, sample t + taps/2
    - 1. The branches of the interpolator come in pairs, one the mirror of the other: h[k] and
    h[taps-1-k]. With their even and their odd half, ``even`` and ``odd`` ``[pairs, taps/2]``,

        e = Σ even[k]·(x[k] + x[taps-1-k]),  o = Σ odd[k]·(x[k] - x[taps-1-k]),  k < taps/2,

    they make e + o and e - o, and the larger magnitude of the two is |e| + |o|. No branch makes
    more than ``reach`` times the largest magnitude among its samples, so that stretches which
    cannot beat the peak known so far are passed over.
    """
    between = np.empty(STRETCH, np.float32)
    largest = 0.0
    for channel in range(samples.shape[0]):
        first = 0
        for piece in range(ends.shape[0]):
            known = peaks[channel, piece]
            for start in range(first, ends[piece], STRETCH):
                stop = min(start + STRETCH, ends[piece])
                reached = samples[channel, start : stop + LAST]
                ceiling = float(_largest(reached))
                largest = max(largest, ceiling)
                if ceiling * reach > known:
                    found = _largest_between(reached, even, odd, between[: stop - start])
                    known = max(known, found)
            peaks[channel, piece] = known
            first = ends[piece]
    return largest


@fused
def _weigh_pair(
    a: Float32,
    b: Float32,
    sections: Float64,
    a_state: Float64,
    b_state: Float64,
    a_weighted: Float32,
    b_weighted: Float32,
) -> tuple[Pair, Pair]:
    """Two channels through two sections: the energies of both, before and behind."""
    shelf, high_pass = _row(sections[0]), _row(sections[1])
    a_shelf, a_high_pass = _delays(a_state[0]), _delays(a_state[1])
    b_shelf, b_high_pass = _delays(b_state[0]), _delays(b_state[1])
    a_raw = b_raw = a_heard = b_heard = 0.0
    for frame in range(a.shape[0]):
        x: float = np.float64(a[frame])
        y: float = np.float64(b[frame])
        a_raw += x * x
        b_raw += y * y
        x, a_shelf = _step(x, shelf, a_shelf)
        y, b_shelf = _step(y, shelf, b_shelf)
        x, a_high_pass = _step(x, high_pass, a_high_pass)
        y, b_high_pass = _step(y, high_pass, b_high_pass)
        a_weighted[frame], b_weighted[frame] = x, y
        a_heard += x * x
        b_heard += y * y
    _keep(a_state[0], a_shelf)
    _keep(a_state[1], a_high_pass)
    _keep(b_state[0], b_shelf)
    _keep(b_state[1], b_high_pass)
    return (a_raw, b_raw), (a_heard, b_heard)


@fused
def _pass_pairs(
    a: Float32,
    b: Float32,
    band: Float64,
    other: Float64,
    a_state: Float64,
    b_state: Float64,
    a_other_state: Float64,
    b_other_state: Float64,
) -> tuple[Pair, Pair]:
    """Two channels through each of two sections: the energies of both behind either."""
    one, two = _row(band), _row(other)
    a_one, b_one = _delays(a_state), _delays(b_state)
    a_two, b_two = _delays(a_other_state), _delays(b_other_state)
    a_passed = b_passed = a_heard = b_heard = 0.0
    for frame in range(a.shape[0]):
        x: float = np.float64(a[frame])
        y: float = np.float64(b[frame])
        v, a_one = _step(x, one, a_one)
        w, b_one = _step(y, one, b_one)
        a_passed += v * v
        b_passed += w * w
        v, a_two = _step(x, two, a_two)
        w, b_two = _step(y, two, b_two)
        a_heard += v * v
        b_heard += w * w
    _keep(a_state, a_one)
    _keep(b_state, b_one)
    _keep(a_other_state, a_two)
    _keep(b_other_state, b_two)
    return (a_passed, b_passed), (a_heard, b_heard)


@fused
def _step(x: float, section: Row, delays: Pair) -> tuple[float, Pair]:
    """One sample through one section: what comes out, and the delays it leaves."""
    b0, b1, b2, a1, a2 = section
    p, q = delays
    y = b0 * x + p
    return y, (b1 * x + q - a1 * y, b2 * x - a2 * y)


@inner
def _row(section: Float64) -> Row:
    return section[0], section[1], section[2], section[3], section[4]


@inner
def _delays(state: Float64) -> Pair:
    return state[0], state[1]


@inner
def _keep(state: Float64, delays: Pair) -> None:
    for index in range(2):
        state[index] = delays[index] if abs(delays[index]) >= AT_REST else 0.0


@inner
def _rests(a_state: Float64, b_state: Float64, a: Float32, b: Float32) -> bool:
    """Whether two channels have rung out and stay silent; the state tells at once if not."""
    return not (a_state.any() or b_state.any() or _largest(a) > 0.0 or _largest(b) > 0.0)


@inner
def _largest(samples: Float32) -> np.float32:
    bits = samples.view(np.int32)
    largest = np.int32(0)
    for frame in range(bits.shape[0]):
        magnitude = np.int32(bits[frame] & MAGNITUDE)
        largest = magnitude if magnitude > largest else largest
    return np.int32(largest).view(np.float32)


@fused
def _largest_between(samples: Float32, even: Float32, odd: Float32, between: Float32) -> np.float32:
    """The largest magnitude at and behind the frames; ``between`` has room for one of each."""
    for frame in range(between.shape[0]):
        between[frame] = abs(samples[frame + HALF - 1])
    for pair in range(even.shape[0]):
        _raise_between(samples, even[pair], odd[pair], between)
    return _largest(between)


@fused
def _raise_between(samples: Float32, even: Float32, odd: Float32, between: Float32) -> None:
    for frame in range(between.shape[0]):
        e = o = np.float32(0.0)
        for tap in range(HALF):
            x, y = samples[frame + tap], samples[frame + LAST - tap]
            e += even[tap] * (x + y)
            o += odd[tap] * (x - y)
        largest = abs(e) + abs(o)
        between[frame] = largest if largest > between[frame] else between[frame]
