"""A new project around a session's tracks, with the lines that REAPER 7 writes for one.

Only what a session of ours needs: tracks in folders, their faders, and items with their takes;
no envelopes, effects or sends.

Source: projects saved by REAPER 7.16 and 7.66; order of fields as in ReaTeam "State Chunk
Definitions".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from reaper_automix.rpp import number_text, quote
from reaper_automix.session import Fade, Item, Session, Take, Track

PROJECT = """\
<REAPER_PROJECT 0.1 "7.0/reaper-automix" 0
  RIPPLE 0
  GROUPOVERRIDE 0 0 0
  AUTOXFADE 129
  PANLAW {pan_law}
  PANMODE {pan_mode}
  PANLAWFLAGS {pan_taper}
  ITEMMIX {item_mix}
  SAMPLERATE {rate_hz} 1 0
  GLOBAL_AUTO -1
  TEMPO {tempo_bpm} 4 4 0
  PLAYRATE 1 0 0.25 4
  MASTERAUTOMODE 0
  MASTERMUTESOLO 0
  MASTER_NCH {channels} 2
  MASTER_VOLUME {gain} 0 -1 -1 1
  MASTER_FX 1
{tracks}>
"""

TRACK = """\
  <TRACK {id}
    NAME {name}
    PEAKCOL {color}
    BEAT -1
    AUTOMODE 0
    VOLPAN {gain} {pan} -1 -1 1
    MUTESOLO 0 0 0
    IPHASE 0
    PLAYOFFS 0 1
    ISBUS {bus}
    BUSCOMP 0 0 0 0 0
    SHOWINMIX 1 0.6667 0.5 1 0.5 0 0 0
    SEL 0
    REC 0 0 1 0 0 0 0 0
    VU 2
    NCHAN {channels}
    FX 1
    TRACKID {id}
    PERF 0
    MIDIOUT -1
    MAINSEND 1 0
{items}  >
"""

ITEM = """\
    <ITEM
      POSITION {position_s}
      SNAPOFFS 0
      LENGTH {length_s}
      LOOP {loop}
      ALLTAKES 0
      FADEIN {fade_in}
      FADEOUT {fade_out}
      MUTE {mute} 0
      SEL 0
      IGUID {id}
      IID {number}
{takes}    >
"""

TAKE = """\
      NAME {name}
      {volume}
      SOFFS {offset_s}
      PLAYRATE 1 1 0 -1 0 0.0025
      CHANMODE {channel_mode}
      GUID {id}
      <SOURCE {kind}
        FILE {file}
      >
"""

NO_COLOR = 16576
FADE_SHAPES = {6: "5.1", 7: "1.1"}
"""Shapes newer than the format's first field, as it writes them."""


def text(session: Session, faders: Mapping[str, float], folder: Path) -> str:
    """The project as it will stand in ``folder``, with CRLF as REAPER writes on every system."""
    numbers = count(1)
    tracks = (
        _track(track, faders.get(track.id, track.fader_gain), bus, numbers, folder)
        for track, bus in zip(session.tracks, _buses(session), strict=True)
    )
    lines = PROJECT.format(
        pan_law=number_text(session.pan_law),
        pan_mode=session.pan_mode,
        pan_taper=session.pan_taper,
        item_mix=session.item_mix,
        rate_hz=session.sample_rate_hz,
        tempo_bpm=number_text(session.tempo_bpm),
        channels=session.master_channels,
        gain=number_text(session.master_gain),
        tracks="".join(tracks),
    )
    return lines.replace("\n", "\r\n")


def _buses(session: Session) -> Iterator[str]:
    """``ISBUS`` of each track: a folder opens one level, the last track inside closes its own."""
    depths: dict[str | None, int] = {None: -1}
    for track in session.tracks:
        depths[track.id] = depths[track.parent_id] + 1
    following = (*(depths[track.id] for track in session.tracks[1:]), 0)
    for track, depth in zip(session.tracks, following, strict=True):
        levels = depth - depths[track.id]
        yield "1 1" if levels > 0 else f"2 {levels}" if levels < 0 else "0 0"


def _track(track: Track, gain: float, bus: str, numbers: Iterator[int], folder: Path) -> str:
    sounding = (item for item in track.items if item.length_s > 0.0)
    return TRACK.format(
        id=track.id,
        name=quote(track.name),
        color=track.color or NO_COLOR,
        gain=number_text(gain),
        pan=number_text(track.pan),
        bus=bus,
        channels=track.channels,
        items="".join(_item(item, next(numbers), folder) for item in sounding),
    )


def _item(item: Item, number: int, folder: Path) -> str:
    return ITEM.format(
        position_s=number_text(item.position_s),
        length_s=number_text(item.length_s),
        loop=int(item.loop),
        fade_in=_fade(item.fade_in),
        fade_out=_fade(item.fade_out),
        mute=int(item.mute),
        id=item.id,
        number=number,
        takes="".join(_takes(item, folder)),
    )


def _takes(item: Item, folder: Path) -> Iterator[str]:
    """The takes; the first one's levels share a line with the item's gain."""
    for index, take in enumerate(item.takes):
        levels = f"{number_text(take.pan)} {number_text(take.gain)} {number_text(take.pan_law)}"
        if index > 0:
            yield "      TAKE SEL\n" if index == item.active_take else "      TAKE\n"
            yield _take(take, f"TAKEVOLPAN {levels}", folder)
        else:
            yield _take(take, f"VOLPAN {number_text(item.gain)} {levels}", folder)


def _take(take: Take, volume: str, folder: Path) -> str:
    assert take.source is not None
    assert take.source.file is not None
    return TAKE.format(
        name=quote(take.name),
        volume=volume,
        offset_s=number_text(take.offset_s),
        channel_mode=take.channel_mode,
        id=take.id,
        kind=take.source.kind,
        file=quote(reference(Path(take.source.file), folder), always=True),
    )


def _fade(fade: Fade) -> str:
    shape = FADE_SHAPES.get(fade.shape, str(fade.shape))
    curve = number_text(fade.curve)
    return f"{shape} {number_text(fade.length_s)} 0 {min(fade.shape, 5)} 0 {curve} {curve}"


def reference(file: Path, folder: Path) -> str:
    """How a project in ``folder`` names a file: relative when near, so that both can move.

    The way is only relative where it is the same for those who follow links and those who do not.
    """
    try:
        near = Path(os.path.commonpath([file, folder])) != Path(file.anchor)
    except ValueError:  # another drive
        return str(file)
    relative = os.path.relpath(file, folder)
    return relative if near and (folder / relative).resolve() == file.resolve() else str(file)
