"""What the bench found: as tables on the terminal, and as the tables of the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reaper_automix.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table as RichTable

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
"""What stands before and behind the tables in a Markdown file."""

NO_MARKERS = f"{{}} has no lines {BEGIN} and {END}; put them where the tables shall stand."

HEAD = ("what", "measured", "asked for")


@dataclass(frozen=True, slots=True)
class Row:
    """One goal: what was measured, and what was asked for (empty: nothing)."""

    goal: str
    found: str
    asked: str = ""

    def cells(self) -> tuple[str, str, str]:
        """The row as text."""
        return self.goal, self.found, self.asked


@dataclass(frozen=True, slots=True)
class Table:
    """Text in rows and columns, with a line of text below."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What one part found; ``numbers`` are what its rows say, for programs."""

    rows: tuple[Row, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()


def tables(findings: Sequence[Findings]) -> tuple[Table, ...]:
    """One table of all goals, then what some parts have besides."""
    rows = tuple(row.cells() for found in findings for row in found.rows)
    return (Table(HEAD, rows), *(table for found in findings for table in found.tables))


def shown(table: Table) -> RichTable:
    """A table for the terminal."""
    from rich.table import Table as RichTable

    drawn = RichTable(*table.head, box=None, caption=table.note, caption_justify="left")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn


def markdown(findings: Sequence[Findings], machine: str, command: str) -> str:
    """All tables as Markdown, with the machine and the command above them."""
    blocks = [f"`{command}` on {machine}:", *map(as_markdown, tables(findings))]
    return "\n\n".join(blocks)


def as_markdown(table: Table) -> str:
    """A table as Markdown."""
    return "\n".join(_lines(table))


def _lines(table: Table) -> Iterator[str]:
    for row in (table.head, ("---",) * len(table.head), *table.rows):
        yield f"| {' | '.join(row)} |"
    if table.note:
        yield from ("", table.note)


def write(file: Path, text: str) -> None:
    """Put text between the marks of a file; :class:`InputError` where it has none."""
    try:
        before, begin, rest = file.read_text("utf-8").partition(BEGIN)
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}); check the path.") from error
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(NO_MARKERS.format(file))
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def seconds(value: float) -> str:
    """Seconds with the digits that mean something.

    >>> [seconds(value) for value in (0.0834, 4.21, 61.4)]
    ['0.083 s', '4.2 s', '61 s']
    """
    digits = 0 if value >= 10.0 else 1 if value >= 1.0 else 3
    return f"{value:.{digits}f} s"


def times(value: float) -> str:
    """A ratio.

    >>> times(212.7), times(2.13)
    ('213 ×', '2.1 ×')
    """
    return f"{value:.{0 if value >= 10.0 else 1}f} ×"
