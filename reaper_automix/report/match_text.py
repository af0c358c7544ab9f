"""A match for the terminal: its stems as a table, then how near the mix came to the reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

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
    yield _sounds(match)
    yield _gaps(match)


def _stems(match: Matched) -> Table:
    grid = _grid("Stem", "Fader dB", "Pan", "Equaliser", "Compressor")
    for stem in match.stems:
        style = "" if stem.status == "matched" else "dim"
        grid.add_row(Text(figures.plain(stem.name)), *map(Text, _cells(stem)), style=style)
    output = f"{figures.move(match.bus.output_db)}"
    eq, compressor = (
        ", ".join(desk.bands(match.bus.strip)),
        desk.compressor(match.bus.strip.compressor),
    )
    master = Text("Master", style="bold")
    grid.add_row(
        master, *map(Text, (output, "", eq or figures.UNKNOWN, compressor or figures.UNKNOWN))
    )
    return grid


def _cells(stem: StemResult) -> tuple[str, ...]:
    strip = stem.after.strip
    kept = " ".join(stem.why) if stem.status != "matched" else ""
    return (
        desk.fader(stem.before, stem.after),
        desk.pans(stem.before, stem.after),
        kept or ", ".join(desk.bands(strip)) or figures.UNKNOWN,
        "" if kept else desk.compressor(strip.compressor) or figures.UNKNOWN,
    )


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
