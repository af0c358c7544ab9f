"""Balances multitrack sessions by narrowband loudness, in REAPER projects and folders of stems."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reaper_automix.bridge import LiveProject

__version__ = "0.1.0"


def live(timeout_s: float = 30.0) -> LiveProject:
    """The project open in REAPER, for a ``with``; REAPER must run ``automix_Live bridge``.

    ``timeout_s`` is how long REAPER may take for an answer::

        with reaper_automix.live() as project:
            outcome = project.balance("selected")
            for move in outcome.made:
                print(move.track_id, move.before, move.after)
    """
    from reaper_automix.bridge import LiveProject

    return LiveProject(timeout_s)
