"""What the name of a track, and of the folders it is in, says about its role.

A name is cut into words (``01_SnareTop.wav`` is *01 snare top*), the words that are known become
signs (``words.toml``), and the first row of :data:`RULES` whose signs are all there says the role.
A name that says little (*Room*, *Vox 2*, *Close*) is read together with its folders.

**Conventions**: case, accents, punctuation, numbers, sides, microphones and takes do not count.
A whole kit on one track is an overhead, which hears the same.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple, cast, get_args

from reaper_automix.roles.vocabulary import STEM_OF, UNKNOWN, Guess, Role

Sign = Literal[
    "kick",
    "snare",
    "tom",
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
    "lead vocal",
    "lead",
    "back",
    "choir",
    "register",
    "reverb",
    "place",
    "sfx",
    "bus",
    "click",
    "print",
    "other",
    "plain",
]
"""What a word can say. "plain" words say nothing about the role: microphones, sides, takes."""
"""What a word can say. "plain" words say nothing about the role: microphones, sides, takes."""

SURE: Final = 0.85
"""A role less sure than this is looked at again together with the folders."""

LEAST: Final = 0.5
"""A role less sure than this is no answer."""


class Rule(NamedTuple):
    """What a name is that bears all of some signs."""

    signs: frozenset[Sign]
    role: Role
    confidence: float


def _rule(signs: str, role: Role, confidence: float) -> Rule:
    known: Mapping[str, Sign] = {sign: sign for sign in get_args(Sign)}
    return Rule(frozenset(known[sign] for sign in signs.split(" + ")), role, confidence)


RULES: tuple[Rule, ...] = (
    _rule("reverb", "effect return", 0.92),
    _rule("click", "click", 0.95),
    # Before the drums: a room or a tom beside the name of another instrument is not of the kit.
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
    _rule("acoustic guitar", "acoustic guitar", 0.92),
    _rule("electric guitar", "electric guitar", 0.92),
    _rule("guitar + acoustic", "acoustic guitar", 0.95),
    _rule("guitar + electric", "electric guitar", 0.95),
    _rule("vocal", "lead vocal", 0.8),
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
    # The kit
    _rule("overhead", "overhead", 0.93),
    _rule("kick + room", "room", 0.85),
    _rule("snare + room", "room", 0.85),
    _rule("tom + room", "room", 0.85),
    _rule("kit + room", "room", 0.93),
    _rule("kick + place", "effect return", 0.75),
    _rule("snare + place", "effect return", 0.8),
    _rule("kit + place", "effect return", 0.7),
    _rule("kick", "kick", 0.95),
    _rule("snare", "snare", 0.95),
    _rule("tom", "tom", 0.93),
    _rule("hat", "hi-hat", 0.95),
    _rule("cymbal", "ride", 0.9),
    _rule("synth", "synth", 0.84),
    _rule("keys", "keys", 0.84),
    _rule("kit + sub", "kick", 0.6),
    _rule("kit + amp", "room", 0.6),
    _rule("kit", "overhead", 0.7),
    _rule("room", "room", 0.75),
    # Words that can mean several things
    _rule("choir", "backing vocal", 0.9),
    _rule("back + lead", "backing vocal", 0.6),
    _rule("sub", "bass", 0.7),
    _rule("bell", "percussion", 0.55),
    _rule("acoustic", "acoustic guitar", 0.75),
    _rule("electric", "electric guitar", 0.65),
    _rule("sfx", "effect return", 0.7),
    _rule("other", "other", 0.7),
    _rule("print", "click", 0.8),
    _rule("place", "effect return", 0.6),
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

_OF_FOLDERS: Final[frozenset[Sign]] = frozenset({"reverb", "place", "sfx", "click", "print", "bus"})
"""What a folder says only about tracks whose own names say nothing."""

GLUED = 0.95
"""How far words can be believed that had to be cut out of a longer one."""

OUTWARD = 0.95
"""How far a folder can be believed against one further in, or the track's own name."""


def from_name(name: str, folders: Sequence[str] = ()) -> Guess:
    """The role that a name says, read with those of its folders (outermost first).

    >>> from_name("Kik In 01").role
    'kick'
    >>> from_name("L", folders=("Drums", "Toms")).role
    'tom'
    """
    signs, trust = signs_of(name)
    found = _decide(signs, trust)
    for folder in reversed(folders):
        if found.confidence >= SURE:
            break
        more, folder_trust = signs_of(folder)
        trust *= OUTWARD * folder_trust
        found = _closer(
            found, signs := signs | more - (_OF_FOLDERS if found.role else set()), trust
        )
    return found if found.confidence >= LEAST else UNKNOWN


def _closer(found: Guess, signs: frozenset[Sign], trust: float) -> Guess:
    """What a name is when its folder is read too; nothing a folder says makes it less sure."""
    decided = _decide(signs, trust)
    if decided.role == found.role:
        return max(found, decided, key=lambda guess: guess.confidence)
    return decided if decided.role else found


