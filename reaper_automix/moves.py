"""One balance of an open project: from what REAPER has to what it shall move.

The core that the worker and the live bridge share: a real session and what earlier balances put on
other controls than the fader come in, moves of virtual faders (:mod:`.controls`) go out.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reaper_automix import __version__, engine, hearing, selection
from reaper_automix.account import SILENT, notes_of_session
from reaper_automix.controls import Choice, ControlGain, Move, choose, freed, virtual
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.memory import Memory
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Report, SumLevel, TrackResult
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.selection import Scope
from reaper_automix.session import Session, StoredFader
from reaper_automix.settings import Settings

AS_RENDERED = "Heard as REAPER renders it, with its effects."
NOTHING_MOVED = "Everything stands where it should; nothing was moved."


@dataclass(frozen=True, slots=True)
class Moves:
    """What a balance wants REAPER to do, and the account of it.

    ``moves`` has only what changes; ``stored`` is what the project shall remember, as virtual
    faders; ``before`` and ``after`` are the whole mix as the engine sums it, maybe predicted:
    :func:`heard_out` has it played.
    """

    title: str
    moves: tuple[Move, ...]
    stored: tuple[StoredFader, ...]
    before: SumLevel
    after: SumLevel
    report: Report
    balanced: Balanced

    @property
    def message(self) -> str:
        """A sentence where there is more to say than the title."""
        return "" if self.moves else NOTHING_MOVED


def balance(
    session: Session,
    settings: Settings,
    scope: Scope,
    controls: Sequence[ControlGain],
    crew: Crew,
    progress: Progress = silent,
    *,
    rendered: Collection[str] = (),
    place: str = "",
    memory: Memory | None = None,
) -> Moves:
    """Balance a session as REAPER has it.

    ``controls`` is what earlier balances put on controls other than the fader. ``rendered`` are
    tracks whose items are a file that REAPER rendered. ``place`` is what the report calls the
    project; ``memory`` spares what was measured before. Raises
    :class:`~reaper_automix.errors.NothingToBalance` when nothing is selected or can be measured,
    and whatever ``progress`` raises to stop it.
    """
    started = time.monotonic()
    chosen, choices = selection.chosen(session, scope), choose(session, settings)
    solved = virtual(session, controls, free=freed(session, choices), rendered=rendered)
    balanced = engine.run(solved, settings, crew, progress, chosen=chosen, memory=memory)
    report = _report(solved, settings, place, balanced, choices)
    report = replace(report, tracks=tuple(_as_rendered(row, rendered) for row in report.tracks))
    return _moves(replace(report, elapsed_s=time.monotonic() - started), balanced, choices)


def heard_out(moves: Moves, crew: Crew, progress: Progress = silent) -> Moves:
    """The same moves, their account with every sum as it sounds (:func:`.engine.heard_out`)."""
    return _summed(replace(moves, balanced=engine.heard_out(moves.balanced, crew, progress)))


def total(
    session: Session,
    settings: Settings,
    controls: Sequence[ControlGain],
    crew: Crew,
    progress: Progress = silent,
    *,
    rendered: Collection[str] = (),
    memory: Memory | None = None,
) -> SumLevel:
    """How loud the whole mix is as the session stands."""
    free = freed(session, choose(session, settings))
    sounding = virtual(session, controls, free=free, rendered=rendered)
    return engine.total(sounding, settings, crew, progress, memory=memory)


def concerned(
    session: Session,
    settings: Settings,
    scope: Scope,
    progress: Progress = silent,
    *,
    memory: Memory | None = None,
) -> frozenset[str]:
    """Ids of the tracks that a balance has to hear: rendering any other one is for nothing."""
    chosen, headers = selection.chosen(session, scope), (memory or Memory()).headers
    return set_scene(session, settings, chosen, hearing.opening(progress), headers).concerned()


def title(count: int, settings: Settings) -> str:
    """The name of the undo point of a balance that moved so many tracks.

    >>> title(24, Settings(method="p_lufs"))
    'Automix: balance 24 tracks (p_lufs)'
    """
    return f"Automix: balance {count} track{'s' * (count != 1)} ({settings.method})"


def _moves(report: Report, balanced: Balanced, choices: Mapping[str, Choice]) -> Moves:
    moves = tuple(
        Move(track.id, choices[track.id].control, track.fader_before, track.fader_after)
        for track in report.moved
    )
    named = title(len(moves), report.settings)
    return _summed(Moves(named, moves, balanced.stored.faders, SILENT, SILENT, report, balanced))


def _summed(moves: Moves) -> Moves:
    """The moves with the sums of their balance."""
    groups = moves.balanced.groups
    whole = next((group for group in groups if group.id is MIX), None)
    report = replace(moves.report, groups=groups)
    if whole is None:
        return replace(moves, report=report)
    return replace(moves, before=whole.before, after=whole.after, report=report)


def _report(
    session: Session,
    settings: Settings,
    place: str,
    balanced: Balanced,
    choices: Mapping[str, Choice],
) -> Report:
    return Report(
        mode="balance",
        name=session.name,
        place=place or session.name,
        settings=balanced.settings,
        tracks=tuple(_told(track, choices[track.id]) for track in balanced.tracks),
        groups=balanced.groups,
        objects=balanced.objects,
        notes=(*notes_of_session(session, settings), *balanced.notes),
        sample_rate_hz=session.sample_rate_hz,
        version=__version__,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def _as_rendered(track: TrackResult, rendered: Collection[str]) -> TrackResult:
    """The row, saying so where the track was heard as REAPER renders it."""
    return replace(track, notes=(AS_RENDERED, *track.notes)) if track.id in rendered else track


def _told(track: TrackResult, choice: Choice) -> TrackResult:
    """The row, saying which control its move goes to where that is not the fader, or why none."""
    said = {"moved": choice.why, "kept": choice.stays}.get(track.status)
    return replace(track, notes=(said, *track.notes)) if said else track
