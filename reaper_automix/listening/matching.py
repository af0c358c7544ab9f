"""Every excerpt of a kit equally loud, and none of them clipped.

**Source**: loudness by BS.1770 over each excerpt as a whole (:mod:`..features.loudness`), to the
level of EBU R 128; BS.1534-3 asks for excerpts that are aligned in loudness.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reaper_automix.audio import Samples, from_samples
from reaper_automix.features.loudness import integrated
from reaper_automix.features.true_peak import TruePeak
from reaper_automix.units import gain_from_db

TARGET_LUFS = -23.0
CEILING_DBTP = -1.0
"""No excerpt goes above this true peak; where one would, all of them become quieter."""

EDGE_S = 0.01
"""Fade at both ends of an excerpt, so that it can go round without a click."""

ROUNDS = 3
"""Of matching: what is near the absolute gate does not move by the whole gain at once."""

RATE_HZ = 48000
"""Sample rate of all excerpts of a kit."""

MATCHED_LU = 0.01


def faded(samples: Samples) -> Samples:
    """An excerpt with both of its ends faded, as raised cosines."""
    length = min(round(EDGE_S * RATE_HZ), samples.shape[1] // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))).astype(
        np.float32
    )
    window = np.ones(samples.shape[1], np.float32)
    window[:length] = ramp
    window[samples.shape[1] - length :] = ramp[::-1]
    return samples * window


def loudness_lufs(samples: Samples) -> float | None:
    """Integrated loudness of a whole excerpt; ``None`` for silence."""
    return integrated(from_samples(samples, RATE_HZ))


def true_peak_dbtp(samples: Samples) -> float:
    """True peak of an excerpt."""
    meter = TruePeak(RATE_HZ, len(samples))
    meter.push(samples)
    return meter.db()


def levelled(samples: Samples, target_lufs: float = TARGET_LUFS) -> Samples | None:
    """An excerpt at a loudness; ``None`` where there is nothing to be heard."""
    peak = float(np.abs(samples).max(initial=0.0))
    # Near full scale the absolute gate is far below all music, however soft it came.
    louder = samples / np.float32(peak) if peak > 0.0 else samples
    for _ in range(ROUNDS):
        found = loudness_lufs(louder)
        if found is None:
            return None
        if abs(target_lufs - found) <= MATCHED_LU:
            break
        louder = louder * np.float32(gain_from_db(target_lufs - found))
    return louder


def below_ceiling(excerpts: Sequence[Samples]) -> tuple[tuple[Samples, ...], float]:
    """All of them, quieter by one gain where one would clip; that gain in dB, 0 or less."""
    highest_db = max(map(true_peak_dbtp, excerpts))
    by_db = min(0.0, CEILING_DBTP - highest_db)
    gain = np.float32(gain_from_db(by_db))
    return tuple(samples * gain for samples in excerpts), by_db


def as_integers(samples: Samples) -> NDArray[np.int16]:
    """16-bit samples ``[frames, channels]``, rounded to the nearest step."""
    steps: NDArray[np.int16] = np.clip(np.rint(samples.T * 32768.0), -32768.0, 32767.0).astype(
        np.int16
    )
    return steps
