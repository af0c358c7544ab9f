"""Changes to a project's tree: faders and envelopes, folders, the order of tracks, where media are.

Each touches the lines it must and no other. Whatever refers to tracks by their place, the sources
of receives (``AUXRECV``), follows when places change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reaper_automix.adapters.project.envelopes import volume_envelope, write_points
from reaper_automix.adapters.project.ids import Ids, made_guid, new_guid
from reaper_automix.adapters.project.media import MediaFinder, is_absolute
from reaper_automix.adapters.project.tracks import (
    MAX_CHANNELS,
    depth_change,
    identify,
    parents,
)
from reaper_automix.errors import InputError
from reaper_automix.rpp import QUOTES, Node, fields, number_text, quote, real, whole, with_field
from reaper_automix.session import Envelope, Session, Track

FOLDER_LINES = (
    "PEAKCOL {color}",
    "BEAT -1",
    "AUTOMODE 0",
    "VOLPAN 1 0 1 -1 1",
    "MUTESOLO 0 0 0",
    "IPHASE 0",
    "PLAYOFFS 0 1",
    "ISBUS 1 1",
    "BUSCOMP 0 0 0 0 0",
    "SHOWINMIX 1 0.6667 0.5 1 0.5 0 0 0",
    "SEL 0",
    "REC 0 0 1 0 0 0 0 0",
    "VU 2",
    "TRACKHEIGHT 0 0 0 0 0 0",
    "INQ 0 0 0 0.5 100 0 0 100",
    "NCHAN {channels}",
    "FX 1",
    "TRACKID {guid}",
    "PERF 0",
    "MIDIOUT -1",
    "MAINSEND 1 0",
)
"""What REAPER 6 and 7 write for a new folder, after its name.

But for the pan law: one of its own at 0 dB, for the project's would take from its tracks again
what it took from them already.
"""


VOLUME_LINES = (
    "EGUID {guid}",
    "ACT 1 -1",
    "VIS 1 1 1",
    "LANEHEIGHT 0 0",
    "ARM 0",
    "DEFSHAPE 0 -1 -1",
)
"""What REAPER 6 and 7 write for a volume envelope that is active and shown, before its points."""

NO_COLOR = 16576
"""What ``PEAKCOL`` says where there is no colour."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a track goes: the tracks' order is that of the places."""

    track_id: str
    folder_id: str | None = None


def track_nodes(project: Node) -> dict[str, Node]:
    """The ``<TRACK`` blocks of a project by track id, in their order."""
    nodes = list(project.blocks("TRACK"))
    return dict(zip(identify(nodes, Ids()), nodes, strict=True))


def places_of(project: Node) -> list[Place]:
    """Where the tracks of a project are now."""
    nodes = track_nodes(project)
    ids = list(nodes)
    folders = parents(list(nodes.values()))
    return [
        Place(track_id, None if folder is None else ids[folder])
        for track_id, folder in zip(ids, folders, strict=True)
    ]


def set_faders(project: Node, faders: Mapping[str, float]) -> None:
    """Set faders (linear gain) by track id; the line of one that stands there already is kept."""
    _set_levels(project, faders, place=1, resting=1.0)


def set_pans(project: Node, pans: Mapping[str, float]) -> None:
    """Set pans (-1 left … 1 right) by track id; the line of one that stands there is kept."""
    _set_levels(project, pans, place=2, resting=0.0)


def _set_levels(project: Node, levels: Mapping[str, float], *, place: int, resting: float) -> None:
    """Set one field of ``VOLPAN`` by track id; without that line, a track stands at rest."""
    nodes = track_nodes(project)
    _require(nodes, levels)
    for track_id, level in levels.items():
        node, text = nodes[track_id], number_text(level)
        if number_text(real(node.values("VOLPAN") or (), place - 1, resting)) == text:
            continue
        if node.values("VOLPAN") is None:
            node.add_line("VOLPAN 1 0 -1 -1 1", at=0)
        node.edit("VOLPAN", place, text)


