"""What clients of the live bridge may call: a snapshot, changes as one undo point, undo.

Each call happens within one tick of REAPER, so that nothing moves meanwhile. Tracks are named by
GUID and looked up anew every time; no pointer outlives its call. The project comes as what REAPER
itself would save, tracks as their state chunks; reaper_automix reads them as it reads an .RPP.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import reaper_python as rpr
from automix_live_chunks import BUFFER_BYTES, is_whole, without_bulk
from automix_live_server import Refused

PATH_BYTES = 4096
FADER_MAX_DB = 12.0
EVERYTHING = -1
OURS = "Automix: "
"""How the names of our undo points begin."""
TAKEN_BACK = "Automix: taken back after an error"
NEUTRAL = {"D_VOL": 1, "D_PAN": 0, "D_PANLAW": 1, "B_MUTE": 0, "B_PHASE": 0, "B_MAINSEND": 1}
"""Of a new folder; what is in it went through the project's pan law already."""

PREFERENCES = {
    "PANLAW": "panlaw",
    "PANLAWFLAGS": "panlawflags",
    "PANMODE": "panmode",
    "ITEMMIX": "itemmixflag",
}
"""Lines of a project's file, and the preferences that they are."""

SECTIONS = ("AUTOMIX", "AUTOMIX_BEFORE")
"""Our sections of a project's ext state."""


def status() -> dict[str, Any]:
    """Which REAPER this is, and the project in front."""
    project, path = _project_at(-1)
    return {
        "reaper": rpr.RPR_GetAppVersion(),
        "project": project,
        "path": path,
        "tracks": rpr.RPR_CountTracks(project),
        "changes": rpr.RPR_GetProjectStateChangeCount(project),
    }


def snapshot(project: str | None = None) -> dict[str, Any]:
    """All of a project that balancing reads; by default the one in front."""
    project, path = _project_at(-1) if project is None else _found(project)
    return {
        "reaper": rpr.RPR_GetAppVersion(),
        "project": project,
        "path": path,
        "changes": rpr.RPR_GetProjectStateChangeCount(project),
        "fields": _fields(project),
        "regions": list(_regions(project)),
        "master_fx": list(_effects(rpr.RPR_GetMasterTrack(project))),
        "fader_max_db": _fader_max_db(),
        "states": {section: list(_state(project, section)) for section in SECTIONS},
        "tracks": [_chunk(track) for track in _tracks(project)],
    }


def apply(change: Mapping[str, Any]) -> dict[str, Any]:
    """Make a change as one undo point, if the project is still as it was at ``changes``.

    ``moves`` are rows of GUID and new fader (linear), written exactly: a remembered state may lie
    above the range of the user's faders, and whoever asks keeps a balance within it. ``master`` is
    the master's new fader or ``None``, ``states`` rows of section, key and value for the ext state
    (an empty key clears the section).
    """
    project, _ = _found(change["project"])
    if rpr.RPR_GetProjectStateChangeCount(project) != change["changes"]:
        return {"applied": False}
    tracks = _by_guid(project, [guid for guid, _ in change["moves"]])
    faders = [(tracks[guid], _gain(gain)) for guid, gain in change["moves"]]
    if change["master"] is not None:
        faders.append((rpr.RPR_GetMasterTrack(project), _gain(change["master"])))
    with _undo_point(project, change["title"]):
        for track, gain in faders:
            _set(project, track, "D_VOL", gain)
        for section, key, value in change["states"]:
            rpr.RPR_SetProjExtState(project, section, key, value)
    return {"applied": True}


