"""What of a balance lands in a project that may have been edited while it was measured.

Does what ``reascripts/Automix/lib/landing.lua`` does: a track that is gone or was changed is left
out, and what the project remembers is what landed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from reaper_automix import moves
from reaper_automix.bridge import change, memory
from reaper_automix.bridge.change import Change
from reaper_automix.bridge.snapshot import Snapshot
from reaper_automix.controls import Move, virtual
from reaper_automix.crew import Crew
from reaper_automix.moves import Moves
from reaper_automix.progress import silent
from reaper_automix.results import SumLevel
from reaper_automix.routing import MIX
from reaper_automix.scene import TrackLost, set_scene
from reaper_automix.session import Session, StoredFader, Track
from reaper_automix.settings import Settings
from reaper_automix.sums import played
from reaper_automix.units import gain_from_db

GONE = "It is no longer in the project."
CHANGED = "It was changed while it was measured."


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A track that was to be moved and was not, and why in a sentence."""

    track_id: str
    name: str
    why: str


def left_out(wanted: Sequence[Move], then: Session, now: Session) -> tuple[LeftOut, ...]:
    """The tracks of a balance that are gone, or not any more what was measured."""
    present = {track.id: track for track in now.tracks}
    found = []
    for move in wanted:
        track = then.track(move.track_id)
        why = _obstacle(track, present.get(track.id))
        if why is not None:
            found.append(LeftOut(track.id, track.name, why))
    return tuple(found)


def balancing(
    balanced: Moves, then: Session, now: Snapshot, without: Collection[str]
) -> Change | None:
    """What lands of a balance of ``then``, and what the project shall remember; ``None``: nothing.

    The master goes back to where it was before it was moved to hear the state before.
    """
    wanted = [move for move in balanced.moves if move.track_id not in without]
    made = tuple(_in_range(move, now) for move in wanted)
    if not made:
        return None
    title = moves.title(len(made), balanced.report.settings)
    whole = made == balanced.moves and _is_as_measured(then, now.session)
    before, after = (
        (balanced.before, balanced.after) if whole else sums(now, balanced.report.settings, made)
    )
    rows = (
        *memory.keep_stored(_as_made(balanced.stored, made), now.session.stored, without),
        *memory.keep_before(title, _match_db(before, after), made),
    )
    return Change(title, made, rows, master=change.own_master(now))


def sums(now: Snapshot, settings: Settings, made: Sequence[Move]) -> tuple[SumLevel, SumLevel]:
    """The whole mix without and with these moves; tracks whose media are lost play no part."""
    scene = set_scene(virtual(now.session, now.held), settings)
    moved = {move.track_id: move.after for move in made}
    with Crew() as crew:
        while True:
            try:
                before, after = played.listen(scene, (MIX,), ({}, moved), crew, silent)
            except TrackLost as lost:
                scene = scene.without(lost)
            else:
                return before[MIX], after[MIX]


def _match_db(before: SumLevel, after: SumLevel) -> float:
    """What makes the mix before as loud as the one after; 0 where one of them is silent."""
    if before.lufs is None or after.lufs is None:
        return 0.0
    return after.lufs - before.lufs


def _obstacle(then: Track, now: Track | None) -> str | None:
    if now is None:
        return GONE
    return None if _measured(then) == _measured(now) else CHANGED


def _measured(track: Track) -> Track:
    """A track by what its balance depends on; the fader does, since a move starts from it."""
    return replace(track, name="", color=0, selected=False, solo=0, solo_defeat=False)


def _is_as_measured(then: Session, now: Session) -> bool:
    """Whether the mix still sounds as it did when it was summed."""
    return list(map(_measured, then.tracks)) == list(map(_measured, now.tracks))


def _in_range(move: Move, now: Snapshot) -> Move:
    """The move, no further than the top of the user's faders."""
    highest = gain_from_db(now.fader_max_db) * now.share(move.track_id)
    is_in = move.after <= highest or math.isclose(move.after, highest)
    return move if is_in else replace(move, after=highest)


def _as_made(stored: Sequence[StoredFader], made: Sequence[Move]) -> list[StoredFader]:
    """What is to be remembered, with the faders as they were written."""
    written = {move.track_id: move.after for move in made}
    return [
        replace(fader, written_gain=written.get(fader.track_id, fader.written_gain))
        for fader in stored
    ]
