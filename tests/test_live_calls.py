"""What runs inside REAPER, in this process: errors of any call at any point, and the chunks."""

import contextlib
import json
import sys
from importlib import import_module

import pytest

import live_reaper
from reaper_automix.adapters import project as files
from reaper_automix.bridge import snapshot
from reaper_automix.session import from_json
from reaper_double import InjectedError, Reaper, python_module
from reaper_double.lua_host import LuaHost
from reaper_songs import EVERY_KIND, chain, guid, js, make_song, song, track, vst
from test_lua_snapshot import CASES, TAKE

LIBRARIES = ("automix_live_calls", "automix_live_chunks", "automix_live_server")
BUFFER_BYTES = 4 * 1024 * 1024


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(song(track("Kick"), track("Snare", SEL="1"), track("Pad")))
        yield reaper


@pytest.fixture
def calls(reaper, monkeypatch):
    """The functions of the server, over this REAPER."""
    monkeypatch.setitem(sys.modules, "reaper_python", python_module.make(reaper))
    monkeypatch.syspath_prepend(str(live_reaper.ACTIONS / "lib"))
    import_module("reaper_automix.bridge.reapy_client")  # reapy, without its search for REAPER
    import automix_live_calls

    yield automix_live_calls
    for name in LIBRARIES:
        sys.modules.pop(name, None)


def change(calls, **changed):
    now = calls.status()
    return {
        "project": now["project"],
        "changes": now["changes"],
        "title": "Automix: test",
        "moves": [[guid("Kick"), 0.5], [guid("Pad"), 0.25]],
        "master": 0.5,
        "states": [["AUTOMIX", "", ""], ["AUTOMIX", "VERSION", "1"]],
        **changed,
    }


def plan(calls):
    now = calls.status()
    return {
        "project": now["project"],
        "changes": now["changes"],
        "title": "Automix: group",
        "name": "Stem",
        "channels": 2,
        "order": [guid("Snare"), None, guid("Kick"), guid("Pad")],
        "depths": [0, 1, 0, -1],
    }


@pytest.mark.parametrize(("function", "asked"), [("apply", change), ("group", plan)])
def test_an_error_at_any_point_leaves_the_project_as_it_was(reaper, calls, function, asked):
    before, number = reaper.active.rpp, 0
    while True:
        number += 1
        wanted, done = asked(calls), False
        reaper.fail_at(number)
        with contextlib.suppress(InjectedError):
            done = getattr(calls, function)(wanted)["applied"]
        assert (reaper.undo_depth, reaper.refresh_depth) == (0, 0)
        if done:
            break
        assert reaper.active.rpp == before, reaper.calls[-8:]
    assert number > 20
    assert reaper.active.rpp != before
    assert calls.undo()["undone"]
    assert reaper.active.rpp == before
    assert reaper.unprotected_changes == []


@pytest.mark.parametrize("gain", [float("nan"), float("inf"), -1.0, None, "1", True, [1]])
def test_no_fader_gets_what_no_fader_can_have(reaper, calls, gain):
    before = reaper.active.rpp
    with pytest.raises(Exception, match="that no fader can have; nothing was changed"):
        calls.apply(change(calls, moves=[[guid("Kick"), gain]]))
    if gain is not None:
        with pytest.raises(Exception, match="that no fader can have; nothing was changed"):
            calls.apply(change(calls, master=gain))
    assert reaper.active.rpp == before


@pytest.mark.parametrize("gain", [0.0, 0.375, 1e6])
def test_faders_are_written_exactly_also_above_the_range_of_the_user(reaper, calls, gain):
    calls.apply(change(calls, moves=[[guid("Kick"), gain]]))
    assert reaper.active.tracks[0].number("VOLPAN", 1) == gain


def test_a_change_for_an_earlier_state_is_not_made(reaper, calls):
    wanted = change(calls)
    reaper.active.user_moves_fader("Pad", 0.1)
    before = reaper.active.rpp
    assert calls.apply(wanted) == {"applied": False}
    assert calls.group({**plan(calls), "changes": wanted["changes"]}) == {"applied": False}
    assert reaper.active.rpp == before


def test_a_track_that_is_not_there_is_refused(reaper, calls):
    with pytest.raises(Exception, match="no longer in the project"):
        calls.apply(change(calls, moves=[[guid("Nobody"), 0.5]]))


def test_only_the_tracks_named_are_written(reaper, calls):
    calls.apply(change(calls))
    assert [t.number("VOLPAN", 1) for t in reaper.active.tracks] == [0.5, 1.0, 0.25]
    assert reaper.active.master.number("MASTER_VOLUME", 1) == 0.5


