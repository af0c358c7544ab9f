"""Tabs, files, ext state, media, processes and windows of the double of REAPER."""

import sys

import pytest

from reaper_double import ArgumentError, Project, Reaper, UnmodelledFunction
from reaper_songs import EVERY_KIND, MIDI, item, make_song, song, track, write_media


@pytest.fixture
def reaper(tmp_path):
    with Reaper(tmp_path / "resources") as running:
        yield running


def active(reaper):
    return reaper.pointer(reaper.active)


def test_an_unsaved_project_has_no_path_and_one_past_the_last_is_none(reaper):
    assert reaper.call("EnumProjects", -1) == (active(reaper), "")
    assert reaper.call("EnumProjects", 0) == (active(reaper), "")
    assert reaper.call("EnumProjects", 1) == (None, None)


def test_projects_open_in_tabs_of_their_own(reaper, tmp_path):
    first = reaper.open(make_song(tmp_path, length_s=0.1))
    second = reaper.new_tab()
    assert reaper.projects == [first, second]
    assert reaper.call("EnumProjects", 0) == (reaper.pointer(first), str(tmp_path / "Song.RPP"))
    reaper.call("SelectProjectInstance", reaper.pointer(first))
    assert reaper.call("GetProjectName", 0) == ("Song.RPP",)
    assert reaper.call("GetProjectPathEx", 0) == (str(tmp_path / "Media"),)


def test_a_closed_project_leaves_stale_pointers(reaper, tmp_path):
    project = reaper.open(make_song(tmp_path, length_s=0.1))
    pointers = [reaper.pointer(project), *reaper.call("GetTrack", 0, 0)]
    reaper.close(project)
    assert reaper.call("EnumProjects", -1) == (active(reaper), "")
    for pointer, name in zip(pointers, ("CountTracks", "GetTrackName"), strict=True):
        assert reaper.call("ValidatePtr2", 0, pointer, f"{pointer.kind}*") == (False,)
        with pytest.raises(ArgumentError):
            reaper.call(name, pointer)


def test_actions_open_and_close_tabs(reaper):
    first = reaper.active
    reaper.call("Main_OnCommandEx", 40859, 0, 0)
    assert len(reaper.projects) == 2
    reaper.call("InsertTrackAtIndex", 0, False)
    reaper.asked.answers.append(7)
    reaper.call("Main_OnCommandEx", 40860, 0, 0)
    assert reaper.projects == [first]
    assert len(reaper.asked.shown) == 1


def test_a_project_that_is_not_dirty_closes_without_a_question(reaper):
    reaper.new_tab()
    reaper.call("InsertTrackAtIndex", 0, False)
    reaper.call("GetSetProjectInfo", 0, "DIRTY", 0, True)
    reaper.call("Main_OnCommandEx", 40860, 0, 0)
    assert len(reaper.projects) == 1


def test_saving_writes_the_text_and_cleans_the_project(reaper, tmp_path):
    path = make_song(tmp_path, length_s=0.1)
    reaper.open(path)
    assert reaper.call("IsProjectDirty", 0) == (0,)
    reaper.call("InsertTrackAtIndex", 0, False)
    assert reaper.call("IsProjectDirty", 0) == (1,)
    reaper.call("Main_SaveProject", 0, False)
    assert reaper.call("IsProjectDirty", 0) == (0,)
    assert path.read_bytes().decode() == reaper.active.rpp


def test_saving_elsewhere_takes_the_name_on_only_when_asked(reaper, tmp_path):
    reaper.open(EVERY_KIND)
    reaper.call("Main_SaveProjectEx", 0, str(tmp_path / "copy.RPP"), 0)
    assert reaper.call("EnumProjects", -1)[1] == ""
    reaper.call("Main_SaveProjectEx", 0, str(tmp_path / "mine.RPP"), 8)
    assert reaper.call("EnumProjects", -1)[1] == str(tmp_path / "mine.RPP")
    assert Project.load(tmp_path / "copy.RPP").rpp == EVERY_KIND


def test_opening_takes_the_active_tab(reaper, tmp_path):
    first, path = reaper.active, make_song(tmp_path, length_s=0.1)
    reaper.call("Main_openProject", f"noprompt:{path}")
    assert len(reaper.projects) == 1
    assert reaper.active is not first
    assert reaper.active.path == str(path)


