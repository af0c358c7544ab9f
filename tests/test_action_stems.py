"""Stems in an open project: the tree that is asked for, the same sound, and the way back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from action_rig import ACTIONS
from action_songs import library, mix_lufs, tree
from reaper_automix import rpp
from reaper_automix.adapters import project as adapter
from reaper_automix.adapters.project import edit
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import chain, envelope, item, receive, song, track, vst, write_media

GROUP = ACTIONS / "automix_Group selected tracks into a stem.lua"
UNGROUP = ACTIONS / "automix_Ungroup selected stem.lua"
SAME_LU = 0.01


FOLDERS, LUA = library("folders", "5.3")


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        yield LuaHost(reaper, request.param)


def numbers(table):
    return list(table.values())


@st.composite
def levels(draw, most=9):
    """Levels of tracks as any project may have them."""
    found = [0]
    for _ in range(draw(st.integers(0, most - 1))):
        found.append(draw(st.integers(0, found[-1] + 1)))
    return found


@st.composite
def chosen(draw):
    """A tree and some places in it."""
    found = draw(levels())
    places = st.integers(0, len(found) - 1)
    return found, draw(st.sets(places, min_size=1))


def changes(found):
    return [after - level for level, after in zip(found, [*found[1:], 0], strict=True)]


def shape(text):
    """Name and level of every track, and the changes that the text says."""
    root = rpp.parse(text).block(adapter.ROOT)
    nodes = edit.track_nodes(root)
    depth = {None: -1}
    for place in edit.places_of(root):
        depth[place.track_id] = depth[place.folder_id] + 1
    names = [" ".join(node.values("NAME")) for node in nodes.values()]
    buses = [int(node.values("ISBUS")[1]) for node in nodes.values()]
    return list(zip(names, [depth[track] for track in nodes], buses, strict=True))


def grouped_by_python(text, selected, name):
    """What the writer of .RPP files makes of the same wish."""
    document = rpp.parse(text)
    root = document.block(adapter.ROOT)
    ids = list(edit.track_nodes(root))
    edit.insert_folder(root, name, [ids[place] for place in sorted(selected)])
    return rpp.dump(document)


@given(levels())
def test_changes_and_levels_say_the_same(found):
    told = FOLDERS.changes(LUA.table_from(found))
    assert numbers(told) == changes(found)
    assert numbers(FOLDERS.levels(told)) == found


@given(st.lists(st.integers(-4, 1), min_size=1, max_size=9))
def test_any_changes_are_read_as_the_file_reader_reads_them(told):
    text = song(*(track(f"T{n}", ISBUS=f"0 {change}") for n, change in enumerate(told)))
    ours = numbers(FOLDERS.levels(LUA.table_from(told)))
    assert ours == [level for _, level, _ in shape(text)]


@given(chosen())
def test_a_dissolved_group_is_the_tree_that_was(tree_and_places):
    found, places = tree_and_places
    table = LUA.table_from(found)
    roots = FOLDERS.roots(table, LUA.table_from(dict.fromkeys((p + 1 for p in places), True)))
    rows = numbers(FOLDERS.grouped(table, roots))
    grouped = [row["level"] for row in rows]
    folder = next(n for n, row in enumerate(rows) if row["place"] is None)
    flat = numbers(FOLDERS.dissolved(LUA.table_from(grouped), folder + 1))
    after = {row["place"]: new["level"] for row, new in zip(rows, flat, strict=True)}
    outside = {n: level for n, level in enumerate(found, 1) if n not in numbers(roots)}
    inside = {n for row in numbers(roots) for n in range(row, FOLDERS.last_inside(table, row) + 1)}
    assert {n: after[n] for n in outside if n not in inside} == {
        n: level for n, level in outside.items() if n not in inside
    }
    assert {after[root] for root in numbers(roots)} == {found[numbers(roots)[0] - 1]}


@pytest.mark.parametrize("version", LUAS)
@pytest.mark.parametrize(
    ("names", "suggestion"),
    [
        (["Gtr L", "Gtr R"], "Gtr"),
        (["BV 1", "BV 2", "BV 3"], "BV"),
        (["Guitar1", "Guitar2"], "Guitar"),
        (["Lead Vox", "back vox"], "Vox"),
        (["Kick in", "Kick out"], "Kick"),
        (["Kick", "Snare"], "Stem"),
        (["Kick"], "Kick"),
        (["Ba", "By"], "Stem"),
        (["", "  "], "Stem"),
        (["", "Drum room"], "Drum room"),
        (["Überton", "Übergang"], "Über"),
        (["日本a", "日本b"], "Stem"),
        (["日本語a", "日本語b"], "日本語"),
        (["1", "2"], "Stem"),
        (["Tom 1", "Tom 1"], "Tom"),
    ],
)
def test_a_stem_is_called_by_what_its_tracks_are_called(version, names, suggestion):
    stem_name, runtime = library("stem_name", version)
    assert stem_name.suggest(runtime.table_from(names)) == suggestion


def group(host, *answers):
    host.reaper.asked.answers = [None if a is None else [a] for a in answers]
    host.run_to_end(GROUP)


def ungroup(host):
    host.run_to_end(UNGROUP)


def selected(project):
    return [track.name for track in project.selected_tracks]


@settings(max_examples=25)
@given(chosen(), st.sampled_from(list(LUAS)))
def test_the_action_makes_the_tree_that_the_file_writer_makes(tree_and_places, version):
    found, places = tree_and_places
    text = tree(found, places)
    with Reaper("/nowhere") as reaper:
        project = reaper.open(text)
        group(LuaHost(reaper, version), "The stem")
        assert shape(project.rpp) == shape(grouped_by_python(text, places, "The stem"))
        assert selected(project) == ["The stem"]
        assert reaper.unprotected_changes == []
        assert project.history.undo()
        assert project.rpp == text


@st.composite
def siblings(draw):
    """A tree and neighbours in one folder."""
    found = draw(levels())
    first = draw(st.integers(0, len(found) - 1))
    run = [first]
    for place in range(first + 1, len(found)):
        if found[place] < found[first]:
            break
        if found[place] == found[first]:
            run.append(place)
    return found, run[: draw(st.integers(1, len(run)))]


@settings(max_examples=25)
@given(siblings(), st.sampled_from(list(LUAS)))
def test_ungrouping_a_group_of_neighbours_gives_back_the_text(tree_and_places, version):
    found, places = tree_and_places
    text = tree(found, places)
    with Reaper("/nowhere") as reaper:
        project = reaper.open(text)
        host = LuaHost(reaper, version)
        group(host, "Stem")
        ungroup(host)
        assert project.rpp == text


def test_it_asks_a_name_and_suggests_one(host):
    text = song(track("BV 1", SEL="1"), track("BV 2", SEL="1"))
    project = host.reaper.open(text)
    group(host, "Choir, all")
    assert host.reaper.asked.shown[0][3] == "BV"
    assert selected(project) == ["Choir, all"]
    assert project.history.points[-1].title == "Automix: group 2 tracks as Choir, all"


def test_a_name_of_blanks_is_the_suggested_one(host):
    project = host.reaper.open(song(track("BV 1", SEL="1"), track("BV 2", SEL="1")))
    group(host, "  ")
    assert selected(project) == ["BV"]


def test_cancelling_the_question_changes_nothing(host):
    text = tree([0, 0], [0])
    project = host.reaper.open(text)
    group(host, None)
    assert (project.rpp, project.history.points) == (text, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (tree([0, 0]), "No track is selected; select the tracks that shall be in the stem."),
        (
            tree([0], MASTER_SEL="1"),
            "The master cannot lie in a stem; select the tracks that shall be in it.",
        ),
        (song(), "No track is selected; select the tracks that shall be in the stem."),
    ],
)
def test_what_cannot_be_grouped_is_told_in_a_sentence(host, text, sentence):
    project = host.reaper.open(text)
    group(host)
    assert host.reaper.console == [sentence + "\n"]
    assert (project.rpp, project.history.points) == (text, [])


def test_a_stem_is_as_wide_as_what_feeds_it(host):
    project = host.reaper.open(song(track("A", SEL="1", NCHAN="6"), track("B", SEL="1")))
    group(host, "Wide")
    assert project.track("Wide").number("NCHAN", 1) == 6


def test_colours_and_receives_stay_with_their_tracks(host):
    text = song(
        track("A", SEL="1", PEAKCOL="25198720"),
        track("Return", receives=[receive(0, gain=0.5), receive(2, mode=3)]),
        track("B", SEL="1"),
    )
    project = host.reaper.open(text)
    group(host, "Stem")
    assert [t.name for t in project.tracks] == ["Stem", "A", "B", "Return"]
    lines = project.track("Return").node.rows("AUXRECV")
    assert [row[1] for row in lines] == ["1", "2"]
    assert project.track("A").node.values("PEAKCOL") == ["25198720"]


SOUNDING = {
    "PANLAW": "0.70794578438414",
    "MASTER_VOLUME": "0.8 0 -1 -1 1",
}


def sounding_song(folder, *, drums="1 0 -1 -1 1", law_lines=SOUNDING):
    """Drums in a folder with a reverb send, and two tracks beside it."""
    media = write_media(folder, 2.0)

    def plays(name):
        return item(str(media / f"{name}.wav"), LENGTH="2")

    return song(
        track("Drums", ISBUS="1 1", VOLPAN=drums, SEL="1"),
        track("Kick", plays("kick"), VOLPAN="0.7 -0.3 -1 -1 1"),
        track("Snare", plays("snare"), ISBUS="2 -1"),
        track("Lead", plays("lead"), VOLPAN="1.4 0.5 -1 -1 1"),
        track("Muted", plays("pad"), MUTESOLO="1 0 0"),
        track("Return", receives=[receive(2, gain=0.5), receive(3, gain=0.3), receive(1, mode=3)]),
        track("Pad", plays("pad")),
        **law_lines,
    )


def select(project, *names):
    text = project.rpp
    for one in project.tracks:
        one.is_selected = one.name in names
    return text


@pytest.mark.parametrize("names", [("Kick", "Snare"), ("Lead", "Pad"), ("Drums", "Lead", "Muted")])
def test_a_group_sounds_as_its_tracks_did(host, tmp_path, names):
    project = host.reaper.open(sounding_song(tmp_path))
    before = mix_lufs(select(project, *names), tmp_path)
    group(host, "Stem")
    assert mix_lufs(project.rpp, tmp_path) == pytest.approx(before, abs=SAME_LU)


@pytest.mark.parametrize("law", ["1", "0.5", "2"])
@pytest.mark.parametrize("drums", ["0.4 0 -1 -1 1", "1.3 0 0.5 -1 1", "1 0 1 -1 1"])
def test_a_dissolved_stem_sounds_as_it_did(host, tmp_path, drums, law):
    lines = {**SOUNDING, "PANLAW": law}
    project = host.reaper.open(sounding_song(tmp_path, drums=drums, law_lines=lines))
    text = project.rpp
    ungroup(host)
    assert host.reaper.console == []
    assert selected(project) == ["Kick", "Snare"]
    assert mix_lufs(project.rpp, tmp_path) == pytest.approx(mix_lufs(text, tmp_path), abs=SAME_LU)
    assert project.history.points[-1].title == "Automix: ungroup Drums"
    assert project.history.undo()
    assert project.rpp == text


OBSTACLES = [
    ({"inside": [chain(vst("VST: ReaComp (Cockos)"))]}, "effects"),
    ({"inside": [envelope("VOLENV2", (0, 1))]}, "envelopes"),
    ({"inside": [item("kick.wav")]}, "items"),
    ({"receives": [receive(2)]}, "receives"),
    ({"VOLPAN": "1 0.25 -1 -1 1"}, "pan"),
    ({"MUTESOLO": "1 0 0"}, "mute"),
    ({"MUTESOLO": "0 2 0"}, "solo"),
    ({"IPHASE": "1"}, "inverted polarity"),
    ({"PLAYOFFS": "0.01 0"}, "playback offset"),
    ({"MAINSEND": "0 0"}, "main send that is off"),
    ({"extra": ["GROUP_FLAGS 4"]}, "track groups"),
    ({"extra": ["HWOUT 0 0 1 0 0 0 0 -1:U -1"]}, "hardware outputs"),
]


@pytest.mark.parametrize(("lines", "word"), OBSTACLES, ids=[word for _, word in OBSTACLES])
def test_what_ungrouping_would_lose_is_named(host, lines, word):
    lines = dict(lines)
    text = song(
        track("Stem", *lines.pop("inside", ()), **{"ISBUS": "1 1", "SEL": "1", **lines}),
        track("Child", ISBUS="2 -1"),
        track("Other"),
    )
    project = host.reaper.open(text)
    ungroup(host)
    sentence = f"The stem Stem has {word}, which would be lost; take that off first.\n"
    assert host.reaper.console == [sentence]
    assert (project.rpp, project.history.points) == (text, [])


@pytest.mark.parametrize(
    ("stem", "child", "sentence"),
    [
        ({}, None, "No folder is selected; select the stem that shall be ungrouped."),
        (
            {"VOLPAN": "0 0 -1 -1 1"},
            track("Child", ISBUS="2 -1"),
            "The fader of the stem Stem is all the way down; open it first.",
        ),
        (
            {"VOLPAN": "2 0 -1 -1 1"},
            track("Child", ISBUS="2 -1", VOLPAN="3 0 -1 -1 1"),
            "The stem Stem stays: Child cannot take over its level, as its fader would go beyond "
            "the top.",
        ),
        (
            {"VOLPAN": "0.5 0 -1 -1 1"},
            track("Child", envelope("VOLENV2", (0, 0.5)), ISBUS="2 -1", AUTOMODE="1"),
            "The stem Stem stays: Child cannot take over its level, as volume automation drives "
            "its fader.",
        ),
    ],
)
def test_what_cannot_be_ungrouped_is_told_in_a_sentence(host, stem, child, sentence):
    children = [child] if child else []
    change = "1 1" if child else "0 0"
    text = song(track("Stem", **{"ISBUS": change, "SEL": "1", **stem}), *children)
    project = host.reaper.open(text)
    ungroup(host)
    assert host.reaper.console == [sentence + "\n"]
    assert (project.rpp, project.history.points) == (text, [])


def test_folders_in_folders_are_dissolved_together(host):
    project = host.reaper.open(tree([0, 1, 2, 2, 1, 0], [0, 1]))
    ungroup(host)
    assert shape(project.rpp) == [(f"T{n}", 0, 0) for n in (2, 3, 4, 5)]
    assert selected(project) == ["T2", "T3", "T4"]
    assert project.history.points[-1].title == "Automix: ungroup T1 and T0"


def test_a_new_stem_is_balanced_when_that_is_set(host):
    project = host.reaper.open(tree([0, 0], [0, 1]))
    host.reaper.ext_state["automix", "balance_new_stems"] = "true"
    group(host, "Stem")
    assert selected(project) == ["Stem"]
    assert "Automix is not set up" in host.reaper.console[0]


@pytest.mark.parametrize("action", [GROUP, UNGROUP])
def test_an_error_at_any_call_changes_all_or_nothing(tmp_path, action):
    text = song(
        track("Drums", ISBUS="1 1", SEL="1", VOLPAN="0.5 0 -1 -1 1"),
        track("Kick"),
        track("Snare", ISBUS="2 -1"),
        track("Return", receives=[receive(1)]),
        track("Lead", SEL="1"),
    )
    with Reaper(tmp_path) as reaper:
        host = LuaHost(reaper)

        def attempt():
            project = reaper.open(text)
            reaper.asked.answers = [["Stem"]]
            reaper.calls.clear()
            host.run_to_end(action)
            return project

        done = shape(attempt().rpp)
        for call in range(1, len(reaper.calls) + 1):
            reaper.fail_at(call)
            project = attempt()
            assert (reaper.undo_depth, reaper.refresh_depth) == (0, 0)
            assert project.rpp == text or shape(project.rpp) == done
            assert done != shape(text)
            reaper.close(project)
