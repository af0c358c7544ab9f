"""Makes a profile from finished mixes: where, by role, engineers put the tracks of some songs.

The model is the one that :mod:`.wishes` applies. Inside a song, a track of a role that k tracks
share stands at ``role + stem - share * 10 * log10(k)`` above the average track. Offsets of roles
and stems are shrunk: a role that few songs have stays near its stem, a stem near nothing at all,
or both near a profile that was known before. Every song counts the same, however many its tracks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reaper_automix.profiles.profile import Profile
from reaper_automix.roles import STEM_OF, Role

Column = tuple[str, str]
"""``("role", "kick")`` or ``("stem", "drums")``."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A track of a finished mix: its role, and the level at which it stands, LUFS."""

    role: Role | None
    level_lufs: float


Song = Sequence[Placed]


def fit(
    songs: Sequence[Song],
    name: str,
    *,
    shrink: float = 0.02,
    share: float = 1.0,
    strength: float = 1.0,
    near: Profile | None = None,
) -> Profile:
    """The profile by which some songs were mixed.

    ``shrink`` is the penalty on an offset relative to the spread of a song's tracks: 0 believes
    the songs, 1 hardly. ``near`` is a profile that offsets shrink to instead of to nothing.
    """
    columns = sorted({column for song in songs for placed in song for column in _columns(placed)})
    matrix, wanted = shrink * np.eye(len(columns)), np.zeros(len(columns))
    for song in songs:
        marks, levels = _centred(song, columns, share, near)
        matrix += marks.T @ marks / len(song) / len(songs)
        wanted += marks.T @ levels / len(song) / len(songs)
    offsets = dict(zip(columns, np.linalg.solve(matrix, wanted).tolist(), strict=True))
    return _profile(offsets, Profile(name, name, strength, share), near)


def _columns(placed: Placed) -> tuple[Column, ...]:
    """What a track's level is put down to; nothing for one of no role."""
    if placed.role is None:
        return ()
    stem = STEM_OF[placed.role]
    own: Column = ("role", placed.role)
    return (own,) if stem is None else (own, ("stem", stem))


def _centred(
    song: Song, columns: Sequence[Column], share: float, near: Profile | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Which columns each track has, and its level freed of its share, both about their means."""
    count = Counter(placed.role for placed in song)
    levels = np.array(
        [
            placed.level_lufs + share * _below_db(placed, count) - _known_db(placed, near)
            for placed in song
        ]
    )
    marks = np.array([[column in _columns(placed) for column in columns] for placed in song], float)
    return marks - marks.mean(axis=0), levels - levels.mean()


def _below_db(placed: Placed, count: Counter[Role | None]) -> float:
    """How far a track stands below its role as a whole; tracks of no role share nothing."""
    return 0.0 if placed.role is None else 10.0 * math.log10(count[placed.role])


def _known_db(placed: Placed, near: Profile | None) -> float:
    return (near.offset_db(placed.role) if near else None) or 0.0


def _profile(offsets: dict[Column, float], bare: Profile, near: Profile | None) -> Profile:
    """The offsets as a profile, the mean of its roles at 0 dB."""
    known = near or Profile("nothing")
    stems = {
        stem: offsets.get(("stem", stem), 0.0) + known.stems.get(stem, 0.0)
        for stem in dict.fromkeys(STEM_OF.values())
        if stem is not None and (("stem", stem) in offsets or stem in known.stems)
    }
    roles = {
        role: offsets.get(("role", role), 0.0)
        + offsets.get(("stem", stem or ""), 0.0)
        + (known.offset_db(role) or 0.0)
        for role, stem in STEM_OF.items()
        if ("role", role) in offsets or role in known.roles
    }
    mean = math.fsum(roles.values()) / len(roles) if roles else 0.0
    return replace(
        bare,
        roles={role: round(offset - mean, 1) for role, offset in roles.items()},
        stems={stem: round(offset - mean, 1) for stem, offset in stems.items()},
    )
