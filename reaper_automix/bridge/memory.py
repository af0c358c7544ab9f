"""What a project remembers of its last balance, as rows of its ext state.

The other side is ``reascripts/Automix/lib/store.lua``, which keeps the same: ``AUTOMIX`` is what
every fader was found at and written to, and the engineer's own offset in dB where there is one,
``AUTOMIX_BEFORE`` the state before the last balance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from reaper_automix.controls import Control, Move
from reaper_automix.hand import is_same
from reaper_automix.session import StoredBalance, StoredFader

STORED = "AUTOMIX"
BEFORE = "AUTOMIX_BEFORE"
VERSION = "1"

Side = Literal["before", "after"]
Row = tuple[str, str, str]
"""Section, key and value; an empty key clears the section, an empty value the key."""


@dataclass(frozen=True, slots=True)
class Before:
    """The state before the last balance.

    ``match_db`` makes it as loud as the one after; ``master_gain`` is the master's linear fader
    from before it was moved for that. ``side`` is the state that is heard now.
    """

    title: str
    match_db: float
    side: Side
    moves: tuple[Move, ...]
    master_gain: float | None = None


def before(rows: Iterable[Sequence[str]]) -> Before | None:
    """The state before the last balance; ``None`` where a project remembers none."""
    values = {key.upper(): value for key, value in rows}
    if values.get("VERSION") != VERSION:
        return None
    return Before(
        title=values.get("TITLE", ""),
        match_db=_number(values.get("MATCH", "")) or 0.0,
        side="before" if values.get("SIDE") == "before" else "after",
        moves=tuple(_moves(values)),
        master_gain=_number(values.get("MASTER", "")),
    )


def keep_before(title: str, match_db: float, moves: Iterable[Move]) -> Iterator[Row]:
    """What is written of the state before a balance that has just been made."""
    yield BEFORE, "", ""
    yield BEFORE, "VERSION", VERSION
    yield BEFORE, "TITLE", title
    yield BEFORE, "MATCH", _text(match_db)
    yield BEFORE, "SIDE", "after"
    for move in moves:
        values = f"{move.control} {_text(move.before)} {_text(move.after)}"
        yield BEFORE, move.track_id, values


def set_side(side: Side, master_gain: float | None) -> Iterator[Row]:
    """What is written when the other of the two states is heard."""
    yield BEFORE, "SIDE", side
    yield BEFORE, "MASTER", "" if master_gain is None else _text(master_gain)


def forget_before() -> Iterator[Row]:
    """What is written when there is no state before any more."""
    yield BEFORE, "", ""


def keep_stored(
    stored: Iterable[StoredFader], earlier: StoredBalance | None, left_out: Collection[str]
) -> Iterator[Row]:
    """What is written of found and written faders; those left out keep what they had."""
    had = {fader.track_id: fader for fader in earlier.faders} if earlier else {}
    kept = {fader.track_id: fader for fader in stored if fader.track_id not in left_out}
    kept |= {track: had[track] for track in left_out if track in had}
    yield STORED, "", ""
    yield STORED, "VERSION", VERSION
    for fader in kept.values():
        yield STORED, fader.track_id, _fader_text(fader)


def note_moves(
    stored: StoredBalance | None, moves: Iterable[Move], *, is_back: bool = False
) -> Iterator[Row]:
    """What is written when we move faders ourselves, so that nobody takes it for a move by hand.

    One that is back where the first balance found it starts anew where ``is_back``.
    """
    known = {fader.track_id: fader for fader in stored.faders} if stored else {}
    for move in moves:
        if fader := known.get(move.track_id):
            is_new = is_back and is_same(move.after, fader.found_gain)
            noted = _fader_text(replace(fader, written_gain=move.after))
            yield STORED, move.track_id, "" if is_new else noted


def _fader_text(fader: StoredFader) -> str:
    offset = (fader.hand_db,) if fader.hand_db else ()
    return " ".join(map(_text, (fader.found_gain, fader.written_gain, *offset)))


def _moves(values: Mapping[str, str]) -> Iterator[Move]:
    for key, value in values.items():
        control, first, second = (*value.split(), "", "", "")[:3]
        found, written = _number(first), _number(second)
        is_track = key.startswith("{") and control in get_args(Control)
        if is_track and found is not None and written is not None:
            yield Move(key, cast(Control, control), found, written)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(number: float) -> str:
    return f"{number:.17g}"