def test_a_folder_stands_where_it_was_asked_for(reaper, calls):
    calls.group(plan(calls))
    tracks = reaper.active.tracks
    assert [t.name for t in tracks] == ["Snare", "Stem", "Kick", "Pad"]
    assert [t.depth_change for t in tracks] == [0, 1, 0, -1]
    assert [t.is_selected for t in tracks] == [True, False, False, False]


@pytest.fixture
def chunks(calls):
    import automix_live_chunks

    return automix_live_chunks


def test_a_chunk_loses_bulk_and_nothing_else(chunks):
    whole = (
        '<TRACK\nNAME <odd>\n<FXCHAIN\nBYPASS 0 0\n<VST "VST: X"\nAAAA\n<JS_PINMAP\n1\n>\nBBBB\n>\n'
        '<CONTAINER\n<CLAP "CLAP: Y"\n<STATE\nCCCC\n>\n>\n>\n>\n'
        '<ITEM\n<SOURCE MIDI\nE 0 90\nFILE "a.mid"\n<X\n1\n>\n>\n<SOURCE WAVE\nFILE "b"\n>\n>\n>\n'
    )
    slim = (
        '<TRACK\nNAME <odd>\n<FXCHAIN\nBYPASS 0 0\n<VST "VST: X"\n>\n'
        '<CONTAINER\n<CLAP "CLAP: Y"\n>\n>\n>\n'
        '<ITEM\n<SOURCE MIDI\nFILE "a.mid"\n>\n<SOURCE WAVE\nFILE "b"\n>\n>\n>\n'
    )
    assert chunks.without_bulk(whole) == slim
    assert chunks.without_bulk(slim) == slim


def test_a_chunk_cut_at_any_line_is_not_whole(chunks):
    lines = ["<TRACK", "NAME \u2028", "<ITEM", "<SOURCE WAVE", "FILE a", ">", ">", ">"]
    assert chunks.is_whole("\n".join(lines))
    for count in range(len(lines)):
        assert not chunks.is_whole("\n".join(lines[:count]))


def test_a_chunk_that_fills_the_buffer_is_not_trusted(chunks):
    filled = "<TRACK\n" + "x" * (BUFFER_BYTES - 11) + "\n>"
    assert not chunks.is_whole(filled + "\n")
    assert chunks.is_whole("<TRACK\n" + "x" * (BUFFER_BYTES - 30) + "\n>\n")


def test_text_that_is_not_utf8_is_refused_in_a_sentence(reaper, calls):
    reaper.open(song(track("Kick").replace('"Kick"', '"K\udcffck"').replace(" Kick", " K\udcffck")))
    with pytest.raises(Exception, match="Track 1 cannot be read over the live bridge"):
        calls.snapshot()


def test_the_check_of_pointers_survives_reapy(reaper, calls, monkeypatch):
    """Python of REAPER makes NULL of a stale pointer; reapy's own packer does not."""
    module = sys.modules["reaper_python"]
    stale = module.RPR_GetTrack(0, 0)
    reaper.active.user_deletes_track("Kick")
    assert module.rpr_packp("MediaTrack*", stale) == 0
    assert module.RPR_ValidatePtr2(0, stale, "MediaTrack*") == 0


def sent(answer):
    """An answer as it arrives outside."""
    return json.loads(json.dumps(answer))


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"texts"}))
def test_the_snapshot_is_that_of_the_project_file(reaper, calls, tmp_path, name):
    """And so that of the Lua libraries (test_lua_snapshot). "texts" has bytes that are no UTF-8."""
    path = make_song(tmp_path, CASES[name], length_s=0.25)
    reaper.open(path)
    before = reaper.active.rpp
    assert snapshot.read(sent(calls.snapshot())).session == live_reaper.nameless(files.read(path))
    assert reaper.active.rpp == before


@pytest.mark.parametrize(("bypass", "shares"), [(0, [10 ** (-6 / 20)]), (1, [])])
def test_a_trim_counts_where_it_sounds(reaper, calls, bypass, shares):
    """As for the actions in REAPER (controls.lua)."""
    trim = js("utility/volume", "-6 0", name="Automix trim", bypass=bypass)
    reaper.open(song(track("Lead", chain(vst("VST: ReaComp (Cockos)", bypass=1), trim))))
    assert [held.gain for held in snapshot.read(sent(calls.snapshot())).held] == shares


def test_the_three_snapshots_of_a_project_are_equal(reaper, calls, tmp_path):
    path = make_song(tmp_path, EVERY_KIND, name="Übung 1.RPP")
    reaper.open(path)
    inside = from_json(LuaHost(reaper).execute(TAKE))
    assert inside == files.read(path)
    assert live_reaper.nameless(inside) == snapshot.read(sent(calls.snapshot())).session
