"""Measures the sources of a scene: recalls what is known, has the crew listen to the rest.

Every track that sounds is heard by itself (its own items, whatever its fader), because sums of
tracks follow from that. A folder, a bus or a track that others feed is one source for the group it
lies in: it is heard as the sum that arrives at its fader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from reaper_automix import mix, routing
from reaper_automix.crew import Crew, worked
from reaper_automix.features.trace import Sketch
from reaper_automix.keys import sum_key, track_key
from reaper_automix.measurement import Measurement
from reaper_automix.memory import Memory
from reaper_automix.mix import Gains
from reaper_automix.progress import Progress
from reaper_automix.results import SumLevel
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
    """One source to be heard, with as much of the session as that takes.

    ``gains`` are the faders of what feeds it, linear; ``None``: only its own items are heard.
    ``states`` are other faders under which its sum is metered in the same pass.
    """

    scene: Scene
    track_id: str
    seconds: float
    gains: Gains | None = None
    states: tuple[Gains, ...] = ()

    def key(self) -> str:
        """What its measurement holds for."""
        scene, pitch = self.scene, self.scene.settings.pitch
        if self.gains is None:
            track = scene.session.track(self.track_id)
            return track_key(scene.session, track, scene.time_range, pitch)
        return sum_key(
            scene.session,
            self.track_id,
            self.gains,
            scene.time_range,
            pitch,
            routing=scene.routing,
            unheard=[track.id for track in scene.session.tracks if not scene.sounds(track)],
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of some sources by id: their measurements, and under what keys.

    ``sketches`` are those of the sources that were listened to just now; the memory has the others.
    ``sums`` are what these were under the other states that were asked for.
    """

    measurements: Mapping[str, Measurement]
    keys: Mapping[str, str]
    sketches: Mapping[str, Sketch]
    sums: Mapping[str, tuple[SumLevel, ...]] = field(default_factory=dict)

    def without(self, lost: Collection[str]) -> Known:
        """The same without some sources."""

        def kept(by_id: Mapping[str, T]) -> dict[str, T]:
            return {track: value for track, value in by_id.items() if track not in lost}

        return Known(kept(self.measurements), kept(self.keys), kept(self.sketches), kept(self.sums))


def own_items(scene: Scene) -> list[Source]:
    """Every track that sounds, heard by itself."""
    signals = scene.desk().signals
    return [
        Source(_alone(scene, track), track.id, signals[track.id].duration_s)
        for track in scene.session.tracks
        if track.id in signals
    ]


def sums(scene: Scene, faders: Mapping[str, Gains], states: tuple[Gains, ...] = ()) -> list[Source]:
    """Tracks that others feed, each under some faders, heard with all that arrives at its own.

    They are metered under ``states`` as well.
    """
    desk = scene.desk()
    sources = (
        Source(scene, track, mix.tap(desk, track, gains).duration_s, gains, states)
        for track, gains in faders.items()
    )
    return [source for source in sources if source.seconds]


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
    sums_ = {track: one.sums for track, one in found.items()}
    # In the session's order, whatever was known or done first: sums round by order.
    in_order = [source.track_id for source in sources if source.track_id in heard]
    keys = {track: known.keys[track] for track in in_order}
    return Known({track: heard[track] for track in in_order}, keys, sketches, sums_), lost


@dataclass(frozen=True, slots=True)
class Finding:
    """What one pass over a source gave; ``sums`` are its levels under the source's states."""

    measurement: Measurement
    sketch: Sketch
    sums: tuple[SumLevel, ...]


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
        is_own = source.gains is None  # no sum is made of sums
        sketch = outcome.sketch if is_own else None
        staff.memory.remember(keys[source.track_id], outcome.measurement, sketch)
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
    if source.gains is None:
        tap = mix.Tap(desk.signals[source.track_id])
    else:
        tap = mix.tap_metered(desk, source.track_id, source.gains, source.states)
    try:
        pitch = source.scene.settings.pitch
        measurement, sketch = listen(tap.signal, pitch=pitch, progress=_counting())
    except TrackLost as lost:
        return lost
    told = replace(measurement.features, notes=(*measurement.features.notes, *notes))
    return Finding(replace(measurement, features=told), sketch, tap.sums())


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
