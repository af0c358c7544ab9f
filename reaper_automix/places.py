"""The kinds of places a session comes from, and how results go back to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from reaper_automix import outputs, rides, rpp
from reaper_automix.adapters import folder, project
from reaper_automix.adapters.project import Change, edit
from reaper_automix.errors import InputError
from reaper_automix.match.placing.standing import Standing
from reaper_automix.match.placing.stored import Placed
from reaper_automix.outputs import AUTOMIX, Layout
from reaper_automix.rpp import Node, whole
from reaper_automix.session import Session, StoredBalance

PROJECT_SUFFIXES = (".rpp", ".rpp-bak")

Gains = Mapping[str, float]
"""Linear gain by track id."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What a balance moves, and what is to be remembered of it."""

    faders: Gains
    stored: StoredBalance


class Place(Protocol):
    """Where a session is read from and a balance is written to."""

    @property
    def bounces_always(self) -> bool:
        """Whether a bounce belongs to the results even when nobody asked for it."""

    def read(self) -> Session:
        """The session that is there."""

    def layout(self, out: Path | None, ending: str = AUTOMIX) -> Layout:
        """Where the results go, by the ending of their name."""

    def project(self, layout: Layout) -> Path:
        """Where the project with the new faders will stand."""

    def write(
        self, session: Session, faders: Gains, stored: StoredBalance, layout: Layout, stage: Path
    ) -> None:
        """Write that project with its new faders.

        ``session`` is what was read, with the volume envelopes of its regions.
        """

    def write_match(
        self, session: Session, placed: Placed, moves: Moves | None, layout: Layout, stage: Path
    ) -> None:
        """Write that project with a match, on top of the moves of a balance if there was one."""

    def standing(self) -> Standing:
        """What an earlier match left in it."""

    def sort(self, session: Session, out: Path | None) -> Path:
        """Write a project with its tracks in the order and folders of this session."""


@dataclass(frozen=True, slots=True)
class ProjectPlace:
    """A REAPER project: a copy beside it gets the faders, or, ``in_place``, the project itself."""

    path: Path
    in_place: bool = False
    bounces_always: bool = False

    def read(self) -> Session:
        """The session that is there."""
        return project.read(self.path)

    def layout(self, out: Path | None, ending: str = AUTOMIX) -> Layout:
        """``X-automix/`` beside the project or in ``out``; in place there is no second project."""
        layout = outputs.beside_project(self.path, out, ending)
        return replace(layout, project=None) if self.in_place else layout

    def project(self, layout: Layout) -> Path:
        """The copy, or, in place, the project itself."""
        return layout.project or self.path

    def write(
        self, session: Session, faders: Gains, stored: StoredBalance, layout: Layout, stage: Path
    ) -> None:
        """Only what a balance changes is written; everything else keeps its bytes."""
        if self.in_place:
            project.replace_in_place(self.path, faders, stored, rides.own(session, stored))
        else:
            volumes = rides.own(session, stored)
            project.write_balance(self.path, self.project(layout), faders, stored, volumes)

    def write_match(
        self, session: Session, placed: Placed, moves: Moves | None, layout: Layout, stage: Path
    ) -> None:
        """Only what a match changes is written; everything else keeps its bytes."""
        change = _placing(placed, moves)
        if self.in_place:
            project.change_in_place(self.path, change)
        else:
            target = self.project(layout)
            project.save(project.changed(self.path, change, target.parent), target, like=self.path)

    def standing(self) -> Standing:
        """What an earlier match left in the project."""
        return _standing(self.path)

    def sort(self, session: Session, out: Path | None) -> Path:
        """``X-stems.RPP`` beside the project or in ``out``, or the project itself."""

        def lay_out(node: Node) -> None:
            edit.lay_out(node, session)

        if self.in_place:
            project.change_in_place(self.path, lay_out)
            return self.path
        goal = beside(self.path, f"-stems{self.path.suffix}", out)
        document = project.changed(self.path, lay_out, goal.parent)
        return outputs.write(goal, rpp.encode(rpp.dump(document)))


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder of stems, which is left alone: a new project plays them at their faders."""

    path: Path
    bounces_always: bool = True

    def read(self) -> Session:
        """The session that is there."""
        return folder.read(self.path)

    def layout(self, out: Path | None, ending: str = AUTOMIX) -> Layout:
        """``FOLDER-automix/`` beside the folder or in ``out``."""
        home = out or self.path.parent
        return outputs.folder_of(home / f"{self.path.name}{ending}")

    def project(self, layout: Layout) -> Path:
        """The new project, inside the folder of results."""
        return layout.folder / f"{self.path.name}.RPP"

    def write(
        self, session: Session, faders: Gains, stored: StoredBalance, layout: Layout, stage: Path
    ) -> None:
        """The stage lies beside where the folder will, so relative media paths hold in both."""
        folder.write_project(session, stage / self.project(layout).name, faders, stored)

    def write_match(
        self, session: Session, placed: Placed, moves: Moves | None, layout: Layout, stage: Path
    ) -> None:
        """A new project of the stems, matched like any other."""
        target = stage / self.project(layout).name
        folder.write_changed(session, target, _placing(placed, moves))

    def standing(self) -> Standing:
        """What the newest balance has of a match; a new project has strips of its own."""
        balanced = folder.last_balance(self.path)
        return Standing(_standing(balanced).placed) if balanced else Standing()

    def sort(self, session: Session, out: Path | None) -> Path:
        """A new project in ``FOLDER-stems/``, beside the folder or in ``out``."""
        layout = outputs.folder_of((out or self.path.parent) / f"{self.path.name}-stems")
        stored = session.stored or StoredBalance()
        with outputs.staging(layout) as stage:
            folder.write_project(session, stage / self.project(layout).name, {}, stored)
        return self.project(layout)


def _placing(placed: Placed, moves: Moves | None) -> Change:
    """All that a match changes in a project, in one go."""
    from reaper_automix.adapters.project import seats

    def change(root: Node) -> None:
        if moves is not None:
            project.balancing(moves.faders, moves.stored)(root)
        if placed.strength:
            seats.place(root, placed)
        else:
            seats.take_back(root)

    return change


def _standing(file: Path) -> Standing:
    """What an earlier match left in a project."""
    from reaper_automix.adapters.project import seats, strips

    root = project.root(project.load(file), file)
    sliders = {one: strips.read_strip(node) for one, node in edit.track_nodes(root).items()}
    return Standing(
        seats.read_match(root),
        {one: values for one, values in sliders.items() if values is not None},
        strips.read_strip(root, strips.MASTER_CHAIN),
        master_is_off=whole(root.values("MASTER_FX") or (), 0, 1) == 0,
        bypassed=frozenset(seats.bypassed(root)),
    )


def beside(path: Path, ending: str, out: Path | None = None) -> Path:
    """A file named after a project or folder, beside it or in ``out``."""
    path = path.absolute()
    return (out or path.parent) / f"{path.name if path.is_dir() else path.stem}{ending}"


def place_of(path: Path, *, in_place: bool = False) -> Place:
    """What kind of place a path is; :class:`InputError` when it is none."""
    path = path.absolute()
    if path.is_dir():
        return FolderPlace(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path.")
    if path.suffix.lower() not in PROJECT_SUFFIXES:
        raise InputError(
            f"{path.name} is neither a REAPER project (.RPP) nor a folder of stems; name one."
        )
    return ProjectPlace(path, in_place)
