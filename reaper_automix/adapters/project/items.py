"""``<ITEM`` blocks: items, their takes, and what the takes play.

The first take's lines stand among the item's own; further takes follow, each after a line
``TAKE``, ``TAKE SEL`` (the one that plays) or ``TAKE NULL`` (an empty take). Where the first take
is an empty one its lines are simply missing. The first take's levels share the item's ``VOLPAN
item-gain take-pan take-gain pan-law``, the others have ``TAKEVOLPAN pan gain pan-law``.

Sources: REAPER-saved projects, ReaTeam "State Chunk Definitions", SWS ``BR_Util.cpp`` (SECTION).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reaper_automix.adapters.project.envelopes import any_active, volume_envelope
from reaper_automix.adapters.project.fx import read_fx
from reaper_automix.adapters.project.ids import Ids
from reaper_automix.adapters.project.media import MediaFinder
from reaper_automix.rpp import Node, Table, fields, readable, real, whole
from reaper_automix.session import Fade, Item, Section, Source, Take

FADE_SHAPES = {5.1: 6, 1.1: 7}
"""Shapes newer than the format's first field: steep S-curve and equal-power crossfade."""

NO_FADE = Fade()
"""Of an item that says nothing about one."""

SECTION_REVERSE = 2
REVERSE_ONLY = 3
_LANES_PER_WORD = 32
_FIXED_LANES = 2


@dataclass(frozen=True, slots=True)
class Lanes:
    """The fixed lanes of a track (REAPER 7): how many, and a bit for each that plays.

    ``playing`` is ``None`` where all of them do, and ``count`` 0 without fixed lanes.
    """

    count: int = 0
    playing: int | None = None

    def plays(self, y_position: Sequence[str]) -> bool:
        """Whether an item plays whose line is ``YPOS top height``, in parts of the track."""
        if self.count < 1 or self.playing is None:
            return True
        lane = round(real(y_position, 1) * self.count)
        return bool(self.playing >> min(max(lane, 0), self.count - 1) & 1)


@dataclass(slots=True)
class _Part:
    """The lines and blocks of one take; the first part has the item's own too."""

    mark: Sequence[str] = ()
    lines: Table = field(default_factory=Table)
    blocks: dict[str, Node] = field(default_factory=dict)

    @property
    def levels(self) -> Sequence[str]:
        """Pan, gain and pan law, from the second token on."""
        return self.lines.line("TAKEVOLPAN") if self.mark else self.lines.line("VOLPAN")[1:]

    @property
    def is_take(self) -> bool:
        return "GUID" in self.lines or "NAME" in self.lines or "SOURCE" in self.blocks


def read_lanes(track: Table) -> Lanes:
    """The fixed lanes of a track, of its lines ``FREEMODE ITEMLANES LANESOLO``.

    ``LANESOLO`` is a row of 32-bit words; without it every lane plays (REAPER 7.80).
    """
    if track.whole("FREEMODE", 1) != _FIXED_LANES or "LANESOLO" not in track:
        return Lanes()
    words = track.line("LANESOLO")
    playing = sum(
        (whole(words, index) & 0xFFFFFFFF) << _LANES_PER_WORD * (index - 1)
        for index in range(1, len(words))
    )
    return Lanes(max(1, track.whole("ITEMLANES", 1, 1)), playing)


def read_item(node: Node, track_id: str, lanes: Lanes, ids: Ids, media: MediaFinder) -> Item:
    """The item of an ``<ITEM`` block."""
    parts = _parts(node)
    own = parts[0].lines
    item_id = ids.claim(own.line("IGUID")[1:2], f"{track_id}/item")
    takes = parts if parts[0].is_take or len(parts) > 1 else []
    return Item(
        id=item_id,
        position_s=own.real("POSITION", 1),
        length_s=max(0.0, own.real("LENGTH", 1)),
        takes=tuple(_take(part, item_id, ids, media) for part in takes),
        active_take=next((i for i, part in enumerate(takes) if "SEL" in part.mark), 0),
        all_takes_play=own.flag("ALLTAKES", 1),
        loop=own.flag("LOOP", 1),
        gain=own.real("VOLPAN", 1, 1.0),
        mute=_is_muted(own.line("MUTE")),
        plays=lanes.plays(own.line("YPOS")),
        fade_in=_fade(own.line("FADEIN")),
        fade_out=_fade(own.line("FADEOUT")),
    )