def test_ext_state_of_the_program_outlives_it_when_asked(tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.call("SetExtState", "automix", "strength", "0.7", True)
        reaper.call("SetExtState", "automix", "passing", "x", False)
        with pytest.raises(UnmodelledFunction, match="one line"):
            reaper.call("SetExtState", "automix", "two", "a\nb", True)
    with Reaper(tmp_path) as again:
        assert again.call("GetExtState", "automix", "strength") == ("0.7",)
        assert again.call("HasExtState", "automix", "passing") == (False,)
        again.call("DeleteExtState", "automix", "strength", True)
        assert again.call("GetExtState", "automix", "strength") == ("",)
    assert Reaper(tmp_path).call("HasExtState", "automix", "strength") == (False,)


def test_ext_state_of_a_project_is_saved_in_capitals_and_found_in_any(reaper):
    reaper.open(EVERY_KIND)
    before = reaper.active.rpp
    assert reaper.call("GetProjExtState", 0, "other", "key") == (1, "value")
    assert reaper.call("GetProjExtState", 0, "other", "none") == (0, "")
    reaper.call("SetProjExtState", 0, "automix_before", "Title", "24 tracks")
    assert '<AUTOMIX_BEFORE\r\n      TITLE "24 tracks"\r\n    >' in reaper.active.rpp
    assert reaper.call("EnumProjExtState", 0, "AUTOMIX_BEFORE", 0) == (True, "TITLE", "24 tracks")
    assert reaper.call("EnumProjExtState", 0, "AUTOMIX_BEFORE", 1) == (False, None, None)
    reaper.call("SetProjExtState", 0, "AUTOMIX_BEFORE", "", "")
    assert reaper.active.rpp == before


def test_media_are_those_of_the_files(reaper, tmp_path):
    path = make_song(tmp_path, EVERY_KIND, length_s=1.5)
    project = reaper.open(path)
    takes = {take.name: take for item in project.items for take in item.takes if take}

    def facts(name):
        source = reaper.pointer(takes[name].source)
        return (
            *reaper.call("GetMediaSourceFileName", source),
            *reaper.call("GetMediaSourceLength", source),
            *reaper.call("GetMediaSourceSampleRate", source),
            *reaper.call("GetMediaSourceNumChannels", source),
        )

    assert facts("kick") == (str(tmp_path / "Media/kick.wav"), 1.5, False, 48000, 1)
    assert facts("pad")[-1] == 2
    assert facts("gone") == (str(tmp_path / "Media/gone.wav"), 0.0, False, 0, 0)
    assert facts("notes") == ("", 4.0, True, 0, 0)
    assert reaper.call("TakeIsMIDI", reaper.pointer(takes["notes"])) == (True,)


def test_a_section_leads_to_its_file(reaper, tmp_path):
    write_media(tmp_path, 1.5)
    (tmp_path / "x.RPP").write_bytes(EVERY_KIND.encode())
    project = reaper.open(tmp_path / "x.RPP")
    take = next(t for item in project.items for t in item.takes if t and t.name == "cut")
    section = reaper.pointer(take.source)
    assert reaper.call("GetMediaSourceType", section) == ("SECTION",)
    assert reaper.call("GetMediaSourceFileName", section) == ("",)
    assert reaper.call("PCM_Source_GetSectionInfo", section) == (True, 0.5, 1.25, True)
    (inner,) = reaper.call("GetMediaSourceParent", section)
    assert reaper.call("GetMediaSourceFileName", inner) == (str(tmp_path / "Media/lead.wav"),)
    assert reaper.call("GetMediaSourceParent", inner) == (None,)


def test_takes_of_an_item(reaper):
    project = reaper.open(EVERY_KIND)
    three = reaper.pointer(next(item for item in project.items if len(item.takes) == 3))
    assert reaper.call("CountTakes", three) == (3,)
    assert reaper.call("GetTake", three, 2) == (None,)
    (second,) = reaper.call("GetTake", three, 1)
    assert reaper.call("GetActiveTake", three) == (second,)
    assert reaper.call("GetMediaItemTakeInfo_Value", second, "D_VOL") == (0.7,)
    assert reaper.call("GetMediaItemInfo_Value", three, "C_FADEINSHAPE") == (6.0,)
    assert reaper.call("GetMediaItemInfo_Value", three, "C_FADEOUTSHAPE") == (7.0,)
    empty = reaper.pointer(project.add_item(project.tracks[0]))
    assert reaper.call("CountTakes", empty) == (0,)
    assert reaper.call("GetActiveTake", empty) == (None,)


def test_render_settings_can_be_borrowed_and_given_back(reaper):
    reaper.open(EVERY_KIND)
    before = reaper.active.rpp
    numbers = {"RENDER_SETTINGS": 8194.0, "RENDER_BOUNDSFLAG": 0.0, "RENDER_ENDPOS": 2.5}
    texts = {"RENDER_FILE": "/tmp/a b", "RENDER_PATTERN": "$track", "RENDER_FORMAT": "evaw"}
    found = {key: reaper.call("GetSetProjectInfo", 0, key, 0, False)[0] for key in numbers}
    said = {key: reaper.call("GetSetProjectInfo_String", 0, key, "", False)[1] for key in texts}
    for key, value in numbers.items():
        reaper.call("GetSetProjectInfo", 0, key, value, True)
        assert reaper.call("GetSetProjectInfo", 0, key, 0, False) == (value,)
    for key, value in texts.items():
        reaper.call("GetSetProjectInfo_String", 0, key, value, True)
    assert reaper.call("GetSetProjectInfo_String", 0, "RENDER_FORMAT", "", False)[1] == "ZXZhdw=="
    for key, value in found.items():
        reaper.call("GetSetProjectInfo", 0, key, value, True)
    for key, value in said.items():
        reaper.call("GetSetProjectInfo_String", 0, key, value, True)
    lines = [line for line in reaper.active.rpp.splitlines() if "RENDER_CFG" not in line]
    assert [line for line in before.splitlines() if line not in lines] == []


def test_preferences(reaper):
    reaper.open(song(track("One"), PANLAW="0.5"))
    assert reaper.call("get_config_var_string", "slidermaxv") == (True, "12")
    assert reaper.call("get_config_var_string", "panlaw") == (True, "0.5")
    assert reaper.call("get_config_var_string", "nonsense") == (False, "")


def test_markers_and_length(reaper):
    project = reaper.open(song(track("One", item("x.wav", POSITION="1", LENGTH="2"))))
    assert reaper.call("GetProjectLength", 0) == (3.0,)
    assert reaper.call("AddProjectMarker2", 0, True, 4.0, 6.0, "Chorus one", -1, 0) == (1,)
    assert reaper.call("GetNumRegionsOrMarkers", 0) == (1,)
    assert reaper.call("EnumProjectMarkers3", 0, 0) == (1, True, 4.0, 6.0, "Chorus one", 1, 0)
    assert reaper.call("EnumProjectMarkers3", 0, 1)[0] == 0
    assert Project(project.rpp).length_s == 6.0


def test_a_process_is_started_by_its_absolute_path_only(reaper, tmp_path):
    script = tmp_path / "a b.py"
    script.write_text("print('hello')")
    command = f'"{sys.executable}" "{script}"'
    assert reaper.call("ExecProcess", command, 0) == ("0\nhello\n",)
    assert reaper.call("ExecProcess", "python3 -V", 0) == (None,)
    assert reaper.call("ExecProcess", f'"{tmp_path / "missing"}"', -1) == (None,)


def test_a_detached_process_is_known_to_the_test(reaper):
    command = f'"{sys.executable}" -c "raise SystemExit(3)"'
    assert reaper.call("ExecProcess", command, -1)[0] is not None
    assert [process.wait(timeout=60) for process in reaper.processes] == [3]


def test_listings_are_kept_until_asked_anew(reaper, tmp_path):
    (tmp_path / "a.txt").touch()
    (tmp_path / "sub").mkdir()
    folder = str(tmp_path)
    assert reaper.call("EnumerateFiles", folder, 0) == ("a.txt",)
    (tmp_path / "b.txt").touch()
    assert reaper.call("EnumerateFiles", folder, 1) == (None,)
    assert reaper.call("EnumerateFiles", folder, -1) == (None,)
    assert reaper.call("EnumerateFiles", folder, 1) == ("b.txt",)
    assert "sub" in reaper.call("EnumerateSubdirectories", folder, 0) + reaper.call(
        "EnumerateSubdirectories", folder, 1
    )


def test_scripts_are_registered_under_lasting_names(reaper, tmp_path):
    script = tmp_path / "automix_Balance.lua"
    script.touch()
    (number,) = reaper.call("AddRemoveReaScript", True, 0, str(script), True)
    (name,) = reaper.call("ReverseNamedCommandLookup", number)
    assert reaper.call("NamedCommandLookup", f"_{name}") == (number,)
    assert reaper.call("ReverseNamedCommandLookup", 40029) == (None,)
    assert reaper.call("GetToggleCommandStateEx", 0, number) == (-1,)
    assert reaper.call("SetToggleCommandState", 0, number, 1) == (True,)
    assert reaper.call("GetToggleCommandStateEx", 0, number) == (1,)
    assert reaper.call("AddRemoveReaScript", False, 0, str(script), True) == (number,)
    assert reaper.call("NamedCommandLookup", f"_{name}") == (0,)
    assert reaper.call("AddRemoveReaScript", True, 0, str(tmp_path / "no.lua"), True) == (0,)


def test_a_modal_window_that_nobody_expects_is_an_error(reaper):
    with pytest.raises(AssertionError, match="modal window"):
        reaper.call("ShowMessageBox", "text", "title", 0)


def test_a_form_is_answered_with_its_separator(reaper):
    reaper.asked.answers += [["Drums, all", "b"], None]
    captions = "Name,Other,separator=\n"
    assert reaper.call("GetUserInputs", "Stem", 2, captions, "a\nb") == (True, "Drums, all\nb")
    assert reaper.call("GetUserInputs", "Stem", 2, captions, "a\nb") == (False, "a\nb")


def test_unknown_actions_are_errors(reaper):
    with pytest.raises(UnmodelledFunction, match="12345"):
        reaper.call("Main_OnCommand", 12345, 0)


def test_a_volume_envelope_is_made_by_the_toggle(reaper):
    project = reaper.open(song(track("One", item("x.wav", plays=MIDI), SEL="1")))
    reaper.call("Main_OnCommandEx", 40406, 0, 0)
    assert [envelope.name for envelope in project.tracks[0].envelopes] == ["Volume"]
    project.history.undo()
    assert project.tracks[0].envelopes == []
