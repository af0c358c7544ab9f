"""How the network is asked: which stretches of stems and reference it hears, and how loud.

**Source**: the evaluation of Diff-MST (Vanka et al. 2024). The network hears windows of
:data:`WINDOW_FRAMES`, of a stem the mean of both sides at :data:`STEM_LUFS`, of the reference each
side at :data:`REFERENCE_LUFS` for both, by the meter of those who trained it (pyloudnorm).

**Where we depart from it**: a stem that is silent in a window is heard there in its own loudest
one instead of being left out; of all pairs of windows of stems and reference each parameter's
median counts, instead of the pair that scores best; and a reference in mono is the same on both
sides. Stems that are silent in all windows are left out.

**Conventions**: windows are float32 at the network's own rate. What comes out is a console for the
stems as they are: the gain to :data:`STEM_LUFS` is in each channel's ``gain_db``. Its level as a
whole means nothing, since the network's training did not care for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, from_samples
from reaper_automix.errors import InputError
from reaper_automix.features.loudness import PUBLISHED, integrated
from reaper_automix.match.console.strips import Console, channel_of, master_of
from reaper_automix.match.console.table import CHANNEL, MASTER, SAMPLE_RATE_HZ, Rows, place, values
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.progress import Progress, silent
from reaper_automix.units import gain_from_db

Floats = NDArray[np.float32]

WINDOW_FRAMES = 262_144
WINDOW_S = WINDOW_FRAMES / SAMPLE_RATE_HZ
MOST_WINDOWS = 5
"""Of the stems, and of the reference: more take longer and tell nothing new."""
GAIN = place(CHANNEL, "gain_db")
STEM_LUFS = -48.0
REFERENCE_LUFS = -16.0


class Hears(Protocol):
    """What :class:`~reaper_automix.match.network.model.Network` is, or what stands in for it."""

    def stem(self, signal: Floats) -> Floats:
        """The embedding of a window of a stem."""

    def reference(self, sides: Floats) -> Floats:
        """The embeddings of both sides of a window of a reference."""

    def settings(self, stems: Floats, sides: Floats) -> tuple[Floats, Floats]:
        """Parameters 0 … 1 of the stems and of the master."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of stems; ``heard`` are the places of those it has a channel for.

    ``elsewhere`` are those that were silent in a window and were heard in another of theirs,
    ``silent`` those without any. The spreads, ``[heard, 27]`` and ``[26]`` in the order and units
    of the tables, are how far the windows lie apart, from the lowest to the highest.
    """

    console: Console
    heard: tuple[int, ...]
    elsewhere: tuple[int, ...]
    silent: tuple[int, ...]
    channel_spread: Rows
    master_spread: Rows

    @property
    def gain_spreads_db(self) -> list[float]:
        """How far the windows lie apart in the gain of each stem that was heard."""
        return [float(spread) for spread in self.channel_spread[:, GAIN]]


@dataclass(frozen=True, slots=True)
class _Take:
    """A window of a stem as it was heard: what it says, and the gain that brought it to level."""

    embedding: Floats
    gain_db: float


def predict(
    network: Hears,
    names: Sequence[str],
    passages: Sequence[Passage],
    reference: Reference,
    progress: Progress = silent,
) -> Prediction:
    """What the network would set a console to, so that the stems sound like the reference.

    ``names`` are those of the stems, in the order of the passages. ``progress`` is told before
    every window, and may raise to stop. :class:`InputError` is of samples that are no numbers, a
    silent reference, stems that are all silent, and weights that lead nowhere.
    """
    of_stems = _some([window for passage in passages for window in windows(passage.stems)])
    of_reference = _some(_sounding(reference))
    listener = _Listener(network, progress, len(of_stems) * len(names) + len(of_reference))
    mixes = [listener.reference(reference.name, window) for window in of_reference]
    takes = [
        [listener.stem(name, window[number]) for window in of_stems]
        for number, name in enumerate(names)
    ]
    heard = tuple(number for number, row in enumerate(takes) if any(row))
    if not heard:
        raise InputError("All stems are silent where they were heard; choose another passage.")
    full = [_filled(takes[number]) for number in heard]
    channels, masters = _settings(network, list(zip(*full, strict=True)), mixes)
    return Prediction(
        Console(
            tuple(channel_of(row) for row in np.median(channels, axis=0)),
            master_of(np.median(masters, axis=0)),
        ),
        heard,
        elsewhere=tuple(number for number in heard if not all(takes[number])),
        silent=tuple(number for number in range(len(names)) if number not in heard),
        channel_spread=np.ptp(channels, axis=0),
        master_spread=np.ptp(masters, axis=0),
    )


def windows(samples: Samples) -> list[Samples]:
    """Windows over all of a passage, ``[..., frames]``, as many as would fit end to end.

    What is shorter than one is followed by silence.

    >>> [window.shape for window in windows(np.zeros((2, 600_000), np.float32))]
    [(2, 262144), (2, 262144)]
    """
    frames = samples.shape[-1]
    missing = max(0, WINDOW_FRAMES - frames)
    if missing:
        samples = np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(0, missing)])
    count = max(1, round(frames / WINDOW_FRAMES))
    starts = np.linspace(0, samples.shape[-1] - WINDOW_FRAMES, count).astype(int)
    return [samples[..., start : start + WINDOW_FRAMES] for start in starts]


def at_loudness(signal: Samples, lufs: float) -> tuple[Samples, float] | None:
    """A signal ``[channels, frames]`` at a loudness, and the gain in dB; ``None`` for silence."""
    before = integrated(from_samples(signal, SAMPLE_RATE_HZ), PUBLISHED)
    if before is None:
        return None
    gain_db = lufs - before
    return signal * np.float32(gain_from_db(gain_db)), gain_db


class _Listener:
    """Has the network hear one window after another, and tells how far that is."""

    def __init__(self, network: Hears, progress: Progress, total: int) -> None:
        self._network, self._progress = network, progress
        self._done, self._total = 0, total

    def stem(self, name: str, sides: Samples) -> _Take | None:
        """A window of a stem; ``None`` for silence.

        One whose sides cancel each other is heard by one of them.
        """
        self._tell(name, sides)
        for signal in (sides.mean(axis=0), *sides):
            leveled = at_loudness(signal[None], STEM_LUFS)
            if leveled:
                (signal,), gain_db = leveled
                return _Take(self._network.stem(signal), gain_db)
        return None

    def reference(self, name: str, sides: Samples) -> Floats:
        """A window of the reference, which sounds."""
        self._tell(name, sides)
        return self._network.reference(sides)

    def _tell(self, name: str, sides: Samples) -> None:
        self._progress("Listening", self._done * WINDOW_S, self._total * WINDOW_S, name)
        self._done += 1
        _check_numbers(name, sides)


def _check_numbers(name: str, samples: Samples) -> None:
    if not np.isfinite(samples).all():
        raise InputError(
            f"{name} has samples that are no numbers (NaN or infinite); render it anew, or leave "
            "it out."
        )


def _sounding(reference: Reference) -> list[Samples]:
    """The windows of a reference that are not silent, at :data:`REFERENCE_LUFS`."""
    leveled = []
    for passage in reference.passages:
        _check_numbers(reference.name, passage)
        sides = np.broadcast_to(passage, (2, passage.shape[1]))
        leveled += [at_loudness(window, REFERENCE_LUFS) for window in windows(sides)]
    sounding = [window for window, _ in filter(None, leveled)]
    if not sounding:
        raise InputError(f"{reference.name} is silent; choose another reference.")
    return sounding


def _some(found: list[Samples]) -> list[Samples]:
    """At most :data:`MOST_WINDOWS`, evenly spread."""
    kept = np.linspace(0, len(found) - 1, min(len(found), MOST_WINDOWS)).round().astype(int)
    return [found[number] for number in kept]


def _filled(takes: Sequence[_Take | None]) -> list[_Take]:
    """Takes of a stem in all windows; where it is silent, that of its loudest one."""
    loudest = min(filter(None, takes), key=lambda take: take.gain_db)
    return [take or loudest for take in takes]


def _settings(
    network: Hears, scenes: Sequence[Sequence[_Take]], mixes: Sequence[Floats]
) -> tuple[Rows, Rows]:
    """Channels ``[pairs, stems, 27]`` and masters ``[pairs, 26]`` in their units.

    A pair is a window of all stems and one of the reference.
    """
    channels, masters = [], []
    for takes, mix in product(scenes, mixes):
        channel, master = network.settings(np.stack([take.embedding for take in takes]), mix)
        rows = values(CHANNEL, channel)
        rows[:, GAIN] += [take.gain_db for take in takes]
        channels.append(rows)
        masters.append(values(MASTER, master))
    found = np.stack(channels), np.stack(masters)
    if not all(np.isfinite(rows).all() for rows in found):
        raise InputError(
            "The weights of the network lead to settings that are no numbers; choose another "
            "checkpoint, or match without one."
        )
    return found
