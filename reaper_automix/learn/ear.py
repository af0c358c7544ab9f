"""Fits an engineer's ear: by role, where they put tracks, and how far they go there.

The model is the one that a balance applies (:mod:`reaper_automix.profiles`): a fader goes part of
the way, the *strength*, from the level that a track has to the one its role is asked for,

    fader = strength * (asked + taste - raw) + level of the song + what else the song needed,

where ``asked`` is the base profile's and ``taste`` what this engineer wants otherwise.

**Few projects.** A taste is shrunk to nothing and the strength to the base's (empirical Bayes): by
how far apart tastes and songs turn out to be, themselves held near :data:`TASTE_DB` and
:data:`NOISE_DB`. Half of a taste is its stem's, so that a role moves along with its neighbours.
Tracks of one role in one song are not independent: half of what a song needs otherwise they have
in common (:data:`IN_COMMON`), so what counts is in how many songs a role occurs. What lies far off
counts less (Huber 1964), so that one absurd fader is no taste.

The fit alternates between tastes under known spreads (a ridge regression) and spreads under known
tastes (the evidence; MacKay 1992). Standard deviations are those of the posterior.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reaper_automix.learn.observation import (
    Observation,
    Song,
    asked_db,
    average_db,
    shared_db,
)
from reaper_automix.profiles import Profile
from reaper_automix.profiles.reading import MOST_DB
from reaper_automix.roles import STEM_OF, Role, StemName

Values = NDArray[np.float64]

FEWEST_SONGS: Final = 2
"""One song alone cannot tell taste from what that song needed."""

TASTE_DB: Final = 3.0
"""How far engineers are expected to be from a profile, by role; our estimate (engineers differ by
3.7 dB on the same track, method.md, some of it chance)."""

NOISE_DB: Final = 4.0
"""How far single tracks are expected to be from what their role says; the same tracks of
MixologyDB stand 5 dB from a fitted profile, 3.7 dB from one engineer to the next."""

TASTE_WEIGHT: Final = 6.0
NOISE_WEIGHT: Final = 10.0
"""How many roles, and tracks, the two expectations weigh as much as."""

STRENGTH_SD: Final = 0.2
"""How far an engineer's strength is expected to be from the base's."""

LEAST_STRENGTH: Final = 0.1
"""Below this a profile would hardly be heard, and what it asks for could be anything."""

GIVEN_SD: Final = 1e-4
"""The same for a strength that is given: next to nothing."""

IN_COMMON: Final = 0.5
"""How much of the variance of a track's noise is its role's in that song; our estimate."""

HUBER: Final = 1.345
"""Deviations, in standard deviations, from which a track counts less: 95 % efficient (Huber)."""

HUBER_KEEPS: Final = 0.7102
"""What is left of the variance of normal deviations that are cut there (Huber's proposal 2)."""

ROUNDS: Final = 200
SETTLED: Final = 1e-5
"""Rounds of the fit at most, and the change, in dB, from which on it goes no further."""


@dataclass(frozen=True, slots=True)
class Offset:
    """What was learned of a role or stem: its offset, how sure that is, and from how much.

    ``db`` ± ``sd_db`` is relative to the other roles, as in a profile; ``base_db`` is the base's
    (``None``: it had none).
    """

    db: float
    sd_db: float
    base_db: float | None
    tracks: int
    songs: int


@dataclass(frozen=True, slots=True)
class Ear:
    """What was learned of an engineer from so many songs.

    ``noise_db`` is how far single tracks stand from it. Roles and stems that no song had are there
    too: their base's offset, moved along with their stem.
    """

    songs: int
    strength: float
    strength_sd: float
    share: float
    roles: Mapping[Role, Offset]
    stems: Mapping[StemName, Offset]
    noise_db: float

    def profile(self, name: str = "mine") -> Profile:
        """It as a profile, in the digits that a file of it has."""
        return Profile(
            name,
            strength=round(self.strength, 2),
            share=self.share,
            roles={role: _written(offset.db) for role, offset in self.roles.items()},
            stems={stem: _written(offset.db) for stem, offset in self.stems.items()},
        )


def _written(offset_db: float) -> float:
    return round(max(-MOST_DB, min(MOST_DB, offset_db)), 1) + 0.0


def fit(songs: Iterable[Song], base: Profile, strength: float | None = None) -> Ear:
    """The ear behind some songs, near a base profile; ``strength`` is learned unless it is given.

    Fewer than :data:`FEWEST_SONGS` say nothing, so that the base comes back.
    """
    heard = sorted(tuple(sorted(song)) for song in songs if song)
    plan = _Plan.of(base, heard)
    expected = base.strength if strength is None else strength
    if len(heard) < FEWEST_SONGS:
        return _ear(plan, _start(plan, expected), heard)
    fitted = _settled(plan, heard, expected, STRENGTH_SD if strength is None else GIVEN_SD)
    inside = min(max(fitted.strength, LEAST_STRENGTH), 1.0)
    if abs(inside - fitted.strength) > GIVEN_SD:
        # The tastes must be those that go with the strength that is written.
        sure = fitted.strength_sd
        fitted = replace(_settled(plan, heard, inside, GIVEN_SD), strength_sd=sure)
    return _ear(plan, replace(fitted, strength=inside), heard)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a taste is made of: a part of each role, and one that it has in common with its stem."""

    base: Profile
    roles: tuple[Role, ...]
    stems: tuple[StemName, ...]

    @classmethod
    def of(cls, base: Profile, songs: Sequence[Song]) -> _Plan:
        observed = {track.role for song in songs for track in song}
        roles = tuple(role for role in STEM_OF if role in observed or role in base.roles)
        known = {STEM_OF[role] for role in observed} | set(base.stems)
        stems = dict.fromkeys(stem for stem in STEM_OF.values() if stem in known)
        return cls(base, roles, tuple(stem for stem in stems if stem is not None))

    @property
    def size(self) -> int:
        return len(self.roles) + len(self.stems)

    def of_role(self, role: Role) -> Values:
        """Which parts a role's taste has."""
        row = np.zeros(self.size)
        row[self.roles.index(role)] = 1.0
        return row + self.of_stem(STEM_OF[role])

    def of_stem(self, stem: StemName | None) -> Values:
        """Which part a stem's taste has."""
        row = np.zeros(self.size)
        if stem in self.stems:
            row[len(self.roles) + self.stems.index(stem)] = 1.0
        return row


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The fit by now: parts of the tastes, in dB of fader, and the strength; then their spreads."""

    parts: Values
    strength: float
    strength_sd: float
    covariance: Values
    taste_db: float = TASTE_DB
    noise_db: float = NOISE_DB


def _start(plan: _Plan, strength: float) -> _Fitted:
    """What is believed before anything is heard."""
    variances = np.full(plan.size + 1, (strength * TASTE_DB) ** 2 / 2.0)
    variances[plan.size] = STRENGTH_SD**2
    return _Fitted(np.zeros(plan.size), strength, STRENGTH_SD, np.diag(variances))


class _Rows:
    """The tracks of one song, whitened: what they have in common inside a role is taken out."""

    def __init__(self, plan: _Plan, song: Song) -> None:
        marks = np.array([plan.of_role(track.role) for track in song])
        asked = np.array([_asked_db(plan.base, track) for track in song])
        raw = np.array([track.raw_lufs for track in song])
        self.unknowns = np.column_stack([marks, asked - raw])
        self.faders = np.array([track.fader_db for track in song])
        self.trust = np.array([track.trust for track in song])
        roles = np.array([track.role for track in song])
        together = IN_COMMON * (roles[:, None] == roles) + (1.0 - IN_COMMON) * np.eye(len(song))
        self._whiten = np.linalg.inv(np.linalg.cholesky(together))
        self._counts = self.trust

    def weigh(self, solved: Values, noise_db: float) -> float:
        """Have tracks count less the further they are off; the sum of what is left, squared.

        Deviations are cut in it, so that what is absurd does not make everything look uncertain.
        """
        off = self._deviations(solved) * np.sqrt(self.trust)
        part = 1.0 / np.maximum(np.abs(off) / (HUBER * noise_db), 1.0)
        self._counts = self.trust * part
        return float(np.sum((self._whiten @ (part * off)) ** 2))

    def freed(self) -> tuple[Values, Values]:
        """Unknowns and faders, as they count, freed of the level of the song."""
        scale = np.sqrt(self._counts)[:, None]
        ones = self._whiten @ scale
        both = self._whiten @ (scale * np.column_stack([self.unknowns, self.faders]))
        both -= ones @ (ones.T @ both) / float(np.vdot(ones, ones))
        return both[:, :-1], both[:, -1]

    def _deviations(self, solved: Values) -> Values:
        """How far each fader is from what is said of it, relative to its song."""
        off = self.faders - self.unknowns @ solved
        scale = np.sqrt(self._counts)[:, None]
        ones = (self._whiten @ scale)[:, 0]
        return off - float(ones @ (self._whiten @ (scale[:, 0] * off))) / float(ones @ ones)


def _asked_db(base: Profile, track: Observation) -> float:
    """What the base asks; one that asks the same of all asks it of roles, as what is learned will.

    So what is learned from such a base means the same as what is learned from any other.
    """
    return -shared_db(base.share, track) if base.is_equal else asked_db(base, track)


def _settled(plan: _Plan, songs: Sequence[Song], expected: float, expected_sd: float) -> _Fitted:
    """The fit when it does not move any more, the strength expected to be so much."""
    fitted = _start(plan, expected)
    rows = [_Rows(plan, song) for song in songs]
    for _ in range(ROUNDS):
        before = fitted
        fitted = _improved(fitted, rows, expected, expected_sd)
        if _apart(before, fitted) < SETTLED:
            break
    return fitted


def _apart(before: _Fitted, after: _Fitted) -> float:
    now = (*after.parts, after.strength, after.noise_db, after.taste_db)
    then = (*before.parts, before.strength, before.noise_db, before.taste_db)
    return max(abs(float(a) - float(b)) for a, b in zip(now, then, strict=True))


def _improved(
    fitted: _Fitted, rows: Sequence[_Rows], expected: float, expected_sd: float
) -> _Fitted:
    """One round: tastes and strength under the spreads, then the spreads under these."""
    size, scale = fitted.parts.size, min(max(fitted.strength, LEAST_STRENGTH), 1.0)
    precision = np.append(np.full(size, 2.0 / (scale * fitted.taste_db) ** 2), 1.0 / expected_sd**2)
    prior = np.append(np.zeros(size), expected)
    freed = [row.freed() for row in rows]
    gram = np.sum([unknowns.T @ unknowns for unknowns, _ in freed], axis=0)
    wanted = np.sum([unknowns.T @ faders for unknowns, faders in freed], axis=0)
    covariance = np.linalg.inv(gram / fitted.noise_db**2 + np.diag(precision))
    solved = covariance @ (wanted / fitted.noise_db**2 + precision * prior)
    told = float(np.sum(covariance * gram)) / fitted.noise_db**2
    left = math.fsum(row.weigh(solved, fitted.noise_db) for row in rows)
    noise_db = _noise_db(left / HUBER_KEEPS, told, rows)
    untold = float(np.sum(np.diag(covariance)[:size] * precision[:size]))
    return _Fitted(
        solved[:size],
        float(solved[size]),
        math.sqrt(covariance[size, size]),
        covariance,
        _taste_db(solved[:size] / scale, size - untold),
        noise_db,
    )


def _noise_db(squares: float, told: float, rows: Sequence[_Rows]) -> float:
    """The spread of tracks, ``told`` being how many unknowns the songs settle (MacKay 1992)."""
    free = math.fsum(len(row.faders) - 1 for row in rows) - told
    return math.sqrt((squares + NOISE_WEIGHT * NOISE_DB**2) / (free + NOISE_WEIGHT))


def _taste_db(parts: Values, told: float) -> float:
    """The spread of tastes, likewise."""
    squares = 2.0 * float(np.sum(parts**2))
    return math.sqrt((squares + TASTE_WEIGHT * TASTE_DB**2) / (told + TASTE_WEIGHT))


def _ear(plan: _Plan, fitted: _Fitted, songs: Sequence[Song]) -> Ear:
    """What was fitted, by role and by stem."""
    observed = {track.role for song in songs for track in song}
    marks = [plan.of_role(role) for role in plan.roles if role in observed]
    average = np.mean(marks, axis=0) if marks else np.zeros(plan.size)

    def offset(row: Values, base_db: float | None, roles: Collection[Role]) -> Offset:
        taste_db, sd_db = _taste(row - average, fitted)
        counts = [sum(track.role in roles for track in song) for song in songs]
        known_db = average_db(plan.base) if base_db is None else base_db
        with_it = sum(count > 0 for count in counts)
        return Offset(known_db + taste_db, sd_db, base_db, sum(counts), with_it)

    roles = {
        role: offset(plan.of_role(role), plan.base.offset_db(role), (role,)) for role in plan.roles
    }
    stems = {
        stem: offset(plan.of_stem(stem), plan.base.stems.get(stem), _roles_of(stem))
        for stem in plan.stems
    }
    share, noise_db = plan.base.share, fitted.noise_db
    return Ear(len(songs), fitted.strength, fitted.strength_sd, share, roles, stems, noise_db)


def _roles_of(stem: StemName) -> list[Role]:
    return [role for role, home in STEM_OF.items() if home == stem]


def _taste(row: Values, fitted: _Fitted) -> tuple[float, float]:
    """A taste in dB, and how sure it is: the strength it was divided by is not quite known."""
    taste_db = float(row @ fitted.parts) / fitted.strength
    slope = np.append(row, -taste_db) / fitted.strength
    return taste_db, math.sqrt(float(slope @ fitted.covariance @ slope))
