"""Plays a session through its faders: sums of tracks, block by block, for any fader positions.

One pass over the audio serves several fader states at once, because decoding costs more than
adding. Effects are not run: what has effects is heard before them, and a return with an active
effect is left out of every sum (see :func:`unheard_returns`).

**Conventions**: ``Gains`` are linear faders by track id; a missing one stands where the project
has it. A track leaves its fader through its pan (:mod:`reaper_automix.pan`) into its home and its
receivers; the mix (``None``) is heard behind the master fader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix import pan, strip
from reaper_automix.audio import BLOCK_FRAMES, Samples, Signal, aligned
from reaper_automix.features.loudness import Meter, hop_frames
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.render.envelopes import fader_envelope
from reaper_automix.render.passage import Span
from reaper_automix.results import SumLevel
from reaper_automix.routing import MIX, Routing, sounding_receives
from reaper_automix.session import Receive, Session, Track

Gains = Mapping[str, float]
Node = str | None


@dataclass(frozen=True, slots=True)
class Desk:
    """A session ready to be played: its routing and the signals of the tracks that sound."""

    session: Session
    routing: Routing
    signals: Mapping[str, Signal]

    def tracks(self) -> dict[str, Track]:
        """The session's tracks by id."""
        return {track.id: track for track in self.session.tracks}


def unheard_returns(session: Session, routing: Routing) -> tuple[Track, ...]:
    """Returns with an active effect: what they give back cannot be computed here."""
    returns = (track for track in session.tracks if routing.kind[track.id] == "return")
    return tuple(track for track in returns if track.returns_effects)


def tap(desk: Desk, node: Node, gains: Gains) -> Signal:
    """The signal at one fader's input (or, for ``None``, behind the master) under some faders."""
    player = Player(desk, (node,))

    def read() -> Iterator[Samples]:
        for states in player.play((gains,), player.span):
            yield states[0][node]

    start, end = player.span
    return Signal(desk.session.sample_rate_hz, player.width(node), start, end - start, read)


def listen(
    desk: Desk, groups: Sequence[Node], states: Sequence[Gains]
) -> list[dict[Node, SumLevel]]:
    """Loudness and true peak of several sums under several fader states, in one pass."""
    player = Player(desk, groups)
    heard = player.meter(states, player.span)
    return [{group: meter.level() for group, meter in state.items()} for state in heard]


