"""What is known about a session before a sample is read: who sounds, who may move, from where.

Every rule by which a fader stays where it is stands in one table here, :data:`REASONS_TO_STAY`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from reaper_automix import hand, render, routing
from reaper_automix.audio import Samples, Signal
from reaper_automix.errors import MediaError, SettingsError
from reaper_automix.locks import By, Lock, locks
from reaper_automix.media import Note
from reaper_automix.mix import Desk
from reaper_automix.progress import Beat, unheeded
from reaper_automix.render import passage
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.render.survey import LookUp, all_opened
from reaper_automix.routing import Routing
from reaper_automix.sections import measured_range
from reaper_automix.session import Session, TimeRange, Track
from reaper_automix.settings import Settings


def _untold(sentence: str) -> None:
    """Notes are told when a track is measured, not again when it is summed."""


class TrackLost(MediaError):
    """A track's media could no longer be read in the middle of the work."""

    def __init__(self, track_id: str, message: str) -> None:
        super().__init__(message)
        self.track_id = track_id

    def __reduce__(self) -> tuple[type[TrackLost], tuple[str, str]]:
        """How it comes back from a worker process."""
        return TrackLost, (self.track_id, str(self))


@dataclass(frozen=True, slots=True)
class Scene:
    """A session, how it flows and what can be heard of it.

    ``found`` are the faders the balance starts from, linear, and ``hand_db`` what the engineer
    moved some of them by on top. ``chosen`` are the tracks it may move, ``locks`` those that the
    engineer pinned. ``lost`` are tracks whose media turned out to be unreadable, with the reason.
    """

    session: Session
    settings: Settings
    routing: Routing
    surveys: Mapping[str, render.Survey]
    found: Mapping[str, float]
    hand_db: Mapping[str, float]
    chosen: frozenset[str]
    lost: Mapping[str, str]
    locks: Mapping[str, Lock]

    @property
    def time_range(self) -> TimeRange | None:
        """The stretch of the time line that is measured; ``None`` for all of it."""
        return measured_range(self.session, self.settings)

    def sounds(self, track: Track) -> bool:
        """Whether the track's own items reach its fader and beyond."""
        heard = self.surveys[track.id].signal and track.id not in self.routing.silent
        return heard and track.id not in self.lost

    def without(self, lost: TrackLost) -> Scene:
        """The same scene, with one more track left out."""
        return replace(self, lost={**self.lost, lost.track_id: str(lost)})

    def concerned(self, empty: Collection[str] = ()) -> frozenset[str]:
        """Tracks whose level has a say: what is chosen, and all that a single one is fitted to.

        ``empty`` are those known by now to hold nothing that could be balanced.
        """
        found = set(self.chosen)
        for group in self.routing.groups():
            members = self.routing.members(group)
            if len([one for one in members if self._would_move(one, empty)]) == 1:
                found.update(members)
        return frozenset(found)

    def _would_move(self, track_id: str, empty: Collection[str]) -> bool:
        track = self.session.track(track_id)
        if track_id not in self.chosen or track_id in empty:
            return False
        return reason_to_skip(self, track) is None and reason_to_stay(self, track) is None

    def desk(self, note: Note = _untold, beat: Beat = unheeded) -> Desk:
        """The session ready to be played, without what is silent or lost.

        ``note`` is told, in sentences, what reading the media brings to light; ``beat`` is called
        with every block that is read, and may raise to stop it.
        """

        def whole(track: Track) -> Signal:
            return render.signal(self.session, track, self.time_range, note=note)

        return self._desk(whole, beat)

    def desk_of(self, span: passage.Span) -> Desk:
        """A passage of what :meth:`desk` plays, with the tracks that sound in it."""

        def part(track: Track) -> Signal:
            return passage.signal(self.session, track, self.time_range, span, note=_untold)

        return self._desk(part, unheeded)

    def _desk(self, signal_of: Callable[[Track], Signal], beat: Beat) -> Desk:
        sounding = filter(self.sounds, self.session.tracks)
        signals = {track.id: signal_of(track) for track in sounding}
        guarded = {
            track: _guarded(track, signal, beat)
            for track, signal in signals.items()
            if signal.frames
        }
        return Desk(self.session, self.routing, guarded)


