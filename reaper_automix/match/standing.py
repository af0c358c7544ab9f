"""What is in a place of an earlier match, from which the next one starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reaper_automix.match.landed import Bus, Match
from reaper_automix.match.sliders import Values, output_db_of, strip_of
from reaper_automix.match.stored import Now, Placed, Start, bus_is_hers, start
from reaper_automix.session import Track
from reaper_automix.units import db_from_gain


@dataclass(frozen=True, slots=True)
class Standing:
    """What was placed last, and how the strips stand now.

    ``strips`` has the sliders of every track with a strip, by id, ``bus`` those of the master's.
    """

    placed: Placed | None = None
    strips: Mapping[str, Values] = field(default_factory=dict)
    bus: Values | None = None

    @property
    def bus_is_hers(self) -> bool:
        """Whether the master's strip is the engineer's own."""
        return bus_is_hers(self.placed, self.bus)

    def start(self, track: Track) -> Start:
        """From where a track goes into a match, and whether its strip is hers."""
        fader_db = db_from_gain(abs(track.fader_gain))
        return start(self.placed, track.id, Now(fader_db, track.pan, self.strips.get(track.id)))

    def as_it_stands(self, written: Match, hers: frozenset[str]) -> Match:
        """What is written, with the engineer's own strips where there are any."""
        stems = tuple(
            replace(one, matched=replace(one.matched, strip=strip_of(self.strips[one.track_id])))
            if one.track_id in hers
            else one
            for one in written.stems
        )
        if self.bus is None or not self.bus_is_hers:
            return Match(stems, written.bus)
        return Match(stems, Bus(strip_of(self.bus), output_db_of(self.bus)))


NOTHING = Standing()
