"""Results go beside, never over what somebody changed, and all at once or not at all."""

import pytest

from reaper_automix import outputs
from reaper_automix.errors import OutputError


def write(layout, **files):
    with outputs.staging(layout) as stage:
        for name, text in files.items():
            (stage / name).write_text(text)
        if layout.project is not None:
            layout.project.write_text("project")
    return layout


def fail(layout, error):
    with outputs.staging(layout) as stage:
        (stage / "report").write_text("half")
        raise error


@pytest.fixture
def song(tmp_path):
    return tmp_path / "song.RPP"


def test_the_first_results_have_the_plain_name(song):
    layout = outputs.beside_project(song, None)
    assert (layout.folder.name, layout.project.name) == ("song-automix", "song-automix.RPP")


def test_unchanged_results_are_written_again_in_place(song):
    first = write(outputs.beside_project(song, None), report="1")
    again = outputs.beside_project(song, None)
    assert again == first
    write(again, report="2")
    assert (first.folder / "report").read_text() == "2"
    assert outputs.beside_project(song, None) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda layout: (layout.folder / "report").write_text("mine"),
        lambda layout: layout.project.write_text("mine"),
        lambda layout: (layout.folder / "notes.txt").write_text("mine"),
        lambda layout: (layout.folder / outputs.MANIFEST).write_text("{not json"),
    ],
)
def test_what_somebody_changed_is_left_alone(song, change):
    first = write(outputs.beside_project(song, None), report="1")
    change(first)
    before = {path: path.read_bytes() for path in song.parent.rglob("*") if path.is_file()}
    second = write(outputs.beside_project(song, None), report="2")
    assert second.folder.name == "song-automix-2"
    assert (first.spared, second.spared) == (None, "song-automix")
    assert all(path.read_bytes() == content for path, content in before.items())
    assert outputs.beside_project(song, None).folder.name == "song-automix-2"


def test_deleted_results_do_not_stand_in_the_way(song):
    first = write(outputs.beside_project(song, None), report="1")
    (first.folder / "report").unlink()
    first.project.unlink()
    assert outputs.beside_project(song, None) == first


def test_what_reaper_and_file_managers_leave_is_nobodys_work(song):
    first = write(outputs.beside_project(song, None), report="1")
    (first.folder / "mix.wav.reapeaks").write_text("peaks")
    (first.folder / ".DS_Store").write_text("")
    assert outputs.beside_project(song, None) == first
    write(first, report="2")
    (first.folder / "mix.wav.reapeaks").write_text("peaks of the new mix")
    assert outputs.beside_project(song, None) == first


def test_a_project_of_that_name_that_is_not_ours_is_left_alone(song):
    song.with_name("song-automix.RPP").write_text("somebody's")
    assert outputs.beside_project(song, None).folder.name == "song-automix-2"


def test_a_failure_leaves_nothing_behind(song):
    layout = outputs.beside_project(song, None)
    with pytest.raises(RuntimeError):
        fail(layout, RuntimeError())
    assert list(song.parent.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_nothing_written(song):
    layout = outputs.beside_project(song, None)
    with pytest.raises(OutputError, match="No space left"):
        fail(layout, OSError(28, "No space left on device"))
    assert list(song.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    layout = outputs.folder_of(tmp_path / "file" / "inside")
    with pytest.raises(OutputError, match="--out"), outputs.staging(layout):
        pass


@pytest.mark.parametrize("goal", [outputs.folder_of, outputs.file_of])
def test_a_name_that_is_too_long_is_said(tmp_path, goal):
    with pytest.raises(OutputError, match=r"too long; give the song a shorter name\.$"):
        goal(tmp_path / f"{'n' * 300}.wav")


def test_a_file_gets_the_next_free_number(tmp_path):
    goal = tmp_path / "song-bounce.wav"
    assert outputs.file_of(goal) == goal
    goal.write_text("")
    assert outputs.file_of(goal).name == "song-bounce-2.wav"
