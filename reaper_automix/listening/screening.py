"""Who is left out: listeners whose grades show that they did not hear what all can hear.

**Sources**: with a reference, BS.1534-3: out is who grades the hidden reference below 90 in
more than 15 % of the trials, or the mid anchor above 90 in more than 15 % of them; where more than
a quarter of all listeners grade the mid anchor of a song that high, that song tells nothing of it.

Without a reference the recommendation has no rule. Ours: a trial comes twice, and the two grades
of a stimulus lie, on average, no further apart than one of the five parts of the scale (random
grades are 33 apart); and the low anchor is graded above the median of what stands beside it in no
more than 15 % of the trials. Both rules are kept wide, because tastes differ and ears do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from reaper_automix.listening.answers import Answers
from reaper_automix.listening.key import Key, TrialKey

HIGH_GRADE = 90
MOST_TRIALS = 0.15
MOST_LISTENERS = 0.25
MOST_APART = 20.0
"""How far the grades of a trial that comes twice may lie apart: one of five parts of the scale."""

Grades = Mapping[str, int]
"""The grades of one trial by condition."""


@dataclass(frozen=True, slots=True)
class Screened:
    """One listener, and in sentences why his or her grades do not count; none where they do."""

    answers: Answers
    why: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether the grades count."""
        return not self.why


Reason = Callable[[Answers, Key, frozenset[int]], Iterator[str]]


def screened(everyone: Sequence[Answers], key: Key) -> tuple[Screened, ...]:
    """All listeners, with the reasons to leave them out."""
    useless = _useless_songs(everyone, key)
    return tuple(
        Screened(answers, tuple(why for rule in RULES for why in rule(answers, key, useless)))
        for answers in everyone
    )


def by_condition(answers: Answers, trial: TrialKey) -> Grades:
    """One listener's grades in one trial."""
    grades = answers.grades()
    return {condition: grades[stimulus] for stimulus, condition in trial.conditions.items()}


def _hidden_reference(answers: Answers, key: Key, useless: frozenset[int]) -> Iterator[str]:
    low = _trials(answers, key, "hidden reference", lambda grade, _: grade < HIGH_GRADE)
    yield from _too_many(low, f"graded the hidden reference below {HIGH_GRADE}")


def _mid_anchor(answers: Answers, key: Key, useless: frozenset[int]) -> Iterator[str]:
    high = _trials(answers, key, "mid anchor", lambda grade, _: grade > HIGH_GRADE, useless)
    yield from _too_many(high, f"graded the mid anchor above {HIGH_GRADE}")


def _low_anchor(answers: Answers, key: Key, useless: frozenset[int]) -> Iterator[str]:
    if key.form == "no reference":
        high = _trials(answers, key, "low anchor", lambda grade, others: grade > median(others))
        yield from _too_many(high, "graded the low anchor above half of the others")


def _twice(answers: Answers, key: Key, useless: frozenset[int]) -> Iterator[str]:
    for again in (trial for trial in key.trials if trial.repeats):
        first = next(one for one in key.trials if one.song == again.song and not one.repeats)
        one, other = by_condition(answers, first), by_condition(answers, again)
        apart = fmean(abs(one[name] - other[name]) for name in one)
        if apart > MOST_APART:
            yield f"graded the trial that came twice {apart:.0f} apart on average"


RULES: tuple[Reason, ...] = (_hidden_reference, _mid_anchor, _twice, _low_anchor)
"""Each says why a listener is left out, or nothing; those of the other form find nothing."""


def _trials(
    answers: Answers,
    key: Key,
    condition: str,
    is_odd: Callable[[int, Sequence[int]], bool],
    but: frozenset[int] = frozenset(),
) -> list[bool]:
    """For every trial that has the condition, whether its grade beside the others is odd."""
    odd = []
    for trial in key.trials:
        grades = by_condition(answers, trial)
        if condition in grades and trial.song not in but:
            others = [grade for name, grade in grades.items() if name != condition]
            odd.append(is_odd(grades[condition], others))
    return odd


def _too_many(odd: Sequence[bool], what: str) -> Iterator[str]:
    if sum(odd) > MOST_TRIALS * len(odd):
        yield f"{what} in {sum(odd)} of {len(odd)} trials"


def _useless_songs(everyone: Sequence[Answers], key: Key) -> frozenset[int]:
    """Songs whose mid anchor more than a quarter of all listeners take for the reference."""
    return frozenset(
        trial.song
        for trial in key.trials
        if "mid anchor" in trial.conditions.values()
        and sum(by_condition(one, trial)["mid anchor"] > HIGH_GRADE for one in everyone)
        > MOST_LISTENERS * len(everyone)
    )
