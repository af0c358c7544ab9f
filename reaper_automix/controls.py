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
not the fader: virtually it plays in trim/read, and f is divided out of its items. A file rendered
by REAPER holds item gains and trim, but not the post-FX envelope (it is taken before the fader).
Sends before the fader hear item gains, and behind the effects the trim; their gain takes the share
of k that their virtual source lacks.

**Departure**: between two points of a fader-scaled envelope REAPER interpolates along the fader's
law, which a constant factor bends; the points are exact, what lies between them nearly.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    """The control that a track's moves go to, and why in a sentence where it is not the usual."""

    control: Control
    why: str = ""


def choose(session: Session, settings: Settings) -> dict[str, Choice]:
    """The control of every track of a real session, by id."""
    return {track.id: _choice(session, settings, track) for track in session.tracks}


def freed(session: Session, choices: Mapping[str, Choice]) -> frozenset[str]:
    """Tracks that move although an envelope drives their fader."""
    return frozenset(
        track.id
        for track in session.tracks
        if _driven(session, track) and choices[track.id].control != "fader"
    )


def virtual(
    session: Session,
    gains: Iterable[ControlGain],
    *,
    free: Collection[str] = (),
    rendered: Collection[str] = (),
) -> Session:
    """The session of virtual faders: it sounds as the real one does.

    ``free`` are the tracks of :func:`freed`, ``rendered`` those whose items are a file that REAPER
    rendered. A track whose fader stays driven by its envelope keeps it, and whatever is on it.
    """
    shares = _shares(session, gains, frozenset(free), frozenset(rendered))
    return replace(session, tracks=tuple(_virtual_track(track, shares) for track in session.tracks))


def written(
    session: Session, gains: Iterable[ControlGain], moves: Iterable[Move]
) -> tuple[Session, tuple[ControlGain, ...]]:
    """The real session, and what is on its controls, once REAPER has made these moves."""
    factors = {(move.track_id, move.control): move.after / move.before for move in moves}
    tracks = tuple(_written_track(track, factors) for track in session.tracks)
    held = {(one.track_id, one.control): one.gain for one in gains}
    for key, factor in factors.items():
        if key[1] != "fader":
            held[key] = held.get(key, 1.0) * factor
    return replace(session, tracks=tracks), tuple(
        ControlGain(track, control, gain) for (track, control), gain in held.items()
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """What a track's controls contribute, and what of it is heard where."""

    items: float = 1.0
    trim: float = 1.0
    envelope: float = 1.0
    base: float = 1.0
    free: bool = False
    rendered: bool = False

    @property
    def fader(self) -> float:
        """What the virtual fader has beyond the real one."""
        return self.items * self.trim * self.envelope

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
    free: frozenset[str],
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
    free: frozenset[str],
    rendered: bool,
) -> _Share:
    if _driven(session, track) and track.id not in free:
        return _UNTOUCHED
    return _Share(
        held.get("items", 1.0),
        held.get("trim", 1.0),
        held.get("envelope", 1.0),
        track.fader_gain if track.id in free else 1.0,
        track.id in free,
        rendered,
    )


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
        fader_gain=track.fader_gain * share.fader,
    )
    if share.trim != 1.0:
        track = replace(track, fx=_without_trim(track.fx))
    # In trim/read the trim envelope would begin to sound, which it does not where one drives.
    return replace(track, automation=TRIM_READ, trim_volume=None) if share.free else track


def _written_track(track: Track, factors: Mapping[tuple[str, Control], float]) -> Track:
    def factor(control: Control) -> float:
        return factors.get((track.id, control), 1.0)

    return replace(
        track,
        items=_scaled_items(track.items, factor("items")),
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


def _driven(session: Session, track: Track) -> bool:
    return fader_envelope(session, track) is not None


def _can_be_freed(session: Session, track: Track) -> bool:
    """Not under a global override, whose end nobody knows, nor from a closed fader."""
    return session.global_automation == NO_OVERRIDE and track.fader_gain != 0.0


def _can_shift(session: Session, track: Track) -> bool:
    """Points inside automation items are not the envelope's own, so they would stay behind."""
    drives = fader_envelope(session, track)
    return drives is not None and not drives.automation_items and _can_be_freed(session, track)


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
    return Choice(settings.write, WRITTEN[settings.write])


def _choice_where_driven(session: Session, settings: Settings, track: Track) -> Choice:
    if settings.automation == "shift" and _can_shift(session, track):
        return Choice("envelope", "Volume automation drives its fader, so the envelope is shifted.")
    if settings.automation == "trim" and _can_be_freed(session, track):
        return Choice("trim", "Volume automation drives its fader, so a trim before it is written.")
    return Choice("fader")


WRITTEN: Mapping[Control, str] = {
    "items": "The gain of its items is written, not its fader.",
    "trim": "A trim before its fader is written, not the fader.",
}
"""What is said of a track whose move does not go to its fader."""
