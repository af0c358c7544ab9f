"""The network of PESTO and its weights, in numpy.

**Source**: Riou et al. 2023 (ISMIR) and the package pesto-pitch 2.0.1. Of that package only the
file of weights is read: neither it, nor torch, nor torchaudio (which it imports, and which fails
to load beside a CPU build of torch) is ever imported, so that none of them can break an analysis
or delay its start. Nothing in the file is executed.

**The network.** 219 bins of the constant-Q transform in dB are normalised over frequency; three
convolutions over frequency with kernel 39 (the last two residual, 40 to 40 channels), four that
only mix channels, one Toeplitz layer to 384 pitch bins, softmax. Nearly all of its cost is in the
two convolutions from 40 to 40 channels: done in the frequency domain, each is a product with one 40
by 40 matrix per frequency, and the Fourier transforms over the short axis are matrix products too.

**Conventions**: hidden layers have shape ``[bins, channels · frames]``, a few frames at a time, so
that every product runs over contiguous memory that is at hand.
"""

from __future__ import annotations

import importlib.util
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.compiled import compiled

Floats = NDArray[np.float32]

WEIGHTS_FILE = "mir-1k_g7.ckpt"
BINS_PER_SEMITONE = 3
BINS = 251
CROP = slice(16, 235)
KERNEL = 39
CONFIDENCE_STRIDE = 3
SLOPE = np.float32(0.3)
"""Of the leaky rectifier below zero."""
NORM_FLOOR = 1e-5
PERIOD = 240
"""Length of the circular convolution: 219 bins and half a kernel at least, and even."""
FOLDS = PERIOD // 4 + 1
"""Of 120 bins that are folded in the middle."""
CHANNELS = 40
TILE_FRAMES = 32
"""Frames that go through the network together, few enough for what lies between two layers to stay
near the core."""
LAYERS = 6
"""How many layers of memory they take."""


UNREADABLE = (
    OSError, EOFError, ImportError, LookupError, ValueError, TypeError, AttributeError,
    StopIteration, zipfile.BadZipFile, pickle.UnpicklingError,
)  # fmt: skip
"""What a missing, cut or foreign file of weights raises (pickle manual; zip)."""


@cache
def available() -> str | None:
    """Why PESTO cannot be used here, in one sentence; ``None`` when it can."""
    try:
        weights()
    except UNREADABLE as error:
        return (
            f"PESTO is left out because its weights cannot be read ({error}); "
            "install pesto-pitch again."
        )
    return None


def f0_hz(log_power: Floats) -> Floats:
    """Pitch per frame: the mean of the pitch bins beside the most active one ("alwa")."""
    active = _activations(log_power[:, CROP])
    beside = np.arange(1 - BINS_PER_SEMITONE, BINS_PER_SEMITONE)
    bins = np.clip(active.argmax(axis=1)[:, None] + beside, 0, active.shape[1] - 1)
    share = np.take_along_axis(active, bins, axis=1)
    note: Floats = (share * bins).sum(axis=1) / share.sum(axis=1) / BINS_PER_SEMITONE
    return np.asarray(440.0 * np.exp2((note - 69.0) / 12.0), np.float32)


def confidence(log_power: Floats) -> Floats:
    """How far the network holds each frame for pitched, 0 … 1; it rises with gain."""
    layer = weights().confidence
    power = np.exp(log_power)
    flatness = np.exp(log_power.mean(axis=1)) / np.maximum(power.mean(axis=1), 1e-8)
    shapes = np.lib.stride_tricks.sliding_window_view(power, KERNEL, axis=1)
    features = np.maximum(shapes[:, ::CONFIDENCE_STRIDE] @ layer.kernel + layer.bias, 0.0)
    score = features @ layer.matrix[:-1] + flatness * layer.matrix[-1] + layer.offset
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * score), np.float32)


