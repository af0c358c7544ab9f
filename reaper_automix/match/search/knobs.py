"""The knobs of a console as one row of numbers, and what they do to the levels of the stems.

**Conventions**: a row holds the moves of gains ``[n]``, of the stems' equalisers ``[n, 4]`` and of
pans ``[n]``, then of the master's bands gains, octaves of frequency and octaves of Q, ``[6]`` each.
0 is where everything stood. Compressors are no knobs; they are tried out (:mod:`.squeeze`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from reaper_automix.match.console.filters import SHAPES
from reaper_automix.match.console.panning import console_gains
from reaper_automix.match.console.strips import (
    Band,
    Channel,
    Console,
    Strip,
    neutral_channel,
    neutral_master,
)
from reaper_automix.match.console.table import BANDS
from reaper_automix.match.search.forecast import response_db
from reaper_automix.match.search.portrait import Float64
from reaper_automix.match.search.priors import (
    MASTER_BANDS,
    OCTAVES,
    Q_OCTAVES,
    SILENT_BAND_DB,
    STEM_BANDS,
    USUAL,
    Place,
    Wishes,
)

STEP = 1e-3
"""Half of a difference that stands for a slope, in the knob's own unit."""

FIRST_PAN = 0.05

NEAREST_PAN = 0.02
"""No pan is turned nearer than this to a side, where the console's law has no slope."""


Turned: TypeAlias = tuple[Place, Float64, Float64, Float64]
"""A band, and by how much it is turned: gain in dB, octaves of frequency, octaves of Q."""


class Knobs:
    """All knobs of a console whose channels stand as ``start``; their strips are set anew."""

    def __init__(self, start: tuple[Channel, ...]) -> None:
        self.start = start
        count, six = len(start), len(MASTER_BANDS)
        sizes = {"gain": count, "eq": count * len(STEM_BANDS), "pan": count}
        sizes |= {"bus": six, "octaves": six, "q": six}
        ends = itertools.pairwise(np.cumsum([0, *sizes.values()]).tolist())
        self.parts: Mapping[str, slice] = {
            name: slice(*pair) for name, pair in zip(sizes, ends, strict=True)
        }
        self.size = sum(sizes.values())
        self._gains_db = np.array([channel.gain_db for channel in start])
        self._pans = np.array([channel.pan for channel in start])

    def usual(self) -> Float64:
        """A usual move of each knob."""
        return self._row({name: np.array(USUAL[name]) for name in self.parts})

    def first(self) -> Float64:
        """Where a search begins: pans a little off the centre, by turns, or they would not move.

        Both ways from the centre are alike to the width of a mix, so that there it has no slope.
        """
        row = np.zeros(self.size)
        turns = np.where(np.arange(len(self.start)) % 2, FIRST_PAN, -FIRST_PAN)
        row[self.parts["pan"]] = turns
        return row

    def limits(self, wishes: Wishes) -> tuple[Float64, Float64]:
        """The furthest moves down and up; where both are 0 a knob stays."""
        blocks, limits = wishes.blocks, wishes.limits
        master = float(blocks.master and blocks.eq)
        reach = {
            "gain": limits.gain_db * blocks.gain,
            "eq": limits.eq_db * blocks.eq,
            "pan": limits.pan * (blocks.pan and not wishes.keep_pan),
            "bus": limits.eq_db * master,
            "octaves": OCTAVES * master,
            "q": Q_OCTAVES * master,
        }
        low = self._row({name: np.array(-value) for name, value in reach.items()})
        high = self._row({name: np.array(value) for name, value in reach.items()})
        for name, stems in wishes.kept.items():
            for end in (low, high):
                end[self.parts[name]].reshape(len(self.start), -1)[list(stems)] = 0.0
        self._keep_in_range(low, high)
        return low, high

    def levels_db(self, row: Float64) -> Float64:
        """What a row does to each stem in each cell, ``[n, cells]``."""
        moved = self._gains_db + row[self.parts["gain"]]
        stems = sum(map(_response_db, self._stem_bands(row)))
        bus = sum(map(_response_db, self._bus_bands(row)))
        return np.asarray(moved[:, None] + stems + bus)

    def sides(self, row: Float64) -> Float64:
        """The gains of the pans, ``[n, 2]``."""
        pans = self._pans + row[self.parts["pan"]]
        return np.array([console_gains(pan) for pan in pans.tolist()])

    def slopes(self, row: Float64, by_side: Float64) -> Float64:
        """What features do per unit of each knob, ``[features, knobs]``.

        ``by_side`` ``[features, 2, n, cells]`` is what they do per dB of a side in a cell.
        """
        by_stem = by_side.sum(axis=1)
        by_cell = by_stem.sum(axis=1)
        eq = np.stack([_slope(band, 0) for band in self._stem_bands(row)], axis=1)
        bus = [[_slope(band, which)[0] for band in self._bus_bands(row)] for which in range(3)]
        found = {
            "gain": by_stem.sum(axis=2),
            "eq": np.einsum("fnc,nbc->fnb", by_stem, eq).reshape(len(by_side), -1),
            "pan": np.einsum("fsnc,ns->fn", by_side, self._pan_slopes(row)),
        }
        found |= {
            name: by_cell @ np.array(slopes).T
            for name, slopes in zip(("bus", "octaves", "q"), bus, strict=True)
        }
        return np.concatenate([found[name] for name in self.parts], axis=1)

    def console(self, row: Float64) -> Console:
        """The console at a row, its compressors off; bands that nobody hears are at 0 dB."""
        eq = np.stack([gains_db for _, gains_db, _, _ in self._stem_bands(row)], axis=1)
        moved_db, turned = row[self.parts["gain"]].tolist(), row[self.parts["pan"]].tolist()
        channels = tuple(
            Channel(
                channel.gain_db + gain_db,
                strip(zip(STEM_BANDS, bands_db, strict=True)),
                channel.pan + pan,
            )
            for channel, gain_db, bands_db, pan in zip(
                self.start, moved_db, eq.tolist(), turned, strict=True
            )
        )
        bus = (
            (moved(place, float(octaves[0]), float(q[0])), float(gain_db[0]))
            for place, gain_db, octaves, q in self._bus_bands(row)
        )
        return Console(channels, replace(neutral_master(), strip=strip(bus)))

    def _row(self, values: Mapping[str, Float64]) -> Float64:
        row = np.zeros(self.size)
        for name, part in self.parts.items():
            row[part] = values[name]
        return row

    def _keep_in_range(self, low: Float64, high: Float64) -> None:
        """No band leaves the range of its table, no pan the console."""
        for part, place in zip(range(*self._span("octaves")), MASTER_BANDS, strict=True):
            lowest_hz, highest_hz, _ = BANDS[place.band].range_hz
            low[part] = max(low[part], np.log2(lowest_hz / place.frequency_hz))
            high[part] = min(high[part], np.log2(highest_hz / place.frequency_hz))
        pan = self.parts["pan"]
        low[pan] = np.maximum(low[pan], np.minimum(NEAREST_PAN - self._pans, 0.0))
        high[pan] = np.minimum(high[pan], np.maximum(1.0 - NEAREST_PAN - self._pans, 0.0))

    def _span(self, name: str) -> tuple[int, int]:
        return self.parts[name].start, self.parts[name].stop

    def _stem_bands(self, row: Float64) -> Iterator[Turned]:
        """Each band of the stems with its gains ``[n]``."""
        eq, still = row[self.parts["eq"]].reshape(-1, len(STEM_BANDS)).T, np.zeros(len(self.start))
        for place, gains_db in zip(STEM_BANDS, eq, strict=True):
            yield place, gains_db, still, still

    def _bus_bands(self, row: Float64) -> Iterator[Turned]:
        """Each band of the master with its three knobs, ``[1]`` each."""
        knobs = (row[self.parts[name]].reshape(-1, 1) for name in ("bus", "octaves", "q"))
        yield from zip(MASTER_BANDS, *knobs, strict=True)

    def _pan_slopes(self, row: Float64) -> Float64:
        """Decibels per position on either side, ``[n, 2]``; 0 of a pan that is at an end."""
        pans = self._pans + row[self.parts["pan"]]
        free = (pans > STEP) & (pans < 1.0 - STEP)
        around = [
            np.array([console_gains(pan) for pan in np.where(free, pans + step, 0.5).tolist()])
            for step in (STEP, -STEP)
        ]
        up_db, down_db = (20.0 * np.log10(np.maximum(gains, 1e-9)) for gains in around)
        return np.where(free[:, None], (up_db - down_db) / (2.0 * STEP), 0.0)


