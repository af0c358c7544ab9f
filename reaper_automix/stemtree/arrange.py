"""Carries a proposal out on the session itself: the same tracks in their new order and folders.

What does not move keeps its order; tracks that come into a folder stand behind what is in it, in
their own order. New folders stand at the top, in the order of the stems, among what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from reaper_automix.roles import StemName
from reaper_automix.session import Session, Track
from reaper_automix.stemtree.catalogue import RANK, Color
from reaper_automix.stemtree.proposal import Folder, Proposal

CUSTOM_COLOR = 0x1000000
"""The bit of ``PEAKCOL`` (and ``I_CUSTOMCOLOR``) that says that there is a colour."""


def arranged(session: Session, proposal: Proposal) -> Session:
    """The session as it stands once all of the proposal is carried out.

    New folders are tracks at unity gain, whose pan law takes nothing from what passes through them.
    """
    inside = _inside(session, proposal)
    made = [_track(folder, inside[folder.id]) for folder in proposal.new_folders]
    inside[None] = _with_folders(inside.get(None, []), made, proposal)
    return replace(session, tracks=tuple(_in_order(inside)))


def peak_color(color: Color) -> int:
    """A colour as ``PEAKCOL`` has it: 0x1BBGGRR, as no letter says otherwise.

    Derived from facts.md, section 3: it is Windows' order, which marks items' colours with ``R``.

    >>> hex(peak_color((255, 128, 0)))
    '0x10080ff'
    """
    red, green, blue = color
    return CUSTOM_COLOR | blue << 16 | green << 8 | red


def _inside(session: Session, proposal: Proposal) -> dict[str | None, list[Track]]:
    """What lies directly in each folder, those that came last behind the others."""
    goals = {row.track_id: row.folder_id for row in proposal.moves}
    inside: dict[str | None, list[Track]] = {}
    for track in session.tracks:
        if track.id not in goals:
            inside.setdefault(track.parent_id, []).append(track)
    for track in session.tracks:
        if track.id in goals:
            moved = replace(track, parent_id=goals[track.id])
            inside.setdefault(moved.parent_id, []).append(moved)
    return inside


def _track(folder: Folder, inside: Sequence[Track]) -> Track:
    return Track(
        folder.id,
        folder.name,
        folder=True,
        pan_law=1.0,
        channels=max(track.channels for track in inside),
        color=peak_color(folder.color),
    )


def _ranks(proposal: Proposal) -> Mapping[str, int]:
    """The place of what is of a stem in the order of stems, by track id."""
    stems: dict[str, StemName] = {folder.id: folder.stem for folder in proposal.folders}
    stems |= {row.track_id: row.part.stem for row in proposal.rows if row.part.stem}
    return {track: RANK[stem] for track, stem in stems.items()}


def _with_folders(top: Sequence[Track], made: Sequence[Track], proposal: Proposal) -> list[Track]:
    """The top with new folders: each behind the last that comes before it by the order of stems.

    Where nothing there is of a stem, the first stands where the first of its tracks stood.
    """
    order, ranks = list(top), _ranks(proposal)
    for folder in made:
        own = ranks[folder.id]
        before = [at for at, track in enumerate(order) if ranks.get(track.id, own + 1) <= own]
        behind = [at for at, track in enumerate(order) if ranks.get(track.id, own) > own]
        place = before[-1] + 1 if before else behind[0] if behind else _stood(folder, proposal)
        order.insert(place, folder)
    return order


def _stood(folder: Track, proposal: Proposal) -> int:
    """How many tracks of the top that stay there stand before the first that goes into a folder."""
    top = (row.folder_id for row in proposal.rows if row.parent_id is None)
    before = takewhile(lambda goal: goal != folder.id, top)
    return sum(goal is None for goal in before)


def _in_order(inside: Mapping[str | None, Sequence[Track]]) -> Iterator[Track]:
    """All tracks, each folder before what lies in it."""
    pending = list(reversed(inside[None])) if None in inside else []
    while pending:
        track = pending.pop()
        lying = inside.get(track.id, ())
        yield replace(track, folder=True) if lying else track
        pending.extend(reversed(lying))
