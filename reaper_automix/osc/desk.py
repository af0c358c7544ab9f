"""The project that is open in REAPER as surfaces work on it, over the live bridge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import reaper_automix
from reaper_automix.bridge import LiveProject
from reaper_automix.errors import LiveError
from reaper_automix.osc.surface import Scope, TrackMove
from reaper_automix.progress import Progress
from reaper_automix.settings import load
from reaper_automix.units import db_from_gain

Connect = Callable[[], LiveProject]


class LiveDesk:
    """A :class:`~reaper_automix.osc.surface.Desk`; reaches REAPER anew for everything it does.

    REAPER may have been closed and opened again since the last button was pressed.
    """

    def __init__(self, connect: Connect = reaper_automix.live) -> None:
        self._connect = connect

    def balance(self, scope: Scope, progress: Progress) -> tuple[str, Sequence[TrackMove]]:
        """Balance with the settings of the user and of the project."""
        with self._connect() as project:
            place = project.status()["path"]
            settings = load(*([Path(place)] if place else []))
            outcome = project.balance(scope, settings, progress)
            ids = [track.id for track in project.snapshot().tracks]
        moved = [
            TrackMove(ids.index(move.track_id) + 1, db_from_gain(move.after / move.before))
            for move in outcome.made
            if move.track_id in ids and move.before and move.after
        ]
        return outcome.message or outcome.title, moved

    def stem(self, name: str) -> str:
        """Put the selected tracks into a folder."""
        with self._connect() as project:
            found = [track.id for track in project.snapshot().tracks if track.selected]
            if not found:
                raise LiveError("No track is selected; select some in REAPER and ask again.")
            project.stem(name, found)
        return f"The selected tracks are in {name}."

    def undo(self) -> str:
        """Undo the last step if it is one of ours."""
        with self._connect() as project:
            return f"Undone: {project.undo()}"

    def before_after(self) -> str:
        """Switch between the states before and after the last balance."""
        with self._connect() as project:
            return f"You hear the state {project.before_after()} the balance."