def _parts(node: Node) -> list[_Part]:
    parts = [_Part()]
    for entry in node.body:
        if isinstance(entry, Node):
            parts[-1].blocks.setdefault(entry.name, entry)
            continue
        row = fields(entry)
        if row and row[0] == "TAKE":
            parts.append(_Part(row))
        elif row:
            parts[-1].lines.add(row)
    return parts


def _take(part: _Part, item_id: str, ids: Ids, media: MediaFinder) -> Take:
    lines = part.lines
    take_id = ids.claim(lines.line("GUID")[1:2], f"{item_id}/take")
    if not part.is_take:
        return Take(take_id)
    source, levels = part.blocks.get("SOURCE"), part.levels
    return Take(
        id=take_id,
        name=readable(lines.text("NAME")),
        source=read_source(source, media) if source else None,
        offset_s=lines.real("SOFFS", 1),
        play_rate=rate if (rate := lines.real("PLAYRATE", 1, 1.0)) > 0.0 else 1.0,
        preserve_pitch=lines.flag("PLAYRATE", 2, default=True),
        pitch_semitones=lines.real("PLAYRATE", 3),
        pan=real(levels, 1),
        gain=real(levels, 2, 1.0),
        pan_law=real(levels, 3, -1.0),
        channel_mode=lines.whole("CHANMODE", 1),
        volume=volume_envelope(part.blocks.get("VOLENV")),
        pan_automated=any_active(part.blocks, ("PANENV",)),
        mute_automated=any_active(part.blocks, ("MUTEENV",)),
        has_fx=any(fx.active for fx in read_fx(part.blocks.get("TAKEFX"))),
        has_stretch_markers="SM" in lines,
    )


def read_source(node: Node, media: MediaFinder) -> Source:
    """What a ``<SOURCE`` block plays; sections in sections become one.

    A source that was saved offline (``_OFFLINE_``) is read like any other: REAPER takes media
    offline for passing reasons, and the file is what will sound.
    """
    section = None
    while (kind := _kind(node)) == "SECTION" and (inner := node.block("SOURCE")):
        section = _within(_section(node), section)
        node = inner
    path = (node.values("FILE") or [""])[0]
    return Source(kind, readable(path), media.find(path), section)


def _kind(node: Node) -> str:
    return "".join(node.arguments[:1]).upper().removeprefix("_OFFLINE_")


def _section(node: Node) -> Section:
    lines = node.table()
    mode = lines.whole("MODE", 1)
    if mode == REVERSE_ONLY:
        return Section(reverse=True)
    return Section(
        start_s=lines.real("STARTPOS", 1),
        length_s=lines.real("LENGTH", 1),
        overlap_s=lines.real("OVERLAP", 1),
        reverse=mode == SECTION_REVERSE,
    )


def _within(inner: Section, outer: Section | None) -> Section:
    """The part of a source that an outer section plays of an inner one."""
    if outer is None:
        return inner
    rest_s = max(0.0, inner.length_s - outer.start_s) if inner.length_s > 0.0 else 0.0
    return Section(
        start_s=inner.start_s + outer.start_s,
        length_s=outer.length_s if outer.length_s > 0.0 else rest_s,
        overlap_s=outer.overlap_s,
        reverse=inner.reverse != outer.reverse,
    )


def _fade(line: Sequence[str]) -> Fade:
    """``FADEIN shape length automatic-length … … curve``; an automatic length goes first."""
    if not line:
        return NO_FADE
    automatic_s = real(line, 3)
    return Fade(
        length_s=automatic_s if automatic_s > 0.0 else max(0.0, real(line, 2)),
        shape=_fade_shape(real(line, 1, 1.0)),
        curve=max(-1.0, min(1.0, real(line, 6))),
    )


def _fade_shape(written: float) -> int:
    shape = FADE_SHAPES.get(written, int(written))
    return shape if 0 <= shape <= 7 else 1


def _is_muted(line: Sequence[str]) -> bool:
    """``MUTE mute solo``: solo -1 sounds although muted, 1 is silenced by another item's solo."""
    solo = whole(line, 2)
    return solo > 0 or (solo == 0 and whole(line, 1) != 0)
