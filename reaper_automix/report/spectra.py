"""The picture of one track's sound: its spectrum, the pass band it was heard in, and its pitch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from reaper_automix.features import SPECTRUM_HZ, Band, Features
from reaper_automix.report import figures
from reaper_automix.results import MethodLevel

WIDTH, HEIGHT = 320, 148
LEFT, RIGHT, TOP, BOTTOM = 30, 6, 16, 18
"""Margins in the picture's own pixels, for the numbers of the axes."""

LOW_HZ, HIGH_HZ = 20.0, 20000.0
DECADES = ((100.0, "100"), (1000.0, "1 k"), (10000.0, "10 k Hz"))
LINES_HZ = (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)

PITCHED = frozenset({"auto", "p_lufs"})
"""Methods whose pass band rests on the pitch."""

SHOWN_DB = 60.0
STEP_DB = 20.0


def x(frequency_hz: float) -> float:
    """Pixels from the left, logarithmic, 20 Hz … 20 kHz; what lies outside stands at the edge.

    >>> x(20.0), x(20000.0)
    (30.0, 314.0)
    """
    octaves = math.log(max(frequency_hz, 1e-3) / LOW_HZ) / math.log(HIGH_HZ / LOW_HZ)
    return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(octaves, 0.0), 1.0), 1)


CURVE_X = tuple(map(x, SPECTRUM_HZ))
"""Where the bands of a spectrum stand."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Where levels lie in the picture: from ``top_db`` down by :data:`SHOWN_DB`."""

    top_db: float

    def y(self, level_db: float) -> float:
        """Pixels from the top.

        >>> Plane(-20.0).y(-20.0), Plane(-20.0).y(-200.0)
        (16.0, 130.0)
        """
        share = (self.top_db - level_db) / SHOWN_DB
        return round(TOP + (HEIGHT - TOP - BOTTOM) * min(max(share, 0.0), 1.0), 1)


def spectrum(heard: Features, said: MethodLevel) -> Markup:
    """Level over frequency, the pass band shaded, the pitch marked.

    A pitch that the band does not rest on is drawn as a doubt: measured, but not used.
    """
    band = said.band
    used = band is not None and said.method in PITCHED
    levels = [level for level in heard.spectrum_db if math.isfinite(level)]
    plane = Plane(STEP_DB / 2 * math.ceil((max(levels, default=0.0) + 2.0) / (STEP_DB / 2)))
    inside = "".join(
        (
            _shade(band),
            _lines(plane),
            _curve(plane, heard.spectrum_db),
            _pitch(heard.f0_hz, used=used),
        )
    )
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(_label(heard, band))}"'
    return Markup(f'<svg class="spectrum" {frame}>{inside}</svg>')


def _label(heard: Features, band: Band | None) -> str:
    pitch = f"pitch {figures.hertz(heard.f0_hz)} Hz" if heard.f0_hz else "no pitch"
    heard_in = f"pass band {figures.band(band)} Hz" if band else "heard over the full band"
    return f"Spectrum, 20 Hz to 20 kHz: {pitch}, {heard_in}"


def _shade(band: Band | None) -> str:
    if band is None:
        return ""
    left, right = x(band.low_hz or LOW_HZ), x(band.high_hz or HIGH_HZ)
    width, height = round(max(right - left, 1.0), 1), HEIGHT - TOP - BOTTOM
    return f'<rect class="band" x="{left}" y="{TOP}" width="{width}" height="{height}"/>'


@lru_cache(maxsize=32)
def _lines(plane: Plane) -> str:
    """The grid and its numbers; many tracks share one."""
    floor = HEIGHT - BOTTOM
    uprights = "".join(f"M{x(hertz)} {TOP}V{floor}" for hertz in LINES_HZ)
    levels = [plane.top_db - STEP_DB * count for count in range(round(SHOWN_DB / STEP_DB) + 1)]
    across = "".join(f"M{LEFT} {plane.y(level)}H{WIDTH - RIGHT}" for level in levels)
    numbers = [
        _text(LEFT - 4, plane.y(level) + 3.5, figures.level(level).removesuffix(".0"), "last")
        for level in levels[:-1]
    ]
    numbers.append(_text(LEFT - 4, plane.y(levels[-1]) + 3.5, "dB", "last"))
    names = [_text(x(hertz), HEIGHT - 4, name, "middle") for hertz, name in DECADES]
    return f'<path class="grid" d="{uprights}{across}"/>' + "".join(numbers + names)


def _curve(plane: Plane, spectrum_db: tuple[float, ...]) -> str:
    points = [
        f"{at} {plane.y(level)}"
        for at, level in zip(CURVE_X, spectrum_db, strict=False)
        if not math.isnan(level)
    ]
    if not points:
        return ""
    line = "M" + "L".join(points)
    area = f"{line}V{HEIGHT - BOTTOM}H{LEFT}z"
    return f'<path class="area" d="{area}"/><path class="curve" d="{line}"/>'


def _pitch(f0_hz: float | None, *, used: bool) -> str:
    if f0_hz is None:
        return ""
    at = x(f0_hz)
    text = f"f0 {figures.hertz(f0_hz)} Hz" + ("" if used else " (not used)")
    kind = "f0" if used else "doubtful"
    line = f'<line class="{kind}" x1="{at}" x2="{at}" y1="{TOP - 3}" y2="{HEIGHT - BOTTOM}"/>'
    lean = "last" if at > WIDTH * 0.6 else "first"
    return line + _text(at, TOP - 6, text, f"{kind} {lean}")


def _text(left: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{left}" y="{y}">{text}</text>'
