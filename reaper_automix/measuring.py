"""Measures the sources of a scene: recalls what is known, has the crew listen to the rest.

Every track that sounds is heard by itself (its own items, whatever its fader), because sums of
tracks follow from that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from reaper_automix import routing
from reaper_automix.crew import Crew, worked
from reaper_automix.features.trace import Sketch
from reaper_automix.keys import track_key
from reaper_automix.measurement import Measurement
from reaper_automix.memory import Memory
from reaper_automix.progress import Progress
from reaper_automix.scene import Scene, TrackLost
from reaper_automix.session import Track

MEASURING = "Measuring"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Staff:
    """Who listens, who is told how far it is, and who remembers what was heard."""

    crew: Crew
    progress: Progress
    memory: Memory


@dataclass(frozen=True, slots=True)
class Source:
    """One track to be heard, with as much of the session as that takes."""

    scene: Scene
    track_id: str
    seconds: float

    def key(self) -> str:
        """What its measurement holds for."""
        scene = self.scene
        track = scene.session.track(self.track_id)
        return track_key(scene.session, track, scene.time_range, scene.settings.pitch)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of some sources by id: their measurements, and under what keys.

    ``sketches`` are those of the sources that were listened to just now; the memory has the others.
    """

    measurements: Mapping[str, Measurement]
    keys: Mapping[str, str]
    sketches: Mapping[str, Sketch]

    def without(self, lost: Collection[str]) -> Known:
        """The same without some sources."""

        def kept(by_id: Mapping[str, T]) -> dict[str, T]:
            return {track: value for track, value in by_id.items() if track not in lost}

        return Known(kept(self.measurements), kept(self.keys), kept(self.sketches))


def own_items(scene: Scene) -> list[Source]:
    """Every track that sounds, heard by itself."""
    signals = scene.desk().signals
    return [
        Source(_alone(scene, track), track.id, signals[track.id].duration_s)
        for track in scene.session.tracks
        if track.id in signals
    ]


def recall(sources: Sequence[Source], memory: Memory) -> Known:
    """What is remembered of some sources; the keys of all of them."""
    keys = {source.track_id: source.key() for source in sources}
    found = {track: memory.recall(key) for track, key in keys.items()}
    known = {track: measurement for track, measurement in found.items() if measurement is not None}
    return Known(known, keys, {})


def measure(sources: Sequence[Source], staff: Staff) -> tuple[Known, list[TrackLost]]:
    """What was measured, now or before, and the tracks whose media could not be read."""
    known = recall(sources, staff.memory)
    missing = [source for source in sources if source.track_id not in known.measurements]
    found, lost = listen(missing, known.keys, staff)
    heard = {**known.measurements, **{track: one.measurement for track, one in found.items()}}
    sketches = {track: one.sketch for track, one in found.items()}
    # In the session's order, whatever was known or done first: sums round by order.
    in_order = [source.track_id for source in sources if source.track_id in heard]
    keys = {track: known.keys[track] for track in in_order}
    return Known({track: heard[track] for track in in_order}, keys, sketches), lost


@dataclass(frozen=True, slots=True)
class Finding:
    """What one pass over a source gave."""

    measurement: Measurement
    sketch: Sketch


def listen(
    sources: Sequence[Source], keys: Mapping[str, str], staff: Staff
) -> tuple[dict[str, Finding], list[TrackLost]]:
    """Have the crew hear some sources, whatever is known of them, and remember what it heard."""
    found: dict[str, Finding] = {}
    lost: list[TrackLost] = []
    for source, outcome in _heard_now(sources, staff) if sources else ():
        if isinstance(outcome, TrackLost):
            lost.append(outcome)
            continue
        found[source.track_id] = outcome
        staff.memory.remember(keys[source.track_id], outcome.measurement, outcome.sketch)
    return found, lost


def _heard_now(
    sources: Sequence[Source], staff: Staff
) -> Iterator[tuple[Source, Finding | TrackLost]]:
    """What the crew hears, while the progress is told how far it is."""
    total, done, latest = sum(source.seconds for source in sources), 0.0, ""

    def tick(seconds: float) -> None:
        nonlocal done
        done = min(done + seconds, total)
        staff.progress(MEASURING, done, total, latest)

    tick(0.0)
    longest_first = sorted(sources, key=lambda source: -source.seconds)
    for source, outcome in staff.crew.map(_hear, longest_first, tick):
        latest = source.scene.session.track(source.track_id).name
        yield source, outcome
    staff.progress(MEASURING, total, total, latest)


def _hear(source: Source) -> Finding | TrackLost:
    """Listen to one source, in whatever process."""
    from reaper_automix.features.measure import listen

    notes = dict[str, None]()
    desk = source.scene.desk(notes.setdefault)
    signal, pitch = desk.signals[source.track_id], source.scene.settings.pitch
    try:
        measurement, sketch = listen(signal, pitch=pitch, progress=_counting())
    except TrackLost as lost:
        return lost
    told = replace(measurement.features, notes=(*measurement.features.notes, *notes))
    return Finding(replace(measurement, features=told), sketch)


def _counting() -> Progress:
    """A progress that hands on the seconds of audio since it was called last."""
    counted = 0.0

    def count(stage: str, done: float, total: float, what: str = "") -> None:
        nonlocal counted
        worked(done - counted)
        counted = done

    return count


def _alone(scene: Scene, track: Track) -> Scene:
    """The scene cut down to one track, which is all that a worker needs."""
    session = replace(scene.session, tracks=(replace(track, parent_id=None, receives=()),))
    return replace(
        scene,
        session=session,
        routing=routing.trace(session),
        surveys={track.id: scene.surveys[track.id]},
        found={},
        hand_db={},
        chosen=frozenset(),
        lost={},
        locks={},
    )
