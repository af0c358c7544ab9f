"""The keys of tracks, of the master track and of sends."""

from __future__ import annotations

from typing import Any

from reaper_double.keys import Computed, Field, Fixed, Key, Linked

COLOR_IN_USE = 0x1000000
NO_COLOR = 16576
_MUTE_BIT, _SOLO_BIT = 1, 2


def _width(track: Any) -> float:
    """Width from where the two sides stand: ``pan ± width · (1 - |pan|)`` (derived)."""
    reach = 1.0 - abs(D_PAN.read(track))
    if reach <= 0.0:
        return 1.0
    sides = D_DUALPANR.read(track) - D_DUALPANL.read(track)
    return max(-1.0, min(1.0, sides / (2.0 * reach)))


def _set_width(track: Any, width: float) -> None:
    pan = D_PAN.read(track)
    half = width * (1.0 - abs(pan))
    D_DUALPANL.write(track, pan - half)
    D_DUALPANR.write(track, pan + half)


def _depth(track: Any) -> float:
    return track.depth_change


def _set_depth(track: Any, change: float) -> None:
    """``ISBUS``: ``0 0`` normal, ``1 1`` opens a folder, ``2 -n`` closes n of them."""
    kind = 1 if change > 0 else 2 if change < 0 else 0
    track.put_number("ISBUS", 1, kind)
    track.put_number("ISBUS", 2, min(change, 1))


def color_of(native: float) -> float:
    """A colour that is in use, else 0."""
    return native if int(native) & COLOR_IN_USE else 0.0


def _track_color(track: Any) -> float:
    return color_of(track.number("PEAKCOL", 1))


def _set_track_color(track: Any, color: float) -> None:
    track.put_number("PEAKCOL", 1, color if color else NO_COLOR)


def _set_master_bit(bit: int) -> Key:
    def get(track: Any) -> float:
        return bool(int(track.number("MASTERMUTESOLO", 1)) & bit)

    def put(track: Any, value: float) -> None:
        flags = int(track.number("MASTERMUTESOLO", 1))
        track.put_number("MASTERMUTESOLO", 1, flags | bit if value else flags & ~bit)

    return Computed(get, put)


D_PAN = Field("VOLPAN", 2)
D_DUALPANL = Field("VOLPAN", 4, -1.0)
D_DUALPANR = Field("VOLPAN", 5, 1.0)

DRAWN: dict[str, Key] = {
    name: Fixed()
    for name in (
        "I_WNDH I_TCPH I_TCPY I_TCPSCREENY I_MCPW I_MCPH I_MCPX I_MCPY I_MCPSCREENX "
        "F_MCP_FXSEND_SCALE F_MCP_FXPARM_SCALE F_MCP_SENDRGN_SCALE F_TCP_FXPARM_SCALE "
        "P_ENV I_MIDIHWOUT_SLOT I_MIDI_INPUT_CHANMAP I_MIDI_CTL_CHAN "
        "I_MIDI_TRACKSEL_FLAG I_RECMODE_FLAGS B_RECMON_IN_EFFECT C_LANESCOLLAPSED C_LANESETTINGS "
        "B_TCPPIN"
    ).split()
}
"""Sizes, places, and what the double does not know where to find."""

