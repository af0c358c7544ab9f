"""The console once more, in torch: the slope of whatever is asked of a mix by every live setting.

It is the inner loop of an optimiser, whose signals never change. So their spectra are made once
(:func:`prepared`), the equaliser is a product with the response of its six bands, and the way
back is written out by hand and compiled (:mod:`~reaper_automix.match.console.twin_kernels`) instead
of being recorded step by step.

**Conventions**: 44.1 kHz; signals ``[..., stems, 2, frames]`` float32, where what leads are the
passages: stretches of the same stems, all behind the same rows. Rows are values of the tables
(:mod:`~reaper_automix.match.console.table`) in their units, in float32 or float64. Delays are
compensated and what is before and behind a signal is silence, as in
:mod:`~reaper_automix.match.console.offline`, whose signals these are to 1e-4 of their peak. The
slopes are exact in the settings; results do not depend on how many cores work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from torch import Tensor
from torch.autograd.function import once_differentiable

from reaper_automix import crew
from reaper_automix.match.console import twin_kernels as kernels
from reaper_automix.match.console.filters import SHAPES
from reaper_automix.match.console.offline import MASTER as MASTER_DETECTOR
from reaper_automix.match.console.offline import TRACK, Detector
from reaper_automix.match.console.table import (
    BANDS,
    CHANNEL,
    MASTER,
    SAMPLE_RATE_HZ,
    Parameter,
    place,
)

Float32: TypeAlias = NDArray[np.float32]
Complex64: TypeAlias = NDArray[np.complex64]
Float64: TypeAlias = NDArray[np.float64]

Task = TypeVar("Task")
Result = TypeVar("Result")

RING_S = 1.0
"""After so long even a band of 20 Hz no longer rings audibly; a spectrum's signal returns then."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals of a ``shape``, ready to be heard through many consoles: ``[signals, 2, bins]``."""

    spectra: Complex64
    shape: tuple[int, ...]


