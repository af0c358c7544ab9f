"""Stems on the command line: from a project or a folder to a table, and to a project in order."""

import errno
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import cli, rpp
from reaper_automix import settings as user_settings
from reaper_automix.adapters import project
from reaper_automix.adapters.project import edit
from reaper_automix.errors import InputError
from reaper_automix.session import Track
from reaper_automix.stemtree import arranged, guess_all, propose
from reaper_songs import chain, guid, item, receive, song, track, vst, write_media
from recordings import amplified, plucked
from signals import noise
from songs import write
from test_stemtree import heard

LOOSE = song(
    track(
        "Verb", chain(vst("VST: ReaVerbate (Cockos)")), receives=[receive(1), receive(4, mode=3)]
    ),
    track("Snare", item("Media/snare.wav"), VOLPAN="0.8 0.3 -1 -1 1"),
    track("Keys", ISBUS="1 1", PEAKCOL="25198720"),
    track("Piano", item("Media/pad.wav"), ISBUS="2 -1", NCHAN="4"),
    track("Kick", item("Media/kick.wav"), MAINSEND="1 2"),
    track("Audio 07", item("Media/lead.wav")),
    track("Hammond", item("Media/pad.wav", name="organ")),
)


@pytest.fixture(autouse=True)
def no_user_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(user_settings, "user_file", lambda: tmp_path / "none.toml")


