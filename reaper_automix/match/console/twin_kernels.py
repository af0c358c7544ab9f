"""The loops of the console's twin, there and back: a strip, and what its settings are to it.

**Conventions**: float32 but for recursions and sums. A loop over a stretch of frames or bins has no
branch and writes only to arrays, so that it is compiled for many lanes at once; what is summed is
summed lane by lane. A *prototype* ``[6]`` is a band as three coefficients of its numerator and
three of its denominator; (p2, p1, p0) are p0·cos² - p2·sin² + j·p1·sin·cos where the *grid*
``[3, bins]`` has cos², sin² and sin·cos of half a bin's angle. *Dynamics* ``[7]``: threshold dB,
slope 1/ratio - 1, knee dB, the pole's 1 - a, the detector's gain for L+R, and the gains of left and
right.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled, fused, inner
from reaper_automix.match.console.kernels import FLOOR, NEPERS

Float32 = NDArray[np.float32]
Complex64 = NDArray[np.complex64]
Float64 = NDArray[np.float64]

STRETCH = 1024
DB_OF_OCTAVE = 20.0 * math.log10(2.0)
DB_OF_NEPER = 1.0 / NEPERS

THRESHOLD, SLOPE, KNEE, PACE, WEIGHT, LEFT, RIGHT = range(7)

ONE = 0x3F800000
"""The bits of 1.0 in float32."""
MANTISSA = 0x007FFFFF
BIAS = 127


def _polynomial(low: float, high: float, function: np.ufunc) -> tuple[np.float32, ...]:
    """Seven coefficients of a function between two places, highest power first."""
    fit = chebyshev.Chebyshev.interpolate(function, 6, domain=[low, high])
    return tuple(np.float32(one) for one in fit.convert(kind=np.polynomial.Polynomial).coef[::-1])


L6, L5, L4, L3, L2, L1, L0 = _polynomial(1.0, 2.0, np.log2)
E6, E5, E4, E3, E2, E1, E0 = _polynomial(0.0, 1.0, np.exp2)


@compiled
def respond(prototypes: Float32, grid: Float32, response: Complex64) -> None:
    """Fills the response ``[bins]`` of the bands of ``prototypes`` ``[bands, 6]``."""
    over, under = np.empty((2, STRETCH), np.float32), np.empty((2, STRETCH), np.float32)
    for start in range(0, grid.shape[1], STRETCH):
        points = grid[:, start : start + STRETCH]
        over[0], under[0] = 1.0, 1.0
        over[1], under[1] = 0.0, 0.0
        for band in range(prototypes.shape[0]):
            _times(prototypes[band, :3], points, over[0], over[1])
            _times(prototypes[band, 3:], points, under[0], under[1])
        _quotient(over, under, response[start : start + STRETCH])


@compiled
def correlate(spectrum: Complex64, slope: Complex64, total: Complex64) -> None:
    """Adds conj(spectrum)·slope, both sides of it, to ``total`` ``[bins]``."""
    for side in range(2):
        for place in range(total.shape[0]):
            total[place] += spectrum[side, place].conjugate() * slope[side, place]


@compiled
def prototype_slopes(
    prototypes: Float32, grid: Float32, response: Complex64, total: Complex64, slopes: Float64
) -> None:
    """Fills ``slopes`` ``[bands, 6]`` from ``total``, the slope of the response ``[bins]``.

    The response is a product: its change with one factor is itself divided by that factor.
    """
    weighed = np.empty((2, STRETCH), np.float32)
    lanes = np.zeros((prototypes.shape[0], 6, STRETCH), np.float32)
    for start in range(0, grid.shape[1], STRETCH):
        stop = start + STRETCH
        _weigh(total[start:stop], response[start:stop], weighed)
        for band in range(prototypes.shape[0]):
            over, under = prototypes[band, :3], prototypes[band, 3:]
            _divide(over, grid[:, start:stop], weighed, 1.0, lanes[band, :3])
            _divide(under, grid[:, start:stop], weighed, -1.0, lanes[band, 3:])
    for band in range(prototypes.shape[0]):
        for number in range(6):
            slopes[band, number] = np.sum(lanes[band, number].astype(np.float64))


@fused
def _times(polynomial: Float32, grid: Float32, real: Float32, imag: Float32) -> None:
    """Multiplies a polynomial on."""
    p2, p1, p0 = polynomial[0], polynomial[1], polynomial[2]
    cosines, sines, both = grid[0], grid[1], grid[2]
    for place in range(cosines.shape[0]):
        a, b = p0 * cosines[place] - p2 * sines[place], p1 * both[place]
        c, d = real[place], imag[place]
        real[place], imag[place] = a * c - b * d, a * d + b * c


@fused
def _quotient(over: Float32, under: Float32, response: Complex64) -> None:
    one = np.float32(1.0)
    a, b, c, d = over[0], over[1], under[0], under[1]
    for place in range(response.shape[0]):
        scale = one / (c[place] * c[place] + d[place] * d[place])
        real = (a[place] * c[place] + b[place] * d[place]) * scale
        response[place] = complex(real, (b[place] * c[place] - a[place] * d[place]) * scale)


@fused
def _weigh(total: Complex64, response: Complex64, weighed: Float32) -> None:
    """Multiplies the conjugate of the response's slope onto the response."""
    for place in range(total.shape[0]):
        product = total[place].conjugate() * response[place]
        weighed[0, place], weighed[1, place] = product.real, product.imag


