"""Memory that was let go of stays with the process for what it asks for next.

The GNU C library gives freed memory back to the system at once where it lies at the end of the
heap, and whole arrays above a limit that moves. Who filters block after block then has the same
pages taken away and cleared for him again and again, which took some percent of a balance. With
these two limits, which then stay where they are, that is gone, and a process keeps no more than
:data:`SPARE_BYTES` that it does not need. Other C libraries do as they please.
"""

from __future__ import annotations

import ctypes
import sys

SPARE_BYTES = 32 << 20
"""Free memory at the end of the heap that is kept."""

LARGE_BYTES = 4 << 20
"""Whatever is as large as this comes from the system and goes back to it by itself."""

_LIMITS = {-1: SPARE_BYTES, -3: LARGE_BYTES}
"""By their numbers in ``malloc.h``: ``M_TRIM_THRESHOLD``, ``M_MMAP_THRESHOLD``."""


def keep() -> None:
    """Set both limits for this process, where its C library has them."""
    if not sys.platform.startswith("linux"):
        return
    set_limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_limit is not None:
        for limit, size in _LIMITS.items():
            set_limit(limit, size)
