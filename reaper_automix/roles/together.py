"""What the names of a session say beside each other.

*Anna Vox* alone is as good a lead as any; beside a *Vox* that bears no one's name, or a *Lead Vox*,
Anna sings along. Where every name has the same word before it (that of the song, say) none differs,
and nothing is taken from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reaper_automix.roles.names import SURE
from reaper_automix.roles.signs import Signs, signs_of
from reaper_automix.roles.vocabulary import Evidence, Guess

SINGS_ALONG: Final = 0.65
"""How often a voice with a name is a backing vocal where another has none (our estimate)."""

_NAMED_VOICE: Final[Signs] = frozenset({"vocal", "somebody"})


def compared(tracks: Sequence[Evidence], guesses: Sequence[Guess]) -> tuple[Guess, ...]:
    """The guesses of the tracks one by one, corrected by what the others are called."""
    named = [_is_named_voice(track, guess) for track, guess in zip(tracks, guesses, strict=True)]
    leads = (guess.role == "lead vocal" for guess in guesses)
    if not any(lead and not by_name for lead, by_name in zip(leads, named, strict=True)):
        return tuple(guesses)
    return tuple(
        Guess("backing vocal", SINGS_ALONG, guess.by) if by_name else guess
        for guess, by_name in zip(guesses, named, strict=True)
    )


def _is_named_voice(track: Evidence, guess: Guess) -> bool:
    """Whether a track is a lead only for want of a word, and has somebody's name."""
    unsure = guess.role == "lead vocal" and guess.by != "sound" and guess.confidence < SURE
    return unsure and signs_of(track.name) >= _NAMED_VOICE