def set_volumes(project: Node, volumes: Mapping[str, Envelope], own: Collection[str] = ()) -> None:
    """Give tracks these volume envelopes by track id.

    ``own`` are tracks whose envelope an earlier balance wrote: it gives way to the new one, or to
    none. :class:`InputError` where any other is in the way.
    """
    nodes = track_nodes(project)
    _require(nodes, volumes)
    for track_id, node in nodes.items():
        block, volume = node.block("VOLENV2"), volumes.get(track_id)
        if block is not None and volume is not None and track_id not in own:
            raise InputError(
                f"Track {track_id} has a volume envelope of its own by now; balance it once more."
            )
        if volume is not None:
            _write_volume(node, track_id, block, volume)
        elif block is not None and track_id in own:
            node.body.remove(block)


def _write_volume(node: Node, track_id: str, block: Node | None, volume: Envelope) -> None:
    """Where the points stand there already, nothing is touched."""
    if block is None:
        block = node.add_block("VOLENV2", at=_end_of_lines(node))
        for line in VOLUME_LINES:
            block.add_line(line.format(guid=made_guid(f"{track_id}/VOLENV2")))
    if volume_envelope(block) != volume:
        write_points(block, volume)


def _end_of_lines(node: Node) -> int:
    """Where the first block of a track begins, behind all of its own lines before it."""
    blocks = (at for at, entry in enumerate(node.body) if isinstance(entry, Node))
    return next(blocks, len(node.body))


def arrange(project: Node, places: Sequence[Place]) -> None:
    """Put all tracks into this order and these folders.

    A folder stands right before what lies in it; :class:`ValueError` where that is not so. A track
    that nothing lies in is no folder afterwards.
    """
    nodes = track_nodes(project)
    if sorted(nodes) != sorted(place.track_id for place in places):
        raise ValueError("the places are not those of the tracks of this project")
    _apply(project, places, nodes, list(nodes.values()))


def insert_folder(
    project: Node, name: str, track_ids: Sequence[str], *, folder_id: str | None = None
) -> str:
    """Group tracks in a new folder where the first of them stands; the folder's id.

    Folders come along with all that is in them. The new one has unity gain and as many channels
    as its widest track, so that tracks which had one home sound as before.
    """
    nodes = track_nodes(project)
    _require(nodes, track_ids)
    places = places_of(project)
    moved = _with_contents(places, track_ids)
    if not moved:
        raise InputError(f"There is no track to put into the folder {name}; select one at least.")
    channels = max(whole(nodes[place.track_id].values("NCHAN") or (), 0, 2) for place in moved)
    old = list(nodes.values())
    folder = Track(folder_id or new_guid(), name, channels=channels)
    at = project.body.index(nodes[moved[0].track_id])
    nodes[folder.id] = _new_folder(project, folder, at)
    _apply(project, list(_grouped(places, moved, folder.id)), nodes, old)
    return folder.id


def lay_out(project: Node, session: Session) -> None:
    """Put the tracks into the order and the folders of a session, which has all of them.

    Its tracks that the project does not have are made, as folders at unity gain with their name,
    their colour and room for what is sent into them.
    """
    nodes = track_nodes(project)
    if not nodes.keys() <= {track.id for track in session.tracks}:
        raise ValueError("the session does not have all tracks of this project")
    old = list(nodes.values())
    for track in session.tracks:
        if track.id not in nodes:
            wide = replace(track, channels=_reach(session, track, nodes))
            nodes[track.id] = _new_folder(project, wide, project.body.index(old[0]))
    places = [Place(track.id, track.parent_id) for track in session.tracks]
    _apply(project, places, nodes, old)


def rebase_media(project: Node, media: MediaFinder, folder: Path) -> None:
    """Rewrite the paths of media for a project that moves to ``folder``, where they change.

    As REAPER does it: relative to the project's folder for what is inside it, else absolute. A
    file that is missing keeps pointing to where it should be.
    """
    for node in project.walk():
        path = node.values("FILE") if node.name == "SOURCE" else None
        if path and path[0] != (moved := _moved_path(path[0], media, folder)):
            node.edit("FILE", 1, quote(moved, always=True))


