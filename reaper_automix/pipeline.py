"""From a path to a report: reads a place, balances it, writes the place and the account.

The one way in for the command line: everything it can ask for is a :class:`Request`, everything it
gets back a :class:`~reaper_automix.results.Report`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from reaper_automix import __version__, engine, memory, outputs, regional, report, rides, stems
from reaper_automix.account import inspected_tracks, notes_of_session
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.errors import NothingToBalance, SettingsError
from reaper_automix.outputs import Layout
from reaper_automix.places import Place, beside, place_of
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Mode, Output, Report
from reaper_automix.scene import set_scene
from reaper_automix.session import Region, Session
from reaper_automix.settings import Settings

DEFAULTS = Settings()
PAPER_HOME = "output"
"""Folder of mode ``paper``, named as the published script names it."""


PerRegion = Literal["off", "envelope"]
"""How the regions of a project get a balance of their own."""


@dataclass(frozen=True, slots=True)
class Request:
    """One balance: what, how, and where the results go.

    ``out`` moves all results there. ``in_place`` writes into the project itself, which keeps a
    ``.bak``. ``per_region`` writes volume envelopes with the balance of every region, on top of
    the faders, into a project. ``paper`` reproduces the published script instead, which measures
    and writes in one go and knows no other way to write. ``jobs`` is the number of worker
    processes, ``None`` for one per core.
    """

    path: Path
    settings: Settings = DEFAULTS
    out: Path | None = None
    in_place: bool = False
    dry_run: bool = False
    bounce: bool = False
    stems: bool = False
    per_region: PerRegion = "off"
    paper: bool = False
    jobs: int | None = None


def run(request: Request, progress: Progress = silent) -> Report:
    """Balance one project or folder and write the results.

    The report is written with them, and once more when sums of it had to be played.
    """
    if request.paper and request.dry_run:
        raise SettingsError("Mode paper always writes its tree; leave out either of the two.")
    started = time.monotonic()
    place = place_of(request.path, in_place=request.in_place)
    found = place.read()
    session = rides.without_own(found)
    regions = _regions(request, session)
    with Crew(request.jobs) as crew:
        if request.paper:
            return _run_paper(request, session, crew, progress)
        balanced = engine.run(session, request.settings, crew, progress, memory=memory.opened())
        ridden = regional.rides(balanced, regions)

        def account(balanced: Balanced) -> Report:
            told = _told(request, session, balanced, ridden)
            return replace(told, elapsed_s=time.monotonic() - started)

        if request.dry_run:
            played = engine.heard_out(balanced, crew, progress)
            return _noted(account(played), "Dry run: nothing was written.")
        after = rides.with_rides(session, ridden, rides.own(found, found.stored))
        layout = place.layout(request.out)
        predicted = spared(account(balanced), layout)
        written = _write(request, place, after, balanced, predicted, layout, progress)
        played = engine.heard_out(balanced, crew, progress)
        told = replace(spared(account(played), layout), outputs=written)
        if played is not balanced:
            with outputs.staging(layout) as stage:
                report.write(told, stage)
        return told


def _told(
    request: Request, session: Session, balanced: Balanced, ridden: Sequence[rides.Ride]
) -> Report:
    """The account of a balance with what its regions have on top."""
    account = account_of("balance", request.path, session, balanced.settings)
    return replace(
        account,
        tracks=tuple(rides.told(balanced.tracks, session, ridden)),
        groups=balanced.groups,
        objects=balanced.objects,
        notes=(*account.notes, *balanced.notes, *rides.notes(ridden)),
    )


def _write(
    request: Request,
    place: Place,
    session: Session,
    balanced: Balanced,
    account: Report,
    layout: Layout,
    progress: Progress,
) -> tuple[Output, ...]:
    """Write all results, none of them if one fails; what was written."""
    stored = rides.stored(balanced.stored, balanced.totals.scene.session, session)
    with outputs.staging(layout) as stage:
        sound = tuple(_write_sound(request, place, session, balanced, stage, progress))
        written = (Output("project", str(place.project(layout))), *sound)
        account = replace(account, outputs=in_place(layout, stage, written, account))
        report.write(account, stage)
        place.write(session, balanced.gains, stored, layout, stage)
    return account.outputs


def _regions(request: Request, session: Session) -> tuple[Region, ...]:
    """The regions that get a balance of their own."""
    if request.per_region == "off":
        return ()
    if request.path.is_dir():
        raise SettingsError(
            f"{request.path} is a folder of stems, which has no regions; leave out --per-region."
        )
    return regional.regions_of(session)


def _run_paper(request: Request, session: Session, crew: Crew, progress: Progress) -> Report:
    """The published tree, in ``output/`` beside the song unless told otherwise."""
    from reaper_automix import paper

    home = request.out or request.path.absolute().parent / PAPER_HOME
    settings = replace(request.settings.over_all_of_it(), tracks=())
    layout = outputs.folder_of(home / session.name)
    return paper.run(
        set_scene(session, settings),
        spared(account_of("paper", request.path, session, settings), layout),
        layout,
        crew,
        progress,
        whole_files=request.path.is_dir(),
    )


def inspect(path: Path, settings: Settings = DEFAULTS) -> Report:
    """What is in a place, what would be measured and what cannot; nothing is written.

    Objects are those that a balance of the same tracks has found.
    """
    session = place_of(path).read()
    scene = set_scene(session, settings)
    return replace(
        account_of("inspect", path, session, settings),
        tracks=inspected_tracks(scene),
        objects=engine.known_objects(scene, memory.opened()),
    )


def render_stems(
    path: Path, out: Path | None, settings: Settings = DEFAULTS, progress: Progress = silent
) -> tuple[Output, ...]:
    """Every track that sounds as a stem: its signal at the fader's input, 32-bit float."""
    session = place_of(path).read()
    scene = set_scene(session, settings)
    desk = scene.desk()
    tracks = [t for t in session.tracks if t.id in desk.signals and t.id in scene.chosen]
    if not tracks:
        raise NothingToBalance(f"{session.name} has no track with sound that can be rendered.")
    layout = outputs.folder_of(out or beside(path, "-stems"))
    with outputs.staging(layout) as stage:
        files = stems.write_stems(desk, tracks, {}, stage, progress)
    return tuple(Output("stem", str(layout.folder / file.name)) for file in files)


