"""How far a mix is from a reference, term by term: as a loss, and as a mixer would say it.

**Source**: the terms and weights of Diff-MST's audio-feature loss (mean squared differences of RMS
0.1, crest in dB 0.001, width 1, imbalance 1, Bark spectra of mid and side together 0.1), of the
portraits of :mod:`.portrait`, where the loss is put right for mono.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reaper_automix.match.search.portrait import (
    BARK_HZ,
    DECIBELS,
    THIRDS,
    THIRDS_HZ,
    Float64,
    Portrait,
)

BANDS = len(BARK_HZ) - 1

LEAST_WIDTH = 1e-3
"""Side to mid below which a mix is mono, -30 dB."""

AUDIBLE_DB = -60.0
"""Third octaves that lie further below the loudest one of the reference are not compared."""

THIRDS_WEIGHT = 0.05
"""What third octaves weigh in a search, as much as the spectrum of the mid."""

Gap = Callable[[Portrait, Portrait], float]
"""How far a mix is from a reference, in a unit of its own."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its weight in the loss, the features it compares, and how its gap is told.

    The gap is mix minus reference, but of a spectrum how far the bands are off (root mean square).
    """

    name: str
    label: str
    weight: float
    part: slice
    unit: Literal["dB"]
    gap: Gap


@dataclass(frozen=True, slots=True)
class Distance:
    """One term's distance: what it adds to the loss, and its gap in its unit."""

    term: Term
    loss: float
    gap: float


@dataclass(frozen=True, slots=True)
class Distances:
    """All terms, in the order of :data:`TERMS`, and two figures that are no part of the loss."""

    terms: tuple[Distance, ...]
    range_lu: float
    """Loudness range, mix minus reference."""
    thirds_db: float
    """How far the third-octave spectrum is off (root mean square)."""

    @property
    def loss(self) -> float:
        """The whole distance."""
        return sum(one.loss for one in self.terms)


def _rms_db(portrait: Portrait) -> float:
    return float(20.0 * np.log10(portrait.features[0]))


def crest_db(portrait: Portrait) -> float:
    """Peak to RMS."""
    return float(portrait.features[1])


def _width_db(portrait: Portrait) -> float:
    return float(10.0 * np.log10(portrait.features[2] + LEAST_WIDTH))


def _right_to_left_db(portrait: Portrait) -> float:
    tilt = min(max(portrait.features[3], -0.999999), 0.999999)
    return float(10.0 * np.log10((1.0 + tilt) / (1.0 - tilt)))


def _difference(of: Callable[[Portrait], float]) -> Gap:
    return lambda mix, reference: of(mix) - of(reference)


def _spectrum_db(part: slice) -> Gap:
    def gap(mix: Portrait, reference: Portrait) -> float:
        apart = (mix.features - reference.features)[part]
        return float(np.sqrt(np.mean(apart**2)) * DECIBELS)

    return gap


RMS, CREST, WIDTH, IMBALANCE = (slice(number, number + 1) for number in range(4))
MID, SIDE = slice(4, 4 + BANDS), slice(4 + BANDS, 4 + 2 * BANDS)

TERMS = (
    Term("rms", "RMS", 0.1, RMS, "dB", _difference(_rms_db)),
    Term("crest", "Crest", 0.001, CREST, "dB", _difference(crest_db)),
    Term("width", "Width", 1.0, WIDTH, "dB", _difference(_width_db)),
    Term("imbalance", "Right to left", 1.0, IMBALANCE, "dB", _difference(_right_to_left_db)),
    Term("mid", "Spectrum", 0.05, MID, "dB", _spectrum_db(MID)),
    Term("side", "Width by band", 0.05, SIDE, "dB", _spectrum_db(SIDE)),
)
"""The features in their order, and what they weigh."""


RISES, TINY = 0.1, 0.01
"""No term may rise by more than this part of itself, and this part of the whole distance."""

FEATURES = TERMS[-1].part.stop + len(THIRDS_HZ)

OF_WIDTH = frozenset({"width", "imbalance", "side"})
"""Terms of what both channels do beside each other, which pans have a say in."""


def says_of_width(reference: Portrait) -> bool:
    """Whether a reference has any width that a mix could take on."""
    return bool(reference.features[2] > LEAST_WIDTH)


def aim(reference: Portrait, mix: Portrait) -> Portrait:
    """What a mix goes towards: a mono reference says nothing of width, so the mix keeps its own."""
    if says_of_width(reference):
        return reference
    rows = reference.rows.copy()
    for term in TERMS:
        if term.name in OF_WIDTH:
            rows[:, term.part] = mix.features[term.part]
    return replace(reference, rows=rows)


def weights() -> Float64:
    """What the squared difference of each feature weighs in the loss; third octaves have no say."""
    found = np.zeros(FEATURES)
    for term in TERMS:
        found[term.part] = term.weight / (term.part.stop - term.part.start)
    return found


def members() -> Float64:
    """Which features make up each term, ``[terms, features]`` of 0 and 1."""
    found = np.zeros((len(TERMS), FEATURES))
    for row, term in zip(found, TERMS, strict=True):
        row[term.part] = 1.0
    return found


def losses(apart: Float64) -> Float64:
    """What each term adds to the loss where features are so far apart."""
    return np.asarray(members() @ (weights() * apart**2))


def bounds(before: Float64, part: float = 1.0) -> Float64:
    """How far each term may get away that was so far before: this part of what is allowed."""
    return np.asarray(before + part * (RISES * before + TINY * before.sum()))


def distances(mix: Portrait, reference: Portrait) -> Distances:
    """How far a mix is from a reference."""
    found = losses(mix.features - reference.features).tolist()
    return Distances(
        tuple(
            Distance(term, loss, term.gap(mix, reference))
            for term, loss in zip(TERMS, found, strict=True)
        ),
        mix.range_lu - reference.range_lu,
        thirds_apart_db(mix, reference),
    )


def thirds_apart_db(mix: Portrait, reference: Portrait) -> float:
    """How far the third octaves of two mixes are apart, where the reference has any sound."""
    apart_db = (mix.thirds_db - reference.thirds_db)[audible(reference)]
    return float(np.sqrt(np.mean(apart_db**2)))


def thirds_weights(reference: Portrait) -> Float64:
    """What the squared difference of each feature weighs on top of the loss, in a search.

    The loss hears all below 100 Hz as one band; whoever matches a spectrum looks closer.
    """
    found = np.zeros(FEATURES)
    found[THIRDS] = THIRDS_WEIGHT * audible(reference) / len(THIRDS_HZ)
    return found


def audible(reference: Portrait) -> NDArray[np.bool_]:
    """The third octaves in which a reference has any sound."""
    return np.asarray(reference.thirds_db > reference.thirds_db.max() + AUDIBLE_DB)
