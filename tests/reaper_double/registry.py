"""The functions the double knows, gathered by decorator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

_Any = TypeVar("_Any")

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""By API name: ``function(reaper, *arguments) -> value or tuple``, arguments checked already."""


def nth(objects: Sequence[_Any], index: int) -> _Any | None:
    """An object by its number from 0; ``None`` where there is none."""
    return objects[index] if 0 <= index < len(objects) else None


def api(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function part of the double under its own name."""
    FUNCTIONS[function.__name__] = function
    return function
