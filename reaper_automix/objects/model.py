"""What is known of tracks that record one source: plain data, for accounts and for the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A track of an object, and by what it is known to be one, as a sentence."""

    track_id: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Object:
    """Tracks that record one source.

    ``kind`` says what it is: ``kit amp piano pair copies microphones``, or ``double`` for sources
    with the same notes, which are no object. ``confidence`` 0 … 1 says how far the weakest
    of its members can be believed. ``warnings`` are sentences about its polarity.
    """

    name: str
    kind: str
    members: tuple[Member, ...]
    confidence: float
    warnings: tuple[str, ...] = ()

    @property
    def track_ids(self) -> tuple[str, ...]:
        """Its tracks, in project order."""
        return tuple(member.track_id for member in self.members)

    def evidence(self, track_id: str) -> str:
        """By what one of its tracks is known to be one."""
        return next(one.evidence for one in self.members if one.track_id == track_id)


@dataclass(frozen=True, slots=True)
class Objects:
    """What was found in a session: its objects, and sets of tracks that double each other."""

    found: tuple[Object, ...] = ()
    doubles: tuple[Object, ...] = ()

    def of(self, track_id: str) -> Object | None:
        """The object that a track belongs to, if it does to one."""
        return next((one for one in self.found if track_id in one.track_ids), None)


def listed(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Names as they stand in a sentence, the first ones of many.

    >>> listed(["Kick"]), listed(["A", "B", "C"]), listed(["A", "B", "C", "D"], most=2)
    ('Kick', 'A, B and C', 'A, B and 2 more')
    """
    shown = list(names[:most])
    last = f"{len(names) - most} more" if len(names) > most else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


NOTHING = Objects()
"""Nothing was found, or nothing was looked for."""
