"""The words that everything about roles is said in: roles, stems, and a guess at a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from reaper_automix.features import Features

Role = Literal[
    "kick",
    "snare",
    "tom",
    "hi-hat",
    "ride",
    "overhead",
    "room",
    "percussion",
    "bass",
    "acoustic guitar",
    "electric guitar",
    "keys",
    "organ",
    "synth",
    "pad",
    "strings",
    "brass",
    "woodwind",
    "lead vocal",
    "backing vocal",
    "effect return",
    "click",
    "other",
]
"""What a track is in a mix. "ride" is any single cymbal, "overhead" also a whole kit on one track
(what the overheads hear), "click" also a reference or a mix, "other" something known that is none
of these: an audience, a scratched record."""

StemName = Literal[
    "drums",
    "percussion",
    "bass",
    "guitars",
    "keys",
    "synths",
    "strings",
    "brass",
    "woodwinds",
    "vocals",
    "backing vocals",
    "fx",
]
"""The stems that tracks are sorted into."""

By = Literal["name", "sound", "both", ""]
"""What a guess rests on; nothing where there is no guess."""

STEM_OF: Mapping[Role, StemName | None] = MappingProxyType(
    {
        "kick": "drums",
        "snare": "drums",
        "tom": "drums",
        "hi-hat": "drums",
        "ride": "drums",
        "overhead": "drums",
        "room": "drums",
        "percussion": "percussion",
        "bass": "bass",
        "acoustic guitar": "guitars",
        "electric guitar": "guitars",
        "keys": "keys",
        "organ": "keys",
        "synth": "synths",
        "pad": "synths",
        "strings": "strings",
        "brass": "brass",
        "woodwind": "woodwinds",
        "lead vocal": "vocals",
        "backing vocal": "backing vocals",
        "effect return": "fx",
        "click": None,
        "other": None,
    }
)
"""The stem that a role belongs to; ``None`` for what is in no stem."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a track is taken for, ``None`` where nothing says it.

    ``confidence`` 0 … 1 is the chance that the role is right, 0 where there is none.
    """

    role: Role | None
    confidence: float
    by: By


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a track: its name, the folders it is in (outermost first), its sound."""

    name: str
    folders: tuple[str, ...] = ()
    features: Features | None = None


UNKNOWN = Guess(None, 0.0, "")
"""No guess: a result like any other, to be listed."""
