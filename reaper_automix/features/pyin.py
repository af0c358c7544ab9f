"""pYIN: fundamental frequency frame by frame, with the probability that a frame is voiced.

**Sources**: de Cheveigné & Kawahara 2002 ("YIN") for the candidates of a frame
(:mod:`~reaper_automix.features.pyin_candidates`); Mauch & Dixon 2014 ("pYIN", ICASSP) and its
authors' Vamp plug-in for their probabilities and for the most likely path through them
(:mod:`~reaper_automix.features.pyin_path`). Parameters are those of ``librosa.pyin`` 0.11, whose
output is the oracle of our tests frame by frame.

**Conventions**: f0 in Hz, NaN in unvoiced frames. Frame ``t`` is centred on sample ``t · hop``, the
signal is silent beyond its ends, ``n`` samples have ``n // hop + 1`` frames. Multiplying the
signal by a gain changes nothing. Memory does not grow with the signal but for what is returned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.pyin_candidates import Floats, Grid, observe
from reaper_automix.features.pyin_path import Decoder
from reaper_automix.features.windows import Windows

BATCH_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Contour:
    """f0 in Hz per frame (NaN where unvoiced) and the probability that the frame is voiced."""

    f0_hz: Floats
    voiced_probability: Floats


class Pyin:
    """Tracks a mono signal pushed in blocks of any size."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        half = grid.frame // 2
        self._windows = Windows(half, grid.frame - half, grid.hop)
        self._decoder = Decoder(grid)
        self._voiced_probability: list[Floats] = []

    def push(self, samples: NDArray[np.float32]) -> None:
        """The next samples, shape ``[frames]``."""
        self._decode(self._windows.push(samples))

    def result(self) -> Contour:
        """The contour of all that was pushed; ends the tracker."""
        self._decode(self._windows.close())
        f0_hz = self._decoder.result()
        return Contour(f0_hz, np.concatenate([np.empty(0), *self._voiced_probability]))

    def _decode(self, windows: NDArray[np.float32]) -> None:
        for start in range(0, len(windows), BATCH_FRAMES):
            observations = observe(windows[start : start + BATCH_FRAMES], self._grid)
            self._voiced_probability.append(observations.voiced_probability)
            self._decoder.push(observations)


def track(samples: NDArray[np.float32], grid: Grid) -> Contour:
    """The contour of a whole mono signal, shape ``[frames]``."""
    pyin = Pyin(grid)
    pyin.push(samples)
    return pyin.result()