def prepared(signals: NDArray[np.floating] | Tensor) -> Signals:
    """The signals ``[..., stems, 2, frames]`` with their spectra, which take a fifth more memory.

    >>> prepared(np.zeros((4, 3, 2, 1000))).shape
    (4, 3, 2, 1000)
    """
    samples = np.asarray(signals, np.float32)
    *_, sides, frames = samples.shape
    size = _size(frames)
    spectra = np.empty((samples.size // (sides * frames), sides, size // 2 + 1), np.complex64)
    for number, one in enumerate(samples.reshape(-1, sides, frames)):
        spectra[number] = _spectrum(np.pad(one, ((0, 0), (0, size - frames))))
    return Signals(spectra, samples.shape)


def channels(signals: Signals | Tensor, rows: Tensor) -> Tensor:
    """Every stem behind its channel, ``[..., stems, 2, frames]``; ``rows`` ``[stems, 27]``."""
    ready = signals if isinstance(signals, Signals) else prepared(signals)
    value = partial(_value, CHANNEL, rows)
    pan = value("pan")
    sides = (_towards(1.0 - pan), _towards(pan))
    dynamics = _dynamics(value, _gain(value("gain_db")), TRACK, sides)
    return _through(None, _prototypes(value), dynamics, ready, TRACK)


def master(mix: Tensor, row: Tensor) -> Tensor:
    """The mix ``[..., 2, frames]`` behind the master; ``row`` ``[26]``."""
    value = partial(_value, MASTER, row[None])
    output = _gain(value("output_db"))
    dynamics = _dynamics(value, _gain(value("input_db")), MASTER_DETECTOR, (output, output))
    signals = mix.unsqueeze(-3)
    ready = prepared(signals.detach())
    return _through(signals, _prototypes(value), dynamics, ready, MASTER_DETECTOR).squeeze(-3)


Values: TypeAlias = Callable[[str], Tensor]


def _value(table: Sequence[Parameter], rows: Tensor, name: str) -> Tensor:
    """A parameter of every row, float64 ``[strips]``: there are few, and shelves are delicate."""
    return rows[:, place(table, name)].double()


def _gain(level_db: Tensor) -> Tensor:
    return torch.exp(level_db * (math.log(10.0) / 20.0))


def _towards(part: Tensor) -> Tensor:
    """The console's gain of the side towards which a pan has gone ``part`` of the way.

    sqrt(part·sin) has its slope at 0 as well: it is linear there.
    """
    quarter = math.pi / 2.0
    return part * torch.sqrt(quarter * torch.sinc(part / 2.0))


def _prototypes(value: Values) -> Tensor:
    """The bands as the loops take them, ``[strips, bands, 6]``."""
    return torch.stack([_prototype(value, row.name, SHAPES[row.shape]) for row in BANDS], dim=1)


def _prototype(value: Values, name: str, shape: Callable[[Any, Any], Any]) -> Tensor:
    """A band warped to its frequency: s = j·tan(w/2) / tan(w0/2), times cos(w/2)·tan(w0/2)."""
    root = torch.exp(value(f"{name}_gain_db") * (math.log(10.0) / 40.0))
    warp = torch.tan(value(f"{name}_hz") * (math.pi / SAMPLE_RATE_HZ))
    powers = (1.0, warp, warp * warp)
    parts = (
        one * power + torch.zeros_like(root)
        for polynomial in shape(root, value(f"{name}_q"))
        for one, power in zip(polynomial, powers, strict=True)
    )
    return torch.stack(tuple(parts), dim=-1)


def _dynamics(
    value: Values, gain: Tensor, detector: Detector, sides: tuple[Tensor, Tensor]
) -> Tensor:
    """The compressor and all gains as the loops take them, ``[strips, 7]``."""
    behind = gain * _gain(value("makeup_db"))
    rate_ms = -math.log(9.0) * 1000.0 / SAMPLE_RATE_HZ
    columns = (
        value("threshold_db"),
        1.0 / value("ratio") - 1.0,
        value("knee_db"),
        -torch.expm1(rate_ms / value("attack_ms")),
        detector.weight * gain,
        behind * sides[0],
        behind * sides[1],
    )
    return torch.stack(columns, dim=-1)


def _through(
    samples: Tensor | None, prototypes: Tensor, dynamics: Tensor, ready: Signals, detector: Detector
) -> Tensor:
    through = cast("Callable[..., Tensor]", _Strips.apply)
    return through(samples, prototypes, dynamics, ready, detector.frames(SAMPLE_RATE_HZ))


class _Context(Protocol):
    """What torch keeps between the way there and the way back."""

    desk: _Desk
    wanted: bool


class _Strips(torch.autograd.Function):
    """All signals through their strips; of signals only those that are a tensor have a slope."""

    @staticmethod
    def forward(
        ctx: _Context,
        samples: Tensor | None,
        prototypes: Tensor,
        dynamics: Tensor,
        ready: Signals,
        late: int,
    ) -> Tensor:
        ctx.desk = _Desk(ready, prototypes.detach().numpy(), dynamics.detach().numpy(), late)
        ctx.wanted = samples is not None and samples.requires_grad
        return torch.from_numpy(ctx.desk.forth())

    @staticmethod
    @once_differentiable
    def backward(ctx: _Context, outgoing: Tensor) -> tuple[Tensor | None, ...]:
        samples, prototypes, dynamics = ctx.desk.back(outgoing.numpy(), ctx.wanted)
        before = None if samples is None else torch.from_numpy(samples)
        return before, torch.from_numpy(prototypes), torch.from_numpy(dynamics), None, None


class _Desk:
    """One pass of signals through strips, and what the way back needs of it."""

    def __init__(self, ready: Signals, prototypes: Float64, dynamics: Float64, late: int) -> None:
        self._ready, self._late = ready, late
        self._strips, _, self._frames = ready.shape[-3:]
        self._size = _size(self._frames)
        self._prototypes, self._dynamics = prototypes.astype(np.float32), dynamics
        count, _, bins = ready.spectra.shape
        self._responses = np.empty((self._strips, bins), np.complex64)
        self._heard: list[Float32] = []
        self._envelopes = np.empty((count, self._frames + late), np.float32)

    def forth(self) -> Float32:
        """What comes out of the strips, in the shape of the signals."""
        out = np.empty((len(self._envelopes), 2, self._frames), np.float32)
        _each(self._respond, range(self._strips))
        self._heard = _each(partial(self._pass, out), range(len(out)))
        return out.reshape(self._ready.shape)

    def back(self, outgoing: Float32, wanted: bool) -> tuple[Float32 | None, Float64, Float64]:
        """Slopes of the signals, if they are wanted, of the prototypes and of the dynamics."""
        # One by one: the slopes of a sum are the same array for all, which a reshape would copy.
        flat = [outgoing[index] for index in np.ndindex(self._ready.shape[:-2])]
        samples = np.empty((len(flat), 2, self._frames), np.float32) if wanted else None
        prototypes = np.zeros((len(flat), *self._prototypes.shape[1:]))
        dynamics = np.zeros((len(flat), self._dynamics.shape[1]))
        work = partial(self._pass_back, flat, samples, prototypes, dynamics)
        _each(work, self._groups())
        return (
            None if samples is None else samples.reshape(self._ready.shape),
            prototypes.reshape(-1, *self._prototypes.shape).sum(axis=0),
            dynamics.reshape(-1, *self._dynamics.shape).sum(axis=0),
        )

    def _respond(self, strip: int) -> None:
        kernels.respond(self._prototypes[strip], _grid(self._size), self._responses[strip])

    def _pass(self, out: Float32, number: int) -> Float32:
        """One signal through its strip; what the compressor hears of it."""
        strip = number % self._strips
        heard = _samples(self._ready.spectra[number] * self._responses[strip], self._size)
        dynamics, envelope = self._dynamics[strip], self._envelopes[number]
        kernels.compress(heard, dynamics, self._late, out[number], envelope)
        return heard

    def _groups(self) -> list[range]:
        """Signals that one worker takes: those of a strip, or each where there is one strip."""
        count = len(self._heard)
        if self._strips == 1:
            return [range(number, number + 1) for number in range(count)]
        return [range(strip, count, self._strips) for strip in range(self._strips)]

    def _pass_back(
        self,
        outgoing: Sequence[Float32],
        samples: Float32 | None,
        prototypes: Float64,
        dynamics: Float64,
        group: range,
    ) -> None:
        """Signals of one strip; the slopes of its bands come from their sum, over all bins at once.

        Adjoint of an inverse transform is the transform, each bin as often as the circle has it.
        """
        strip, grid = group[0] % self._strips, _grid(self._size)
        response, total = self._responses[strip], np.zeros(grid.shape[1], np.complex64)
        for number in group:
            slope = _spectrum(self._uncompressed(outgoing[number], dynamics[number], number))
            kernels.correlate(self._ready.spectra[number], slope, total)
            if samples is not None:
                back = _samples(slope * response.conj(), self._size)
                samples[number] = back[:, : self._frames]
        total[1:-1] *= 2.0
        total /= self._size
        slopes = prototypes[group[0]]
        kernels.prototype_slopes(self._prototypes[strip], grid, response, total, slopes)

    def _uncompressed(self, outgoing: Float32, slopes: Float64, number: int) -> Float32:
        """Slopes of what the compressor heard; those of the dynamics go to ``slopes``."""
        incoming: Float32 = np.empty((2, self._size), np.float32)
        kernels.compress_back(
            self._heard[number],
            self._dynamics[number % self._strips],
            self._late,
            self._envelopes[number],
            np.ascontiguousarray(outgoing),
            incoming,
            slopes,
        )
        return incoming


def _each(work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
    """All tasks on all cores; the loops and transforms let go of the interpreter."""
    with ThreadPoolExecutor(crew.cores()) as pool:
        return list(pool.map(work, tasks))


def _size(frames: int) -> int:
    """Of the transform: the signal, its way behind a detector, and what rings after it."""
    ringing = TRACK.frames(SAMPLE_RATE_HZ) + round(RING_S * SAMPLE_RATE_HZ)
    half = next_fast_len(math.ceil((frames + ringing) / 2), real=True)
    return 2 * int(half)


def _spectrum(samples: Float32) -> Complex64:
    return cast("Complex64", torch.fft.rfft(torch.from_numpy(samples)).numpy())


def _samples(spectrum: Complex64, size: int) -> Float32:
    return cast("Float32", torch.fft.irfft(torch.from_numpy(spectrum), size).numpy())


@cache
def _grid(size: int) -> Float32:
    """Squares and product of sine and cosine of half the angle of each bin, ``[3, bins]``."""
    half = np.linspace(0.0, math.pi / 2.0, size // 2 + 1)
    sine, cosine = np.sin(half), np.cos(half)
    return np.stack((cosine**2, sine**2, sine * cosine)).astype(np.float32)
