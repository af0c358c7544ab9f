"""How a source goes in time, kept so small that sums of sources follow from it without audio.

**Conventions**: time is cut into *hops* of 100 ms (:func:`.loudness.hop_frames`) of the session's
time line: hop ``h`` holds the frames from ``h · hop`` on, whatever a source's own first frame is,
so that hop ``h`` of every source is the same moment. What of a hop lies outside a source is
silence in it.

**Accuracy**: the power that two sources have in common is the mean of the products of their
samples; taken at N scattered instants instead of all, it is off by some 1 / √N of the geometric
mean of their powers. Three seconds of one channel are N = 4500, that is 1.5 % or 0.06 dB of the
sum of two equally loud sources. Of what sounds shorter than :data:`WHOLE_HOPS` all is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples
from reaper_automix.features.excerpts import Excerpter, Excerpts
from reaper_automix.features.loudness import hop_frames

POINTS = 150
"""Instants of every hop that a sketch keeps."""

WHOLE_HOPS = 75
"""A source that sounds no longer is kept whole; at 48 kHz it takes the room of four minutes."""

SILENT_POWER = 1e-10
"""A hop below this K-weighted power (-100 LUFS) is not sketched: no fader makes it heard."""

MOST_UNITS = 32767
"""Steps in which a sketch counts, up to the loudest sample of a hop; they lie 70 dB below it."""

_SCATTER_HOPS = 1024
_FRACTION_BITS = 16


@dataclass(frozen=True, slots=True)
class Trace:
    """Loudness and peaks of a source, hop by hop.

    ``powers`` ``[hops]`` is the K-weighted mean power of each hop, channels summed (BS.1770), and
    ``plain_powers`` the same before any filter; ``peaks`` ``[channels, hops]`` the largest true
    peak in each, linear. All of them float32.
    """

    first_hop: int
    powers: NDArray[np.float32]
    peaks: NDArray[np.float32]
    plain_powers: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The K-weighted samples of a source at scattered instants of every hop that sounds.

    ``hops`` ``[kept]`` int32 are the numbers of those hops on the time line, ascending.
    ``samples`` ``[channels, kept, points]`` int16 hold :data:`POINTS` instants of each
    (:func:`positions`, the same for all sources of a session, so that what two sources have in
    common shows in their sketches), or every frame of the hop in a source that sounds no longer
    than :data:`WHOLE_HOPS`. They count ``units`` ``[kept]`` float32, of which the loudest in a hop
    has :data:`MOST_UNITS`; with them every hop has the power of its trace, and each channel its
    exact share of it. The source itself, with what is silent in it, has ``frames`` from
    ``start_frame`` of the time line on. ``excerpts`` are windows of it kept whole, by which sources
    that hear each other are known.
    """

    start_frame: int
    frames: int
    hops: NDArray[np.int32]
    samples: NDArray[np.int16]
    units: NDArray[np.float32]
    excerpts: Excerpts


@cache
def _scatter(hop_length: int) -> NDArray[np.int64]:
    """The scattered frames of hops of a length, ``[_SCATTER_HOPS, POINTS]``.

    As numbers in units of a stratum they come from the raw bits of PCG64, which numpy promises to
    keep (its distributions it does not), so that sketches kept on disk fit those made later.
    """
    bits = np.random.PCG64(0).random_raw((_SCATTER_HOPS, POINTS)) >> (64 - _FRACTION_BITS)
    strata = (np.arange(POINTS) << _FRACTION_BITS) + bits.astype(np.int64)
    frames: NDArray[np.int64] = strata * hop_length // (POINTS << _FRACTION_BITS)
    return frames


def positions(hop_number: int | NDArray[np.integer], hop_length: int) -> NDArray[np.int64]:
    """The scattered frames of a hop, ascending, ``[POINTS]``; of several hops ``[hops, POINTS]``.

    One lies at a pseudo-random place in each of :data:`POINTS` equal strata: what goes slower than
    the strata is followed, and nothing periodic meets them in step. Only the hop's number (modulo
    1024) and its length in frames decide.
    """
    frames: NDArray[np.int64] = _scatter(hop_length)[hop_number % _SCATTER_HOPS]
    return frames


