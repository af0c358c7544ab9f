"""What listeners answered: the result files of the page, read strictly.

A file that is not what the page writes, belongs to another kit or is there twice could only make a
result wrong, so nothing is analysed until it is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from reaper_automix.errors import InputError
from reaper_automix.listening.key import FILE_NAME, Key, TrialKey

AnswerFormat = Literal["reaper-automix listening results"]
Grade = Annotated[int, msgspec.Meta(ge=0, le=100)]
Seconds = Annotated[float, msgspec.Meta(ge=0.0)]


@dataclass(frozen=True, slots=True)
class StimulusAnswer:
    """One grade; ``position`` is where the stimulus stood on the page, from 1 on."""

    stimulus: str
    position: Annotated[int, msgspec.Meta(ge=1)]
    grade: Grade
    heard_s: Seconds


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """One trial, ``seconds`` long."""

    trial: str
    seconds: Seconds
    stimuli: tuple[StimulusAnswer, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """One session of one listener: trials in the order in which they came, drawn from ``seed``."""

    format: AnswerFormat
    schema_version: Literal[1]
    kit: str
    session: str
    seed: int
    listener: str
    playback: str
    language: str
    started: str
    finished: str
    comment: str
    trials: tuple[TrialAnswer, ...]

    @property
    def name(self) -> str:
        """How results call the listener."""
        return self.listener.strip() or self.session

    def grades(self) -> Mapping[str, int]:
        """All grades by stimulus."""
        return {one.stimulus: one.grade for trial in self.trials for one in trial.stimuli}


def read(paths: Sequence[Path], key: Key) -> tuple[Answers, ...]:
    """The answers in some files, or in all ``.json`` files of a folder; in the order of sessions.

    :class:`InputError` names every file that cannot be used, and why.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise InputError(
            f"{', '.join(map(str, paths))} holds no result files (.json); name what listeners sent."
        )
    found: dict[Path, Answers] = {}
    faults: dict[Path, str] = {}
    for file in dict.fromkeys(files):
        try:
            found[file] = _answers(file, key)
        except ValueError as fault:
            faults[file] = str(fault)
    faults |= _doubles(found)
    if faults:
        listed = "; ".join(f"{file.name} {why}" for file, why in faults.items())
        raise InputError(
            f"{len(faults)} of {len(set(files))} result files cannot be used, take them out: "
            f"{listed}."
        )
    return tuple(sorted(found.values(), key=lambda answers: answers.session))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.glob("*.json") if file.name != FILE_NAME)
    else:
        yield path


def _answers(file: Path, key: Key) -> Answers:
    """The answers in one file; ``ValueError`` says what is wrong with it."""
    try:
        answers = msgspec.json.decode(file.read_bytes(), type=Answers)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"is no result of a listening test ({error})") from error
    if answers.kit != key.kit:
        raise ValueError(f"belongs to another kit ({answers.kit}, not {key.kit})")
    if fault := next(_faults(answers, key), None):
        raise ValueError(fault)
    return answers


def _faults(answers: Answers, key: Key) -> Iterator[str]:
    """What does not fit the kit in a file that is well formed."""
    trials: Mapping[str, TrialKey] = {trial.id: trial for trial in key.trials}
    counted = Counter(answer.trial for answer in answers.trials)
    yield from (f"has the unknown trial {one!r}" for one in counted if one not in trials)
    yield from (f"has trial {one} twice" for one, count in counted.items() if count > 1)
    yield from (f"lacks trial {one}" for one in trials if one not in counted)
    for answer in answers.trials:
        graded = Counter(one.stimulus for one in answer.stimuli)
        if graded != Counter(list(trials[answer.trial].conditions)):
            yield f"does not have every stimulus of trial {answer.trial} once"


def _doubles(found: Mapping[Path, Answers]) -> dict[Path, str]:
    """Files that hold a session which an earlier one holds, too."""
    first: dict[str, Path] = {}
    doubles = {}
    for file, answers in found.items():
        earlier = first.setdefault(answers.session, file)
        if earlier is not file:
            doubles[file] = f"is the same session as {earlier.name}"
    return doubles
