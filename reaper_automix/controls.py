"""Controls other than the fader: item gains, a trim before the fader, the volume envelope.

The engine only ever solves faders. A track that is moved by another control keeps its real fader;
its *virtual fader* is the real one times what the control contributes already. :func:`virtual`
makes the session of virtual faders, which sounds the same; a move is then "multiply the control by
after / before", whichever control that is, so that strength, limits and re-runs behave as they do
with faders. :func:`written` is what REAPER has once the moves are made.

**The algebra**: with ``f`` the real fader and ``k`` what earlier balances put on a control, a track
plays

- with item gains: items · k → fader f.  Virtual: items → fader f·k.
- with a trim, which no item holds: items → trim k → fader f.  Virtual: items → fader f·k.
- with the envelope: items → points · k → fader f.  Virtual: items → points → fader f·k.

Where the envelope *drives* the fader, f is not heard. Such a track is *freed* when its control is
not the fader: virtually it plays in trim/read from a fader of our choice, which is divided out of
its items. For a trim that is f; for the envelope it is its highest point, so that the top of the
fader is the limit of every point, and shapes stay whole. A file rendered by REAPER holds item gains
and trim, but not the post-FX envelope (it is taken before the fader). Sends before the fader hear
item gains, and behind the effects the trim; their gain takes the share of k that their virtual
source lacks.

**Departure**: between two points of a fader-scaled envelope REAPER interpolates along the fader's
law, which a constant factor bends; the points are exact, what lies between them nearly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from reaper_automix.render.clips import is_audio, sounding_takes
from reaper_automix.render.envelopes import NO_OVERRIDE, TRIM_READ, fader_envelope
from reaper_automix.session import Envelope, Fx, Item, Receive, Session, Track
from reaper_automix.settings import Settings

Control = Literal["fader", "items", "trim", "envelope"]

TRIM_NAME = "Automix trim"
TRIM_NAMES = (TRIM_NAME, "utility/volume")
"""The trim plug-in by the name we give it, and by the one that a project file has for it."""


@dataclass(frozen=True, slots=True)
class ControlGain:
    """What earlier balances put on one control of a track, as a linear factor above 0."""

    track_id: str
    control: Control
    gain: float

    def __post_init__(self) -> None:
        if not 0.0 < self.gain < math.inf:
            raise ValueError(f"the {self.control} of {self.track_id} has an impossible gain")


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a virtual fader, linear: its control is multiplied by ``after / before``."""

    track_id: str
    control: Control
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The control that a track's moves go to.

    ``why`` says so where it is not the usual one; ``stays`` says why the track is left alone
    although the settings would move it some other way than by its driven fader.
    """

    control: Control
    why: str = ""
    stays: str = ""


NOBODY: Mapping[str, Control] = MappingProxyType({})
"""No track that is freed."""


def choose(session: Session, settings: Settings) -> dict[str, Choice]:
    """The control of every track of a real session, by id."""
    return {track.id: _choice(session, settings, track) for track in session.tracks}


def freed(session: Session, choices: Mapping[str, Choice]) -> dict[str, Control]:
    """Tracks that move although an envelope drives their fader, and by which control."""
    return {
        track.id: choices[track.id].control
        for track in session.tracks
        if _driven(session, track) and choices[track.id].control != "fader"
    }


def virtual(
    session: Session,
    gains: Iterable[ControlGain],
    *,
    free: Mapping[str, Control] = NOBODY,
    rendered: Collection[str] = (),
) -> Session:
    """The session of virtual faders: it sounds as the real one does.

    ``free`` are the tracks of :func:`freed`, ``rendered`` those whose items are a file that REAPER
    rendered. A track whose fader stays driven by its envelope keeps it, and whatever is on it.
    """
    shares = _shares(session, gains, free, frozenset(rendered))
    return replace(session, tracks=tuple(_virtual_track(track, shares) for track in session.tracks))


def written(
    session: Session,
    gains: Iterable[ControlGain],
    moves: Iterable[Move],
    *,
    rendered: Collection[str] = (),
) -> tuple[Session, tuple[ControlGain, ...]]:
    """The real session, and what is on its controls, once REAPER has made these moves.

    ``rendered`` are the tracks whose items are a file that REAPER rendered: it holds the trim.
    """
    factors = {(move.track_id, move.control): move.after / move.before for move in moves}
    tracks = tuple(_written_track(track, factors, track.id in rendered) for track in session.tracks)
    held = {(one.track_id, one.control): one.gain for one in gains}
    for key, factor in factors.items():
        if key[1] != "fader":
            held[key] = held.get(key, 1.0) * factor
    return replace(session, tracks=tracks), tuple(
        ControlGain(track, control, gain) for (track, control), gain in held.items()
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """What a track's controls contribute, and what of it is heard where.

    ``base`` is what a freed track's items are divided by on top, to stand in its ``fader`` instead.
    """

    items: float = 1.0
    trim: float = 1.0
    envelope: float = 1.0
    base: float = 1.0
    free: bool = False
    rendered: bool = False

    def fader(self, track: Track) -> float:
        """The virtual fader."""
        own = self.base if self.free else track.fader_gain
        return own * self.items * self.trim * self.envelope

    @property
    def source(self) -> float:
        """What the virtual items lack."""
        return self.items * self.base * (self.trim if self.rendered else 1.0)

    def sent(self, receive: Receive) -> float:
        """What a send from this track has to make up for."""
        if receive.mode == "post-fader":
            return 1.0
        before_effects = self.items * self.base
        return before_effects * (self.trim if receive.mode == "pre-fader" else 1.0)


_UNTOUCHED = _Share()


def _shares(
    session: Session,
    gains: Iterable[ControlGain],
    free: Mapping[str, Control],
    rendered: frozenset[str],
) -> dict[str, _Share]:
    held: dict[str, dict[str, float]] = {}
    for one in gains:
        track = held.setdefault(one.track_id, {})
        track[one.control] = track.get(one.control, 1.0) * one.gain
    return {
        track.id: _share(session, track, held.get(track.id, {}), free, track.id in rendered)
        for track in session.tracks
    }


def _share(
    session: Session,
    track: Track,
    held: Mapping[str, float],
    free: Mapping[str, Control],
    rendered: bool,
) -> _Share:
    if _driven(session, track) and track.id not in free:
        return _UNTOUCHED
    share = _Share(
        held.get("items", 1.0),
        held.get("trim", 1.0),
        held.get("envelope", 1.0),
        rendered=rendered,
    )
    if track.id not in free:
        return share
    shifts = free[track.id] == "envelope"
    base = _highest(track.volume) / share.envelope if shifts else track.fader_gain
    return replace(share, base=base, free=True)


def _virtual_track(track: Track, shares: Mapping[str, _Share]) -> Track:
    share = shares[track.id]
    receives = tuple(
        replace(one, gain=one.gain * shares.get(one.source_id, _UNTOUCHED).sent(one))
        for one in track.receives
    )
    track = replace(
        track,
        receives=receives,
        items=_scaled_items(track.items, 1.0 / share.source),
        volume=_scaled_envelope(track.volume, 1.0 / share.envelope),
        fader_gain=share.fader(track),
    )
    if share.trim != 1.0:
        track = replace(track, fx=_without_trim(track.fx))
    # In trim/read the trim envelope would begin to sound, which it does not where one drives.
    return replace(track, automation=TRIM_READ, trim_volume=None) if share.free else track


def _written_track(
    track: Track, factors: Mapping[tuple[str, Control], float], rendered: bool
) -> Track:
    def factor(control: Control) -> float:
        return factors.get((track.id, control), 1.0)

    held = factor("items") * (factor("trim") if rendered else 1.0)
    return replace(
        track,
        items=_scaled_items(track.items, held),
        volume=_scaled_envelope(track.volume, factor("envelope")),
        fader_gain=track.fader_gain * factor("fader"),
    )


def _without_trim(fx: tuple[Fx, ...]) -> tuple[Fx, ...]:
    """The effects that are left when the fader stands for our trim, which is always the last."""
    return fx[:-1] if fx and fx[-1].name.endswith(TRIM_NAMES) else fx


def _scaled_items(items: Sequence[Item], factor: float) -> tuple[Item, ...]:
    return tuple(replace(item, gain=item.gain * factor) for item in items)


def _scaled_envelope(envelope: Envelope | None, factor: float) -> Envelope | None:
    if envelope is None:
        return None
    points = tuple(replace(point, gain=point.gain * factor) for point in envelope.points)
    return replace(envelope, points=points)


def _highest(envelope: Envelope | None) -> float:
    """The gain of its highest point; 0 without points of its own."""
    return max((point.gain for point in envelope.points), default=0.0) if envelope else 0.0


def _driven(session: Session, track: Track) -> bool:
    return fader_envelope(session, track) is not None


def _plays_audio_only(track: Track) -> bool:
    """Item gain means nothing to MIDI."""
    takes = [take for item in track.items for take in sounding_takes(item)]
    return bool(takes) and all(map(is_audio, takes))


def _choice(session: Session, settings: Settings, track: Track) -> Choice:
    if _driven(session, track):
        return _choice_where_driven(session, settings, track)
    if settings.write == "fader":
        return Choice("fader")
    if track.frozen:
        return Choice("fader", "It is frozen, so its fader is written.")
    if settings.write == "items" and not _plays_audio_only(track):
        return Choice("fader", "It has no items of audio alone, so its fader is written.")
    if settings.write == "trim" and not track.fx_enabled:
        return Choice("fader", "Its effects are switched off, so its fader is written.")
    return Choice(settings.write, WRITTEN[settings.write])


def _choice_where_driven(session: Session, settings: Settings, track: Track) -> Choice:
    if settings.automation == "skip":
        return Choice("fader")
    rules = (*NOT_FREED, *(NOT_SHIFTED if settings.automation == "shift" else NOT_TRIMMED))
    for applies, stays in rules:
        if applies(session, track):
            return Choice("fader", stays=stays)
    if settings.automation == "shift":
        return Choice("envelope", "Volume automation drives its fader, so the envelope is shifted.")
    return Choice("trim", "Volume automation drives its fader, so a trim before it is written.")


Rule = tuple[Callable[[Session, Track], bool], str]
"""What keeps a driven track from being moved, and the sentence for it."""

NOT_FREED: tuple[Rule, ...] = (
    (
        # Nobody knows what the faders mean once it ends.
        lambda session, track: session.global_automation != NO_OVERRIDE,
        "The project overrides all automation; switch that off to have it moved.",
    ),
)
NOT_SHIFTED: tuple[Rule, ...] = (
    (
        # Points inside them are not the envelope's own, so they would stay behind.
        lambda session, track: track.volume is not None and track.volume.automation_items,
        "Its volume envelope has automation items, which cannot be shifted along.",
    ),
    (
        lambda session, track: _highest(track.volume) <= 0.0,
        "Its volume envelope is all the way down, so there is nothing to shift.",
    ),
)
NOT_TRIMMED: tuple[Rule, ...] = (
    (
        lambda session, track: track.fader_gain == 0.0,
        "Its fader is all the way down, so it gets no trim.",
    ),
    (
        lambda session, track: track.frozen,
        "It is frozen, so it gets no trim; unfreeze it to have it moved.",
    ),
    (
        lambda session, track: not track.fx_enabled,
        "Its effects are switched off, so it gets no trim; switch them on to have it moved.",
    ),
)


WRITTEN: Mapping[Control, str] = {
    "items": "The gain of its items is written, not its fader.",
    "trim": "A trim before its fader is written, not the fader.",
}
"""What is said of a track whose move does not go to its fader."""