class Sketcher:
    """Sketches a K-weighted stream that comes in blocks of any size."""

    def __init__(self, sample_rate_hz: float, channels: int, start_frame: int) -> None:
        self._hop = hop_frames(sample_rate_hz)
        self._start_frame = start_frame
        self._frames = 0
        self._next, late = divmod(start_frame, self._hop)
        self._rest: Samples = np.zeros((channels, late), np.float32)
        self._hops = [np.empty(0, np.int64)]
        self._powers = [np.empty((channels, 0), np.float32)]
        self._points = [np.empty((channels, 0, POINTS), np.float32)]
        self._whole = [np.empty((channels, 0, self._hop), np.float32)]
        self._sounding = 0
        self._excerpter = Excerpter(sample_rate_hz, channels, start_frame)

    def push(self, weighted: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        self._frames += weighted.shape[1]
        self._excerpter.push(weighted)
        missing = self._hop - self._rest.shape[1]
        self._rest = np.concatenate([self._rest, weighted[:, :missing]], axis=1)
        if self._rest.shape[1] < self._hop:
            return
        end = weighted.shape[1] - (weighted.shape[1] - missing) % self._hop
        self._keep(self._rest[:, None])
        self._keep(weighted[:, missing:end].reshape(len(weighted), -1, self._hop))
        self._rest = weighted[:, end:].copy()

    def result(self, powers: NDArray[np.float32]) -> Sketch:
        """The sketch; the stream ends here.

        ``powers`` are those of its :class:`Trace`, from the hop of the first frame on.
        """
        if self._rest.any():
            missing = self._hop - self._rest.shape[1]
            self._keep(np.pad(self._rest, ((0, 0), (0, missing)))[:, None])
        hops, found = np.concatenate(self._hops), np.concatenate(self._powers, axis=1)
        exact = powers[hops - self._start_frame // self._hop]
        kept = self._whole if self._sounding <= WHOLE_HOPS else self._points
        samples = scaled(np.concatenate(kept, axis=1), found * (exact / found.sum(axis=0)))
        loudest = np.abs(samples).max(axis=(0, 2))
        units = np.where(loudest > 0.0, loudest, 1.0).astype(np.float32) / np.float32(MOST_UNITS)
        counted = np.rint(samples / units[:, None]).astype(np.int16)
        excerpts, kept_hops = self._excerpter.result(), hops.astype(np.int32)
        return Sketch(self._start_frame, self._frames, kept_hops, counted, units, excerpts)

    def _keep(self, frames: Samples) -> None:
        """Keep what sounds of whole hops, ``[channels, hops, frames]``."""
        powers = channel_powers(frames)
        sounding = np.flatnonzero(powers.sum(axis=0) >= SILENT_POWER)
        heard = frames if len(sounding) == frames.shape[1] else frames[:, sounding]
        hops = self._next + sounding
        self._next += frames.shape[1]
        self._hops.append(hops)
        self._powers.append(powers[:, sounding])
        self._points.append(at_points(heard, hops))
        self._sounding += len(sounding)
        self._whole = [*self._whole, heard.copy()] if self._sounding <= WHOLE_HOPS else []


def at_points(frames: Samples, hop_numbers: NDArray[np.integer]) -> Samples:
    """What lies at the scattered instants of whole hops, ``[channels, hops, POINTS]``.

    ``frames`` is ``[channels, hops, frames of a hop]``, ``hop_numbers`` those of the time line.
    """
    starts = np.arange(frames.shape[1])[:, None] * frames.shape[2]
    instants = positions(hop_numbers, frames.shape[2]) + starts
    return np.stack([channel.take(instants) for channel in frames])


def channel_powers(samples: Samples) -> NDArray[np.float32]:
    """Mean powers ``[channels, hops]`` of ``[channels, hops, samples of a hop]``."""
    energies: NDArray[np.float32] = np.matmul(samples[:, :, None, :], samples[:, :, :, None])
    return energies[:, :, 0, 0] / np.float32(samples.shape[2])


def scaled(samples: Samples, powers: NDArray[np.float32]) -> Samples:
    """The samples with the given mean powers ``[channels, hops]``; silence stays silence."""
    found = channel_powers(samples)
    gains = np.sqrt(np.divide(powers, found, out=np.zeros_like(found), where=found > 0.0))
    return samples * gains[:, :, None]
