"""The stems there are: their order, what a new folder of each is called, its colour and its words.

:data:`STEMS` has one row per stem, in the order in which new folders stand. Words are what people
call a folder of all of a stem that has several roles; every other name of a folder says a role
("Toms", "Backing Vox"), which :mod:`reaper_automix.roles` knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from reaper_automix.roles import STEM_OF, Role, StemName

Color = tuple[int, int, int]
"""Red, green and blue, 0 … 255."""

FILLERS = frozenset(
    (
        *("all", "bus", "buss", "buses", "comp", "folder", "gr", "group", "groups", "grp", "main"),
        *("master", "mix", "ordner", "stem", "stems", "sub", "subgroup", "submix", "sum", "summe"),
        *("the", "tracks"),
    )
)
"""Words that say of a name only that a folder or a bus has it."""


@dataclass(frozen=True, slots=True)
class Stem:
    """One stem.

    ``words`` are names of its folder, without case, numbers and :data:`FILLERS`; none where every
    name of the stem is one of its only role.
    """

    name: StemName
    title: str
    color: Color
    words: tuple[str, ...] = ()


STEMS = (
    Stem(
        "drums",
        "Drums",
        (196, 78, 68),
        (
            *("drum", "drums", "drumkit", "drum kit", "drumset", "drum set", "kit", "drs"),
            *("schlagzeug", "batterie", "batteria", "bateria", "batería", "trommeln", "trommel"),
            *("ударные", "барабаны", "ドラム", "鼓"),
        ),
    ),
    Stem("percussion", "Percussion", (205, 118, 58)),
    Stem("bass", "Bass", (191, 150, 52)),
    Stem(
        "guitars",
        "Guitars",
        (122, 158, 66),
        (
            *("gtr", "gtrs", "git", "gits", "guit", "guits", "guitar", "guitars", "gitarre"),
            *("gitarren", "guitare", "guitares", "guitarra", "guitarras", "chitarra", "chitarre"),
            *("гитара", "гитары", "ギター", "吉他"),
        ),
    ),
    Stem(
        "keys",
        "Keys",
        (66, 158, 108),
        (
            *("key", "keys", "kbd", "kbds", "keyboard", "keyboards", "tasten", "claviers"),
            *("teclado", "teclados", "tastiere", "клавиши", "клавишные", "鍵盤"),
        ),
    ),
    Stem(
        "synths",
        "Synths",
        (54, 156, 160),
        (
            *("syn", "syns", "synth", "synths", "synthesizer", "synthesizers", "synthé", "synthés"),
            *("sintetizadores", "sintetizador", "синтезаторы", "синты", "シンセ"),
        ),
    ),
    Stem("strings", "Strings", (72, 126, 190)),
    Stem("brass", "Brass", (98, 104, 196)),
    Stem("woodwinds", "Woodwinds", (132, 92, 190)),
    Stem("vocals", "Vocals", (178, 82, 172)),
    Stem("backing vocals", "Backing Vocals", (200, 84, 132)),
    Stem("fx", "FX", (124, 130, 140)),
)
"""Every stem, in the order of new folders."""

BY_NAME: Mapping[StemName, Stem] = {stem.name: stem for stem in STEMS}
"""The stems by their name."""

RANK: Mapping[StemName, int] = {stem.name: place for place, stem in enumerate(STEMS)}
"""Where each stem stands in the order of new folders."""

_OF_WORDS = {word: stem.name for stem in STEMS for word in stem.words}
_ROLES = Counter(stem for stem in STEM_OF.values() if stem)


def called(name: str) -> StemName | None:
    """The stem that a folder of this name is for by its words; ``None`` where they say none.

    >>> called("01_DRUMS bus"), called("Gtrs (all)"), called("Toms")
    ('drums', 'guitars', None)
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = [word for word in re.split(r"[\W\d_]+", folded) if word and word not in FILLERS]
    return _OF_WORDS.get(" ".join(words))


def is_whole(role: Role) -> bool:
    """Whether the stem of a role has no other role, so that its folder is the stem's.

    >>> is_whole("bass"), is_whole("kick")
    (True, False)
    """
    stem = STEM_OF[role]
    return stem is not None and _ROLES[stem] == 1
