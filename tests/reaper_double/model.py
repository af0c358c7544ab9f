"""The model of one project: the tree of its .RPP text, and objects as views on its blocks.

Values live in the text with its 14 decimals, so a value read back may differ from the one written
after the 14th decimal, as it would after saving and loading.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from reaper_automix.rpp import Node, decode, dump, encode, parse
from reaper_double.history import History, State
from reaper_double.model_envelope import ENVELOPES, Envelope
from reaper_double.model_fx import Effects
from reaper_double.model_item import Item
from reaper_double.model_source import Source
from reaper_double.model_track import Master, Track
from reaper_double.templates import EMPTY_PROJECT, NEW_ITEM, NEW_TRACK
from reaper_double.text import block_in
from reaper_double.view import View

ROOT = "REAPER_PROJECT"
NOT_UNDONE = ("RENDER_", "CURSOR", "SEL", "MASTER_SEL")
"""How lines begin whose change is no edit: nobody expects it in an undo block."""

_VIEWS: dict[str, type[View]] = {"TRACK": Track, "ITEM": Item, "SOURCE": Source} | dict.fromkeys(
    ENVELOPES, Envelope
)
Lasting = dict[Hashable, View]
_Any = TypeVar("_Any")


class Project(View):
    """One project tab."""

    kind = "ReaProject"

    def __init__(self, text: str = EMPTY_PROJECT, path: str = "") -> None:
        self.path = path
        self.document = parse(text)
        root = self.document.block(ROOT)
        assert root is not None, "not a REAPER project"
        super().__init__(self, root, None)
        self.dirty = False
        self.changes = 0
        self.playing = 0
        self.unsaved: dict[str, Any] = {}
        self.effects = Effects()
        self.when_changed: Callable[[], None] = lambda: None
        self._views: dict[Node, View] = {}
        self._cache: dict[Any, Any] = {}
        self._adopt(self.node, self)
        self.master = Master(self, self.node, self)
        self.history = History(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Project:
        """The project of a file."""
        return cls(decode(Path(path).read_bytes()), os.path.abspath(path))

    def save(self, path: str | os.PathLike[str] | None = None) -> None:
        """Write the project to its file or to another."""
        Path(path or self.path).write_bytes(encode(self.rpp))
        self.dirty = False

    @property
    def rpp(self) -> str:
        """The project's text."""
        return dump(self.document)

    @property
    def is_blank(self) -> bool:
        """Whether it is the project that REAPER starts with, untouched."""
        return not self.path and self.rpp == EMPTY_PROJECT

    @property
    def folder(self) -> str:
        """The folder of the project file; empty for an unsaved project."""
        return os.path.dirname(self.path)

    @property
    def media_folder(self) -> str:
        """Where it records to."""
        return os.path.join(self.folder, self.text("RECORD_PATH", 1).replace("\\", "/"))

    def absolute(self, written: str) -> str:
        """The absolute path of a file that the project names."""
        if not os.path.isabs(written) and os.path.sep == "/" and written[1:2] != ":":
            written = written.replace("\\", "/")
        return os.path.normpath(os.path.join(self.folder, written)) if self.folder else written

    @property
    def tracks(self) -> list[Track]:
        """All tracks but the master."""
        return self.cached(
            "tracks", lambda: [self.view_of(node, Track) for node in self.node.blocks("TRACK")]
        )

    @property
    def items(self) -> list[Item]:
        """All items, track by track."""
        return self.cached("items", lambda: [item for track in self.tracks for item in track.items])

    @property
    def selected_tracks(self) -> list[Track]:
        """The selected tracks but the master."""
        return [track for track in self.tracks if track.is_selected]

    @property
    def parents(self) -> dict[Track, Track | None]:
        """The folder that each track lies in."""
        return self._hierarchy()[0]

    @property
    def levels(self) -> dict[Track, int]:
        """How many folders each track lies in."""
        return self._hierarchy()[1]

    @property
    def length_s(self) -> float:
        """The end of the last item or marker."""
        ends = [item.number("POSITION", 1) + item.number("LENGTH", 1) for item in self.items]
        markers = [float(self.tokens_at(at)[2]) for at in self.places("MARKER")]
        return max([0.0, *ends, *markers])

    def track(self, guid_or_name: str) -> Track:
        """The track of a GUID or a name, for tests."""
        return next(t for t in self.tracks if guid_or_name in (t.guid, t.name))

    def view_of(self, node: Node, _kind: type[_Any]) -> _Any:
        """The object of a block."""
        return self._views[node]

    def all_views(self) -> Iterator[View]:
        """The objects of all blocks in the order of the text."""
        return (self._views[node] for node in self.node.walk() if node in self._views)

    def cached(self, key: Any, compute: Callable[[], _Any]) -> _Any:
        """A list that only changes with the structure of the project."""
        if key not in self._cache:
            self._cache[key] = compute()
        return self._cache[key]

    def new_guid(self) -> str:
        """A new GUID."""
        return f"{{{uuid.uuid4()}}}".upper()

    def touched(self, line: str = "") -> None:
        """Every change of the text ends here, with the key of the line that it was."""
        self.changes += 1
        self._cache.pop("hierarchy", None)
        if not line.startswith(NOT_UNDONE):
            self.dirty = True
            self.when_changed()

    def insert_track(self, index: int) -> Track:
        """A new track at a place."""
        tracks = self.tracks
        index = max(0, min(index, len(tracks)))
        node = block_in(self.node, NEW_TRACK.format(guid=self.new_guid()))
        with self._renumbering():
            self.node.body.insert(self._place_of_track(index), node)
            self._adopt_block(node, self)
            self._restructured()
        return self.view_of(node, Track)

    def delete_track(self, track: Track) -> None:
        """Remove a track; its ``ISBUS`` goes with it (what REAPER does to folders then: [?])."""
        with self._renumbering():
            self.node.body.remove(track.node)
            self._bury(track.node)
            self._restructured()

    def order_tracks(self, order: list[Track]) -> None:
        """Bring the tracks into another order."""
        places = [self.node.body.index(track.node) for track in self.tracks]
        with self._renumbering():
            for at, track in zip(places, order, strict=True):
                self.node.body[at] = track.node
            self._restructured()

    def add_item(self, track: Track, text: str = "") -> Item:
        """An item on a track, empty or of a text of lines without indent."""
        made = NEW_ITEM.format(guid=self.new_guid(), number=len(self.items) + 1)
        node = block_in(track.node, text or made)
        track.node.body.append(node)
        self._adopt_block(node, track)
        self._restructured()
        return self.view_of(node, Item)

    def delete_item(self, item: Item) -> None:
        """Remove an item."""
        item.track.node.body.remove(item.node)
        self._bury(item.node)
        self._restructured()

    def add_block(self, owner: View, at: int, text: str) -> Node:
        """Put a block of lines without indent into an object's block."""
        node = block_in(owner.node, text)
        owner.node.body.insert(at, node)
        self._adopt_block(node, owner)
        self._restructured()
        return node

    def restore(self, state: State) -> None:
        """Go back to a state; objects that are gone stay so, those of the state live on."""
        lasting = {_identity(view): view for view in self._views.values()}
        self.document = parse(state.text)
        self.node = self.document.block(ROOT)
        self.master.node = self.node
        for view in self._views.values():
            view.alive = False
        self._views.clear()
        self._rebind(self.node, self, iter(state.views), lasting)
        with self.unobserved():
            self._restructured()

    def close(self) -> None:
        """Close the tab: every pointer into the project is stale from now on."""
        for view in [self, self.master, *self._views.values()]:
            view.alive = False

    @contextmanager
    def unobserved(self) -> Iterator[None]:
        """Changes that no script made."""
        observer, self.when_changed = self.when_changed, lambda: None
        try:
            yield
        finally:
            self.when_changed = observer

    @contextmanager
    def user(self, title: str) -> Iterator[Project]:
        """What a user does by hand: changes with an undo point of their own."""
        with self.unobserved():
            yield self
        if self.history.depth == 0:
            self.history.note(title)

    def user_moves_fader(self, guid: str, gain: float) -> None:
        """The user drags a fader to a linear gain."""
        with self.user("Adjust track volume"):
            self.track(guid).put_number("VOLPAN", 1, gain)

    def user_deletes_track(self, guid: str) -> None:
        """The user deletes a track."""
        with self.user("Remove tracks"):
            self.delete_track(self.track(guid))

    def user_renames_track(self, guid: str, name: str) -> None:
        """The user types another name."""
        with self.user("Change track name"):
            self.track(guid).name = name

    def user_selects(self, *guids: str) -> None:
        """The user selects exactly these tracks."""
        with self.user("Change track selection"):
            for track in self.tracks:
                track.is_selected = track.guid in guids or track.name in guids

    def user_moves_item(self, item: Item, position_s: float) -> None:
        """The user drags an item along the time line."""
        with self.user("Move media items"):
            item.put_number("POSITION", 1, position_s)

    def user_selects_time(self, start_s: float, end_s: float) -> None:
        """The user drags a time selection."""
        with self.user("Set time selection"):
            for line in ("SELECTION", "SELECTION2"):
                self.put_number(line, 1, start_s)
                self.put_number(line, 2, end_s)

    def _hierarchy(self) -> tuple[dict[Track, Track | None], dict[Track, int]]:
        return self.cached("hierarchy", self._find_hierarchy)

    def _find_hierarchy(self) -> tuple[dict[Track, Track | None], dict[Track, int]]:
        parents: dict[Track, Track | None] = {self.master: None}
        levels = {self.master: 0}
        open_folders: list[Track] = []
        for track in self.tracks:
            parents[track] = open_folders[-1] if open_folders else None
            levels[track] = len(open_folders)
            if track.depth_change > 0:
                open_folders.append(track)
            elif track.depth_change < 0:
                del open_folders[track.depth_change :]
        return parents, levels

    def _place_of_track(self, index: int) -> int:
        if index < len(self.tracks):
            return self.node.body.index(self.tracks[index].node)
        last = self.tracks[-1].node if self.tracks else None
        return len(self.node.body) if last is None else self.node.body.index(last) + 1

    @contextmanager
    def _renumbering(self) -> Iterator[None]:
        """Receives name tracks by their place: keep them right, drop those of deleted tracks."""
        sends = [(send, send.source) for track in self.tracks for send in track.receives]
        yield
        numbers = {track: index for index, track in enumerate(self.tracks)}
        for send, source in reversed(sends):
            if not send.track.alive:
                continue
            if source in numbers:
                send.put_number("AUXRECV", 1, numbers[source])
            elif source is not None:
                send.remove()

    def _restructured(self) -> None:
        self._cache.clear()
        self.touched()

    def _adopt_block(self, node: Node, owner: View) -> None:
        kind = _VIEWS.get(node.name)
        if kind is not None:
            owner = self._views[node] = kind(self, node, owner)
        self._adopt(node, owner)

    def _adopt(self, node: Node, owner: View) -> None:
        for inner in node.blocks():
            self._adopt_block(inner, owner)

    def _bury(self, node: Node) -> None:
        for inner in node.walk():
            if view := self._views.pop(inner, None):
                view.alive = False

    def _rebind(self, node: Node, owner: View, views: Iterator[View], lasting: Lasting) -> None:
        for inner in node.blocks():
            holder = owner
            if inner.name in _VIEWS:
                holder = self._views[inner] = self._revived(next(views), inner, owner, lasting)
            self._rebind(inner, holder, views, lasting)

    def _revived(self, view: View, node: Node, owner: View, lasting: Lasting) -> View:
        """The object that is there now, else a new one: stale pointers stay stale."""
        found = lasting.get(_identity(view))
        if found is None:
            return type(view)(self, node, owner)
        found.node, found.owner, found.alive = node, owner, True
        return found


def _identity(view: View) -> Hashable:
    """What makes two objects the same across undo: the GUID in the text, else the object."""
    guid = getattr(view, "guid", "")
    return (type(view), guid) if guid else view