def strip(bands: Iterable[tuple[Place, float]]) -> Strip:
    """A strip with these bands, the others and the compressor off."""
    neutral = neutral_channel().strip
    found = list(neutral.bands)
    for place, gain_db in bands:
        heard_db = gain_db if abs(gain_db) >= SILENT_BAND_DB else 0.0
        found[place.band] = Band(heard_db, place.frequency_hz, place.q)
    return replace(neutral, bands=tuple(found))


def moved(place: Place, octaves: float, q_octaves: float) -> Place:
    """A band elsewhere and of another width."""
    return replace(
        place, frequency_hz=place.frequency_hz * 2.0**octaves, q=place.q * 2.0**q_octaves
    )


def _response_db(turned: Turned) -> Float64:
    """What a band does in each cell, ``[bands, cells]``."""
    place, gains_db, octaves, q_octaves = turned
    shape = SHAPES[BANDS[place.band].shape]
    polynomials = shape(10.0 ** (gains_db / 40.0), place.q * 2.0**q_octaves)
    return response_db(*polynomials, place.frequency_hz * 2.0**octaves)


def _slope(turned: Turned, which: int) -> Float64:
    """Decibels in each cell per unit of one of a band's three knobs, ``[bands, cells]``."""
    up_db, down_db = (_response_db(_nudged(turned, which, step)) for step in (STEP, -STEP))
    return (up_db - down_db) / (2.0 * STEP)


def _nudged(turned: Turned, which: int, step: float) -> Turned:
    """The band with one of its knobs a little further."""
    place, gains_db, octaves, q_octaves = turned
    nudge = [step * (number == which) for number in range(3)]
    return place, gains_db + nudge[0], octaves + nudge[1], q_octaves + nudge[2]
