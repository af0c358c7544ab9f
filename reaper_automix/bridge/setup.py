"""Lets REAPER run Python: three lines of ``reaper.ini``, written while REAPER is closed.

``reascript=1`` switches ReaScript on; ``pythonlibpath64`` and ``pythonlibdll64`` are the folder and
the name of the shared library of a Python (facts.md, section 2). Everything else in the file keeps
its bytes. reapy's own set-up is not used: it empties the file on Python 3.13.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reaper_automix.errors import InputError, LiveError, OutputError
from reaper_automix.installer import changes
from reaper_automix.installer.changes import Change
from reaper_automix.installer.resource import INI, Found

SECTION = b"reaper"

CLOSE_FIRST = "REAPER is open and would write its settings over these; close it and run this again."
NO_LIBRARY = (
    "This Python ({python}) has no shared library that REAPER could load; install reaper-automix "
    "with one that has (on Debian and Ubuntu: apt install libpython{version}, else Python from "
    "python.org, uv or conda)."
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What ``reaper.ini`` shall hold, and the shared library that it names."""

    change: Change
    library: Path

    @property
    def is_done(self) -> bool:
        """Whether the file says so already."""
        return not self.change.is_needed()

    def carry_out(self) -> None:
        """Write it, keeping a copy of what was there before the first time."""
        changes.apply((self.change,))


def plan(found: Found, library: Path | None = None) -> SetUp:
    """The set-up of a resource folder, by default with the library of this Python.

    :class:`OutputError` while REAPER is open and there is something to change.
    """
    library = library or shared_library()
    file = found.path / INI
    content = changes.read(file)
    if content is None:
        raise InputError(f"{file} does not exist; start REAPER once and run this again.")
    wanted = SetUp(Change(file, with_values(content, _values(library)), shared=True), library)
    if found.is_open and not wanted.is_done:
        raise OutputError(CLOSE_FIRST)
    return wanted


def shared_library() -> Path:
    """The shared library of this Python; :class:`LiveError` where it has none."""
    library = next((path for path in _candidates() if path.is_file()), None)
    if library is None:
        version = ".".join(map(str, sys.version_info[:2]))
        raise LiveError(NO_LIBRARY.format(python=sys.executable, version=version))
    return library


def with_values(content: bytes, values: Mapping[str, str]) -> bytes:
    r"""An ini file with these values in its section ``[REAPER]``, all other bytes as they were.

    >>> with_values(b"[REAPER]\r\nReaScript=0\r\nx=1\r\n", {"reascript": "1"})
    b'[REAPER]\r\nreascript=1\r\nx=1\r\n'
    """
    lines = content.splitlines(keepends=True)
    end = b"\r\n" if b"\r\n" in content or not content else b"\n"
    pending = {key.encode(): value.encode() for key, value in values.items()}
    first = next((at for at, line in enumerate(lines) if _section(line) == SECTION), None)
    if first is None:
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += end
        first = len(lines)
        lines.append(b"[REAPER]" + end)
    elif not lines[first].endswith(b"\n"):
        lines[first] += end
    for at in _own_lines(lines, first):
        key = _key(lines[at])
        if key in pending:
            lines[at] = key + b"=" + pending.pop(key) + _ending(lines[at])
    added = [key + b"=" + value + end for key, value in pending.items()]
    return b"".join((*lines[: first + 1], *added, *lines[first + 1 :]))


def _values(library: Path) -> dict[str, str]:
    return {
        "reascript": "1",
        "pythonlibpath64": str(library.parent),
        "pythonlibdll64": library.name,
    }


def _candidates() -> Iterator[Path]:
    """Where this Python's shared library may be, most likely first."""
    names = [name for name in _names() if name]
    for folder in _folders():
        for name in names:
            yield Path(folder) / name


def _names() -> Iterator[str]:
    major, minor = sys.version_info[:2]
    if sys.platform == "win32":
        yield f"python{major}{minor}.dll"
    elif sys.platform == "darwin":
        yield f"libpython{major}.{minor}.dylib"
        yield Path(sysconfig.get_config_var("LDLIBRARY") or "").name  # a framework's "Python"
    else:
        yield sysconfig.get_config_var("INSTSONAME") or ""
        yield f"libpython{major}.{minor}.so.1.0"
        yield f"libpython{major}.{minor}.so"


def _folders() -> Iterator[str]:
    """A virtual environment has no library; the Python that it was made of may."""
    library = sysconfig.get_config_var("LDLIBRARY") or ""
    prefix = sysconfig.get_config_var("PYTHONFRAMEWORKPREFIX")
    if prefix and library:
        yield str((Path(prefix) / library).parent)
    for name in ("LIBDIR", "LIBPL"):
        if folder := sysconfig.get_config_var(name):
            yield folder
    yield sys.base_prefix
    yield str(Path(sys.base_prefix) / "lib")


def _own_lines(lines: list[bytes], first: int) -> Iterator[int]:
    """The places of the lines of a section."""
    for at in range(first + 1, len(lines)):
        if _section(lines[at]) is not None:
            return
        yield at


def _section(line: bytes) -> bytes | None:
    text = line.strip(b"\xef\xbb\xbf \t\r\n")
    return text[1:-1].lower() if text[:1] == b"[" and text[-1:] == b"]" else None


def _key(line: bytes) -> bytes:
    return line.partition(b"=")[0].strip().lower() if b"=" in line else b""


def _ending(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]
