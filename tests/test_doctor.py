"""The doctor: what it finds, what that means, and that nothing it tries can harm it."""

import io
import json
import sys

import pytest
from rich.console import Console

from reaper_automix import __version__, doctor, settings
from reaper_automix.doctor import LIBRARIES, Finding, Library, examine, healthy, try_library


@pytest.fixture(autouse=True)
def user_file(tmp_path, monkeypatch):
    path = tmp_path / settings.FILE_NAME
    monkeypatch.setattr(settings, "user_file", lambda: path)
    return path


def works(library):
    return Finding(library.name, True, "1.0", library.needed)


def fails(*names):
    return lambda library: Finding(library.name, library.name not in names, "found", library.needed)


def finding(name, findings=None):
    return next(found for found in findings or examine(works) if found.name == name)


def test_all_is_told_once_and_in_order():
    names = [found.name for found in examine(works)]
    assert len(names) == len(set(names))
    assert names[:3] == ["reaper-automix", "Python", "System"]
    assert [name for name in names if name in {row.name for row in LIBRARIES}] == [
        row.name for row in LIBRARIES
    ]


def test_versions_of_program_and_python_are_told():
    assert __version__ in finding("reaper-automix").found
    assert sys.executable in finding("Python").found


def test_one_is_healthy_with_all_that_is_needed():
    assert healthy(examine(works))
    assert healthy(examine(fails("torch", "PESTO", "Audio formats")))


@pytest.mark.parametrize("name", [row.name for row in LIBRARIES if row.needed])
def test_one_is_not_healthy_without_what_is_needed(name):
    assert not healthy(examine(fails(name)))


def test_a_library_tells_its_version():
    library = Library("json", "import json; print('noise'); print(json.__name__)", "all is lost")
    assert try_library(library) == Finding("json", True, "json")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("import os; os._exit(3)", "crashed (code 3)"),
        ("print('no MP3'); raise SystemExit(1)", "no MP3"),
    ],
)
def test_a_library_that_fails_tells_how_and_what_is_lost(code, said):
    library = Library("some", code, "nothing can be measured", needed=False)
    found = try_library(library)
    assert found == Finding("some", False, f"{said}; nothing can be measured.", needed=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSEGV to die of")
def test_a_library_that_takes_its_process_down_is_a_finding():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    found = try_library(Library("some", code, "nothing can be measured"))
    assert found.found == "crashed (code -11); nothing can be measured."


def test_a_library_that_hangs_is_given_up():
    library = Library("some", "import time; time.sleep(60)", "nothing can be measured")
    found = try_library(library, timeout_s=0.5)
    assert found.found == "did not answer within 0.5 s; nothing can be measured."


def test_a_library_is_not_taken_from_the_folder_one_is_in(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert try_library(LIBRARIES[0]).ok


def test_a_missing_torch_costs_one_thing_and_is_said_to():
    row = next(row for row in LIBRARIES if row.name == "torch")
    assert not row.needed
    assert "--checkpoint" in row.without


def test_settings_files_are_named_with_what_they_set(user_file):
    assert str(user_file) in finding("User settings").found
    user_file.write_text("strength = 0.5\nmax_move_db = 6\n")
    assert finding("User settings").found.endswith("sets strength, max_move_db")


def test_a_settings_file_that_cannot_be_used_is_a_fault(user_file):
    user_file.write_text("strength = 7\n")
    findings = examine(works)
    assert "strength cannot be 7" in finding("User settings", findings).found
    assert not healthy(findings)


def test_settings_of_the_folder_one_is_in_are_named(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / settings.FILE_NAME).write_text("headroom_dbtp = -3\n")
    monkeypatch.chdir(tmp_path / "in")
    assert "headroom_dbtp" in finding("Settings here").found


def test_a_folder_that_cannot_be_written_to_is_said_to_be_so(monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    here = finding("Folder here")
    assert (here.ok, here.needed) == (False, False)
    assert "Permission denied; use --out" in here.found


def test_the_table_shows_every_finding():
    findings = (
        Finding("a", True, "1"),
        Finding("b", False, "[x]"),
        Finding("c", False, "3", False),
    )
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(doctor.table(findings))
    text = console.export_text()
    assert [line.split() for line in text.splitlines()] == [
        ["ok", "a", "1"],
        ["FAILS", "b", "[x]"],
        ["without", "c", "3"],
    ]


def test_the_json_holds_every_finding():
    findings = examine(works)
    assert [row["name"] for row in json.loads(doctor.to_json(findings))] == [
        found.name for found in findings
    ]


@pytest.mark.long
def test_this_machine_is_healthy():
    findings = examine()
    assert healthy(findings), [found for found in findings if not found.ok]
