"""The action that locks tracks: one undo point, kept with the project, read by every reader."""

import pytest

from action_rig import ACTIONS, is_balanced, lua
from reaper_automix.adapters import project as adapter
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import block, song, track

ACTION = ACTIONS / "automix_Lock selected tracks.lua"
OTHER = block("EXT", "other x")


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        yield LuaHost(reaper, request.param)


def press(host):
    host.run_to_end(ACTION)


def pinned(project, tmp_path):
    """Names of the tracks that the project's file says are locked."""
    file = tmp_path / "now.RPP"
    file.write_bytes(project.rpp.encode())
    return [one.name for one in adapter.read(file).tracks if one.pinned]


def test_the_selected_tracks_are_locked_and_set_free_again(host, tmp_path):
    text = song(track("A", SEL="1"), track("B"), track("C", OTHER, SEL="1"))
    project = host.reaper.open(text)
    press(host)
    assert pinned(project, tmp_path) == ["A", "C"]
    assert project.history.points[-1].title == "Automix: lock 2 tracks"
    assert project.dirty
    press(host)
    assert pinned(project, tmp_path) == []
    assert project.history.points[-1].title == "Automix: unlock 2 tracks"
    assert project.rpp == text
    assert host.reaper.unprotected_changes == []
    assert is_balanced(host.reaper)


def test_where_some_are_locked_all_are(host, tmp_path):
    locked = block("EXT", "automix_lock 1")
    project = host.reaper.open(song(track("A", locked, SEL="1"), track("B", SEL="1")))
    press(host)
    assert pinned(project, tmp_path) == ["A", "B"]
    assert project.history.undo()
    assert pinned(project, tmp_path) == ["A"]


def test_without_a_selection_it_says_what_to_do(host):
    text = song(track("A"))
    project = host.reaper.open(text)
    press(host)
    assert project.rpp == text
    assert "No track is selected" in "".join(host.reaper.console)
    assert project.history.points == []


@pytest.mark.parametrize(("system", "native"), [("Win64", 0x10080FF), ("Other", 0x1FF8000)])
@pytest.mark.parametrize("version", LUAS)
def test_a_colour_is_the_same_on_every_system(tmp_path, version, system, native):
    with Reaper(tmp_path, os=system) as reaper:
        reaper.open(song(track("A", PEAKCOL=str(native))))
        code = 'print(require("snapshot").take(project).tracks[1].color)'
        assert int(lua(LuaHost(reaper, version), code)) == 0x1FF8000
