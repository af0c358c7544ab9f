"""Hears finished projects and says, track by track, what they teach or why they do not.

Tracks are heard as a balance hears them, and what was measured before is known again. Effects are
not run: a track that has some is measured before them although its fader was set behind them, so
it counts half (:data:`TRUST_BEFORE_EFFECTS`). Leaving it out would leave little of most projects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reaper_automix import hearing, measuring
from reaper_automix.aims import aims
from reaper_automix.learn.finished import Finished
from reaper_automix.learn.observation import Observation, Song
from reaper_automix.measurement import Measurement
from reaper_automix.measuring import Source, Staff
from reaper_automix.progress import Progress
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.roles import UNKNOWN, Guess
from reaper_automix.routing import home_gain, sounding_receives
from reaper_automix.scene import Scene, reason_to_skip, set_scene
from reaper_automix.session import Track
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain

TRUST_BEFORE_EFFECTS = 0.5
"""Compressors, equalisers and their make-up gain are some 4 dB, as much as the noise that there
is anyway (:data:`~reaper_automix.learn.ear.NOISE_DB`); our estimate."""

INAUDIBLE_LUFS = -70.0
"""The absolute gate of BS.1770: what lands below it is in no mix."""

ALONE = "Nothing else can be used, and one track alone stands nowhere beside others."


@dataclass(frozen=True, slots=True)
class Taught:
    """What one project teaches: its observations, and the tracks that say nothing, by reason."""

    path: Path
    song: Song
    left_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before_effects: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    """A project before it is heard; ``seconds`` are those that nobody heard before."""

    path: Path
    scene: Scene
    sources: Sequence[Source]
    seconds: float


def hear(projects: Sequence[Finished], settings: Settings, staff: Staff) -> Iterator[Taught]:
    """What every project teaches; the progress of ``staff`` may raise to stop it."""
    ready = [_ready(project, settings, staff) for project in projects]
    done_s, total_s = 0.0, sum(one.seconds for one in ready)
    for one in ready:
        told = _shifted(staff.progress, done_s, total_s, one.path.stem)
        yield _taught(one, Staff(staff.crew, told, staff.memory))
        done_s += one.seconds


def _ready(project: Finished, settings: Settings, staff: Staff) -> _Ready:
    beat = hearing.opening(staff.progress)
    scene = set_scene(project.session, settings, beat=beat, headers=staff.memory.headers)
    sources = measuring.own_items(scene)
    known = measuring.recall(sources, staff.memory).measurements
    new_s = sum(source.seconds for source in sources if source.track_id not in known)
    return _Ready(project.path, scene, sources, new_s)


def _shifted(progress: Progress, done_s: float, total_s: float, song: str) -> Progress:
    """The progress of one project as a part of that of all."""

    def told(stage: str, done: float, total: float, what: str = "") -> None:
        progress(stage, done_s + done, total_s, f"{song}: {what}" if what else song)

    return told


def _taught(ready: _Ready, staff: Staff) -> Taught:
    found, lost = measuring.measure(ready.sources, staff)
    scene = ready.scene
    for one in lost:
        scene = scene.without(one)
    case = _Case(scene, found.measurements)
    left_out: dict[str, list[str]] = {}
    teaching: list[Track] = []
    for track in filter(case.is_source, scene.session.tracks):
        if why := case.reason_to_leave(track):
            left_out.setdefault(why, []).append(track.name)
        else:
            teaching.append(track)
    if len(teaching) == 1:
        left_out[ALONE] = [teaching.pop().name]
    song = tuple(map(case.observation, teaching))
    return Taught(ready.path, song, left_out, sum(map(case.has_effects, teaching)))


class _Case:
    """One project that was heard, and everything that the rows ask about its tracks."""

    def __init__(self, scene: Scene, measurements: Mapping[str, Measurement]) -> None:
        self.scene = scene
        self.measurements = measurements
        self.guesses = aims(scene, measurements, {}).guesses
        sources = (one for one in measurements if not self._inside(one) and not self.is_empty(one))
        self._sharing = Counter(self.guesses[track].role for track in sources)

    def is_source(self, track: Track) -> bool:
        """Whether a track is something that an engineer places, and no folder of such."""
        return bool(track.items) or self.scene.routing.kind[track.id] == "return"

    def reason_to_leave(self, track: Track) -> str | None:
        """Why a track teaches nothing, as a sentence; ``None``: it does."""
        skip = reason_to_skip(self.scene, track)
        reasons = (sentence for applies, sentence in REASONS_TO_LEAVE if applies(self, track))
        return skip or next(reasons, None)

    def observation(self, track: Track) -> Observation:
        """What a track teaches; the surer its role, the more it counts."""
        guess = self.guesses[track.id]
        assert guess.role is not None
        trust = TRUST_BEFORE_EFFECTS if self.has_effects(track) else 1.0
        return Observation(
            guess.role,
            self.raw_lufs(track),
            self.fader_db(track),
            self._sharing[guess.role],
            trust * guess.confidence,
        )

    def has_effects(self, track: Track) -> bool:
        """Whether effects stand between its level here and what was heard."""
        takes = (take for item in track.items for take in item.takes)
        on_its_way = any(one.active_fx for one in self.way(track))
        return on_its_way or any(take.has_fx for take in takes)

    def guess(self, track: Track) -> Guess:
        """What a track is taken for."""
        return self.guesses.get(track.id, UNKNOWN)

    def way(self, track: Track) -> list[Track]:
        """The track and all that its sound goes through, the master left out."""
        home = self.scene.routing.home
        way = [track]
        while parent := home.get(way[-1].id):
            way.append(self.scene.session.track(parent))
        return way

    def fader_db(self, track: Track) -> float:
        """All faders on its way, and those of the sends between them."""
        session, routing = self.scene.session, self.scene.routing
        return sum(
            one.fader_db + db_from_gain(home_gain(session, one, routing)) for one in self.way(track)
        )

    def raw_lufs(self, track: Track) -> float:
        """Its level at its fader's input, as the method of the settings hears it."""
        return self.measurements[track.id].heard(self.scene.settings.method).level.lufs or 0.0

    def is_empty(self, track_id: str) -> bool:
        """Whether nothing of a track can be heard."""
        found = self.measurements.get(track_id)
        return found is None or found.heard(self.scene.settings.method).is_empty

    def is_driven(self, track: Track) -> bool:
        """Whether automation has any of its faders."""
        return any(fader_envelope(self.scene.session, one) for one in self.way(track))

    def is_fed(self, track: Track) -> bool:
        """Whether others sound in it too."""
        receives = sounding_receives(track, self.scene.routing.broken)
        return self._inside(track.id) or bool(receives)

    def _inside(self, track_id: str) -> bool:
        return not self.measurements.keys().isdisjoint(self.scene.routing.members(track_id))


