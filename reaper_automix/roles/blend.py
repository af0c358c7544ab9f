"""Name and sound weighed against each other.

The name gives its role a chance, and every other role a part of what is left, by how common it is
in sessions. Each chance is multiplied by how likely the sound is from that role (Bayes; the sum of
log-odds), and the likeliest role is the answer. So a sound that says nothing leaves a name as sure
as it was, and the surer a name is, the more it takes to overrule it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from reaper_automix.roles.names import LEAST
from reaper_automix.roles.vocabulary import UNKNOWN, By, Guess, Role

COMMON: Final[Mapping[Role, float]] = {
    **{"kick": 5, "snare": 5, "tom": 5, "hi-hat": 3, "ride": 3, "overhead": 5, "room": 3},
    **{"percussion": 6, "bass": 7, "acoustic guitar": 6, "electric guitar": 12, "keys": 6},
    **{"organ": 2, "synth": 7, "pad": 4, "strings": 4, "brass": 4, "woodwind": 3},
    **{"lead vocal": 5, "backing vocal": 7, "effect return": 2, "click": 1, "other": 2},
}
"""How many of a hundred or so tracks have a role (our estimate)."""


def blended(named: Guess, likelihoods: Mapping[Role, float]) -> Guess:
    """The likeliest role for a name and a sound; none where nothing is likelier than not.

    ``likelihoods`` are ratios per role (:func:`reaper_automix.roles.sound.likelihoods`); a role
    without one is as likely as on average.
    """
    if not likelihoods:
        return named
    chances = {
        role: chance * likelihoods.get(role, 1.0) for role, chance in _chances(named).items()
    }
    role = max(chances, key=lambda role: chances[role])
    confidence = chances[role] / math.fsum(chances.values())
    if confidence < LEAST:
        return UNKNOWN
    return Guess(role, confidence, _by(named, role, likelihoods))


def _chances(named: Guess) -> dict[Role, float]:
    """The chance of every role as the name has it, without one as common as it is."""
    others = {role: common for role, common in COMMON.items() if role != named.role}
    left = (1.0 - named.confidence) / math.fsum(others.values())
    chances = {role: common * left for role, common in others.items()}
    return chances if named.role is None else {named.role: named.confidence, **chances}


def _by(named: Guess, role: Role, likelihoods: Mapping[Role, float]) -> By:
    if role != named.role:
        return "sound"
    return "both" if likelihoods.get(role, 1.0) > 1.0 else "name"
