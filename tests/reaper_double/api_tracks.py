"""Tracks: order, folders, selection, attributes, groups, automation."""

from reaper_double import folders, groups, keys
from reaper_double.model_track import Track
from reaper_double.registry import api, nth
from reaper_double.text import chunk

_UI_READS_ENVELOPE = frozenset({1, 2, 3, 4})
_OVERRIDE_NONE, _OVERRIDE_BYPASS = -1, 5


@api
def CountTracks(_reaper, project):
    return len(project.tracks)


@api
def GetNumTracks(reaper):
    return len(reaper.active.tracks)


@api
def GetTrack(_reaper, project, index):
    return nth(project.tracks, index)


@api
def GetMasterTrack(_reaper, project):
    return project.master


@api
def GetParentTrack(_reaper, track):
    return track.parent


@api
def GetTrackDepth(_reaper, track):
    return track.depth


@api
def GetTrackName(_reaper, track):
    if track.is_master:
        return True, "MASTER"
    return True, track.name or f"Track {track.index + 1}"


@api
def GetTrackGUID(_reaper, track):
    return track.guid


@api
def GetMediaTrackInfo_Value(_reaper, track, key):
    return keys.read(track.keys, track, key)


@api
def SetMediaTrackInfo_Value(_reaper, track, key, value):
    return keys.write(track.keys, track, key, value)


@api
def GetSetMediaTrackInfo_String(_reaper, track, key, value, is_set):
    """The master has no P_NAME."""
    name, _, rest = key.partition(":")
    if name == "P_EXT" and rest:
        return _ext(track, rest, value, is_set)
    text = _TRACK_TEXTS.get(key)
    if text is None or (track.is_master and key == "P_NAME"):
        return False, ""
    read, write = text
    if is_set and write is None:
        return False, value
    if is_set:
        write(track, value)
    return True, read(track)


@api
def GetTrackStateChunk(_reaper, track, _text, _is_undo):
    return True, chunk([track.project.node if track.is_master else track.node])


@api
def GetTrackState(_reaper, track):
    bits = (
        (1, track.depth_change > 0),
        (2, track.is_selected),
        (4, track.number("FX", 1, 1.0)),
        (8, track.number("MUTESOLO", 1)),
        (16, track.number("MUTESOLO", 2)),
        (64, track.number("REC", 1)),
        (512, not track.number("SHOWINMIX", 4, 1.0)),
        (1024, not track.number("SHOWINMIX", 1, 1.0)),
    )
    return track.name, sum(bit for bit, is_on in bits if is_on)


@api
def InsertTrackAtIndex(reaper, index, _want_defaults):
    reaper.active.insert_track(index)


@api
def InsertTrackInProject(_reaper, project, index, _flags):
    project.insert_track(index)


@api
def DeleteTrack(_reaper, track):
    track.project.delete_track(track)


@api
def ReorderSelectedTracks(reaper, before, make_previous_folder):
    return folders.reorder_selected(reaper.active, before, make_previous_folder)


@api
def SetOnlyTrackSelected(_reaper, track):
    for other in [*track.project.tracks, track.project.master]:
        other.is_selected = other is track


@api
def SetTrackSelected(_reaper, track, selected):
    track.is_selected = selected


@api
def IsTrackSelected(_reaper, track):
    return track.is_selected


@api
def CountSelectedTracks(_reaper, project):
    return len(project.selected_tracks)


@api
def CountSelectedTracks2(_reaper, project, want_master):
    return len(_selected(project, want_master))


@api
def GetSelectedTrack(_reaper, project, index):
    return nth(project.selected_tracks, index)


@api
def GetSelectedTrack2(_reaper, project, index, want_master):
    """The master comes first."""
    return nth(_selected(project, want_master), index)


@api
def SetTrackColor(_reaper, track, color):
    keys.write(track.keys, track, "I_CUSTOMCOLOR", color | 0x1000000 if color else 0)


