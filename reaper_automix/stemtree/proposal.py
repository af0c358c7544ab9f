"""What a proposal of stems says: a row for every track, and the folders that tracks go into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reaper_automix.roles import Role, StemName
from reaper_automix.stemtree.catalogue import Color

State = Literal["moves", "alone", "unmatched", "left", "stays"]
By = Literal["name", "sound", "both", "content", "routing", "you", ""]


@dataclass(frozen=True, slots=True)
class Part:
    """What a track is taken for: its role, its stem, how sure that is (0 … 1) and by what."""

    role: Role | None = None
    stem: StemName | None = None
    confidence: float = 0.0
    by: By = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of one track.

    One that ``moves`` goes into ``folder_id``; one that is ``alone`` would be the only track of a
    new folder, which therefore is not made; an ``unmatched`` one is of no stem that anybody knows;
    one that is ``left`` could move and shall not. All of these are ``loose``: where they go may be
    chosen otherwise. What ``stays`` is not: it lies in a folder already or leads elsewhere, as
    ``why`` says in sentences.
    """

    track_id: str
    name: str
    state: State
    part: Part = Part()
    parent_id: str | None = None
    folder_id: str | None = None
    why: str = ""

    @property
    def loose(self) -> bool:
        """Whether it is free to move."""
        return self.state != "stays"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that tracks go into; ``is_new`` where it has to be made."""

    id: str
    name: str
    stem: StemName
    color: Color
    is_new: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where every track of a session goes, in project order; ``folders`` new ones first.

    New folders stand in the order of :data:`~reaper_automix.stemtree.catalogue.STEMS`.
    """

    rows: tuple[Row, ...]
    folders: tuple[Folder, ...] = ()

    @property
    def moves(self) -> tuple[Row, ...]:
        """The tracks that change their place; none: there is nothing to do."""
        return tuple(row for row in self.rows if row.folder_id is not None)

    @property
    def unmatched(self) -> tuple[Row, ...]:
        """The loose tracks that nothing is known of; they are left where they are."""
        return tuple(row for row in self.rows if row.state == "unmatched")

    @property
    def new_folders(self) -> tuple[Folder, ...]:
        """The folders that have to be made."""
        return tuple(folder for folder in self.folders if folder.is_new)

    def folder(self, folder_id: str) -> Folder:
        """The folder of that id; ``KeyError`` when no track goes into one."""
        for folder in self.folders:
            if folder.id == folder_id:
                return folder
        raise KeyError(folder_id)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a loose track: its stem, ``None`` to leave it, and what it is."""

    stem: StemName | None
    role: Role | None = None
