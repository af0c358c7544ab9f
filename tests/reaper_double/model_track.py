"""Tracks, the master track, and what is sent between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reaper_automix.rpp import Node
from reaper_double.keys_track import COLOR_IN_USE, HARDWARE_OUT, MASTER, SEND, TRACK
from reaper_double.model_envelope import TRACK_ENVELOPES, Envelope
from reaper_double.model_item import Item
from reaper_double.text import block_in, free_text, line_in, number, quoted, tokens
from reaper_double.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reaper_double.keys import Key
    from reaper_double.model import Project

NO_GUID = "{00000000-0000-0000-0000-000000000000}"
_LANES_PER_WORD = 32
_FIXED_LANES = 2


class Track(View):
    """A track of a project."""

    kind = "MediaTrack"
    is_master = False
    keys: Mapping[str, Key] = TRACK
    chain_block = "FXCHAIN"

    def __init__(self, project: Project, node: Node, owner: View | None) -> None:
        super().__init__(project, node, owner)
        self._made_guid = project.new_guid()

    @property
    def index(self) -> int:
        """Its place in the project, from 0."""
        return self.project.tracks.index(self)

    @property
    def guid(self) -> str:
        """Its GUID; REAPER makes one for tracks of old files."""
        words = tokens(self.node.head)
        return words[1] if len(words) > 1 else self.text("TRACKID", 1) or self._made_guid

    def set_guid(self, guid: str) -> None:
        """Give it another GUID."""
        end = self.node.head[len(self.node.head.rstrip()) :]
        self.node.head = f"  <TRACK {guid}{end}"
        self.put_text("TRACKID", 1, guid)
        self.project.touched()

    @property
    def name(self) -> str:
        """Its name; a block holds it where no quote is free for it (REAPER 6.13)."""
        exact = self.block("NAME")
        return free_text(exact) if exact else self.text("NAME", 1)

    @name.setter
    def name(self, name: str) -> None:
        exact = self.block("NAME")
        if exact is not None and free_text(exact) != name:
            self.node.body.remove(exact)
        self.put_text("NAME", 1, name)
        if all(mark in name for mark in "\"'`") and self.block("NAME") is None:
            self.node.body.insert(1, block_in(self.node, f"<NAME\n|{name}\n>"))

    @property
    def depth_change(self) -> int:
        """``ISBUS``: 1 opens a folder, -n closes n of them."""
        return int(self.number("ISBUS", 2))

    @property
    def depth(self) -> int:
        """How many folders it lies in."""
        return self.project.levels[self]

    @property
    def parent(self) -> Track | None:
        """The folder it lies in."""
        return self.project.parents[self]

    @property
    def items(self) -> list[Item]:
        """Its items in the order of the text."""
        return self.project.cached(
            (self, "items"),
            lambda: [self.project.view_of(node, Item) for node in self.blocks("ITEM")],
        )

    @property
    def envelopes(self) -> list[Envelope]:
        """Its envelopes, those of sends and of effects left out."""
        found = (node for node in self.blocks() if node.name in TRACK_ENVELOPES)
        return [self.project.view_of(node, Envelope) for node in found]

    @property
    def is_selected(self) -> bool:
        """Whether it is selected."""
        return self.number(self.selected_line, 1) != 0

    @is_selected.setter
    def is_selected(self, selected: bool) -> None:
        if self.is_selected != selected:
            self.put_number(self.selected_line, 1, int(selected))

    selected_line = "SEL"

    @property
    def lane_count(self) -> int:
        """How many fixed lanes it has."""
        return int(self.number("ITEMLANES", 1))

    @property
    def playing_lanes(self) -> int | None:
        """A bit for each fixed lane that plays, ``None`` where all do (``LANESOLO``)."""
        words = self.row("LANESOLO")[1:]
        if self.number("FREEMODE", 1) != _FIXED_LANES or not words:
            return None
        shifted = (
            (int(number(w)) & 0xFFFFFFFF) << _LANES_PER_WORD * n for n, w in enumerate(words)
        )
        return sum(shifted)

    @property
    def color(self) -> int:
        """The colour with its in-use flag, 0 for none."""
        color = int(self.number("PEAKCOL", 1))
        return color if color & COLOR_IN_USE else 0

    @property
    def receives(self) -> list[Send]:
        """What it gets from other tracks."""
        return [Send(self, "AUXRECV", n) for n in range(len(list(self.places("AUXRECV"))))]

    @property
    def sends(self) -> list[Send]:
        """What other tracks get from it, in the order of those tracks."""
        received = (send for track in self.project.tracks for send in track.receives)
        return [send for send in received if send.source is self]

    @property
    def hardware_outs(self) -> list[Send]:
        """Its hardware outputs."""
        return [Send(self, "HWOUT", n) for n in range(len(list(self.places("HWOUT"))))]

    def ext(self, key: str) -> str:
        """``P_EXT:key``; empty where there is none."""
        block = self.block("EXT")
        rows = [tokens(entry) for entry in block.body if isinstance(entry, str)] if block else []
        return next((row[1] for row in rows if row[:1] == [key] and len(row) > 1), "")

    def set_ext(self, key: str, value: str) -> None:
        """Set ``P_EXT:key``; an empty value removes it."""
        if self.ext(key) == value:
            return
        block = self.block("EXT")
        if block is None:
            block = block_in(self.node, "<EXT\n>")
            self.node.body.insert(self._end_of_lines(), block)
        kept = [entry for entry in block.body if tokens(str(entry))[:1] != [key]]
        block.body[:] = [*kept, line_in(block, f"{key} {quoted(value)}")] if value else kept
        if not block.body:
            self.node.body.remove(block)
        self.project.touched()


class Master(Track):
    """The master track, whose lines are the project's own."""

    is_master = True
    keys = MASTER
    chain_block = "MASTERFXLIST"
    selected_line = "MASTER_SEL"

    @property
    def guid(self) -> str:
        """The master has none."""
        return NO_GUID

    @property
    def name(self) -> str:
        """The master has no name of its own."""
        return ""

    @property
    def index(self) -> int:
        """The master is no track of the list."""
        return -1

    @property
    def depth_change(self) -> int:
        """The master is no folder."""
        return 0

    @property
    def items(self) -> list[Item]:
        """The master has no items."""
        return []

    @property
    def receives(self) -> list[Send]:
        """Nothing is sent to the master by a send."""
        return []

    @property
    def color(self) -> int:
        """The colour with its in-use flag, 0 for none."""
        return int(self.keys["I_CUSTOMCOLOR"].read(self))


class Send(View):
    """A line ``AUXRECV`` of the track that receives, or ``HWOUT`` of the one that sends."""

    def __init__(self, track: Track, line: str, index: int) -> None:
        super().__init__(track.project, track.node, track)
        self.track = track
        self.line = line
        self.index = index

    @property
    def keys(self) -> Mapping[str, Key]:
        """Which attributes it has."""
        return SEND if self.line == "AUXRECV" else HARDWARE_OUT

    @property
    def place(self) -> int:
        """Where its line stands."""
        return list(self.track.places(self.line))[self.index]

    @property
    def span(self) -> range:
        """Its one line."""
        return range(self.place, self.place + 1)

    @property
    def source(self) -> Track | None:
        """The track that sends."""
        if self.line != "AUXRECV":
            return self.track
        index = int(self.number("AUXRECV", 1, -1.0))
        tracks = self.project.tracks
        return tracks[index] if 0 <= index < len(tracks) else None

    @property
    def target(self) -> Track | None:
        """The track that receives."""
        return self.track if self.line == "AUXRECV" else None

    def remove(self) -> None:
        """Take the line out."""
        del self.track.node.body[self.place]
        self.project.touched()