def group(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Make a folder as one undo point, if the project is still as it was at ``changes``.

    ``order`` are the GUIDs of all tracks as they shall stand, ``None`` for the new folder, and
    ``depths`` what each says of the next (``I_FOLDERDEPTH``).
    """
    project, _ = _found(plan["project"])
    if rpr.RPR_GetProjectStateChangeCount(project) != plan["changes"]:
        return {"applied": False}
    tracks = _by_guid(project, filter(None, plan["order"]))
    with _undo_point(project, plan["title"]), _selection_kept(project):
        folder = _new_folder(project, plan)
        order = [folder if guid is None else tracks[guid] for guid in plan["order"]]
        _arrange(project, order, plan["depths"])
        guid = _text(folder, "GUID")
    return {"applied": True, "folder": guid}


def undo() -> dict[str, Any]:
    """Undo the last step of the project in front if it is one of ours."""
    project, _ = _project_at(-1)
    last = _next_undo(project)
    if not last.startswith(OURS):
        raise Refused(
            f"The last step in REAPER is not one of Automix ({last or 'there is none'}); "
            "undo it in REAPER."
        )
    return {"undone": bool(rpr.RPR_Undo_DoUndo2(project)), "title": last}


FUNCTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    call.__name__: call for call in (status, snapshot, apply, group, undo)
}
"""What clients may call, by name."""


def _project_at(index: int) -> tuple[str, str]:
    """The project of a tab (-1: in front) and the path of its file."""
    project, _, path, _ = rpr.RPR_EnumProjects(index, "", PATH_BYTES)
    return project, path


def _found(project: str) -> tuple[str, str]:
    """A project that was in front before, if it still is.

    REAPER's Python takes pointers into the project in front only (``ValidatePtr``).
    """
    front = _project_at(-1)
    if front[0] == project:
        return front
    index = 0
    while not _is_null(tab := _project_at(index)[0]):
        if tab == project:
            raise Refused("The project is in another tab of REAPER; bring it to front, try again.")
        index += 1
    raise Refused("The project is no longer open in REAPER; open it and try again.")


def _is_null(pointer: str) -> bool:
    """REAPER's Python gives NULL as a text, which is true."""
    return int(pointer.rpartition("x")[2], 16) == 0


def _fields(project: str) -> dict[str, list[Any]]:
    """Lines of the project's file by key, with the values that balancing reads."""
    return {**_values(project), **dict(_preferences())}


def _preferences() -> Iterator[tuple[str, list[str]]]:
    """Preferences that the project in front keeps, where REAPER tells them ([?])."""
    for line, name in PREFERENCES.items():
        found, _, text, _ = rpr.RPR_get_config_var_string(name, "", PATH_BYTES)
        if found:
            yield line, [text]


def _values(project: str) -> dict[str, list[Any]]:
    master = rpr.RPR_GetMasterTrack(project)
    tempo = rpr.RPR_GetProjectTimeSignature2(project, 0, 0)[1]
    start_s, end_s = rpr.RPR_GetSet_LoopTimeRange2(project, False, False, 0, 0, False)[3:5]
    return {
        "SAMPLERATE": [int(rpr.RPR_GetSetProjectInfo(project, "PROJECT_SRATE", 0, False))],
        "TEMPO": [tempo],
        "SELECTION": [start_s, end_s],
        "MASTER_VOLUME": [_number(master, "D_VOL"), _number(master, "D_PAN")],
        "MASTER_NCH": [int(_number(master, "I_NCHAN"))],
        "MASTER_FX": [int(_number(master, "I_FXEN") != 0)],
        "GLOBAL_AUTO": [rpr.RPR_GetGlobalAutomationOverride()],
        "RECORD_PATH": [_info(project, "RECORD_PATH"), _info(project, "RECORD_PATH_SECONDARY")],
    }


def _regions(project: str) -> Iterator[list[Any]]:
    """Number, start and end (``None``: a marker) of each region; Python is told no names."""
    index = 0
    while True:
        row = rpr.RPR_EnumProjectMarkers3(project, index, 0, 0, 0, "", 0, 0)
        if not row[0]:
            return
        yield [row[7], row[4], row[5] if row[3] else None]
        index += 1


def _info(project: str, key: str) -> str:
    return rpr.RPR_GetSetProjectInfo_String(project, key, "", False)[3]


def _effects(track: str) -> Iterator[list[Any]]:
    """Kind, name as in the project's file, and whether it sounds, of each effect of a chain."""
    for index in range(rpr.RPR_TrackFX_GetCount(track)):
        kind = _config(track, index, "fx_type").rstrip("3i")
        name = _config(track, index, "fx_ident" if kind == "JS" else "fx_name")
        offline = rpr.RPR_TrackFX_GetOffline(track, index)
        yield [kind, name, bool(rpr.RPR_TrackFX_GetEnabled(track, index) and not offline)]


def _config(track: str, effect: int, key: str) -> str:
    return rpr.RPR_TrackFX_GetNamedConfigParm(track, effect, key, "", PATH_BYTES)[4]


def _state(project: str, section: str) -> Iterator[tuple[str, str]]:
    """Key and value of each entry in a section of the project's ext state."""
    index = 0
    while True:
        row = rpr.RPR_EnumProjExtState(project, section, index, "", PATH_BYTES, "", PATH_BYTES)
        if not row[0]:
            return
        yield row[4], row[6]
        index += 1


def _tracks(project: str) -> Iterator[str]:
    for index in range(rpr.RPR_CountTracks(project)):
        yield rpr.RPR_GetTrack(project, index)


def _chunk(track: str) -> str:
    """A track as REAPER would save it, without what is bulky and not read."""
    try:
        found, _, text, *_ = rpr.RPR_GetTrackStateChunk(track, "", BUFFER_BYTES, False)
    except UnicodeDecodeError:
        found, text = False, ""
    if not found or not is_whole(text):
        raise Refused(
            f"Track {_place(track)} cannot be read over the live bridge (it keeps more than 4 MiB, "
            "most often in a plug-in, or text that is not UTF-8); balance with the action "
            "automix_Balance selected tracks instead."
        )
    return without_bulk(text)


def _place(track: str) -> int:
    """The number that REAPER shows for a track."""
    return int(_number(track, "IP_TRACKNUMBER"))


def _by_guid(project: str, wanted: Iterable[str]) -> dict[str, str]:
    """The tracks of these GUIDs; all of them must be there."""
    tracks = {_text(track, "GUID"): track for track in _tracks(project)}
    if any(guid not in tracks for guid in wanted):
        raise Refused("A track is no longer in the project; take a new snapshot.")
    return tracks


def _number(track: str, key: str) -> float:
    return rpr.RPR_GetMediaTrackInfo_Value(track, key)


def _text(track: str, key: str) -> str:
    return rpr.RPR_GetSetMediaTrackInfo_String(track, key, "", False)[3]


def _fader_max_db() -> float:
    """The top of the user's faders (Preferences, track fader range)."""
    _, _, text, _ = rpr.RPR_get_config_var_string("slidermaxv", "", PATH_BYTES)
    try:
        return float(text)
    except ValueError:
        return FADER_MAX_DB


def _gain(gain: object) -> float:
    """A fader that REAPER may be given."""
    is_number = isinstance(gain, (int, float)) and not isinstance(gain, bool)
    if not is_number or not math.isfinite(gain) or gain < 0:
        raise Refused("A fader was asked for that no fader can have; nothing was changed.")
    return float(gain)


def _set(project: str, track: str, key: str, value: float) -> None:
    if not rpr.RPR_ValidatePtr2(project, track, "MediaTrack*"):
        raise Refused("A track went away; nothing was changed.")
    if not rpr.RPR_SetMediaTrackInfo_Value(track, key, value):
        raise Refused(f"REAPER did not take {key}; nothing was changed.")


def _new_folder(project: str, plan: Mapping[str, Any]) -> str:
    """A track at the end of the project, through which all passes unchanged."""
    count = rpr.RPR_CountTracks(project)
    rpr.RPR_InsertTrackAtIndex(count, False)
    folder = rpr.RPR_GetTrack(project, count)
    rpr.RPR_GetSetMediaTrackInfo_String(folder, "P_NAME", plan["name"], True)
    for key, value in {**NEUTRAL, "I_NCHAN": plan["channels"]}.items():
        _set(project, folder, key, value)
    return folder


def _arrange(project: str, order: Sequence[str], depths: Sequence[int]) -> None:
    """Put tracks in order; flat meanwhile, since REAPER moves folders with all that is in them."""
    for track in order:
        _set(project, track, "I_FOLDERDEPTH", 0)
    for index, track in enumerate(order):
        if rpr.RPR_GetTrack(project, index) != track:
            rpr.RPR_SetOnlyTrackSelected(track)
            rpr.RPR_ReorderSelectedTracks(index, 0)
    for track, depth in zip(order, depths, strict=True):
        _set(project, track, "I_FOLDERDEPTH", depth)


@contextmanager
def _selection_kept(project: str) -> Iterator[None]:
    selected = {track: bool(_number(track, "I_SELECTED")) for track in _tracks(project)}
    try:
        yield
    finally:
        for track in _tracks(project):
            rpr.RPR_SetTrackSelected(track, selected.get(track, False))


@contextmanager
def _undo_point(project: str, title: str) -> Iterator[None]:
    """One undo point around a change; a change that fails is taken back."""
    rpr.RPR_Undo_BeginBlock2(project)
    done = False
    try:
        with _without_redrawing():
            yield
        done = True
    finally:
        name = title if done else TAKEN_BACK
        _insist(rpr.RPR_Undo_EndBlock2, project, name, EVERYTHING)
        if not done:
            _insist(_take_back, project)
        with suppress(Exception):  # it is done or taken back; only the picture is old
            rpr.RPR_TrackList_AdjustWindows(True)
            rpr.RPR_UpdateArrange()


@contextmanager
def _without_redrawing() -> Iterator[None]:
    rpr.RPR_PreventUIRefresh(1)
    try:
        yield
    finally:
        _insist(rpr.RPR_PreventUIRefresh, -1)


def _insist(close: Callable[..., object], *arguments: object) -> None:
    """Call once more when it failed: what was opened has to be closed."""
    try:
        close(*arguments)
    except Exception:
        close(*arguments)


def _take_back(project: str) -> None:
    """Undo the block that was just closed, if it became an undo point."""
    if _next_undo(project) == TAKEN_BACK:
        rpr.RPR_Undo_DoUndo2(project)


def _next_undo(project: str) -> str:
    try:
        return str(rpr.RPR_Undo_CanUndo2(project))
    except AttributeError:  # how REAPER's Python says that there is none
        return ""
