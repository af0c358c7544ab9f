"""Balances every region of a song by itself, beside the balance of the whole song.

A region's balance keeps that region's loudness as it was, as the song's does for the song. Tracks
are taken for what they are in the whole song: their roles and what records one source do not change
from verse to chorus. The maximum move limits both a region's balance and its difference from the
song's; the dead-band is for that difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reaper_automix import engine
from reaper_automix.balance import SMALLEST_MOVE_DB
from reaper_automix.engine import Balanced
from reaper_automix.errors import NothingToBalance, SettingsError
from reaper_automix.rides import Ride, name_of
from reaper_automix.session import Region, Session, TimeRange
from reaper_automix.settings import Settings
from reaper_automix.units import clock, db_from_gain


def regions_of(session: Session) -> tuple[Region, ...]:
    """The regions of a project, in the order in which they start.

    :class:`SettingsError` where there is none, or where two of them overlap.
    """
    regions = tuple(one for one in session.regions if (one.end_s or 0.0) > one.start_s)
    if not regions:
        raise SettingsError(
            f"{session.name} has no regions to balance by themselves; "
            "make some in REAPER, or leave out --per-region."
        )
    for one, later in pairwise(regions):
        if later.start_s < (one.end_s or 0.0):
            raise SettingsError(
                f"{session.name}: the regions {name_of(one)} and {name_of(later)} overlap at "
                f"{clock(later.start_s)}; move them apart, or leave out --per-region."
            )
    return regions


def rides(balanced: Balanced, regions: Sequence[Region]) -> list[Ride]:
    """The balance of every region beside that of the song."""
    return [Ride(region, dict(_moves_db(balanced, region))) for region in regions]


def _moves_db(balanced: Balanced, region: Region) -> Iterator[tuple[str, float]]:
    """Where a balance of the region puts what sounds in it, from where the song's does."""
    settings = balanced.settings
    try:
        found = engine.over(balanced, _of_region(settings, region))
    except NothingToBalance:
        return
    for track in found.solved:
        here_db, song_db = (db_from_gain(one.gains[track]) for one in (found, balanced))
        yield track, _limited_db(here_db - song_db, settings)


def _of_region(settings: Settings, region: Region) -> Settings:
    """The same settings over one region; the dead-band is for what it differs by from the song."""
    return replace(
        settings,
        time_range=TimeRange(region.start_s, region.end_s or region.start_s),
        use_time_selection=False,
        region="",
        section="whole",
        dead_band_db=0.0,
    )


def _limited_db(move_db: float, settings: Settings) -> float:
    """The difference inside the maximum move; 0 dB inside the dead-band."""
    if round(abs(move_db), 3) < max(settings.dead_band_db, SMALLEST_MOVE_DB):
        return 0.0
    limit = settings.max_move_db
    return move_db if limit is None else max(-limit, min(limit, move_db))
