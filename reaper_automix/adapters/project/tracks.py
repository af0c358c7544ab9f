"""``<TRACK`` blocks: the tracks of a project, their folder tree and their routing.

Sources: REAPER-saved projects from 4.32 to 7.66 and ReaTeam "State Chunk Definitions" for the
order of fields; the layout of ``GROUP_FLAGS`` was seen in a project saved by REAPER 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reaper_automix.adapters.project.envelopes import any_active, volume_envelope
from reaper_automix.adapters.project.fx import read_fx
from reaper_automix.adapters.project.ids import Ids
from reaper_automix.adapters.project.items import read_item, read_lanes
from reaper_automix.adapters.project.media import MediaFinder
from reaper_automix.rpp import Node, Table, readable, real, whole
from reaper_automix.session import AutomationMode, Receive, SendMode, Track

AUTOMATION: dict[int, AutomationMode] = {
    0: "trim/read",
    1: "read",
    2: "touch",
    3: "write",
    4: "latch",
    5: "latch preview",
}
"""``AUTOMODE``."""

SEND_MODES: dict[int, SendMode] = {
    0: "post-fader",
    1: "pre-fx",
    2: "pre-fader",
    3: "pre-fader",
}
"""``AUXRECV`` modes; 2 is what old versions wrote for 3 (``I_SENDMODE``)."""

PAN_ENVELOPES = frozenset(
    f"{name}{stage}"
    for name in ("PANENV", "WIDTHENV", "DUALPANENVL", "DUALPANENV")
    for stage in ("", "2")
)
VOLUME_LEAD, VOLUME_FOLLOW, VCA_LEAD, VCA_FOLLOW = 1, 2, 21, 22
"""Fields of ``GROUP_FLAGS``, each with a bit per group. A volume lead moves its followers' faders
when it is moved by hand; a VCA lead scales what its followers put out, always."""

_CHANNEL_BITS = 0x3FF  # above them stands how many channels
_CUSTOM_COLOR = 0x1000000
_WINDOWS = re.compile(r"[^/]+(?:/(?:x64|win).*)?")
"""Versions of REAPER for Windows: ``6.73/win64``, ``6.08/x64``, ``5.974``. It writes red last."""
_OFFSET_BYPASSED, _OFFSET_IN_SAMPLES = 1, 2
_FREE_POSITIONING = 1
MAX_CHANNELS = 128
"""More than these no track has (64 before REAPER 7)."""

LOCK_KEY = "automix_lock"
"""Key in a track's own ext state (``P_EXT``) that pins its fader; ``1`` where it is set."""


def identify(tracks: Sequence[Node], ids: Ids) -> list[str]:
    """The id of every track: the GUID it has, else one made from its name."""
    return [
        ids.claim([*node.arguments[:1], *(node.values("TRACKID") or [])[:1]], track_name(node))
        for node in tracks
    ]


def track_name(node: Node) -> str:
    """The name of a track; REAPER 6.13 adds a block for names that hold all three quotes."""
    exact = node.block("NAME")
    return readable(exact.free_text() if exact else "".join((node.values("NAME") or [])[:1]))


def depth_change(node: Node) -> int:
    """What ``ISBUS`` says of the tracks that follow: 1 opens a folder, -n closes n of them."""
    row = node.values("ISBUS") or ()
    kind, change = whole(row, 0), whole(row, 1)
    return 1 if kind == 1 or change > 0 else change


def parents(tracks: Sequence[Node]) -> list[int | None]:
    """The index of the folder that each track lies in; closing more than is open does no harm."""
    found: list[int | None] = []
    open_folders: list[int] = []
    for index, node in enumerate(tracks):
        found.append(open_folders[-1] if open_folders else None)
        change = depth_change(node)
        if change > 0:
            open_folders.append(index)
        elif change < 0:
            del open_folders[change:]
    return found


