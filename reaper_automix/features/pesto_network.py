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

**Conventions**: hidden layers have shape ``[bins, frames, channels]``, so that every product runs
over contiguous memory.
"""

from __future__ import annotations

import importlib.util
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS_FILE = "mir-1k_g7.ckpt"
BINS_PER_SEMITONE = 3
BINS = 251
CROP = slice(16, 235)
KERNEL = 39
CONFIDENCE_STRIDE = 3
SLOPE = 0.3
"""Of the leaky rectifier below zero."""
NORM_FLOOR = 1e-5
PERIOD = 240
"""Length of the circular convolution: 219 bins and half a kernel at least, and even."""
HALF = PERIOD // 2


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
    hidden = _leaky(_spread(flat * net.norm_scale + net.norm_shift, net.first) + net.first_bias)
    for convolution in net.convolutions:
        hidden += _leaky(convolution(hidden))
    for matrix, bias in net.mixers:
        hidden = _leaky(hidden @ matrix + bias)
    score = hidden.transpose(1, 2, 0).reshape(len(spectrum), -1) @ net.toeplitz
    odds = np.exp(score - score.max(axis=1, keepdims=True))
    return np.roll(odds / odds.sum(axis=1, keepdims=True), -net.shift_bins, axis=1)


def _spread(spectrum: Floats, kernels: Floats) -> Floats:
    """The first convolution, from ``[frames, bins]`` to ``[bins, frames, channels]``."""
    padded = np.pad(spectrum.T, ((KERNEL // 2, KERNEL // 2), (0, 0)))
    spread: Floats = np.lib.stride_tricks.sliding_window_view(padded, KERNEL, axis=0) @ kernels
    return spread


def _leaky(values: Floats) -> Floats:
    np.maximum(values, SLOPE * values, out=values)
    return values


class Convolution:
    """A convolution over bins from all channels to all channels, in the frequency domain.

    With period N = :data:`PERIOD` what wraps around falls beyond the last bin. Folding x into
    e[n] = x[n] + x[N - n] and o[n] = x[n] - x[N - n] makes its spectrum a - ib with a = Σ e·cos and
    b = Σ o·sin, two matrix products of half the size. Times the kernel's spectrum P + iQ it is
    c - is with c = P(a + b) - b(P - Q) and s = P(a + b) - a(P + Q), three real products instead of
    four (Gauss); and Σ c·cos ± Σ s·sin is the layer at n and at N - n.
    """

    def __init__(self, kernels: Floats, bias: Floats) -> None:
        angle = 2.0 * np.pi / PERIOD * np.outer(np.arange(HALF + 1), np.arange(HALF + 1))
        self._cosines = np.cos(angle).astype(np.float32)
        self._sines = np.sin(angle[1:-1, 1:-1]).astype(np.float32)
        circular = np.zeros((*kernels.shape[:2], PERIOD))
        circular[:, :, (KERNEL // 2 - np.arange(KERNEL)) % PERIOD] = kernels
        spectrum = np.fft.rfft(circular).transpose(2, 1, 0) / PERIOD
        spectrum[1:-1] *= 2.0
        self._real = np.ascontiguousarray(spectrum.real, np.float32)
        self._sum = np.ascontiguousarray((spectrum.real + spectrum.imag)[1:-1], np.float32)
        self._difference = np.ascontiguousarray((spectrum.real - spectrum.imag)[1:-1], np.float32)
        self._bias = bias

    def __call__(self, hidden: Floats) -> Floats:
        """The convolved layer, shape ``[bins, frames, channels]`` as the given one."""
        mirrored = hidden[:HALF:-1]
        even, odd = hidden[: HALF + 1].copy(), hidden[1:HALF].copy()
        even[-1 - len(mirrored) : -1] += mirrored
        odd[-len(mirrored) :] -= mirrored
        cosine, sine = self._product(_times(self._cosines, even), _times(self._sines, odd))
        even, odd = _times(self._cosines, cosine), _times(self._sines, sine)
        layer = np.empty_like(hidden)
        layer[: HALF + 1] = even
        layer[1:HALF] += odd
        np.subtract(even[-1 - len(mirrored) : -1], odd[-len(mirrored) :], out=layer[:HALF:-1])
        return layer

    def _product(self, cosine: Floats, sine: Floats) -> tuple[Floats, Floats]:
        """The spectrum times that of the kernels, plus the bias (which is a constant over bins)."""
        total = cosine.copy()
        total[1:-1] += sine
        common = np.matmul(total, self._real)
        product = common[1:-1] - np.matmul(cosine[1:-1], self._sum)
        common[1:-1] -= np.matmul(sine, self._difference)
        common[0] += self._bias
        return common, product


def _times(matrix: Floats, layer: Floats) -> Floats:
    """A matrix applied to the first axis of a layer."""
    product: Floats = matrix @ layer.reshape(len(layer), -1)
    return product.reshape(len(matrix), *layer.shape[1:])


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
