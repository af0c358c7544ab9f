"""The inner loops of measuring loudness and peaks, compiled by numba.

Imported only inside the classes that need them: a run that measures nothing never pays for numba.

**Conventions**: samples float32, as :func:`readable` gives them; filter arithmetic and state
float64, because at 192 kHz a 38 Hz pole lies within 1e-3 of the unit circle. A block is cut into
*pieces*: ``ends`` ``[pieces]`` int64 ascending, the last one its length; what is found in a piece
is added to (or raised in) the column of that piece.

**Filters** are in the transposed direct form II. A sample waits there for two operations on the
state that the sample before it left (output = b0·in + p, then p = b1·in + q - a1·output), however
many more could be done meanwhile. So channels are weighted in pairs: two cost little more than one.
A channel without a partner is its own, which counts once.

**Bands** are measured in :data:`LANES` lanes of equal length, into which a span of sound is cut.
Filters are linear: what they make of a lane is what they make of it from rest, which all lanes do
at once, and what the state from which it starts rings out to. That is known for every state and
step beforehand (:func:`_rings`). From lane to lane the state goes on by itself: what it became over
a lane, and what the lane leaves from rest. That, and the few samples that do not fill the lanes, is
done in float64; lanes are float32, as filters of first order let no rounding build up. (K-weighting
in lanes costs as much as it does in pairs, since all of it has to be put back in order.)

**Silence** is passed over where the filter has come to rest. State below :data:`AT_REST` is set to
zero after every stretch of :data:`STRETCH` frames and after every span: filters that ring out into
denormal numbers become slow.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, fused, inner
from reaper_automix.features.true_peak import TAPS

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Complex64 = NDArray[np.complex64]
Int64 = NDArray[np.int64]
Pair: TypeAlias = tuple[float, float]
Row: TypeAlias = tuple[float, float, float, float, float]

STRETCH = 256
"""Frames that are looked at together."""

LANES = 64
LONGEST = 96
"""Samples of a lane at most: what lanes hold stays in the processor's first cache."""
SPAN = LANES * LONGEST

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
    weighted: Float32, filters: Float64, state: Float64, ends: Int64, energies: Float64
) -> None:
    """The energy inside several bands at once, all channels together; changes ``state``.

    Each band is one of ``filters`` ``[bands, 2, 3]``, two stages of first order; ``state``
    ``[bands, channels, 2]`` holds the delay of either; ``energies`` ``[bands, pieces]`` are added
    to.
    """
    rings, passages = _rings(filters)
    near, lanes = np.empty(SPAN, np.float32), np.empty((LONGEST, LANES), np.float32)
    inside, left = np.empty((LONGEST, LANES), np.float32), np.empty((2, LANES), np.float32)
    energy_of = np.empty(LANES, np.float32)
    for channel in range(weighted.shape[0]):
        first = 0
        for piece in range(ends.shape[0]):
            for start in range(first, ends[piece], SPAN):
                stop = min(start + SPAN, ends[piece])
                # Copied in order first: the next ones are fetched ahead then, those of lanes not.
                sound = near[: stop - start]
                sound[:] = weighted[channel, start:stop]
                if not (state[:, channel].any() or _largest(sound) > 0.0):
                    continue
                steps = sound.shape[0] // LANES
                _into_lanes(sound, lanes[:steps])
                for band in range(filters.shape[0]):
                    stages, delays = filters[band], state[band, channel]
                    _pass_lanes(lanes[:steps], stages, inside[:steps], left)
                    _hand_over(passages[band, steps], left, delays)
                    energy = _energy(inside[:steps], rings[band], left, energy_of)
                    for sample in sound[steps * LANES :]:
                        energy += _pass_one(float(sample), stages, delays) ** 2
                    energies[band, piece] += energy
                    _keep(delays, (delays[0], delays[1]))
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


@compiled
def lay_frames(
    before: Float32, block: Float32, starts: Int64, window: Float32, frames: Float32
) -> None:
    """Fill ``frames`` ``[frames, channels, length]`` with what begins in a block, times a window.

    ``starts`` count from the block ``[channels, samples]``; negative ones lie in what comes
    ``before`` it.
    """
    for number in range(starts.shape[0]):
        start = starts[number]
        early = max(0, -start)
        for channel in range(block.shape[0]):
            frame = frames[number, channel]
            _multiply(before[channel, before.shape[1] - early :], window, frame)
            sound = block[channel, start + early : start + window.shape[0]]
            _multiply(sound, window[early:], frame[early:])


