"""Balances written to projects: the expected lines change, all others stay byte for byte."""

import difflib
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import rpp
from reaper_automix.adapters import project
from reaper_automix.adapters.project.store import read_stored, write_stored
from reaper_automix.errors import InputError, OutputError
from reaper_automix.session import StoredBalance, StoredFader

DATA = Path(__file__).parent / "data"
REAL = (
    "rpp/danishaft__reaper-mcp/ninjas-in-your-attic-mcp-session.rpp",
    "rpp/GriffinSauce__reaper-project-parser/with-external-files.rpp",
    "rpp/Perlence__rpp/vst.RPP",
    "rpp/logicomacorp__WaveSabre/Varia.rpp",
    "rpp/CharlesHolbrow__rppp/tricky-strings.RPP",
    "rpp/AlbertoV5__DxTracker-Reaper/project.RPP",
    "sessions/rock_odd/keep_on_rolling.rpp",
)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
SPARSE = "rpp/AlbertoV5__DxTracker-Reaper/project_.RPP"
"""2 MB, with tracks that have no line for their fader."""


def balance(session, gain=0.123456789):
    """A fader for every track and what is to be remembered of it."""
    faders = {track.id: gain for track in session.tracks}
    stored = tuple(StoredFader(t.id, t.fader_gain, faders[t.id]) for t in session.tracks)
    return faders, StoredBalance(stored)


