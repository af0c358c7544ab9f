"""Changes of files: first all decided, then shown or done, and never done by half.

Every new content is written beside its file before the first file is replaced, and when a replace
fails after all, the ones before it are taken back.
"""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from reaper_automix.errors import OutputError

BACKUP_ENDING = ".before-automix"
"""What the name of a backup ends with; it holds the file as it was before the first install."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file holds afterwards; ``None`` means that it is gone.

    What changes in a ``shared`` file, which is not ours alone, is shown line by line.
    """

    path: Path
    content: bytes | None
    shared: bool = False

    @property
    def goal(self) -> Path:
        """The file itself where the path is a link to it (settings kept under version control)."""
        return self.path.resolve()

    @property
    def backup(self) -> Path:
        """Where a shared file's first state is kept."""
        return self.path.with_name(self.path.name + BACKUP_ENDING)

    def is_needed(self) -> bool:
        """Whether the file is not like that already."""
        return read(self.path) != self.content

    def wants_backup(self) -> bool:
        """Whether there is a first state to keep, and it is not kept yet."""
        return self.shared and self.goal.exists() and not self.backup.exists()


def read(path: Path) -> bytes | None:
    """The content of a file, ``None`` where there is none; raises OutputError if it is kept shut.

    It is an error of writing, since nothing is read here but to be replaced.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused(path, error) from error


def apply(changes: Iterable[Change], *, back_up: bool = True) -> None:
    """Make all changes or none; raises OutputError with one sentence.

    Folders are made where they are missing. A shared file's first state is kept with ``back_up``.
    """
    needed = [change for change in changes if change.is_needed()]
    for change in needed:
        _refuse_read_only(change.goal)
    with ExitStack() as undo:
        staged = [(change, _stage(change, undo)) for change in needed]
        for change, beside in staged:
            if back_up and change.wants_backup():
                _back_up(change)
            _replace(change, beside, undo)
        undo.pop_all()


def describe(changes: Iterable[Change], *, back_up: bool = True) -> Iterator[str]:
    """The lines that tell what :func:`apply` would do."""
    for change in changes:
        if not change.is_needed():
            continue
        before = read(change.path)
        yield f"{_verb(before, change.content)} {change.path}"
        if back_up and change.wants_backup():
            yield f"  keeping it as it is now in {change.backup}"
        if change.shared:
            yield from _difference(before or b"", change.content or b"")


def prune(folder: Path) -> None:
    """Remove the empty folders of a folder, then itself and the one around it if that is all."""
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir():
            _remove_if_empty(inner)
    _remove_if_empty(folder)
    _remove_if_empty(folder.parent)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def refused(path: Path, error: OSError) -> OutputError:
    """What the system refuses there, as one sentence."""
    why = error.strerror or str(error)
    return OutputError(
        f"{path} cannot be changed ({why}); make it writable for your user and run this again."
    )


def _verb(before: bytes | None, after: bytes | None) -> str:
    if after is None:
        return "remove"
    return "write" if before is None else "change"


def _difference(before: bytes, after: bytes) -> Iterator[str]:
    """Lines that go and lines that come; bytes that are no UTF-8 are shown as escapes."""
    old, new = (text.decode(errors="backslashreplace").splitlines() for text in (before, after))
    for line in difflib.unified_diff(old, new, lineterm="", n=0):
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            yield f"  {line[0]} {line[1:]}"


def _refuse_read_only(path: Path) -> None:
    """A read-only file was made so by somebody, though replacing it would be possible."""
    if path.exists() and not path.stat().st_mode & stat.S_IWRITE:
        raise OutputError(f"{path} is read-only; make it writable and run this again.")


def _stage(change: Change, undo: ExitStack) -> Path | None:
    """The new content beside its file, with the file's own permissions."""
    if change.content is None:
        return None
    goal = change.goal
    try:
        _make_folder(goal.parent, undo)
        handle, name = tempfile.mkstemp(prefix=f".{goal.name}-", dir=goal.parent)
        undo.callback(Path(name).unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as file:
            file.write(change.content)
        _give_permissions(Path(name), goal)
    except OSError as error:
        raise refused(goal, error) from error
    return Path(name)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent, undo)
        folder.mkdir()
        undo.callback(folder.rmdir)


def _give_permissions(path: Path, goal: Path) -> None:
    """Those of the file that is replaced, or what any new file gets (mkstemp's are private)."""
    if goal.exists():
        shutil.copymode(goal, path)
        return
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _back_up(change: Change) -> None:
    try:
        shutil.copy2(change.goal, change.backup)
    except OSError as error:
        raise refused(change.backup, error) from error


def _replace(change: Change, beside: Path | None, undo: ExitStack) -> None:
    before, goal = read(change.path), change.goal
    try:
        if beside is None:
            goal.unlink()
        else:
            beside.replace(goal)
    except OSError as error:
        raise refused(goal, error) from error
    undo.callback(_restore, goal, before)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)
