"""The pictures of a report as inline SVG: pure functions from numbers to markup.

Rows place their marks by percentages of the width and by pixels in height, so that they stretch
from a phone to a desk without their text or dots changing size. Colours and line styles are in
``report.css``, by class. Every picture says in its label what it shows.

Parts of a picture are plain text, made of numbers and of words of ours, since a page has many
thousands of them; what comes from outside could stand in a label alone, which is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from reaper_automix.report import figures
from reaper_automix.results import GroupResult, SumLevel

ROW_PX = 26
AXIS_PX = 20
METER_PX = 34

WIDEST_DB = 60.0
"""An axis shows no more than this; marks below it stand at its edge."""

HIDDEN = 'aria-hidden="true"'

MOST_TICKS = 7
STEPS_DB = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A horizontal axis in dB from ``low`` to ``high``, with a tick every ``step``."""

    low: float
    high: float
    step: float

    def percent(self, value: float) -> float:
        """Where a value lies, 0 … 100; what lies outside stands at the edge.

        >>> Axis(-40.0, -20.0, 5.0).percent(-25.0)
        75.0
        """
        share = (value - self.low) / (self.high - self.low)
        return round(100.0 * min(max(share, 0.0), 1.0), 2)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The values that carry a line and a number."""
        first, last = math.ceil(self.low / self.step), math.floor(self.high / self.step)
        return tuple(number * self.step for number in range(first, last + 1))


def axis(values: Iterable[float | None], *, below_db: float = 0.5, above_db: float = 0.5) -> Axis:
    """The axis that shows these values with air around; unknown and infinite ones do not count.

    >>> axis([-36.2, -31.0, None, float("-inf")])
    Axis(low=-37.0, high=-30.0, step=1.0)
    """
    known = [value for value in values if value is not None and math.isfinite(value)] or [0.0]
    high = max(known)
    low = max(min(known), high - WIDEST_DB)
    step = next((step for step in STEPS_DB if (high - low) / step <= MOST_TICKS - 1), STEPS_DB[-1])
    first, last = math.floor((low - below_db) / step), math.ceil((high + above_db) / step)
    return Axis(min(first, last - 1) * step, last * step, step)


def scale(along: Axis, unit: str) -> Markup:
    """The numbers of an axis, its unit between the last two."""
    ticks = along.ticks
    parts = [_text(along.percent(value), 14, _whole(value), "middle") for value in ticks]
    between = along.percent(ticks[-1] - along.step / 2.0)
    return _svg("scale", AXIS_PX, [*parts, _text(between, 14, unit, "middle unit")])


def _whole(value: float) -> str:
    return figures.level(value).removesuffix(".0")


def journey(
    along: Axis,
    before: float | None,
    after: float | None,
    target: float | None,
    state: str,
    unit: str = "LUFS",
) -> Markup:
    """One source on its way: an open dot where it landed, a full one where it lands now.

    ``state`` is a class: ``moved limited kept``.
    """
    parts = [_grid(along, ROW_PX)]
    if target is not None:
        parts.append(_upright(along.percent(target), ROW_PX, "target"))
    if before is None or after is None:
        return _svg("plot", ROW_PX, parts, "level unknown")
    start, end, middle = along.percent(before), along.percent(after), ROW_PX // 2
    parts.append(_line(start, end, middle, "way"))
    parts += [_dot(start, middle, 4.0, "before"), _dot(end, middle, 5.0, f"after {state}")]
    parts += [_beyond(along, value) for value in (before, after)]
    return _svg("plot", ROW_PX, parts, _journey_label(before, after, target, unit))


def _journey_label(before: float, after: float, target: float | None, unit: str) -> str:
    way = f"from {figures.level(before)} to {figures.level(after)} {unit}"
    return way if target is None else f"{way}, target {figures.level(target)}"


def _beyond(along: Axis, value: float) -> str:
    """An arrow head for a value that the axis does not reach."""
    if along.low <= value <= along.high:
        return ""
    sign, kind = ("‹", "last") if value < along.low else ("›", "first")
    return _text(along.percent(value), ROW_PX // 2 + 5, f" {sign} ", f"beyond {kind}")


def gains(along: Axis, by_method: Sequence[tuple[str, float]]) -> Markup:
    """What each published method gives one file, a mark of its own shape per method."""
    middle = ROW_PX // 2
    at = [along.percent(gain) for _, gain in by_method]
    parts = [_grid(along, ROW_PX), _upright(along.percent(0.0), ROW_PX, "zero")]
    if at:
        parts.append(_line(min(at), max(at), middle, "span"))
    for x, (method, _) in zip(at, by_method, strict=True):
        parts.append(MARKS[method](x, middle))
    label = ", ".join(f"{method} {figures.move(gain)} dB" for method, gain in by_method)
    return _svg("plot", ROW_PX, parts, label)


def _circle(x: float, y: int) -> str:
    return _dot(x, y, 5.0, "p_lufs")


def _bar(x: float, y: int) -> str:
    return f'<svg x="{x}%" y="{y}" class="shape"><path class="lufs" d="M-1.5-7h3v14h-3z"/></svg>'


def _diamond(x: float, y: int) -> str:
    shape = '<path class="centroid" d="M0-6 6 0 0 6-6 0z"/>'
    return f'<svg x="{x}%" y="{y}" class="shape">{shape}</svg>'


MARKS = {"p_lufs": _circle, "lufs": _bar, "centroid": _diamond}
"""The shape of each published method."""


def meter(along: Axis, group: GroupResult, headroom_dbtp: float) -> Markup:
    """A sum before and after: a bar up to its loudness, a tick at its true peak."""
    edge = along.percent(headroom_dbtp)
    width = round(100.0 - edge, 2)
    parts = (
        _grid(along, METER_PX),
        f'<rect class="over" x="{edge}%" y="0" width="{width}%" height="{METER_PX}"/>',
        *_bar_to(along, group.before, 8, "before"),
        *_bar_to(along, group.after, 20, "after"),
        _upright(edge, METER_PX, "headroom"),
    )
    return _svg("plot", METER_PX, parts, _meter_label(group))


def _bar_to(along: Axis, level: SumLevel, y: int, when: str) -> Iterator[str]:
    peak = along.percent(level.true_peak_db)
    loud = along.percent(level.lufs) if level.lufs is not None else 0.0
    yield f'<rect class="{when}" x="0" y="{y}" width="{loud}%" height="7"/>'
    yield _line(loud, peak, y + 3.5, f"crest {when}")
    kind = f"bound {when}" if level.predicted else when
    yield f'<line class="peak {kind}" x1="{peak}%" x2="{peak}%" y1="{y - 2}" y2="{y + 9}"/>'


def _meter_label(group: GroupResult) -> str:
    levels = group.before, group.after
    loud, peaks = (" to ".join(map(of, levels)) for of in (figures.loudness, figures.true_peak))
    return f"{loud} LUFS, true peak {peaks} dBTP"


@lru_cache(maxsize=8)
def _grid(along: Axis, height: int) -> str:
    """The lines behind a row; all rows of a picture have the same."""
    return "".join(_upright(along.percent(value), height, "grid") for value in along.ticks)


def _upright(x: float, height: int, kind: str) -> str:
    return f'<line class="{kind}" x1="{x}%" x2="{x}%" y1="0" y2="{height}"/>'


def _line(start: float, end: float, y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{start}%" x2="{end}%" y1="{y}" y2="{y}"/>'


def _dot(x: float, y: int, radius: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{x}%" cy="{y}" r="{radius}"/>'


def _text(x: float, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}%" y="{y}">{text}</text>'


def _svg(kind: str, height: int, parts: Iterable[str], label: str = "") -> Markup:
    said = f'role="img" aria-label="{escape(label)}"' if label else HIDDEN
    inside = "".join(parts)
    return Markup(f'<svg class="{kind}" width="100%" height="{height}" {said}>{inside}</svg>')
