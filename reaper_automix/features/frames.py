"""Frames of a signal that stand for all of it.

A mean over frames that weighs each by its power needs no more than some hundred of them, if they
are chosen in proportion to their power: then the plain mean over the chosen ones is that mean
(sampling with probability proportional to size; W. G. Cochran, Sampling Techniques, 1977, ch. 9A).

They are chosen systematically: the frames lie in a row from the dullest to the brightest, each as
wide as its power, and evenly spaced points say which of them count. So every shade of sound has its
share among the chosen ones, and what is left to chance is how frames of one shade differ. No random
number is drawn, and gain changes no choice.

**Conventions**: the hops of a signal lie side by side from its first frame on, and divide its
blocks. *Frame* ``t`` of ``2 · r`` hops is centred on the edge between hops ``t · r - 1`` and
``t · r``, and ``r`` hops from the next one; beyond both ends a signal is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, Signal

Float64 = NDArray[np.float64]
Numbers = NDArray[np.int64]


def hop_powers(signal: Signal, hop: int) -> Float64:
    """Sums over each hop, ``[2, hops]``: of squares, and of products of neighbouring samples.

    Both over all channels. The more alike neighbours are, the duller a sound is.
    """
    parts = [np.zeros((2, 0))]
    for block in signal.read():
        hops = _hops(block, hop)
        sums = np.stack([_products(hops, hops), _products(hops[..., 1:], hops[..., :-1])])
        parts.append(sums.sum(axis=1, dtype=np.float64))
    return np.concatenate(parts, axis=1)


def _hops(block: Samples, hop: int) -> Samples:
    """A block as ``[channels, hops, hop]``; the last hop of a signal is filled with silence."""
    missing = -block.shape[1] % hop
    whole = np.pad(block, ((0, 0), (0, missing))) if missing else block
    return whole.reshape(len(block), -1, hop)


def _products(some: Samples, others: Samples) -> Samples:
    """Sums of products along the last axis, as products of matrices, which BLAS does quickest."""
    sums: Samples = (some[..., None, :] @ others[..., None])[..., 0, 0]
    return sums


def frame_powers(hops: Float64, reach: int) -> Float64:
    """The same sums over each frame of ``2 · reach`` hops, ``[2, frames]``."""
    last = -hops.shape[1] % reach
    padded = np.pad(hops, ((0, 0), (reach, reach + last)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach, axis=1)[:, ::reach]
    sums: Float64 = frames.sum(axis=2)
    return sums


def chosen(frames: Float64, most: int) -> tuple[Numbers, Float64]:
    """The frames that stand for all, in order of time, and the weight of each.

    ``frames`` are :func:`frame_powers`. A sum over the chosen ones, each with its weight, is in
    proportion to the sum over all. At most ``most`` are chosen: all that sound, if those are not
    more, and each with the weight 1; else by power, where a frame as wide as several points counts
    as often.
    """
    power, alike = frames
    sounding = np.flatnonzero(power)
    if len(sounding) <= most:
        return sounding, np.ones(len(sounding))
    brightness = 1.0 - alike[sounding] / power[sounding]
    row = sounding[np.argsort(brightness, kind="stable")]
    edges = np.cumsum(power[row])
    points = (np.arange(most) + 0.5) * (edges[-1] / most)
    numbers, hits = np.unique(row[np.searchsorted(edges, points)], return_counts=True)
    return numbers, hits / power[numbers]


def cut(
    signal: Signal, starts: Numbers, window: NDArray[np.float32], most: int
) -> Iterator[Samples]:
    """Frames of a signal times a window, up to ``most`` at a time, ``[frames, channels, length]``.

    ``starts`` ascend and count from the signal's first frame; every frame has a part of the signal.
    What is given is overwritten by what follows.
    """
    from reaper_automix.features.kernels import lay_frames

    length, end, filled = len(window), 0, 0
    silence = np.zeros((signal.channels, length), np.float32)
    frames = np.empty((most, *silence.shape), np.float32)
    before = silence
    for block in chain(signal.read(), [silence]):
        first, end = end, end + block.shape[1]
        over, ended = np.searchsorted(starts, (first - length, end - length), side="right")
        ending = starts[over:ended] - first
        while len(ending):
            taken, ending = np.split(ending, [most - filled])
            lay_frames(before, block, taken, window, frames[filled:])
            filled += len(taken)
            if filled == most:
                yield frames
                filled = 0
        before = np.concatenate([before, block[:, -length:]], axis=1)[:, -length:]
    if filled:
        yield frames[:filled]
