"""Which tracks a balance may move: what was selected, everything, or tracks by id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reaper_automix.errors import NothingToBalance
from reaper_automix.session import Session, Track

ScopeKind = Literal["selected", "all", "tracks"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a balance was asked for; ``tracks`` are the ids that kind ``tracks`` means."""

    kind: ScopeKind = "all"
    tracks: tuple[str, ...] = ()


def chosen(session: Session, scope: Scope) -> frozenset[str]:
    """Ids of the tracks whose faders may move; :class:`NothingToBalance` when there is none.

    A selected folder stands for everything inside it, once, whether or not that is selected too;
    its own fader stays, unless it lies in another selected folder.
    """
    meant, remedy = SCOPES[scope.kind]
    found = frozenset(meant(session, scope))
    if not found:
        raise NothingToBalance(remedy.format(session.name))
    return found


def _everything(session: Session, scope: Scope) -> Iterator[str]:
    yield from (track.id for track in session.tracks)


def _selected(session: Session, scope: Scope) -> Iterator[str]:
    for track in session.tracks:
        if track.selected:
            yield from _inside(session, track) or (track.id,)


def _named(session: Session, scope: Scope) -> Iterator[str]:
    yield from (track.id for track in session.tracks if track.id in scope.tracks)


def _inside(session: Session, folder: Track) -> list[str]:
    """Ids of everything in a folder at any depth; nothing for a track that is none."""
    inside = {folder.id: None}
    for track in session.tracks:
        if track.parent_id in inside:
            inside[track.id] = None
    return list(inside)[1:]


SCOPES: Mapping[ScopeKind, tuple[Callable[[Session, Scope], Iterator[str]], str]] = {
    "selected": (
        _selected,
        "No track of {} is selected; select tracks or a folder, or balance all tracks.",
    ),
    "all": (_everything, "{} has no tracks; there is nothing to balance."),
    "tracks": (_named, "None of the tracks asked for is in {} any more; choose others."),
}
"""What each kind of scope means, and the sentence for one that means nothing."""
