"""Plays a session through its faders: sums of tracks, block by block, for any fader positions.

One pass over the audio serves several fader states at once, because decoding costs more than
adding. Effects are not run: what has effects is heard before them, and a return with an active
effect is left out of every sum (see :func:`unheard_returns`).

**Conventions**: ``Gains`` are linear faders by track id; a missing one stands where the project
has it. A track leaves its fader through its pan (:mod:`reaper_automix.pan`) into its home and its
receivers; the mix (``None``) is heard behind the master fader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reaper_automix import pan, strip
from reaper_automix.audio import BLOCK_FRAMES, Samples, Signal, aligned
from reaper_automix.features.loudness import (
    BLOCK_HOPS,
    KWeighting,
    Meter,
    gated_loudness,
    hop_frames,
)
from reaper_automix.features.true_peak import TruePeak
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
    return tuple(
        track for track in session.tracks if routing.kind[track.id] == "return" and track.active_fx
    )


def tap(desk: Desk, node: Node, gains: Gains) -> Signal:
    """The signal at one fader's input (or, for ``None``, behind the master) under some faders."""
    player = _Player(desk, (node,))

    def read() -> Iterator[Samples]:
        for states in player.play((gains,)):
            yield states[0][node]

    frames = max(0, player.end_frame - player.start_frame)
    width = player.width(node)
    return Signal(desk.session.sample_rate_hz, width, player.start_frame, frames, read)


def listen(
    desk: Desk, groups: Sequence[Node], states: Sequence[Gains]
) -> list[dict[Node, SumLevel]]:
    """Loudness and true peak of several sums under several fader states, in one pass."""
    player = _Player(desk, groups)
    meters = [{group: _SumMeter(desk, player.width(group)) for group in groups} for _ in states]
    for played in player.play(states):
        for state_meters, taps in zip(meters, played, strict=True):
            for group, meter in state_meters.items():
                meter.push(taps[group])
    return [{group: meter.level() for group, meter in state.items()} for state in meters]


@dataclass(frozen=True, slots=True)
class CrossPowers:
    """How the sources of a group add up: the loudness of their sum under any faders, no audio.

    ``powers`` is ``[hops, n, n]``: per 100 ms the K-weighted power that every two sources have in
    common, over all channels (BS.1770 sums channel powers). The last source is everything of the
    group that no fader here moves. With fader gains g the sum has the power gᵀ·P·g per hop; where
    one source feeds another, which makes that a higher power, the other hears it as it was.
    """

    ids: tuple[str, ...]
    powers: NDArray[np.float32]

    def lufs(self, gains: Gains) -> float | None:
        """Integrated loudness of the sum; ``None`` below the gate."""
        vector = np.array([*(gains[track] for track in self.ids), 1.0], np.float32)
        return gated_loudness(np.maximum((self.powers @ vector) @ vector, 0.0))


def weigh(desk: Desk, group: Node, movable: Sequence[str], gains: Gains) -> CrossPowers:
    """Cross powers of a group's movable sources, with everything inside them at ``gains``.

    What goes to the group by other ways than the main send (a return, the sends to a bus) is
    played on its own.
    """
    player = _Player(desk, (*movable, group))
    closed = {**gains, **dict.fromkeys(movable, 0.0)}
    senders = [track for track in movable if player.sends(track)]
    alone = [{**closed, track: 1.0} for track in senders]
    gram = _Gram(desk.session.sample_rate_hz, len(movable) + 1, player.width(group))
    first = player.start_frame
    for opened, shut, *sent in player.play((gains, closed, *alone)):
        rest = shut[group]
        sources = {
            track: player.contribution(track, group, opened[track], first)
            for track in movable
            if track not in senders
        }
        sources |= {track: taps[group] - rest for track, taps in zip(senders, sent, strict=True)}
        gram.push([*(sources[track] for track in movable), rest])
        first += rest.shape[1]
    return CrossPowers(tuple(movable), gram.powers())


