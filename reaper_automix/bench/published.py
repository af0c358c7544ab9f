"""The slow path: what the published script hears, by the libraries that it uses, unchanged.

**Source**: AES 159 (2025), paper 10232, stage 1, with its means and bands: pYIN, centroid and
bandwidth by librosa, stock PESTO on torch, loudness by pyloudnorm, band filters by scipy. Each has
one thread. The names of the numbers are those of our own.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reaper_automix.bench import material
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.resources import spent
from reaper_automix.errors import AutomixError
from reaper_automix.levels import CENTROID_LIMITS_HZ

NEEDED = ("librosa", "pesto", "pyloudnorm", "torch")
MISSING = "This part of the bench needs {}; run: pip install 'reaper-automix[test]'."
WARM_UP_S = 0.5

Mono = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The start of a track: the mean of its channels, which is what the script hears."""

    file: Path
    mono: Mono
    rate_hz: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.mono) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Heard:
    """Excerpts, what the slow path says of each, and its CPU seconds."""

    excerpts: tuple[Excerpt, ...]
    numbers: tuple[Mapping[str, float], ...]
    cpu_s: float

    @property
    def cpu_s_per_s(self) -> float:
        """CPU seconds for a second of one channel."""
        return self.cpu_s / sum(one.seconds for one in self.excerpts)


@cache
def heard(plan: Plan) -> Heard:
    """The excerpts of a plan, heard once; :class:`AutomixError` names libraries that are missing.

    Compiling is no part of the cost, neither here nor in what it is compared with.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise AutomixError(MISSING.format(", ".join(missing)))
    excerpts = tuple(_excerpts(plan))
    first = excerpts[0]
    hear(first.mono[: round(WARM_UP_S * first.rate_hz)], first.rate_hz)
    numbers, cost = spent(lambda: tuple(hear(one.mono, one.rate_hz) for one in excerpts))
    return Heard(excerpts, numbers, cost.cpu_s)


def hear(mono: Mono, rate_hz: int) -> Mapping[str, float]:
    """Pitches in Hz and levels in LUFS of one channel; a pitch that is not heard is not there."""
    import librosa

    pyin_hz, pesto_hz = _pyin_hz(mono, rate_hz), _pesto_hz(mono, rate_hz)
    f0_hz = max(1.0, pyin_hz, pesto_hz)
    centroid_hz = float(librosa.feature.spectral_centroid(y=mono, sr=rate_hz).mean())
    half_hz = float(librosa.feature.spectral_bandwidth(y=mono, sr=rate_hz).mean()) / 2.0
    low_hz, high_hz = np.clip((centroid_hz - half_hz, centroid_hz + half_hz), *CENTROID_LIMITS_HZ)
    numbers = {
        "pyin_hz": pyin_hz,
        "pesto_hz": pesto_hz,
        "f0_hz": f0_hz,
        "lufs": _lufs(mono, rate_hz),
        "p_lufs": _lufs(_banded(mono, rate_hz, 2.0 * f0_hz, 4.0 * f0_hz), rate_hz),
        "centroid": _lufs(_banded(mono, rate_hz, low_hz, high_hz), rate_hz),
    }
    return {name: number for name, number in numbers.items() if number}


def _excerpts(plan: Plan) -> Iterator[Excerpt]:
    """The first seconds of some tracks of the large session."""
    import soundfile

    for file in material.files(plan.folder, plan.sizes.excerpts, plan.seconds):
        rate_hz = soundfile.info(file).samplerate
        frames = round(plan.sizes.excerpt_s * rate_hz)
        samples, _ = soundfile.read(file, frames, dtype="float32", always_2d=True)
        yield Excerpt(file, samples.mean(axis=1), rate_hz)


def _pyin_hz(mono: Mono, rate_hz: int) -> float:
    """Mean over voiced frames; 0 without any."""
    import librosa

    low_hz, high_hz = librosa.note_to_hz(("C1", "C8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        f0_hz, _, _ = librosa.pyin(mono, fmin=low_hz, fmax=high_hz, sr=rate_hz)
    voiced = f0_hz[~np.isnan(f0_hz)]
    return float(voiced.mean()) if voiced.size else 0.0


def _pesto_hz(mono: Mono, rate_hz: int) -> float:
    """Mean over all frames."""
    import torch

    # The package imports it to read files, which we do not ask it for; it need not work.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    from pesto import predict

    torch.set_num_threads(1)
    _, f0_hz, _, _ = predict(torch.from_numpy(mono), rate_hz)
    return float(f0_hz.mean())


def _lufs(mono: Mono, rate_hz: int) -> float:
    import pyloudnorm

    return float(pyloudnorm.Meter(rate_hz).integrated_loudness(mono))


def _banded(mono: Mono, rate_hz: int, low_hz: float, high_hz: float) -> Mono:
    """Through a high-pass and a low-pass of the first order."""
    from scipy import signal

    for edge_hz, kind in ((low_hz, "highpass"), (high_hz, "lowpass")):
        mono = signal.lfilter(*signal.butter(1, edge_hz, kind, fs=rate_hz), mono)
    return mono
