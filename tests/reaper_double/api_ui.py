"""Console, modal windows, colours, redraws, transport and toggle buttons."""

import math
import re

from reaper_double import actions
from reaper_double.registry import api
from reaper_double.scaling import db_from_gain, gain_from_db, gain_from_slider, slider_from_gain
from reaper_double.scripts import MAIN_SECTION

_WINDOWS = "Win"
_SILENT = "!SHOW:"
_MAX_FIELDS = 16
_ZERO_DB_SLIDER = 716.0
"""``DB2SLIDER(0)`` snaps to this (reaper-rs asserts it in a real REAPER)."""


@api
def ShowConsoleMsg(reaper, text):
    if text:
        reaper.console.append(text.removeprefix(_SILENT))
    else:
        reaper.console.clear()


@api
def ClearConsole(reaper):
    reaper.console.clear()


@api
def ShowMessageBox(reaper, text, title, kind):
    return reaper.asked.ask("ShowMessageBox", title, text, str(kind))


@api
def MB(reaper, text, title, kind):
    return ShowMessageBox(reaper, text, title, kind)


@api
def GetUserInputs(reaper, title, count, captions, defaults):
    """An answer is the list of texts, or ``None`` for Cancel."""
    assert 1 <= count <= _MAX_FIELDS
    answer = reaper.asked.ask("GetUserInputs", title, captions, defaults)
    if answer is None:
        return False, defaults
    separator = re.search(r"separator=(.)", captions, re.DOTALL)
    return True, (separator[1] if separator else ",").join(answer)


@api
def GetUserFileNameForRead(reaper, initial, title, extension):
    answer = reaper.asked.ask("GetUserFileNameForRead", title, initial, extension)
    return answer is not None, answer or initial


@api
def GetUserFileName(reaper, mode, caption, initial, extensions):
    answer = reaper.asked.ask("GetUserFileName", caption, initial, extensions, str(mode))
    return answer is not None, answer or ""


@api
def UpdateArrange(reaper):
    reaper.redraws.append("UpdateArrange")


@api
def UpdateTimeline(reaper):
    reaper.redraws.append("UpdateTimeline")


@api
def UpdateItemInProject(reaper, _item):
    reaper.redraws.append("UpdateItemInProject")


@api
def TrackList_AdjustWindows(reaper, _both):
    reaper.redraws.append("TrackList_AdjustWindows")


@api
def TrackList_UpdateAllExternalSurfaces(reaper):
    reaper.redraws.append("TrackList_UpdateAllExternalSurfaces")


@api
def CSurf_SetSurfaceVolume(reaper, _track, _volume, _ignored):
    reaper.redraws.append("CSurf_SetSurfaceVolume")


@api
def ColorToNative(reaper, red, green, blue):
    """Windows 0x00BBGGRR, elsewhere 0x00RRGGBB (SWELL's default)."""
    if reaper.os.startswith(_WINDOWS):
        red, blue = blue, red
    return red << 16 | green << 8 | blue


@api
def ColorFromNative(reaper, color):
    high, green, low = color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF
    return (low, green, high) if reaper.os.startswith(_WINDOWS) else (high, green, low)


@api
def DB2SLIDER(_reaper, level_db):
    return _ZERO_DB_SLIDER if level_db == 0.0 else slider_from_gain(gain_from_db(level_db))


@api
def SLIDER2DB(_reaper, position):
    return db_from_gain(gain_from_slider(position))


@api
def mkvolstr(_reaper, _text, gain):
    level_db = db_from_gain(gain)
    return "-inf dB" if level_db <= -144.0 else f"{level_db:+.2f}dB"


@api
def mkpanstr(_reaper, _text, pan):
    percent = round(abs(pan) * 100)
    return "center" if percent == 0 else f"{percent}%{'L' if pan < 0 else 'R'}"


@api
def GetPlayState(reaper):
    return reaper.active.playing


@api
def OnStopButton(reaper):
    reaper.active.playing = 0


@api
def Main_OnCommand(reaper, command, _flag):
    actions.run(reaper, reaper.active, command)


@api
def Main_OnCommandEx(reaper, command, _flag, project):
    actions.run(reaper, project, command)


@api
def NamedCommandLookup(reaper, name):
    return reaper.scripts.number(name)


@api
def ReverseNamedCommandLookup(reaper, number):
    return reaper.scripts.name(number)


@api
def AddRemoveReaScript(reaper, add, _section, path, commit):
    reaper.scripts.committed += commit
    return reaper.scripts.register(path) if add else reaper.scripts.remove(path)


@api
def GetToggleCommandState(reaper, command):
    return reaper.scripts.toggles.get((MAIN_SECTION, command), -1)


@api
def GetToggleCommandStateEx(reaper, section, command):
    return reaper.scripts.toggles.get((section, command), -1)


@api
def SetToggleCommandState(reaper, section, command, state):
    if command not in reaper.scripts.paths:
        return False
    reaper.scripts.toggles[section, command] = state
    return True


@api
def RefreshToolbar2(reaper, section, command):
    reaper.scripts.refreshed.append((section, command))


@api
def Track_GetPeakInfo(_reaper, _track, _channel):
    return 0.0


@api
def parse_timestr(_reaper, text):
    parts = [float(part) for part in text.split(":")]
    return sum(part * 60.0**power for power, part in enumerate(reversed(parts)))


@api
def format_timestr(_reaper, time_s, _text):
    minutes, seconds = divmod(abs(time_s), 60.0)
    sign = "-" if math.copysign(1.0, time_s) < 0 else ""
    return f"{sign}{int(minutes)}:{seconds:06.3f}"


@api
def LocalizeString(_reaper, text, _section, _flags):
    return text
