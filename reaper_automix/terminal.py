"""What a person at the terminal sees: how far a run is, tables, and one sentence for an error.

Results go to stdout, everything else to stderr, so that ``--json`` can be piped. A bar is drawn
only on a terminal; a log file gets a plain line now and then.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reaper_automix.progress import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

PROGRAM = "reaper-automix"

LINE_EVERY_S = 10.0
"""Where no bar can be drawn, a stage that goes on tells so this often."""

WIDE_COLUMNS = 160
"""Width of a table that goes to a file or a pipe, where nobody's window limits it."""


def use_utf8() -> None:
    """Write UTF-8 whatever the code page (Windows pipes are cp1252), and never fail over a name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(sentence: str) -> None:
    """One line on stderr."""
    click.echo(sentence, err=True)


def complain(sentence: str) -> None:
    """One line on stderr about what went wrong."""
    say(f"{PROGRAM}: {sentence}")


def show(renderable: RenderableType) -> None:
    """A table on stdout, as wide as the window or wide enough for a file."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE_COLUMNS)
    console.print(renderable)


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Progress]:
    """The progress of one run, as a bar on a terminal and as lines elsewhere."""
    logging.getLogger(__package__).setLevel(logging.ERROR if quiet else logging.WARNING)
    if quiet:
        yield silent
        return
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        with _bars(console) as bars:
            yield Bar(bars)
    else:
        yield Lines(say)


def _bars(console: Console) -> Bars:
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}", style="dim", markup=False),
        console=console,
        transient=True,
    )


class Bar:
    """Progress as one bar, which starts again with every stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._stage = ""
        self._task: TaskID | None = None

    def __call__(self, stage: str, done: float, total: float, what: str = "") -> None:
        """Move the bar on."""
        if self._task is None or stage != self._stage:
            self._begin(stage)
        assert self._task is not None
        self._bars.update(self._task, completed=done, total=total or None, what=what)

    def _begin(self, stage: str) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._stage = stage
        self._task = self._bars.add_task(stage, total=None, what="")


class Lines:
    """Progress as lines of text: every stage when it begins, and now and then how far it is."""

    def __init__(
        self, tell: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._now = now
        self._stage = ""
        self._told_s = 0.0

    def __call__(self, stage: str, done: float, total: float, what: str = "") -> None:
        """Tell a line, if it is time for one."""
        if stage == self._stage and self._now() - self._told_s < LINE_EVERY_S:
            return
        begins = stage != self._stage
        self._stage, self._told_s = stage, self._now()
        share = f"{done / total:.0%}" if total else ""
        self._tell(f"{stage} …" if begins else f"{stage} {share} {what}".rstrip())
