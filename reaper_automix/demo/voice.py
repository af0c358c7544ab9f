"""A singing voice: the harmonics of a glottal source under formants that move with the vowels.

**Conventions**: pitch, loudness and formants are given per frame of :data:`FRAME_S` and run
linearly between frames. Formants are a woman's (Peterson and Barney, "Control methods used in a
study of the vowels", JASA 24, 1952), with fourth and fifth ones at their usual places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from reaper_automix.demo.score import BEAT_S, Syllable, hertz
from reaper_automix.demo.synth import RATE_HZ, Rng, Wave, band, edges, mixed, noise

FRAME_S = 0.005
HOP = round(FRAME_S * RATE_HZ)

VOWELS_HZ = {
    "a": (850.0, 1220.0, 2810.0),
    "e": (610.0, 2330.0, 2990.0),
    "i": (310.0, 2790.0, 3310.0),
    "o": (590.0, 920.0, 2710.0),
    "u": (370.0, 950.0, 2670.0),
}
HIGH_FORMANTS_HZ = (3900.0, 4950.0)
BANDWIDTHS_HZ = (80.0, 90.0, 120.0, 180.0, 250.0)

CONSONANTS = {
    "s": (4500.0, 10000.0, 0.11, 0.5),
    "t": (2500.0, 8000.0, 0.03, 0.7),
    "k": (1200.0, 4000.0, 0.04, 0.7),
    "h": (600.0, 4000.0, 0.09, 0.25),
}
"""Noise of the unvoiced ones: from and to (Hz), length (s), strength. Voiced ones are a dip."""

GLIDE_S, VIBRATO_HZ, VIBRATO_CENTS = 0.05, 5.5, 35.0
TOP_HZ = 9000.0


def sing(
    melody: Sequence[Syllable], length_s: float, rng: Rng, *, detune_cents: float = 0.0
) -> Wave:
    """The melody sung, ``length_s`` long from the start of the song."""
    frames = round(length_s / FRAME_S) + 1
    moments = np.arange(frames) * FRAME_S
    f0_hz = _pitch(melody, moments, rng) * 2 ** (detune_cents / 1200)
    voiced = _voiced(f0_hz, _formants(melody, moments)) * _per_sample(_loudness(melody, moments))
    breath = 0.01 * band(noise(len(voiced) / RATE_HZ, rng), 800.0, 6000.0) * (voiced != 0.0)
    sung = (voiced + breath)[: round(length_s * RATE_HZ)]
    return np.asarray(sung + mixed(length_s, _bursts(melody, rng)))


def _pitch(melody: Sequence[Syllable], moments: Wave, rng: Rng) -> Wave:
    """The sung pitch in Hz: gliding from note to note, vibrato where a note is held."""
    octaves = np.full(len(moments), np.log2(hertz(melody[0].pitch)))
    held = np.zeros(len(moments))
    for note in melody:
        after = moments >= note.beat * BEAT_S - GLIDE_S
        octaves[after] = np.log2(hertz(note.pitch))
        held[after] = np.clip((moments[after] - note.beat * BEAT_S - 0.25) / 0.3, 0.0, 1.0)
    window = np.hanning(round(2 * GLIDE_S / FRAME_S) + 1)
    # a note is reached at its beat, hence the glide's window lies before it
    smooth = np.convolve(np.pad(octaves, len(window), mode="edge"), window / window.sum(), "same")
    waver = VIBRATO_CENTS * held * np.sin(2 * np.pi * VIBRATO_HZ * moments + rng.uniform(0, 6))
    return np.asarray(2 ** (smooth[len(window) : -len(window)] + waver / 1200))


def _loudness(melody: Sequence[Syllable], moments: Wave) -> Wave:
    """How loud each frame is: a swell over every note, with a dip where a voiced consonant is."""
    level = np.zeros(len(moments))
    for note in melody:
        start, end = note.beat * BEAT_S, (note.beat + note.beats) * BEAT_S
        rise_s = 0.09 if note.text[0] in "lmn" else 0.03
        swell = np.clip((moments - start) / rise_s, 0, 1) * np.clip((end - moments) / 0.08, 0, 1)
        level = np.maximum(
            level, swell * (0.7 + 0.3 * np.sin(np.pi * (moments - start) / (end - start)))
        )
    return level


def _vowels(text: str) -> str:
    return "".join(letter for letter in text if letter in VOWELS_HZ)


def _formants(melody: Sequence[Syllable], moments: Wave) -> Wave:
    """Formant frequencies ``[frames, 5]``: each syllable's vowels, one after the other."""
    keys: list[tuple[float, tuple[float, ...]]] = []
    for note in melody:
        vowels = _vowels(note.text)
        for index, vowel in enumerate(vowels):
            share = (index + 0.25) / len(vowels)
            keys.append(((note.beat + share * note.beats) * BEAT_S, VOWELS_HZ[vowel]))
    at = [moment for moment, _ in keys]
    moving = [np.interp(moments, at, [hz[which] for _, hz in keys]) for which in range(3)]
    fixed = [np.full(len(moments), hz) for hz in HIGH_FORMANTS_HZ]
    return np.stack([*moving, *fixed], axis=1)


def _voiced(f0_hz: Wave, formants_hz: Wave) -> Wave:
    """All harmonics below :data:`TOP_HZ`, each as loud as source and formants make it."""
    angle = 2 * np.pi * np.cumsum(_per_sample(f0_hz)) / RATE_HZ
    turn = np.exp(1j * angle).astype(np.complex64)
    harmonic = np.ones_like(turn)
    total = np.zeros(len(angle))
    for number in range(1, int(TOP_HZ / f0_hz.min()) + 1):
        harmonic *= turn
        total += _per_sample(_gain(number * f0_hz, formants_hz) / number) * harmonic.imag
    return total


def _gain(freq_hz: Wave, formants_hz: Wave) -> Wave:
    """The vocal tract's gain per frame: its formants as resonators in a row (Fant, 1960)."""
    gain = np.where(freq_hz < TOP_HZ, 1.0, 0.0)
    for centre_hz, width_hz in zip(formants_hz.T, BANDWIDTHS_HZ, strict=True):
        gain = gain * centre_hz**2 / np.hypot(centre_hz**2 - freq_hz**2, freq_hz * width_hz)
    return gain


def _bursts(melody: Sequence[Syllable], rng: Rng) -> Iterable[tuple[float, Wave]]:
    """The unvoiced consonants, each ending where its note begins."""
    for note in melody:
        if row := CONSONANTS.get(note.text[0]):
            low_hz, high_hz, seconds, strength = row
            burst = edges(band(noise(seconds, rng), low_hz, high_hz), seconds / 4, seconds / 3)
            yield note.beat * BEAT_S - 0.6 * seconds, strength * burst


def _per_sample(frames: Wave) -> Wave:
    """Frames as samples, straight lines between them."""
    ramp = np.arange(HOP) / HOP
    return np.asarray((frames[:-1, None] + np.diff(frames)[:, None] * ramp).ravel())
