"""What the sound of a track says about its role: how well each kind of sound fits it.

A multinomial logistic model over a few descriptors, none of which depends on level. Its numbers
stand in ``sound.toml``, made by ``tests/train_roles.py`` from General MIDI instruments, drum kits,
speech and our demo. What it cannot hear it does not say: rooms sound like overheads, backing vocals
like lead vocals, and of effect returns, clicks and other things it knows nothing.

**Conventions**: an answer is a likelihood ratio per role: how many times likelier this sound is
from the role than from the average kind. 1 says nothing.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import mul

from reaper_automix.features import SPECTRUM_HZ, Features
from reaper_automix.roles.vocabulary import Role

ROLES_OF_KIND: Mapping[str, tuple[Role, ...]] = {
    "kick": ("kick",),
    "snare": ("snare",),
    "tom": ("tom",),
    "hi-hat": ("hi-hat",),
    "ride": ("ride",),
    "kit": ("overhead", "room"),
    "percussion": ("percussion",),
    "bass": ("bass",),
    "acoustic guitar": ("acoustic guitar",),
    "electric guitar": ("electric guitar",),
    "keys": ("keys",),
    "organ": ("organ",),
    "synth": ("synth",),
    "pad": ("pad",),
    "strings": ("strings",),
    "brass": ("brass",),
    "woodwind": ("woodwind",),
    "voice": ("lead vocal", "backing vocal"),
}
"""The kinds of sound that are told apart, and the roles that sound like each."""

_MELODIC = ("acoustic guitar", "electric guitar", "keys", "organ", "synth", "pad", "strings")
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("kick", "tom"),
    ("snare", "percussion", "kit"),
    ("hi-hat", "ride"),
    ("bass",),
    (*_MELODIC, "brass", "woodwind", "voice"),
)
"""Kinds that are alike. A real track is surer of its family than of its kind."""

BANDS_TOGETHER = 4
"""Bands of the spectrum that make one descriptor: two thirds of an octave."""

FLOOR_DB = -50.0
"""Bands weaker than this against the whole count as this."""


@dataclass(frozen=True, slots=True)
class Model:
    """The numbers of the model, per descriptor: its mean, its spread, and its weight per kind.

    How often the sounds of real tracks are like those it was made from is not known:
    ``trust_in_kind`` and ``trust_in_family`` are the chances that we give it to be right about the
    kind, or at least about the family. What is left of 1 says nothing.
    """

    trust_in_kind: float
    trust_in_family: float
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    kinds: Mapping[str, tuple[float, ...]]

    def shares(self, descriptors: tuple[float, ...]) -> dict[str, float]:
        """The probability of every kind, were all equally common. A weight more: the bias."""
        rows = zip(descriptors, self.mean, self.spread, strict=True)
        scaled = (*((value - mean) / spread for value, mean, spread in rows), 1.0)
        scores = {
            kind: math.fsum(map(mul, scaled, weights)) for kind, weights in self.kinds.items()
        }
        most = max(scores.values())
        odds = {kind: math.exp(score - most) for kind, score in scores.items()}
        return {kind: part / math.fsum(odds.values()) for kind, part in odds.items()}


@cache
def model() -> Model:
    """The model that comes with the package."""
    table = tomllib.loads(files(__package__).joinpath("sound.toml").read_text("utf-8"))
    kinds = {kind: tuple(weights) for kind, weights in table["weights"].items()}
    trust = table["trust"]
    mean, spread = tuple(table["mean"]), tuple(table["spread"])
    return Model(trust["kind"], trust["family"], mean, spread, kinds)


def likelihoods(features: Features) -> dict[Role, float]:
    """How much likelier the sound is per role; empty where there is nothing to hear."""
    descriptors = descriptors_of(features)
    if not descriptors:
        return {}
    known = model()
    shares = known.shares(descriptors)
    return {
        role: _trusted(known, shares, kind, family)
        for family in FAMILIES
        for kind in family
        for role in ROLES_OF_KIND[kind]
    }


def _trusted(known: Model, shares: Mapping[str, float], kind: str, family: Sequence[str]) -> float:
    """How much likelier a kind is when the model is believed as far as it is trusted."""
    alike = math.fsum(shares[one] for one in family) / len(family)
    believed = known.trust_in_kind * shares[kind] + known.trust_in_family * alike
    return believed * len(shares) + 1.0 - known.trust_in_kind - known.trust_in_family


def descriptors_of(features: Features) -> tuple[float, ...]:
    """What the model looks at, the same for the sound at any level; nothing of silence."""
    if features.lufs is None or features.centroid_hz is None or len(features.spectrum_db) == 0:
        return ()
    return (*_tone(features), *_pitch(features), *_dynamics(features))


def _tone(features: Features) -> Iterator[float]:
    """The spectrum in steps of two thirds of an octave, against the whole; its middle and width."""
    powers = [10.0 ** (level_db / 10.0) for level_db in features.spectrum_db]
    whole = math.fsum(powers)
    for first in range(0, len(SPECTRUM_HZ), BANDS_TOGETHER):
        share = math.fsum(powers[first : first + BANDS_TOGETHER]) / whole
        yield max(FLOOR_DB, 10.0 * math.log10(share) if share > 0.0 else FLOOR_DB)
    yield math.log2(max(20.0, features.centroid_hz or 0.0) / 1000.0)
    yield math.log2(max(20.0, features.bandwidth_hz or 0.0) / 1000.0)


def _pitch(features: Features) -> Iterator[float]:
    """How sure the pitch is, and how high where it is."""
    octave = math.log2((features.f0_hz or 200.0) / 200.0)
    yield features.pitch_confidence
    yield features.pitch_confidence * octave
    yield features.pitch_confidence * octave**2


def _dynamics(features: Features) -> Iterator[float]:
    """The spread of loudness in time, the peaks above it, and how much of the time is sound."""
    yield min(30.0, features.range_lu or 0.0)
    yield min(40.0, max(0.0, features.true_peak_db - (features.lufs or 0.0)))
    yield features.active_s / features.duration_s if features.duration_s else 1.0