@inner
def _multiply(some: Float32, others: Float32, products: Float32) -> None:
    """As many products as there are of ``some``."""
    for i in range(some.shape[0]):
        products[i] = some[i] * others[i]


@compiled
def power_spectra(spectra: Complex64, powers: Float32) -> None:
    """Fill ``powers`` ``[frames, bins]`` with those of ``[frames, channels, bins]``, summed."""
    for frame in range(spectra.shape[0]):
        _sum_powers(spectra[frame], powers[frame])


@fused
def _sum_powers(spectra: Complex64, powers: Float32) -> None:
    powers[:] = 0.0
    for channel in spectra:
        for bin_ in range(powers.shape[0]):
            real, imaginary = channel[bin_].real, channel[bin_].imag
            powers[bin_] += real * real + imaginary * imaginary


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
def _pass_one(sample: float, stages: Float64, delays: Float64) -> float:
    """One sample through a band: what comes out; changes the ``delays``."""
    between: float = stages[0, 0] * sample + delays[0]
    delays[0] = stages[0, 1] * sample - stages[0, 2] * between
    passed: float = stages[1, 0] * between + delays[1]
    delays[1] = stages[1, 1] * between - stages[1, 2] * passed
    return passed


@fused
def _pass_lanes(lanes: Float32, stages: Float64, inside: Float32, left: Float32) -> None:
    """Lanes through a band, each from rest; ``left`` ``[2, LANES]`` are the delays they leave."""
    b0, b1, a1 = np.float32(stages[0, 0]), np.float32(stages[0, 1]), np.float32(stages[0, 2])
    d0, d1, c1 = np.float32(stages[1, 0]), np.float32(stages[1, 1]), np.float32(stages[1, 2])
    left[:] = 0.0
    for step in range(lanes.shape[0]):
        for lane in range(LANES):
            sample = lanes[step, lane]
            between = b0 * sample + left[0, lane]
            left[0, lane] = b1 * sample - a1 * between
            passed = d0 * between + left[1, lane]
            left[1, lane] = d1 * between - c1 * passed
            inside[step, lane] = passed


@inner
def _rings(filters: Float64) -> tuple[Float32, Float64]:
    """What bands make of silence from either delay alone, and what becomes of the delays.

    ``[bands, LONGEST, 2]`` comes out; after so many steps the delays are ``[bands, LONGEST + 1, 2,
    2]`` times those at first.
    """
    bands = filters.shape[0]
    rings = np.empty((bands, LONGEST, 2), np.float32)
    passages = np.empty((bands, LONGEST + 1, 2, 2))
    for band in range(bands):
        for alone in range(2):
            delays = np.zeros(2)
            delays[alone] = 1.0
            passages[band, 0, :, alone] = delays
            for step in range(LONGEST):
                rings[band, step, alone] = _pass_one(0.0, filters[band], delays)
                passages[band, step + 1, :, alone] = delays
    return rings, passages


@inner
def _hand_over(passage: Float64, left: Float32, delays: Float64) -> None:
    """Make the delays from which each lane starts of those that lanes leave from rest.

    ``passage`` ``[2, 2]`` is what becomes of delays over a lane. Changes ``delays``, from which the
    first lane starts, to those that the last one leaves.
    """
    for lane in range(LANES):
        one, other = delays
        delays[0] = passage[0, 0] * one + passage[0, 1] * other + left[0, lane]
        delays[1] = passage[1, 0] * one + passage[1, 1] * other + left[1, lane]
        left[0, lane], left[1, lane] = one, other


@fused
def _energy(inside: Float32, rings: Float32, starts: Float32, energies: Float32) -> float:
    """The energy of lanes that ran from rest, with what the delays they start from ring out to."""
    energies[:] = 0.0
    for step in range(inside.shape[0]):
        one, other = rings[step, 0], rings[step, 1]
        for lane in range(LANES):
            passed = inside[step, lane] + one * starts[0, lane] + other * starts[1, lane]
            energies[lane] += passed * passed
    total = 0.0
    for energy in energies:
        total += energy
    return total


@inner
def _into_lanes(samples: Float32, lanes: Float32) -> None:
    steps = lanes.shape[0]
    for step in range(steps):
        for lane in range(LANES):
            lanes[step, lane] = samples[lane * steps + step]


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