class Player:
    """The tracks that reach some taps, in the order in which the signal flows through them.

    Most tracks of most sessions are *plain*: only their own items, through fader and pan into one
    sum. These are added up first, each for all states at once. The others go their ways after.
    """

    def __init__(self, desk: Desk, taps: Collection[Node]) -> None:
        self._desk = desk
        self._taps = tuple(taps)
        self._tracks = desk.tracks()
        unheard = {track.id for track in unheard_returns(desk.session, desk.routing)}
        self._mute = unheard | desk.routing.silent
        self._strips = self._contributing()
        self._signals = {id_: desk.signals[id_] for id_ in self._strips if id_ in desk.signals}
        self._fed = {self._home(track) for track in self._strips}
        self._fed |= {target for sends in self._strips.values() for _, target in sends}
        self._plain = tuple(filter(self._is_plain, self._signals))
        starts = (one.start_frame for one in self._signals.values())
        ends = (one.start_frame + one.frames for one in self._signals.values())
        self.span: Span = min(starts, default=0), max(ends, default=0)

    def width(self, node: Node) -> int:
        """Channels at a node's input."""
        return strip.width(self._desk.session, self._track(node))

    def faders(self, state: Gains) -> tuple[float, ...]:
        """The faders that have a say in what the taps hear."""
        return tuple(state.get(track, self._tracks[track].fader_gain) for track in self._strips)

    @property
    def heard_s(self) -> float:
        """Seconds of audio that a pass reads, of all tracks together."""
        return sum(signal.duration_s for signal in self._signals.values())

    def meter(
        self, states: Sequence[Gains], span: Span, lead_in: int = 0
    ) -> list[dict[Node, SumMeter]]:
        """The taps' meters after a passage, per fader state; equal states are played once."""
        distinct = {self.faders(state): state for state in states}
        rate_hz, taps = self._desk.session.sample_rate_hz, self._taps
        meters = [
            {tap: SumMeter(rate_hz, self.width(tap), lead_in) for tap in taps} for _ in distinct
        ]

        def push(played: list[dict[Node, Samples]]) -> None:
            for state, heard in zip(meters, played, strict=True):
                for tap, meter in state.items():
                    meter.push(heard[tap])

        # Mapped, so that a block of every sum is gone before the next ones are played.
        deque(map(push, self.play(list(distinct.values()), span)), maxlen=0)
        found = dict(zip(distinct, meters, strict=True))
        return [found[self.faders(state)] for state in states]

    def play(self, states: Sequence[Gains], span: Span) -> Iterator[list[dict[Node, Samples]]]:
        """What arrives at the taps, per block and fader state.

        ``span`` are the first frame and the end of what is played; no signal begins before it.
        """
        start, end = span
        faders = np.array([self.faders(state) for state in states], np.float32).T
        gains = {track: row[:, None, None] for track, row in zip(self._strips, faders, strict=True)}
        readers = {track: aligned(signal, start) for track, signal in self._signals.items()}
        placed = {track: self._pan(track) * gains[track] for track in self._plain}
        others = [track for track in self._strips if track not in placed]
        for first in range(start, end, BLOCK_FRAMES):
            block = _Block(self._desk.session, first, min(BLOCK_FRAMES, end - first), len(states))
            for track, matrices in placed.items():
                self._add_plain(block, track, next(readers[track], None), matrices)
            for track in others:
                self._pass_on(block, track, next(readers.get(track, _NONE), None), gains[track])
            yield self._tapped(block)

    def _track(self, node: Node) -> Track | None:
        return None if node is MIX else self._tracks[node]

    def _pan(self, track_id: str) -> NDArray[np.float32]:
        return pan.matrix(self._tracks[track_id], self._desk.session)

    def _contributing(self) -> dict[str, tuple[tuple[Receive, str], ...]]:
        """Tracks that a tap can hear, each with the sends that lead on to others of them."""
        routing, needed = self._desk.routing, set(self._taps)
        sends: dict[str, list[tuple[Receive, str]]] = {}
        for track_id in reversed(routing.order):
            if routing.home.get(track_id, track_id) in needed or track_id in sends:
                needed.add(track_id)
            if track_id in needed and track_id not in self._mute:
                for receive in sounding_receives(self._tracks[track_id], routing.broken):
                    sends.setdefault(receive.source_id, []).append((receive, track_id))
        return {
            track: tuple(sends.get(track, ()))
            for track in routing.order
            if track in needed and track not in self._mute
        }

    def _home(self, track_id: str) -> Node:
        """Where the main send leads to; the track itself where that is nowhere."""
        home = self._desk.routing.home.get(track_id, track_id)
        leads_on = home is MIX or home in self._strips
        return home if leads_on and self._tracks[track_id].main_send else track_id

    def _is_plain(self, track_id: str) -> bool:
        """Stereo, its own items only, and the main send the only way from a fader that counts."""
        if track_id in self._taps or self._strips[track_id] or self._home(track_id) == track_id:
            return False
        driven = fader_envelope(self._desk.session, self._tracks[track_id]) is not None
        return not driven and track_id not in self._fed and self._signals[track_id].channels == 2

    def _add_plain(
        self, block: _Block, track_id: str, own: Samples | None, matrices: NDArray[np.float32]
    ) -> None:
        from reaper_automix.sums.adding import add_placed

        if own is not None:
            home = self._home(track_id)
            add_placed(own[0], own[1], matrices, block.sum_at(home, self.width(home)))

    def _pass_on(
        self, block: _Block, track_id: str, own: Samples | None, gains: NDArray[np.float32]
    ) -> None:
        """Own items and what other tracks send, through the fader to the home and the receivers."""
        session, track = self._desk.session, self._tracks[track_id]
        if own is not None:
            own = strip.fit(own, self.width(track_id), block.frames)[None]
        heard = block.meet(track, own)
        if heard is None:
            return
        leaving = strip.leave(session, track, heard, gains, block.ride)
        home = self._home(track_id)
        if home != track_id and leaving is not None:
            block.add(home, self.width(home), leaving)
        for receive, target in self._strips[track_id]:
            source = leaving if receive.mode == "post-fader" else heard
            if source is not None:
                block.add(target, self.width(target), strip.send(session, receive, source))

    def _tapped(self, block: _Block) -> list[dict[Node, Samples]]:
        heard = {node: block.heard_at(self._track(node), self.width(node)) for node in self._taps}
        return [
            {node: samples[state % len(samples)] for node, samples in heard.items()}
            for state in range(block.states)
        ]


