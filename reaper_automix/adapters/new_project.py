"""A new project around some tracks, with the lines that REAPER 7 writes for one.

Only what a folder of stems needs: tracks side by side, their faders, one take per item.

Source: projects saved by REAPER 7.16 and 7.66; order of fields as in ReaTeam "State Chunk
Definitions".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reaper_automix.rpp import number_text, quote
from reaper_automix.session import Item, Session, Track

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
    PEAKCOL 16576
    BEAT -1
    AUTOMODE 0
    VOLPAN {gain} {pan} -1 -1 1
    MUTESOLO 0 0 0
    IPHASE 0
    PLAYOFFS 0 1
    ISBUS 0 0
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
      LOOP 0
      ALLTAKES 0
      FADEIN 1 0 0 1 0 0 0
      FADEOUT 1 0 0 1 0 0 0
      MUTE 0 0
      SEL 0
      IGUID {id}
      IID {number}
      NAME {name}
      VOLPAN 1 0 1 -1
      SOFFS 0
      PLAYRATE 1 1 0 -1 0 0.0025
      CHANMODE 0
      GUID {take_id}
      <SOURCE {kind}
        FILE {file}
      >
    >
"""


def text(session: Session, faders: Mapping[str, float], folder: Path) -> str:
    """The project as it will stand in ``folder``, with CRLF as REAPER writes on every system."""
    tracks = (
        _track(track, faders.get(track.id, track.fader_gain), number, folder)
        for number, track in enumerate(session.tracks, start=1)
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


def _track(track: Track, gain: float, number: int, folder: Path) -> str:
    items = (_item(item, number, folder) for item in track.items if item.length_s > 0.0)
    return TRACK.format(
        id=track.id,
        name=quote(track.name),
        gain=number_text(gain),
        pan=number_text(track.pan),
        channels=track.channels,
        items="".join(items),
    )


def _item(item: Item, number: int, folder: Path) -> str:
    take = item.takes[item.active_take]
    assert take.source is not None
    assert take.source.file is not None
    return ITEM.format(
        position_s=number_text(item.position_s),
        length_s=number_text(item.length_s),
        id=item.id,
        number=number,
        name=quote(take.name),
        take_id=take.id,
        kind=take.source.kind,
        file=quote(reference(Path(take.source.file), folder), always=True),
    )


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
