"""Hears every track of a session, over the stretch of the time line that the settings mean.

Where that is the densest part, all of the song is heard first: which part it is shows only then.
Both are kept in memory under keys of their own, so that neither is heard a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from reaper_automix import measuring, sections
from reaper_automix.measuring import Known, Staff
from reaper_automix.memory import Memory
from reaper_automix.progress import Beat, Progress, silent
from reaper_automix.render.survey import LookUp
from reaper_automix.scene import Scene, TrackLost, set_scene
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.units import clock

OPENING = "Opening media"


def hear(
    session: Session, settings: Settings, chosen: frozenset[str] | None, staff: Staff
) -> tuple[Scene, Known]:
    """The scene of the stretch that is meant, and what every track is in it.

    Tracks whose media cannot be read are lost to the scene.
    """
    scene = set_scene(session, settings, chosen, opening(staff.progress), staff.memory.headers)
    scene, tracks = _hear(scene, staff)
    if not sections.is_sought(session, settings):
        return scene, tracks
    part = _densest(scene, tracks, opening(staff.progress), staff.memory.headers)
    return (scene, tracks) if part is scene else _hear(part, staff)


def scene_of(session: Session, settings: Settings, staff: Staff) -> Scene:
    """The scene of the stretch that is meant; heard is only what it takes to find that."""
    beat, headers = opening(staff.progress), staff.memory.headers
    scene = set_scene(session, settings, beat=beat, headers=headers)
    if not sections.is_sought(session, settings):
        return scene
    return _densest(*_hear(scene, staff), beat, headers)


def recall(scene: Scene, memory: Memory) -> tuple[Scene, Mapping[str, str]] | None:
    """The scene of the stretch that is meant, and the keys of its tracks, without a sound.

    ``None`` where the densest part has not been found yet.
    """
    sources = measuring.own_items(scene)
    known = measuring.recall(sources, memory)
    if not sections.is_sought(scene.session, scene.settings):
        return scene, known.keys
    if len(known.measurements) < len(sources):
        return None
    dense = _densest(scene, known, opening(silent), memory.headers)
    return dense, measuring.recall(measuring.own_items(dense), memory).keys


def notes(scene: Scene) -> Iterator[str]:
    """Which part of the song turned out to be the densest, in sentences."""
    if scene.settings.section != "densest":
        return
    found = scene.time_range
    if found is None:
        yield f"All of the song was measured, as it is no longer than {sections.DENSEST_S:.0f} s."
    else:
        stretch = f"from {clock(found.start_s)} to {clock(found.end_s)}"
        yield f"Measured {stretch}, where most tracks sound."


def opening(progress: Progress) -> Beat:
    """What tells that files are being opened; ``progress`` may raise to stop that."""
    return partial(progress, OPENING, 0.0, 1.0)


def _hear(scene: Scene, staff: Staff) -> tuple[Scene, Known]:
    tracks, lost = measuring.measure(measuring.own_items(scene), staff)
    return _without(scene, lost), tracks


def _densest(scene: Scene, tracks: Known, beat: Beat, headers: LookUp) -> Scene:
    """The scene cut down to its densest part; what is lost stays lost."""
    traces = [measured.trace for measured in tracks.measurements.values()]
    found = sections.densest_range(scene.session, traces)
    if found is None:
        return scene
    settings = replace(scene.settings, time_range=found)
    part = set_scene(scene.session, settings, scene.chosen, beat, headers)
    return replace(part, lost=scene.lost)


def _without(scene: Scene, lost: list[TrackLost]) -> Scene:
    for track in lost:
        scene = scene.without(track)
    return scene