@fused
def _divide(
    polynomial: Float32, grid: Float32, weighed: Float32, sign: float, lanes: Float32
) -> None:
    """Adds what a change of each coefficient is to the weighed response."""
    p2, p1, p0, up = polynomial[0], polynomial[1], polynomial[2], np.float32(sign)
    cosines, sines, both = grid[0], grid[1], grid[2]
    real, imag = weighed[0], weighed[1]
    squares, middles, constants = lanes[0], lanes[1], lanes[2]
    for place in range(cosines.shape[0]):
        a, b = p0 * cosines[place] - p2 * sines[place], p1 * both[place]
        scale = up / (a * a + b * b)
        u = (real[place] * a + imag[place] * b) * scale
        v = (imag[place] * a - real[place] * b) * scale
        squares[place] -= u * sines[place]
        middles[place] -= v * both[place]
        constants[place] += u * cosines[place]


@compiled
def compress(heard: Float32, dynamics: Float64, late: int, out: Float32, envelope: Float32) -> None:
    """Fills ``out`` ``[2, frames]`` and ``envelope`` ``[frames + late]``, the reduction in dB.

    The reduction of a frame is that which the detector has reached ``late`` frames later, as behind
    a delay that is taken out again; ``heard`` ``[2, ≥ frames + late]``.
    """
    settings = dynamics.astype(np.float32)
    levels, wanted = np.empty(STRETCH, np.float32), np.empty(STRETCH, np.float32)
    reached = 0.0
    for start in range(0, envelope.shape[0], STRETCH):
        stop = min(start + STRETCH, envelope.shape[0])
        _levels(heard[0, start:stop], heard[1, start:stop], settings[WEIGHT], levels)
        _bend(levels[: stop - start], settings, wanted)
        reached = _smooth(wanted, dynamics[PACE], reached, envelope[start:stop])
    for start in range(0, out.shape[1], STRETCH):
        stop = min(start + STRETCH, out.shape[1])
        _gains(envelope[start + late : stop + late], wanted)
        for side in range(2):
            gain = settings[LEFT + side]
            x, y = heard[side, start:stop], out[side, start:stop]
            for frame in range(stop - start):
                y[frame] = gain * wanted[frame] * x[frame]


