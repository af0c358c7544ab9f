"""What the engineer moved by hand after a balance, and from where the next one starts.

A balance remembers where it found every fader that it set, and what it wrote there. A fader that
stands elsewhere now was moved by hand. That move is the engineer's own offset: it adds up over
balances, and lies on top of whatever they ask for. The balance itself is solved as if there were
no such moves, so that what one of them changes in the sum of its folder is not taken back outside.

**Conventions**: offsets in dB by track id, faders linear. What our own actions moved since (before
and after, restoring) was noted as written by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.session import Session, StoredFader, Track
from reaper_automix.units import db_from_gain, gain_from_db

SAME_FADER_DB = 0.001
"""A fader this near to what was written has not been moved since (text forms round)."""

MOST_DB = 150.0
"""No fader moves further than from its end to silence (REAPER's ``VAL2DB`` ends there)."""


@dataclass(frozen=True, slots=True)
class Start:
    """From where a fader starts, without what it was moved by hand, and that move."""

    found_gain: float
    hand_db: float = 0.0


def starts(session: Session, *, forget: bool) -> dict[str, Start]:
    """The start of every fader by track id.

    It is what the first balance found, so that a second run moves nothing. Where moves by hand are
    to be forgotten, a fader that was moved since is a new start, and earlier offsets are gone.
    """
    stored = {fader.track_id: fader for fader in session.stored.faders} if session.stored else {}
    return {
        track.id: _start(track, stored[track.id], forget)
        if track.id in stored and fader_envelope(session, track) is None
        else Start(track.fader_gain)
        for track in session.tracks
    }


def after_our_move(stored: StoredFader, now_gain: float, our_gain: float) -> StoredFader:
    """What is remembered of a fader that we move ourselves outside a balance (a match does).

    What it was moved by hand until then stays a move by hand.
    """
    moved_db = 0.0
    if now_gain and stored.written_gain and not is_same(now_gain, stored.written_gain):
        moved_db = db_from_gain(now_gain) - db_from_gain(stored.written_gain)
    hand_db = _in_range(stored.hand_db + moved_db)
    return replace(stored, written_gain=our_gain, hand_db=hand_db)


def with_moves(gains: Mapping[str, float], hand_db: Mapping[str, float]) -> dict[str, float]:
    """Faders with what the engineer moved them by.

    >>> with_moves({"{1}": 0.5, "{2}": 0.5}, {"{1}": 20.0})
    {'{1}': 5.0, '{2}': 0.5}
    """
    return {track: gain * gain_from_db(hand_db.get(track, 0.0)) for track, gain in gains.items()}


def without_moves(gains: Mapping[str, float], hand_db: Mapping[str, float]) -> dict[str, float]:
    """Faders without it."""
    return with_moves(gains, {track: -moved_db for track, moved_db in hand_db.items()})


def _start(track: Track, stored: StoredFader, forget: bool) -> Start:
    now, found, written = track.fader_gain, stored.found_gain, stored.written_gain
    if is_same(now, written):
        return Start(found, 0.0 if forget else _in_range(stored.hand_db))
    if is_same(now, found):
        return Start(found)  # put back there, which takes back earlier moves as well
    if forget or not now or not written:
        return Start(now)
    return Start(found, _in_range(stored.hand_db + track.fader_db - db_from_gain(written)))


def is_same(gain: float, other: float) -> bool:
    """Whether two faders are the same but for the rounding of text forms."""
    if not gain or not other:
        return gain == other
    return abs(db_from_gain(gain) - db_from_gain(other)) <= SAME_FADER_DB


def _in_range(offset_db: float) -> float:
    return max(-MOST_DB, min(MOST_DB, offset_db))