def _moved_path(written: str, media: MediaFinder, folder: Path) -> str:
    found = media.find(written)
    if found is None and is_absolute(written):
        return written
    path = Path(found) if found else media.folder / written.replace("\\", "/")
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _require(nodes: Mapping[str, Node], track_ids: Iterable[str]) -> None:
    missing = next((track for track in track_ids if track not in nodes), None)
    if missing is not None:
        raise InputError(f"The project has no track {missing}; it was changed, so read it again.")


def _with_contents(places: Sequence[Place], track_ids: Iterable[str]) -> list[Place]:
    """The places of tracks and of all that lies in them."""
    inside = set(track_ids)
    for place in places:
        if place.folder_id in inside:
            inside.add(place.track_id)
    return [place for place in places if place.track_id in inside]


def _grouped(places: Sequence[Place], moved: Sequence[Place], folder_id: str) -> Iterator[Place]:
    moved_ids = {place.track_id for place in moved}
    for place in places:
        if place is moved[0]:
            yield Place(folder_id, place.folder_id)
            for inner in moved:
                is_top = inner.folder_id not in moved_ids
                yield Place(inner.track_id, folder_id) if is_top else inner
        elif place.track_id not in moved_ids:
            yield place


def _new_folder(project: Node, folder: Track, at: int) -> Node:
    """A block for a new folder; what lies in it is another matter."""
    node = project.add_block("TRACK", folder.id, at=at)
    node.add_line("NAME", quote(folder.name))
    if all(mark in folder.name for mark in QUOTES):
        node.add_block("NAME").add_line(f"|{folder.name}")
    color = folder.color or NO_COLOR
    for line in FOLDER_LINES:
        node.add_line(line.format(guid=folder.id, channels=folder.channels, color=color))
    return node


def _reach(session: Session, folder: Track, nodes: Mapping[str, Node]) -> int:
    """Channels that a folder needs: ``MAINSEND on offset`` may send to later ones."""
    inside = (nodes[track.id] for track in session.children(folder.id) if track.id in nodes)
    ends = (
        max(0, whole(node.values("MAINSEND") or (), 1)) + whole(node.values("NCHAN") or (), 0, 2)
        for node in inside
    )
    reach = max(ends, default=folder.channels)
    return max(folder.channels, min(MAX_CHANNELS, reach + reach % 2))


def _apply(
    project: Node, places: Sequence[Place], nodes: Mapping[str, Node], old: Sequence[Node]
) -> None:
    """Lay tracks out anew; ``old`` is the order that receives count in."""
    new = [nodes[place.track_id] for place in places]
    depths = _depths(places)
    tracks = set(new)
    slots = [index for index, entry in enumerate(project.body) if entry in tracks]
    for slot, node in zip(slots, new, strict=True):
        project.body[slot] = node
    for node, depth, following in zip(new, depths, [*depths, 0][1:], strict=True):
        _set_depth_change(node, following - depth)
    _renumber_receives(old, new)


def _depths(places: Sequence[Place]) -> list[int]:
    """How many folders each track lies in."""
    depths = []
    open_folders: list[str] = []
    for place in places:
        while open_folders and open_folders[-1] != place.folder_id:
            open_folders.pop()
        if place.folder_id is not None and not open_folders:
            raise ValueError(f"track {place.track_id} does not follow its folder")
        depths.append(len(open_folders))
        open_folders.append(place.track_id)
    return depths


def _set_depth_change(node: Node, change: int) -> None:
    if depth_change(node) == change:
        return
    kind = "1" if change > 0 else "2" if change < 0 else "0"
    if node.edit("ISBUS", 1, kind):
        node.edit("ISBUS", 2, str(change))
    else:
        node.add_line("ISBUS", kind, str(change), at=0)


def _renumber_receives(old: Sequence[Node], new: Sequence[Node]) -> None:
    place = {node: index for index, node in enumerate(new)}
    for node in new:
        for at, entry in enumerate(node.body):
            if isinstance(entry, str) and "AUXRECV" in entry:
                node.body[at] = _renumbered(entry, old, place)


def _renumbered(line: str, old: Sequence[Node], place: Mapping[Node, int]) -> str:
    row = fields(line)
    source = whole(row, 1, -1)
    if row[0] != "AUXRECV" or not 0 <= source < len(old) or place[old[source]] == source:
        return line
    return with_field(line, 1, str(place[old[source]]))
