"""What a finished project says about its engineer's ear: where each of its tracks was put.

**Conventions**: ``raw_lufs`` is the level at the fader's input, ``fader_db`` all faders from there
to the master, so that a track stands at ``raw_lufs + fader_db``. Only differences inside a song
count: moving all faders of a song together, or all of its sources, says nothing.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

from reaper_automix.profiles import Profile
from reaper_automix.roles import Role


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """One track of a finished project.

    ``sharing`` is how many tracks of the project have its role, itself among them. ``trust``
    (0 … 1) is how much it counts: a track of trust 0.5 counts half.
    """

    role: Role
    raw_lufs: float
    fader_db: float
    sharing: int = 1
    trust: float = 1.0

    @property
    def placed_lufs(self) -> float:
        """Where the engineer put it."""
        return self.raw_lufs + self.fader_db


Song = tuple[Observation, ...]
"""The observations of one project."""


def asked_db(profile: Profile, track: Observation) -> float:
    """Where a profile wants a track, relative to the average of its roles.

    >>> asked_db(Profile("one", roles={"bass": 3.0, "kick": 1.0}), Observation("bass", -20.0, 0.0))
    1.0
    """
    if profile.is_equal:
        return 0.0
    offset = profile.offset_db(track.role)
    apart = average_db(profile) if offset is None else offset
    return apart - average_db(profile) - shared_db(profile.share, track)


def shared_db(share: float, track: Observation) -> float:
    """How far a track stands below its role as a whole, because others have that role too."""
    return share * 10.0 * math.log10(track.sharing)


def average_db(profile: Profile) -> float:
    """What a track of no wish is taken for."""
    offsets = profile.roles or profile.stems
    return statistics.fmean(offsets.values()) if offsets else 0.0
