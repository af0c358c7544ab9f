"""The functions the double knows, gathered by decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""By API name: ``function(reaper, *arguments) -> value or tuple``, arguments checked already."""


def api(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function part of the double under its own name."""
    FUNCTIONS[function.__name__] = function
    return function