def _decide(signs: frozenset[Sign], trust: float) -> Guess:
    for rule in RULES:
        if rule.signs <= signs:
            return Guess(rule.role, rule.confidence * trust, "name")
    return UNKNOWN


@lru_cache(maxsize=4096)
def signs_of(text: str) -> tuple[frozenset[Sign], float]:
    """What the words of a text say, and how far the cutting of its words can be believed."""
    signs: set[Sign] = set()
    trust = 1.0
    words = tuple(words_of(text))
    at = 0
    while at < len(words):
        length, found = _phrase(words[at:])
        if not length:
            length, (found, trust_of_word) = 1, _glued(words[at])
            trust = min(trust, trust_of_word)
        signs |= found
        at += length
    return frozenset(signs - {"plain"}), trust


def words_of(text: str) -> Iterator[str]:
    """The words and numbers of a text, folded.

    >>> list(words_of("01_KickIn (take 2).wav"))
    ['01', 'kick', 'in', 'take', '2']
    """
    bare = _SUFFIX.sub("", text)
    for run in _RUN.findall(_fold_marks(bare)):
        folded = run.casefold()
        if folded in _table():
            yield folded
        else:
            yield from (word.casefold() for word in _CAMEL.split(run))


_SUFFIX = re.compile(r"\.(wave?|w64|rf64|bwf|aiff?|aifc|flac|mp3|ogg|opus|m4a|wv|midi?)$", re.I)
_RUN = re.compile(r"\d+|[぀-ヿㇰ-ㇿ一-鿿々가-힯]+|[^\W\d_぀-ヿㇰ-ㇿ一-鿿々가-힯]+")
"""A run of digits, of Chinese, Japanese or Korean characters, or of other letters."""
_CAMEL = re.compile(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s$)")
_KEPT_MARKS = "\u3099\u309a"
_PLAIN_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "œ": "oe", "æ": "ae"})


def _fold_marks(text: str) -> str:
    """A text without accents; the marks that make other syllables of Japanese ones stay."""
    apart = unicodedata.normalize("NFKD", text)
    kept = (c for c in apart if c in _KEPT_MARKS or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept)).translate(_PLAIN_LETTERS)


@cache
def _table() -> Mapping[str, frozenset[Sign]]:
    """What a word or a phrase (its words with blanks between) says."""
    table: dict[str, frozenset[Sign]] = {}
    text = files(__package__).joinpath("words.toml").read_text("utf-8")
    words = cast("Mapping[Sign, str]", tomllib.loads(text))
    for sign, rows in words.items():
        for phrase in rows.split():
            key = " ".join(run.casefold() for run in _RUN.findall(_fold_marks(phrase)))
            table[key] = table.get(key, frozenset()) | {sign}
    return table


_LONGEST: Final = 4
"""Words of the longest phrase."""


def _phrase(words: Sequence[str]) -> tuple[int, frozenset[Sign]]:
    """How many of the words make up the longest known phrase, and what it says."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        if found := _known(" ".join(words[:length])):
            return length, found
    return 0, frozenset()


def _known(phrase: str) -> frozenset[Sign]:
    """What a phrase says, also in the plural; nothing where it is not known."""
    table = _table()
    return table.get(phrase) or (
        table.get(phrase[:-1], _NOTHING) if phrase[-1] == "s" else _NOTHING
    )


_NOTHING: Final[frozenset[Sign]] = frozenset()


def _glued(word: str) -> tuple[frozenset[Sign], float]:
    """What a word says that is made of known ones."""
    pieces = _characters(word) if _RUN_OF_CHARACTERS.match(word) else _pieces(word)
    return frozenset().union(*map(_known, pieces)), GLUED if pieces else 1.0


_RUN_OF_CHARACTERS = re.compile("[぀-ヿㇰ-ㇿ一-鿿々가-힯]")


def _characters(word: str) -> tuple[str, ...]:
    """The longest known words in a run of Chinese, Japanese or Korean characters."""
    found, at = [], 0
    while at < len(word):
        ends = (end for end in range(len(word), at, -1) if word[at:end] in _table())
        end = next(ends, 0)
        if end:
            found.append(word[at:end])
        at = end or at + 1
    return tuple(found)


_LONGEST_GLUED: Final = 40
"""Letters of the longest word that is taken apart; longer ones are no names."""

_SIDES: Final = frozenset({"l", "r"})


@lru_cache(maxsize=4096)
def _pieces(word: str) -> tuple[str, ...]:
    """The fewest known words that make up all of a word; none where that cannot be.

    >>> _pieces("snaretop"), _pieces("organize")
    (('snare', 'top'), ())
    """
    if len(word) > _LONGEST_GLUED:
        return ()
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece, before = word[start:end], best[start]
            if before is None or not _is_piece(piece, last=end == len(word) and start > 1):
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = (*before, piece)
    return best[-1] or ()


def _is_piece(piece: str, *, last: bool) -> bool:
    return bool(_known(piece)) if len(piece) > 1 else last and piece in _SIDES


def stem_of(role: Role | None) -> str | None:
    """The stem of a role; none of no role."""
    return STEM_OF[role] if role else None
