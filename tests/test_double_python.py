"""The double's ``reaper_python`` has the habits of the genuine module (facts.md, section 2)."""

import pytest

from reaper_double import Reaper, python_module
from reaper_double.python_module import SIGNATURES, Crash
from reaper_songs import song, track

NULL_TRACK = "(MediaTrack*)0x0000000000000000"
BIG = 4 * 1024 * 1024


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(song(track("Kick"), track("Snäre")))
        yield reaper


@pytest.fixture
def rpr(reaper):
    return python_module.make(reaper)


UNLIKE_LUA = {
    "PCM_Source_GetPeaks": "takes one number for a buffer, so it cannot be used",
    "GetAudioAccessorSamples": "fills a list",
    "InsertEnvelopePoint": "gives back its optional arguments",
    "SetEnvelopePoint": "gives back its optional arguments",
    "genGuid": "fills a GUID that Python cannot make",
    "EnumProjectMarkers3": "leaves out the name",
}
"""Functions that give Python other values than Lua, and why."""


def test_every_other_function_takes_and_gives_what_lua_does():
    for name, row in SIGNATURES["functions"].items():
        python = row["python"]
        if python is not None and row["c"] is not None:
            passed = python_module._passed(python["args"], len(row["args"]))
            assert len(passed) == len(row["args"]), name
            assert (_outputs(python["returns"]) == len(row["returns"])) == (name not in UNLIKE_LUA)


def _outputs(returns):
    if "value" in returns:
        return int(returns["value"] != "None")
    return sum(not value.startswith("echo") for value in returns["tuple"])


def test_null_is_a_text_and_true(rpr):
    assert rpr.RPR_GetTrack(0, 99) == NULL_TRACK
    assert bool(NULL_TRACK)


def test_pointers_are_texts_with_capital_digits(rpr):
    track = rpr.RPR_GetTrack(0, 0)
    assert track.startswith("(MediaTrack*)0x00007F")
    assert rpr.RPR_GetTrack(0, 0) == track
    assert rpr.RPR_CountTracks("nonsense") == 2  # NULL is the project in front


@pytest.mark.parametrize("change", [str.lower, lambda t: t.replace("Track", "Item"), lambda t: 5])
def test_what_is_no_pointer_is_null(rpr, change):
    assert rpr.rpr_packp("MediaTrack*", change(rpr.RPR_GetTrack(0, 0))) == 0


def test_a_stale_pointer_is_null_and_null_crashes(rpr, reaper):
    stale = rpr.RPR_GetTrack(0, 1)
    reaper.active.user_deletes_track("Snäre")
    assert rpr.rpr_packp("MediaTrack*", stale) == 0
    with pytest.raises(Crash):
        rpr.RPR_GetMediaTrackInfo_Value(stale, "D_VOL")


def test_tracks_of_another_tab_are_null(rpr, reaper):
    behind = rpr.RPR_GetTrack(0, 0)
    reaper.open(song(track("Other")))
    assert rpr.rpr_packp("MediaTrack*", behind) == 0


def test_outputs_make_a_tuple_of_every_argument(rpr, reaper):
    first = rpr.RPR_GetTrack(0, 1)
    named = rpr.RPR_GetSetMediaTrackInfo_String(first, "P_NAME", "", False)
    assert named == (1, first, "P_NAME", "Snäre", 0)
    assert rpr.RPR_EnumProjects(7, "", 512) == ("(ReaProject*)" + NULL_TRACK[13:], 7, "", 512)
    assert rpr.RPR_GetSet_LoopTimeRange2(0, False, False, 1, 2, False) == (0, 0, 0, 0.0, 0.0, 0)


def test_truths_come_back_as_numbers(rpr):
    assert rpr.RPR_ValidatePtr2(0, rpr.RPR_GetTrack(0, 0), "MediaTrack*") == 1
    assert type(rpr.RPR_ValidatePtr2(0, NULL_TRACK, "MediaTrack*")) is int


def test_whole_numbers_must_be_whole(rpr):
    with pytest.raises(TypeError):
        rpr.RPR_GetTrack(0, 1.0)
    with pytest.raises(TypeError):
        rpr.RPR_GetTrack(0)


def test_no_text_is_an_attribute_error(rpr):
    with pytest.raises(AttributeError):
        rpr.RPR_Undo_CanUndo2(0)


def test_texts_have_the_room_that_was_asked_for(rpr):
    track = rpr.RPR_GetTrack(0, 1)
    assert rpr.RPR_GetTrackName(track, "", 3)[2] == "Sn"
    with pytest.raises(UnicodeDecodeError):
        rpr.RPR_GetTrackName(track, "", 4)  # cut inside a letter
    with pytest.raises(Crash, match="overruns its buffer"):
        rpr.RPR_GetTrackName(track, "", BIG + 1)
    assert rpr.RPR_GetTrackStateChunk(track, "", BIG, False)[2].startswith("<TRACK")
