"""The Actions list: registered scripts, their ids and toggle states."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

MAIN_SECTION = 0
_FIRST_ID = 50000


@dataclass(slots=True)
class Scripts:
    """Registered scripts. ``paths`` by numeric id, ``toggles`` by section and id."""

    resource_path: str
    paths: dict[int, str] = field(default_factory=dict)
    toggles: dict[tuple[int, int], int] = field(default_factory=dict)
    refreshed: list[tuple[int, int]] = field(default_factory=list)
    committed: int = 0

    def register(self, path: str) -> int:
        """The id of a script file, a new one unless it has one; 0 where there is no file."""
        path = self.absolute(path)
        if not os.path.isfile(path):
            return 0
        known = {registered: number for number, registered in self.paths.items()}
        return known.get(path) or self._add(path)

    def remove(self, path: str) -> int:
        """The id a script had; 0 where it had none."""
        path = self.absolute(path)
        number = next((n for n, registered in self.paths.items() if registered == path), 0)
        self.paths.pop(number, None)
        return number

    def name(self, number: int) -> str | None:
        """``RS…`` of a script, ``None`` for native actions."""
        path = self.paths.get(number)
        return None if path is None else f"RS{hashlib.sha1(path.encode()).hexdigest()}"

    def number(self, name: str) -> int:
        """The id of ``_RS…`` or of a number's text; 0 for what is not there."""
        named = {f"_{self.name(number)}": number for number in self.paths}
        return named.get(name, int(name) if name.isdigit() else 0)

    def absolute(self, path: str) -> str:
        """A path below Scripts may be relative."""
        return os.path.normpath(os.path.join(self.resource_path, "Scripts", path))

    def _add(self, path: str) -> int:
        number = max(self.paths, default=_FIRST_ID) + 1
        self.paths[number] = path
        return number