def set_scene(
    session: Session,
    settings: Settings,
    chosen: frozenset[str] | None = None,
    beat: Beat = unheeded,
    headers: LookUp = all_opened,
) -> Scene:
    """Survey a session under some settings; where some tracks are ``chosen``, only these move.

    ``beat`` is called with every file that is opened, and may raise to stop it; ``headers`` may
    know files from before (:meth:`reaper_automix.memory.Memory.headers`).
    """
    flow = routing.trace(session)
    starts = hand.starts(session, forget=settings.forget_moves)
    named = _chosen(session, flow, settings)
    bare = Scene(
        session,
        settings,
        flow,
        surveys={},
        found={track: start.found_gain for track, start in starts.items()},
        hand_db={track: start.hand_db for track, start in starts.items() if start.hand_db},
        chosen=named if chosen is None else named & chosen,
        lost={},
        locks=locks(session, flow, settings),
    )
    return replace(bare, surveys=render.survey(session, bare.time_range, beat, headers))


def reason_to_stay(scene: Scene, track: Track) -> str | None:
    """Why a sounding track's fader is left where it is, as a sentence; ``None``: it may move."""
    reasons = (sentence for applies, sentence in REASONS_TO_STAY if applies(scene, track))
    reason, lock = next(reasons, None), scene.locks.get(track.id)
    return reason.format(lock.sign) if reason and lock else reason


def reason_to_skip(scene: Scene, track: Track) -> str | None:
    """Why a track cannot be heard at all, as a sentence; ``None`` when it can."""
    if track.mute:
        return "Muted."
    if track.id in scene.routing.silent:
        return "Inside something that is muted."
    if track.id in scene.lost:
        return scene.lost[track.id]
    is_source = scene.routing.kind[track.id] == "track"
    return scene.surveys[track.id].skip if is_source else None


def _locked_by(by: By) -> Callable[[Scene, Track], bool]:
    """The rule of one kind of lock."""

    def applies(scene: Scene, track: Track) -> bool:
        lock = scene.locks.get(track.id)
        return lock is not None and lock.by == by

    return applies


REASONS_TO_STAY: tuple[tuple[Callable[[Scene, Track], bool], str], ...] = (
    (
        lambda scene, track: track.id not in scene.chosen,
        "Not among the chosen tracks.",
    ),
    (
        lambda scene, track: track.locked,
        "Locked; unlock its controls to have it moved.",
    ),
    (
        _locked_by("name"),
        "Locked by its name tag {}.",
    ),
    (
        _locked_by("color"),
        "Locked by its colour {}.",
    ),
    (
        _locked_by("mark"),
        "Locked by the action Lock selected tracks.",
    ),
    (
        _locked_by("folder"),
        "Inside {}, which is locked, so its balance there stays.",
    ),
    (
        lambda scene, track: scene.routing.kind[track.id] == "return",
        "It only receives from other tracks; returns keep their fader.",
    ),
    (
        lambda scene, track: track.id not in scene.routing.home,
        "Its main send is off and no post-fader send feeds a bus.",
    ),
    (
        lambda scene, track: fader_envelope(scene.session, track) is not None,
        "Its fader is driven by volume automation.",
    ),
    (
        lambda scene, track: scene.found[track.id] == 0.0,
        "Its fader is all the way down.",
    ),
)
"""The rules by which a fader stays, in the order in which they are told; ``{}``: what locks it."""


NOTES: tuple[tuple[Callable[[Track], bool], str], ...] = (
    (
        lambda track: track.vca_follower,
        "Its VCA lead scales it on top of its fader; levels here are without that.",
    ),
    (
        lambda track: track.grouped,
        "It is in a volume group; its own fader moves, and no other one along with it.",
    ),
)
"""What is to be known about a fader that moves all the same."""


def _chosen(session: Session, flow: Routing, settings: Settings) -> frozenset[str]:
    """Tracks that the settings name by id, name or pattern; a folder stands for its members."""
    if not settings.tracks:
        return frozenset(track.id for track in session.tracks)
    chosen: set[str] = set()
    for pattern in settings.tracks:
        named = [track for track in session.tracks if is_named(track, pattern)]
        if not named:
            raise SettingsError(
                f"No track of {session.name} is called {pattern!r}; "
                "see their names with: reaper-automix inspect."
            )
        for track in named:
            chosen.update(flow.members(track.id) or (track.id,))
    return frozenset(chosen)


def is_named(track: Track, pattern: str) -> bool:
    """Whether a track is meant by an id, a name or a pattern of names, in whatever case."""
    folded = pattern.casefold()
    return folded in (track.id.casefold(), track.name.casefold()) or fnmatchcase(
        track.name.casefold(), folded
    )


def _guarded(track_id: str, signal: Signal, beat: Beat) -> Signal:
    """The same signal, naming its track when its media cannot be read after all."""

    def heard(block: Samples) -> Samples:
        beat()
        return block

    def read() -> Iterator[Samples]:
        try:
            yield from map(heard, signal.read())
        except MediaError as error:
            raise TrackLost(track_id, str(error)) from error

    return replace(signal, read=read)
