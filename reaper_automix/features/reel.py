"""The sound of one track as one channel, kept so that single moments of it can be heard again.

**Conventions**: the sound is K-weighted (BS.1770), so that it counts as far as it is heard. It is
kept at its own rate on *pages* of one second; pages of digital silence take no room. A *hop* is
:data:`HOP_S`; moment ``t`` lies at ``t · HOP_S``, and there is silence beyond both ends. What is
kept does not depend on the sizes of the blocks it came in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples

Floats = NDArray[np.float32]

HOP_S = 0.020
PAGE_HOPS = round(1.0 / HOP_S)

KEPT_BYTES = 1 << 28
"""Sound beyond this is not kept: 23 minutes at 48 kHz, silence not counted."""

CANCELLED_POWER = 0.25
"""A mid with less than this share of the power that unrelated channels would leave in it (-6 dB)
has lost its sound to opposite phases."""


class Reel:
    """Takes blocks of any size; once closed, gives back the sound around any moments."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._pages: list[Floats | None] = []
        self._energies: list[Floats] = []
        self._page = np.empty((channels, sample_rate_hz), np.float32)
        self._filled = 0
        self._edges = np.round(np.arange(PAGE_HOPS) * HOP_S * sample_rate_hz).astype(np.int64)
        self._channel_energies = np.zeros(channels)
        self._room = int(self.most_s)
        self._samples = 0

    @property
    def most_s(self) -> float:
        """How much sound there is room for."""
        return KEPT_BYTES / 4 / self.sample_rate_hz

    @property
    def full(self) -> bool:
        """Whether sound was left out because it was too much."""
        return self._room < 0

    def push(self, weighted: Samples) -> None:
        """The next block, ``[channels, frames]``, K-weighted."""
        self._samples += weighted.shape[1]
        while weighted.shape[1]:
            taken = weighted[:, : self.sample_rate_hz - self._filled]
            weighted = weighted[:, taken.shape[1] :]
            if taken.shape[1] == self.sample_rate_hz:
                self._keep(taken)
                continue
            self._page[:, self._filled : self._filled + taken.shape[1]] = taken
            self._filled += taken.shape[1]
            if self._filled == self.sample_rate_hz:
                self._keep(self._page)
                self._filled = 0

    def close(self) -> None:
        """The sound ends here."""
        self._page[:, self._filled :] = 0.0
        self._keep(self._page)

    def powers(self, hops: int) -> Floats:
        """Mean power of the ``hops`` hops around each moment, an even number."""
        count = int(self._samples / (HOP_S * self.sample_rate_hz)) + 1 if self._samples else 0
        energies = np.concatenate([np.zeros(hops // 2, np.float32), *self._energies])
        energies = np.pad(energies, (0, max(0, count + hops - 1 - energies.size)))
        around = np.lib.stride_tricks.sliding_window_view(energies, hops)[:count]
        return np.asarray(around.sum(axis=1) / (hops * HOP_S * self.sample_rate_hz), np.float32)

    def around(self, moments: NDArray[np.int64], length: int) -> Floats:
        """The ``length`` samples around each moment, shape ``[moments, length]``."""
        firsts = np.round(moments * (HOP_S * self.sample_rate_hz)).astype(np.int64) - length // 2
        windows = np.zeros((moments.size, length), np.float32)
        for window, first in zip(windows, firsts.tolist(), strict=True):
            self._copy(first, window)
        return windows

    def _copy(self, first: int, window: Floats) -> None:
        """Fill a window of silence with what was kept from sample ``first`` on."""
        last = first + window.size
        for number in range(max(first, 0) // self.sample_rate_hz, -(-last // self.sample_rate_hz)):
            page = self._pages[number] if number < len(self._pages) else None
            if page is not None:
                start = number * self.sample_rate_hz
                left, right = max(first, start), min(last, start + self.sample_rate_hz)
                window[left - first : right - first] = page[left - start : right - start]

    def _keep(self, page: Samples) -> None:
        """Keep a full page, as one channel."""
        mono = self._one_channel(page)
        energies = np.add.reduceat(np.square(mono), self._edges)
        if energies.any():
            self._room -= 1
        if self._room < 0:
            energies[:] = 0.0
        self._energies.append(energies)
        self._pages.append(mono if energies.any() else None)

    def _one_channel(self, page: Samples) -> Floats:
        """The mid of a page; where opposite phases cancel it, the channel loudest so far."""
        channels = len(page)
        mid: Floats = np.full(channels, 1.0 / channels, np.float32) @ page
        if channels == 1:
            return mid
        energies = np.array([channel @ channel for channel in page], np.float64)
        self._channel_energies += energies
        unrelated = energies.sum() / channels**2
        if mid @ mid >= CANCELLED_POWER * unrelated:
            return mid
        loudest: Floats = page[int(np.argmax(self._channel_energies))].copy()
        return loudest
