"""Tracks in the double of REAPER: folders, order, sends, groups, effects, envelopes."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_double import Project, Reaper, UnmodelledFunction
from reaper_double.folders import reorder_selected
from reaper_double.scaling import gain_from_slider, slider_from_gain
from reaper_songs import EVERY_KIND, receive, song, track

FOLDERS = song(
    track("A", ISBUS="1 1"),
    track("a1"),
    track("a2", ISBUS="2 -1"),
    track("B"),
    track("C", ISBUS="1 1"),
    track("D", ISBUS="1 1"),
    track("d1", ISBUS="2 -2"),
    track("E"),
)

NAMES = ["A", "a1", "a2", "B", "C", "D", "d1", "E"]


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path) as running:
        running.open(EVERY_KIND)
        yield running


def pointer(reaper, name):
    return reaper.pointer(reaper.active.track(name))


def outline(project):
    """Names, indented by their level."""
    return " ".join(f"{'.' * track.depth}{track.name}" for track in project.tracks)


def moved(before, mode, *names):
    project = Project(FOLDERS)
    project.user_selects(*names)
    reorder_selected(project, before, mode)
    return outline(project)


def test_folders_are_found_in_the_text(reaper):
    project = Project(FOLDERS)
    assert outline(project) == "A .a1 .a2 B C .D ..d1 E"
    drums = pointer(reaper, "Drums")
    assert reaper.call("GetParentTrack", pointer(reaper, "Toms")) == (drums,)
    assert reaper.call("GetParentTrack", drums) == (None,)
    assert reaper.call("GetTrackDepth", pointer(reaper, "Tom lo")) == (2,)


@pytest.mark.parametrize(
    ("before", "mode", "names", "expected"),
    [
        (0, 0, ["B"], "B A .a1 .a2 C .D ..d1 E"),
        (0, 0, ["a1", "d1"], "a1 d1 A .a2 B C .D E"),
        (1, 0, ["E"], "A .E .a1 .a2 B C .D ..d1"),
        (8, 0, ["A"], "B C .D ..d1 E A .a1 .a2"),
        (8, 0, ["A", "a2"], "B C .D ..d1 E A .a1 .a2"),
        (4, 1, ["C"], "A .a1 .a2 B .C ..D ...d1 E"),
        (3, 2, ["E"], "A .a1 .a2 .E B C .D ..d1"),
        (3, 0, ["E"], "A .a1 .a2 E B C .D ..d1"),
        (7, 2, ["B"], "A .a1 .a2 C .D ..d1 ..B E"),
    ],
)
def test_tracks_move_with_what_lies_in_them(before, mode, names, expected):
    assert moved(before, mode, *names) == expected


@settings(max_examples=50, deadline=None)
@given(st.sets(st.sampled_from(NAMES), min_size=1), st.data())
def test_moving_loses_no_track_and_leaves_folders_closed(names, data):
    before, mode = data.draw(st.integers(0, 8)), data.draw(st.sampled_from([0, 1, 2]))
    project = Project(FOLDERS)
    project.user_selects(*names)
    reorder_selected(project, before, mode)
    assert sorted(track.name for track in project.tracks) == sorted(NAMES)
    assert sum(track.depth_change for track in project.tracks) == 0
    assert Project(project.rpp).rpp == project.rpp


def test_nothing_selected_moves_nothing(reaper):
    before = reaper.active.rpp
    reaper.call("Main_OnCommandEx", 40297, 0, 0)
    selected_none = reaper.active.rpp
    assert reaper.call("ReorderSelectedTracks", 0, 0) == (False,)
    assert reaper.active.rpp == selected_none != before


def test_receives_follow_their_tracks(reaper):
    def sources():
        target = reaper.active.track("Reverb return")
        return [send.source.name for send in target.receives]

    assert sources() == ["Trim envelope", "Kick"]
    reaper.call("InsertTrackAtIndex", 0, False)
    assert sources() == ["Trim envelope", "Kick"]
    reaper.call("SetOnlyTrackSelected", pointer(reaper, "Kick"))
    reaper.call("ReorderSelectedTracks", 12, 0)
    assert sources() == ["Trim envelope", "Kick"]
    reaper.call("DeleteTrack", pointer(reaper, "Trim envelope"))
    assert sources() == ["Kick"]


def test_sends_are_seen_from_both_ends(reaper):
    kick, reverb = pointer(reaper, "Kick"), pointer(reaper, "Reverb return")
    assert reaper.call("GetTrackNumSends", kick, 0) == (1,)
    assert reaper.call("GetTrackNumSends", reverb, -1) == (2,)
    assert reaper.call("GetTrackSendInfo_Value", kick, 0, 0, "P_DESTTRACK") == (reverb,)
    assert reaper.call("GetTrackSendInfo_Value", reverb, -1, 1, "P_SRCTRACK") == (kick,)
    assert reaper.call("GetTrackSendInfo_Value", kick, 0, 0, "I_SENDMODE") == (3.0,)
    assert reaper.call("GetTrackSendInfo_Value", kick, 0, 0, "I_SRCCHAN") == (-1.0,)
    assert reaper.call("GetTrackSendInfo_Value", kick, 0, 0, "D_PANLAW") == (-1.0,)
    assert reaper.call("GetTrackNumSends", pointer(reaper, "名前 Ünïcode"), 1) == (1,)


def test_a_send_can_be_made_set_and_removed_without_a_trace(reaper):
    before, muted = reaper.active.rpp, pointer(reaper, "Muted")
    (index,) = reaper.call("CreateTrackSend", muted, pointer(reaper, "Kick"))
    assert reaper.call("SetTrackSendInfo_Value", muted, 0, index, "D_VOL", 0.25) == (True,)
    assert reaper.active.track("Kick").receives[0].number("AUXRECV", 3) == 0.25
    reaper.call("RemoveTrackSend", muted, 0, index)
    assert reaper.active.rpp == before


def test_groups_are_bits_of_a_field_per_role(reaper):
    lead, muted = pointer(reaper, "VCA lead"), pointer(reaper, "Muted")
    assert reaper.call("GetSetTrackGroupMembership", lead, "VOLUME_VCA_LEAD", 0, 0) == (1,)
    assert reaper.call("GetSetTrackGroupMembership", lead, "VOLUME_VCA_FOLLOW", 0, 0) == (0,)
    assert reaper.call("GetSetTrackGroupMembershipHigh", muted, "VOLUME_LEAD", 2, 2) == (0,)
    assert reaper.call("GetSetTrackGroupMembershipEx", muted, "VOLUME_LEAD", 32, 0, 0) == (2,)
    with pytest.raises(UnmodelledFunction, match="VOLUME_MASTER"):
        reaper.call("GetSetTrackGroupMembership", lead, "VOLUME_MASTER", 0, 0)


def test_names_of_tracks(reaper):
    reaper.call("InsertTrackAtIndex", 0, True)
    (new,) = reaper.call("GetTrack", 0, 0)
    (master,) = reaper.call("GetMasterTrack", 0)
    assert reaper.call("GetTrackName", new) == (True, "Track 1")
    assert reaper.call("GetSetMediaTrackInfo_String", new, "P_NAME", "", False) == (True, "")
    assert reaper.call("GetTrackName", master) == (True, "MASTER")
    assert reaper.call("GetSetMediaTrackInfo_String", master, "P_NAME", "", False) == (False, "")
    assert reaper.call("GetMediaTrackInfo_Value", master, "IP_TRACKNUMBER") == (-1.0,)
    assert reaper.call("GetMediaTrackInfo_Value", master, "D_VOL") == (0.8,)


def test_ext_state_of_a_track_leaves_no_trace_when_removed(reaper):
    before, kick = reaper.active.rpp, pointer(reaper, "Kick")
    key = "P_EXT:automix_items"
    assert reaper.call("GetSetMediaTrackInfo_String", kick, key, "", False) == (False, "")
    reaper.call("GetSetMediaTrackInfo_String", kick, key, "1.25 x", True)
    assert Project(reaper.active.rpp).track("Kick").ext("automix_items") == "1.25 x"
    assert reaper.call("GetSetMediaTrackInfo_String", kick, key, "", False) == (True, "1.25 x")
    reaper.call("GetSetMediaTrackInfo_String", kick, key, "", True)
    assert reaper.active.rpp == before


def test_colours_go_through_the_layout_of_the_system(tmp_path):
    for system, native in (("Win64", 0x030201), ("Other", 0x010203)):
        with Reaper(tmp_path, os=system) as reaper:
            assert reaper.call("ColorToNative", 1, 2, 3) == (native,)
            assert reaper.call("ColorFromNative", native) == (1, 2, 3)


def test_selection(reaper):
    assert reaper.call("CountSelectedTracks", 0) == (1,)
    assert reaper.call("GetSelectedTrack", 0, 0) == (pointer(reaper, "Kick"),)
    reaper.call("SetTrackSelected", *reaper.call("GetMasterTrack", 0), True)
    assert reaper.call("CountSelectedTracks2", 0, True) == (2,)
    assert reaper.call("CountSelectedTracks", 0) == (1,)
    reaper.call("SetOnlyTrackSelected", pointer(reaper, "Muted"))
    assert [track.name for track in reaper.active.selected_tracks] == ["Muted"]
    reaper.call("Main_OnCommandEx", 40296, 0, 0)
    assert reaper.call("CountSelectedTracks", 0) == reaper.call("CountTracks", 0)


def test_effects_are_listed_with_their_state(reaper):
    synth, cut = pointer(reaper, "Synth"), pointer(reaper, "Cut up")
    assert reaper.call("TrackFX_GetCount", synth) == (2,)
    assert reaper.call("TrackFX_GetFXName", synth, 0) == (True, "VSTi: ReaSynth (Cockos)")
    assert reaper.call("TrackFX_GetFXName", synth, 1) == (True, "Automix trim")
    assert reaper.call("TrackFX_GetInstrument", synth) == (0,)
    assert reaper.call("TrackFX_GetRecCount", cut) == (1,)
    assert reaper.call("TrackFX_GetEnabled", cut, 0x1000000) == (False,)
    assert reaper.call("TrackFX_GetNamedConfigParm", synth, 1, "fx_ident") == (
        True,
        "utility/volume",
    )
    assert reaper.call("TrackFX_GetCount", *reaper.call("GetMasterTrack", 0)) == (1,)


def test_a_trim_plugin_can_be_put_in_set_found_and_taken_out(reaper):
    before, kick = reaper.active.rpp, pointer(reaper, "Reverb return")
    assert reaper.call("TrackFX_AddByName", kick, "JS:utility/volume", False, 0) == (-1,)
    assert reaper.call("TrackFX_AddByName", kick, "JS:utility/volume", False, -1) == (1,)
    assert reaper.call("TrackFX_GetFXName", kick, 1) == (True, "JS: Volume Adjustment")
    reaper.call("TrackFX_SetNamedConfigParm", kick, 1, "renamed_name", "Automix trim")
    assert reaper.call("TrackFX_GetFXName", kick, 1) == (True, "Automix trim")
    assert reaper.call("TrackFX_GetParam", kick, 1, 0) == (0.0, -150.0, 150.0)
    reaper.call("TrackFX_SetParam", kick, 1, 0, -3.25)
    assert reaper.call("TrackFX_GetParam", kick, 1, 0) == (-3.25, -150.0, 150.0)
    reaper.call("TrackFX_SetEnabled", kick, 1, False)
    assert reaper.call("TrackFX_GetEnabled", kick, 1) == (False,)
    assert reaper.call("TrackFX_AddByName", kick, "Automix trim", False, 0) == (1,)
    assert reaper.call("TrackFX_Delete", kick, 1) == (True,)
    assert reaper.active.rpp == before
    assert reaper.call("TrackFX_AddByName", kick, "VST: Nowhere", False, -1) == (-1,)


def test_an_instrument_can_be_put_in(reaper):
    muted = pointer(reaper, "Muted")
    assert reaper.call("TrackFX_AddByName", muted, "ReaSynth", False, -1) == (0,)
    assert reaper.call("TrackFX_GetInstrument", muted) == (0,)
    assert reaper.call("TrackFX_AddByName", muted, "ReaSynth", False, 1) == (0,)
    assert reaper.call("TrackFX_GetNumParams", muted, 0) == (0,)


def test_points_of_envelopes_are_raw_in_the_api_and_linear_in_the_text(reaper):
    (envelope,) = reaper.call(
        "GetTrackEnvelopeByChunkName", pointer(reaper, "Trim envelope"), "<VOLENV2"
    )
    assert reaper.call("GetEnvelopeScalingMode", envelope) == (1,)
    _, time_s, raw, shape, tension, selected = reaper.call("GetEnvelopePoint", envelope, 0)
    assert (time_s, shape, tension, selected) == (0.0, 0, 0.0, False)
    assert raw == pytest.approx(716.2178503, abs=1e-6)
    (half,) = reaper.call("ScaleToEnvelopeMode", 1, 0.25)
    reaper.call("SetEnvelopePoint", envelope, 1, None, half, None, None, None, True)
    assert "PT 2 0.25 0" in reaper.active.rpp
    assert reaper.call("GetEnvelopePoint", envelope, 2)[0] is False


def test_a_point_set_to_what_it_is_stays_as_it_is_written(reaper):
    before = reaper.active.rpp
    for name in ("Trim envelope", "Read envelope"):
        (envelope,) = reaper.call("GetTrackEnvelope", pointer(reaper, name), 0)
        for index in range(2):
            _, *values = reaper.call("GetEnvelopePoint", envelope, index)
            reaper.call("SetEnvelopePoint", envelope, index, *values, True)
    assert reaper.active.rpp == before


def test_points_are_sorted_when_asked(reaper):
    (envelope,) = reaper.call("GetTrackEnvelope", pointer(reaper, "Trim envelope"), 0)
    reaper.call("InsertEnvelopePoint", envelope, 1.0, 500.0, 1, 0.0, True, True)
    assert reaper.call("GetEnvelopePoint", envelope, 2)[1] == 1.0
    reaper.call("Envelope_SortPoints", envelope)
    assert reaper.call("GetEnvelopePoint", envelope, 1)[1] == 1.0
    assert reaper.call("DeleteEnvelopePointRange", envelope, 0.5, 1.5) == (True,)
    assert reaper.call("CountEnvelopePoints", envelope) == (2,)


def test_what_the_fader_shows_follows_the_envelope_in_read(reaper):
    read, trim = pointer(reaper, "Read envelope"), pointer(reaper, "Trim envelope")
    assert reaper.call("GetTrackUIVolPan", read)[1] == pytest.approx(0.70794578438414)
    assert reaper.call("GetTrackUIVolPan", trim)[1] == 1.0


def test_envelopes_say_whether_they_are_active(reaper):
    (bypassed,) = reaper.call("GetTrackEnvelope", pointer(reaper, "Bypassed envelope"), 0)
    (envelope,) = reaper.call("GetTrackEnvelope", pointer(reaper, "Read envelope"), 0)
    assert reaper.call("GetSetEnvelopeInfo_String", bypassed, "ACTIVE", "", False) == (True, "0")
    assert reaper.call("GetSetEnvelopeInfo_String", envelope, "ACTIVE", "", False) == (True, "1")
    assert reaper.call("GetEnvelopeName", envelope) == (True, "Volume")
    assert reaper.call("GetEnvelopeStateChunk", envelope, "", False)[1].startswith(
        "<VOLENV2\nEGUID"
    )


@given(st.floats(0.0, 4.0))
def test_the_fader_law_goes_both_ways(gain):
    assert gain_from_slider(slider_from_gain(gain)) == pytest.approx(gain, rel=1e-9, abs=1e-12)


def test_the_fader_law_meets_its_published_points(reaper):
    points = {-150.0: 2.5138729793972, -144.0: 3.1647785560398, -30.009531739: 250.0, 12.0: 1000.0}
    for level_db, position in points.items():
        assert reaper.call("DB2SLIDER", level_db)[0] == pytest.approx(position, abs=1e-6)
        assert reaper.call("SLIDER2DB", position)[0] == pytest.approx(level_db, abs=1e-6)
    assert reaper.call("DB2SLIDER", 0.0) == (716.0,)
    assert math.isclose(reaper.call("ScaleToEnvelopeMode", 1, 1.0)[0], 716.2178503, abs_tol=1e-6)


def test_receives_of_a_track_that_is_not_there_have_no_source():
    project = Project(song(track("Alone", receives=[receive(7)])))
    assert project.tracks[0].receives[0].source is None
