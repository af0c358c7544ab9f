"""Loops compiled by numba, kept on disk where that is possible and in memory where it is not.

Import this only from modules that are themselves imported late: numba takes a second to load.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

FUSED = {"contract"}
"""Lets a product and a sum become one operation, which rounds once instead of twice."""


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """A loop that only other compiled loops call; it becomes part of their code."""
    return cast("Callable[P, R]", njit(nogil=True)(function))


def fused(function: Callable[P, R]) -> Callable[P, R]:
    """An :func:`inner` loop of many products and sums (:data:`FUSED`)."""
    return cast("Callable[P, R]", njit(nogil=True, fastmath=FUSED)(function))


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A loop that Python calls.

    numba raises ``RuntimeError`` when no folder for its cache can be written to, and ``OSError``
    when the compiled code cannot be stored (disk full); neither keeps the loop from running.
    """
    loop = _dispatcher(function)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return cast("R", loop(*args, **kwargs))
        except OSError:
            return cast("R", loop(*args, **kwargs))

    return call


def _dispatcher(function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        return cast("Callable[..., Any]", njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast("Callable[..., Any]", njit(nogil=True)(function))
