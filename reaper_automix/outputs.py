"""Where results go, and the promise that nothing of the user's is ever overwritten.

Everything is first written into a hidden folder beside its goal and moved in place when all of it
is there. A small manifest keeps the hash of what was written; a file that no longer has it was
changed by somebody, and the next free number is used instead.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import msgspec

from reaper_automix.errors import OutputError

MANIFEST = ".automix.json"

AUTOMIX, MATCH = "-automix", "-match"
"""What the names of results end in: of a balance, and of a match alone."""

BYSTANDERS = (".reapeaks", ".rpp-bak", ".ds_store", "thumbs.db", "desktop.ini", MANIFEST)
"""Endings of files that REAPER and file managers leave lying about, nobody's work in them."""

REMEDIES = {errno.ENAMETOOLONG: "give the song a shorter name"}
"""What helps, by the system's error number, where another place would not."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one run's results: a folder, and a project beside it where there is one.

    ``spared`` is the name that they would have, were what stands there not somebody's work.
    """

    folder: Path
    project: Path | None = None
    spared: str | None = None

    def written(self) -> dict[str, str]:
        """Hash by path, relative to the folder, of what an earlier balance wrote here."""
        try:
            return msgspec.json.decode((self.folder / MANIFEST).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return {}

    def is_ours(self) -> bool:
        """Whether everything here is absent or just as an earlier balance left it."""
        written = self.written()
        if not self.folder.is_dir():
            return not (self.folder.exists() or (self.project and self.project.exists()))
        here = {self._key(path) for path in self._files()}
        unchanged = (_hash(self.folder / name) in (None, known) for name, known in written.items())
        return here <= written.keys() and all(unchanged)

    def remember(self) -> None:
        """Write the manifest of what is here now, and of what else is as it was written."""
        before = {name: known for name, known in self.written().items() if self._is(name, known)}
        here = {self._key(path): _hash(path) for path in self._files()}
        kept = before | {name: found for name, found in here.items() if found is not None}
        (self.folder / MANIFEST).write_bytes(msgspec.json.encode(kept))

    def _files(self) -> set[Path]:
        """Every file that could be somebody's work."""
        found = {path for path in self.folder.rglob("*") if path.is_file()}
        if self.project is not None and self.project.exists():
            found.add(self.project)
        return {path for path in found if not path.name.lower().endswith(BYSTANDERS)}

    def _is(self, name: str, known: str) -> bool:
        return _hash(self.folder / name) == known

    def _key(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.folder)).as_posix()


def beside_project(project: Path, out: Path | None, ending: str = AUTOMIX) -> Layout:
    """``X-automix.RPP`` and ``X-automix/`` beside the project, or inside ``out``."""
    home = out or project.parent
    return _first_free(
        Layout(home / name, home / f"{name}{project.suffix}")
        for name in _numbered(f"{project.stem}{ending}")
    )


def folder_of(goal: Path) -> Layout:
    """The folder of that name, or the next free number where it has somebody else's files."""
    return _first_free(Layout(goal.with_name(name)) for name in _numbered(goal.name))


def file_of(goal: Path, content: bytes | None = None) -> Path:
    """The file of that name, or the next free number where there is one with another content."""
    names = (goal.with_name(f"{name}{goal.suffix}") for name in _numbered(goal.stem))
    with _sayable(goal):
        return next(path for path in names if not path.exists() or _holds(path, content))


def write(goal: Path, content: bytes) -> Path:
    """Write a file of that name, or of the next free number; one that says the same is kept."""
    path = file_of(goal, content)
    with _sayable(path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, content)
    return path


def _put(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that nobody finds half of it."""
    beside = path.with_name(f".automix-{path.name}.tmp")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def staging(layout: Layout) -> Iterator[Path]:
    """A hidden folder to write results into; they move in place when nothing went wrong."""
    with _sayable(layout.folder.parent):
        layout.folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".automix-", dir=layout.folder.parent))
    try:
        with _sayable(layout.folder):
            yield stage
            _move(stage, layout.folder)
            layout.remember()
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _move(stage: Path, folder: Path) -> None:
    for path in sorted(stage.rglob("*")):
        goal = folder / path.relative_to(stage)
        if path.is_file():
            goal.parent.mkdir(parents=True, exist_ok=True)
            path.replace(goal)
    folder.mkdir(parents=True, exist_ok=True)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _first_free(layouts: Iterator[Layout]) -> Layout:
    wanted = next(layouts)
    with _sayable(wanted.folder):
        if wanted.is_ours():
            return wanted
        free = next(layout for layout in layouts if layout.is_ours())
        return replace(free, spared=wanted.folder.name)


def _holds(path: Path, content: bytes | None) -> bool:
    return content is not None and path.is_file() and path.read_bytes() == content


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@contextmanager
def _sayable(place: Path) -> Iterator[None]:
    """What the system refuses there, as one sentence."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        remedy = REMEDIES.get(error.errno or 0, "choose another place with --out")
        raise OutputError(f"Nothing can be written to {place}: {cause}; {remedy}.") from error
