"""Which stretch of the time line is measured."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from reaper_automix.errors import SettingsError
from reaper_automix.features.density import densest, extent
from reaper_automix.features.trace import Trace
from reaper_automix.session import Region, Session, TimeRange
from reaper_automix.settings import Settings

DENSEST_S = 30.0
"""Length of the densest part: fifteen bars at 120 bpm, so that every part of a pattern is in it and
it still fits into one section of most songs. Chosen by us, and fitted to nothing."""


def measured_range(session: Session, settings: Settings) -> TimeRange | None:
    """The stretch of the time line that the settings name; ``None`` for all of it.

    Which one is the densest shows only when all of it was heard: :func:`densest_range`.
    :class:`SettingsError` for a region that is not there.
    """
    if settings.time_range is not None:
        return settings.time_range
    if settings.region:
        return _range_of(session, _region(session, settings.region))
    return session.time_selection if settings.use_time_selection else None


def is_sought(session: Session, settings: Settings) -> bool:
    """Whether the densest part is what shall be measured; a stretch that is named goes first."""
    return settings.section == "densest" and measured_range(session, settings) is None


def densest_range(session: Session, traces: Sequence[Trace]) -> TimeRange | None:
    """The seconds in which most tracks sound; ``None``, all of it, in a song that has no more.

    ``traces`` are those of all tracks over all of the song.
    """
    if not traces:
        return None
    rate_hz = session.sample_rate_hz
    first, end = densest(traces, rate_hz, DENSEST_S)
    if (first, end) == extent(traces, rate_hz):
        return None
    return TimeRange(first / rate_hz, end / rate_hz)


def _region(session: Session, asked: str) -> Region:
    """The first region of a name or number, else the first such marker."""
    regions_first = sorted(session.regions, key=lambda one: one.end_s is None)
    by_name = (one for one in regions_first if one.name.casefold() == asked.casefold())
    by_number = (one for one in regions_first if str(one.number) == asked)
    found = next(chain(by_name, by_number), None)
    if found is not None:
        return found
    names = ", ".join(dict.fromkeys(one.name or str(one.number) for one in session.regions))
    there = f"there are {names}" if names else "there is none at all"
    raise SettingsError(f"{session.name} has no region or marker {asked!r}; {there}.")


def _range_of(session: Session, region: Region) -> TimeRange:
    """A region itself; from a marker to the next one, or to the end of the last item."""
    if region.end_s is not None:
        return TimeRange(region.start_s, max(region.start_s, region.end_s))
    later = [one.start_s for one in session.regions if one.end_s is None]
    ends = (item.end_s for track in session.tracks for item in track.items)
    stops = [stop for stop in later if stop > region.start_s] or [max(ends, default=0.0)]
    return TimeRange(region.start_s, max(region.start_s, min(stops)))
