"""What names say about tracks that belong together.

``Gtr 3 DI`` and ``Gtr 3 Amp`` name one source and two ways to record it; ``Gtr 3 dbl`` names
another source. That is evidence only beside what is heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reaper_automix.roles.signs import words_of

WORDS = {
    "side": "l r left right lt rt lft rgt links rechts gauche droite izq der sx dx",
    # Where or how something was recorded, or what was made of it at once
    "microphone": "di amp cab cabinet mic mics mike in inside out outside top bottom btm bot under "
    "over close near far room rooms amb ambience ambient raum sala overhead overheads oh spot mono "
    "stereo front back mid side ms xy ab sub beater resonant batter comp crush crushed parallel "
    "para nyc smash dry wet clean dirt",
    # A second source with the same notes
    "double": "dbl dbls dub dubl dubs double doubles doubled doubling dt adt doppel dopplung "
    "doublage doble doppio octave oct 8va harmony harm unison дабл дубль",
}
"""Words that say nothing of the source itself."""

SIDES, MICROPHONES, DOUBLES = (frozenset(words.split()) for words in WORDS.values())
ASIDE = SIDES | MICROPHONES | DOUBLES


def source_of(name: str) -> tuple[str, ...]:
    """The words of a name without sides, microphones (and their numbers) and doubles.

    >>> source_of("Gtr 3 DI"), source_of("Kick Mic 2"), source_of("OH L")
    (('gtr', '3'), ('kick',), ())
    """
    return tuple(_source_words(words_of(name)))


def says_double(name: str) -> bool:
    """Whether a name calls its track a double of another one.

    >>> says_double("LdVox Dbl"), says_double("LdVox 2")
    (True, False)
    """
    return not DOUBLES.isdisjoint(words_of(name))


def name_one_source(first: str, second: str) -> bool:
    """Whether two names differ in nothing but the way their source was recorded.

    >>> name_one_source("Gtr 3 DI", "Gtr 3 Amp"), name_one_source("Gtr 3", "Gtr 4")
    (True, False)
    >>> name_one_source("OH L", "OH R"), name_one_source("Audio", "Audio")
    (True, False)
    """
    if says_double(first) or says_double(second):
        return False
    words = words_of(first), words_of(second)
    if words[0] == words[1]:
        return False
    return source_of(first) == source_of(second) and (
        bool(source_of(first)) or _kept(words[0]) == _kept(words[1])
    )


def _kept(words: tuple[str, ...]) -> tuple[str, ...]:
    """A name without its sides: all there is to compare where it names only microphones."""
    return tuple(word for word in words if word not in SIDES)


def _source_words(words: Iterable[str]) -> Iterator[str]:
    numbers_belong = True
    for word in words:
        if word in ASIDE:
            numbers_belong = False
        elif numbers_belong or not word.isdigit():
            numbers_belong = True
            yield word
