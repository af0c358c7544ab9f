"""The answer to a job of kind ``stems``: where tracks go, as it is proposed or as it is wished."""

from __future__ import annotations

from reaper_automix.report import figures
from reaper_automix.session import Session
from reaper_automix.stemtree import Proposal, Row, arranged, guess_all, propose
from reaper_automix.stemtree.catalogue import STEMS
from reaper_automix.stemtree.recognise import enclosing
from reaper_automix.worker.protocol import (
    Request,
    Result,
    Sorting,
    Spot,
    StemChoice,
    StemFolder,
    StemRow,
)

TITLE = "Automix: sort {} into {}"
NOTHING_TO_DO = "There is nothing to sort: every track is in its stem, or stays for a reason."


def answer(request: Request, session: Session) -> Result:
    """Where the tracks of a session go, by the wishes of the request if it has any."""
    proposal = propose(session, guess_all(session), request.wishes)
    return Result(
        request.id,
        "done",
        "" if proposal.moves else NOTHING_TO_DO,
        _title(proposal),
        sorting=_sorting(session, proposal),
    )


def _title(proposal: Proposal) -> str:
    return TITLE.format(
        figures.count(len(proposal.moves), "track"), figures.count(len(proposal.folders), "stem")
    )


def _sorting(session: Session, proposal: Proposal) -> Sorting:
    around = enclosing(session)
    return Sorting(
        tuple(_row(row, proposal, len(around[row.track_id])) for row in proposal.rows),
        tuple(StemFolder(one.id, one.name, one.color) for one in proposal.new_folders),
        _spots(arranged(session, proposal)) if proposal.moves else (),
        tuple(StemChoice(stem.name, stem.title) for stem in STEMS),
    )


def _spots(session: Session) -> tuple[Spot, ...]:
    return tuple(Spot(track, len(folders)) for track, folders in enclosing(session).items())


def _row(row: Row, proposal: Proposal, depth: int) -> StemRow:
    return StemRow(
        row.track_id,
        row.name,
        depth,
        row.part.role,
        row.part.confidence,
        row.part.stem,
        row.state,
        proposal.folder(row.folder_id).name if row.folder_id else "",
        row.why,
    )
