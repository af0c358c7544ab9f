"""How a long step tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Beat = Callable[[], None]
"""Called with every piece of work that is short; may raise to stop."""


class Progress(Protocol):
    """Called by long steps; may raise :class:`~reaper_automix.errors.Cancelled` to stop them.

    ``stage`` is what is being done in the user's words ("Measuring", "Summing"), ``done`` of
    ``total`` how far it is (in seconds of audio), ``what`` the track at hand.
    """

    def __call__(self, stage: str, done: float, total: float, what: str = "") -> None:
        """Report one step."""


def unheeded() -> None:
    """The beat that nobody heeds."""


def silent(stage: str, done: float, total: float, what: str = "") -> None:
    """The progress of a run that nobody watches."""
