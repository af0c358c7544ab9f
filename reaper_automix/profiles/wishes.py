"""What a profile asks of the tracks of a session, by what each is taken for.

**Conventions**: wishes are dB above the session's average track; only differences count. They
depend on what tracks are and on nothing that a fader changes, so that a second run asks the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from reaper_automix.profiles.profile import Profile
from reaper_automix.roles import Guess


def wanted_db(profile: Profile, guesses: Mapping[str, Guess]) -> dict[str, float]:
    """What is asked of every track, by id.

    A track of no role, or of one that the profile has no wish for, is taken for an average one,
    and so is any other as far as its guess is not sure. Nothing is asked where no role is known.

    >>> quartet = {"a": Guess("kick", 1.0, "name"), "b": Guess("bass", 1.0, "name")}
    >>> wanted_db(Profile("one", roles={"kick": -2.0, "bass": 2.0}), quartet)
    {'a': -2.0, 'b': 2.0}
    """
    asked = _alone_db(profile, guesses)
    sure = {track: guesses[track].confidence for track in asked}
    weight = math.fsum(sure.values())
    if not weight:
        return {}
    mean = math.fsum(sure[track] * offset for track, offset in asked.items()) / weight
    return {
        track: sure[track] * (asked[track] - mean) if track in asked else 0.0 for track in guesses
    }


def _alone_db(profile: Profile, guesses: Mapping[str, Guess]) -> dict[str, float]:
    """The offset of every track that a profile has a wish for, its share of the role's level."""
    count = Counter(guess.role for guess in guesses.values())
    offsets = {track: profile.offset_db(guess.role) for track, guess in guesses.items()}
    return {
        track: offset - profile.share * 10.0 * math.log10(count[guesses[track].role])
        for track, offset in offsets.items()
        if offset is not None
    }


def together_db(wishes: Collection[float]) -> float:
    """What is asked of a folder: the power of what is asked of the tracks in it.

    So a session in folders comes out as the same tracks without folders do.

    >>> round(together_db([0.0, 0.0]), 2)
    3.01
    """
    return 10.0 * math.log10(math.fsum(10.0 ** (wish / 10.0) for wish in wishes))


def centred(wishes: Mapping[str, float]) -> dict[str, float]:
    """The same wishes relative to their mean.

    >>> centred({"a": 1.0, "b": 3.0})
    {'a': -1.0, 'b': 1.0}
    """
    mean = math.fsum(wishes.values()) / len(wishes)
    return {one: wish - mean for one, wish in wishes.items()}


USUAL_TRACKS = 40
"""Tracks that an ordinary session counts as much as, beside those of the session itself."""


def strength(profile: Profile, groups: Sequence[Sequence[float]]) -> float:
    """How far to go from the balance that is there, 0 … 1.

    ``groups`` are, group by group, where sources stand before the balance in dB, each less what it
    is asked for. A finished balance stands about the wishes with the standard deviation ``s`` =
    ``spread_db`` of the profile; raw levels add a deviation of their own, which says nothing. Of
    the sum v of both variances the share 1 - s²/v is such, and that is how far the best guess of
    the finished balance lies from what is there (a regression towards the wishes). An ordinary
    session's v = s² / (1 - ``strength``) counts as :data:`USUAL_TRACKS` more tracks.

    >>> one = Profile("one", strength=0.4, spread_db=4.0, roles={"kick": 1.0})
    >>> strength(one, []), round(strength(one, [[-12.0, 12.0] * 20]), 2)
    (0.4, 0.81)
    """
    if profile.spread_db is None or profile.strength >= 1.0:
        return profile.strength
    finished = profile.spread_db**2
    usual = finished / (1.0 - profile.strength)
    squares, count = USUAL_TRACKS * usual, float(USUAL_TRACKS)
    for group in groups:
        mean = math.fsum(group) / max(1, len(group))
        squares += math.fsum((one - mean) ** 2 for one in group)
        count += max(0, len(group) - 1)
    return max(0.0, 1.0 - finished * count / squares)
