"""The picture of a listening test: a pure function from findings to an SVG that stands by itself.

One row for each condition: a dot for every listener's mean, a box from the first to the third
quartile, a line over the 95 % interval of the median, and the median itself. The five parts of the
scale lie behind all rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup, escape

from reaper_automix.listening.analysis import Analysis, Graded
from reaper_automix.listening.words import GRADES
from reaper_automix.report import figures

WIDTH = 760
LEFT, RIGHT, TOP = 190, 20, 34
ROW = 46
FOOT = 28
BOX = 18
SPREAD = 13.0
"""How far dots stand above and below the middle of their row."""

STYLE = """
.grades{--card:#fff;--ink:#1c2126;--soft:#57616b;--rule:#dcdfe2;--part:#f1f3f4;--accent:#00718f;
font:13px Inter,system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
@media(prefers-color-scheme:dark){.grades{--card:#1a1e22;--ink:#e9ecee;--soft:#a1abb4;
--rule:#363d44;--part:#21262b;--accent:#46bddd}}
.grades .card{fill:var(--card)}.grades .part{fill:var(--part)}.grades .edge{stroke:var(--rule)}
.grades text{fill:var(--ink);font-size:13px}.grades .soft{fill:var(--soft);font-size:11px}
.grades .middle{text-anchor:middle}.grades .last{text-anchor:end}
.grades .box{fill:var(--accent);opacity:.22}.grades .sure{stroke:var(--accent);stroke-width:2}
.grades .median{fill:var(--accent);stroke:var(--card);stroke-width:2}
.grades .one{fill:var(--soft);opacity:.5}
""".replace("\n", "")
"""The picture's own, so that it looks alike in the page and by itself."""


def picture(found: Analysis) -> Markup:
    """The picture, with a label that says in words what it shows."""
    height = TOP + ROW * len(found.graded) + FOOT
    label = "; ".join(f"{one.title}: median {one.overall.median:.0f}" for one in found.graded)
    parts = (
        f'<rect class="card" width="{WIDTH}" height="{height}" rx="10"/>',
        *_scale(height),
        *(part for row, one in enumerate(found.graded) for part in _row(one, TOP + ROW * row)),
    )
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="grades" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{escape(label)}"><style>{STYLE}</style>{"".join(parts)}</svg>'
    )


def _x(grade: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * grade / 100.0, 1)


def _scale(height: int) -> Iterator[str]:
    """The parts of the scale, their names above and their edges below."""
    bottom = height - FOOT
    for number, grade in enumerate(GRADES):
        start, end = _x(20.0 * number), _x(20.0 * number + 20.0)
        if number % 2 == 0:
            yield _box("part", start, end, TOP, bottom - TOP)
        yield _text("soft middle", (start + end) / 2.0, TOP - 10, grade.capitalize())
    for edge in range(0, 101, 20):
        yield f'<line class="edge" x1="{_x(edge)}" x2="{_x(edge)}" y1="{TOP}" y2="{bottom}"/>'
        yield _text("soft middle", _x(edge), height - 10, str(edge))


def _row(one: Graded, top: float) -> Iterator[str]:
    middle, overall = top + ROW / 2.0, one.overall
    yield _text("last", LEFT - 14, middle + 1, one.title)
    interval = f"{overall.median:.0f} [{overall.low:.0f}, {overall.high:.0f}]"
    yield _text("soft last", LEFT - 14, middle + 16, interval)
    start, end = _x(overall.first_quartile), _x(overall.third_quartile)
    yield _box("box", start, end, middle - BOX / 2.0, BOX)
    yield from _dots(one, middle)
    low, high = _x(overall.low), _x(overall.high)
    yield f'<line class="sure" x1="{low}" x2="{high}" y1="{middle}" y2="{middle}"/>'
    yield f'<circle class="median" cx="{_x(overall.median)}" cy="{middle}" r="6"/>'


def _dots(one: Graded, middle: float) -> Iterator[str]:
    """Every listener's mean, side by side in the order of listeners so that equal ones show."""
    means = one.grades.mean(axis=1)
    heights = middle + np.linspace(-SPREAD, SPREAD, len(means) + 2)[1:-1]
    for mean, height in zip(means, heights, strict=True):
        yield f'<circle class="one" cx="{_x(mean)}" cy="{height:.1f}" r="2.5"/>'


def _box(kind: str, start: float, end: float, top: float, height: float) -> str:
    width = round(end - start, 1)
    return f'<rect class="{kind}" x="{start}" y="{top}" width="{width}" height="{height}"/>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(figures.tame(text))}</text>'