TRACK: dict[str, Key] = DRAWN | {
    "D_VOL": Field("VOLPAN", 1, 1.0),
    "D_PAN": D_PAN,
    "D_WIDTH": Computed(_width, _set_width),
    "D_DUALPANL": D_DUALPANL,
    "D_DUALPANR": D_DUALPANR,
    "D_PANLAW": Field("VOLPAN", 3, -1.0),
    "I_PANMODE": Field("PANMODE", 1, -1.0),
    "I_PANLAW_FLAGS": Field("PANLAWFLAGS", 1, 3.0),
    "B_MUTE": Field("MUTESOLO", 1),
    "I_SOLO": Field("MUTESOLO", 2),
    "B_SOLO_DEFEAT": Field("MUTESOLO", 3),
    "B_PHASE": Field("IPHASE"),
    "I_FXEN": Field("FX", 1, 1.0),
    "I_RECARM": Field("REC", 1),
    "I_RECINPUT": Field("REC", 2),
    "I_RECMON": Field("REC", 3),
    "I_RECMODE": Field("REC", 4),
    "I_RECMONITEMS": Field("REC", 5),
    "B_AUTO_RECARM": Field("AUTO_RECARM"),
    "I_VUMODE": Field("VU"),
    "I_AUTOMODE": Field("AUTOMODE"),
    "I_NCHAN": Field("NCHAN", 1, 2.0),
    "I_SELECTED": Field("SEL"),
    "I_FOLDERDEPTH": Computed(_depth, _set_depth),
    "I_FOLDERCOMPACT": Field("BUSCOMP"),
    "I_MIDIHWOUT": Field("MIDIOUT", 1, -1.0),
    "I_PERFFLAGS": Field("PERF"),
    "I_CUSTOMCOLOR": Computed(_track_color, _set_track_color),
    "I_HEIGHTOVERRIDE": Field("TRACKHEIGHT"),
    "I_SPACER": Field("SPACER"),
    "B_SHOWINMIXER": Field("SHOWINMIX", 1, 1.0),
    "B_SHOWINTCP": Field("SHOWINMIX", 4, 1.0),
    "B_MAINSEND": Field("MAINSEND", 1, 1.0),
    "C_MAINSEND_OFFS": Field("MAINSEND", 2),
    "C_MAINSEND_NCH": Field("MAINSEND", 3),
    "I_FREEMODE": Field("FREEMODE"),
    "I_FREEZECOUNT": Computed(lambda track: len(list(track.blocks("FREEZE")))),
    "I_NUMFIXEDLANES": Field("ITEMLANES"),
    "C_ALLLANESPLAY": Computed(lambda track: track.playing_lanes is None),
    "C_BEATATTACHMODE": Field("BEAT", 1, -1.0),
    "D_PLAY_OFFSET": Field("PLAYOFFS", 1),
    "I_PLAY_OFFSET_FLAG": Field("PLAYOFFS", 2, 1.0),
    "IP_TRACKNUMBER": Computed(lambda track: track.index + 1),
    "P_PARTRACK": Linked(lambda track: track.parent),
    "P_PROJECT": Linked(lambda track: track.project),
}

MASTER: dict[str, Key] = DRAWN | {
    "D_VOL": Field("MASTER_VOLUME", 1, 1.0),
    "D_PAN": Field("MASTER_VOLUME", 2),
    "D_PANLAW": Field("MASTER_VOLUME", 3, -1.0),
    "D_DUALPANL": Field("MASTER_VOLUME", 4, -1.0),
    "D_DUALPANR": Field("MASTER_VOLUME", 5, 1.0),
    "D_WIDTH": Fixed(1.0),
    "I_PANMODE": Field("MASTER_PANMODE", 1, -1.0),
    "I_PANLAW_FLAGS": Field("MASTER_PANLAWFLAGS", 1, 3.0),
    "B_MUTE": _set_master_bit(_MUTE_BIT),
    "I_SOLO": _set_master_bit(_SOLO_BIT),
    "I_FXEN": Field("MASTER_FX", 1, 1.0),
    "I_AUTOMODE": Field("MASTERAUTOMODE"),
    "I_NCHAN": Field("MASTER_NCH", 1, 2.0),
    "I_SELECTED": Field("MASTER_SEL"),
    "I_CUSTOMCOLOR": Computed(lambda track: color_of(track.number("MASTERPEAKCOL", 1))),
    "IP_TRACKNUMBER": Fixed(-1.0),
    "P_PROJECT": Linked(lambda track: track.project),
}

SEND_ENDS: dict[str, Key] = {
    "P_SRCTRACK": Linked(lambda send: send.source),
    "P_DESTTRACK": Linked(lambda send: send.target),
}

SEND: dict[str, Key] = SEND_ENDS | {
    "I_SENDMODE": Field("AUXRECV", 2),
    "D_VOL": Field("AUXRECV", 3, 1.0),
    "D_PAN": Field("AUXRECV", 4),
    "B_MUTE": Field("AUXRECV", 5),
    "B_MONO": Field("AUXRECV", 6),
    "B_PHASE": Field("AUXRECV", 7),
    "I_SRCCHAN": Field("AUXRECV", 8),
    "I_DSTCHAN": Field("AUXRECV", 9),
    "D_PANLAW": Field("AUXRECV", 10, -1.0),
    "I_MIDIFLAGS": Field("AUXRECV", 11),
    "I_AUTOMODE": Field("AUXRECV", 12, -1.0),
    "I_SLOT_HINT": Fixed(),
}

HARDWARE_OUT: dict[str, Key] = SEND_ENDS | {
    "I_DSTCHAN": Field("HWOUT", 1),
    "I_SENDMODE": Field("HWOUT", 2),
    "D_VOL": Field("HWOUT", 3, 1.0),
    "D_PAN": Field("HWOUT", 4),
    "B_MUTE": Field("HWOUT", 5),
    "B_PHASE": Field("HWOUT", 6),
    "I_SRCCHAN": Field("HWOUT", 7),
    "D_PANLAW": Field("HWOUT", 8, -1.0),
    "I_AUTOMODE": Field("HWOUT", 9, -1.0),
    "B_MONO": Computed(lambda send: bool(int(send.number("HWOUT", 1)) & 1024)),
    "I_SLOT_HINT": Fixed(),
}
