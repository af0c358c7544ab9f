"""The bench: what this program promises of its speed, measured on the machine at hand.

One module for each part, in the order of :data:`PARTS`; each gives rows of a table: what was
measured, and what was asked for. All ratios are taken in one run on one machine. ``--small`` does
the same on a few seconds of sound, for the numbers, not for the times.

**Conventions**: CPU seconds are those of a process and all that it has waited for. A track-minute
is one minute of one stereo track at 48 kHz and 24 bit.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from reaper_automix.bench.findings import Findings
from reaper_automix.bench.plan import Plan

PARTS: Mapping[str, str] = {
    "exact": "mode paper and --pitch exact against librosa, PESTO and pyloudnorm",
    "default": "the default against the same, and against listening to everything",
    "scale": "a large session cold, and again after small changes",
    "floor": "what reading and gating the same session takes at the least",
    "warm": "a key press in a worker that knows the session",
    "start": "how long it takes until something happens",
}
"""The module of each part and what it measures."""


def run(plan: Plan, parts: Sequence[str], tell: Callable[[str], None]) -> Iterator[Findings]:
    """The findings of each part as it is done; ``tell`` hears which one is begun."""
    for part in parts:
        tell(f"{part}: {PARTS[part]} …")
        measure = importlib.import_module(f"{__name__}.{part}").measure
        yield cast("Findings", measure(plan))
