"""From a path to stems: reads a place, proposes or carries out, writes the table or the project.

What the command line can ask for is a :class:`Request`, what it gets back a :class:`Sorted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reaper_automix import engine, hearing, measuring, memory, outputs
from reaper_automix.crew import Crew
from reaper_automix.errors import SettingsError
from reaper_automix.features import Features
from reaper_automix.measuring import Staff
from reaper_automix.objects import Objects, finder
from reaper_automix.places import beside, place_of
from reaper_automix.progress import Progress, silent
from reaper_automix.results import Output
from reaper_automix.roles import Guess
from reaper_automix.scene import Scene, set_scene
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.stemtree import Proposal, Wish, arranged, guess_all, propose, table
from reaper_automix.totals import Totals

DEFAULTS = Settings()
TABLE = "-stems.toml"
"""How the table of a song ends that stands beside it."""

DRY_RUN = "Dry run: nothing was written."
BY_TABLE = "Sorted as {} says."
STRANGERS = "Lines of tracks that are not in the project: {}."
EDITED = "{} says something else, so this table is {}; carry it out with --table."


@dataclass(frozen=True, slots=True)
class Request:
    """One song to sort: by its own ``table``, else by the one beside it, else as proposed.

    With ``listen`` tracks are known by their sound, too. ``out`` moves what is written there;
    ``in_place`` writes into the project itself, which keeps a ``.bak``. ``jobs`` is the number of
    worker processes, ``None`` for one per core.
    """

    path: Path
    settings: Settings = DEFAULTS
    table: Path | None = None
    listen: bool = False
    out: Path | None = None
    in_place: bool = False
    dry_run: bool = False
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """What was proposed or done: the proposal, files that were written, and notes in sentences."""

    name: str
    place: str
    proposal: Proposal
    outputs: tuple[Output, ...] = ()
    notes: tuple[str, ...] = ()


def suggest(request: Request, progress: Progress = silent) -> Sorted:
    """Propose stems, and write them as a table to edit where any track is free to move."""
    session = place_of(request.path).read()
    proposal = _known(session, request, progress).proposal()
    found = Sorted(session.name, str(request.path), proposal)
    if request.dry_run or not any(row.loose for row in proposal.rows):
        return _noted(found, DRY_RUN) if request.dry_run else found
    goal = beside(request.path, TABLE, request.out)
    written = outputs.write(goal, table.text(proposal, request.path.name).encode())
    found = replace(found, outputs=(Output("table", str(written)),))
    return found if written == goal else _noted(found, EDITED.format(goal.name, written.name))


def carry_out(request: Request, progress: Progress = silent) -> Sorted:
    """Sort the tracks of a song into stems; nothing is written where nothing is to be moved."""
    place = place_of(request.path, in_place=request.in_place)
    session = place.read()
    found = _decided(session, request, progress)
    if not found.proposal.moves:
        return found
    if request.dry_run:
        return _noted(found, DRY_RUN)
    written = place.sort(arranged(session, found.proposal), request.out)
    return replace(found, outputs=(Output("project", str(written)),))


def _decided(session: Session, request: Request, progress: Progress) -> Sorted:
    """Where tracks go: by the table, if there is one."""
    known = _known(session, request, progress)
    proposal = known.proposal()
    found = Sorted(session.name, str(request.path), proposal)
    file = request.table or beside(request.path, TABLE, request.out)
    if request.table is None and not file.is_file():
        return found
    lines = table.read(_text(file), str(file))
    wishes = table.wishes(lines, proposal, str(file))
    found = _noted(replace(found, proposal=known.proposal(wishes)), BY_TABLE.format(file))
    lost = table.strangers(lines, proposal)
    names = ", ".join(line.name or line.track_id for line in lost)
    return _noted(found, STRANGERS.format(names)) if lost else found


def _noted(found: Sorted, note: str) -> Sorted:
    return replace(found, notes=(*found.notes, note))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}); check --table.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} is not a UTF-8 text file; save it as one.") from error


@dataclass(frozen=True, slots=True)
class _Known:
    """A session, what each of its tracks is taken for, and which of them record one source."""

    session: Session
    guesses: Mapping[str, Guess]
    objects: Objects

    def proposal(self, wishes: Mapping[str, Wish] | None = None) -> Proposal:
        """Where its tracks go, by what is wished if anything is."""
        return propose(self.session, self.guesses, wishes, self.objects)


def _known(session: Session, request: Request, progress: Progress) -> _Known:
    """What names and folders say and an earlier balance has heard; if asked for, it is listened."""
    with Crew(request.jobs) as crew:
        staff = Staff(crew, progress, memory.opened())
        beat = hearing.opening(progress)
        scene = set_scene(session, request.settings, beat=beat, headers=staff.memory.headers)
        if not request.listen:
            objects = engine.known_objects(scene, staff.memory)
            return _Known(session, guess_all(session), objects)
        features, objects = _listen(scene, staff)
    return _Known(session, guess_all(session, features), objects)


def _listen(scene: Scene, staff: Staff) -> tuple[dict[str, Features], Objects]:
    """The features of every track that sounds, and what is one source of them.

    What cannot be read is known by its name alone.
    """
    heard, lost = measuring.measure(measuring.own_items(scene), staff)
    for track in lost:
        scene, heard = scene.without(track), heard.without([track.track_id])
    totals = Totals(scene, heard, staff)
    objects = finder.find(scene, totals.tracks.keys, staff.memory, totals.sketches)
    return {track: one.features for track, one in heard.measurements.items()}, objects
