"""The picture of what was found: a line of dots per method, the median marked and written behind.

A plain SVG that stands by itself, in a README as in a browser, on light and dark ground.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from reaper_automix.evaluate.outcome import Outcome, Strip
from reaper_automix.report.charts import Axis, axis

WIDTH_PX, ROW_PX, TOP_PX, FOOT_PX = 900, 34, 16, 50
TITLE_PX, FIGURE_PX = 370, 60
PLOT_PX = WIDTH_PX - TITLE_PX - FIGURE_PX

STYLE = """
text { font: 14px system-ui, sans-serif; fill: #555 }
.grid { stroke: #8886 }
.dot { fill: #36c; fill-opacity: .45 }
.median { stroke: #d50; stroke-width: 3 }
@media (prefers-color-scheme: dark) { text { fill: #bbb } .dot { fill: #8af } }
"""


def svg(*outcomes: Outcome) -> str:
    """The picture as a whole file, a panel per outcome; every strip must have values."""
    lines: list[str] = []
    top = 0
    for outcome in outcomes:
        lines += _panel(outcome, top)
        top += _height(outcome)
    label = escape(". ".join(map(_said_of, outcomes)), quote=True)
    size = f'width="{WIDTH_PX}" height="{top}" viewBox="0 0 {WIDTH_PX} {top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    return "\n".join((head, f"<style>{STYLE}</style>", *lines, "</svg>", ""))


def _height(outcome: Outcome) -> int:
    return TOP_PX + ROW_PX * len(outcome.strips) + FOOT_PX


def _panel(outcome: Outcome, top: int) -> Iterator[str]:
    """One protocol along an axis of its own, from 0 on."""
    values = (value for strip in outcome.strips for value in strip.values)
    along = replace(axis([0.0, *values]), low=0.0)
    first = top + TOP_PX
    yield from _grid(along, first, first + ROW_PX * len(outcome.strips), outcome.axis)
    for number, strip in enumerate(outcome.strips):
        yield from _row(along, strip, first + ROW_PX * number + ROW_PX // 2)


def _said_of(outcome: Outcome) -> str:
    return f"{outcome.axis}: {'; '.join(map(_said, outcome.strips))}"


def _said(strip: Strip) -> str:
    return f"{strip.title} {statistics.median(strip.values):.2f}"


def _x(along: Axis, value: float) -> float:
    return round(TITLE_PX + along.percent(value) * PLOT_PX / 100.0, 1)


def _grid(along: Axis, top: int, bottom: int, title: str) -> Iterator[str]:
    for tick in along.ticks:
        x = _x(along, tick)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'
        yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{tick:g}</text>'
    middle = TITLE_PX + PLOT_PX // 2
    yield f'<text x="{middle}" y="{bottom + 34}" text-anchor="middle">{escape(title)}</text>'


def _row(along: Axis, strip: Strip, y: int) -> Sequence[str]:
    median = statistics.median(strip.values)
    x = _x(along, median)
    return (
        f'<text x="{TITLE_PX - 12}" y="{y + 5}" text-anchor="end">{escape(strip.title)}</text>',
        *(f'<circle class="dot" cx="{_x(along, one)}" cy="{y}" r="4"/>' for one in strip.values),
        f'<line class="median" x1="{x}" x2="{x}" y1="{y - 11}" y2="{y + 11}"/>',
        f'<text x="{WIDTH_PX - FIGURE_PX + 12}" y="{y + 5}">{median:.2f}</text>',
    )