class _Player:
    """The tracks that reach some taps, in the order in which the signal flows through them."""

    def __init__(self, desk: Desk, taps: Collection[Node]) -> None:
        self._desk = desk
        self._taps = tuple(taps)
        self._tracks = desk.tracks()
        unheard = {track.id for track in unheard_returns(desk.session, desk.routing)}
        self._mute = unheard | desk.routing.silent
        self._strips = self._contributing()
        spans = [
            (signal.start_frame, signal.start_frame + signal.frames)
            for track, signal in desk.signals.items()
            if track in self._strips
        ]
        self.start_frame = min((start for start, _ in spans), default=0)
        self.end_frame = max((end for _, end in spans), default=0)

    def width(self, node: Node) -> int:
        """Channels at a node's input."""
        return strip.width(self._desk.session, self._track(node))

    def _track(self, node: Node) -> Track | None:
        return None if node is MIX else self._tracks[node]

    def play(self, states: Sequence[Gains]) -> Iterator[list[dict[Node, Samples]]]:
        """What arrives at the taps, per block and fader state."""
        readers = {
            track: aligned(signal, self.start_frame)
            for track, signal in self._desk.signals.items()
            if track in self._strips
        }
        for first in range(self.start_frame, self.end_frame, BLOCK_FRAMES):
            frames = min(BLOCK_FRAMES, self.end_frame - first)
            blocks = {track: next(reader, None) for track, reader in readers.items()}
            own = {
                track: strip.fit(block, self.width(track), frames)
                for track, block in blocks.items()
                if block is not None
            }
            yield [self._flow(own, gains, first, frames) for gains in states]

    def sends(self, track_id: str) -> bool:
        """Whether a track reaches others by more than its main send."""
        return bool(self._strips[track_id]) or not self._tracks[track_id].main_send

    def contribution(self, track_id: str, group: Node, arrived: Samples, first: int) -> Samples:
        """What a source at an open fader adds to its group's sum by its main send."""
        matrix = pan.matrix(self._tracks[track_id], self._desk.session)
        leaving = strip.fit(strip.pan(arrived, matrix), self.width(group), arrived.shape[1])
        return self._arrive(group, leaving, first)

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

    def _ride(self, first: int, samples: Samples) -> strip.Ride:
        return strip.frame_by_frame(self._desk.session, first, samples.shape[1])

    def _arrive(self, node: Node, samples: Samples, first: int) -> Samples:
        ride = self._ride(first, samples)
        return strip.arrive(self._desk.session, self._track(node), samples, ride)

    def _flow(
        self, own: Mapping[str, Samples], gains: Gains, first: int, frames: int
    ) -> dict[Node, Samples]:
        arriving: dict[Node, Samples] = {}
        for track_id, sends in self._strips.items():
            received = arriving.pop(track_id, None)
            heard = self._meet(track_id, own.get(track_id), received, first)
            if heard is None:
                continue
            if track_id in self._taps:
                arriving[track_id] = heard
            self._depart(track_id, heard, sends, gains, first, arriving)
        if MIX in self._taps and MIX in arriving:
            arriving[MIX] = self._arrive(MIX, arriving[MIX], first)
        for node in self._taps:
            arriving.setdefault(node, np.zeros((self.width(node), frames), np.float32))
        return {node: arriving[node] for node in self._taps}

    def _meet(
        self, track_id: str, own: Samples | None, received: Samples | None, first: int
    ) -> Samples | None:
        """Own items and what other tracks send, together at the fader's input."""
        if received is None:
            return own
        received = self._arrive(track_id, received, first)
        return received if own is None else received + own

    def _depart(
        self,
        track_id: str,
        heard: Samples,
        sends: Iterable[tuple[Receive, str]],
        gains: Gains,
        first: int,
        arriving: dict[Node, Samples],
    ) -> None:
        """Pass a track's signal on to its home and its receivers."""
        track = self._tracks[track_id]
        gain, ride = gains.get(track_id, track.fader_gain), self._ride(first, heard)
        leaving = strip.leave(self._desk.session, track, heard, gain, ride)
        home = self._desk.routing.home.get(track_id, track_id)
        leads_on = home != track_id and track.main_send and (home is MIX or home in self._strips)
        if leads_on and leaving is not None:
            _add(arriving, home, leaving, self.width(home))
        for receive, target in sends:
            source = leaving if receive.mode == "post-fader" else heard
            if source is not None:
                sent = strip.send(self._desk.session, receive, source)
                _add(arriving, target, sent, self.width(target))


class _SumMeter:
    """Loudness and true peak of one sum."""

    def __init__(self, desk: Desk, channels: int) -> None:
        self._meter = Meter(desk.session.sample_rate_hz, channels)
        self._peak = TruePeak(desk.session.sample_rate_hz, channels)

    def push(self, samples: Samples) -> None:
        self._meter.push(samples)
        self._peak.push(samples)

    def level(self) -> SumLevel:
        return SumLevel(self._meter.lufs(), self._peak.db())


class _Gram:
    """Collects, per 100 ms, the K-weighted power that every two of ``count`` signals share."""

    def __init__(self, sample_rate_hz: int, count: int, channels: int) -> None:
        self._hop = hop_frames(sample_rate_hz)
        self._weightings = [KWeighting(sample_rate_hz, channels) for _ in range(count)]
        self._rest: Samples = np.zeros((count, channels, 0), np.float32)
        self._energies: list[NDArray[np.float32]] = []

    def push(self, sources: Sequence[Samples]) -> None:
        weighted = [w.push(s) for w, s in zip(self._weightings, sources, strict=True)]
        pending = np.concatenate([self._rest, np.stack(weighted)], axis=2)
        whole = pending.shape[2] - pending.shape[2] % self._hop
        for first in range(0, whole, self._hop):
            self._energies.append(_shared_energy(pending[:, :, first : first + self._hop]))
        self._rest = pending[:, :, whole:]

    def powers(self) -> NDArray[np.float32]:
        """Mean powers per hop; what is shorter than a gating block is one hop of its own length."""
        energies = np.array(self._energies, np.float32).reshape(-1, *2 * (len(self._rest),))
        frames = self._hop
        if len(energies) < BLOCK_HOPS:
            frames = max(1, len(energies) * self._hop + self._rest.shape[2])
            energies = energies.sum(axis=0, keepdims=True) + _shared_energy(self._rest)
        powers: NDArray[np.float32] = energies / np.float32(frames)
        return powers


def _shared_energy(signals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner products of every two signals over all their channels, ``[n, n]``."""
    flat = signals.reshape(len(signals), -1)
    energy: NDArray[np.float32] = flat @ flat.T
    return energy


def _add(arriving: dict[Node, Samples], node: Node, samples: Samples, width: int) -> None:
    """Sum into what already arrives at a node."""
    fitted = strip.fit(samples, width, samples.shape[1])
    arriving[node] = arriving[node] + fitted if node in arriving else fitted
