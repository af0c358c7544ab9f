"""The pictures of a match as inline SVG: spectra, figures on their way, equalisers.

As in :mod:`.charts`, parts are plain text made of numbers and of words of ours; labels are escaped,
and colours stand in the page's style by class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from reaper_automix.match.console.filters import sections
from reaper_automix.match.console.strips import Strip
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.report import figures
from reaper_automix.report.charts import Axis, journey, scale

LOW_HZ, HIGH_HZ = 20.0, 20_000.0
NAMED_HZ = (
    (31.5, "31"), (63.0, "63"), (125.0, "125"), (250.0, "250"), (500.0, "500"),
    (1000.0, "1 k"), (2000.0, "2 k"), (4000.0, "4 k"), (8000.0, "8 k"), (16000.0, "16 k Hz"),
)  # fmt: skip
"""Octaves that carry a line and a number."""

THIRDS_HZ = tuple(10.0 ** (number / 10.0) for number in range(13, 44))
"""Middles of the third octaves (IEC 61260-1, base ten)."""

SHOWN_DB = 50.0
MOST_GAP_DB = 12.0
REACHES_DB = (3.0, 6.0, 12.0, 24.0)
CURVE_HZ = np.geomspace(LOW_HZ, HIGH_HZ, 97)


@dataclass(frozen=True, slots=True)
class Plane:
    """A picture of levels over frequency, in its own pixels."""

    width: int
    height: int
    low_db: float
    high_db: float
    left: int = 34
    right: int = 8
    top: int = 10
    bottom: int = 20

    def x(self, frequency_hz: float) -> float:
        """Pixels from the left, logarithmic; what lies outside stands at the edge."""
        octaves = math.log(frequency_hz / LOW_HZ) / math.log(HIGH_HZ / LOW_HZ)
        return round(self.left + (self.width - self.left - self.right) * min(max(octaves, 0), 1), 1)

    def y(self, level_db: float) -> float:
        """Pixels from the top; what lies outside stands at the edge."""
        share = (self.high_db - level_db) / (self.high_db - self.low_db)
        return round(self.top + (self.height - self.top - self.bottom) * min(max(share, 0), 1), 1)

    def line(self, frequencies_hz: Iterable[float], levels_db: Iterable[float], kind: str) -> str:
        """A curve."""
        points = zip(frequencies_hz, levels_db, strict=True)
        path = "L".join(f"{self.x(hertz)} {self.y(level)}" for hertz, level in points)
        return f'<path class="curve {kind}" d="M{path}"/>'

    def grid(self, levels_db: Sequence[float], named: Sequence[tuple[float, str]]) -> str:
        """Lines at these levels and frequencies, with their numbers."""
        floor = self.height - self.bottom
        uprights = "".join(f"M{self.x(hertz)} {self.top}V{floor}" for hertz, _ in named)
        across = "".join(
            f"M{self.left} {self.y(one)}H{self.width - self.right}" for one in levels_db
        )
        numbers = [
            _text(self.left - 5, self.y(one) + 3.5, figures.level(one).removesuffix(".0"), "last")
            for one in levels_db
        ]
        names = [_text(self.x(hertz), self.height - 5, name, "middle") for hertz, name in named]
        return f'<path class="grid" d="{uprights}{across}"/>' + "".join(numbers + names)

    def svg(self, parts: Iterable[str], kind: str, label: str) -> Markup:
        """The whole picture."""
        frame = f'viewBox="0 0 {self.width} {self.height}" role="img"'
        inside = "".join(parts)
        return Markup(f'<svg class="{kind}" {frame} aria-label="{escape(label)}">{inside}</svg>')


def spectra(before: Sequence[float], after: Sequence[float], aim: Sequence[float]) -> Markup:
    """Third-octave spectra of the mix before and after, and of the reference, equally loud."""
    top = 10.0 * math.ceil((max(*before, *after, *aim) + 1.0) / 10.0)
    plane = Plane(880, 300, top - SHOWN_DB, top)
    levels = [top - 10.0 * step for step in range(int(SHOWN_DB / 10.0) + 1)]
    rows = ((before, "before"), (aim, "aim"), (after, "after"))
    curves = (plane.line(THIRDS_HZ, row, kind) for row, kind in rows)
    label = "Third-octave spectra, 20 Hz to 20 kHz, of the mix before and after and the reference"
    return plane.svg((plane.grid(levels, NAMED_HZ), *curves), "spectra", label)


def gaps(before: Sequence[float], after: Sequence[float], aim: Sequence[float]) -> Markup:
    """By how much both spectra are above or below the reference, where that has any sound."""
    plane = Plane(880, 170, -MOST_GAP_DB, MOST_GAP_DB)
    heard = [at for at, level in enumerate(aim) if level > max(aim) - 60.0]
    hertz = [THIRDS_HZ[at] for at in heard]
    rows = ((before, "before"), (after, "after"))
    curves = (plane.line(hertz, (row[at] - aim[at] for at in heard), kind) for row, kind in rows)
    zero = f'<path class="zero" d="M{plane.left} {plane.y(0.0)}H{plane.width - plane.right}"/>'
    label = "Mix minus reference in third octaves, before and after"
    levels = (-12.0, -6.0, 0.0, 6.0, 12.0)
    return plane.svg((plane.grid(levels, NAMED_HZ), zero, *curves), "spectra", label)


def way(along: Axis, before: float, after: float, aim: float, unit: str) -> Markup:
    """A figure of the mix on its way to that of the reference, over its axis."""
    plot = journey(along, before, after, aim, "moved", unit)
    return plot + scale(along, unit)


def bars(most: float, before: float, after: float, label: str) -> Markup:
    """What a term adds to the distance, before and after."""
    widths = [round(100.0 * value / most, 2) if most > 0.0 else 0.0 for value in (before, after)]
    parts = (
        f'<rect class="{kind}" x="0" y="{y}" width="{width}%" height="7"/>'
        for kind, y, width in zip(("before", "after"), (5, 14), widths, strict=True)
    )
    inside = "".join(parts)
    frame = f'class="plot" width="100%" height="26" role="img" aria-label="{escape(label)}"'
    return Markup(f"<svg {frame}>{inside}</svg>")


def reach_db(strips: Iterable[Strip]) -> float:
    """What the pictures of some equalisers reach up and down, so that they can be compared."""
    most = max((float(np.abs(response_db(strip)).max()) for strip in strips), default=0.0)
    return next((reach for reach in REACHES_DB if reach >= most), REACHES_DB[-1])


def equaliser(strip: Strip, reach: float) -> Markup:
    """What the six bands do together, in a picture from ``-reach`` to ``reach`` dB."""
    plane = Plane(320, 110, -reach, reach, left=28, right=6, top=6, bottom=18)
    named = ((100.0, "100"), (1000.0, "1 k"), (10000.0, "10 k Hz"))
    levels = response_db(strip)
    zero = f'<path class="zero" d="M{plane.left} {plane.y(0.0)}H{plane.width - plane.right}"/>'
    curve = plane.line(CURVE_HZ, levels, "after")
    grid = plane.grid((-reach, -reach / 2.0, 0.0, reach / 2.0, reach), named)
    label = f"Equaliser, from {min(levels):+.1f} to {max(levels):+.1f} dB"
    return plane.svg((grid, zero, curve), "equaliser", label)


def response_db(strip: Strip) -> NDArray[np.float64]:
    """What the bands of a strip do at :data:`CURVE_HZ`."""
    turn = np.exp(-2j * np.pi * CURVE_HZ / SAMPLE_RATE_HZ)
    powers = np.stack([np.ones_like(turn), turn, turn * turn])
    total = np.zeros(len(CURVE_HZ))
    for section in sections(strip.bands, SAMPLE_RATE_HZ):
        above = section[:3] @ powers
        below = np.array([1.0, *section[3:]]) @ powers
        total += 20.0 * np.log10(np.abs(above / below))
    return total


def _text(left: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{left}" y="{y}">{text}</text>'
