"""What the live bridge cannot hear: it never has REAPER render, as the actions in REAPER do."""

from __future__ import annotations

from collections.abc import Sequence

from reaper_automix import moves
from reaper_automix.controls import ControlGain, virtual
from reaper_automix.render.clips import is_audio, sounding_takes
from reaper_automix.selection import Scope
from reaper_automix.session import Session, Take, Track
from reaper_automix.settings import Settings

NOTE = (
    "Measured before effects, or skipped, because only REAPER can play them: {tracks}; to hear "
    "them as they sound, press the action automix_Balance selected tracks in REAPER."
)


def note(
    session: Session, settings: Settings, scope: Scope, controls: Sequence[ControlGain]
) -> str:
    """The sentence that names the tracks which sound different in REAPER; empty without any."""
    without_trims = virtual(session, controls).tracks
    found = [track for track in without_trims if not track.mute and _needs_reaper(track)]
    if not found:
        return ""
    concerned = moves.concerned(session, settings, scope)
    names = ", ".join(track.name for track in found if track.id in concerned)
    return NOTE.format(tracks=names) if names else ""


def _needs_reaper(track: Track) -> bool:
    """Whether its sound depends on more than its items (render_needs.lua)."""
    takes = [take for item in track.items for take in sounding_takes(item)]
    return bool(track.active_fx) or any(map(_take_needs_reaper, takes))


def _take_needs_reaper(take: Take) -> bool:
    return take.has_fx or not is_audio(take)
