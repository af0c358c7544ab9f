"""Changes of faders: the other of two states, and the way back (:mod:`.landing` has the balance).

Pure: a :class:`Change` follows from a snapshot, and is made anew from a later one when the project
was edited meanwhile. Before/after and restoring do what ``reascripts/Automix/lib/compare.lua``
does: a fader that was moved by hand since stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reaper_automix.bridge import memory
from reaper_automix.bridge.memory import Before, Row, Side
from reaper_automix.bridge.snapshot import Snapshot
from reaper_automix.controls import Move
from reaper_automix.errors import LiveError
from reaper_automix.hand import is_same
from reaper_automix.units import gain_from_db

FADERS_ONLY = (
    "The live bridge moves faders only, and {what}; use the actions inside REAPER for that."
)
NO_BEFORE = "The project remembers no balance to go back from; balance it first."
ALL_BY_HAND = "Every fader was moved by hand since the balance, so there is nothing to compare."
TITLES: Mapping[Side, str] = {
    "before": "Automix: hear the mix before the balance",
    "after": "Automix: hear the mix after the balance",
}
RESTORE = "Automix: restore faders"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of faders as one undo point; ``master`` is linear, ``None`` leaves it alone.

    ``by_hand`` are names of tracks that stay because they were moved by hand, ``side`` is the state
    that is heard afterwards.
    """

    title: str
    moves: tuple[Move, ...]
    rows: tuple[Row, ...]
    master: float | None = None
    by_hand: tuple[str, ...] = ()
    side: Side = "after"


def switching(now: Snapshot) -> Change:
    """The other of the two states, as loud as this one."""
    before = _before(now)
    if before.side == "before":
        change = _moving(now, before.moves, TITLES["after"])
        # What was moved by hand meanwhile counts from here: it is beside this that it is heard now.
        noted = memory.note_moves(now.session.stored, before.moves)
        rows = (*memory.set_side("after", None), *noted)
        return replace(change, rows=rows, master=_released(before, now), side="after")
    change = _moving(now, _reversed(before.moves), TITLES["before"])
    if not change.moves:
        raise LiveError(ALL_BY_HAND)
    master = now.session.master_gain
    noted = memory.note_moves(now.session.stored, change.moves)
    rows = (*memory.set_side("before", master), *noted)
    matched = master * gain_from_db(before.match_db)
    return replace(change, rows=rows, master=matched, side="before")


def restoring(now: Snapshot) -> Change:
    """The way back to the state before the last balance, which is forgotten."""
    before = _before(now)
    is_back = before.side == "before"
    change = _moving(now, () if is_back else _reversed(before.moves), RESTORE)
    there = _reversed(_moving(now, before.moves, RESTORE).moves)
    noted = memory.note_moves(now.session.stored, there if is_back else change.moves, is_back=True)
    rows = (*memory.forget_before(), *noted)
    return replace(change, rows=rows, master=_released(before, now) if is_back else None)


def own_master(now: Snapshot) -> float | None:
    """The master's fader without what it was moved by while the state before is heard.

    ``None`` where it stands where it should.
    """
    if now.before is None or now.before.side == "after":
        return None
    return _released(now.before, now)


def _before(now: Snapshot) -> Before:
    """The state before the last balance, if only faders were moved by it."""
    if now.before is None:
        raise LiveError(NO_BEFORE)
    elsewhere = next((move for move in now.before.moves if move.control != "fader"), None)
    if elsewhere is not None:
        raise LiveError(FADERS_ONLY.format(what=f"the last balance moved the {elsewhere.control}"))
    return now.before


def _reversed(moves: Sequence[Move]) -> tuple[Move, ...]:
    return tuple(replace(one, before=one.after, after=one.before) for one in moves)


def _moving(now: Snapshot, moves: Sequence[Move], title: str) -> Change:
    """The moves whose tracks stand where they begin; gone tracks are passed over."""
    faders = _virtual_faders(now)
    there = [move for move in moves if move.track_id in faders]
    made = tuple(one for one in there if is_same(faders[one.track_id], one.before))
    by_hand = {move.track_id for move in there} - {move.track_id for move in made}
    names = tuple(track.name for track in now.session.tracks if track.id in by_hand)
    return Change(title, made, (), by_hand=names)


def _virtual_faders(now: Snapshot) -> dict[str, float]:
    """The faders as the engine sees them: the real ones times what other controls add."""
    return {track.id: track.fader_gain * now.share(track.id) for track in now.session.tracks}


def _released(before: Before, now: Snapshot) -> float:
    """The master without the match: exactly as it was, or from where the user moved it since."""
    found, match = now.session.master_gain, gain_from_db(before.match_db)
    kept = found if before.master_gain is None else before.master_gain
    return kept if is_same(found, kept * match) else found / match
