"""Undo blocks and points."""

from reaper_double.errors import UnbalancedError
from reaper_double.registry import api


@api
def Undo_BeginBlock(reaper):
    reaper.active.history.begin()


@api
def Undo_BeginBlock2(_reaper, project):
    project.history.begin()


@api
def Undo_EndBlock(reaper, title, flags):
    reaper.active.history.end(title, flags)


@api
def Undo_EndBlock2(_reaper, project, title, flags):
    project.history.end(title, flags)


@api
def Undo_OnStateChange2(_reaper, project, title):
    project.history.note(title)


@api
def Undo_OnStateChangeEx2(_reaper, project, title, flags, _parameter):
    project.history.note(title, flags)


@api
def Undo_CanUndo2(_reaper, project):
    points = project.history.points
    return points[-1].title if points else None


@api
def Undo_DoUndo2(_reaper, project):
    return project.history.undo()


@api
def PreventUIRefresh(reaper, change):
    if reaper.refresh_depth + change < 0:
        raise UnbalancedError("PreventUIRefresh was ended more often than it was begun")
    reaper.refresh_depth += change


@api
def CSurf_FlushUndo(reaper, _force):
    reaper.active.history.note("Adjust track volume")
