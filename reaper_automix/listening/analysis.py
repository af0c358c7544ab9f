"""From answers to findings: who counts, how each condition is graded, and who differs from whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reaper_automix.errors import InputError
from reaper_automix.listening import screening, statistics
from reaper_automix.listening.answers import Answers
from reaper_automix.listening.conditions import BY_NAME, CONDITIONS
from reaper_automix.listening.key import Key
from reaper_automix.listening.screening import Screened, by_condition
from reaper_automix.listening.statistics import Grades, Summary
from reaper_automix.report.figures import plain

FEW_LISTENERS = 6
"""With fewer, no two-sided signed-rank test reaches 5 %: 2 / 2^5 = 0.0625."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One condition: its grades by listener and song, all of them together and song by song."""

    condition: str
    grades: Grades
    overall: Summary
    by_song: tuple[Summary, ...]

    @property
    def title(self) -> str:
        """What readers call it."""
        return BY_NAME[self.condition].title


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conditions: the median over listeners of how much better the first is, and its p.

    ``p_holm`` is corrected for all pairs of the test.
    """

    first: str
    second: str
    difference: float
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a listening test found."""

    key: Key
    listeners: tuple[Screened, ...]
    graded: tuple[Graded, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]

    @property
    def counted(self) -> int:
        """Listeners whose grades count."""
        return sum(one.counts for one in self.listeners)


def analysed(everyone: Sequence[Answers], key: Key) -> Analysis:
    """The findings of some answers; :class:`InputError` where none of them count."""
    listeners = screening.screened(everyone, key)
    kept = [one.answers for one in listeners if one.counts]
    if not kept:
        reasons = "; ".join(f"{plain(one.answers.name)} {one.why[0]}" for one in listeners)
        raise InputError(
            f"No listener is left after the screening ({reasons}); ask more listeners."
        )
    present = [one.name for one in CONDITIONS if one.name in key.conditions]
    graded = tuple(_graded(name, kept, key) for name in present)
    notes = tuple(_notes(everyone, len(kept), key))
    return Analysis(key, listeners, graded, _pairs(graded), notes)


def _graded(condition: str, kept: Sequence[Answers], key: Key) -> Graded:
    grades = np.array([_by_song(condition, answers, key) for answers in kept])
    songs = (statistics.summary(grades[:, song : song + 1]) for song in range(len(key.songs)))
    return Graded(condition, grades, statistics.summary(grades), tuple(songs))


def _by_song(condition: str, answers: Answers, key: Key) -> list[float]:
    """One listener's grades of a condition; the mean of both where a trial came twice."""
    grades: list[list[float]] = [[] for _ in key.songs]
    for trial in key.trials:
        grades[trial.song].append(by_condition(answers, trial)[condition])
    return [float(np.mean(found)) for found in grades]


def _pairs(graded: Sequence[Graded]) -> tuple[Pair, ...]:
    compared = [one for one in graded if BY_NAME[one.condition].compared]
    found = list(combinations(compared, 2))
    # One number for each listener: their grades of several songs are not independent.
    apart = [first.grades.mean(axis=1) - second.grades.mean(axis=1) for first, second in found]
    chances = [statistics.signed_rank_p(differences) for differences in apart]
    return tuple(
        Pair(first.condition, second.condition, float(np.median(differences)), p, p_holm)
        for (first, second), differences, p, p_holm in zip(
            found, apart, chances, statistics.holm(chances), strict=True
        )
    )


def _notes(everyone: Sequence[Answers], kept: int, key: Key) -> list[str]:
    """What a reader of the findings has to know besides them."""
    notes = []
    if kept < FEW_LISTENERS:
        notes.append(
            f"With {kept} listeners no difference can be significant, and intervals are too narrow;"
            f" {FEW_LISTENERS} are the least, BS.1534 expects about 20."
        )
    names = [plain(answers.listener) for answers in everyone if answers.listener.strip()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        notes.append(f"Several sessions have the same listener: {', '.join(twice)}.")
    for song in key.songs:
        for same in song.alike:
            titles = ", ".join(BY_NAME[name].title for name in same)
            notes.append(f"These are one and the same mix in {plain(song.name)}: {titles}.")
    return notes
