"""Protocol 1: how near a balance comes to those that engineers gave the same songs.

Source: MixologyDB (McLemore, MIT licence), 7 songs of 3 to 11 mixes each, in
``human_mix/mixologydb_mixes.json``. Mixes whose faders all stand at 0 are no balances and left out.

**Conventions**: a track stands at ``source_lufs + gain_db``: its raw loudness plus its fader,
without equaliser, make-up gain or automation. A method is scored by the RMSE in dB to a mix, both
freed of their mean over the tracks, and then by the median over mixes.

**Split**: one song is left out at a time. What scores a song was fitted to the other six, and every
choice (:data:`CHOICES`) was made by leaving each of these six out in turn. Names and raw levels are
all that is known of a song that is scored, unless a method's name says that it knows more.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reaper_automix import profiles
from reaper_automix.bench.findings import Findings, Row, Table
from reaper_automix.errors import InputError
from reaper_automix.evaluate.outcome import Outcome, Strip
from reaper_automix.profiles import Profile
from reaper_automix.profiles.fitting import Placed, fit
from reaper_automix.profiles.wishes import strength, wanted_db
from reaper_automix.roles import Guess, guess

Levels = NDArray[np.float64]

FILE = Path("human_mix") / "mixologydb_mixes.json"

TEMPLATE_SLOPE = 0.68
"""How much of an existing level the template keeps (method.md, section 2)."""

WANTED_DB, STRETCH_DB = 5.2, 4.7


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a mix: its media file, name and label, and its level raw and in the mix, LUFS."""

    file: str
    name: str
    label: tuple[str, str]
    raw_lufs: float
    placed_lufs: float


@dataclass(frozen=True, slots=True)
class Mix:
    """One engineer's mix of a song."""

    song: str
    tracks: tuple[Track, ...]

    @property
    def raw(self) -> Levels:
        """The levels with every fader at 0 dB."""
        return np.array([track.raw_lufs for track in self.tracks])

    @property
    def placed(self) -> Levels:
        """The levels at the engineer's faders."""
        return np.array([track.placed_lufs for track in self.tracks])


Mixes = tuple[Mix, ...]
Method = Callable[[Mix], Sequence[Levels]]
"""The levels at which a method puts the tracks of a mix, NaN where it cannot say.

More than one where several answers are as good, each scored by itself.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a fit leaves open; chosen on the songs that are not scored."""

    strength: float
    shrink: float
    share: float


CHOICES = tuple(
    itertools.starmap(
        Choice, itertools.product((0.3, 0.4, 0.5, 0.6), (0.02, 0.06), (0.0, 0.5, 1.0))
    )
)


Scores = Sequence[tuple[str, float]]
"""Song and RMSE of every mix that a method was scored on."""


def run(data: Path) -> Outcome:
    """Score every method on the songs of a folder of data."""
    mixes = read(data / FILE)
    scores = {title: scored(mixes, method(mixes)) for title, method in METHODS.items()}
    medians = {title: statistics.median(found for _, found in of) for title, of in scores.items()}
    rows = (
        Row(f"human mixes: {title}", f"{median:.2f} dB", ASKED.get(title, ""))
        for title, median in medians.items()
    )
    numbers = {f"human_mix.{title}": median for title, median in medians.items()}
    strips = (Strip(title, tuple(one for _, one in of)) for title, of in scores.items())
    findings = Findings(tuple(rows), numbers, (_by_song(mixes, scores),))
    return Outcome(findings, tuple(strips), "RMSE to the human balance, dB")


def _by_song(mixes: Mixes, scores: Mapping[str, Scores]) -> Table:
    """The median of every method for every song, then median and mean over all mixes."""
    songs = tuple(dict.fromkeys(mix.song for mix in mixes))
    return Table(
        ("RMSE, dB", *songs, "median", "mean"),
        tuple((title, *_cells(of, songs)) for title, of in scores.items()),
        f"{len(mixes)} mixes of {len(songs)} songs, the median for each song; one song is left out "
        "at a time, and every choice is made without it. Names say a role for "
        f"{answered(mixes):.0%} of the tracks.",
    )


