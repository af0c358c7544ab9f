"""How alike every two sources of a session are, by their excerpts.

Two microphones that hear one source have its waveform in common, a delay apart; two players of the
same notes have not. Whether a waveform is shared shows in the correlation over all windows that
both have, at its best delay: after every source was whitened by its own mean spectrum (so that no
part of the spectrum decides alone; Knapp and Carter 1976, smoothed coherence transform), a shared
waveform makes one sharp peak at one delay, notes and beats that only coincide make none.

**Conventions**: a positive delay means that the second source hears it later. Every window counts
alike in the *correlation*, because in what is quiet on one track the bleed of others is heard
best. In the *share* windows count by their power: it says how far what makes both sources loud is
one and the same thing. Gains, one polarity and the order of sources change nothing in these
numbers but a sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reaper_automix.crew import side_by_side
from reaper_automix.features.excerpts import RATE_HZ, WINDOW_SAMPLES, Excerpts
from reaper_automix.progress import Beat, unheeded

FEWEST_WINDOWS = 4
"""Sources that sound together for less (0.8 s) are not compared."""

MOST_DELAY_S = 0.050
"""17 m of air."""

PEAK_HALF_WIDTH_S = 0.0005
"""So far around it a peak does not count as its own surroundings."""

LOW_HZ, HIGH_HZ = 100.0, 3900.0
"""What is compared: below there is much rumble, above nothing is left."""

SMOOTHED_BINS = 21
"""The mean spectrum is smoothed over 105 Hz, so that single partials stay what they are."""

WHITENED_TO_DB = -30.0
"""What of a spectrum lies further below its maximum is not raised all the way."""

SHARPEST_NOISE = 4.0
"""A peak that stands less above its surroundings is one of their own."""

LEAST_LIKENESS = 0.05

LOUD = 1e-2
"""The level of one source against another is compared where both are within 20 dB of their peak."""

MOST_SPECTRA = 24000
"""Spectra on the table, 150 MB: 240 windows of 100 sources."""

BLOCK = 16
"""Sources that are compared with all others at a time."""

Block = tuple[slice, slice]
"""Rows and columns of a table of pairs."""

Complex64 = NDArray[np.complex64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two sources have in common, by their ids.

    ``correlation`` (-1 … 1) is that at the best delay, ``sharpness`` its height in units of what
    stands at the other delays (RMS); ``share`` and its two are the same with windows counted by
    power. ``notes`` (up to 1) says how far the two have the same spectra at the same time rather
    than at other times, whatever the waveform. ``spread_db`` is the standard deviation of the level
    of the one against the other in time, where both are loud.
    """

    first: str
    second: str
    windows: int
    correlation: float
    delay_s: float
    sharpness: float
    share: float
    share_delay_s: float
    share_sharpness: float
    notes: float
    spread_db: float

    @property
    def ids(self) -> frozenset[str]:
        """The two sources."""
        return frozenset((self.first, self.second))

    def turned(self) -> Likeness:
        """The same, told from the other source."""
        return replace(
            self,
            first=self.second,
            second=self.first,
            delay_s=-self.delay_s,
            share_delay_s=-self.share_delay_s,
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """All pairs of some sources with something in common, in the order of the sources.

    ``prints`` say by id what was compared of each source: one that has the same print among others
    is as like to those that have theirs.
    """

    prints: dict[str, str]
    likenesses: tuple[Likeness, ...]


NOTHING_COMPARED = Compared({}, ())


def compare(
    excerpts: Mapping[str, Excerpts],
    beat: Beat = unheeded,
    before: Compared = NOTHING_COMPARED,
) -> Compared:
    """All pairs with something in common; those that were compared ``before`` are known.

    ``beat`` is called with every source and every few pairs, and may raise to stop it.
    """
    heard = {one: found for one, found in excerpts.items() if len(found.windows) >= FEWEST_WINDOWS}
    if len(heard) < 2:
        return NOTHING_COMPARED
    numbers = _shared_windows(list(heard.values()))
    prints = {one: _print(found, numbers) for one, found in heard.items()}
    kept = {one for one, mark in prints.items() if before.prints.get(one) == mark}
    fresh = {one: found for one, found in heard.items() if one not in kept}
    likenesses = [one for one in before.likenesses if one.ids <= kept]
    if fresh:
        comparison = _Comparison(fresh | heard, numbers, len(fresh), beat)
        likenesses += comparison.pairs()
    return Compared(prints, _in_order(likenesses, list(heard)))


def _print(source: Excerpts, numbers: NDArray[np.int32]) -> str:
    """What of a source has a say in how it compares, where these windows are compared."""
    known = hashlib.blake2b(digest_size=16)
    for part in (source.windows, source.powers, source.samples, np.isin(source.windows, numbers)):
        known.update(part.tobytes())
    return known.hexdigest()


def _in_order(likenesses: Iterable[Likeness], ids: Sequence[str]) -> tuple[Likeness, ...]:
    """The pairs in the order of the sources, each with the one first that is first in it."""
    place = {one: number for number, one in enumerate(ids)}
    turned = (one if place[one.first] < place[one.second] else one.turned() for one in likenesses)
    return tuple(sorted(turned, key=lambda one: (place[one.first], place[one.second])))


class _Found(NamedTuple):
    """What is found of a pair by comparing it: the middle of a :class:`Likeness`."""

    correlation: float
    delay_s: float
    sharpness: float
    share: float
    share_delay_s: float
    share_sharpness: float
    notes: float

    @property
    def is_something(self) -> bool:
        """Whether it is worth being told."""
        sharpest = max(self.sharpness, self.share_sharpness)
        return sharpest > SHARPEST_NOISE or self.notes > LEAST_LIKENESS


class _Comparison:
    """All sources on one table of windows: what a source has not kept there is zero.

    Spectra are ``[bins, sources, windows]``, so that all bins of all pairs are one product of
    matrices. Each of the first ``fresh`` sources is compared with all others; every pair is made
    once, with the sources from the first of a block on.
    """

    def __init__(
        self,
        excerpts: Mapping[str, Excerpts],
        numbers: NDArray[np.int32],
        fresh: int,
        beat: Beat,
    ) -> None:
        self._ids = list(excerpts)
        self._fresh = fresh
        self._beat = beat
        shape = len(excerpts), len(numbers)
        self._spectra = np.zeros((len(_BINS), *shape), np.complex64)
        self._powers = np.zeros(shape, np.float32)
        self._has = np.zeros(shape, np.float32)
        lay = partial(self._lay, numbers)
        for _ in side_by_side(lay, list(enumerate(excerpts.values()))):
            beat()

    def _lay(self, numbers: NDArray[np.int32], source: tuple[int, Excerpts]) -> None:
        """Lay a source on its row of the table."""
        row, one = source
        kept = np.isin(one.windows, numbers)
        places = np.searchsorted(numbers, one.windows[kept])
        self._spectra[:, row, places] = _whitened(one.samples)[kept].T
        self._powers[row, places] = one.powers[kept]
        self._has[row, places] = 1.0

    def pairs(self) -> Iterator[Likeness]:
        """Every pair of a fresh source with something in common."""
        shared = self._has @ self._has.T
        energies = np.sqrt((self._powers @ self._has.T) * (self._has @ self._powers.T))
        notes = self._filled(partial(self._notes, np.abs(self._spectra)))
        evenly = self._filled(lambda block: _peaks(self._spectra, block, shared[block]))
        self._spectra *= np.sqrt(self._powers)  # in its place: the table is large
        by_power = self._filled(lambda block: _peaks(self._spectra, block, energies[block]))
        tables = np.concatenate([evenly, by_power, notes])
        for row, column in np.argwhere(np.triu(shared >= FEWEST_WINDOWS, 1)[: self._fresh]):
            self._beat()
            found = _Found(*(float(value) for value in tables[:, row, column]))
            if found.is_something:
                yield self._pair(int(row), int(column), found)

    def _filled(self, compare: Callable[[Block], tuple[Floats, ...]]) -> Floats:
        """Tables of pairs, made block by block, ``[tables, fresh sources, sources]``."""
        starts = range(0, self._fresh, BLOCK)
        blocks = [
            (slice(start, min(start + BLOCK, self._fresh)), slice(start, None)) for start in starts
        ]
        made: list[Floats] = []
        for part in side_by_side(compare, blocks):
            self._beat()
            made.append(np.stack(part))
        tables = np.zeros((len(made[0]), self._fresh, len(self._ids)), np.float32)
        for (rows, columns), table in zip(blocks, made, strict=True):
            tables[:, rows, columns] = table
        return tables

    def _notes(self, strengths: Floats, block: Block) -> tuple[Floats]:
        """How far the spectra of sources go together, beyond what their mean spectra do."""
        rows, columns = block
        windows = np.maximum(self._has[rows] @ self._has[columns].T, 1.0)
        products = np.matmul(strengths[:, rows], strengths[:, columns].transpose(0, 2, 1))
        means = strengths.sum(axis=2) / np.maximum(self._has.sum(axis=1), 1.0)
        apart = means[:, rows].T @ means[:, columns]
        together = products.sum(axis=0) / windows
        return (np.asarray((together - apart) / np.maximum(1.0 - apart, 0.1), np.float32),)

    def _pair(self, first: int, second: int, found: _Found) -> Likeness:
        both = np.flatnonzero(self._has[first] * self._has[second])
        powers = self._powers[[first, second]][:, both]
        is_loud = np.all(powers > LOUD * powers.max(axis=1, keepdims=True), axis=0)
        levels_db = 10.0 * np.log10(powers[0, is_loud] / powers[1, is_loud])
        spread_db = float(levels_db.std()) if is_loud.any() else 0.0
        return Likeness(self._ids[first], self._ids[second], len(both), *found, spread_db=spread_db)


def _shared_windows(excerpts: Sequence[Excerpts]) -> NDArray[np.int32]:
    """The windows that several sources have; of too many those that most of them have."""
    numbers, counts = np.unique(
        np.concatenate([one.windows for one in excerpts]), return_counts=True
    )
    numbers, counts = numbers[counts > 1], counts[counts > 1]
    room = max(FEWEST_WINDOWS, MOST_SPECTRA // len(excerpts))
    return np.sort(numbers[np.argsort(-counts, kind="stable")[:room]])


def _peaks(spectra: Complex64, block: Block, energies: Floats) -> tuple[Floats, Floats, Floats]:
    """Correlation, delay and sharpness of the pairs of a block, each ``[rows, columns]``.

    ``energies`` are those of the ``spectra`` over all windows of a pair.
    """
    rows, columns = block
    crossed = np.matmul(spectra[:, rows].conj(), spectra[:, columns].transpose(0, 2, 1))
    spectrum = np.zeros((*energies.shape, WINDOW_SAMPLES + 1), np.complex64)
    spectrum[:, :, _BINS] = crossed.transpose(1, 2, 0) / np.maximum(energies, 1e-20)[:, :, None]
    # Twice the rate, so that no peak falls between two delays.
    lags: Floats = np.fft.irfft(spectrum, 2 * WINDOW_SAMPLES).astype(np.float32)
    most, around = (round(2 * RATE_HZ * s) for s in (MOST_DELAY_S, PEAK_HALF_WIDTH_S))
    lags = np.concatenate([lags[:, :, -most:], lags[:, :, : most + 1]], axis=2) * WINDOW_SAMPLES
    best = np.abs(lags).argmax(axis=2)
    correlation: Floats = np.take_along_axis(lags, best[:, :, None], 2)[:, :, 0]
    delays = np.arange(lags.shape[2], dtype=np.int16)
    is_aside = np.abs(delays - best[:, :, None].astype(np.int16)) > around
    level: Floats = np.sqrt((np.square(lags) * is_aside).sum(axis=2) / is_aside.sum(axis=2))
    delays_s = ((best - most) / (2.0 * RATE_HZ)).astype(np.float32)
    sharpness = np.asarray(np.abs(correlation) / np.maximum(level, 1e-9), np.float32)
    return correlation, delays_s, sharpness


_BINS = np.arange(
    round(LOW_HZ * WINDOW_SAMPLES / RATE_HZ), round(HIGH_HZ * WINDOW_SAMPLES / RATE_HZ)
)
_TAPER = np.hanning(WINDOW_SAMPLES).astype(np.float32)


def _whitened(samples: NDArray[np.int8]) -> Complex64:
    """Spectra of windows, the mean one flat, each of power 1, ``[windows, bins]``."""
    spectra = np.fft.rfft(samples * _TAPER)[:, _BINS].astype(np.complex64)
    power = np.square(spectra.real) + np.square(spectra.imag)
    loud = np.maximum(power.sum(axis=1), _NOTHING)
    mean = (1.0 / loud) @ power / len(power)
    edge = SMOOTHED_BINS // 2
    smooth = np.convolve(np.pad(mean, edge, mode="edge"), np.ones(SMOOTHED_BINS), mode="valid")
    smooth /= SMOOTHED_BINS
    floor = smooth.max() * 10.0 ** (WHITENED_TO_DB / 10.0)
    flat = (1.0 / (smooth + floor + _NOTHING)).astype(np.float32)
    left = np.maximum(power @ flat, _NOTHING)
    spectra *= np.sqrt(flat / left[:, None])
    return spectra


_NOTHING = np.float32(1e-20)
"""Less power than anything has."""
