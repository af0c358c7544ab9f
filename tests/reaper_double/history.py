"""Undo: a history of exact texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reaper_automix.rpp import dump
from reaper_double.errors import UnbalancedError

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.view import View

EVERYTHING = -1


@dataclass(frozen=True, slots=True)
class State:
    """A project's text, and the objects of its blocks in the order of the text."""

    text: str
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class UndoPoint:
    """One undo: its title, what REAPER was told that it covers, and the state before."""

    title: str
    flags: int
    before: State


class History:
    """The undo history of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._current = self._state()
        self.points: list[UndoPoint] = []
        self.undone: list[UndoPoint] = []
        self.depth = 0

    def begin(self) -> None:
        """Open a block; blocks nest, the outermost counts."""
        self.depth += 1

    def end(self, title: str, flags: int = EVERYTHING) -> None:
        """Close a block; the outermost adds an undo point if it changed anything."""
        if self.depth == 0:
            raise UnbalancedError(f"the undo block {title!r} was never begun")
        self.depth -= 1
        if self.depth == 0:
            self.note(title, flags)

    def note(self, title: str, flags: int = EVERYTHING) -> None:
        """Add an undo point if anything changed since the last."""
        state = self._state()
        if state.text != self._current.text:
            self.points.append(UndoPoint(title, flags, self._current))
            self.undone.clear()
        self._current = state

    def undo(self) -> bool:
        """Go back one point; false where there is none."""
        return self._step(self.points, self.undone)

    def redo(self) -> bool:
        """Go forward again."""
        return self._step(self.undone, self.points)

    def _step(self, source: list[UndoPoint], target: list[UndoPoint]) -> bool:
        if not source:
            return False
        point = source.pop()
        target.append(UndoPoint(point.title, point.flags, self._state()))
        self._project.restore(point.before)
        self._current = self._state()
        return True

    def _state(self) -> State:
        return State(dump(self._project.document), tuple(self._project.all_views()))
