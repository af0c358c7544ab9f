"""The keys of items and takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reaper_double.keys import Computed, Field, Fixed, Key, Linked

SHAPE_OF_TOKEN = {5.1: 6.0, 1.1: 7.0}
TOKEN_OF_SHAPE = {shape: token for token, shape in SHAPE_OF_TOKEN.items()}
_FIRST, _LATER = 0, 1


def _shape(line: str) -> Key:
    """Shapes 6 and 7 are written ``5.1`` and ``1.1``."""

    def get(item: Any) -> float:
        written = item.number(line, 1, 1.0)
        return SHAPE_OF_TOKEN.get(written, written)

    def put(item: Any, shape: float) -> None:
        item.put_number(line, 1, TOKEN_OF_SHAPE.get(shape, shape))

    return Computed(get, put)


def _is_muted(item: Any) -> float:
    """A soloed item (-1) sounds although muted, 1 is silenced by another item's solo."""
    solo = item.number("MUTE", 2)
    return solo > 0 or (solo == 0 and item.number("MUTE", 1) != 0)


def _mute(item: Any, value: float) -> None:
    item.put_number("MUTE", 1, value)
    if item.number("MUTE", 2):
        item.put_number("MUTE", 2, 0)


def _level(indices: tuple[int, int], default: float) -> Key:
    """First takes share the item's ``VOLPAN``, later ones have a ``TAKEVOLPAN``."""

    def field(take: Any) -> Field:
        first = take.index == 0
        line = "VOLPAN" if first else "TAKEVOLPAN"
        return Field(line, indices[_FIRST if first else _LATER], default)

    def get(take: Any) -> float:
        return field(take).read(take)

    def put(take: Any, value: float) -> None:
        field(take).write(take, value)

    return Computed(get, put)


ITEM: Mapping[str, Key] = {
    "D_POSITION": Field("POSITION"),
    "D_LENGTH": Field("LENGTH"),
    "D_SNAPOFFSET": Field("SNAPOFFS"),
    "D_VOL": Field("VOLPAN", 1, 1.0),
    "B_MUTE": Computed(_is_muted, _mute),
    "B_MUTE_ACTUAL": Field("MUTE", 1),
    "C_MUTE_SOLO": Field("MUTE", 2),
    "C_LANEPLAYS": Computed(lambda item: item.lane_plays),
    "I_FIXEDLANE": Computed(lambda item: item.lane),
    "B_FIXEDLANE_HIDDEN": Fixed(),
    "B_LOOPSRC": Field("LOOP"),
    "B_ALLTAKESPLAY": Field("ALLTAKES"),
    "B_UISEL": Field("SEL"),
    "C_BEATATTACHMODE": Field("BEAT", 1, -1.0),
    "C_AUTOSTRETCH": Field("AUTOSTRETCH"),
    "C_LOCK": Field("LOCK"),
    "D_FADEINLEN": Field("FADEIN", 2),
    "D_FADEOUTLEN": Field("FADEOUT", 2),
    "D_FADEINLEN_AUTO": Field("FADEIN", 3),
    "D_FADEOUTLEN_AUTO": Field("FADEOUT", 3),
    "D_FADEINDIR": Field("FADEIN", 6),
    "D_FADEOUTDIR": Field("FADEOUT", 6),
    "C_FADEINSHAPE": _shape("FADEIN"),
    "C_FADEOUTSHAPE": _shape("FADEOUT"),
    "I_FADELPF": Fixed(),
    "I_GROUPID": Field("GROUP"),
    "I_CUSTOMCOLOR": Field("COLOR"),
    "I_CURTAKE": Computed(lambda item: item.active_index, lambda item, n: item.activate(int(n))),
    "F_FREEMODE_Y": Field("YPOS", 1),
    "F_FREEMODE_H": Field("YPOS", 2, 1.0),
    "IP_ITEMNUMBER": Computed(lambda item: item.index),
    "I_LASTY": Fixed(),
    "I_LASTH": Fixed(),
    "P_TRACK": Linked(lambda item: item.track),
}

TAKE: Mapping[str, Key] = {
    "D_STARTOFFS": Field("SOFFS"),
    "D_VOL": _level((3, 2), 1.0),
    "D_PAN": _level((2, 1), 0.0),
    "D_PANLAW": _level((4, 3), -1.0),
    "D_PLAYRATE": Field("PLAYRATE", 1, 1.0),
    "B_PPITCH": Field("PLAYRATE", 2, 1.0),
    "D_PITCH": Field("PLAYRATE", 3),
    "I_PITCHMODE": Field("PLAYRATE", 4, -1.0),
    "I_STRETCHFLAGS": Field("PLAYRATE", 5),
    "F_STRETCHFADESIZE": Field("PLAYRATE", 6, 0.0025),
    "I_CHANMODE": Field("CHANMODE"),
    "I_CUSTOMCOLOR": Field("TAKECOLOR"),
    "I_RECPASSID": Field("RECPASS"),
    "I_TAKEFX_NCH": Fixed(2.0),
    "IP_TAKENUMBER": Computed(lambda take: take.index),
    "IP_SPECEDIT:CNT": Fixed(),
    "I_LASTY": Fixed(),
    "I_LASTH": Fixed(),
    "P_TRACK": Linked(lambda take: take.item.track),
    "P_ITEM": Linked(lambda take: take.item),
    "P_SOURCE": Linked(lambda take: take.source),
}