def _cells(scores: Scores, songs: Sequence[str]) -> Iterator[str]:
    for song in songs:
        yield f"{statistics.median(found for title, found in scores if title == song):.1f}"
    found = [one for _, one in scores]
    yield from (f"{statistics.median(found):.2f}", f"{statistics.fmean(found):.2f}")


def read(file: Path) -> tuple[Mix, ...]:
    """The mixes of a file, without those whose faders nobody moved."""
    try:
        records = json.loads(file.read_text("utf-8"))
        mixes = [_mix(record) for record in records]
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}); name the folder it is in with --data."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is not the list of mixes it should be: {error!r}.") from error
    return tuple(mix for mix in mixes if np.any(mix.raw != mix.placed))


def _mix(record: Mapping[str, object]) -> Mix:
    """A mix; what has no media or no fader (returns, generated signals) is not in it."""
    tracks = record["tracks"]
    if not isinstance(tracks, list):
        raise TypeError(tracks)
    return Mix(str(record["song"]), tuple(map(_track, filter(_has_level, tracks))))


def _has_level(track: Mapping[str, float | None]) -> bool:
    return track["source_lufs"] is not None and track["gain_db"] is not None


def _track(track: Mapping[str, object]) -> Track:
    raw, fader = float(str(track["source_lufs"])), float(str(track["gain_db"]))
    label = str(track["instrument"]), str(track["sub"])
    return Track(str(track["file"]), str(track["name"]), label, raw, raw + fader)


def rmse_db(said: Levels, placed: Levels) -> float:
    """How far two balances are apart, whatever their levels as a whole; NaN does not count.

    >>> rmse_db(np.array([0.0, 2.0]), np.array([-20.0, -20.0]))
    1.0
    """
    apart = (said - placed)[np.isfinite(said)]
    return float(np.std(apart))


def scored(mixes: Mixes, method: Method) -> Scores:
    """Song and RMSE of every mix."""
    return [(mix.song, rmse_db(levels, mix.placed)) for mix in mixes for levels in method(mix)]


def _mean_over_songs(scores: Scores) -> float:
    """What choices are made by: a mean, which is steadier than a median, every song once."""
    songs = dict.fromkeys(song for song, _ in scores)
    return statistics.fmean(
        statistics.fmean(found for title, found in scores if title == song) for song in songs
    )


# Baselines


def _equal(mixes: Mixes) -> Method:
    return lambda mix: [np.zeros(len(mix.tracks))]


def _untouched(mixes: Mixes) -> Method:
    return lambda mix: [mix.raw]


def _others(mixes: Mixes, mix: Mix) -> list[Levels]:
    """The balances that a song's other engineers gave the tracks of a mix, NaN where they left out.

    Tracks are told apart by their file, since every engineer names them anew.
    """
    found = []
    for other in mixes:
        if other.song == mix.song and other is not mix:
            mean = float(other.placed.mean())
            levels = {track.file: track.placed_lufs - mean for track in other.tracks}
            found.append(np.array([levels.get(track.file, np.nan) for track in mix.tracks]))
    return found


def _other_engineer(mixes: Mixes) -> Method:
    return lambda mix: _others(mixes, mix)


def _mean_of_others(mixes: Mixes) -> Method:
    return lambda mix: [_mean(np.stack(_others(mixes, mix)))]


