"""What the words of a text say: a text is cut into words, and those that are known are signs.

**Conventions**: case, accents and punctuation do not count. Words may be glued together
(``SnareTop``, ``acgtr``, ``电吉他左``); what is glued to something unknown is not taken apart.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Final, Literal, cast

Sign = Literal[
    "kick",
    "snare",
    "tom",
    "numbered t",
    "hat",
    "cymbal",
    "overhead",
    "room",
    "kit",
    "loop",
    "percussion",
    "bell",
    "bass",
    "sub",
    "guitar",
    "acoustic",
    "electric",
    "acoustic guitar",
    "electric guitar",
    "amp",
    "solo",
    "rhythm",
    "piano",
    "keys",
    "organ",
    "synth",
    "pad",
    "strings",
    "brass",
    "woodwind",
    "vocal",
    "somebody",
    "lead vocal",
    "lead",
    "back",
    "choir",
    "register",
    "reverb",
    "place",
    "modulation",
    "sfx",
    "bus",
    "click",
    "print",
    "other",
    "plain",
]
"""What a word can say; a table of ``words.toml`` each. "plain" words say nothing about the role:
microphones, sides, takes. "somebody" is the one that stands in no table: an unknown word before one
for a voice is taken for its singer."""

Signs = frozenset[Sign]

NONE: Final[Signs] = frozenset()


@lru_cache(maxsize=4096)
def signs_of(text: str) -> Signs:
    """Every sign that the words of a text bear.

    >>> sorted(signs_of("01_LeadSynth (take 2).wav")), signs_of("Audio 7")
    (['synth'], frozenset())
    """
    words = words_of(text)
    signs: set[Sign] = set()
    at, name = 0, False
    while at < len(words):
        length, found = _phrase(words[at : at + _LONGEST_PHRASE])
        signs |= found | ({"somebody"} if name and "vocal" in found else NONE)
        name |= not found and len(words[at]) >= _SHORTEST_NAME and words[at].isalpha()
        at += length
    return frozenset(signs - {"plain"})


_SHORTEST_NAME: Final = 3
"""Letters of the shortest word that is taken for a name; fewer are an abbreviation."""

_LONGEST_PHRASE: Final = 3
"""Words of the longest phrase in the tables."""


def _phrase(words: Sequence[str]) -> tuple[int, Signs]:
    """How many of the words make up the longest known phrase, and what it says."""
    for length in range(len(words), 0, -1):
        if found := _known(" ".join(words[:length])):
            return length, found
    return 1, NONE


def _known(phrase: str) -> Signs:
    """What a phrase says, also in the plural; nothing where it is not known."""
    table = _table()
    singular = phrase.removesuffix("s")
    return table.get(phrase) or table.get(singular, NONE)


@cache
def _table() -> Mapping[str, Signs]:
    """What every known word or phrase (its words with blanks between) says."""
    text = files(__package__).joinpath("words.toml").read_text("utf-8")
    table: dict[str, Signs] = {}
    for sign, words in cast("Mapping[Sign, str]", tomllib.loads(text)).items():
        for word in words.split():
            key = " ".join(run.casefold() for run in _RUN.findall(_unaccented(word)))
            table[key] = table.get(key, NONE) | {sign}
    return _guitars_of_kind(table) | table


_KIND_OF_GUITAR: Final[Mapping[str, Sign]] = {
    **{"a": "acoustic", "ac": "acoustic", "e": "electric", "el": "electric"},
}


def _guitars_of_kind(table: Mapping[str, Signs]) -> dict[str, Signs]:
    """``e gtr``, ``agit`` and the like: letters that mean something before a guitar alone."""
    guitars = [word for word, signs in table.items() if "guitar" in signs and " " not in word]
    return {
        f"{letters}{blank}{guitar}": frozenset[Sign]({sign, "guitar"})
        for (letters, sign), blank, guitar in product(_KIND_OF_GUITAR.items(), ("", " "), guitars)
    }


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, without case and accents.

    >>> words_of("01_KickIn (take 2).wav")
    ('01', 'kick', 'in', 'take', '2')
    """
    bare = _FILE_TYPE.sub("", text)
    runs = _RUN.findall(_LONG_DRAWN.sub(r"\1\1", _unaccented(bare)))
    return tuple(word for run in runs for word in _cut(run))


_FILE_TYPE = re.compile(r"\.(wave?|w64|rf64|bwf|aiff?|aifc|flac|mp3|ogg|opus|m4a|wv|midi?)$", re.I)

_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}", re.I)
"""A letter three times or more, as in *aaaah*."""

_HAN_KANA_HANGUL = "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_RUN = re.compile(rf"\d+|[{_HAN_KANA_HANGUL}]+|[^\W\d_{_HAN_KANA_HANGUL}]+")
"""A run of digits, of characters that need no blanks between words, or of other letters."""

_VOICED_MARKS: Final = "\u3099\u309a"
"""They make another syllable of a Japanese one and are no accents."""

_PLAIN_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "œ": "oe", "æ": "ae"})


def _unaccented(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    kept = (c for c in apart if c in _VOICED_MARKS or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept)).translate(_PLAIN_LETTERS)


_HUMP = re.compile(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s$)")
"""Where CamelCase says that a word begins; the *s* of ``OHs`` is a plural."""


def _cut(run: str) -> Sequence[str]:
    """The words that a run is made of: itself, as its capitals say, or known ones glued."""
    folded = run.casefold()
    humps = tuple(hump.casefold() for hump in _HUMP.split(run))
    if _known(folded):
        return (folded,)
    if all(map(_known, humps)):
        return humps
    return _glued(folded) or tuple(piece for hump in humps for piece in _glued(hump) or (hump,))


def _glued(word: str) -> Sequence[str]:
    """The known words that a longer one is made of; none where it is not."""
    return _characters(word) if _CHARACTER.match(word) else _pieces(word)


_CHARACTER = re.compile(f"[{_HAN_KANA_HANGUL}]")


def _characters(word: str) -> Sequence[str]:
    """The longest known words in a run without blanks, from its start."""
    found, at = [], 0
    while at < len(word):
        ends = (end for end in range(len(word), at, -1) if _known(word[at:end]))
        end = next(ends, 0)
        if end:
            found.append(word[at:end])
        at = end or at + 1
    return found


_LONGEST_GLUED: Final = 40
"""Letters of the longest word that is taken apart; a longer one is no name."""

_LAST_LETTERS: Final = frozenset("lrcmsabde")
"""Sides and parts that may be glued to the end: ``OHL``, ``VOXB``."""


@lru_cache(maxsize=4096)
def _pieces(word: str) -> Sequence[str]:
    """The fewest known words that make up all of a word; none where that cannot be.

    Where more than two are needed, and more than one of one or two letters, it is chance.

    >>> _pieces("snaretop"), _pieces("organize"), _pieces("padded")
    (('snare', 'top'), (), ())
    """
    if len(word) > _LONGEST_GLUED:
        return ()
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for start in range(len(word)):
        before = best[start]
        if before is None:
            continue
        for end in range(start + 1, len(word) + 1):
            known = best[end]
            if _is_piece(word, start, end) and (known is None or len(before) + 1 < len(known)):
                best[end] = (*before, word[start:end])
    pieces = best[-1] or ()
    short = sum(len(piece) < _SHORTEST_NAME for piece in pieces)
    return pieces if len(pieces) <= 2 or short <= 1 else ()


def _is_piece(word: str, start: int, end: int) -> bool:
    if end - start > 1:
        return bool(_known(word[start:end]))
    return end == len(word) and start > 1 and word[start] in _LAST_LETTERS
