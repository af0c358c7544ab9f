r"""Where the media of a project lie on this machine.

REAPER names a file relative to the project's folder when it is inside it, else absolutely, with
the separators of the system that saved the project. Projects travel: a path of another machine
leads nowhere here, but its end often does, beside the project or in its recording folders
(``RECORD_PATH``), perhaps with other capitals.

A path may lead out of the project's folder, as REAPER allows: such a file is only ever read.
Nothing but regular files is opened, folders are looked into but never walked, so neither device
files nor loops of links can hold a reader up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath


class MediaFinder:
    """Finds the files that a project names; every answer is remembered."""

    def __init__(self, folder: Path, record_paths: Sequence[str] = ()) -> None:
        """Of a project in ``folder`` that records to ``record_paths`` (relative or absolute)."""
        self.folder = folder
        self._roots = _unique([folder, *(folder / _local(path) for path in record_paths if path)])
        self._found: dict[str, str | None] = {}
        self._listings: dict[Path, dict[str, str]] = {}

    def find(self, name: str) -> str | None:
        """The file that a project calls ``name``, as an absolute path; ``None`` if there is none.

        Tried in this order: the path as it stands, from the project's folder and its recording
        folders; then ever shorter ends of it there; each time first exactly, then by any capitals.
        """
        if name not in self._found:
            self._found[name] = self._search(name) if name else None
        return self._found[name]

    def _search(self, name: str) -> str | None:
        for spelling in _unique([Path(name), _local(name)]):
            for root in self._roots:
                if _is_file(root / spelling):
                    return str((root / spelling).absolute())
        parts = _parts(name)
        for first in range(len(parts)):
            for root in self._roots:
                if file := self._match(root, parts[first:]):
                    return str(file.absolute())
        return None

    def _match(self, folder: Path, parts: Sequence[str]) -> Path | None:
        """The file below a folder, in whatever capitals and Unicode form its name is written."""
        for part in parts:
            entry = part if part == ".." else self._listing(folder).get(_folded(part))
            if entry is None:
                return None
            folder /= entry
        return folder if _is_file(folder) else None

    def _listing(self, folder: Path) -> dict[str, str]:
        if folder not in self._listings:
            self._listings[folder] = {_folded(entry): entry for entry in _entries(folder)}
        return self._listings[folder]


def is_absolute(name: str) -> bool:
    r"""Whether a path is absolute on the system that wrote it.

    >>> is_absolute("D:\\Song\\kick.wav"), is_absolute("/song/kick.wav"), is_absolute("kick.wav")
    (True, True, False)
    """
    return PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute()


def _local(name: str) -> Path:
    """The path with this system's separators."""
    return Path(name.replace("\\", "/"))


def _parts(name: str) -> list[str]:
    """The folders and the file of a path, without drive or root."""
    path = PureWindowsPath(name)
    return list(path.parts[1:] if path.anchor else path.parts)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _unique(paths: Sequence[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name, no permission, a zero byte
        return False


def _entries(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except (OSError, ValueError):
        return []
