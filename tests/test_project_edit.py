"""Folders and order: the sound's way through the project stays what it was."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import pan, rpp
from reaper_automix.adapters import project
from reaper_automix.adapters.project import edit
from reaper_automix.adapters.project.edit import Place
from reaper_automix.errors import InputError

DATA = Path(__file__).parent / "data"
FOLDER = "{F0000000-0000-4000-8000-000000000001}"


@pytest.fixture
def tree():
    """The tree of ``routing.rpp``."""
    file = DATA / "routing.rpp"
    return project.root(project.load(file), file)


@pytest.fixture
def session_of(tmp_path):
    """Reads a tree as a session."""

    def read(tree):
        file = tmp_path / "edited.rpp"
        file.write_bytes(rpp.encode(rpp.dump(tree)))
        return project.read(file)

    return read


def names(session):
    by_id = {track.id: track.name for track in session.tracks}
    return {t.name: t.parent_id and by_id[t.parent_id] for t in session.tracks}


def ids(session):
    return {track.name: track.id for track in session.tracks}


def routes(session):
    """Who receives what, by name."""
    by_id = {track.id: track.name for track in session.tracks}
    return {
        track.name: [(by_id[r.source_id], r.mode, r.gain) for r in track.receives]
        for track in session.tracks
    }


def order(session):
    return [track.name for track in session.tracks]


def test_a_folder_takes_tracks_in_and_every_route_stays(tree, session_of):
    before = session_of(tree)
    chosen = [ids(before)[name] for name in ("Backing", "Lead Vox")]
    assert edit.insert_folder(tree, 'The "Voices"', chosen, folder_id=FOLDER) == FOLDER
    after = session_of(tree)
    assert order(after)[5:8] == ['The "Voices"', "Lead Vox", "Backing"]
    expected = {**names(before), "Lead Vox": 'The "Voices"', "Backing": 'The "Voices"'}
    assert names(after) == {**expected, 'The "Voices"': None}
    assert routes(after) == {**routes(before), 'The "Voices"': []}
    kept = {track.id: track for track in after.tracks if track.id != FOLDER}
    for track in before.tracks:
        if track.id not in chosen:
            assert kept[track.id] == track


def test_only_places_and_numbers_of_tracks_change(tree, session_of):
    text = rpp.dump(tree)
    found = ids(session_of(tree))
    edit.insert_folder(tree, "Voices", [found["Lead Vox"], found["Backing"]], folder_id=FOLDER)
    folder = rpp.dump(edit.track_nodes(tree)[FOLDER])
    rest = rpp.dump(tree).replace(folder, "").splitlines()
    changed = [(a, b) for a, b in zip(text.splitlines(), rest, strict=True) if a != b]
    assert [(a.split()[:2], b.split()[:2]) for a, b in changed] == [
        (["ISBUS", "0"], ["ISBUS", "2"]),
        (["AUXRECV", "5"], ["AUXRECV", "6"]),
        (["AUXRECV", "7"], ["AUXRECV", "8"]),
        (["AUXRECV", "6"], ["AUXRECV", "7"]),
        (["AUXRECV", "10"], ["AUXRECV", "11"]),
    ]


def test_a_folder_inside_a_folder_and_a_whole_folder_in_another(tree, session_of):
    found = ids(session_of(tree))
    edit.insert_folder(tree, "Metal", [found["Ride"], found["Cymbals"]])
    edit.insert_folder(tree, "All", [found["Kick"], found["Bass"], found["Drums"]])
    after = names(session_of(tree))
    assert after["Metal"] == "Drums"
    assert after["Cymbals"] == "Metal"
    assert (after["Ride"], after['Hat "open"']) == ("Cymbals", "Cymbals")
    assert (after["Drums"], after["Bass"], after["Kick"], after["All"]) == (
        "All", "All", "Drums", None,
    )  # fmt: skip


def test_a_folder_that_nothing_is_left_in_becomes_a_track(tree, session_of):
    found = ids(session_of(tree))
    edit.insert_folder(tree, "Out", [found[name] for name in ("Kick", 'Hat "open"', "Ride")])
    after = session_of(tree)
    assert not after.track(found["Cymbals"]).folder
    assert names(after)["Cymbals"] == names(after)["Out"] == "Drums"
    assert names(after)["Ride"] == "Out"


def test_a_new_folder_is_as_wide_as_its_widest_track(tree, session_of):
    found = ids(session_of(tree))
    edit.insert_folder(tree, "Wide", [found["Cymbals"], found["Bass"]], folder_id=FOLDER)
    folder = session_of(tree).track(FOLDER)
    assert (folder.channels, folder.fader_gain, folder.main_send) == (4, 1.0, True)


def test_a_new_folder_takes_no_pan_law_from_its_tracks(tree, session_of):
    tree.edit("PANLAW", 1, "0.5")
    edit.insert_folder(tree, "New", [ids(session_of(tree))["Bass"]], folder_id=FOLDER)
    after = session_of(tree)
    assert after.pan_law == 0.5
    assert pan.matrix(after.track(FOLDER), after).tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("name", ["", "a 'b' \"c\" `d`", "<TRACK", "é🎚" * 150])
def test_a_folder_has_any_name(tree, session_of, name):
    track = next(iter(edit.track_nodes(tree)))
    edit.insert_folder(tree, name, [track], folder_id=FOLDER)
    assert session_of(tree).track(FOLDER).name == name


def test_a_folder_has_the_line_endings_of_its_project():
    file = DATA / "items.rpp"
    tree = project.load(file)
    body = project.root(tree, file)
    edit.insert_folder(body, "All", list(edit.track_nodes(body)))
    assert "\n" not in rpp.dump(tree).replace("\r\n", "")


@pytest.mark.parametrize("chosen", [["{gone}"], []])
def test_a_folder_of_no_tracks_or_unknown_ones_is_refused(tree, chosen):
    with pytest.raises(InputError, match="no track"):
        edit.insert_folder(tree, "Stem", chosen)


def test_the_places_that_are_there_change_nothing(tree):
    text = rpp.dump(tree)
    edit.arrange(tree, edit.places_of(tree))
    assert rpp.dump(tree) == text


def test_the_real_places_change_nothing(shared_data):
    for file in (shared_data / "sessions").rglob("*.rpp"):
        tree = project.load(file)
        edit.arrange(project.root(tree, file), edit.places_of(project.root(tree, file)))
        assert rpp.encode(rpp.dump(tree)) == file.read_bytes()


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_any_order_and_nesting_keeps_every_route(tmp_path_factory, random):
    file = DATA / "routing.rpp"
    tree = project.root(project.load(file), file)
    before = project.read(file)
    places, path = [], []
    for track in random.sample(before.tracks, len(before.tracks)):
        del path[random.randint(0, len(path)) :]
        places.append(Place(track.id, path[-1] if path else None))
        path.append(track.id)
    edit.arrange(tree, places)
    edited = tmp_path_factory.mktemp("edit") / file.name
    edited.write_bytes(rpp.encode(rpp.dump(tree)))
    after = project.read(edited)
    assert [Place(track.id, track.parent_id) for track in after.tracks] == places
    assert routes(after) == routes(before)
    edit.arrange(tree, edit.places_of(project.root(project.load(file), file)))
    assert rpp.encode(rpp.dump(tree)) in file.read_bytes()


def test_places_must_be_those_of_all_tracks_and_follow_their_folders(tree):
    places = edit.places_of(tree)
    with pytest.raises(ValueError, match="not those of the tracks"):
        edit.arrange(tree, places[1:])
    with pytest.raises(ValueError, match="does not follow its folder"):
        edit.arrange(tree, [places[1], *places[:1], *places[2:]])
