"""What a match hears: passages of a session's stems, and of the mix they shall sound like.

**Conventions**: everything is stereo float32 at the network's own rate
(:data:`~reaper_automix.match.table.SAMPLE_RATE_HZ`); mono stands on both sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from reaper_automix.audio import Samples
from reaper_automix.match.table import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Reference:
    """The mix that a match goes towards; ``samples`` are ``[2, frames]``, passages end to end.

    ``notes`` are sentences about what it is not as it should be.
    """

    name: str
    samples: Samples
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds that were heard of it."""
        return self.samples.shape[1] / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Passage:
    """The same stretch of every stem, each as it arrives at its track's fader.

    ``stems`` are ``[n, 2, frames]``; ``start_s`` is where they begin on the time line.
    """

    start_s: float
    stems: Samples