def _activations(spectrum: Floats) -> Floats:
    """Probability of each pitch bin, shape ``[frames, 384]``; bin 3·69 is 440 Hz."""
    net = weights()
    flat = spectrum - spectrum.mean(axis=1, keepdims=True)
    flat /= np.sqrt(np.square(flat).mean(axis=1, keepdims=True) + NORM_FLOOR)
    flat = flat * net.norm_scale + net.norm_shift
    score = np.empty((len(flat), net.toeplitz.shape[1]), np.float32)
    room = np.empty(LAYERS * PERIOD * CHANNELS * TILE_FRAMES, np.float32)
    for first in range(0, len(flat), TILE_FRAMES):
        tile = slice(first, first + TILE_FRAMES)
        np.matmul(_encoded(net, flat[tile], room), net.toeplitz, out=score[tile])
    odds = np.exp(score - score.max(axis=1, keepdims=True))
    return np.roll(odds / odds.sum(axis=1, keepdims=True), -net.shift_bins, axis=1)


def _encoded(net: Weights, spectrum: Floats, room: Floats) -> Floats:
    """What the last layer is given, shape ``[frames, channels · bins]``.

    ``room`` is overwritten: using the same memory again costs less than asking for more.
    """
    frames, bins = spectrum.shape
    size = LAYERS * PERIOD * CHANNELS * frames
    hidden, *spare = room[:size].reshape(LAYERS, PERIOD, CHANNELS * frames)
    hidden[bins:] = 0.0
    _spread(spectrum, net.first, hidden[:bins].reshape(bins, frames, CHANNELS))
    _leaky(hidden[:bins].reshape(-1, CHANNELS), net.first_bias)
    for convolution in net.convolutions:
        convolution(hidden, bins, spare)
    mixed = hidden[:bins].reshape(-1, CHANNELS)
    for matrix, bias in net.mixers:
        mixed = mixed @ matrix
        _leaky(mixed, bias)
    outputs = net.toeplitz.shape[0]
    return mixed.reshape(bins, frames, -1).transpose(1, 2, 0).reshape(frames, outputs)


