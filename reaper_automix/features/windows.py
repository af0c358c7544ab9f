"""Overlapping windows of a mono signal that arrives in blocks of any size.

**Conventions**: window ``t`` is centred on sample ``t · hop`` and covers ``before`` samples ahead
of it and ``after`` from it on; a signal of ``n`` samples has ``n // hop + 1`` windows, whatever
the block sizes were.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Edge = Literal["constant", "reflect"]


class Windows:
    """Cuts a stream into windows; beyond both ends it is silent or mirrored.

    Mirroring needs ``before >= after + 2``, so that what is mirrored at the end is still held.

    >>> windows = Windows(before=2, after=2, hop=2)
    >>> windows.push(np.arange(1, 6, dtype=np.float32)).tolist()
    [[0.0, 0.0, 1.0, 2.0], [1.0, 2.0, 3.0, 4.0]]
    >>> windows.close().tolist()
    [[3.0, 4.0, 5.0, 0.0]]
    """

    def __init__(self, before: int, after: int, hop: int, edge: Edge = "constant") -> None:
        self._before, self._after, self._hop, self._edge = before, after, hop, edge
        self._length = before + after
        self._held: NDArray[Any] = np.empty(0, np.float32)
        self._started = False
        self._samples = 0
        self._windows = 0

    def push(self, samples: NDArray[Any]) -> NDArray[Any]:
        """The windows that are complete with these samples, shape ``[windows, length]``."""
        self._samples += samples.size
        self._held = np.concatenate((self._held, samples))
        if not self._started:
            if self._edge == "reflect" and self._held.size <= self._before:
                return self._take(0)
            self._start()
        return self._take((self._held.size - self._length) // self._hop + 1)

    def close(self) -> NDArray[Any]:
        """The windows that reach beyond the end; none at all for a signal without samples."""
        if not self._samples:
            return self._take(0)
        if not self._started:
            self._start()
        self._held = np.pad(self._held, (0, self._after + self._hop), mode=self._edge)
        return self._take(self._samples // self._hop + 1 - self._windows)

    def _start(self) -> None:
        self._held = np.pad(self._held, (self._before, 0), mode=self._edge)
        self._started = True

    def _take(self, count: int) -> NDArray[Any]:
        if count <= 0:
            return np.empty((0, self._length), self._held.dtype)
        windows = np.lib.stride_tricks.sliding_window_view(self._held, self._length)
        self._held = self._held[count * self._hop :]
        self._windows += count
        return windows[: count * self._hop : self._hop]
