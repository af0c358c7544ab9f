"""Attribute keys (``D_VOL``, ``I_SOLO`` …) as rows: where each stands in the text.

Sources: facts.md section 3 (keys) and 5 (lines), SDK and files saved by REAPER 4.32 to 7.66.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reaper_double.errors import UnmodelledFunction


class Key(Protocol):
    """One attribute of an object."""

    def read(self, view: Any) -> float:
        """The value; every ``*_Info_Value`` is a float."""

    def write(self, view: Any, value: float) -> bool:
        """Set it; false where REAPER would not."""


@dataclass(frozen=True, slots=True)
class Field:
    """A number that stands in a line as it is."""

    line: str
    index: int = 1
    default: float = 0.0

    def read(self, view: Any) -> float:
        """The number in the line."""
        return view.number(self.line, self.index, self.default)

    def write(self, view: Any, value: float) -> bool:
        """Write the number into the line, unless it says so already."""
        if self.read(view) != value:
            view.put_number(self.line, self.index, value)
        return True


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that follows from several lines."""

    getter: Callable[[Any], float]
    setter: Callable[[Any, float], None] | None = None

    def read(self, view: Any) -> float:
        """What follows from the lines."""
        return float(self.getter(view))

    def write(self, view: Any, value: float) -> bool:
        """Write the lines that make it so."""
        if self.setter is None:
            return False
        self.setter(view, value)
        return True


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value of a user interface that the double does not draw."""

    value: float = 0.0

    def read(self, _view: Any) -> float:
        """Always the same."""
        return self.value

    def write(self, _view: Any, _value: float) -> bool:
        """Not to be set in the double."""
        raise UnmodelledFunction("this attribute cannot be set in the double")


@dataclass(frozen=True, slots=True)
class Linked:
    """A pointer to another object: Lua gets it as a pointer, Python as a number."""

    getter: Callable[[Any], Any]

    def read(self, view: Any) -> Any:
        """The other object."""
        return self.getter(view)

    def write(self, _view: Any, _value: float) -> bool:
        """Not to be set by number."""
        return False


def read(table: Mapping[str, Key], view: Any, name: str) -> float:
    """A value by its key; an unknown key gives 0."""
    key = table.get(name)
    return 0.0 if key is None else key.read(view)


def write(table: Mapping[str, Key], view: Any, name: str, value: float) -> bool:
    """Set a value by its key; false for an unknown key."""
    key = table.get(name)
    return key is not None and key.write(view, value)
