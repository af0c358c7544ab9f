"""Media items and takes."""

from reaper_double import keys
from reaper_double.keys_item import ITEM, TAKE
from reaper_double.model_fx import Chain
from reaper_double.registry import api, nth
from reaper_double.text import chunk, free_text


@api
def CountMediaItems(_reaper, project):
    return len(project.items)


@api
def GetMediaItem(_reaper, project, index):
    return nth(project.items, index)


@api
def CountTrackMediaItems(_reaper, track):
    return len(track.items)


@api
def GetTrackNumMediaItems(_reaper, track):
    return len(track.items)


@api
def GetTrackMediaItem(_reaper, track, index):
    return nth(track.items, index)


@api
def GetMediaItemTrack(_reaper, item):
    return item.track


@api
def GetMediaItem_Track(_reaper, item):
    return item.track


@api
def GetMediaItemInfo_Value(_reaper, item, key):
    return keys.read(ITEM, item, key)


@api
def SetMediaItemInfo_Value(_reaper, item, key, value):
    return keys.write(ITEM, item, key, value)


@api
def GetSetMediaItemInfo_String(_reaper, item, key, value, is_set):
    """GUID and notes can be read."""
    return _text(_ITEM_TEXTS, item, key, value, is_set)


@api
def GetItemStateChunk(_reaper, item, _text, _is_undo):
    return True, chunk([item.node])


@api
def AddMediaItemToTrack(_reaper, track):
    return track.project.add_item(track)


@api
def SetMediaItemSelected(_reaper, item, selected):
    keys.write(ITEM, item, "B_UISEL", int(selected))


@api
def IsMediaItemSelected(_reaper, item):
    return item.number("SEL", 1) != 0


@api
def SelectAllMediaItems(_reaper, project, selected):
    for item in project.items:
        keys.write(ITEM, item, "B_UISEL", int(selected))


@api
def CountSelectedMediaItems(_reaper, project):
    return len(_selected(project))


@api
def GetSelectedMediaItem(_reaper, project, index):
    return nth(_selected(project), index)


@api
def GetActiveTake(_reaper, item):
    return nth(item.takes, item.active_index)


@api
def CountTakes(_reaper, item):
    return len(item.takes)


@api
def GetMediaItemNumTakes(_reaper, item):
    return len(item.takes)


@api
def GetTake(_reaper, item, index):
    return nth(item.takes, index)


@api
def GetMediaItemTake(_reaper, item, index):
    """-1 is the active take."""
    return nth(item.takes, item.active_index if index == -1 else index)


@api
def GetMediaItemTake_Item(_reaper, take):
    return take.item


@api
def GetMediaItemTake_Track(_reaper, take):
    return take.item.track


@api
def GetMediaItemTakeInfo_Value(_reaper, take, key):
    return keys.read(TAKE, take, key)


@api
def SetMediaItemTakeInfo_Value(_reaper, take, key, value):
    return keys.write(TAKE, take, key, value)


@api
def GetSetMediaItemTakeInfo_String(_reaper, take, key, value, is_set):
    return _text(_TAKE_TEXTS, take, key, value, is_set)


@api
def GetTakeName(_reaper, take):
    return take.name


@api
def TakeIsMIDI(_reaper, take):
    source = take.source
    while source is not None and source.parent is not None:
        source = source.parent
    return source is not None and source.is_midi


@api
def TakeFX_GetCount(_reaper, take):
    return len(Chain(take, "TAKEFX").effects)


@api
def GetTakeNumStretchMarkers(_reaper, take):
    return len(take.stretch_markers)


@api
def GetTakeStretchMarker(_reaper, take, index):
    markers = take.stretch_markers
    if not 0 <= index < len(markers):
        return -1, 0.0, None
    return (index, *markers[index])


def _selected(project):
    return [item for item in project.items if item.number("SEL", 1)]


def _text(table, view, key, value, is_set):
    if key not in table:
        return False, ""
    read, write = table[key]
    if is_set and write is None:
        return False, value
    if is_set:
        write(view, value)
    return True, read(view)


def _notes(item):
    block = item.block("NOTES")
    return free_text(block) if block else ""


def _rename(take, name):
    take.put_text("NAME", 1, name)


_ITEM_TEXTS = {"GUID": (lambda item: item.guid, None), "P_NOTES": (_notes, None)}
_TAKE_TEXTS = {"GUID": (lambda take: take.guid, None), "P_NAME": (lambda t: t.name, _rename)}