def changes(before, after):
    """The lines that went and the lines that came, by bytes."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    told = [line for line in lines if line[0] in "+-"]
    return [line[2:] for line in told if line[0] == "-"], [
        line[2:] for line in told if line[0] == "+"
    ]


def text_of(file):
    return rpp.decode(file.read_bytes())


@pytest.fixture
def song(tmp_path):
    file = tmp_path / "song.rpp"
    file.write_bytes((DATA / "routing.rpp").read_bytes())
    return file


@pytest.mark.parametrize("name", REAL)
def test_only_faders_and_our_state_change_in_real_projects(shared_data, tmp_path, name):
    source, target = tmp_path / "song.RPP", tmp_path / "song-automix.RPP"
    source.write_bytes((shared_data / name).read_bytes())
    session = project.read(source)
    faders, stored = balance(session)
    project.write_balance(source, target, faders, stored)
    before, after = source.read_bytes().splitlines(True), target.read_bytes().splitlines(True)
    assert len(after) - len(before) == len(session.tracks) + 5  # the state: a line each, two blocks
    added = after[-len(session.tracks) - 6 : -1]
    assert added[0].strip() == b"<EXTSTATE"
    assert [line.strip() for line in added[-2:]] == [b">", b">"]
    rest = after[: -len(session.tracks) - 6] + after[-1:]
    moved = [(old, new) for old, new in zip(before, rest, strict=True) if old != new]
    assert len(moved) == len(session.tracks)
    for old, new in moved:
        (_, gain, *others), (key, now, *same) = old.split(), new.split()
        assert (key, now, same) == (b"VOLPAN", b"0.123456789", others)
        assert new == old.replace(b"VOLPAN " + gain, b"VOLPAN " + now, 1)
    again = project.read(target)
    assert {track.id: track.fader_gain for track in again.tracks} == faders
    assert again.stored == stored


@pytest.mark.parametrize("name", [*REAL, SPARSE])
def test_the_same_faders_give_the_same_bytes_but_for_our_state(shared_data, tmp_path, name):
    source, target = tmp_path / "song.RPP", tmp_path / "out.RPP"
    source.write_bytes((shared_data / name).read_bytes())
    session = project.read(source)
    faders = {track.id: track.fader_gain for track in session.tracks}
    project.write_balance(source, target, faders, StoredBalance())
    state = "".join(text_of(target).splitlines(keepends=True)[-6:-1])
    assert "<AUTOMIX" in state
    assert text_of(target).replace(state, "") == text_of(source)


def test_writing_twice_is_writing_once(song, tmp_path):
    faders, stored = balance(project.read(song))
    once, twice = tmp_path / "once.rpp", tmp_path / "twice.rpp"
    project.write_balance(song, once, faders, stored)
    project.write_balance(once, twice, faders, stored)
    assert twice.read_bytes() == once.read_bytes()


def test_the_states_of_others_stay_and_ours_is_replaced(song):
    faders, stored = balance(project.read(song))
    project.write_balance(song, song, faders, stored)
    before = text_of(song)
    assert before.count("<EXTSTATE") == before.count("<AUTOMIX") == 1
    assert "      SETTINGS '{\"a\": 1}'\n" in before
    track = project.read(song).tracks[1]
    less = StoredBalance((StoredFader(track.id, 1.0, 0.25),))
    project.write_balance(song, song, {track.id: 0.25}, less)
    gone, come = changes(before, text_of(song))
    assert len(gone) == len(stored.faders) + 1
    assert come == ["    VOLPAN 0.25 0 -1 -1 1\n", f'      {track.id} "1 0.25"\n']


def test_a_state_that_reaper_saved_again_is_read(song):
    """REAPER picks quotes and order itself."""
    track = project.read(song).tracks[1]
    lines = f"    <automix\n      {track.id} '0.5 0.25'\n      VERSION \"1\"\n    >\n"
    song.write_text(text_of(song).replace("  <EXTSTATE\n", f"  <EXTSTATE\n{lines}"), newline="")
    assert project.read(song).stored == StoredBalance((StoredFader(track.id, 0.5, 0.25),))


@pytest.mark.parametrize(
    ("lines", "stored"),
    [
        ("", StoredBalance()),
        ("VERSION 2\n{G} '1 1'\n", None),
        ("VERSION 1\n{A}\n{B} 1\n{C} '1 2 3 4'\nX '1 1'\n", StoredBalance()),
    ],
)
def test_a_state_of_the_future_or_in_pieces_does_no_harm(lines, stored):
    text = f"<REAPER_PROJECT\n<EXTSTATE\n<AUTOMIX\n{lines}>\n>\n>\n"
    assert read_stored(rpp.parse(text).block("REAPER_PROJECT")) == stored


@given(st.lists(st.tuples(st.floats(0, 16), st.floats(0, 16)), max_size=5))
def test_what_is_stored_equals_what_is_written_to_the_fader(gains):
    tree = rpp.parse("<REAPER_PROJECT\n>\n").block("REAPER_PROJECT")
    faders = [StoredFader(f"{{{i}}}", *pair) for i, pair in enumerate(gains)]
    write_stored(tree, StoredBalance(tuple(faders)))
    for fader, (found, written) in zip(read_stored(tree).faders, gains, strict=True):
        assert fader.found_gain == float(rpp.number_text(found))
        assert fader.written_gain == float(rpp.number_text(written))


def test_no_line_of_the_state_comes_near_what_reaper_would_fold(song):
    project.write_balance(song, song, *balance(project.read(song)))
    state = text_of(song).partition("<AUTOMIX")[2]
    assert max(map(len, state.splitlines())) < 200


def test_crlf_projects_stay_crlf_throughout(tmp_path):
    file = tmp_path / "items.rpp"
    file.write_bytes((DATA / "items.rpp").read_bytes())
    project.write_balance(file, file, *balance(project.read(file)))
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


def test_a_track_without_a_fader_line_gets_one(tmp_path):
    file = tmp_path / "old.rpp"
    file.write_bytes((DATA / "old.rpp").read_bytes())
    session = project.read(file)
    project.write_balance(file, file, {session.tracks[1].id: 0.5}, StoredBalance())
    assert project.read(file).tracks[1].fader_gain == 0.5
    _, come = changes((DATA / "old.rpp").read_text("utf-8"), file.read_text("utf-8"))
    assert "    VOLPAN 0.5 0 -1 -1 1\n" in come


def test_every_byte_of_a_project_in_another_encoding_is_kept(tmp_path):
    body = b"<REAPER_PROJECT\n  NOTE \xff\xfe\xe9\n  <TRACK\n    NAME caf\xe9\n  >\n>\n"
    file = tmp_path / "song.RPP"
    file.write_bytes(body)
    (track,) = project.read(file).tracks
    project.write_balance(file, file, {track.id: 1.0}, StoredBalance())
    assert b"NOTE \xff\xfe\xe9" in file.read_bytes()
    assert b"NAME caf\xe9" in file.read_bytes()
    assert project.read(file).tracks[0].id == track.id


# --- into other folders --------------------------------------------------------------------------


def with_media(folder, *files):
    """A project with an item for each name, whose files are where the names say or not."""
    folder.mkdir(parents=True)
    items = "".join(
        f'<ITEM\nLENGTH 1\n<SOURCE SECTION\n<SOURCE WAVE\nFILE "{name}" 1\n>\n>\n>\n'
        for name in files
    )
    file = folder / "song.RPP"
    file.write_text(f'<REAPER_PROJECT\nRECORD_PATH "Recorded" ""\n<TRACK\n{items}>\n>\n')
    return file


def test_media_are_still_found_from_another_folder(tmp_path):
    names = ("kick.wav", r"media\snare.wav", r"D:\gone\TAKE.wav", "missing.wav", "/gone.wav")
    source = with_media(tmp_path / "song", *names)
    for file in ("kick.wav", "media/snare.wav", "Recorded/take.wav"):
        (tmp_path / "song" / file).parent.mkdir(exist_ok=True)
        (tmp_path / "song" / file).touch()
    target = tmp_path / "out" / "song.RPP"
    target.parent.mkdir()
    project.write_balance(source, target, {}, StoredBalance())

    def sources(file):
        return [item.takes[0].source for item in project.read(file).tracks[0].items]

    assert [s.file for s in sources(target)] == [s.file for s in sources(source)]
    assert [s.path for s in sources(target)][3:] == [
        str(tmp_path / "song/missing.wav"),
        "/gone.wav",
    ]
    assert text_of(target).count('" 1\n') == len(names)  # what stands after a path stays


def test_media_inside_the_new_folder_are_named_relatively(tmp_path):
    source = with_media(tmp_path / "song" / "versions", r"..\media\kick.wav")
    (tmp_path / "song" / "media").mkdir()
    (tmp_path / "song" / "media" / "kick.wav").touch()
    target = tmp_path / "song" / "song.RPP"
    project.write_balance(source, target, {}, StoredBalance())
    (item,) = project.read(target).tracks[0].items
    assert Path(item.takes[0].source.file).samefile(tmp_path / "song/media/kick.wav")


def test_beside_the_original_no_path_changes(shared_data, tmp_path):
    source = tmp_path / "song.rpp"
    source.write_bytes((shared_data / "sessions/rock_odd/keep_on_rolling.rpp").read_bytes())
    (tmp_path / "media").symlink_to(shared_data / "sessions/rock_odd/media")
    target = tmp_path / "song-automix.rpp"
    project.write_balance(source, target, {}, StoredBalance())
    gone, come = changes(text_of(source), text_of(target))
    assert gone == []
    assert not any("FILE" in line for line in come)


# --- files ---------------------------------------------------------------------------------------


def test_in_place_keeps_a_copy_and_never_overwrites_one(song):
    first = song.read_bytes()
    faders, stored = balance(project.read(song))
    backup = project.replace_in_place(song, faders, stored)
    second = song.read_bytes()
    assert (backup.name, backup.read_bytes()) == ("song.rpp.bak", first)
    assert second != first
    later = project.replace_in_place(song, {}, StoredBalance())
    assert (later.name, later.read_bytes()) == ("song.rpp.bak2", second)
    assert backup.read_bytes() == first


@POSIX
def test_permissions_are_kept_and_a_new_file_can_be_saved_over(song):
    song.chmod(0o440)
    target = song.with_name("new.rpp")
    project.write_balance(song, target, {}, StoredBalance())
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    project.replace_in_place(target, {}, StoredBalance())
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


@POSIX
def test_a_link_stays_a_link(song):
    link = song.with_name("link.rpp")
    link.symlink_to(song)
    project.replace_in_place(link, {}, StoredBalance())
    assert link.is_symlink()
    assert "<AUTOMIX" in text_of(song)


def test_a_name_as_long_as_names_can_be(song):
    long = song.with_name("n" * 251 + ".rpp")
    project.write_balance(song, long, {}, StoredBalance())
    assert project.read(long).tracks


def test_nothing_is_left_behind_where_writing_fails(song, monkeypatch):
    before = song.read_bytes()
    target = song.with_name("out.rpp")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (
        lambda: project.write_balance(song, target, {}, StoredBalance()),
        lambda: project.write_balance(song, song, {}, StoredBalance()),
    ):
        with pytest.raises(OutputError, match="No space left on device"):
            write()
    assert [file.name for file in song.parent.iterdir()] == [song.name]
    assert song.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_sentence(song):
    target = song.parent / "no such folder" / "out.rpp"
    with pytest.raises(OutputError, match="cannot be written"):
        project.write_balance(song, target, {}, StoredBalance())


def test_a_track_that_went_meanwhile_stops_the_write(song):
    before = song.read_bytes()
    with pytest.raises(InputError, match="has no track"):
        project.write_balance(song, song, {"{gone}": 1.0}, StoredBalance())
    assert song.read_bytes() == before


def test_a_damaged_project_is_never_copied_or_written(song):
    song.write_bytes(song.read_bytes()[:-10])
    with pytest.raises(InputError, match="cut off"):
        project.replace_in_place(song, {}, StoredBalance())
    assert [file.name for file in song.parent.iterdir()] == [song.name]
