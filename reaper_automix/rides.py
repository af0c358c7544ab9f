"""Rides the faders through the regions of a song: a balance for each, as volume envelopes.

The faders get the balance of the whole song. In a region every source stands as a balance of that
region alone would put it (:mod:`.regional`): an envelope on top of its fader holds the difference
there, and 0 dB elsewhere. So the faders stay free, and mean the song.

An envelope that an earlier balance wrote is ours: it is left out before a song is balanced, and
gives way to the new one. It is known by a digest of its points, which is kept with the balance, so
that one which was changed by hand since is the engineer's own.

**Conventions**: differences in dB by track id; envelopes move along amplitude, not along the
fader's law.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reaper_automix.balance import SMALLEST_MOVE_DB
from reaper_automix.render.envelopes import NO_OVERRIDE, TRIM_READ
from reaper_automix.results import TrackResult
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Region,
    Session,
    StoredBalance,
    StoredEnvelope,
    Track,
)
from reaper_automix.units import db_from_gain, gain_from_db

RAMP_S = 0.02
"""How long an envelope takes at the edge of a region, half of it on either side."""

DECIMALS = 8
"""Of times and gains that are written: text forms of REAPER keep so many."""

FADERS_ONLY = "Regions have their own balance; levels and sums here are without it."
SILENT_REGION = "Nothing in the region {} can be balanced; it stays as the faders are."
HAS_ENVELOPE = "It has a volume envelope of its own, so regions do not change it."
IS_DRIVEN = (
    "Its automation mode lets an envelope take the fader's place, so regions do not change it."
)


Volumes = Mapping[str, Envelope]
"""Volume envelopes by track id."""


@dataclass(frozen=True, slots=True)
class Ride:
    """How far each source moves in one region from where the song's balance puts it."""

    region: Region
    moves_db: Mapping[str, float]


def with_rides(session: Session, rides: Sequence[Ride], earlier: Volumes) -> Session:
    """The session with envelopes that ride its faders, where tracks can have one.

    One of the ``earlier`` ones that only a rounding error would change stays as it is.
    """
    curves = {track.id: curve(rides, track.id) for track in session.tracks}
    return replace(
        session,
        tracks=tuple(
            _ridden(session, track, _settled(curves[track.id], earlier.get(track.id)))
            for track in session.tracks
        ),
    )


def without_own(session: Session) -> Session:
    """The session without the envelopes of an earlier balance."""
    stored = session.stored or StoredBalance()
    return replace(
        session,
        tracks=tuple(
            replace(track, volume=None) if is_own(stored, track.id, track.volume) else track
            for track in session.tracks
        ),
    )


def is_own(stored: StoredBalance, track_id: str, volume: Envelope | None) -> bool:
    """Whether a volume envelope is the one that a balance wrote."""
    return volume is not None and StoredEnvelope(track_id, digest(volume)) in stored.envelopes


def own(session: Session, stored: StoredBalance | None) -> dict[str, Envelope]:
    """The envelopes of a session that are a balance's own, by track id."""
    stored = stored or StoredBalance()
    return {
        track.id: track.volume
        for track in session.tracks
        if track.volume is not None and is_own(stored, track.id, track.volume)
    }


def stored(balance: StoredBalance, before: Session, after: Session) -> StoredBalance:
    """What the project shall remember of a balance that gave it envelopes on top."""
    pairs = zip(before.tracks, after.tracks, strict=True)
    written = (new for old, new in pairs if new.volume is not None and old.volume is None)
    envelopes = (StoredEnvelope(one.id, digest(one.volume)) for one in written if one.volume)
    return replace(balance, envelopes=tuple(envelopes))


def digest(envelope: Envelope) -> str:
    """A name for an envelope, the same however its points are written; 16 hexadecimal digits."""
    points = (
        f"{point.time_s:.6f} {point.gain:.6f} {point.shape} {point.tension:.6f}"
        for point in envelope.points
    )
    text = "\n".join((*points, str(envelope.automation_items)))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:16]


def told(
    rows: Sequence[TrackResult], session: Session, rides: Sequence[Ride]
) -> Iterator[TrackResult]:
    """The rows of an account, each saying how far its track moves in which region."""
    for row in rows:
        sentence = _sentence(session, session.track(row.id), rides)
        yield replace(row, notes=(*row.notes, sentence)) if sentence else row


def notes(rides: Sequence[Ride]) -> Iterator[str]:
    """What holds for all regions, in sentences."""
    if rides:
        yield FADERS_ONLY
    for one in rides:
        if not one.moves_db:
            yield SILENT_REGION.format(name_of(one.region))


def curve(rides: Sequence[Ride], track_id: str) -> Envelope | None:
    """The envelope of one track; ``None`` where it moves in no region.

    Flat inside regions and at 0 dB outside them, with a ramp at every edge. Where two regions lie
    nearer to each other than a ramp is long, one leads straight to the other.
    """
    moving = [one for one in rides if one.moves_db.get(track_id)]
    points: list[tuple[float, float]] = []
    for one in moving:
        gain = gain_from_db(one.moves_db[track_id])
        start_s, end_s = one.region.start_s, one.region.end_s or 0.0
        inset_s = min(RAMP_S, end_s - start_s) / 2.0
        if points and start_s - inset_s <= points[-1][0]:
            points.pop()  # no room to go back to 0 dB between this region and the last
        elif start_s > inset_s:
            points.append((start_s - inset_s, 1.0))
        points += [(start_s + inset_s, gain), (end_s - inset_s, gain), (end_s + inset_s, 1.0)]
    return Envelope(tuple(_point(*point) for point in points)) if points else None


def _point(time_s: float, gain: float) -> EnvelopePoint:
    return EnvelopePoint(round(time_s, DECIMALS), round(gain, DECIMALS))


def _settled(volume: Envelope | None, earlier: Envelope | None) -> Envelope | None:
    if volume is None or earlier is None or len(volume.points) != len(earlier.points):
        return volume
    pairs = zip(volume.points, earlier.points, strict=True)
    return earlier if all(_is_same(one, other) for one, other in pairs) else volume


def _is_same(one: EnvelopePoint, other: EnvelopePoint) -> bool:
    moved_db = db_from_gain(one.gain) - db_from_gain(other.gain)
    return one.time_s == other.time_s and abs(moved_db) <= SMALLEST_MOVE_DB


def _ridden(session: Session, track: Track, volume: Envelope | None) -> Track:
    if volume is None or _hindered(session, track):
        return track
    return replace(track, volume=volume)


def _hindered(session: Session, track: Track) -> str | None:
    """Why a track cannot have an envelope on top of its fader, as a sentence."""
    if track.volume is not None or track.volume_bypassed:
        return HAS_ENVELOPE
    trims = session.global_automation == NO_OVERRIDE and track.automation == TRIM_READ
    return None if trims else IS_DRIVEN


def _sentence(session: Session, track: Track, rides: Sequence[Ride]) -> str | None:
    moved = [(one.region, one.moves_db.get(track.id, 0.0)) for one in rides]
    said = ", ".join(f"{name_of(region)} {by_db:+.1f} dB" for region, by_db in moved if by_db)
    if not said:
        return None
    return _hindered(session, track) or f"In regions, on top of its fader: {said}."


def name_of(region: Region) -> str:
    """What a region is called: its name, else its number."""
    return region.name or str(region.number)