@api
def GetTrackColor(_reaper, track):
    return track.color


@api
def GetTrackUIVolPan(_reaper, track):
    """Follows an active volume envelope in read, touch, latch and write (at the edit cursor)."""
    envelope = next((e for e in track.envelopes if e.chunk_name == "VOLENV2"), None)
    gain = keys.read(track.keys, track, "D_VOL")
    if envelope and envelope.is_active and _mode(track) in _UI_READS_ENVELOPE:
        gain = envelope.value_at(track.project.number("CURSOR", 1))
    return True, gain, keys.read(track.keys, track, "D_PAN")


@api
def GetTrackUIMute(_reaper, track):
    return True, bool(keys.read(track.keys, track, "B_MUTE"))


@api
def SetTrackUIVolume(_reaper, track, gain, relative, _done, group_flags):
    """Linear (reaper-rs); [?]. Only with both flags does it leave other tracks alone."""
    assert group_flags & 3 == 3, "without the flags it moves selected and grouped tracks too"
    now = keys.read(track.keys, track, "D_VOL")
    keys.write(track.keys, track, "D_VOL", now * gain if relative else gain)
    return keys.read(track.keys, track, "D_VOL")


@api
def CSurf_NumTracks(reaper, mixer):
    return len(_surface(reaper, mixer)) - 1


@api
def CSurf_TrackFromID(reaper, index, mixer):
    return nth(_surface(reaper, mixer), index)


@api
def CSurf_TrackToID(reaper, track, mixer):
    tracks = _surface(reaper, mixer)
    return tracks.index(track) if track in tracks else -1


@api
def GetTrackAutomationMode(_reaper, track):
    return keys.read(track.keys, track, "I_AUTOMODE")


@api
def SetTrackAutomationMode(_reaper, track, mode):
    keys.write(track.keys, track, "I_AUTOMODE", mode)


@api
def GetSetTrackGroupMembership(_reaper, track, role, mask, value):
    return groups.membership(track, groups.LOW, role, mask, value)


@api
def GetSetTrackGroupMembershipHigh(_reaper, track, role, mask, value):
    return groups.membership(track, groups.HIGH, role, mask, value)


@api
def GetSetTrackGroupMembershipEx(_reaper, track, role, offset, mask, value):
    line = groups.HIGH if offset else groups.LOW
    return groups.membership(track, line, role, mask, value)


def _selected(project, want_master):
    master = [project.master] if want_master and project.master.is_selected else []
    return master + project.selected_tracks


def _surface(reaper, mixer):
    tracks = reaper.active.tracks
    shown = [t for t in tracks if t.number("SHOWINMIX", 1, 1.0)] if mixer else tracks
    return [reaper.active.master, *shown]


def _mode(track):
    override = track.project.number("GLOBAL_AUTO", 1, -1.0)
    if override in (_OVERRIDE_NONE, _OVERRIDE_BYPASS):
        return track.number("AUTOMODE", 1)
    return override


def _ext(track, key, value, is_set):
    """Reading a key that is not there fails (as reading an unknown one does)."""
    if is_set:
        track.set_ext(key, value)
        return True, value
    return bool(track.ext(key)), track.ext(key)


def _line_text(line):
    return (
        lambda track: track.text(line, 1),
        lambda track, value: track.put_text(line, 1, value),
    )


_TRACK_TEXTS = {
    "P_NAME": (lambda track: track.name, lambda track, name: setattr(track, "name", name)),
    "GUID": (lambda track: track.guid, Track.set_guid),
    "P_ICON": _line_text("TRACKIMGFN"),
    "P_TCP_LAYOUT": _line_text("LAYOUTS"),
    "P_MCP_LAYOUT": (lambda track: track.text("LAYOUTS", 2), None),
    "P_RAZOREDITS": (lambda _track: "", None),
    "P_RAZOREDITS_EXT": (lambda _track: "", None),
}
"""How texts are read and written."""
