"""The project that is open in REAPER, as a Python program or the command line uses it.

Every snapshot and every change is one request, which REAPER answers within one tick. A change says
which state of the project it was made for; when the project was edited meanwhile REAPER refuses, a
new snapshot is taken, and what still holds is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from reaper_automix import moves
from reaper_automix.adapters.project import edit
from reaper_automix.adapters.project.tracks import depth_change
from reaper_automix.bridge import change, landing, snapshot, unheard
from reaper_automix.bridge.change import FADERS_ONLY, Change
from reaper_automix.bridge.client import TIMEOUT_S, Bridge
from reaper_automix.bridge.landing import LeftOut
from reaper_automix.bridge.memory import Side
from reaper_automix.bridge.snapshot import Snapshot
from reaper_automix.controls import Move
from reaper_automix.crew import Crew
from reaper_automix.errors import LiveError
from reaper_automix.memory import opened
from reaper_automix.moves import Moves
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Report
from reaper_automix.rpp import whole
from reaper_automix.selection import Scope
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.worker import spool

Wanted = TypeVar("Wanted", bound=Change | None)

DEFAULTS = Settings()
TRIES = 5

KEEPS_CHANGING = (
    "The project kept changing while this was to be done (is REAPER recording or writing "
    "automation?); stop that and try again."
)
NOTHING_LANDED = (
    "Nothing was moved: every track was deleted or changed while it was measured; balance again."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a balance did: the name of its undo point, the moves made and those left out.

    ``message`` is a sentence where there is more to say than the title.
    """

    title: str
    made: tuple[Move, ...]
    left_out: tuple[LeftOut, ...]
    report: Report
    message: str = ""


class LiveProject:
    """The project in front of an open REAPER; hangs up at the end of a ``with``.

    Every method raises :class:`~reaper_automix.errors.LiveError` with one sentence when REAPER
    cannot be reached or does not do what is asked.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, *, home: Path | None = None) -> None:
        """``timeout_s`` is how long REAPER may take for an answer, ``home`` another spool."""
        self._bridge = Bridge(home or spool.home(), timeout_s)
        self._memory = opened()

    def __enter__(self) -> Self:
        """The project itself; connects when it is first asked something."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bridge.close()

    def status(self) -> dict[str, Any]:
        """Version of REAPER, path and number of tracks of the project, count of its changes."""
        return self._bridge.ask("status")

    def snapshot(self) -> Session:
        """The project as it is now."""
        return self._take().session

    def balance(
        self,
        scope: Literal["selected", "all"] | Sequence[str] = "selected",
        settings: Settings = DEFAULTS,
        progress: Progress = silent,
        *,
        jobs: int | None = None,
    ) -> Outcome:
        """Balance the selected tracks, all, or those of these ids; one undo point in REAPER.

        Tracks that were deleted or changed meanwhile are left out and listed. Only faders move;
        settings that write another control are refused. Items are measured directly, without
        effects, and what only REAPER can play is skipped: a note of the report names these tracks.
        ``jobs`` is the number of worker processes.
        """
        _refuse_other_controls(settings)
        taken, meant = self._take(), _scope(scope)
        session = _with_own_master(taken)
        settings = replace(settings, fader_max_db=min(settings.fader_max_db, taken.fader_max_db))
        with Crew(jobs) as crew:
            balanced = moves.balance(
                session,
                settings,
                meant,
                taken.held,
                crew,
                progress,
                place=taken.path,
                memory=self._memory,
            )
        told = unheard.note(session, settings, meant, taken.held)
        return self._make(taken, replace(balanced, report=_noting(balanced.report, told)))

    def stem(self, name: str, track_ids: Sequence[str]) -> str:
        """Put tracks into a new folder where the first of them stands; the folder's id."""
        answer = self._commit("group", self._take(), lambda now: _folder(now, name, track_ids))
        return str(answer["folder"])

    def restore(self) -> Change:
        """Put the faders back to what they were before the last balance; what was done."""
        return self._write(self._take(), change.restoring)

    def before_after(self) -> Side:
        """Let the other of the two states be heard, as loud as this one; which one it is."""
        return self._write(self._take(), change.switching).side

    def undo(self) -> str:
        """Undo the last step in REAPER if it is one of ours; its name."""
        return str(self._bridge.ask("undo")["title"])

    def _take(self, project: str | None = None) -> Snapshot:
        return snapshot.read(self._bridge.ask("snapshot", project))

    def _make(self, taken: Snapshot, balanced: Moves) -> Outcome:
        """Write a balance; what no longer holds is left out."""
        left_out: tuple[LeftOut, ...] = ()

        def wanted(now: Snapshot) -> Change | None:
            nonlocal left_out
            left_out = landing.left_out(balanced.moves, taken.session, now.session)
            without = {track.track_id for track in left_out}
            return landing.balancing(balanced, taken.session, now, without)

        made = self._write(taken, wanted)
        if made is None:
            message = balanced.message or NOTHING_LANDED
            return Outcome(balanced.title, (), left_out, balanced.report, message)
        return Outcome(made.title, made.moves, left_out, balanced.report)

    def _write(self, taken: Snapshot, wanted: Callable[[Snapshot], Wanted]) -> Wanted:
        """Write a change of faders, if one is wanted; the one that was made in the end."""
        made: list[Wanted] = []

        def asked(now: Snapshot) -> dict[str, Any] | None:
            made.append(wanted(now))
            return None if made[-1] is None else _as_asked(made[-1], now)

        self._commit("apply", taken, asked)
        return made[-1]

    def _commit(
        self, function: str, taken: Snapshot, asked: Callable[[Snapshot], dict[str, Any] | None]
    ) -> dict[str, Any]:
        """Ask for a change until it meets the state of the project that it was made for.

        Nothing is asked, and the answer is empty, where no change is wanted.
        """
        for _ in range(TRIES):
            state = {"project": taken.project, "changes": taken.changes}
            wanted = asked(taken)
            if wanted is None:
                return {}
            answer = self._bridge.ask(function, wanted | state)
            if answer["applied"]:
                return answer
            taken = self._take(taken.project)
        raise LiveError(KEEPS_CHANGING)


