"""Media items and their takes.

The first take's lines stand among the item's own; further takes follow, each after a line
``TAKE``, ``TAKE SEL`` (the active one) or ``TAKE NULL`` (an empty lane).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reaper_automix.rpp import Node
from reaper_double.model_envelope import TAKE_ENVELOPES, Envelope
from reaper_double.model_source import Source
from reaper_double.text import key_of, line_in, tokens
from reaper_double.view import View

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.model_track import Track

_FIRST_TAKE_LINES = ("GUID", "NAME")


class Item(View):
    """A media item."""

    kind = "MediaItem"

    def __init__(self, project: Project, node: Node, owner: View) -> None:
        super().__init__(project, node, owner)
        self._takes: dict[int, Take] = {}
        self._made_guid = project.new_guid()

    @property
    def track(self) -> Track:
        """The track it lies on."""
        assert self.owner is not None
        return self.owner

    @property
    def index(self) -> int:
        """Its place on the track."""
        return self.track.items.index(self)

    @property
    def guid(self) -> str:
        """Its GUID; REAPER makes one for items of old files."""
        return self.text("IGUID", 1) or self._made_guid

    @property
    def marks(self) -> list[int]:
        """Where the lines stand that begin the takes after the first."""
        return list(self.places("TAKE"))

    @property
    def takes(self) -> list[Take | None]:
        """Its takes, ``None`` for an empty lane."""
        count = len(self.marks) + 1
        if count == 1 and not self._has_take(0):
            return []
        return [self._take(index) for index in range(count)]

    @property
    def active_index(self) -> int:
        """The take that plays: the one with ``SEL``, else the first."""
        marks = [self.tokens_at(at) for at in self.marks]
        return next((n for n, mark in enumerate(marks, 1) if "SEL" in mark), 0)

    def activate(self, index: int) -> None:
        """Make another take the one that plays."""
        for number, at in enumerate(self.marks, 1):
            words = [word for word in self.tokens_at(at) if word != "SEL"]
            line = " ".join([*words, "SEL"] if number == index else words)
            if " ".join(self.tokens_at(at)) != line:
                self.node.body[at] = line_in(self.node, line)
                self.project.touched()

    @property
    def lane(self) -> int:
        """Its fixed lane, from its height in parts of the track."""
        return round(self.number("YPOS", 1) * max(1, self.track.lane_count))

    @property
    def lane_plays(self) -> float:
        """0 on a fixed lane that is silent, 1 when its lane plays alone, 2 with others."""
        playing = self.track.playing_lanes
        if playing is None:
            return 2.0
        plays = playing >> self.lane & 1
        return float(plays and (1 if playing == 1 << self.lane else 2))

    def section(self, index: int) -> range:
        """The places of the lines of one take."""
        ends = [*self.marks, len(self.node.body)]
        return range(0 if index == 0 else ends[index - 1], ends[index])

    def _end_of_lines(self) -> int:
        return _end_of_lines(self.node, self.section(0))

    def _take(self, index: int) -> Take | None:
        return self._takes.setdefault(index, Take(self, index)) if self._has_take(index) else None

    def _has_take(self, index: int) -> bool:
        if index > 0:
            return "NULL" not in self.tokens_at(self.marks[index - 1])
        entries = [self.node.body[at] for at in self.section(0)]
        return any(_belongs_to_take(entry) for entry in entries)


class Take(View):
    """One take of an item: a stretch of the item's lines."""

    kind = "MediaItem_Take"

    def __init__(self, item: Item, index: int) -> None:
        self.item = item
        self.index = index
        super().__init__(item.project, item.node, item)
        self._made_guid = item.project.new_guid()

    @property
    def node(self) -> Node:
        """The item's block."""
        return self.item.node

    @node.setter
    def node(self, _node: Node) -> None:
        """The item knows."""

    @property
    def alive(self) -> bool:
        """Whether the item is there and has this take."""
        return self.item.alive and self.index <= len(self.item.marks)

    @alive.setter
    def alive(self, _alive: bool) -> None:
        """The item knows."""

    @property
    def span(self) -> range:
        """The places of its lines."""
        return self.item.section(self.index)

    @property
    def guid(self) -> str:
        """Its GUID."""
        return self.text("GUID", 1) or self._made_guid

    @property
    def name(self) -> str:
        """Its name."""
        return self.text("NAME", 1)

    @property
    def source(self) -> Source | None:
        """What it plays."""
        block = self.block("SOURCE")
        return None if block is None else self.project.view_of(block, Source)

    @property
    def envelopes(self) -> list[Envelope]:
        """Its envelopes."""
        found = (block for block in self.blocks() if block.name in TAKE_ENVELOPES)
        return [self.project.view_of(block, Envelope) for block in found]

    @property
    def stretch_markers(self) -> list[tuple[float, float]]:
        """``SM position source-position [+ …]`` pairs."""
        words = [word for at in self.places("SM") for word in self.tokens_at(at)[1:]]
        groups = " ".join(words).split("+")
        pairs = [[float(word) for word in group.split()[:2]] for group in groups if group.strip()]
        return [(pair[0], pair[-1]) for pair in pairs]

    def _end_of_lines(self) -> int:
        return _end_of_lines(self.node, self.span)


def _belongs_to_take(entry: str | Node) -> bool:
    if isinstance(entry, Node):
        return entry.name == "SOURCE"
    return key_of(entry) in _FIRST_TAKE_LINES and bool(tokens(entry)[1:])


def _end_of_lines(node: Node, span: range) -> int:
    blocks = (at for at in span if isinstance(node.body[at], Node))
    return next(blocks, span.stop)
