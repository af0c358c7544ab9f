"""Setting up REAPER's Python: three lines of reaper.ini, and no other byte of it."""

import sys
import sysconfig
from itertools import takewhile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.bridge import setup
from reaper_automix.cli import program
from reaper_automix.errors import InputError, LiveError, OutputError
from reaper_automix.installer import running
from reaper_automix.installer.resource import Found

LIBRARY = Path("/opt/pythön/lib/libpython3.11.so.1.0")
VALUES = {
    "reascript": "1",
    "pythonlibpath64": "/opt/pythön/lib",
    "pythonlibdll64": "libpython3.11.so.1.0",
}
WRITTEN = "".join(f"{key}={value}\r\n" for key, value in VALUES.items()).encode()


def as_table(content):
    """Keys and values of the section [REAPER], the first of each, as systems read it."""
    table, inside = {}, False
    for line in content.splitlines():
        if line.strip().startswith(b"["):
            inside = line.strip().lower() == b"[reaper]"
        elif inside and b"=" in line:
            key, _, value = line.partition(b"=")
            name = key.strip().lower().decode("utf-8", "replace")
            table.setdefault(name, value.strip().decode("utf-8", "replace"))
    return table


def first_section(content):
    """The first section [REAPER] with what is in it."""
    rows = content.splitlines(keepends=True)
    first = next(at for at, row in enumerate(rows) if row.strip().lower() == b"[reaper]")
    inside = takewhile(lambda row: not row.startswith(b"["), rows[first + 1 :])
    return b"".join([rows[first], *inside])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"[REAPER]\r\n" + WRITTEN),
        (b"[REAPER]\r\nx=1\r\n", b"[REAPER]\r\n" + WRITTEN + b"x=1\r\n"),
        (b"[reaper]", b"[reaper]\n" + WRITTEN.replace(b"\r", b"")),
        (
            b"[REAPER]\nPythonLibPath64=/old\nreascript=0\n[Recent]\nreascript=7\n",
            b"[REAPER]\npythonlibdll64=libpython3.11.so.1.0\npythonlibpath64="
            + "/opt/pythön/lib".encode()
            + b"\nreascript=1\n[Recent]\nreascript=7\n",
        ),
        (b"[Other]\r\na=b", b"[Other]\r\na=b\r\n[REAPER]\r\n" + WRITTEN),
    ],
)
def test_where_the_lines_go(before, after):
    assert setup.with_values(before, VALUES) == after


lines = st.lists(
    st.sampled_from(
        [
            b"[REAPER]",
            b"[reaper] ",
            b"[Other]",
            b"reascript=0",
            b" ReaScript = 0",
            b"pythonlibdll64=old.so",
            b"; a comment",
            b"no equals sign",
            b"latin=\xe4\xf6\xff",
            b"csurf_0=HTTP 0 2307 '' 'index.html' 0 ''",
            b"",
        ]
    )
)


@given(lines, st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_the_values_stand_there_and_every_other_line_stays(rows, end, ends):
    before = end.join(rows) + (end if ends else b"")
    after = setup.with_values(before, VALUES)
    assert VALUES.items() <= as_table(first_section(after)).items()
    assert setup.with_values(after, VALUES) == after
    kept = [row for row in rows if not row.strip().lower().startswith((b"reascript", b"pythonlib"))]
    remaining = after.splitlines()
    for row in kept:
        assert row in remaining or row == b""


def test_a_file_that_says_so_already_is_left_alone(tmp_path):
    (tmp_path / "reaper.ini").write_bytes(b"[REAPER]\r\n" + WRITTEN)
    assert setup.plan(Found(tmp_path, is_open=True), LIBRARY).is_done


def test_it_is_written_with_a_copy_of_what_was_there(tmp_path):
    file = tmp_path / "reaper.ini"
    file.write_bytes(b"[REAPER]\r\nlatin=\xe4\r\n")
    wanted = setup.plan(Found(tmp_path, is_open=False), LIBRARY)
    assert file.read_bytes() == b"[REAPER]\r\nlatin=\xe4\r\n"
    wanted.carry_out()
    assert file.read_bytes() == b"[REAPER]\r\n" + WRITTEN + b"latin=\xe4\r\n"
    assert wanted.change.backup.read_bytes() == b"[REAPER]\r\nlatin=\xe4\r\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "reaper.ini",
        "reaper.ini.before-automix",
    ]


def test_an_open_reaper_is_not_written_under(tmp_path):
    (tmp_path / "reaper.ini").write_bytes(b"[REAPER]\r\n")
    with pytest.raises(OutputError, match="REAPER is open and would write its settings over"):
        setup.plan(Found(tmp_path, is_open=True), LIBRARY)


def test_a_reaper_that_was_never_started_is_said(tmp_path):
    with pytest.raises(InputError, match="start REAPER once"):
        setup.plan(Found(tmp_path, is_open=False), LIBRARY)


@pytest.mark.skipif(not sysconfig.get_config_var("Py_ENABLE_SHARED"), reason="built static")
def test_the_library_of_this_python_is_found():
    library = setup.shared_library()
    assert library.is_absolute()
    assert f"{sys.version_info.minor}" in library.name or library.name == "Python"


def test_a_python_without_a_library_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "_folders", lambda: iter([str(tmp_path)]))
    with pytest.raises(LiveError, match="has no shared library that REAPER could load"):
        setup.shared_library()


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("win32", "python{0}{1}.dll"),
        ("darwin", "libpython{0}.{1}.dylib"),
        ("linux", "libpython{0}.{1}.so.1.0"),
    ],
)
def test_the_library_is_found_by_its_name_on_each_system(monkeypatch, tmp_path, platform, name):
    library = tmp_path / name.format(*sys.version_info[:2])
    library.touch()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(setup, "_folders", lambda: iter([str(tmp_path)]))
    assert setup.shared_library() == library


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "instances", tuple)
    monkeypatch.setattr(setup, "shared_library", lambda: LIBRARY)
    file = tmp_path / "reaper.ini"
    file.write_bytes(b"[REAPER]\n")

    def run(*options):
        arguments = ["live", "setup", "--resource-path", str(tmp_path), *options]
        return CliRunner().invoke(program, arguments, catch_exceptions=False).output

    assert "+ reascript=1" in run("--dry-run")
    assert file.read_bytes() == b"[REAPER]\n"
    assert "from its next start on" in run()
    assert as_table(file.read_bytes()) == VALUES
    assert "already" in run()
