"""From a path and a reference to a report: matches a place, writes it and the account.

The one way in for the command line, for a match alone and, as :attr:`Request.balances` says, for a
balance and a match on top of it in one go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from reaper_automix import engine, memory, outputs, pipeline, report, rides
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.match import rendering
from reaper_automix.match.case import Ask
from reaper_automix.match.finding import Found, find
from reaper_automix.measuring import Staff
from reaper_automix.mix import Gains
from reaper_automix.places import Moves, Place, place_of
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Output, Report
from reaper_automix.session import Session
from reaper_automix.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """One match: what, to what, and where the results go.

    ``balances`` has stage 1 balance the session first. ``out`` moves all results there,
    ``in_place`` writes into the project itself, which keeps a ``.bak``. ``jobs`` is the number of
    worker processes, ``None`` for one per core.
    """

    path: Path
    ask: Ask
    settings: Settings
    balances: bool = False
    out: Path | None = None
    in_place: bool = False
    dry_run: bool = False
    bounce: bool = False
    stems: bool = False
    jobs: int | None = None


def run(request: Request, progress: Progress = silent) -> Report:
    """Match one project or folder and write the results."""
    started = time.monotonic()
    place = place_of(request.path, in_place=request.in_place)
    session = place.read()
    with Crew(request.jobs) as crew:
        staff = Staff(crew, progress, memory.opened())
        balanced = _balanced(session, request, staff) if request.balances else None
        found = _found(session, balanced, request, place, staff)
    account = _account(session, balanced, found, request)
    account = replace(account, elapsed_s=time.monotonic() - started)
    if request.dry_run:
        return replace(account, notes=(*account.notes, "Dry run: nothing was written."))
    layout = place.layout(request.out, outputs.AUTOMIX if request.balances else outputs.MATCH)
    with outputs.staging(layout) as stage:
        sound = tuple(_write_sound(request, place, session.name, found, stage, progress))
        written = (Output("project", str(place.project(layout))), *sound)
        account = pipeline.spared(account, layout)
        account = replace(account, outputs=pipeline.in_place(layout, stage, written, account))
        report.write(account, stage)
        moves = Moves(balanced.gains, balanced.stored) if balanced else None
        place.write_match(session, found.placed, moves, layout, stage)
    return account


def _balanced(session: Session, request: Request, staff: Staff) -> Balanced:
    """What stage 1 makes of the session."""
    bare = rides.without_own(session)
    crew, progress = staff.crew, staff.progress
    balanced = engine.run(bare, request.settings, crew, progress, memory=staff.memory)
    return engine.heard_out(balanced, crew, progress)


def _found(
    session: Session, balanced: Balanced | None, request: Request, place: Place, staff: Staff
) -> Found:
    """The match of the session as it stands, or as stage 1 has it."""
    if balanced is not None:
        session = with_faders(rides.without_own(session), balanced.gains)
    return find(session, request.settings, request.ask, staff, place.standing())


def with_faders(session: Session, gains: Gains) -> Session:
    """The session with other faders, linear by track id."""
    tracks = (
        replace(track, fader_gain=gains.get(track.id, track.fader_gain)) for track in session.tracks
    )
    return replace(session, tracks=tuple(tracks))


def _account(session: Session, balanced: Balanced | None, found: Found, request: Request) -> Report:
    """The account of the match, on top of that of the balance where there was one."""
    if balanced is None:
        account = pipeline.account_of("match", request.path, session, request.settings)
        account = replace(account, tracks=found.tracks, groups=(found.mix,))
    else:
        account = pipeline.account_of("balance", request.path, session, balanced.settings)
        account = replace(
            account,
            tracks=balanced.tracks,
            groups=balanced.groups,
            objects=balanced.objects,
            notes=(*account.notes, *balanced.notes),
        )
    return replace(account, match=found.account, notes=(*account.notes, *found.notes))


def _write_sound(
    request: Request, place: Place, name: str, found: Found, stage: Path, progress: Progress
) -> Iterator[Output]:
    """The bounce and the stems, always of the whole song."""
    if request.bounce or place.bounces_always:
        target = stage / f"{name}{outputs.MATCH}.wav"
        rendering.write_mix(found, target, progress)
        yield Output("bounce", str(target))
    if request.stems:
        for file in rendering.write_stems(found, stage / "stems", progress):
            yield Output("stem", str(file))
