"""Why a track stays where it is, whatever it plays, and what putting one into a folder would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from reaper_automix import pan
from reaper_automix.routing import Routing
from reaper_automix.session import Session, Track
from reaper_automix.units import db_from_gain

Applies = Callable[[Session, Routing, Track], bool]

REASONS: tuple[tuple[Applies, str], ...] = (
    (
        lambda session, routing, track: routing.kind[track.id] == "bus",
        "Other tracks lead into it, so it is a bus and no source.",
    ),
    (
        lambda session, routing, track: not track.main_send,
        "Its main send is off, so it would not pass through a folder.",
    ),
    (
        lambda session, routing, track: track.locked,
        "Locked; unlock its controls to have it moved.",
    ),
    (
        lambda session, routing, track: track.frozen,
        "Frozen; unfreeze it to have it moved.",
    ),
    (
        lambda session, routing, track: track.vca_follower,
        "It follows a VCA, which groups it already.",
    ),
    (
        lambda session, routing, track: (
            track.grouped and not (track.items or track.receives or track.folder)
        ),
        "It leads a group and plays nothing.",
    ),
)
"""What keeps a track of the top level where it is, in the order in which it is told."""

CLOSED: tuple[tuple[Callable[[Track], bool], str], ...] = (
    (lambda folder: folder.mute, "muted"),
    (lambda folder: not folder.main_send, "not sent to what it lies in"),
    (lambda folder: folder.locked, "locked"),
    (lambda folder: folder.frozen, "frozen"),
)
"""Why nothing is put into a folder."""

PASSAGE: tuple[tuple[Callable[[Session, Track], bool], Callable[[Track], str]], ...] = (
    (
        lambda session, folder: folder.fader_gain != 1.0,
        lambda folder: f"a fader at {db_from_gain(abs(folder.fader_gain)):+.1f} dB",
    ),
    (lambda session, folder: bool(folder.active_fx), lambda folder: "effects"),
    (
        lambda session, folder: not np.array_equal(pan.matrix(folder, session), np.eye(2)),
        lambda folder: "a pan",
    ),
    (
        lambda session, folder: _is_automated(folder),
        lambda folder: "automation",
    ),
    (lambda session, folder: folder.phase_inverted, lambda folder: "its polarity flipped"),
    (lambda session, folder: folder.play_offset_s != 0.0, lambda folder: "a delay"),
    (lambda session, folder: folder.vca_follower, lambda folder: "a VCA"),
)
"""What a folder does to all that passes through it, and how that is called."""


def reason_to_stay(session: Session, routing: Routing, track: Track) -> str | None:
    """Why a track at the top stays there, as a sentence; ``None``: it may move."""
    reasons = (sentence for applies, sentence in REASONS if applies(session, routing, track))
    return next(reasons, None)


def closed(folders: Sequence[Track]) -> str | None:
    """Why nothing can be put into the innermost of these folders, each in the one before."""
    for folder in folders:
        for applies, word in CLOSED:
            if applies(folder):
                return f"{folder.name} is {word}, so nothing is put into it."
    return None


def passage(session: Session, folders: Sequence[Track], track: Track) -> str:
    """What these folders do to a track that comes to lie in them, as a sentence; empty: nothing."""
    told = ((folder, list(_does(session, folder, track))) for folder in folders)
    parts = [f"{folder.name} ({', '.join(words)})" for folder, words in told if words]
    return f"It will sound through {' and '.join(parts)}." if parts else ""


def destinations(session: Session, routing: Routing) -> dict[str, list[str]]:
    """Where the sound of every track goes next, by id: the goals of its sends, and its home."""
    goals: dict[str, list[str]] = {}
    for track in session.tracks:
        for receive in track.receives:
            goals.setdefault(receive.source_id, []).append(track.id)
        home = routing.home.get(track.id)
        if home is not None:
            goals.setdefault(track.id, []).append(home)
    return goals


def reaches(track_id: str, other_id: str, goals: Mapping[str, Sequence[str]]) -> bool:
    """Whether the sound of a track arrives at another, which in it would feed itself."""
    reached, pending = {track_id}, [track_id]
    while pending:
        for goal in goals.get(pending.pop(), ()):
            if goal == other_id:
                return True
            if goal not in reached:
                reached.add(goal)
                pending.append(goal)
    return False


def _does(session: Session, folder: Track, track: Track) -> Iterator[str]:
    yield from (word(folder) for applies, word in PASSAGE if applies(session, folder))
    if folder.channels < track.channels:
        yield f"{folder.channels} channels"


def _is_automated(folder: Track) -> bool:
    envelopes = folder.volume, folder.pre_fx_volume, folder.trim_volume
    return any(envelopes) or folder.pan_automated or folder.mute_automated
