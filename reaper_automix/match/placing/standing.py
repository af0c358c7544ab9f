"""What is in a place of an earlier match, from which the next one starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reaper_automix.match.console.sliders import PLACES, Values, output_db_of, strip_of
from reaper_automix.match.console.strips import Strip
from reaper_automix.match.placing.landed import NEUTRAL, Blocks, Bus, Match, weakened
from reaper_automix.match.placing.stored import Now, Placed, Start, bus_is_hers, start
from reaper_automix.session import Track
from reaper_automix.units import db_from_gain

MASTER = "master"
"""What stands for the master among ids of tracks."""

ON = 0.5
"""From here on a switch is on, as the effect takes it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was placed last, and how the strips stand now.

    ``strips`` has the sliders of every track with a strip, by id, ``bus`` those of the master's,
    which is not heard where the master's effects are switched off, ``master_is_off``. Those of the
    ids in ``bypassed``, :data:`MASTER` among them, are not heard either.
    """

    placed: Placed | None = None
    strips: Mapping[str, Values] = field(default_factory=dict)
    bus: Values | None = None
    master_is_off: bool = False
    bypassed: frozenset[str] = frozenset()

    @property
    def sets_bus(self) -> bool:
        """Whether a match's strip on the master is what is heard there."""
        return not (self.master_is_off or self.bus_is_hers)

    @property
    def bus_is_hers(self) -> bool:
        """Whether the master's strip is the engineer's own."""
        return bus_is_hers(self.placed, self.bus)

    def start(self, track: Track) -> Start:
        """From where a track goes into a match, and whether its strip is hers."""
        fader_db = db_from_gain(abs(track.fader_gain))
        found = start(self.placed, track.id, Now(fader_db, track.pan, self.strips.get(track.id)))
        if not found.strip_is_hers:
            return found
        return replace(found, before=replace(found.before, strip=self._hers(track.id)))

    def bus_before(self) -> Bus:
        """The mix's strip before a match: the engineer's own, or none."""
        if (
            self.bus is None
            or not self.bus_is_hers
            or self.master_is_off
            or MASTER in self.bypassed
        ):
            return Bus()
        return Bus(_as_heard(self.bus), output_db_of(self.bus))

    def as_it_stands(self, written: Match, hers: frozenset[str]) -> Match:
        """What is written, with the engineer's own strips where there are any."""
        stems = tuple(
            replace(one, matched=replace(one.matched, strip=self._hers(one.track_id)))
            if one.track_id in hers
            else one
            for one in written.stems
        )
        return Match(stems, written.bus if self.sets_bus else self.bus_before())

    def _hers(self, track_id: str) -> Strip:
        """The engineer's own strip of a track, with the gain behind it as its make-up."""
        if track_id in self.bypassed:
            return NEUTRAL
        strip, output_db = _as_heard(self.strips[track_id]), output_db_of(self.strips[track_id])
        compressor = strip.compressor
        return replace(
            strip,
            compressor=replace(compressor, makeup_db=compressor.makeup_db + output_db),
        )


def _as_heard(values: Values) -> Strip:
    """The strip that sliders make, without the blocks that are switched off."""
    on = Blocks(eq=values[PLACES["eq_on"]] >= ON, compressor=values[PLACES["compressor_on"]] >= ON)
    return weakened(strip_of(values), 1.0, on)


NOTHING = Standing()
