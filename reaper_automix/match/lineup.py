"""Who takes part in a match: the stems that it sets, and what else sounds in the mix.

A stem is what leads straight into the mix. One that has to stay as it is (locked, not chosen,
driven by automation, with its effects switched off) is heard beside the others and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reaper_automix.errors import SettingsError
from reaper_automix.match.placing.landed import Seat
from reaper_automix.match.placing.mapping import End, end_of
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.routing import MIX
from reaper_automix.scene import Scene, is_named, reason_to_skip, reason_to_stay
from reaper_automix.session import Session, Track
from reaper_automix.units import db_from_gain

NOT_CHOSEN = "Not among the chosen tracks."
IS_REFERENCE = "It is the reference."
SWITCHED_OFF = (
    "Its effects are switched off, so a strip would not be heard; switch them on to match it."
)


@dataclass(frozen=True, slots=True)
class Lineup:
    """The ends of all that sounds in the mix, and why some of it is no stem, by track id."""

    ends: tuple[End, ...]
    aside: Mapping[str, str]


def lineup(
    scene: Scene, before: Mapping[str, Seat], *, chosen: tuple[str, ...], keep_pan: bool
) -> Lineup:
    """The stems of a scene, in project order.

    ``before`` is how tracks stood before an earlier match; ``chosen`` are names, patterns or ids of
    those that may be matched, all of them where there is none.
    """
    tracks = [scene.session.track(one) for one in scene.routing.members(MIX)]
    wanted = _wanted(scene.session, tracks, chosen)
    reasons = {track.id: _reason(scene, track, wanted) for track in tracks}
    ends = (
        end_of(
            scene.session,
            track,
            _seat(scene.session, track, before),
            keep_pan=keep_pan,
            fixed=reasons[track.id] is not None,
            follows=scene.routing.kind[track.id] == "return",
        )
        for track in tracks
        if reason_to_skip(scene, track) is None and _is_open(scene.session, track)
    )
    return Lineup(tuple(ends), {one: why for one, why in reasons.items() if why is not None})


def _reason(scene: Scene, track: Track, wanted: frozenset[str]) -> str | None:
    stays = reason_to_skip(scene, track) or reason_to_stay(scene, track)
    if stays is None and not track.fx_enabled:
        return SWITCHED_OFF
    return stays or (None if track.id in wanted else NOT_CHOSEN)


def _seat(session: Session, track: Track, before: Mapping[str, Seat]) -> Seat:
    """How a track stood; where an envelope is its fader, that is in its sound already."""
    if fader_envelope(session, track) is not None:
        return Seat(0.0, track.pan)
    now = Seat(db_from_gain(abs(track.fader_gain)), track.pan)
    return before.get(track.id, now)


def _is_open(session: Session, track: Track) -> bool:
    return track.fader_gain != 0.0 or fader_envelope(session, track) is not None


def _wanted(session: Session, tracks: list[Track], chosen: tuple[str, ...]) -> frozenset[str]:
    """The tracks of the mix that were chosen; what lies in a folder cannot be."""
    if not chosen:
        return frozenset(track.id for track in tracks)
    found: set[str] = set()
    for pattern in chosen:
        named = [track for track in tracks if is_named(track, pattern)]
        if not named:
            raise SettingsError(_not_there(session, pattern))
        found.update(track.id for track in named)
    return frozenset(found)


def _not_there(session: Session, pattern: str) -> str:
    inner = next((track for track in session.tracks if is_named(track, pattern)), None)
    if inner is None:
        return (
            f"No track of {session.name} is called {pattern!r}; "
            "see their names with: reaper-automix inspect."
        )
    return (
        f"{inner.name} leads into another track and not into the mix; "
        "a match sets folders and loose tracks, so name the one that it lies in."
    )
