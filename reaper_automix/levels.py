"""How loud a track is: one level per method, in all of the spectrum or inside a pass band.

**Sources**: the narrowband level and its bands are those of A Scalable Two-Stage Automatic Mixing
System, AES 159 (2025), paper 10232, stage 1; loudness is :mod:`reaper_automix.features.loudness`.

**Conventions**: levels in LUFS at the fader's input, over all channels. +x dB at the source is
+x dB of every level. :data:`METHODS` has one row per method; the command line reads it.

**The two scales of** ``auto``. The band from 2·f0 to 4·f0 takes something away from any sound, so
a narrowband level stands below the loudness of the same sound. Its power response at harmonic k,
k²/(k²+4) · 16/(k²+16), is 0.188 at the fundamental: a pure tone loses 7.25 dB. A tone whose
harmonics fall as 1/k (a sawtooth, a bowed string, most of what has a pitch) loses on average

    Σ response(k)/k² / Σ 1/k² = 4/3 · Σ (1/(k²+4) - 1/(k²+16)) / (π²/6),   which is 6.16 dB,

with Σ 1/(k²+a²) = (π·a·coth(π·a) - 1) / (2·a²). K-weighting moves that to 5.6 … 6.4 dB for f0 from
41 to 1320 Hz; steeper spectra lie between that and the pure tone. The median over tracks with a
credible pitch of ten real sessions is 6.2 dB (method.md). So :data:`NARROWBAND_OFFSET_DB` is what
a full-band level is lowered by to stand beside narrowband ones.

**A false f0 boosts nothing.** Anything between f0 and 8·f0 loses at most what a pure tone loses; a
sound that loses more is loud below its f0 or far above it, so that f0 is an octave too high, or
not what it is heard by. ``auto`` takes its narrowband level for that of a pure tone
(:data:`PURE_TONE_DB`): whatever f0 and confidence say, a track is never put more than 1.1 dB above
its full-band place. On the 83 tracks of our sessions whose author's level is known the spread
inside a session is the same with and without this floor (6.1 dB).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reaper_automix.audio import Signal
from reaper_automix.features import Band, Features
from reaper_automix.features.filters import usable
from reaper_automix.features.loudness import BS_1770, Convention, in_bands
from reaper_automix.progress import Beat, unheeded
from reaper_automix.results import MethodLevel
from reaper_automix.settings import MethodName
from reaper_automix.units import db_from_power

FALLBACK_BAND = Band(50.0, 10000.0)
"""The published band of a track without any pitch."""

CENTROID_LIMITS_HZ = (1.0, 22000.0)


def sawtooth_offset_db() -> float:
    """What the band from 2·f0 to 4·f0 takes from a tone with harmonics 1/k (see above).

    >>> round(sawtooth_offset_db(), 2)
    -6.16
    """
    passed = 4.0 / 3.0 * (_sum_over_harmonics(2.0) - _sum_over_harmonics(4.0))
    return db_from_power(passed / (math.pi**2 / 6.0))


def _sum_over_harmonics(a: float) -> float:
    """The sum of 1/(k²+a²) over k = 1, 2, 3, and so on."""
    return (math.pi * a / math.tanh(math.pi * a) - 1.0) / (2.0 * a * a)


NARROWBAND_OFFSET_DB = sawtooth_offset_db()
"""Narrowband minus full-band level of an ordinary pitched sound, -6.16 dB."""

PURE_TONE_DB = db_from_power(1.0 / 5.0 * 16.0 / 17.0)
"""Narrowband minus full-band level of a pure tone, -7.25 dB: the response at k = 1 (see above)."""


def pitch_band(features: Features) -> Band | None:
    """Second to fourth harmonic, 2·f0 … 4·f0; ``None`` without pitch.

    >>> pitch_band(Features(1.0, 1.0, -3.0, -3.0, -20.0, f0_hz=110.0))
    Band(low_hz=220.0, high_hz=440.0)
    """
    return None if features.f0_hz is None else Band(2.0 * features.f0_hz, 4.0 * features.f0_hz)


def published_band(features: Features) -> Band:
    """Second to fourth harmonic; without pitch the published 50 Hz … 10 kHz."""
    return pitch_band(features) or FALLBACK_BAND


def centroid_band(features: Features) -> Band | None:
    """Spectral centroid ± half the bandwidth, inside 1 … 22000 Hz; ``None`` for silence.

    >>> centroid_band(Features(1.0, 1.0, -3.0, -3.0, -20.0, centroid_hz=800.0, bandwidth_hz=1800.0))
    Band(low_hz=1.0, high_hz=1700.0)
    """
    if features.centroid_hz is None or features.bandwidth_hz is None:
        return None
    low_hz, high_hz = CENTROID_LIMITS_HZ
    half_hz = features.bandwidth_hz / 2.0
    return Band(
        min(max(features.centroid_hz - half_hz, low_hz), high_hz),
        min(max(features.centroid_hz + half_hz, low_hz), high_hz),
    )


def _pitch_trust(features: Features) -> float:
    """How far the narrowband level counts, 0 … 1: continuous in ``pitch_confidence``."""
    from reaper_automix.features.pitch import credibility

    return 0.0 if features.f0_hz is None else credibility(features.pitch_confidence)


@dataclass(frozen=True, slots=True)
class Method:
    """One way to tell how loud a track is.

    ``band`` says where it listens; ``trust`` (0 … 1) how far what it hears there counts, the rest
    being the full-band level, moved by ``offset_db`` to the scale of the method. What it hears
    counts as no lower than the full-band level plus ``floor_db``.
    """

    name: MethodName
    title: str
    needs_pitch: bool
    band: Callable[[Features], Band | None]
    trust: Callable[[Features], float] = lambda features: 1.0
    offset_db: float = 0.0
    floor_db: float = -math.inf


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "auto",
            "narrowband where the pitch is credible, else full band",
            True,
            pitch_band,
            _pitch_trust,
            NARROWBAND_OFFSET_DB,
            PURE_TONE_DB,
        ),
        Method("p_lufs", "narrowband, 2·f0 … 4·f0 (the published method)", True, published_band),
        Method("lufs", "integrated loudness, full band", False, lambda _: None, lambda _: 0.0),
        Method("centroid", "around the spectral centroid", False, centroid_band),
    )
}
"""All methods, by name."""


NO_PITCH = "No pitch was found in it; measured from 50 Hz to 10 kHz, as published."


def levels_of(
    weighted: Signal,
    features: Features,
    methods: Sequence[str] = tuple(METHODS),
    *,
    whole_lufs: float | None = None,
    convention: Convention = BS_1770,
    beat: Beat = unheeded,
) -> tuple[MethodLevel, ...]:
    """The level of a source by each of some methods.

    ``weighted`` is its signal K-weighted, which is read at most once, for all bands. Where a band
    cannot be used (its low edge too near half the sample rate) or nothing is left in it (below the
    absolute gate), the full-band level stands in, and a note says so. ``whole_lufs`` is that level
    (:meth:`~reaper_automix.features.loudness.Meter.level_lufs`; by default the loudness in
    ``features``), ``convention`` how it was measured; ``beat`` is called with every block.
    """
    whole_lufs = features.lufs if whole_lufs is None else whole_lufs
    asked = {name: _asked_band(METHODS[name], features) for name in methods}
    wanted = (usable(band, weighted.sample_rate_hz) for band in asked.values() if band is not None)
    bands = tuple(dict.fromkeys(band for band in wanted if band.low_hz is not None))
    heard = in_bands(weighted, bands, convention, beat) if bands else ()
    inside = dict(zip(bands, heard, strict=True))
    return tuple(
        _level(METHODS[name], features, whole_lufs, band, inside, weighted.sample_rate_hz)
        for name, band in asked.items()
    )


def _asked_band(method: Method, features: Features) -> Band | None:
    """Where a method listens, if what it hears there counts at all."""
    if features.lufs is None or method.trust(features) == 0.0:
        return None
    return method.band(features)


def _level(
    method: Method,
    features: Features,
    whole_lufs: float | None,
    asked: Band | None,
    inside: Mapping[Band, float | None],
    sample_rate_hz: int,
) -> MethodLevel:
    """One method's level, by the loudness ``inside`` the bands that can be used."""
    if features.lufs is None or whole_lufs is None:
        return MethodLevel(method.name, None)
    scaled_lufs = whole_lufs + method.offset_db
    if asked is None:
        return MethodLevel(method.name, scaled_lufs)
    band = usable(asked, sample_rate_hz)
    if band not in inside:
        return MethodLevel(method.name, scaled_lufs, note=_out_of_reach(asked, sample_rate_hz))
    narrow_lufs = inside[band]
    if narrow_lufs is None:
        return MethodLevel(method.name, scaled_lufs, note=_nothing_left(asked))
    trust = method.trust(features)
    counted_lufs = max(narrow_lufs, whole_lufs + method.floor_db)
    blended_lufs = trust * counted_lufs + (1.0 - trust) * scaled_lufs
    note = NO_PITCH if asked is FALLBACK_BAND else ""
    return MethodLevel(method.name, blended_lufs, band, narrow_lufs, note)


def _out_of_reach(band: Band, sample_rate_hz: int) -> str:
    return (
        f"Its pass band would begin at {band.low_hz:.0f} Hz, out of reach at a sample rate of "
        f"{sample_rate_hz} Hz; measured over the whole spectrum."
    )


def _nothing_left(band: Band) -> str:
    return (
        f"Between {band.low_hz:.0f} and {band.high_hz:.0f} Hz nothing of it is left above "
        "-70 LUFS; measured over the whole spectrum."
    )
