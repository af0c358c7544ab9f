"""What the double of REAPER accepts: its functions, their arguments, their faults."""

import json
import re
from pathlib import Path

import pytest

from reaper_double import (
    FUNCTIONS,
    ArgumentError,
    AvoidedFunction,
    InjectedError,
    Pointer,
    Reaper,
    UnknownFunction,
    UnmodelledFunction,
    signatures,
)
from reaper_double.make_signatures import TARGET, text
from reaper_double.signatures import version_number
from reaper_songs import EVERY_KIND

REPOSITORY = Path(__file__).parents[1]
SHARED_TABLE = REPOSITORY.parent / "shared" / "reaper" / "reascript_api.json"
HOST_FUNCTIONS = {
    "defer",
    "runloop",
    "atexit",
    "new_array",
    "get_action_context",
    "set_action_options",
}


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path / "resources") as running:
        running.open(EVERY_KIND)
        yield running


def test_the_signatures_are_those_of_the_shared_table():
    if SHARED_TABLE.exists():
        assert TARGET.read_text("utf-8") == text(json.loads(SHARED_TABLE.read_text("utf-8")))
    assert len(signatures()) > 250


def test_every_function_of_the_double_is_one_of_reaper():
    assert set(FUNCTIONS) <= set(signatures())
    assert not HOST_FUNCTIONS & set(FUNCTIONS)


def test_core_functions_are_all_there():
    core = {name for name, signature in signatures().items() if signature.use == "core"}
    unneeded = {name for name in core if "AudioAccessor" in name or "EQ" in name}
    unneeded = unneeded - {"TrackFX_GetEQ"} | {"CalculateNormalization"}
    assert core - set(FUNCTIONS) - HOST_FUNCTIONS == unneeded


def lua_files():
    return sorted((REPOSITORY / "reascripts").rglob("*.lua"))


def test_no_action_calls_what_is_to_be_avoided_or_not_there():
    called = {
        (name, file.name)
        for file in lua_files()
        for name in re.findall(r"\breaper\.(\w+)", file.read_text("utf-8"))
    }
    assert called
    wrong = {
        (name, file)
        for name, file in called
        if name not in signatures() or signatures()[name].use == "avoid"
    }
    assert {name for name, _ in wrong} <= {"osara_outputMessage"}


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("GetTrack", ("x", 0), "bad argument #1 to 'GetTrack' (ReaProject expected)"),
        ("GetTrack", (0, 1.5), "bad argument #2 to 'GetTrack' (number has no integer represent"),
        ("GetTrack", (0, "1"), "bad argument #2 to 'GetTrack' (number expected, got string)"),
        ("GetTrack", (0, True), "bad argument #2 to 'GetTrack' (number expected, got boolean)"),
        ("GetTrack", (0,), "bad argument #2 to 'GetTrack' (number expected, got no value)"),
        ("GetTrackName", (None,), "bad argument #1 to 'GetTrackName' (MediaTrack expected)"),
        ("GetTrackName", (0,), "bad argument #1 to 'GetTrackName' (MediaTrack expected)"),
        ("ShowConsoleMsg", (3,), "bad argument #1 to 'ShowConsoleMsg' (string expected, got nu"),
        ("AnyTrackSolo", (), "bad argument #1 to 'AnyTrackSolo' (ReaProject expected, got no v"),
        (
            "GetSet_LoopTimeRange",
            (0, False, 0, 0, False),
            "bad argument #1 to 'GetSet_LoopTimeRange' (boolean expected, got number)",
        ),
    ],
)
def test_wrong_arguments_are_refused_as_lua_does(reaper, name, arguments, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}"):
        reaper.call(name, *arguments)


def test_surplus_arguments_are_ignored_and_whole_floats_are_integers(reaper):
    assert reaper.call("GetTrack", 0, 1.0, "surplus") == reaper.call("GetTrack", None, 1)


@pytest.mark.parametrize("name", ["GetTrakc", "osara_outputMessage", "BR_GetMediaTrackByGUID"])
def test_unknown_functions_are_refused(reaper, name):
    assert reaper.call("APIExists", name) == (False,)
    with pytest.raises(UnknownFunction, match=name):
        reaper.call(name)


