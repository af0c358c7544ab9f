"""Whether what was learned holds: each song in turn is placed by what the others teach.

**Conventions**: errors are RMS over the tracks of a song, both balances freed of their means, dB.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from reaper_automix.learn.ear import fit
from reaper_automix.learn.observation import Song, asked_db
from reaper_automix.profiles import Profile

FEWEST_SONGS = 3
"""With fewer, one left out leaves too little to learn from."""

EQUAL = Profile("equal")


@dataclass(frozen=True, slots=True)
class Proof:
    """Song by song, how far three profiles are from the engineer's balance, dB.

    ``learned`` never knew the song it is scored on.
    """

    learned: tuple[float, ...]
    base: tuple[float, ...]
    equal: tuple[float, ...]

    @property
    def nearer(self) -> int:
        """In how many songs what was learned is nearer than the base."""
        return sum(mine < base for mine, base in zip(self.learned, self.base, strict=True))

    @property
    def holds(self) -> bool:
        """Whether what was learned says more than the base: nearer as a rule and in the middle."""
        in_the_middle = statistics.median(self.learned) < statistics.median(self.base)
        return in_the_middle and self.nearer >= 2 * len(self.learned) / 3


def leave_one_out(
    songs: Sequence[Song], base: Profile, strength: float | None = None
) -> Proof | None:
    """The proof of what :func:`~reaper_automix.learn.ear.fit` makes of songs; ``None``: too few."""
    if len(songs) < FEWEST_SONGS:
        return None
    learned = (
        fit((*songs[:left_out], *songs[left_out + 1 :]), base, strength).profile()
        for left_out in range(len(songs))
    )
    return Proof(
        tuple(error_db(profile, song) for profile, song in zip(learned, songs, strict=True)),
        tuple(error_db(base, song) for song in songs),
        tuple(error_db(EQUAL, song) for song in songs),
    )


def error_db(profile: Profile, song: Song) -> float:
    """How far a profile at its strength comes from where the engineer put the tracks of a song."""
    kept = 1.0 - profile.strength
    return statistics.pstdev(
        kept * track.raw_lufs + profile.strength * asked_db(profile, track) - track.placed_lufs
        for track in song
    )