def read_tracks(project: Node, media: MediaFinder, sample_rate_hz: int) -> tuple[Track, ...]:
    """All tracks of a project, folders before what lies in them."""
    nodes = list(project.blocks("TRACK"))
    ids = Ids()
    track_ids = identify(nodes, ids)
    place = _Place(track_ids, ids, media, sample_rate_hz, _is_red_last(project))
    return tuple(
        _track(node, track_id, None if parent is None else track_ids[parent], place)
        for node, track_id, parent in zip(nodes, track_ids, parents(nodes), strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """What reading a track needs to know about its project."""

    track_ids: list[str]
    ids: Ids
    media: MediaFinder
    sample_rate_hz: int
    red_last: bool


def _track(node: Node, track_id: str, parent_id: str | None, place: _Place) -> Track:
    lines = node.table()
    lanes = read_lanes(lines)
    blocks = {block.name: block for block in node.blocks()}
    items = (
        read_item(item, track_id, lanes, place.ids, place.media) for item in node.blocks("ITEM")
    )
    volume = volume_envelope(blocks.get("VOLENV2"))
    return Track(
        id=track_id,
        name=track_name(node),
        parent_id=parent_id,
        folder=depth_change(node) > 0,
        items=tuple(items),
        fader_gain=lines.real("VOLPAN", 1, 1.0),
        pan=lines.real("VOLPAN", 2),
        pan_law=lines.real("VOLPAN", 3, -1.0),
        pan_mode=lines.whole("PANMODE", 1, -1),
        pan_width=_pan_width(lines),
        dual_pan_left=lines.real("VOLPAN", 4, -1.0),
        dual_pan_right=lines.real("VOLPAN", 5, 1.0),
        mute=lines.flag("MUTESOLO", 1),
        solo=lines.whole("MUTESOLO", 2),
        solo_defeat=lines.flag("MUTESOLO", 3),
        phase_inverted=lines.flag("IPHASE", 1),
        channels=max(2, min(MAX_CHANNELS, lines.whole("NCHAN", 1, 2))),
        main_send=lines.flag("MAINSEND", 1, default=True),
        receives=tuple(_receives(node, place.track_ids)),
        automation=AUTOMATION.get(lines.whole("AUTOMODE", 1), "trim/read"),
        volume=volume,
        pre_fx_volume=volume_envelope(blocks.get("VOLENV")),
        trim_volume=volume_envelope(blocks.get("VOLENV3")),
        volume_bypassed=volume is None and "VOLENV2" in blocks,
        pan_automated=any_active(blocks, PAN_ENVELOPES),
        mute_automated=any_active(blocks, ("MUTEENV",)),
        fx=read_fx(blocks.get("FXCHAIN")),
        fx_enabled=lines.flag("FX", 1, default=True),
        input_fx=any(fx.active for fx in read_fx(blocks.get("FXCHAIN_REC"))),
        play_offset_s=_play_offset_s(lines, place.sample_rate_hz),
        frozen="FREEZE" in blocks,
        locked=lines.flag("LOCK", 1),
        pinned=_is_pinned(blocks.get("EXT")),
        grouped=_in_groups(node, VOLUME_LEAD, VOLUME_FOLLOW, VCA_LEAD),
        vca_follower=_in_groups(node, VCA_FOLLOW),
        selected=lines.flag("SEL", 1),
        color=_color(lines.whole("PEAKCOL", 1), place.red_last),
        free_positioning=lines.whole("FREEMODE", 1) == _FREE_POSITIONING,
    )


def _receives(node: Node, track_ids: Sequence[str]) -> Iterator[Receive]:
    """``AUXRECV source mode gain pan mute mono phase source-channels target-channels …``."""
    for row in node.rows("AUXRECV"):
        source = whole(row, 1, -1)
        if not 0 <= source < len(track_ids):
            continue
        taken, fed = whole(row, 8), whole(row, 9)
        yield Receive(
            source_id=track_ids[source],
            mode=SEND_MODES.get(whole(row, 2), "post-fader"),
            gain=real(row, 3, 1.0),
            pan=real(row, 4),
            mute=whole(row, 5) != 0,
            mono=whole(row, 6) != 0,
            phase_inverted=whole(row, 7) != 0,
            source_channel=max(0, taken) & _CHANNEL_BITS,
            target_channel=max(0, fed) & _CHANNEL_BITS,
            audio=taken >= 0,
        )


def _is_red_last(project: Node) -> bool:
    """Whether colours are ``0x1BBGGRR``, as the system has them that the project was saved on."""
    return _WINDOWS.fullmatch("".join(project.arguments[1:2])) is not None


def _color(native: int, red_last: bool) -> int:
    """``0x1RRGGBB``; 0 for a colour that is not the user's own."""
    if not native & _CUSTOM_COLOR:
        return 0
    rgb = (native & 0xFFFFFF).to_bytes(3, "little" if red_last else "big")
    return _CUSTOM_COLOR | int.from_bytes(rgb, "big")


def _is_pinned(own_state: Node | None) -> bool:
    """Whether the ``<EXT`` block of a track has our mark."""
    rows = own_state.rows() if own_state is not None else ()
    return any(row[0].lower() == LOCK_KEY and row[1:2] not in ([], ["0"], [""]) for row in rows)


def _pan_width(lines: Table) -> float:
    """Width in stereo pan mode, from where the two sides stand.

    Derived: the file has no field for it, and the sides stand at ``pan ± width · (1 - |pan|)``.
    """
    reach = 1.0 - abs(lines.real("VOLPAN", 2))
    if reach <= 0.0:
        return 1.0
    sides = lines.real("VOLPAN", 5, 1.0) - lines.real("VOLPAN", 4, -1.0)
    return max(-1.0, min(1.0, sides / (2.0 * reach)))


def _play_offset_s(lines: Table, sample_rate_hz: int) -> float:
    """``PLAYOFFS offset flags``: &1 bypassed, &2 counted in samples."""
    flags = lines.whole("PLAYOFFS", 2)
    if flags & _OFFSET_BYPASSED:
        return 0.0
    offset = lines.real("PLAYOFFS", 1)
    return offset / sample_rate_hz if flags & _OFFSET_IN_SAMPLES else offset


def _in_groups(node: Node, *roles: int) -> bool:
    """Whether a track has one of these roles in any group, 1 to 32 or 33 to 64."""
    return any(
        whole(row, role) != 0
        for key in ("GROUP_FLAGS", "GROUP_FLAGS_HIGH")
        for row in node.rows(key)
        for role in roles
    )
