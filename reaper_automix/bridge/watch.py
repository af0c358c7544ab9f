"""What changes in an open project, in words, as long as somebody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from reaper_automix.bridge.project import LiveProject
from reaper_automix.session import Session, Track

EVERY_S = 0.25


def watch(project: LiveProject, wait: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Lines about the project as it changes; never ends by itself."""
    seen, before = project.status(), project.snapshot()
    yield _header(before)
    while True:
        wait(EVERY_S)
        status = project.status()
        if status == seen:
            continue
        now = project.snapshot()
        is_another = status["project"] != seen["project"]
        yield from [_header(now)] if is_another else changes(before, now)
        seen, before = status, now


def changes(before: Session, now: Session) -> Iterator[str]:
    """What differs between two states of a project, a line per track.

    >>> from reaper_automix.session import Session, Track
    >>> bass = Track("{1}", "Bass")
    >>> list(changes(Session("Song", (bass,)), Session("Song", ())))
    ['Bass: deleted']
    """
    old = {track.id: track for track in before.tracks}
    for track in now.tracks:
        if track.id not in old:
            yield f"{track.name}: new"
        elif old[track.id] != track:
            yield f"{track.name}: {_difference(old[track.id], track)}"
    kept = {track.id for track in now.tracks}
    yield from (f"{track.name}: deleted" for track in before.tracks if track.id not in kept)


def _difference(before: Track, now: Track) -> str:
    if before.fader_gain != now.fader_gain:
        return f"fader {before.fader_db:.1f} dB to {now.fader_db:.1f} dB"
    if before.name != now.name:
        return f"was called {before.name}"
    if before.selected != now.selected:
        return "selected" if now.selected else "no longer selected"
    return "edited"


def _header(session: Session) -> str:
    return f"{session.name or 'A project without a name'}: {len(session.tracks)} tracks"