def _spread(spectrum: Floats, kernels: Floats, layer: Floats) -> None:
    """The first convolution, from ``[frames, bins]`` to ``[bins, frames, channels]``."""
    padded = np.pad(spectrum.T, ((KERNEL // 2, KERNEL // 2), (0, 0)))
    np.matmul(np.lib.stride_tricks.sliding_window_view(padded, KERNEL, axis=0), kernels, out=layer)


class Convolution:
    """A residual convolution over bins from all to all channels, in the frequency domain.

    With period N = :data:`PERIOD` what wraps around falls beyond the last bin. The even frequencies
    of x are those of x[n] + x[n + M] with M = N/2, the odd ones those of x[n] - x[n + M]. These
    two *halves* are convolved each by itself; a half goes on after M bins as itself or negated
    (its sign ±1). Folding a half h once more into e[n] = h[n] ± h[M - n] and o[n] = h[n] ∓ h[M - n]
    for n = 0 … M/2 makes its spectrum a - ib with a = Σ e·cos and b = Σ o·sin: matrix products of a
    sixteenth of the size (where n = M/2 counts half, since it is in both terms). Times the kernel's
    spectrum P + iQ it is c - is with c = P(a + b) - b(P - Q) and s = P(a + b) - a(P + Q), three
    real products instead of four (Gauss); Σ c·cos ± Σ s·sin is the half at n and ± at M - n.
    """

    def __init__(self, kernels: Floats, bias: Floats) -> None:
        self._bias = bias
        circular = np.zeros((*kernels.shape[:2], PERIOD))
        circular[:, :, (KERNEL // 2 - np.arange(KERNEL)) % PERIOD] = kernels
        spectrum = np.fft.rfft(circular).transpose(2, 1, 0) / PERIOD
        spectrum[1:-1] *= 2.0
        halves = np.stack((spectrum[0::2], np.pad(spectrum[1::2], ((0, 1), (0, 0), (0, 0)))))
        self._real, self._sum, self._difference = _singles(
            halves.real, halves.real + halves.imag, halves.real - halves.imag
        )
        folds = np.arange(FOLDS)
        frequencies = np.stack((2 * folds, 2 * folds + 1))
        angle = 2.0 * np.pi / PERIOD * frequencies[:, :, None] * folds
        once = np.where(folds == FOLDS - 1, 0.5, 1.0)
        self._cosines, self._sines = _singles(np.cos(angle) * once, np.sin(angle) * once)
        self._from_cosines, self._from_sines = _singles(
            np.cos(angle).transpose(0, 2, 1), np.sin(angle).transpose(0, 2, 1)
        )

    def __call__(self, hidden: Floats, bins: int, room: Sequence[Floats]) -> None:
        """Add the rectified layer to ``hidden``, shape ``[PERIOD, channels · frames]``."""
        parts = (layer[: 2 * FOLDS].reshape(2, FOLDS, -1) for layer in room)
        even, odd, a, b, product = parts
        _fold(hidden, even, odd)
        np.matmul(self._cosines, even, out=a)
        np.matmul(self._sines, odd, out=b)
        # What is read no more makes room for what follows.
        total, common, c, s = even, odd, b, odd
        np.add(a, b, out=total)
        _mix(total, self._real, common)
        _mix(b, self._difference, product)
        np.subtract(common, product, out=c)
        _mix(a, self._sum, product)
        np.subtract(common, product, out=s)
        np.matmul(self._from_cosines, c, out=even)
        np.matmul(self._from_sines, s, out=a)
        _unfold(even, a, np.tile(self._bias, hidden.shape[1] // CHANNELS), bins, hidden)


def _mix(spectra: Floats, matrices: Floats, mixed: Floats) -> None:
    """Mix the channels of each frame, at each frequency by its matrix."""
    shape = (*matrices.shape[:2], -1, CHANNELS)
    np.matmul(spectra.reshape(shape), matrices, out=mixed.reshape(shape))


def _singles(*arrays: NDArray[np.floating]) -> tuple[Floats, ...]:
    """The arrays in single precision, each in one piece of memory."""
    return tuple(np.ascontiguousarray(array, np.float32) for array in arrays)


@compiled
def _leaky(layer: Floats, bias: Floats) -> None:
    """Add the bias of each column, then rectify, in place."""
    for i in range(layer.shape[0]):
        for j in range(layer.shape[1]):
            value = layer[i, j] + bias[j]
            layer[i, j] = max(value, SLOPE * value)


@compiled
def _fold(hidden: Floats, even: Floats, odd: Floats) -> None:
    """Both halves of a layer, folded (see :class:`Convolution`); bin 0 has nothing to meet."""
    middle = even.shape[1] - 1
    half = 2 * middle
    for n in range(middle + 1):
        met = np.float32(n > 0)
        near, far = hidden[half - n], hidden[min(2 * half - n, hidden.shape[0] - 1)]
        for j in range(hidden.shape[1]):
            plus, minus = hidden[n, j] + hidden[n + half, j], hidden[n, j] - hidden[n + half, j]
            plus_met, minus_met = met * (near[j] + far[j]), met * (near[j] - far[j])
            even[0, n, j], odd[0, n, j] = plus + plus_met, plus - plus_met
            even[1, n, j], odd[1, n, j] = minus - minus_met, minus + minus_met


@compiled
def _unfold(even: Floats, odd: Floats, bias: Floats, bins: int, hidden: Floats) -> None:
    """Put the convolved halves together again and add them, rectified, to ``hidden``."""
    half = 2 * (even.shape[1] - 1)
    for n in range(half):
        fold = min(n, half - n)
        sign = np.float32(1.0 if fold == n else -1.0)
        again = n + half < bins
        for j in range(hidden.shape[1]):
            plus = even[0, fold, j] + sign * odd[0, fold, j] + bias[j]
            minus = sign * even[1, fold, j] + odd[1, fold, j]
            hidden[n, j] += max(plus + minus, SLOPE * (plus + minus))
            if again:
                hidden[n + half, j] += max(plus - minus, SLOPE * (plus - minus))


@dataclass(frozen=True, slots=True)
class ConfidenceLayer:
    """Kernel over the power spectrum, then one product with what it finds and the flatness."""

    kernel: Floats
    bias: Floats
    matrix: Floats
    offset: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything the network has learnt, in the shapes that its layers here use."""

    norm_scale: Floats
    norm_shift: Floats
    first: Floats
    first_bias: Floats
    convolutions: tuple[Convolution, ...]
    mixers: tuple[tuple[Floats, Floats], ...]
    toeplitz: Floats
    shift_bins: int
    confidence: ConfidenceLayer


@cache
def weights() -> Weights:
    """The weights that pesto-pitch ships; ``OSError`` and its like where they are not readable."""
    state = _read_state(_weights_path())

    def layer(name: str) -> tuple[Floats, Floats]:
        return state[f"{name}.weight"], state[f"{name}.bias"]

    first, first_bias = layer("encoder.conv1.0")
    prefilters = (layer(f"encoder.prefilt_layers.{i}.0") for i in range(2))
    mixers = (layer(f"encoder.conv_layers.{i}") for i in (0, 3, 6, 9))
    matrix, offset = layer("confidence.linear")
    kernel, bias = layer("confidence.conv")
    return Weights(
        norm_scale=state["encoder.layernorm.weight"],
        norm_shift=state["encoder.layernorm.bias"],
        first=np.ascontiguousarray(first[:, 0].T),
        first_bias=first_bias,
        convolutions=tuple(Convolution(*prefilter) for prefilter in prefilters),
        mixers=tuple((np.ascontiguousarray(mix[:, :, 0].T), shift) for mix, shift in mixers),
        toeplitz=_toeplitz(state["encoder.fc.weight"].ravel()),
        shift_bins=round(float(state["shift"]) * BINS_PER_SEMITONE),
        confidence=ConfidenceLayer(kernel.ravel(), bias, matrix.ravel(), offset),
    )


def _toeplitz(kernel: Floats) -> Floats:
    """The last layer, a convolution that is wider than its input, as a matrix ``[in, out]``."""
    outputs = 128 * BINS_PER_SEMITONE
    inputs = kernel.size - outputs + 1
    matrix: Floats = kernel[np.arange(inputs)[:, None] - np.arange(outputs) + outputs - 1]
    return matrix


def _weights_path() -> Path:
    """Where the weights lie; the package is found without being imported."""
    package = importlib.util.find_spec("pesto")
    if package is None or package.origin is None:
        raise FileNotFoundError("pesto-pitch is not installed")
    return Path(package.origin).parent / "weights" / WEIGHTS_FILE


def _read_state(path: Path) -> dict[str, Floats]:
    """The tensors of a checkpoint by name: a zip of raw numbers and a pickle that names them."""
    with zipfile.ZipFile(path) as archive:
        folder = next(name for name in archive.namelist() if name.endswith("/data.pkl"))[:-8]
        with archive.open(f"{folder}data.pkl") as index:
            checkpoint = _Index(index, archive, folder).load()
    state: dict[str, Floats] = checkpoint["state_dict"]
    return state


class _Index(pickle.Unpickler):
    """Reads the index of a checkpoint; of all that it names only tensors become something.

    No class or function of the file is ever looked up, so that it cannot run anything.
    """

    def __init__(self, index: IO[bytes], archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(index)
        self._archive, self._folder = archive, folder

    def persistent_load(self, pid: object) -> Floats:
        """The numbers of one tensor, little-endian float32 (the only kind in this file)."""
        _, _, key, *_ = cast("tuple[str, ...]", pid)
        return np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), "<f4")

    def find_class(self, module: str, name: str) -> object:
        """What stands in for a name in the index."""
        return _STAND_INS.get(name, _Ignored)


class _Ignored:
    """Stands in for what the training left in the file."""

    def __init__(self, *arguments: object) -> None:
        """Take and drop any arguments."""

    def __setstate__(self, state: object) -> None:
        """Take and drop any state."""


def _tensor(storage: Floats, offset: int, shape: tuple[int, ...], *rest: object) -> Floats:
    return storage[offset : offset + int(np.prod(shape))].reshape(shape)


_STAND_INS: dict[str, object] = {
    "OrderedDict": OrderedDict,
    "_rebuild_tensor_v2": _tensor,
    "dict": dict,
    "list": list,
    "long": int,
}
