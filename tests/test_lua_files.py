"""Files of the Lua actions: written aside and then renamed, whatever their names are."""

import pytest

from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost

BYTES = bytes(range(256)).decode("latin-1") * 3
NAMES = ("plain.json", "with spaces.json", "Ünïcode 名前 🎸.json", "quote's.json")


@pytest.fixture(params=LUAS)
def files(request, tmp_path):
    """Calls a function of the module; several answers are a tuple."""
    with Reaper(tmp_path / "resource") as reaper:
        host = LuaHost(reaper, request.param)
        yield lambda name, *given: host.execute(f"return require('files').{name}(...)", *given)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_byte_for_byte(files, tmp_path, name):
    path = files("join", str(tmp_path), name)
    assert path == str(tmp_path / name)
    assert files("write", path, "first")
    assert files("write", path, BYTES)
    assert files("read", path) == BYTES
    assert (tmp_path / name).read_bytes() == BYTES.encode()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_nothing_is_left_of_a_file_that_cannot_be_written(files, tmp_path):
    (tmp_path / "folder.json").mkdir()
    done, message = files("write", str(tmp_path / "folder.json"), "text")
    assert not done
    assert "folder.json" in message
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.json"]


def test_a_folder_that_is_missing_is_told(files, tmp_path):
    done, message = files("write", str(tmp_path / "none" / "a.json"), "text")
    assert not done
    assert "none" in message
    nothing, message = files("read", str(tmp_path / "none"))
    assert nothing is None
    assert "none" in message


def test_a_failed_write_keeps_what_was_there(files, tmp_path):
    (tmp_path / "a.json").write_text("old")
    (tmp_path / "a.json.tmp").mkdir()  # stands where the new text would be written first
    done, _ = files("write", str(tmp_path / "a.json"), "new")
    assert not done
    assert (tmp_path / "a.json").read_text() == "old"


def test_folders_are_made_with_those_they_lie_in(files, tmp_path):
    folder = tmp_path / "ein Ordner" / "ün"
    assert files("make_folder", str(folder))
    assert files("make_folder", str(folder))
    assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_folder_cannot_be_made_below_a_file(files, tmp_path):
    (tmp_path / "file").write_text("")
    assert not files("make_folder", str(tmp_path / "file" / "folder"))


def test_removing_is_done_when_the_file_is_gone(files, tmp_path):
    (tmp_path / "a").write_text("")
    assert files("exists", str(tmp_path / "a"))
    assert files("remove", str(tmp_path / "a"))
    assert not files("exists", str(tmp_path / "a"))
    assert files("remove", str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("/spool", "jobs", "1"), "/spool/jobs/1"),
        (("/spool/", "jobs"), "/spool/jobs"),
        (("C:\\Spool", "jobs", "1"), "C:\\Spool\\jobs\\1"),
        (("C:/Spool", "jobs"), "C:/Spool/jobs"),
        (("alone",), "alone"),
    ],
)
def test_paths_are_joined_with_the_separator_they_have(files, parts, path):
    assert files("join", *parts) == path


def test_nothing_has_no_file(files):
    assert not files("exists", "")


def test_reading_a_folder_is_no_success(files, tmp_path):
    nothing, message = files("read", str(tmp_path))
    assert nothing is None
    assert str(tmp_path) in message
