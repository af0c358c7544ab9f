"""Another tempo at the same pitch: waveform-similarity overlap-add.

Source: Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA)",
ICASSP 1993. Each segment is taken near where the new tempo wants it, at the place that continues
the sound before it best; the two are crossfaded. Where the paper adds with fixed weights, ours are
scaled by how alike the two really are, so that noise keeps its level as well as tones do.

REAPER has better algorithms; this one is right in timing (±12.5 ms) and level, which is what is
measured, and every item that it touches is flagged.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.render.source import Pull

HOP_S = 0.025
"""Length of a crossfade; segments are two of these."""

SEARCH_S = 0.0125
"""How far a segment may lie from where the tempo wants it; half a period of 40 Hz."""

_CHUNK_FRAMES = 1 << 14

_COARSE_RATE_HZ = 12000

_PREFER_MIDDLE = 1e-3
"""What being off the wanted place costs, against a likeness of 1, so that silence keeps time."""


class Stretcher:
    """A line at ``speed`` times its tempo."""

    def __init__(self, pull: Pull, speed: float, rate_hz: int, channels: int) -> None:
        self._source = _Window(pull, channels)
        self._speed = speed
        self._hop = max(round(HOP_S * rate_hz), 2)
        self._search = round(SEARCH_S * rate_hz)
        self._thinning = max(rate_hz // _COARSE_RATE_HZ, 1)
        self._rise = np.sin(np.pi / 2.0 * (np.arange(self._hop) + 0.5) / self._hop) ** 2
        self._count = 0
        self._continues_at = 0
        self._held = np.zeros((channels, 0), np.float32)

    def pull(self, frames: int) -> Samples:
        """The next frames."""
        missing = math.ceil((frames - self._held.shape[1]) / self._hop)
        hops = [self._next_hop() for _ in range(missing)]
        ready = np.concatenate([self._held, *hops], axis=1)
        given, self._held = ready[:, :frames], ready[:, frames:]
        return np.ascontiguousarray(given)

    def _next_hop(self) -> Samples:
        """The end of the last segment crossfaded into the beginning of the next one."""
        # Segments keep time in their middle, where they sound alone.
        wanted = max(round(((self._count + 1) * self._speed - 1.0) * self._hop), 0)
        first = max(wanted - self._search, 0)
        self._source.forget_before(min(first, self._continues_at))
        ending = self._source.read(self._continues_at, self._hop)
        nearby = self._source.read(first, wanted - first + self._search + self._hop)
        place, likeness = self._continuation(ending, nearby, wanted - first)
        self._count += 1
        self._continues_at = first + place + self._hop
        beginning = nearby[:, place : place + self._hop]
        return _crossfaded(ending, beginning, self._rise, likeness)

    def _continuation(self, ending: Samples, nearby: Samples, middle: int) -> tuple[int, float]:
        """Where ``nearby`` goes on like ``ending``, and how alike; coarsely first, then finely."""
        step = self._thinning
        likeness = _likeness(_thinned(ending, step), _thinned(nearby, step))
        off = np.abs(np.arange(len(likeness)) * step - middle) / max(self._search, 1)
        coarse = int(np.argmax(likeness - _PREFER_MIDDLE * off)) * step
        low = max(coarse - step, 0)
        likeness = _likeness(ending, nearby[:, low : coarse + step + self._hop])
        off = np.abs(np.arange(len(likeness)) + low - middle) / max(self._search, 1)
        best = int(np.argmax(likeness - _PREFER_MIDDLE * off))
        return low + best, float(likeness[best])


class _Window:
    """The part of a line that is still needed, by frame number."""

    def __init__(self, pull: Pull, channels: int) -> None:
        self._pull = pull
        self._first = 0
        self._samples = np.zeros((channels, 0), np.float32)

    def forget_before(self, frame: int) -> None:
        """Let go of what lies before a frame, even of what was not read yet."""
        while frame > self._first + self._samples.shape[1]:
            self._first += self._samples.shape[1]
            self._samples = self._pull(_CHUNK_FRAMES)
        self._samples = self._samples[:, frame - self._first :]
        self._first = frame

    def read(self, frame: int, frames: int) -> Samples:
        """Frames from ``frame`` on, which must not be forgotten."""
        end = frame + frames - self._first
        missing = end - self._samples.shape[1]
        if missing > 0:
            fresh = self._pull(max(missing, _CHUNK_FRAMES))
            joined = np.concatenate([self._samples, fresh], axis=1)
            self._samples = np.ascontiguousarray(joined)
        return self._samples[:, frame - self._first : end]


def _likeness(ending: Samples, nearby: Samples) -> NDArray[np.float64]:
    """Normalised correlation of ``ending`` with ``nearby`` at every lag, over all channels."""
    frames = ending.shape[1]
    products = sum(np.correlate(*pair, "valid") for pair in zip(nearby, ending, strict=True))
    powers = np.concatenate([[0.0], np.cumsum((nearby.astype(np.float64) ** 2).sum(axis=0))])
    energies = np.maximum(powers[frames:] - powers[:-frames], 0.0)
    scale = np.sqrt(energies * float((ending.astype(np.float64) ** 2).sum()))
    alike = np.zeros(len(scale))
    np.divide(products, scale, out=alike, where=scale > 1e-12)
    return alike


def _thinned(samples: Samples, step: int) -> Samples:
    """Means of ``step`` frames each: enough to find a place to within ``step``."""
    whole = samples.shape[1] // step * step
    means: Samples = samples[:, :whole].reshape(len(samples), -1, step).mean(axis=2)
    return means


def _crossfaded(
    ending: Samples, beginning: Samples, rise: NDArray[np.float64], likeness: float
) -> Samples:
    """A crossfade that keeps the power of two sounds that are alike to that degree."""
    fall = 1.0 - rise
    alike = min(max(likeness, 0.0), 1.0)
    level = np.sqrt(rise**2 + fall**2 + 2.0 * alike * rise * fall)
    mixed: Samples = (fall / level * ending + rise / level * beginning).astype(np.float32)
    return mixed
