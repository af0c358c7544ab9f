"""``cache``, ``doctor`` and ``uninstall``: what is kept, as a user sees it and gets rid of it."""

import json

import pytest

from reaper_automix import cache, cli, doctor
from reaper_automix.cache.kinds import Kind
from reaper_automix.cache.store import Store
from reaper_automix.errors import OutputError
from reaper_automix.installer import leftovers

TEXT = Kind("text", str, len)


@pytest.fixture
def store(own_cache):
    """A cache with three records."""
    found = Store(own_cache)
    for key in "abc":
        found.put(TEXT, key, key * 1000)
    return found


@pytest.fixture
def run(capfd):
    def run(*arguments):
        code = cli.run(["cache", *arguments])
        out, err = capfd.readouterr()
        assert (code, err) == (0, "")
        return out

    return run


def test_what_is_kept_is_told(run, store):
    lines = run("info").splitlines()
    assert lines[0] == str(store.folder)
    assert lines[1] == "3 records, 0.0 MB of at most 2147.5 MB"
    assert lines[2].split() == ["text", "3", "0.0", "MB"]
    assert lines[3].startswith("the oldest was last used 20")


def test_an_empty_cache_is_told_as_one(run, own_cache):
    assert run("info").splitlines()[1].startswith("0 records, 0.0 MB")
    assert not own_cache.exists()


def test_what_is_kept_is_told_as_json(run, store, monkeypatch):
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "7")
    found = json.loads(run("info", "--json"))
    kept = store.inventory()
    assert found == {
        "folder": str(store.folder),
        "records": 3,
        "bytes": kept.bytes,
        "limit_bytes": 7_000_000,
        "oldest": found["oldest"],
        "kinds": {"text": {"records": 3, "bytes": kept.bytes}},
    }


def test_clearing_says_what_it_freed(run, store):
    assert run("clear") == "3 records are gone, 0.0 MB freed.\n"
    assert not store.folder.exists()
    assert run("clear") == "0 records are gone, 0.0 MB freed.\n"


def test_clearing_says_what_cannot_be_removed(store, monkeypatch, capsys):
    monkeypatch.setattr("reaper_automix.cache.store._remove", lambda path: False)
    assert cli.run(["cache", "clear"]) == OutputError.exit_code
    out, err = capsys.readouterr()
    assert out == "0 records are gone, 0.0 MB freed.\n"
    assert f"3 records in {store.folder} cannot be removed" in err


@pytest.mark.parametrize("arguments", [("info",), ("clear",)])
def test_where_nothing_is_kept_that_is_said(run, monkeypatch, arguments):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    assert run(*arguments).startswith("No measurements are kept")


def test_where_nothing_is_kept_json_has_no_folder(run, monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    assert json.loads(run("info", "--json")) == {"folder": None}


@pytest.mark.parametrize("arguments", [(), ("info",), ("clear",)])
def test_the_help_has_examples(run, arguments):
    assert "reaper-automix cache" in run(*arguments, "--help").partition("Examples:")[2]


def test_the_help_names_the_settings(run):
    assert {cache.FOLDER_VARIABLE, cache.LIMIT_VARIABLE} <= set(
        run("--help").replace(",", "").split()
    )


# Doctor


def measurements():
    found = doctor.examine(lambda library: doctor.Finding(library.name, True, ""))
    return next(one for one in found if one.name == "Measurements")


def test_doctor_tells_where_measurements_are_and_how_much_room_they_take(store):
    found = measurements()
    assert found.ok
    assert found.found.startswith(f"{store.folder} can be written to")
    assert found.found.endswith("0 of 2147 MB used")


def test_doctor_tells_that_none_are_kept(monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    assert measurements().ok


def test_doctor_tells_what_to_do_where_none_can_be_kept(own_cache):
    own_cache.parent.mkdir(exist_ok=True)
    own_cache.write_text("a file")
    found = measurements()
    assert (found.ok, found.needed) == (False, False)
    assert cache.FOLDER_VARIABLE in found.found
    own_cache.unlink()


# Uninstalling


def test_uninstalling_removes_what_is_ours_of_the_measurements(store, tmp_path):
    theirs = store.folder / "song.wav"
    theirs.touch()
    assert leftovers.folders(tmp_path / "spool") == (store.folder,)
    leftovers.remove_state(tmp_path / "spool")
    assert list(store.folder.iterdir()) == [theirs]


def test_uninstalling_leaves_nothing_of_ours(store, tmp_path):
    assert leftovers.remove_state(tmp_path / "spool")
    assert not store.folder.exists()
    assert leftovers.folders(tmp_path / "spool") == ()


def test_without_a_folder_there_is_nothing_to_remove(monkeypatch, tmp_path):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    assert leftovers.remove_state(tmp_path / "spool")