REASONS_TO_LEAVE: tuple[tuple[Callable[[_Case, Track], bool], str], ...] = (
    (
        lambda case, track: case.scene.routing.kind[track.id] == "return",
        "It only receives from other tracks.",
    ),
    (
        lambda case, track: track.id not in case.scene.routing.home,
        "It leads nowhere.",
    ),
    (
        lambda case, track: case.is_driven(track),
        "A fader on its way is driven by volume automation.",
    ),
    (
        lambda case, track: any(one.fader_gain == 0.0 for one in case.way(track)),
        "A fader on its way is all the way down.",
    ),
    (
        lambda case, track: case.is_empty(track.id),
        "Nothing is heard in it.",
    ),
    (
        lambda case, track: case.is_fed(track),
        "Other tracks sound in it.",
    ),
    (
        lambda case, track: case.raw_lufs(track) + case.fader_db(track) < INAUDIBLE_LUFS,
        f"Its fader takes it below {INAUDIBLE_LUFS:.0f} LUFS.",
    ),
    (
        lambda case, track: case.guess(track).role is None,
        "Neither its name nor its sound says what it is.",
    ),
    (
        lambda case, track: case.guess(track).role == "click",
        "It is a click or a reference.",
    ),
)
"""Why a track that can be heard teaches nothing; the first that applies is told."""