@inner
def _smooth(wanted: Float32, pace: float, reached: float, envelope: Float32) -> float:
    for frame in range(envelope.shape[0]):
        reached += pace * (wanted[frame] - reached)
        envelope[frame] = reached
    return reached


@fused
def _levels(left: Float32, right: Float32, weight: np.float32, levels: Float32) -> None:
    """Fills the level of each frame in dB."""
    floor, db = np.float32(FLOOR), np.float32(DB_OF_OCTAVE)
    bits, parts = levels.view(np.int32), levels
    for frame in range(left.shape[0]):
        loud = abs(weight * (left[frame] + right[frame]))
        levels[frame] = loud if loud > floor else floor
    octaves = np.empty(STRETCH, np.float32)
    for frame in range(left.shape[0]):
        octaves[frame] = np.float32((bits[frame] >> 23) - BIAS)
        bits[frame] = (bits[frame] & MANTISSA) | ONE
    for frame in range(left.shape[0]):
        m = parts[frame]
        log = (((((L6 * m + L5) * m + L4) * m + L3) * m + L2) * m + L1) * m + L0
        levels[frame] = db * (octaves[frame] + log)


@fused
def _bend(levels: Float32, settings: Float32, wanted: Float32) -> None:
    """Fills the reduction in dB that the knee asks for at each level."""
    slope, knee = settings[SLOPE], settings[KNEE]
    half, none = np.float32(0.5), np.float32(0.0)
    foot = settings[THRESHOLD] - half * knee
    bend = half / knee
    for frame in range(levels.shape[0]):
        over = levels[frame] - foot
        bent = over if over > none else none
        bent = bent if bent < knee else knee
        past = over - knee
        past = past if past > none else none
        wanted[frame] = slope * (bend * bent * bent + past)


@fused
def _gains(envelope: Float32, gains: Float32) -> None:
    """Fills the linear gains of a reduction in dB."""
    octave = np.float32(1.0 / DB_OF_OCTAVE)
    bits = gains.view(np.int32)
    parts = np.empty(STRETCH, np.float32)
    for frame in range(envelope.shape[0]):
        up = envelope[frame] * octave
        whole = np.floor(up)
        parts[frame] = up - whole
        bits[frame] = (np.int32(whole) + BIAS) << 23
    for frame in range(envelope.shape[0]):
        m = parts[frame]
        power = (((((E6 * m + E5) * m + E4) * m + E3) * m + E2) * m + E1) * m + E0
        gains[frame] *= power


@compiled
def compress_back(
    heard: Float32,
    dynamics: Float64,
    late: int,
    envelope: Float32,
    outgoing: Float32,
    incoming: Float32,
    slopes: Float64,
) -> None:
    """The way back through :func:`compress`, from the slopes ``outgoing`` of what it gave.

    Fills ``incoming`` (like ``heard``) with those of what it heard and adds those of the dynamics
    to ``slopes`` ``[7]``.
    """
    settings = dynamics.astype(np.float32)
    incoming[:] = 0.0
    pulls = np.zeros(envelope.shape[0], np.float32)
    lanes = np.zeros((7, STRETCH), np.float32)
    _gains_back(heard, settings, envelope[late:], outgoing, incoming, pulls[late:], lanes)
    slopes[PACE] += _reduction_back(
        heard, settings, dynamics[PACE], envelope, incoming, pulls, lanes
    )
    for number in range(7):
        slopes[number] += np.sum(lanes[number].astype(np.float64))


@inner
def _gains_back(
    heard: Float32,
    settings: Float32,
    envelope: Float32,
    outgoing: Float32,
    incoming: Float32,
    pulls: Float32,
    lanes: Float32,
) -> None:
    """From what came out to what was heard directly, and to the reduction (``pulls``)."""
    gains = np.empty(STRETCH, np.float32)
    for start in range(0, outgoing.shape[1], STRETCH):
        stop = min(start + STRETCH, outgoing.shape[1])
        _gains(envelope[start:stop], gains)
        for side in range(2):
            _side_back(
                outgoing[side, start:stop],
                heard[side, start:stop],
                gains,
                settings[LEFT + side],
                incoming[side, start:stop],
                pulls[start:stop],
                lanes[LEFT + side],
            )


