"""Locks: which tracks the engineer pinned to where they are, and by what.

A track is locked by a tag in its name, by its colour or by a mark of its own (``P_EXT``, which the
action *Lock selected tracks* sets). What lies in a locked folder, or feeds a locked bus, is locked
along with it, so that its inside balance stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reaper_automix.routing import Routing
from reaper_automix.session import Session, Track
from reaper_automix.settings import Settings

By = Literal["name", "color", "mark", "folder"]


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks a track; ``sign`` is the tag, the colour, or the name of the folder."""

    by: By
    sign: str = ""


def locks(session: Session, flow: Routing, settings: Settings) -> dict[str, Lock]:
    """The lock of every track that has one, by id; its own before that of what it lies in."""
    own = {track.id: lock for track in session.tracks if (lock := _own(track, settings))}
    found = dict(own)
    for track in session.tracks if own else ():
        around = (one for one in _around(session, flow, track) if one.id in own)
        if track.id not in own and (folder := next(around, None)):
            found[track.id] = Lock("folder", folder.name)
    return found


def _own(track: Track, settings: Settings) -> Lock | None:
    """What is on the track itself."""
    if tag := next(_tags(track.name, settings.lock_tags), None):
        return Lock("name", tag)
    color = f"#{track.color & 0xFFFFFF:06x}"
    if track.color and color in settings.lock_colors:
        return Lock("color", color)
    return Lock("mark") if track.pinned else None


def _tags(name: str, tags: Iterable[str]) -> Iterator[str]:
    """The tags that stand in a name as words of their own, so that ``#lock`` is in no ``#locker``.

    >>> list(_tags("Kick [LOCK] #locker", ("[lock]", "#lock")))
    ['[lock]']
    """
    for tag in tags:
        before, after = (r"(?<!\w)" * tag[0].isalnum(), r"(?!\w)" * tag[-1].isalnum())
        if re.search(f"{before}{re.escape(tag)}{after}", name, re.IGNORECASE):
            yield tag


def _around(session: Session, flow: Routing, track: Track) -> list[Track]:
    """The folders that a track lies in and the buses that it feeds, the nearest first."""
    reached = [track]
    for inner in reached:
        outside = (inner.parent_id, flow.home.get(inner.id))
        outer = [session.track(one) for one in dict.fromkeys(outside) if one is not None]
        reached += [one for one in outer if one not in reached]
    return reached[1:]
