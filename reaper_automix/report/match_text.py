"""A match for the terminal: its stems as a table, then how near the mix came to the reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reaper_automix.match.console.strips import Strip
from reaper_automix.match.outcome import Matched, StemResult
from reaper_automix.report import desk, figures
from reaper_automix.report.nearness import nearer, sounds

GUTTER = 2
NAME_CELLS = 28


def table(match: Matched) -> Iterator[RenderableType]:
    """The whole account of a match."""
    yield _stems(match)
    yield Text()
    yield Text(nearer(match), style="bold")
    yield Text()
    yield _sounds(match)
    yield Text()
    yield _gaps(match)


def _stems(match: Matched) -> Table:
    grid = _grid("Stem", "Fader dB", "Pan", "Equaliser", "Compressor")
    for stem in match.stems:
        style = "" if stem.status == "matched" else "dim"
        grid.add_row(Text(figures.plain(stem.name)), *map(Text, _stem(stem)), style=style)
    output = figures.move(match.bus.output_db)
    master = (output, "", *_strip(match.bus.strip))
    grid.add_row(Text("Master", style="bold"), *map(Text, master))
    return grid


def _stem(stem: StemResult) -> tuple[str, ...]:
    """The cells of a stem; of one that stays the reason stands in place of its strip."""
    matched = stem.status == "matched"
    strip = _strip(stem.after.strip) if matched else (figures.tame(" ".join(stem.why)), "")
    return desk.fader(stem.before, stem.after), desk.pans(stem.before, stem.after), *strip


def _strip(strip: Strip) -> tuple[str, str]:
    eq, compressor = ", ".join(desk.bands(strip)), desk.compressor(strip.compressor)
    return eq or figures.UNKNOWN, compressor or figures.UNKNOWN


def _sounds(match: Matched) -> Table:
    grid = _grid("The mix", "before", "after", "reference", justify="right")
    for row in sounds(match):
        grid.add_row(Text(row.heading), *map(Text, (row.before, row.after, row.aim)))
    return grid


def _gaps(match: Matched) -> Table:
    grid = _grid("Away from it, dB", "before", "after", justify="right")
    for gap in match.gaps:
        cells = (figures.level(gap.before_db), figures.level(gap.after_db))
        grid.add_row(Text(gap.label), *map(Text, cells))
    return grid


def _grid(first: str, *others: str, justify: Literal["left", "right"] = "left") -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, GUTTER, 0, 0), header_style="bold")
    grid.add_column(first, max_width=NAME_CELLS, overflow="ellipsis", no_wrap=True)
    for title in others:
        grid.add_column(title, justify=justify)
    return grid