@inner
def _reduction_back(
    heard: Float32,
    settings: Float32,
    pace: float,
    envelope: Float32,
    incoming: Float32,
    pulls: Float32,
    lanes: Float32,
) -> float:
    """From the reduction to what was heard by the detector; the slope of the pace."""
    carried, change = 0.0, 0.0
    levels, wanted = np.empty(STRETCH, np.float32), np.empty(STRETCH, np.float32)
    for stop in range(envelope.shape[0], 0, -STRETCH):
        start = max(stop - STRETCH, 0)
        left, right, pull = heard[0, start:stop], heard[1, start:stop], pulls[start:stop]
        _levels(left, right, settings[WEIGHT], levels)
        _bend(levels[: stop - start], settings, wanted)
        before = np.float64(envelope[start - 1]) if start else 0.0
        carried, more = _smooth_back(wanted, pace, carried, before, envelope[start:stop], pull)
        change += more
        _bend_back(left, right, settings, levels, pull, incoming[:, start:stop], lanes)
    return change


@fused
def _side_back(
    outgoing: Float32,
    heard: Float32,
    gains: Float32,
    gain: np.float32,
    incoming: Float32,
    pulls: Float32,
    lane: Float32,
) -> None:
    """Slopes of what one side heard, of the reduction in nepers and of the side's gain."""
    for frame in range(heard.shape[0]):
        given = outgoing[frame] * gains[frame]
        incoming[frame] = gain * given
        pull = given * heard[frame]
        pulls[frame] += gain * pull
        lane[frame] += pull


@inner
def _smooth_back(
    wanted: Float32,
    pace: float,
    carried: float,
    before: float,
    envelope: Float32,
    pulls: Float32,
) -> tuple[float, float]:
    """Turns the slopes of the reduction into those of what was wanted; that of the pace."""
    change, kept = 0.0, 1.0 - pace
    for frame in range(envelope.shape[0] - 1, -1, -1):
        carried = NEPERS * pulls[frame] + kept * carried
        reached = envelope[frame - 1] if frame else before
        change += carried * (wanted[frame] - reached)
        pulls[frame] = pace * carried
    return carried, change


@fused
def _bend_back(
    left: Float32,
    right: Float32,
    settings: Float32,
    levels: Float32,
    pulls: Float32,
    incoming: Float32,
    lanes: Float32,
) -> None:
    """From the slopes of what was wanted to those of the curve, and of what was heard."""
    slope, knee, weight = settings[SLOPE], settings[KNEE], settings[WEIGHT]
    half, none, one = np.float32(0.5), np.float32(0.0), np.float32(1.0)
    foot, bend, per_knee = settings[THRESHOLD] - half * knee, half / knee, one / knee
    floor, neper = np.float32(FLOOR), np.float32(DB_OF_NEPER)
    per_weight = one / weight
    to_left, to_right = incoming[0], incoming[1]
    thresholds, ratios, knees, weights = lanes[0], lanes[1], lanes[2], lanes[4]
    for frame in range(left.shape[0]):
        over = levels[frame] - foot
        bent = over if over > none else none
        bent = bent if bent < knee else knee
        past = over - knee
        past = past if past > none else none
        part = bent * per_knee
        ratios[frame] += pulls[frame] * (bend * bent * bent + past)
        pull = pulls[frame] * slope * part
        knees[frame] += half * pull * (one - part)
        thresholds[frame] -= pull
        both = left[frame] + right[frame]
        audible = abs(weight * both) > floor
        back = neper * pull / (both if audible else one)
        back = back if audible else none
        weights[frame] += back * both * per_weight
        to_left[frame] += back
        to_right[frame] += back
