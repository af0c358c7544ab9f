"""Everything that is known about one source, whatever its fader, its name and the method."""

from __future__ import annotations

from dataclasses import dataclass

from reaper_automix.features import Features
from reaper_automix.features.trace import Trace
from reaper_automix.results import Heard, MethodLevel
from reaper_automix.settings import MethodName


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one pass over a source's audio found.

    ``levels`` has one entry for each of :data:`reaper_automix.levels.METHODS`; ``trace`` is what
    sums of sources are made from.
    """

    features: Features
    levels: tuple[MethodLevel, ...]
    trace: Trace

    def heard(self, method: MethodName) -> Heard:
        """What one method makes of it."""
        return Heard(self.features, next(one for one in self.levels if one.method == method))