@pytest.fixture
def run(capfd):
    """Runs the command; gives its exit code, stdout and stderr."""

    def call(*arguments):
        code = cli.run(["stems", *map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def place(tmp_path):
    """A project with its media, in a folder of its own."""
    write_media(tmp_path / "song", 0.3)
    path = tmp_path / "song" / "song.RPP"
    path.write_bytes(LOOSE.encode())
    return path


def outline(path):
    """Every track of a project with its folder, in order."""
    session = project.read(path)
    names = {None: None} | {one.id: one.name for one in session.tracks}
    return [(one.name, names[one.parent_id]) for one in session.tracks]


def routes(path):
    """Who receives what, by id."""
    return {
        one.id: tuple((got.source_id, got.mode, got.gain) for got in one.receives)
        for one in project.read(path).tracks
    }


SORTED = [
    ("Drums", None),
    ("Snare", "Drums"),
    ("Kick", "Drums"),
    ("Verb", None),
    ("Keys", None),
    ("Piano", "Keys"),
    ("Hammond", "Keys"),
    ("Audio 07", None),
]


def test_a_project_is_proposed_reviewed_and_sorted(run, place):
    code, out, _ = run(place)
    assert code == 0
    assert (
        "3 tracks of 7 into 2 folders, 1 of them new. 1 track in folders stay there. 1 unmatched."
        in out
    )
    table = place.with_name("song-stems.toml")
    assert str(table) in out
    rows = table.read_text().splitlines()
    changes = {"Audio 07": ('""', '"drums"'), "Hammond": ('"keys"', '""')}
    for at, row in enumerate(rows):
        name = next((name for name in changes if f'"{name}"' in row), None)
        rows[at] = row.replace(*changes[name], 1) if name else row
    table.write_text("\n".join(rows))
    assert run(place, "--apply")[0] == 0
    made = outline(place.with_name("song-stems.RPP"))
    assert {("Audio 07", "Drums"), ("Hammond", None)} <= set(made)
    assert place.read_bytes() == LOOSE.encode()


def test_what_is_written_is_the_tree_with_every_route(run, place):
    code, out, _ = run(place, "--apply", "--json")
    written = place.with_name("song-stems.RPP")
    found = json.loads(out)
    assert (code, found["outputs"]) == (0, [{"kind": "project", "path": str(written)}])
    assert outline(written) == SORTED
    made = {one["id"] for one in found["folders"] if one["is_new"]}
    assert routes(written) == routes(place) | dict.fromkeys(made, ())


def test_only_places_depths_and_numbers_change_and_folders_come(run, place):
    run(place, "--apply")
    before, after = (
        rpp.parse(path.read_bytes().decode()).block(project.ROOT)
        for path in (place, place.with_name("song-stems.RPP"))
    )
    new = edit.track_nodes(after)
    for track_id, node in edit.track_nodes(before).items():
        changed = [
            (old.split()[0], one.split()[0])
            for old, one in zip(lines(node), lines(new.pop(track_id)), strict=True)
            if old != one
        ]
        assert set(changed) <= {("ISBUS", "ISBUS"), ("AUXRECV", "AUXRECV")}
    (folder,) = new.values()
    assert (folder.values("PEAKCOL"), folder.values("ISBUS")) == (["21253828"], ["1", "1"])
    assert rest(before) == rest(after)


def lines(node):
    return rpp.dump(node).splitlines(keepends=True)


def rest(root):
    """A project without its tracks."""
    blocks = (one if isinstance(one, str) else rpp.dump(one) for one in root.body)
    return [one for one in blocks if not one.lstrip().startswith("<TRACK ")]


def test_a_folder_has_room_for_what_is_sent_to_later_channels(run, place):
    run(place, "--apply")
    after = project.read(place.with_name("song-stems.RPP"))
    assert next(one for one in after.tracks if one.name == "Drums").channels == 4


def test_the_mix_of_the_written_project_sounds_as_before(run, place):
    run(place, "--apply")
    before, after = (heard(project.read(p)) for p in (place, place.with_name("song-stems.RPP")))
    assert np.abs(before).max() > 0.05
    assert np.abs(after - before).max() <= 1e-6


def test_a_second_run_finds_nothing_to_do(run, place):
    run(place, "--apply")
    written = place.with_name("song-stems.RPP")
    text = written.read_bytes()
    code, out, _ = run(written, "--apply")
    assert code == 0
    assert "Nothing to do" in out
    run(place, "--apply")
    assert written.read_bytes() == text
    assert sorted(path.name for path in place.parent.glob("*.RPP")) == [
        "song-stems.RPP",
        "song.RPP",
    ]


def test_in_place_the_project_itself_is_sorted_and_a_copy_kept(run, place):
    assert run(place, "--apply", "--in-place")[0] == 0
    assert outline(place) == SORTED
    assert place.with_name("song.RPP.bak").read_bytes() == LOOSE.encode()
    text = place.read_bytes()
    assert run(place, "--apply", "--in-place")[0] == 0
    assert place.read_bytes() == text
    assert not place.with_name("song.RPP.bak2").exists()


def test_what_somebody_changed_is_never_overwritten(run, place):
    run(place)
    run(place, "--apply")
    table, written = place.with_name("song-stems.toml"), place.with_name("song-stems.RPP")
    run(place)
    assert not place.with_name("song-stems-2.toml").exists()
    table.write_text("# mine\n" + table.read_text())
    written.write_bytes(written.read_bytes() + b"\r\n")
    code, out, _ = run(place)
    assert code == 0
    assert "song-stems.toml says something else, so this table is song-stems-2.toml" in out
    run(place, "--apply")
    assert place.with_name("song-stems-2.RPP").exists()
    assert table.read_text().startswith("# mine\n")


def test_a_full_disk_is_said_and_leaves_nothing(run, place, monkeypatch):
    def fail(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(place.parent.rglob("*"))
    monkeypatch.setattr(Path, "replace", fail)
    for options in ([], ["--apply"], ["--apply", "--in-place"]):
        code, _, err = run(place, *options)
        assert (code, err.count("reaper-automix: ")) == (5, 1)
        assert "No space left on device" in err
    assert sorted(place.parent.rglob("*")) == before
    assert place.read_bytes() == LOOSE.encode()


def test_a_dry_run_writes_nothing(run, place):
    before = sorted(place.parent.rglob("*"))
    for options in ([], ["--apply"], ["--apply", "--in-place"]):
        code, out, _ = run(place, "--dry-run", *options)
        assert code == 0
        assert "nothing was written" in out
    assert sorted(place.parent.rglob("*")) == before
    assert place.read_bytes() == LOOSE.encode()


def test_out_takes_what_is_written_and_the_media_are_still_found(run, place, tmp_path):
    run(place, "--apply", "--out", tmp_path / "elsewhere")
    written = tmp_path / "elsewhere" / "song-stems.RPP"
    assert np.abs(heard(project.read(written)) - heard(project.read(place))).max() <= 1e-6


def test_a_folder_of_audio_files_becomes_a_project_with_folders(run, tmp_path):
    folder = tmp_path / "take 1"
    for name in ("Kick", "Snare", "Gtr L", "Gtr R", "Zzz"):
        write(folder, name, np.full((1, 4800), 0.1, np.float32))
    assert run(folder)[0] == 0
    assert run(folder, "--apply")[0] == 0
    written = tmp_path / "take 1-stems" / "take 1.RPP"
    expected = [("Drums", None), ("Kick", "Drums"), ("Snare", "Drums")]
    expected += [("Guitars", None), ("Gtr L", "Guitars"), ("Gtr R", "Guitars"), ("Zzz", None)]
    assert outline(written) == expected
    assert heard(project.read(written)).max() == pytest.approx(0.5)
    text = written.read_bytes()
    assert run(folder, "--apply")[0] == 0
    assert written.read_bytes() == text
    code, out, _ = run(tmp_path, "--json")
    assert (code, len(out.splitlines())) == (0, 1)


def test_copies_that_were_sorted_are_no_songs_of_a_folder(run, place):
    run(place, "--apply")
    code, out, _ = run(place.parent, "--json")
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["song"]
    assert code == 0


def test_tracks_are_known_by_their_sound_where_that_is_asked_for(run, place, monkeypatch):
    listened = {}

    def note(session, heard=None):
        listened.update(heard or {})
        return guess_all(session, heard)

    monkeypatch.setattr("reaper_automix.sorting.guess_all", note)
    assert run(place, "--listen", "--jobs", "1", "--quiet")[0] == 0
    names = ("Snare", "Piano", "Kick", "Audio 07", "Hammond")
    assert listened.keys() == {guid(name) for name in names}
    assert all(features.lufs is not None for features in listened.values())


def test_what_is_heard_to_be_one_source_goes_together_and_is_known_again(run, tmp_path):
    guitar = plucked(4.0, seed=2)
    sounds = {"Gtr DI": guitar, "Audio 07": amplified(guitar), "Snare": noise(4.0, -30)[0]}
    for name, sound in sounds.items():
        write(tmp_path / "song", name, sound[None])

    def rows(*options):
        code, out, _ = run(tmp_path / "song", "--dry-run", "--json", *options)
        assert code == 0
        return {row["name"]: row for row in json.loads(out)["tracks"]}

    assert rows()["Audio 07"]["state"] == "unmatched"
    heard = rows("--listen", "--jobs", "1")["Audio 07"]
    assert heard["part"]["stem"] == "guitars"
    assert heard["why"] == "One source with Gtr DI (Amp of Audio 07), so it goes along."
    assert rows()["Audio 07"]["why"] == heard["why"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--in-place"], 2, "--table and --in-place belong to --apply; add it."),
        (["--table", "x.toml"], 2, "--table and --in-place belong to --apply; add it."),
        (["--apply", "--table", "x.toml"], 2, "x.toml cannot be read (No such file or directory)"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, place, options, code, said):
    found, out, err = run(place, *options)
    assert (found, out) == (code, "")
    assert said in err
    assert place.read_bytes() == LOOSE.encode()


def test_a_table_with_nonsense_writes_nothing(run, place, tmp_path):
    table = tmp_path / "mine.toml"
    table.write_text(f'tracks = [\n{{ guid = "{guid("Kick")}", stem = "drumz" }},\n]\n')
    code, _, err = run(place, "--apply", "--table", table)
    assert code == 2
    assert f"{table}, line 2: there is no stem 'drumz'; did you mean 'drums'?" in err
    table.write_bytes(b"\xff")
    code, _, err = run(place, "--apply", "--table", table)
    assert (code, "is not a UTF-8 text file" in err) == (2, True)
    assert not place.with_name("song-stems.RPP").exists()


def test_lines_of_vanished_tracks_are_listed_and_the_others_done(run, place, tmp_path):
    table = tmp_path / "mine.toml"
    rows = [(guid("Kick"), "Kick"), (guid("Snare"), "Snare"), ("{gone}", "Old one")]
    body = "".join(
        f'{{ guid = "{one}", stem = "drums", name = "{name}" }},\n' for one, name in rows
    )
    table.write_text(f"tracks = [\n{body}]\n")
    code, out, _ = run(place, "--apply", "--table", table)
    assert code == 0
    assert "Lines of tracks that are not in the project: Old one." in out
    assert [
        name for name, parent in outline(place.with_name("song-stems.RPP")) if parent == "Drums"
    ] == [
        "Snare",
        "Kick",
    ]


def test_songs_of_a_folder_have_their_own_tables(run, place, tmp_path):
    code, _, err = run(tmp_path, "--apply", "--table", tmp_path / "x.toml")
    assert code == 6
    assert "--table is of one song alone" in err
    folder = tmp_path / "stems"
    write(folder, "Kick", np.zeros((1, 100), np.float32))
    code, _, err = run(folder, "--apply", "--in-place")
    assert (code, "leave out --in-place" in err) == (2, True)


BUSES = st.sampled_from(["0 0", "1 1", "2 -1", "2 -3", "0 -9", "1 5", "x y", ""])


@given(st.lists(st.tuples(st.sampled_from(["Kick", "Snare", "Bass", "x"]), BUSES), max_size=9))
@settings(max_examples=40)
def test_broken_depths_lose_nothing(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("broken") / "song.RPP"
    texts = (
        track(name, track_guid=guid(str(n)), ISBUS=bus, receives=[receive(0)] if n else ())
        for n, (name, bus) in enumerate(rows)
    )
    path.write_bytes(song(*texts).encode())
    session = project.read(path)
    found = propose(session, guess_all(session))
    document = project.changed(
        path, lambda root: edit.lay_out(root, arranged(session, found)), path.parent
    )
    path.write_bytes(rpp.encode(rpp.dump(document)))
    after = project.read(path)
    expected = arranged(session, found)
    assert [(one.id, one.parent_id) for one in after.tracks] == [
        (one.id, one.parent_id) for one in expected.tracks
    ]
    received = {one.id: one.receives for one in after.tracks}
    assert {one.id: received[one.id] for one in session.tracks} == {
        one.id: one.receives for one in session.tracks
    }
    assert propose(after, guess_all(after)).moves == ()


def test_real_projects_keep_every_line_and_route_and_a_second_time_nothing_moves(shared_data):
    files = [path for path in shared_data.rglob("*") if path.suffix.lower() == ".rpp"]
    assert sum(filter(None, map(sorted_tracks, files))) > 300


def sorted_tracks(path):
    """How many tracks of a project are sorted, once that is found to be right."""
    try:
        session = project.read(path)
    except InputError:
        return None
    found = propose(session, guess_all(session))
    expected = arranged(session, found)
    document = project.changed(path, lambda root: edit.lay_out(root, expected), path.parent)
    root = project.root(document, path)
    after = project.session_of(root, path)
    assert [(one.id, one.parent_id) for one in after.tracks] == [
        (one.id, one.parent_id) for one in expected.tracks
    ]
    known = {one.id: one for one in after.tracks}
    for one in session.tracks:
        assert replace(known[one.id], parent_id=None, folder=False) == replace(
            one, parent_id=None, folder=False
        )
    assert propose(after, guess_all(after)).moves == ()
    assert found.moves or rpp.encode(rpp.dump(document)) == path.read_bytes()
    return len(found.moves)


def test_an_old_project_without_ids_is_sorted(run, tmp_path):
    path = tmp_path / "old.RPP"
    names = ["Kick", "Kick", "Bass", "Kick"]
    blocks = "".join(f"  <TRACK\n    NAME {name}\n  >\n" for name in names)
    path.write_text(f"<REAPER_PROJECT 0.1\n{blocks}>\n")
    assert run(path, "--apply")[0] == 0
    written = path.with_name("old-stems.RPP")
    assert Counter(outline(written)) == Counter(
        {("Drums", None): 1, ("Kick", "Drums"): 3, ("Bass", None): 1}
    )
    assert "Nothing to do" in run(written)[1]


def test_a_session_must_have_all_tracks_of_the_project(place):
    session = project.read(place)
    root = project.root(project.load(place), place)
    with pytest.raises(ValueError, match="does not have all tracks"):
        edit.lay_out(root, project.session_of(rpp.parse(song()).block(project.ROOT), place))
    assert session.tracks


def test_a_new_folder_has_any_name_and_its_colour(place):
    root = project.root(project.load(place), place)
    session = project.read(place)
    folder = Track(guid("new"), "`all' \"quotes", folder=True, channels=6, color=0x1ABCDEF)
    inside = tuple(replace(one, parent_id=folder.id) for one in session.tracks[:1])
    edit.lay_out(root, replace(session, tracks=(folder, *inside, *session.tracks[1:])))
    after = project.session_of(root, place).tracks[0]
    assert (after.name, after.channels, after.color, after.folder) == (
        *(folder.name, folder.channels, folder.color),
        True,
    )