def _scope(scope: str | Sequence[str]) -> Scope:
    if scope == "selected":
        return Scope("selected")
    return Scope("all") if scope == "all" else Scope("tracks", tuple(scope))


def _refuse_other_controls(settings: Settings) -> None:
    if settings.write != "fader":
        raise LiveError(FADERS_ONLY.format(what=f"write is set to {settings.write}"))
    if settings.automation != "skip":
        raise LiveError(FADERS_ONLY.format(what=f"automation is set to {settings.automation}"))


def _with_own_master(taken: Snapshot) -> Session:
    """The session as it is heard after the last balance, so that headroom means the same mix."""
    own = change.own_master(taken)
    return taken.session if own is None else replace(taken.session, master_gain=own)


def _noting(report: Report, note: str) -> Report:
    return replace(report, notes=(*report.notes, note)) if note else report


def _as_asked(wanted: Change, now: Snapshot) -> dict[str, Any]:
    """A change as the server wants it, with faders as REAPER has them."""
    return {
        "title": wanted.title,
        "moves": [[move.track_id, move.after / now.share(move.track_id)] for move in wanted.moves],
        "master": wanted.master,
        "states": wanted.rows,
    }


def _folder(now: Snapshot, name: str, track_ids: Sequence[str]) -> dict[str, Any]:
    """A new folder as the server wants it: the order of all tracks and their folder changes."""
    folder = edit.insert_folder(now.tree, name, track_ids)
    nodes = edit.track_nodes(now.tree)
    return {
        "title": f"Automix: group {len(track_ids)} tracks into {name}",
        "name": name,
        "channels": whole(nodes[folder].values("NCHAN") or (), 0, 2),
        "order": [None if track == folder else track for track in nodes],
        "depths": [depth_change(node) for node in nodes.values()],
    }
