"""One f0 and one confidence out of many frames of a track.

f0 is the weighted median of log f0 over frames, as method.md section 3 says; louder and more tonal
frames weigh more. **Confidence** is the share of a track's loudness that harmonics or chords carry
(:mod:`~reaper_automix.features.tonality`), less up to :data:`DISSENT` where the two trackers
disagree, and less where the sound is over before a pitch is heard. That share is what a narrowband
level needs: where it is high, the band around the harmonics stands for the sound; where it is low,
the band misses most of it. PESTO's own confidence is not in it: it rises with gain, and brought to
one gain it is as sure of a snare's ring as of a voice (measured: 0.8 to 1.0 on snares and crashes).

**Conventions**: ``weights`` say how much of the track's power each frame stands for, in any unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reaper_automix.features.pitch import Pitch
from reaper_automix.features.pitch_frames import Frames
from reaper_automix.features.reel import HOP_S

Weights = NDArray[np.float64]

DISSENT = 0.15
"""What complete disagreement between pYIN and PESTO takes from confidence. It is little, because
over a chord both can be right."""

BRIEF = 0.5
"""What a sound keeps of its confidence that is over before a pitch is heard."""
SUSTAIN_S, SUSTAINED = 0.100, 0.6
"""A pitch is held: this share of the power is still there this much later."""


def estimate(frames: Frames, weights: Weights, sustain: float) -> Pitch:
    """The pitch that frames in the order of time speak for; ``sustain`` is that of all of them."""
    tonal = weights * frames.tonality
    return Pitch(
        f0_hz=weighted_median(frames.f0_hz, tonal),
        confidence=sustain * float(np.average(credit(frames), weights=weights)),
        pyin_hz=weighted_median(frames.pyin_hz, tonal * frames.pyin_probability),
        pesto_hz=weighted_median(frames.pesto_hz, tonal),
    )


def sustain(powers: NDArray[np.float64]) -> float:
    """1 for a held sound, down to :data:`BRIEF` for one that is over after :data:`SUSTAIN_S`.

    ``powers`` are those of all frames of the track, 0 below the gate.
    """
    later = np.pad(powers, (0, round(SUSTAIN_S / HOP_S)))[-powers.size :]
    held = float(np.minimum(powers, later).sum() / powers.sum())
    return BRIEF + (1.0 - BRIEF) * min(held / SUSTAINED, 1.0)


def credit(frames: Frames) -> Weights:
    """What each frame adds to confidence: its tonality, less what the trackers' dissent takes."""
    return np.asarray(frames.tonality * (1.0 - DISSENT * (1.0 - _agreement(frames))), np.float64)


def _agreement(frames: Frames) -> Weights:
    """How far the trackers agree: 1 within a semitone, a half when octaves apart, else 0.

    One that has nothing to say disagrees; where PESTO is missing, nobody does.
    """
    if np.isnan(frames.pesto_hz).all():
        return np.ones(frames.pesto_hz.size)
    semitones = 12.0 * np.log2(frames.pyin_hz / frames.pesto_hz)
    beside_octave = np.abs(semitones - 12.0 * np.round(semitones / 12.0))
    return np.where(np.abs(semitones) < 1.0, 1.0, np.where(beside_octave < 1.0, 0.5, 0.0))


def weighted_median(values: NDArray[np.floating], weights: Weights) -> float | None:
    """The value that splits the weights in halves (of f0 as of log f0); ``None`` without weight."""
    known = ~np.isnan(values) & (weights > 0.0)
    if not known.any():
        return None
    order = np.argsort(values[known])
    below = np.cumsum(weights[known][order])
    return float(values[known][order][np.searchsorted(below, below[-1] / 2.0)])
