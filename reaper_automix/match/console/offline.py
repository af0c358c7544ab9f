"""The console, offline: whole songs through their strips, exactly as the network means it.

Stem: gain, equaliser, compressor, pan. Mix: gain, equaliser, compressor, gain. The compressor knows
the level of each sample (no detector smooths it), bends it by a knee, and smooths the *reduction*
in dB by one pole that is the same up and down; it looks ahead by a delay of what it is applied to.

**Source**: dasp-pytorch as Diff-MST uses it, written anew as recursions; checked against
``shared/data/diffmst_oracle`` case C.

**Conventions**: signals ``[2, frames]``, or ``[1, frames]`` for mono, which is taken as the same on
both sides; float32, or float64 where that is given. A stem's detector hears (L+R)/2, the master's
L+R. Look-ahead scales with the sample rate. A signal is followed by silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reaper_automix.match.console.filters import sections
from reaper_automix.match.console.panning import console_gains
from reaper_automix.match.console.strips import Channel, Compressor, Console, Master, Strip
from reaper_automix.match.console.table import CHANNEL_LOOKAHEAD, MASTER_LOOKAHEAD, SAMPLE_RATE_HZ
from reaper_automix.units import gain_from_db

Sample = TypeVar("Sample", np.float32, np.float64)

BLOCK = 1 << 16
"""Frames in which whole signals are taken."""

ALIKE_DECIMALS = 6
"""Thresholds that differ only behind these are the same, but for the order of a sum."""


@dataclass(frozen=True, slots=True)
class Detector:
    """How a strip listens: its gain for the sum of both channels, and how far it looks ahead."""

    weight: float
    lookahead_s: float

    def frames(self, sample_rate_hz: float) -> int:
        """The look-ahead in frames, which is the strip's delay.

        >>> TRACK.frames(44_100), TRACK.frames(96_000), MASTER.frames(48_000)
        (2048, 4458, 1115)
        """
        return max(1, round(self.lookahead_s * sample_rate_hz))


TRACK = Detector(0.5, CHANNEL_LOOKAHEAD / SAMPLE_RATE_HZ)
MASTER = Detector(1.0, MASTER_LOOKAHEAD / SAMPLE_RATE_HZ)


class StripStream:
    """A strip through which a signal goes in blocks; what comes out is late by ``latency`` frames.

    ``gain_db`` is before the strip, ``sides`` are the gains of left and right behind it.
    """

    def __init__(
        self,
        strip: Strip,
        sample_rate_hz: float,
        detector: Detector = TRACK,
        *,
        gain_db: float = 0.0,
        sides: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        makeup = gain_from_db(strip.compressor.makeup_db)
        self.latency = detector.frames(sample_rate_hz)
        self._sections = sections(strip.bands, sample_rate_hz)
        self._state = np.zeros((len(self._sections), 4))
        self._curve = _curve(strip.compressor, sample_rate_hz, detector)
        self._envelope = np.zeros(1)
        self._line = np.zeros((2, self.latency))
        self._place = np.zeros(1, np.int64)
        self._gains = np.array([gain_from_db(gain_db), *(makeup * side for side in sides)])

    def feed(self, block: NDArray[Sample]) -> NDArray[Sample]:
        """The next frames, as many as are given: ``[2, frames]``."""
        from reaper_automix.match.console.kernels import run_strip

        taken = np.empty((2, block.shape[1]))
        taken[:] = block
        run_strip(
            taken,
            self._sections,
            self._state,
            self._curve,
            self._envelope,
            self._line,
            self._place,
            self._gains,
        )
        return taken.astype(block.dtype, copy=False)


def channel_stream(channel: Channel, sample_rate_hz: float) -> StripStream:
    """What a stem goes through."""
    return StripStream(
        channel.strip,
        sample_rate_hz,
        gain_db=channel.gain_db,
        sides=console_gains(channel.pan),
    )


def master_stream(master: Master, sample_rate_hz: float) -> StripStream:
    """What the mix goes through."""
    output = gain_from_db(master.output_db)
    return StripStream(
        master.strip, sample_rate_hz, MASTER, gain_db=master.input_db, sides=(output, output)
    )


def in_time(stream: StripStream, signal: NDArray[Sample]) -> NDArray[Sample]:
    """A whole signal behind a strip, its delay taken out."""
    return stream.feed(np.pad(signal, ((0, 0), (0, stream.latency))))[:, stream.latency :]


class Stream:
    """The whole console; what comes out is late by ``latency`` frames.

    Threads of a ``pool`` play one stem each.
    """

    def __init__(
        self, console: Console, sample_rate_hz: float, pool: Executor | None = None
    ) -> None:
        self._each = pool.map if pool else map
        self._channels = [channel_stream(one, sample_rate_hz) for one in console.channels]
        self._master = master_stream(console.master, sample_rate_hz)
        self.latency = TRACK.frames(sample_rate_hz) + self._master.latency

    def feed(self, stems: Sequence[NDArray[Sample]] | NDArray[Sample]) -> NDArray[Sample]:
        """The next frames of the mix, ``[2, frames]``, of those of every stem."""
        heard = self._each(StripStream.feed, self._channels, stems)
        return self._master.feed(np.sum(list(heard), axis=0))


def stem(
    signal: NDArray[Sample], channel: Channel, sample_rate_hz: float, *, compensate: bool = True
) -> NDArray[Sample]:
    """A stem behind its channel, ``[2, frames]``; ``compensate`` takes its delay out again."""
    stream = channel_stream(channel, sample_rate_hz)
    late = stream.latency if compensate else 0
    return _joined(map(stream.feed, _blocks(signal, late)), late)


def mix(
    stems: Sequence[NDArray[Sample]] | NDArray[Sample],
    console: Console,
    sample_rate_hz: float,
    *,
    compensate: bool = True,
) -> NDArray[Sample]:
    """The mix of stems of one length, ``[2, frames]``; ``compensate`` takes its delay out again."""
    stream = Stream(console, sample_rate_hz)
    late = stream.latency if compensate else 0
    blocks = zip(*(_blocks(signal, late) for signal in stems), strict=True)
    return _joined(map(stream.feed, blocks), late)


def mixes(
    stems: Sequence[NDArray[Sample]] | NDArray[Sample],
    consoles: Sequence[Console],
    sample_rate_hz: float,
) -> Iterator[NDArray[Sample]]:
    """The mix of the same stems by each console; what they have in common is played once.

    Consoles share a stem where they differ in its gain and pan only, for gain and threshold
    commute, and the sum of the stems where they differ in the master only.
    """
    sums: dict[tuple[Channel, ...], NDArray[Sample]] = {}
    chosen = {console.channels for console in consoles}
    for place, signal in enumerate(stems):
        played: dict[Strip, NDArray[Sample]] = {}
        for channels in chosen:
            channel = channels[place]
            strip = _bare(channel)
            if strip not in played:
                played[strip] = _played(signal, strip, sample_rate_hz)
            gains = gain_from_db(channel.gain_db) * np.array(console_gains(channel.pan))
            seated = played[strip] * gains.astype(signal.dtype)[:, None]
            sums[channels] = sums[channels] + seated if channels in sums else seated
    for console in consoles:
        stream = master_stream(console.master, sample_rate_hz)
        blocks = _blocks(sums[console.channels], stream.latency)
        yield _joined(map(stream.feed, blocks), stream.latency)


def _bare(channel: Channel) -> Strip:
    """The strip of a channel as it stands before its gain instead of behind it."""
    strip = channel.strip.shifted(-channel.gain_db)
    threshold_db = round(strip.compressor.threshold_db, ALIKE_DECIMALS)
    return replace(strip, compressor=replace(strip.compressor, threshold_db=threshold_db))


def _played(signal: NDArray[Sample], strip: Strip, sample_rate_hz: float) -> NDArray[Sample]:
    if strip.is_plain:
        return signal
    stream = StripStream(strip, sample_rate_hz)
    return _joined(map(stream.feed, _blocks(signal, stream.latency)), stream.latency)


def _blocks(signal: NDArray[Sample], late: int) -> Iterator[NDArray[Sample]]:
    """The signal, and as much silence as brings its end out of a delay."""
    for start in range(0, signal.shape[1], BLOCK):
        yield signal[:, start : start + BLOCK]
    yield np.zeros((2, late), signal.dtype)


def _joined(blocks: Iterable[NDArray[Sample]], late: int) -> NDArray[Sample]:
    return np.concatenate(tuple(blocks), axis=1)[:, late:]


def _curve(
    compressor: Compressor, sample_rate_hz: float, detector: Detector
) -> NDArray[np.float64]:
    """The compressor as its loop takes it; the time is that of 10 to 90 % of a step."""
    pace = -math.expm1(-math.log(9.0) / (sample_rate_hz * compressor.attack_ms / 1000.0))
    slope = 1.0 / compressor.ratio - 1.0
    return np.array(
        [compressor.threshold_db, slope, compressor.knee_db, pace, detector.weight], np.float64
    )
