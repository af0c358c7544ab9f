"""Where ext state is kept: an .ini file, and a block ``<EXTSTATE`` with one block per section."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reaper_automix.rpp import Node
from reaper_double.errors import UnmodelledFunction
from reaper_double.text import block_in, line_in, quoted, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reaper_double.model import Project

FILE = "reaper-extstate.ini"
_BLOCK = "EXTSTATE"


def write(resource_path: str, values: Mapping[tuple[str, str], str]) -> None:
    """Write the persistent values of the program."""
    sections = dict.fromkeys(section for section, _ in values)
    lines = []
    for section in sections:
        lines += [f"[{section}]", *(f"{k}={v}" for (s, k), v in values.items() if s == section)]
    folder = Path(resource_path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("\n".join([*lines, ""]), "utf-8")


def read(resource_path: str) -> dict[tuple[str, str], str]:
    """The persistent values of the program."""
    file, values, section = Path(resource_path) / FILE, {}, ""
    for line in file.read_text("utf-8").splitlines() if file.exists() else []:
        if line.startswith("["):
            section = line[1:-1]
        else:
            key, _, value = line.partition("=")
            values[section, key] = value
    return values


class ProjectState:
    """The ext state of a project; names are kept in capitals, and found in any."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def get(self, section: str, key: str) -> str | None:
        """A value, ``None`` where there is none."""
        return dict(self.rows(section)).get(key.upper())

    def rows(self, section: str) -> list[tuple[str, str]]:
        """Keys and values of a section."""
        block = self._section(section)
        rows = map(tokens, block.body) if block else ()
        return [(row[0], row[1]) for row in rows if len(row) > 1]

    def set(self, section: str, key: str, value: str) -> int:
        """Set a value; an empty one removes the key, an empty key the section. Size of all."""
        if "\n" in value or "\r" in value or " " in key:
            raise UnmodelledFunction("values of several lines and keys with blanks")
        block = self._section(section)
        before = None if block is None else list(block.body)
        if not key:
            self._remove(block)
        elif value:
            self._put(block or self._new_section(section), key.upper(), value)
        elif block is not None:
            block.body[:] = [line for line in block.body if tokens(line)[0] != key.upper()]
        self._tidy()
        after = self._section(section)
        if before != (None if after is None else list(after.body)):
            self._project.touched()
        return sum(len(k) + len(v) for k, v in self.rows(section))

    def _put(self, block: Node, key: str, value: str) -> None:
        line = line_in(block, f"{key} {quoted(value)}")
        for at, old in enumerate(block.body):
            if tokens(old)[0] == key:
                block.body[at] = line
                return
        block.body.append(line)

    def _section(self, section: str) -> Node | None:
        states = self._project.node.block(_BLOCK)
        blocks = states.blocks() if states else ()
        return next((block for block in blocks if block.name == section.upper()), None)

    def _new_section(self, section: str) -> Node:
        root = self._project.node
        states = root.block(_BLOCK)
        if states is None:
            states = block_in(root, f"<{_BLOCK}\n>")
            root.body.append(states)
        block = block_in(states, f"<{section.upper()}\n>")
        states.body.append(block)
        return block

    def _remove(self, block: Node | None) -> None:
        if block is not None:
            block.body.clear()

    def _tidy(self) -> None:
        """Empty blocks are not written."""
        root = self._project.node
        states = root.block(_BLOCK)
        if states is None:
            return
        states.body[:] = [entry for entry in states.body if not _is_empty(entry)]
        if not states.body:
            root.body.remove(states)


def _is_empty(entry: str | Node) -> bool:
    return isinstance(entry, Node) and not entry.body
