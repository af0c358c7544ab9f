"""Volume envelopes: which of them sound at the fader's input, and their gain at any time.

Source of the point shapes: SWS ``BR_EnvelopeUtil`` (facts section 5), which has cubic powers,
smoothstep and a Bézier through cardinal control points. Fader-scaled envelopes move along the
fader's law (facts section 4), others along amplitude.

**Conventions**: gain is linear amplitude; times are the envelope's own seconds (the project's for
track envelopes, the source's since the item's start for take envelopes).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reaper_automix.session import Envelope, Session, Track

Values = NDArray[np.floating[Any]]

TRIM_READ: Final = "trim/read"
NO_OVERRIDE = -1
BYPASS_ALL = 6

BEZIER = 5
_BEZIER_REACH = 0.25
_BEZIER_STEPS = np.linspace(0.0, 1.0, 1025)
_FADER_TOP = 10.0**0.6 / 2.0


def fader_envelope(session: Session, track: Track) -> Envelope | None:
    """The volume envelope that takes the fader's place, so that the fader itself means nothing.

    That is so in read, touch, latch and write. A global override counts as driving whatever it
    overrides to, because nobody knows what the fader means once it ends.
    """
    return None if _trims(session, track) else track.volume


def input_envelopes(session: Session, track: Track) -> tuple[Envelope, ...]:
    """The volume envelopes heard at the fader's input, in the order of the signal.

    The pre-FX envelope always, unless all automation is bypassed; post-FX and trim envelopes where
    the fader still trims on top of them: in trim/read without a global override.
    """
    pre_fx = None if session.global_automation == BYPASS_ALL else track.pre_fx_volume
    after_fx = (track.volume, track.trim_volume) if _trims(session, track) else ()
    return tuple(envelope for envelope in (pre_fx, *after_fx) if envelope is not None)


def envelope_gains(
    envelope: Envelope, first: int, frames: int, sample_rate_hz: int
) -> NDArray[np.float32]:
    """Gains of a track envelope from frame ``first`` of the time line on; one if it rests."""
    gains = Curve(envelope).over(first / sample_rate_hz, 1.0 / sample_rate_hz, frames)
    return np.atleast_1d(np.asarray(gains, np.float32))


def _trims(session: Session, track: Track) -> bool:
    return session.global_automation == NO_OVERRIDE and track.automation == TRIM_READ


class Curve:
    """An envelope as a function of time: constant before its first and after its last point."""

    def __init__(self, envelope: Envelope) -> None:
        points = sorted(envelope.points, key=lambda point: point.time_s)
        gains = np.array([max(point.gain, 0.0) for point in points])
        self._times = np.array([point.time_s for point in points])
        self._values = fader_position(gains) if envelope.fader_scaled else gains
        self._shapes = [point.shape for point in points]
        self._tensions = [point.tension for point in points]
        self._to_gain = fader_gain if envelope.fader_scaled else _same

    def over(self, start_s: float, step_s: float, frames: int) -> Values | float:
        """Gain at ``frames`` times from ``start_s`` on; one number where it does not move."""
        if not len(self._times):
            return 1.0
        first = int(np.searchsorted(self._times, start_s, side="right"))
        last = int(np.searchsorted(self._times, start_s + step_s * (frames - 1), side="right"))
        if self._rests(first, last):
            return float(self._to_gain(self._values[max(first - 1, 0)]))
        times = start_s + step_s * np.arange(frames)
        edges = np.searchsorted(times, self._times[first:last], side="left")
        bounds = [0, *edges.tolist(), frames]
        values = np.empty(frames)
        for index, (begin, end) in enumerate(pairwise(bounds), first):
            values[begin:end] = self._segment(index, times[begin:end])
        return self._to_gain(values)

    def _rests(self, first: int, last: int) -> bool:
        """Whether all values that play a part between two points in time are one."""
        before = max(first - 1, 0)
        values = self._values[before : last + 1]
        return bool((values == values[0]).all()) and BEZIER not in self._shapes[before:last]

    def _segment(self, index: int, times: Values) -> Values | float:
        """Values at times that lie between the points ``index - 1`` and ``index``."""
        if index == 0 or index == len(self._times):
            return float(self._values[max(index - 1, 0)])
        shape = self._shapes[index - 1]
        if shape == BEZIER:
            return self._bezier(index, times)
        begin, end = self._times[index - 1 : index + 1]
        low, high = self._values[index - 1 : index + 1]
        rise: Values = low + (high - low) * SHAPES.get(shape, _same)(
            (times - begin) / (end - begin)
        )
        return rise

    def _bezier(self, index: int, times: Values) -> Values:
        """Cubic Bézier between two points; its control points lean along their neighbours."""
        t0, t1, t2, t3 = (self._times[self._clipped(index + step)] for step in (-2, -1, 0, 1))
        v0, v1, v2, v3 = (self._values[self._clipped(index + step)] for step in (-2, -1, 0, 1))
        reach = _BEZIER_REACH * (t2 - t1)
        tension = self._tensions[index - 1]
        x1, x2 = t1 + reach, t2 - reach
        y1, y2 = v1 + _slope(t0, t2, v0, v2) * reach, v2 - _slope(t1, t3, v1, v3) * reach
        x1, x2 = (x + tension * ((t2 - x) if tension > 0.0 else (x - t1)) for x in (x1, x2))
        y1, y2 = (y - tension * ((y - v1) if tension > 0.0 else (v2 - y)) for y in (y1, y2))
        x = _cubic(t1, np.clip(x1, t1, t2), np.clip(x2, t1, t2), t2)
        return np.interp(times, x, np.maximum(_cubic(v1, y1, y2, v2), 0.0))

    def _clipped(self, index: int) -> int:
        return min(max(index, 0), len(self._times) - 1)


def fader_position(gain: Values) -> Values:
    """Fader position of a gain, 0 … 1 (1 is +12 dB); inverse of :func:`fader_gain`."""
    position: Values = np.cbrt((np.sqrt(1.0 + 4.0 * gain / _FADER_TOP) - 1.0) / 2.0)
    return position


def fader_gain(position: Values) -> Values:
    """Gain of a fader position: ``10^0.6 / 2 · (x³ + x⁶)`` (facts section 4)."""
    cube = position**3
    return _FADER_TOP * (cube + cube**2)


def _same(values: Values) -> Values:
    return values


def _slope(t_before: float, t_after: float, before: float, after: float) -> float:
    return 0.0 if t_before == t_after else (after - before) / (t_after - t_before)


def _cubic(p0: float, p1: float, p2: float, p3: float) -> Values:
    """Cubic Bézier of four control values at :data:`_BEZIER_STEPS`."""
    t, s = _BEZIER_STEPS, 1.0 - _BEZIER_STEPS
    return p0 * s**3 + 3.0 * p1 * s**2 * t + 3.0 * p2 * s * t**2 + p3 * t**3


SHAPES: dict[int, Callable[[Values], Values]] = {
    0: _same,
    1: np.zeros_like,
    2: lambda x: x**2 * (3.0 - 2.0 * x),
    3: lambda x: 1.0 - (1.0 - x) ** 3,
    4: lambda x: x**3,
}
"""Rise from one point to the next by the shape of the first, except :data:`BEZIER`."""
