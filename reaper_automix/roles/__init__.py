"""What a track is in a mix, from its name and from its sound.

:func:`guess` answers for one track with a role and a confidence, :func:`guesses` for the tracks of
a session, whose names are also read beside each other. Name and sound overrule each other by their
confidence; what neither knows has no role, and is to be listed instead of guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from reaper_automix.features import Features
from reaper_automix.roles.blend import blended
from reaper_automix.roles.names import from_name
from reaper_automix.roles.sound import likelihoods
from reaper_automix.roles.together import compared
from reaper_automix.roles.vocabulary import STEM_OF, UNKNOWN, By, Evidence, Guess, Role, StemName

__all__ = [
    "STEM_OF",
    "UNKNOWN",
    "By",
    "Evidence",
    "Guess",
    "Role",
    "StemName",
    "guess",
    "guesses",
]


def guess(name: str, folders: Sequence[str] = (), features: Features | None = None) -> Guess:
    """What a track is, from its name, the folders it is in (outermost first) and its sound.

    Without ``features`` only the names count.

    >>> guess("OH L")
    Guess(role='overhead', confidence=0.93, by='name')
    >>> guess("Audio 07").role is None
    True
    """
    named = from_name(name, folders)
    return blended(named, likelihoods(features)) if features else named


def guesses(tracks: Sequence[Evidence]) -> tuple[Guess, ...]:
    """What each track of a session is, in their order.

    >>> [one.role for one in guesses((Evidence("Vox"), Evidence("Anna Vox")))]
    ['lead vocal', 'backing vocal']
    """
    found = [guess(track.name, track.folders, track.features) for track in tracks]
    return compared(tracks, found)