def bounce(
    path: Path, out: Path | None, settings: Settings = DEFAULTS, progress: Progress = silent
) -> tuple[Output, ...]:
    """The sum of a project or folder at the faders it has, as one 32-bit float file."""
    session = place_of(path).read()
    desk = set_scene(session, settings).desk()
    if not desk.signals:
        raise NothingToBalance(f"{session.name} has no track with sound that can be summed.")
    target = outputs.file_of(out or beside(path, "-bounce.wav"))
    stems.write_bounce(desk, {}, target, progress)
    return (Output("bounce", str(target)),)


def account_of(mode: Mode, path: Path, session: Session, settings: Settings) -> Report:
    """The part of a report that is known before anything is measured."""
    return Report(
        mode=mode,
        name=session.name,
        place=str(path),
        settings=settings,
        tracks=(),
        notes=tuple(notes_of_session(session, settings)),
        sample_rate_hz=session.sample_rate_hz,
        version=__version__,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def spared(account: Report, layout: Layout) -> Report:
    """The account, saying so where the results could not have the name they would have."""
    if layout.spared is None:
        return account
    said = f"{layout.spared} holds work of yours, so the results are in {layout.folder.name}."
    return _noted(account, said)


def _noted(account: Report, sentence: str) -> Report:
    """The account with one more sentence about the run as a whole."""
    return replace(account, notes=(*account.notes, sentence))


def _write_sound(
    request: Request,
    place: Place,
    session: Session,
    balanced: Balanced,
    stage: Path,
    progress: Progress,
) -> Iterator[Output]:
    """The bounce and the stems, always of the whole session, whatever part was measured."""
    bounces = request.bounce or place.bounces_always
    if not (bounces or request.stems):
        return
    desk = set_scene(session, request.settings.over_all_of_it()).desk()
    if bounces:
        target = stage / f"{session.name}-automix.wav"
        stems.write_bounce(desk, balanced.gains, target, progress)
        yield Output("bounce", str(target))
    if request.stems:
        tracks = [track for track in session.tracks if track.id in desk.signals]
        for file in stems.write_stems(desk, tracks, balanced.gains, stage / "stems", progress):
            yield Output("stem", str(file))


def in_place(
    layout: Layout, stage: Path, written: tuple[Output, ...], account: Report
) -> tuple[Output, ...]:
    """Outputs by the paths they will have once the stage has moved, the report's among them."""
    reports = (Output(kind, str(layout.folder / name)) for kind, name in report.files(account))
    moved = (
        replace(output, path=output.path.replace(str(stage), str(layout.folder), 1))
        for output in written
    )
    return (*moved, *reports)
