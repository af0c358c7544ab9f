"""Ext state: of the program (reaper-extstate.ini) and of a project (``<EXTSTATE``)."""

from reaper_double import ext_state
from reaper_double.errors import UnmodelledFunction
from reaper_double.registry import api


@api
def SetExtState(reaper, section, key, value, persist):
    if persist and ("\n" in value or "\r" in value):
        raise UnmodelledFunction("a persistent value is one line of an .ini file: no line breaks")
    reaper.ext_state[section, key] = value
    if persist:
        reaper.kept_ext_state[section, key] = value
        ext_state.write(reaper.resource_path, reaper.kept_ext_state)


@api
def GetExtState(reaper, section, key):
    return reaper.ext_state.get((section, key), "")


@api
def HasExtState(reaper, section, key):
    return (section, key) in reaper.ext_state


@api
def DeleteExtState(reaper, section, key, persist):
    reaper.ext_state.pop((section, key), None)
    if persist and reaper.kept_ext_state.pop((section, key), None) is not None:
        ext_state.write(reaper.resource_path, reaper.kept_ext_state)


@api
def GetProjExtState(_reaper, project, section, key):
    value = ext_state.ProjectState(project).get(section, key)
    return int(value is not None), value or ""


@api
def SetProjExtState(_reaper, project, section, key, value):
    return ext_state.ProjectState(project).set(section, key, value.partition("\0")[0])


@api
def EnumProjExtState(_reaper, project, section, index):
    rows = ext_state.ProjectState(project).rows(section)
    return (True, *rows[index]) if 0 <= index < len(rows) else (False, None, None)
