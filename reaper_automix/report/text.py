"""A report for the terminal: the tracks as a table, then sums and notes.

It fits itself to the width it is printed on. Where names keep room beside them, roles come in, and
a reason stands in the row of its track; on narrower terminals reasons follow below the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reaper_automix.objects.model import listed
from reaper_automix.report import columns, figures
from reaper_automix.report.columns import Column
from reaper_automix.report.digest import foretold, headline, object_title
from reaper_automix.results import GroupResult, Report, TrackResult

INDENT = 2
GUTTER = 2
NAME_CELLS = 12, 40
"""Cells that a name gets at least and at most; in between, numbers go first."""
MOST_TRACKS = 24
"""So many tracks of one source are named."""
READABLE_CELLS = 24
"""Cells of a name that neither roles nor reasons may take from it."""
REASON_CELLS = 36
"""Cells kept free for reasons beside the numbers."""

STYLES = {"skipped": "dim", "kept": "", "moved": ""}


def table(report: Report) -> RenderableType:
    """The whole report; print it with a :class:`rich.console.Console`."""
    return Group(*_balance(report), *_match(report), *_notes(report.notes))


def _balance(report: Report) -> Iterator[RenderableType]:
    """The tracks and sums; a match alone has its stems instead."""
    if report.mode == "match":
        return
    yield TrackTable(report)
    yield Text()
    yield Text(headline(report), style="bold")
    yield from _objects(report)
    yield from _sums(report.groups)


def _match(report: Report) -> Iterator[RenderableType]:
    if report.match is None:
        return
    from reaper_automix.report import match_text

    if report.mode != "match":
        yield Text()
    yield from match_text.table(report.match)
    told = [track for track in report.tracks if report.mode == "match" and _said(track)]
    if told:
        yield from _reasons(told)


@dataclass(frozen=True, slots=True)
class TrackTable:
    """The tracks of a report, with their reasons beside or below them as the width allows."""

    report: Report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render for the width at hand."""
        told = [track for track in self.report.tracks if _said(track)]
        layouts = ((True, bool(told)), (True, False))
        fitting = (one for one in layouts if _fits(self.report, options.max_width, *one))
        spare, beside = next(fitting, (False, False))
        yield _tracks(self.report, options.max_width, spare=spare, reasons=beside)
        if told and not beside:
            yield from _reasons(told)


def _fits(report: Report, width: int, spare: bool, reasons: bool) -> bool:
    """Whether names can be read beside that."""
    longest = max((cell_len(str(_name(track))) for track in report.tracks), default=0)
    titles = next(_numbers(report, spare=spare))
    return _room(width, titles, reasons) >= min(longest, READABLE_CELLS) + GUTTER


def _room(width: int, titles: str, reasons: bool) -> int:
    """The cells that numbers and reasons leave to names and the gap behind them."""
    return width - GUTTER - cell_len(titles) - (REASON_CELLS if reasons else 0)


def _tracks(report: Report, width: int, *, spare: bool, reasons: bool) -> Table:
    titles, *rows = _numbers(report, spare=spare)
    grid = _grid("Track", _room(width, titles, reasons))
    grid.add_column(titles, no_wrap=True)
    if reasons:
        grid.add_column("Why")
    for track, numbers in zip(report.tracks, rows, strict=True):
        why = (Text(_said(track)),) if reasons else ()
        grid.add_row(_name(track), Text(numbers), *why, style=STYLES[track.status])
    return grid


def _numbers(report: Report, *, spare: bool) -> Iterator[str]:
    """The titles of the columns, then their cells track by track, each row set as one text.

    They keep their width whatever the room, since half a number is a wrong number.
    """
    shown = [column for column in columns.COLUMNS[report.mode] if spare or not column.spare]
    rows = [[column.title for column in shown]]
    rows += [[column.cell(track) for column in shown] for track in report.tracks]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield (" " * GUTTER).join(map(_set, shown, row, widths))


def _set(column: Column, cell: str, width: int) -> str:
    room = " " * (width - cell_len(cell))
    return cell + room if column.justify == "left" else room + cell


def _grid(first: str, room: int) -> Table:
    """An empty table whose first column holds names, cut to the room there is."""
    least, most = NAME_CELLS
    grid = Table(box=None, pad_edge=False, padding=(0, GUTTER, 0, 0), header_style="bold")
    name_cells = max(least, min(room - GUTTER, most))
    grid.add_column(first, max_width=name_cells, no_wrap=True, overflow="ellipsis")
    return grid


def _name(track: TrackResult) -> Text:
    indent = " " * (INDENT * track.depth)
    style = "bold" if track.kind in {"folder", "bus"} else ""
    return Text(indent + figures.plain(track.name), style=style)


def _reasons(tracks: Sequence[TrackResult]) -> Iterator[RenderableType]:
    """Why tracks were limited, kept or skipped, and what could not be measured faithfully."""
    grid = Table.grid(padding=(0, GUTTER, 0, 0))
    grid.add_column(style="bold", max_width=max(NAME_CELLS) // 2, no_wrap=True, overflow="ellipsis")
    grid.add_column()
    for track in tracks:
        grid.add_row(Text(figures.plain(track.name)), Text(_said(track)))
    yield Text()
    yield grid


def _said(track: TrackResult) -> str:
    aim = (track.aim,) if track.unmatched else ()
    return figures.tame(" ".join((*track.why, *aim, *track.notes)))


def _objects(report: Report) -> Iterator[RenderableType]:
    """Which tracks are one source and how they stand to each other; what has the same notes.

    By what each of them is known to be of it, the page tells.
    """
    names = {track.id: figures.plain(track.name) for track in report.tracks}
    for found in report.objects.found:
        yield from (Text(), Text(object_title(found), style="bold"))
        told = listed([names[track] for track in found.track_ids], MOST_TRACKS) + "."
        for sentence in (told, *map(figures.tame, found.warnings)):
            yield Padding(Text(sentence), (0, 0, 0, INDENT))
    yield from _notes([f"{one.name} play the same notes." for one in report.objects.doubles])


def _sums(groups: Sequence[GroupResult]) -> Iterator[RenderableType]:
    if not groups:
        return
    grid = _grid("Sum", max(NAME_CELLS) // 2)
    for title in ("Loudness LUFS", "True peak dBTP", "Tracks land on LUFS"):
        grid.add_column(title, justify="right", no_wrap=True)
    for group in groups:
        grid.add_row(
            Text(figures.plain(group.name), style="bold" if group.id is None else ""),
            *columns.sums(group),
            figures.level(group.target_lufs),
        )
    yield Text()
    yield grid
    whys = [f"{figures.plain(group.name)}: {why}" for group in groups for why in group.why]
    yield from _notes([*filter(None, [foretold(groups)]), *whys])


def _notes(notes: Sequence[str]) -> Iterator[RenderableType]:
    if notes:
        yield Text()
    for note in notes:
        yield Text(figures.tame(note))
