"""Whether a reference is a mix of the very song that is matched, and where in it that song begins.

A rough mix, an earlier bounce, or what a mastering engineer made of it is louder, brighter and
begins elsewhere in its file; but it grows and falls as the song does. Heard where the song is, it
differs from it by what was done to it alone, and not by the notes of other bars.

**Conventions**: powers are K-weighted, one per hop of 100 ms, ``[hops]``. A lag is by how much
later something comes in the reference than in the song.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.match.passages import Powers

ALIKE = 0.9
"""Loudness over time that correlates like this is that of one song."""

OVERLAP = 0.8
"""What two mixes of a song share of the shorter one at least."""

FURTHEST_HOPS = 600
"""A mix begins a minute earlier or later at most."""

FEWEST_HOPS = 10

RANGE_DB = 40.0
"""What is further below the loudest hop is as silent as silence."""

NEAR_S = 0.15
"""Hops say where a song begins to half of one; its waveform says it to the sample."""


@dataclass(frozen=True, slots=True)
class Song:
    """The mix that is matched, as far as another mix of it is known by it.

    ``starts`` are the hops at which its passages begin, ``seconds`` how long each of them is;
    ``first`` ``[frames]`` is the first of them, both channels added up.
    """

    powers: Powers
    starts: tuple[int, ...]
    seconds: float
    first: Samples


def lag_hops(song: Powers, reference: Powers) -> int | None:
    """By how many hops a mix of a song lags behind it; ``None`` where it is one of another song."""
    one, other = _levels_db(song), _levels_db(reference)
    shorter = min(len(one), len(other))
    if shorter < FEWEST_HOPS:
        return None
    least = max(FEWEST_HOPS, round(OVERLAP * shorter))
    lags = range(max(-FURTHEST_HOPS, least - len(one)), min(FURTHEST_HOPS, len(other) - least) + 1)
    likeness = {lag: _likeness(*_beside(one, other, lag)) for lag in lags}
    best = max(likeness, key=lambda lag: likeness[lag], default=0)
    return best if likeness.get(best, 0.0) >= ALIKE else None


def lag_frames(song: Samples, reference: Samples, rate_hz: float) -> int:
    """By how many frames a passage ``[frames]`` lags behind what it nearly is; a few hundredths."""
    frames = len(song) + len(reference)
    spectrum = np.fft.rfft(reference, frames) * np.conj(np.fft.rfft(song, frames))
    near = round(NEAR_S * rate_hz)
    found = np.roll(np.fft.irfft(spectrum, frames), near)[: 2 * near + 1]
    return int(np.abs(found).argmax()) - near


def _levels_db(powers: Powers) -> Powers:
    least = powers.max(initial=0.0) * 10.0 ** (-RANGE_DB / 10.0)
    levels: Powers = 10.0 * np.log10(np.maximum(powers, max(least, 1e-30)))
    return levels


def _beside(one: Powers, other: Powers, lag: int) -> tuple[Powers, Powers]:
    """What two have in common if the other one lags."""
    first, end = max(0, -lag), min(len(one), len(other) - lag)
    return one[first:end], other[first + lag : end + lag]


def _likeness(one: Powers, other: Powers) -> float:
    """The correlation of two, -1 … 1; 0 of what never changes."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size > 0.0 else 0.0