_NONE: Iterator[None] = iter(())
"""The blocks of a track without items."""


class _Block:
    """One block on its way: what has arrived where by now, ``[states, channels, frames]``.

    What is the same under all states is kept once.
    """

    def __init__(self, session: Session, first: int, frames: int, states: int) -> None:
        self.frames, self.states = frames, states
        self.ride = strip.frame_by_frame(session, first, frames)
        self._session = session
        self._sums: dict[Node, Samples] = {}
        self._heard: dict[Node, Samples] = {}

    def sum_at(self, node: Node, width: int) -> Samples:
        """What arrives at a node, to be added to."""
        if node not in self._sums:
            self._sums[node] = np.zeros((self.states, width, self.frames), np.float32)
        return self._sums[node]

    def add(self, node: Node, width: int, samples: Samples) -> None:
        """Sum into what already arrives at a node."""
        self.sum_at(node, width)[...] += strip.fit(samples, width, self.frames)

    def meet(self, track: Track, own: Samples | None) -> Samples | None:
        """A track's own items and what it receives, together at its fader; kept for the taps."""
        heard, received = own, self._sums.pop(track.id, None)
        if received is not None:
            arrived = strip.arrive(self._session, track, received, self.ride)
            heard = arrived if own is None else arrived + own
        if heard is not None:
            self._heard[track.id] = heard
        return heard

    def heard_at(self, track: Track | None, width: int) -> Samples:
        """What was heard at a track's fader, or behind the master's (``None``)."""
        if track is None:
            return strip.arrive(self._session, track, self.sum_at(MIX, width), self.ride)
        silence = np.zeros((1, width, self.frames), np.float32)
        return self._heard.get(track.id, silence)


class SumMeter:
    """Loudness and true peak of one sum.

    ``lead_in`` are frames, whole hops, that only tell what came before.
    """

    def __init__(self, sample_rate_hz: int, channels: int, lead_in: int = 0) -> None:
        self._meter = Meter(sample_rate_hz, channels)
        self._peak = TruePeak(sample_rate_hz, channels)
        self._early_hops = lead_in // hop_frames(sample_rate_hz)
        self._early = lead_in

    def push(self, samples: Samples) -> None:
        """Take the next block, ``[channels, frames]``."""
        self._meter.push(samples)
        early = samples[:, : self._early]
        self._peak.follow(early)
        self._peak.push(samples[:, early.shape[1] :])
        self._early -= early.shape[1]

    def level(self, *, goes_on: bool = False) -> SumLevel:
        """The level of what was pushed, with the ringing out of its end if it does not go on."""
        peak_db = self._peak.db_so_far() if goes_on else self._peak.db()
        return SumLevel(self._meter.lufs(), peak_db)

    def powers(self) -> NDArray[np.float64]:
        """K-weighted mean power of every whole hop so far, channels summed."""
        return self._meter.block_powers()[self._early_hops :]
