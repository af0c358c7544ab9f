"""``key.json``: which stimulus of a kit is what. The experimenter keeps it, no listener sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from reaper_automix.errors import InputError
from reaper_automix.listening.conditions import Form

FILE_NAME = "key.json"

KeyFormat = Literal["reaper-automix listening key"]


@dataclass(frozen=True, slots=True)
class StimulusKey:
    """What is behind the name of a stimulus, and how it was measured as it is in the kit."""

    id: str
    condition: str
    lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class TrialKey:
    """One trial: a number in the key's songs, and whether it is there to see who is consistent."""

    id: str
    song: int
    stimuli: tuple[StimulusKey, ...]
    repeats: bool = False

    @property
    def conditions(self) -> Mapping[str, str]:
        """The condition of every stimulus, by its id."""
        return {stimulus.id: stimulus.condition for stimulus in self.stimuli}


@dataclass(frozen=True, slots=True)
class SongKey:
    """A song of the kit, what of it is played, and which conditions are the same there."""

    name: str
    place: str
    start_s: float
    end_s: float
    alike: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a kit. ``lowered_db`` is by how much all of it is below the usual loudness."""

    kit: str
    form: Form
    songs: tuple[SongKey, ...]
    trials: tuple[TrialKey, ...]
    target_lufs: float
    lowered_db: float
    version: str = ""
    created: str = ""
    format: KeyFormat = "reaper-automix listening key"
    schema_version: Literal[1] = 1

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of the conditions, in the order of the test's trials."""
        found = (one.condition for trial in self.trials for one in trial.stimuli)
        return tuple(dict.fromkeys(found))


def to_json(key: Key) -> bytes:
    """The key as it is written."""
    return msgspec.json.format(msgspec.json.encode(key), indent=2) + b"\n"


def read(path: Path) -> Key:
    """The key in a file; :class:`InputError` where it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Key)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); name the key.json of the kit with --key."
        ) from error
    except msgspec.DecodeError as error:
        raise InputError(
            f"{path} is not the key of a listening test ({error}); name the kit's with --key."
        ) from error
