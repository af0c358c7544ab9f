"""Compressors by their depth, and the mixes that come out of a console with them.

What a compressor does to peaks follows from no formula: :mod:`.optimise` tries a few and listens.
One number says how hard: its *depth*, what it would take away of the loudest sample if it acted at
once, in dB. As it smooths that, it takes less: a depth of 12 about half a dB to one of the crest.
Thresholds follow from the depth and from how loud the signal comes in, so that a fader that is
moved afterwards does not change what is compressed.

**Conventions**: ratio and attack are fixed; the attack is as long as the look-ahead holds, so that
what is taken away falls where the peak is. Make-up gives a stem back the power that it lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.match.console.offline import StripStream, in_time, master_stream
from reaper_automix.match.console.panning import console_gains
from reaper_automix.match.console.strips import Channel, Compressor, Console, Master, Strip
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.progress import Beat
from reaper_automix.units import db_from_gain, db_from_power, gain_from_db

RATIO, KNEE_DB = 3.0, 6.0
STEM_ATTACK_MS, MASTER_ATTACK_MS = 100.0, 50.0

MOST_MAKEUP_DB = 6.0

SILENT_PEAK = 1e-5
"""A stem that never peaks higher, -100 dBFS, is not compressed."""


@dataclass(frozen=True, slots=True)
class Squeeze:
    """How deep compressors go, in dB: those of all stems, and the master's; 0 leaves them off."""

    stems_db: float = 0.0
    master_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Mixed:
    """A console with its compressors set, and what it makes of passages, ``[2, frames]`` each."""

    console: Console
    mixes: tuple[Samples, ...]


def mixed(
    passages: Sequence[Samples],
    plain: Console,
    squeeze: Squeeze,
    beat: Beat,
    kept: frozenset[int] = frozenset(),
) -> Mixed:
    """Passages of stems ``[n, 2, frames]`` through a console, with compressors of these depths."""
    channels, sums = arriving(passages, plain.channels, squeeze.stems_db, beat, kept)
    return finished(Console(channels, plain.master), sums, squeeze.master_db, beat)


def arriving(
    passages: Sequence[Samples],
    plain: Sequence[Channel],
    depth_db: float,
    beat: Beat,
    kept: frozenset[int] = frozenset(),
) -> tuple[tuple[Channel, ...], list[Samples]]:
    """The channels with compressors of a depth, but those ``kept``; what comes to the master."""
    sums = [np.zeros(stems.shape[1:], np.float32) for stems in passages]
    channels = []
    for number, channel in enumerate(plain):
        depth = 0.0 if number in kept else depth_db
        squeezed, heard = _stem([stems[number] for stems in passages], channel, depth, beat)
        channels.append(squeezed)
        sides = np.array(console_gains(channel.pan), np.float32)[:, None]
        for total, part in zip(sums, heard, strict=True):
            total += sides * part
    return tuple(channels), sums


def finished(plain: Console, sums: Sequence[Samples], depth_db: float, beat: Beat) -> Mixed:
    """What arrived at the master behind it, its compressor at a depth."""
    master, heard = plain.master, [_behind(one, plain.master, beat) for one in sums]
    if depth_db:
        # Its detector hears left and right added up.
        peak = max(float(np.abs(one.sum(axis=0)).max()) for one in heard)
        master = replace(master, strip=_set(master.strip, peak, depth_db, MASTER_ATTACK_MS))
        heard = [_behind(one, master, beat) for one in sums]
    return Mixed(replace(plain, master=master), tuple(heard))


def _stem(
    passages: Sequence[Samples], channel: Channel, depth_db: float, beat: Beat
) -> tuple[Channel, list[Samples]]:
    """A stem's channel, squeezed, and what comes out of it before its pan."""
    heard = _through(passages, channel, beat)
    # Its detector hears the mean of left and right.
    peak = max(float(np.abs(one.sum(axis=0)).max()) / 2.0 for one in heard)
    if not depth_db or peak < SILENT_PEAK:
        return channel, heard
    squeezed = replace(channel, strip=_set(channel.strip, peak, depth_db, STEM_ATTACK_MS))
    quieter = _through(passages, squeezed, beat)
    makeup_db = min(max(_energy_db(heard) - _energy_db(quieter), 0.0), MOST_MAKEUP_DB)
    compressor = replace(squeezed.strip.compressor, makeup_db=makeup_db)
    squeezed = replace(squeezed, strip=replace(squeezed.strip, compressor=compressor))
    gain = np.float32(gain_from_db(makeup_db))
    return squeezed, [one * gain for one in quieter]


def _set(strip: Strip, peak: float, depth_db: float, attack_ms: float) -> Strip:
    """A strip whose compressor goes so deep where its detector hears this peak."""
    threshold_db = db_from_gain(peak) - depth_db / (1.0 - 1.0 / RATIO)
    return replace(strip, compressor=Compressor(threshold_db, RATIO, attack_ms, KNEE_DB, 0.0))


def _through(passages: Sequence[Samples], channel: Channel, beat: Beat) -> list[Samples]:
    stream = partial(StripStream, channel.strip, SAMPLE_RATE_HZ, gain_db=channel.gain_db)
    return [_heard(stream(), samples, beat) for samples in passages]


def _behind(samples: Samples, master: Master, beat: Beat) -> Samples:
    return _heard(master_stream(master, SAMPLE_RATE_HZ), samples, beat)


def _heard(stream: StripStream, samples: Samples, beat: Beat) -> Samples:
    beat()
    return in_time(stream, samples)


def _energy_db(heard: Sequence[Samples]) -> float:
    return db_from_power(sum(float(np.vdot(one, one)) for one in heard))
