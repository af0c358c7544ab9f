"""The self test: every row holds in the double, leaves no trace, and sees a REAPER that differs."""

import shutil
from pathlib import Path

import pytest

from action_rig import ACTIONS, is_balanced
from reaper_double import Reaper, api_render
from reaper_double import actions as action_numbers
from reaper_double.lua_host import LUAS, LuaHost
from reaper_double.registry import FUNCTIONS
from reaper_songs import EVERY_KIND

USUAL = dict(FUNCTIONS)
ACTION = ACTIONS / "automix_Self test.lua"
FAULTS_IN_OPENING, FAULTS_BEHIND = range(1, 30, 4), (400, 1200)


@pytest.fixture
def reaper(tmp_path):
    shutil.copytree(ACTIONS / "effects", tmp_path / "REAPER Ä ö" / "Effects" / "Automix")
    with Reaper(tmp_path / "REAPER Ä ö") as reaper:
        reaper.open(EVERY_KIND)
        reaper.active.dirty = False
        yield reaper


def run(reaper, lua="5.4"):
    """What the self test printed, line by line."""
    LuaHost(reaper, lua).run_to_end(ACTION)
    return "".join(reaper.console).splitlines()


def failed(lines):
    """The names of the rows that do not hold."""
    return [line[6:].split(":")[0] for line in lines if line.startswith("FAIL")]


def is_untouched(reaper, project):
    """Whether the user's project, tabs, ext state and files are as if nothing had been run."""
    left = [one.name for one in Path(reaper.resource_path).iterdir() if one.name != "Effects"]
    return (
        reaper.projects == [project]
        and reaper.active is project
        and project.rpp == EVERY_KIND
        and not project.dirty
        and not project.history.points
        and not reaper.ext_state
        and not left
        and is_balanced(reaper)
        and not reaper.asked.shown
    )


@pytest.mark.parametrize("lua", LUAS)
def test_every_row_holds_and_nothing_is_left_behind(reaper, lua):
    project = reaper.active
    lines = run(reaper, lua)
    assert failed(lines) == []
    passed = [line for line in lines if line.startswith("pass  ")]
    assert lines[-1].startswith(f"Automix self test: {len(passed)} of {len(passed)} passed in ")
    assert is_untouched(reaper, project)


def test_rows_tell_apart_what_they_see(reaper):
    names = [line.split(":")[0] for line in run(reaper)[:-1]]
    assert len(set(names)) == len(names)


def gang(reaper, track, key, value):
    """Setting one fader moves all that are selected."""
    moved = track.project.selected_tracks if key == "D_VOL" and track.is_selected else [track]
    return all(USUAL["SetMediaTrackInfo_Value"](reaper, t, key, value) for t in moved)


def keep_section(reaper, project, section, key, value):
    """An empty key removes nothing."""
    if key:
        USUAL["SetProjExtState"](reaper, project, section, key, value)
    return 0


def start_nothing(reaper, command, timeout_ms):
    """Nil for processes that are not waited for."""
    if timeout_ms < 0:
        return None
    return USUAL["ExecProcess"](reaper, command, timeout_ms)


def old_source_name(_reaper, source):
    """The path as the project has it."""
    return source.text("FILE", 1)


def never_late(reaper, track, fx, key):
    """No effect is late."""
    return (
        (True, "0") if key == "pdc" else USUAL["TrackFX_GetNamedConfigParm"](reaper, track, fx, key)
    )


DIFFERENT = {
    "a deleted track is no valid pointer any more": (
        "ValidatePtr2",
        lambda _reaper, _project, _pointer, _kind: True,
    ),
    "setting a fader moves no other selected track": ("SetMediaTrackInfo_Value", gang),
    "a section of ext state is removed as a whole": ("SetProjExtState", keep_section),
    "a process started without waiting": ("ExecProcess", start_nothing),
    "a source tells its file as an absolute path": ("GetMediaSourceFileName", old_source_name),
    "colours survive the way to REAPER's own form and back": (
        "ColorFromNative",
        lambda _reaper, color: (color >> 16 & 255, color >> 8 & 255, color & 254),
    ),
    "REAPER's own volume plug-in has its gain in dB at parameter 0": (
        "TrackFX_GetFormattedParamValue",
        lambda _reaper, _track, _fx, _parameter: (True, "0.5"),
    ),
    "our strip has the parameters by which it is told where REAPER tells no file": (
        "TrackFX_GetParamName",
        lambda _reaper, _track, _fx, parameter: (True, f"Slider {parameter + 1}"),
    ),
    "our strip tells REAPER by how much it is late": ("TrackFX_GetNamedConfigParm", never_late),
}


@pytest.mark.parametrize("row", DIFFERENT)
def test_a_reaper_that_differs_in_one_thing_fails_in_that_row(reaper, monkeypatch, row):
    name, behaviour = DIFFERENT[row]
    project = reaper.active
    monkeypatch.setitem(FUNCTIONS, name, behaviour)
    lines = run(reaper)
    assert failed(lines) == [row]
    assert f"Automix self test: {len(lines) - 2} of {len(lines) - 1} passed" in lines[-1]
    assert is_untouched(reaper, project)


def test_stems_that_are_not_before_the_fader_are_seen(reaper, monkeypatch):
    monkeypatch.setattr(api_render, "PRE_FADER", 0)
    monkeypatch.setitem(api_render.PLAYED, "RENDER_SETTINGS", (2, 8194))
    assert failed(run(reaper)) == ["fader and pan are not in a render"]


def test_a_preference_that_is_not_there_is_seen(reaper):
    del reaper.config_vars["slidermaxv"]
    assert failed(run(reaper)) == ["the fader's range is among the preferences"]


@pytest.mark.parametrize("call", [*FAULTS_IN_OPENING, *FAULTS_BEHIND])
def test_an_error_in_any_call_leaves_nothing_behind(reaper, call):
    project = reaper.active
    reaper.fail_at(call)
    assert "injected error" in "\n".join(run(reaper))
    assert is_untouched(reaper, project)


def test_without_a_new_tab_nothing_is_tested(reaper, monkeypatch):
    project = reaper.active
    monkeypatch.setitem(action_numbers.ACTIONS, 41929, lambda _reaper, _project: None)
    assert run(reaper) == ["REAPER opened no new project tab; nothing was tested."]
    assert is_untouched(reaper, project)


def test_while_recording_nothing_is_tested(reaper):
    project = reaper.active
    project.playing = 5
    assert run(reaper) == ["REAPER is recording; stop it and start the self test again."]
    assert is_untouched(reaper, project)