@pytest.mark.parametrize("name", [n for n, s in signatures().items() if s.use == "avoid"])
def test_functions_to_avoid_are_refused(reaper, name):
    with pytest.raises(AvoidedFunction, match=name):
        reaper.call(name)


def test_a_function_that_is_not_modelled_says_so(reaper):
    with pytest.raises(UnmodelledFunction, match="InsertMedia"):
        reaper.call("InsertMedia", "x.wav", 0)


def test_an_older_reaper_lacks_newer_functions(tmp_path):
    with Reaper(tmp_path, version="6.82/win64") as old:
        assert old.call("APIExists", "InsertTrackInProject") == (False,)
        assert old.call("APIExists", "InsertTrackAtIndex") == (True,)
        with pytest.raises(UnknownFunction, match=r"6\.82/win64"):
            old.call("InsertTrackInProject", 0, 0, 0)


def test_versions_compare_as_reaper_counts_them():
    numbers = [version_number(text) for text in ("5.06b", "5.40pre12", "5.972", "6.8", "7.18")]
    assert numbers == sorted(numbers)


def test_numbers_come_back_as_floats_and_integers_as_integers(reaper):
    (track,) = reaper.call("GetTrack", 0, 1)
    (muted,) = reaper.call("GetMediaTrackInfo_Value", track, "B_MUTE")
    (count,) = reaper.call("CountTracks", 0)
    assert (type(muted), type(count)) == (float, int)


def test_pointers_to_the_same_object_are_equal(reaper):
    assert reaper.call("GetTrack", 0, 0) == reaper.call("GetTrack", 0, 0)
    assert reaper.call("GetTrack", 0, 0) != reaper.call("GetTrack", 0, 1)
    assert reaper.call("GetTrack", 0, 999) == (None,)
    assert reaper.call("GetTrack", 0, -1) == (None,)


def test_a_pointer_to_what_is_gone_is_refused(reaper):
    (track,) = reaper.call("GetTrack", 0, 1)
    (item,) = reaper.call("GetTrackMediaItem", track, 0)
    (take,) = reaper.call("GetActiveTake", item)
    (source,) = reaper.call("GetMediaItemTake_Source", take)
    reaper.call("DeleteTrack", track)
    assert reaper.call("ValidatePtr2", 0, track, "MediaTrack*") == (False,)
    for pointer, name in [
        (track, "GetTrackName"),
        (item, "CountTakes"),
        (take, "GetTakeName"),
        (source, "GetMediaSourceType"),
    ]:
        with pytest.raises(ArgumentError, match=rf"'{name}' \({pointer.kind} expected\)"):
            reaper.call(name, pointer)


def test_pointers_are_valid_in_their_own_project_only(reaper):
    (track,) = reaper.call("GetTrack", 0, 1)
    first = reaper.pointer(reaper.active)
    reaper.new_tab()
    assert reaper.call("ValidatePtr2", 0, track, "MediaTrack*") == (False,)
    assert reaper.call("ValidatePtr2", first, track, "MediaTrack*") == (True,)
    assert reaper.call("ValidatePtr2", first, track, "MediaItem*") == (False,)
    assert reaper.call("ValidatePtr2", first, None, "MediaTrack*") == (False,)


def test_the_keys_that_lead_to_other_objects_give_lua_pointers(reaper):
    (kick,) = reaper.call("GetTrack", 0, 1)
    (drums,) = reaper.call("GetMediaTrackInfo_Value", kick, "P_PARTRACK")
    assert drums == reaper.call("GetParentTrack", kick)[0]
    assert reaper.call("GetMediaTrackInfo_Value", drums, "P_PARTRACK") == (None,)


def test_a_fault_comes_at_the_call_that_was_asked_for_and_once(reaper):
    reaper.fail_at(2)
    reaper.call("CountTracks", 0)
    with pytest.raises(InjectedError, match="GetTrack"):
        reaper.call("GetTrack", 0, 0)
    reaper.call("GetTrack", 0, 0)
    assert reaper.calls == ["CountTracks", "GetTrack", "GetTrack"]


def test_a_pointer_has_the_kind_of_its_object(reaper):
    assert reaper.call("GetMasterTrack", 0) == (Pointer("MediaTrack", reaper.active.master),)
