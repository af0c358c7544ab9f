"""What the name of a track, and of the folders it is in, says about its role.

The words of a name are signs (:mod:`.signs`), and the first row of :data:`RULES` whose signs are
all there says the role. A name that says little (*Room*, *Vox 2*, *Close*) is read together with
its folders.

**Conventions**: numbers, sides, microphones and takes do not count. A whole kit on one track is an
overhead, which hears the same; a bus or a room of an instrument is that instrument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, get_args

from reaper_automix.roles.signs import Sign, Signs, signs_of
from reaper_automix.roles.vocabulary import UNKNOWN, Guess, Role

SURE: Final = 0.85
"""A role less sure than this is looked at again together with the folders."""

LEAST: Final = 0.5
"""A role less sure than this is no answer."""


class Rule(NamedTuple):
    """What a name is that bears all of some signs, and how often that is right (our estimate)."""

    signs: Signs
    role: Role
    confidence: float


_SIGNS: Final[Mapping[str, Sign]] = {sign: sign for sign in get_args(Sign)}


def _rule(signs: str, role: Role, confidence: float) -> Rule:
    return Rule(frozenset(_SIGNS[sign] for sign in signs.split(" + ")), role, confidence)


RULES: tuple[Rule, ...] = (
    _rule("reverb", "effect return", 0.92),
    _rule("click", "click", 0.95),
    # Before the kit: a room or a "Tom" beside another instrument is not of the kit.
    _rule("percussion", "percussion", 0.92),
    _rule("pad + kit", "percussion", 0.55),
    _rule("pad", "pad", 0.9),
    _rule("woodwind", "woodwind", 0.93),
    _rule("brass", "brass", 0.93),
    _rule("vocal + choir", "backing vocal", 0.95),
    _rule("vocal + back", "backing vocal", 0.95),
    _rule("vocal + place", "effect return", 0.75),
    _rule("lead vocal + back", "backing vocal", 0.6),
    _rule("lead vocal + choir", "backing vocal", 0.6),
    _rule("lead vocal + place", "effect return", 0.75),
    _rule("lead vocal", "lead vocal", 0.96),
    _rule("vocal + lead", "lead vocal", 0.96),
    _rule("vocal + bass", "backing vocal", 0.6),
    _rule("vocal + register", "backing vocal", 0.6),
    _rule("vocal + somebody", "lead vocal", 0.6),
    _rule("vocal", "lead vocal", 0.8),
    _rule("acoustic guitar", "acoustic guitar", 0.92),
    _rule("electric guitar", "electric guitar", 0.92),
    _rule("guitar + acoustic", "acoustic guitar", 0.95),
    _rule("guitar + electric", "electric guitar", 0.95),
    _rule("bass", "bass", 0.93),
    _rule("guitar + place", "effect return", 0.7),
    _rule("guitar + lead", "electric guitar", 0.9),
    _rule("guitar + amp", "electric guitar", 0.9),
    _rule("guitar + solo", "electric guitar", 0.85),
    _rule("guitar + rhythm", "electric guitar", 0.8),
    _rule("guitar", "electric guitar", 0.7),
    _rule("organ", "organ", 0.93),
    _rule("piano", "keys", 0.93),
    _rule("strings", "strings", 0.9),
    # The kit. Hats and cymbals have no rooms of their own: "DrRm Ride" was recorded in one.
    _rule("overhead", "overhead", 0.93),
    _rule("kick + room", "room", 0.85),
    _rule("snare + room", "room", 0.85),
    _rule("tom + room", "room", 0.85),
    _rule("kick + place", "effect return", 0.75),
    _rule("snare + place", "effect return", 0.8),
    _rule("kick + snare", "overhead", 0.6),
    _rule("kick", "kick", 0.95),
    _rule("snare", "snare", 0.95),
    _rule("hat", "hi-hat", 0.95),
    _rule("cymbal", "ride", 0.9),
    _rule("tom", "tom", 0.93),
    _rule("kit + room", "room", 0.93),
    _rule("kit + place", "effect return", 0.7),
    _rule("synth", "synth", 0.84),
    _rule("keys", "keys", 0.84),
    _rule("kit + numbered t", "tom", 0.85),
    _rule("kit + sub", "kick", 0.6),
    _rule("kit", "overhead", 0.7),
    _rule("room", "room", 0.75),
    # Words that can mean several things
    _rule("choir", "backing vocal", 0.9),
    _rule("back + lead", "backing vocal", 0.6),
    _rule("sub", "bass", 0.7),
    _rule("numbered t", "tom", 0.6),
    _rule("bell", "percussion", 0.55),
    _rule("acoustic", "acoustic guitar", 0.75),
    _rule("electric", "electric guitar", 0.65),
    _rule("sfx", "effect return", 0.7),
    _rule("other", "other", 0.7),
    _rule("print", "click", 0.8),
    _rule("place", "effect return", 0.6),
    _rule("modulation", "effect return", 0.6),
    _rule("amp", "electric guitar", 0.55),
    _rule("rhythm", "electric guitar", 0.6),
    _rule("solo", "electric guitar", 0.55),
    _rule("lead", "lead vocal", 0.55),
    _rule("register", "backing vocal", 0.55),
    _rule("back", "backing vocal", 0.55),
    _rule("loop", "overhead", 0.5),
    _rule("bus", "effect return", 0.6),
)
"""The first row that fits says the role."""

_WHAT_IS_DONE: Final[Signs] = frozenset({"reverb", "place", "sfx", "click", "print", "bus"})
"""What a folder says only about tracks whose own names say nothing."""

OUTWARD: Final = 0.95
"""How far a folder can be believed against one further in, or against the track's own name."""


def from_name(name: str, folders: Sequence[str] = ()) -> Guess:
    """The role that a name says, read with the names of its folders (outermost first).

    >>> from_name("Kik In 01").role
    'kick'
    >>> from_name("L", folders=("Drums", "Toms")).role
    'tom'
    """
    signs = signs_of(name)
    found = _said_by(signs)
    trust = 1.0
    for folder in reversed(folders):
        if found.confidence >= SURE:
            break
        trust *= OUTWARD
        signs |= signs_of(folder) - (_WHAT_IS_DONE if found.role else frozenset())
        found = _closer(found, _said_by(signs, trust))
    return found if found.confidence >= LEAST else UNKNOWN


def _said_by(signs: Signs, trust: float = 1.0) -> Guess:
    for rule in RULES:
        if rule.signs <= signs:
            return Guess(rule.role, rule.confidence * trust, "name")
    return UNKNOWN


def _closer(found: Guess, with_folder: Guess) -> Guess:
    """What a name is when its folder is read too, which cannot make it less sure of itself."""
    if with_folder.role == found.role:
        return max(found, with_folder, key=lambda guess: guess.confidence)
    return with_folder if with_folder.role else found
