"""What a pointer points at: a view on some lines of a project's text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reaper_automix.rpp import Node
from reaper_double.text import (
    after_lines,
    digits,
    key_of,
    line_in,
    number,
    quoted,
    tokens,
    with_token,
)

if TYPE_CHECKING:
    from reaper_double.model import Project

DEFAULT_LINES = {
    "VOLPAN": "VOLPAN 1 0 -1 -1 1",
    "TAKEVOLPAN": "TAKEVOLPAN 0 1 -1",
    "MUTESOLO": "MUTESOLO 0 0 0",
    "ISBUS": "ISBUS 0 0",
    "BUSCOMP": "BUSCOMP 0 0 0 0 0",
    "SHOWINMIX": "SHOWINMIX 1 0.6667 0.5 1 0.5 0 0 0 0",
    "MAINSEND": "MAINSEND 1 0",
    "PLAYOFFS": "PLAYOFFS 0 1",
    "REC": "REC 0 0 1 0 0 0 0 0",
    "FADEIN": "FADEIN 1 0 0 1 0 0 0",
    "FADEOUT": "FADEOUT 1 0 0 1 0 0 0",
    "MUTE": "MUTE 0 0",
    "PLAYRATE": "PLAYRATE 1 1 0 -1 0 0.0025",
    "YPOS": "YPOS 0 1",
    "MASTER_VOLUME": "MASTER_VOLUME 1 0 -1 -1 1",
    "MASTER_NCH": "MASTER_NCH 2 2",
    "SELECTION": "SELECTION 0 0",
    "RECORD_PATH": 'RECORD_PATH "" ""',
    "RENDER_FMT": "RENDER_FMT 0 2 0",
    "RENDER_RANGE": "RENDER_RANGE 1 0 0 0 1000",
    "SAMPLERATE": "SAMPLERATE 44100 0 0",
}
"""A line as REAPER 7.66 writes it where there was none; others consist of the key alone."""


class View:
    """Lines directly inside one block. ``alive`` turns false when the block leaves the project."""

    kind = ""

    def __init__(self, project: Project, node: Node, owner: View | None) -> None:
        self.project = project
        self.node = node
        self.owner = owner
        self.alive = True

    @property
    def span(self) -> range:
        """The places in the block's body that belong to this object."""
        return range(len(self.node.body))

    def entries(self) -> list[str | Node]:
        """The lines and blocks that belong to this object."""
        return [self.node.body[at] for at in self.span]

    def blocks(self, name: str | None = None) -> Iterator[Node]:
        """The blocks that belong to this object, those of one name or all."""
        for entry in self.entries():
            if isinstance(entry, Node) and name in (None, entry.name):
                yield entry

    def block(self, name: str) -> Node | None:
        """The first block of a name."""
        return next(self.blocks(name), None)

    def places(self, key: str) -> Iterator[int]:
        """Where the lines of a key stand in the block's body."""
        for at in self.span:
            entry = self.node.body[at]
            if isinstance(entry, str) and key_of(entry) == key:
                yield at

    def row(self, key: str) -> list[str]:
        """The tokens of the first line of a key, empty where there is none."""
        at = next(self.places(key), None)
        return [] if at is None else self.tokens_at(at)

    def tokens_at(self, at: int) -> list[str]:
        """The tokens of a line."""
        line = self.node.body[at]
        assert isinstance(line, str)
        return tokens(line)

    def text(self, key: str, index: int, default: str = "") -> str:
        """One token of a line."""
        row = self.row(key)
        return row[index] if index < len(row) else default

    def number(self, key: str, index: int, default: float = 0.0) -> float:
        """One token of a line as a number."""
        row = self.row(key)
        return number(row[index], default) if index < len(row) else default

    def put_number(self, key: str, index: int, value: float) -> None:
        """Write a number into a line; a number that is there already stays as it is written."""
        row = self.row(key)
        if index >= len(row) or number(row[index], float("nan")) != value:
            self._put(key, index, digits(value))

    def put_text(self, key: str, index: int, value: str) -> None:
        """Write a text into a line."""
        row = self.row(key)
        if index >= len(row) or row[index] != value:
            self._put(key, index, quoted(value))

    def insert_line(self, text: str) -> int:
        """Put in a line behind the others; its place."""
        at = self._end_of_lines()
        self.node.body.insert(at, line_in(self.node, text))
        self.project.touched(key_of(text))
        return at

    def _put(self, key: str, index: int, token: str) -> None:
        at = next(self.places(key), None)
        if at is None:
            at = self.insert_line(DEFAULT_LINES.get(key, key))
        line = self.node.body[at]
        assert isinstance(line, str)
        filling = tokens(DEFAULT_LINES.get(key, key))
        self.node.body[at] = with_token(line, index, token, filling)
        self.project.touched(key)

    def _end_of_lines(self) -> int:
        return after_lines(self.node)