def _mean(levels: Levels) -> Levels:
    """The mean of what is known of each track, NaN where nothing is."""
    known = np.isfinite(levels)
    count = known.sum(axis=0)
    total = np.where(known, levels, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _template(mixes: Mixes) -> Method:
    """Part of the existing level plus an offset by label, from the other songs (method.md)."""

    def method(mix: Mix) -> list[Levels]:
        offsets: dict[tuple[str, str], list[float]] = {}
        for other in mixes:
            if other.song != mix.song:
                rest = other.placed - TEMPLATE_SLOPE * other.raw
                for track, offset in zip(other.tracks, rest - rest.mean(), strict=True):
                    offsets.setdefault(track.label, []).append(float(offset))
        said = (offsets.get(track.label, [0.0]) for track in mix.tracks)
        return [TEMPLATE_SLOPE * mix.raw + np.array([statistics.fmean(known) for known in said])]

    return method


# The profile that this program would make of the other songs


def _refitted(mixes: Mixes) -> Method:
    """A profile fitted to the other songs, its choices made among these alone."""
    return lambda mix: in_profile(without(mixes, mix.song), mix)


def _at_full_strength(mixes: Mixes) -> Method:
    """The same, with nothing of the existing balance kept."""
    return lambda mix: in_profile(replace(without(mixes, mix.song), strength=1.0), mix)


def _shipped(name: str, mixes: Mixes) -> Method:
    return partial(in_profile, profiles.load(name))


@lru_cache(maxsize=64)
def without(mixes: tuple[Mix, ...], song: str) -> Profile:
    """The profile that would be made if a song did not exist."""
    others = tuple(mix for mix in mixes if mix.song != song)
    return fitted(others, chosen(others))


def chosen(mixes: Mixes) -> Choice:
    """The choice that does best when each of these songs in turn is left out."""
    songs = tuple(dict.fromkeys(mix.song for mix in mixes))

    def loss(choice: Choice) -> float:
        scores: list[tuple[str, float]] = []
        for song in songs:
            profile = fitted(tuple(mix for mix in mixes if mix.song != song), choice)
            left_out = tuple(mix for mix in mixes if mix.song == song)
            scores += scored(left_out, partial(in_profile, profile))
        return _mean_over_songs(scores)

    return min(CHOICES, key=loss)


@lru_cache(maxsize=4096)
def fitted(mixes: Mixes, choice: Choice) -> Profile:
    """The profile of some mixes."""
    songs = tuple(dict.fromkeys(mix.song for mix in mixes))
    agreed = [_agreed([mix for mix in mixes if mix.song == song]) for song in songs]
    profile = _offsets(tuple(map(tuple, agreed)), choice.shrink, choice.share)
    return replace(profile, strength=choice.strength, spread_db=profiles.load("roles").spread_db)


@lru_cache(maxsize=256)
def _offsets(songs: tuple[tuple[Placed, ...], ...], shrink: float, share: float) -> Profile:
    return fit(songs, "refitted", shrink=shrink, share=share)


def _agreed(mixes: Sequence[Mix]) -> list[Placed]:
    """What the engineers of a song agree on: the median level of each of its tracks.

    Tracks are told apart by their file, since every engineer names them anew.
    """
    levels: dict[str, list[float]] = {}
    names: dict[str, str] = {}
    for mix in mixes:
        middle = float(np.median(mix.placed))
        for track in mix.tracks:
            names.setdefault(track.file, track.name)
            levels.setdefault(track.file, []).append(track.placed_lufs - middle)
    return [
        Placed(heard(names[file]).role, statistics.median(found)) for file, found in levels.items()
    ]


def in_profile(profile: Profile, mix: Mix) -> list[Levels]:
    """Where a profile at its strength puts the tracks of a mix, by their names."""
    guesses = {str(number): heard(track.name) for number, track in enumerate(mix.tracks)}
    asked = wanted_db(profile, guesses)
    wanted = np.array([asked.get(track, 0.0) for track in guesses])
    part = strength(profile, [(mix.raw - wanted).tolist()])
    return [(1.0 - part) * mix.raw + part * wanted]


@lru_cache(maxsize=4096)
def heard(name: str) -> Guess:
    """What a track is taken for by its name."""
    return guess(name)


def answered(mixes: Mixes) -> float:
    """The share of tracks whose name says a role."""
    known = Counter(heard(track.name).role is not None for mix in mixes for track in mix.tracks)
    return known[True] / known.total()


REFITTED = "names and levels: profile fitted to the other songs"
OTHERS = "mean of the other engineers (knows the song)"

METHODS: Mapping[str, Callable[[Mixes], Method]] = {
    "equal loudness (profile equal at full strength)": _equal,
    "faders untouched": _untouched,
    "one other engineer (knows the song)": _other_engineer,
    "labels and levels: template of the other songs": _template,
    REFITTED: _refitted,
    "the same at full strength": _at_full_strength,
    OTHERS: _mean_of_others,
    "profile roles as shipped (fitted to all these songs)": partial(_shipped, "roles"),
}
"""What is compared."""

ASKED = {REFITTED: f"≤ {WANTED_DB} dB, as a stretch ≤ {STRETCH_DB} dB"}
