"""Projects, their settings, tempo, markers and time selection."""

import os

from reaper_double import project_keys
from reaper_double.registry import api
from reaper_double.text import digits, quoted

ACTIVE = -1
_NO_PROMPT = "noprompt:"
_TEMPLATE = "template:"
_LINES = {False: "SELECTION", True: "SELECTION2"}


@api
def EnumProjects(reaper, index):
    if index == ACTIVE:
        return reaper.active, reaper.active.path
    found = reaper.projects[index] if 0 <= index < len(reaper.projects) else None
    return found, found.path if found else None


@api
def GetProjectName(_reaper, project):
    return os.path.basename(project.path)


@api
def GetProjectPath(reaper):
    return reaper.active.media_folder


@api
def GetProjectPathEx(_reaper, project):
    return project.media_folder


@api
def GetProjectLength(_reaper, project):
    return project.length_s


@api
def GetProjectStateChangeCount(_reaper, project):
    return project.changes


@api
def IsProjectDirty(_reaper, project):
    return project.dirty


@api
def MarkProjectDirty(_reaper, project):
    project.dirty = True


@api
def Main_SaveProject(reaper, project, force_save_as):
    """The answer to a Save As window is the path, ``None`` for Cancel."""
    if project.path and not force_save_as:
        project.save()
    elif path := reaper.asked.ask("Save project as", project.path):
        project.path = os.path.abspath(path)
        project.save()


@api
def Main_SaveProjectEx(reaper, project, path, options):
    if not path:
        Main_SaveProject(reaper, project, force_save_as=False)
        return
    if options & 8:
        project.path = os.path.abspath(path)
    project.save(path)


@api
def Main_openProject(reaper, name):
    """Opens in the tab that is active; a changed project asks unless ``noprompt:`` is said."""
    path = name.removeprefix(_NO_PROMPT).removeprefix(_TEMPLATE)
    if reaper.active.dirty and not name.startswith(_NO_PROMPT):
        reaper.asked.ask("Save project?", reaper.active.path)
    reaper.replace(reaper.active, path)


@api
def SelectProjectInstance(reaper, project):
    reaper.active = project


@api
def GetSetProjectInfo(_reaper, project, key, value, is_set):
    return project_keys.number(project, key, value, is_set=is_set)


@api
def GetSetProjectInfo_String(reaper, project, key, value, is_set):
    text = project_keys.text(reaper, project, key, value, is_set=is_set)
    return text is not None, text or ""


@api
def GetCursorPosition(reaper):
    return reaper.active.number("CURSOR", 1)


@api
def GetCursorPositionEx(_reaper, project):
    return project.number("CURSOR", 1)


@api
def SetEditCurPos(reaper, time_s, _move_view, _seek):
    reaper.active.put_number("CURSOR", 1, time_s)


@api
def GetSet_LoopTimeRange(reaper, is_set, is_loop, start_s, end_s, seek):
    return GetSet_LoopTimeRange2(reaper, reaper.active, is_set, is_loop, start_s, end_s, seek)


@api
def GetSet_LoopTimeRange2(_reaper, project, is_set, is_loop, start_s, end_s, _seek):
    line = _LINES[is_loop]
    if is_set:
        project.put_number(line, 1, min(start_s, end_s))
        project.put_number(line, 2, max(start_s, end_s))
    return project.number(line, 1), project.number(line, 2)


@api
def GetProjectTimeSignature2(_reaper, project):
    return project.number("TEMPO", 1, 120.0), project.number("TEMPO", 2, 4.0)


@api
def TimeMap_GetTimeSigAtTime(_reaper, project, _time_s):
    """Tempo markers are not modelled."""
    beats, unit = project.number("TEMPO", 2, 4.0), project.number("TEMPO", 3, 4.0)
    return beats, unit, project.number("TEMPO", 1, 120.0)


@api
def TimeMap2_timeToQN(_reaper, project, time_s):
    return time_s * project.number("TEMPO", 1, 120.0) / 60.0


@api
def GetGlobalAutomationOverride(reaper):
    return reaper.active.number("GLOBAL_AUTO", 1, -1.0)


@api
def GetMasterMuteSoloFlags(reaper):
    return reaper.active.number("MASTERMUTESOLO", 1)


@api
def AnyTrackSolo(_reaper, project):
    return any(track.number("MUTESOLO", 2) for track in project.tracks)


@api
def GetNumRegionsOrMarkers(_reaper, project):
    return len(_markers(project))


@api
def EnumProjectMarkers3(_reaper, project, index):
    markers = _markers(project)
    if not 0 <= index < len(markers):
        return 0, False, 0.0, 0.0, "", 0, 0
    return (index + 1, *markers[index])


@api
def AddProjectMarker2(_reaper, project, is_region, start_s, end_s, name, wanted, color):
    taken = {number for _, _, _, _, number, _ in _markers(project)}
    number = wanted if wanted >= 0 and wanted not in taken else max(taken, default=0) + 1
    line = f"MARKER {number} {digits(start_s)} {quoted(name)} {int(is_region)} {color} 1 R"
    project.insert_line(line)
    if is_region:
        project.insert_line(f'MARKER {number} {digits(end_s)} "" 1')
    return number


def _markers(project):
    """``(is region, start, end, name, number, colour)``; a region's end is a line of its own.

    Markers may share a number; a region's lines are told by it, two by two.
    """
    found, opened = [], {}
    for at in project.places("MARKER"):
        row = project.tokens_at(at)
        number, position = int(row[1]), float(row[2])
        is_region = len(row) > 4 and row[4] != "0"
        if is_region and number in opened:
            opened.pop(number)[2] = position
            continue
        color = int(row[5]) if len(row) > 5 and row[5].isdigit() else 0
        found.append([is_region, position, 0.0, row[3], number, color])
        if is_region:
            opened[number] = found[-1]
    return sorted(map(tuple, found), key=lambda marker: marker[1])
