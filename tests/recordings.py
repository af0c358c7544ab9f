"""Synthesised recordings: players in a room, heard by several microphones at once.

A microphone hears its own source close and the others late, dull and softer; overheads hear all of
them, a room hears mostly its echoes. Everything is drawn from seeds, mono float32 at 48 kHz.
"""

import numpy as np

from signals import RATE_HZ

SOUND_M_PER_S = 343.0


def filtered(sound, response):
    """Convolved with an impulse response, cut to the length of the sound."""
    size = 1 << (len(sound) + len(response)).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[: len(sound)]


def late(sound, by_ms, level_db=0.0):
    frames = round(by_ms * RATE_HZ / 1000)
    return 10 ** (level_db / 20) * np.concatenate([np.zeros(frames), sound])[: len(sound)]


def dull(sound, below_hz=5000.0):
    """First-order low-pass."""
    frames = np.arange(RATE_HZ // 100)
    pole = np.exp(-2 * np.pi * below_hz / RATE_HZ)
    return filtered(sound, (1 - pole) * pole**frames)


def echoes(decay_s, seed):
    """The impulse response of a diffuse room, of power 1."""
    times = np.arange(round(decay_s * RATE_HZ)) / RATE_HZ
    response = np.random.default_rng(seed).standard_normal(len(times)) * np.exp(
        -6.9 * times / decay_s
    )
    return response / np.linalg.norm(response)


def _hits(duration_s, times_s, hit):
    sound = np.zeros(round(duration_s * RATE_HZ))
    for time_s in times_s:
        start = max(0, int(time_s * RATE_HZ))
        one = hit()[: len(sound) - start]
        sound[start : start + len(one)] += one
    return sound


def _drums(duration_s, rng):
    """Four drums of one player, each alone."""

    def times(length_s):
        return np.arange(round(length_s * RATE_HZ)) / RATE_HZ

    def kick():
        t = times(0.35)
        click = 0.1 * rng.standard_normal(len(t)) * np.exp(-t / 0.004)
        return np.sin(2 * np.pi * (55 * t + 8 * (1 - np.exp(-60 * t)))) * np.exp(-t / 0.09) + click

    def snare():
        t = times(0.3)
        shell = 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.05)
        return shell + 0.5 * rng.standard_normal(len(t)) * np.exp(-t / 0.08)

    def hat():
        t = times(0.15)
        return 0.3 * np.diff(rng.standard_normal(len(t)), prepend=0.0) * np.exp(-t / 0.04)

    def tom():
        t = times(0.6)
        stick = 0.1 * rng.standard_normal(len(t)) * np.exp(-t / 0.01)
        return np.sin(2 * np.pi * 110 * t * (1 - 0.1 * t)) * np.exp(-t / 0.2) + stick

    beats = np.arange(0.1, duration_s - 0.5, 60 / 110)
    played = {
        "Kick": (beats[::2], kick),
        "Snare": (beats[1::2], snare),
        "Hat": (np.arange(0.1, duration_s - 0.5, 30 / 110), hat),
        "Tom": (beats[7::4], tom),
    }
    return {
        name: _hits(duration_s, at + 0.006 * rng.standard_normal(len(at)), hit)
        for name, (at, hit) in played.items()
    }


PLACES_M = {"Kick": (0.0, -0.5), "Snare": (0.4, 0.0), "Hat": (0.8, 0.1), "Tom": (0.2, 0.5)}


def _away_ms(first, second):
    distance_m = 1.0 + np.hypot(*(a - b for a, b in zip(first, second, strict=True)))
    return 1000 * distance_m / SOUND_M_PER_S


def _hiss(frames, rng):
    return 1e-5 * rng.standard_normal(frames)


def kit(duration_s=10.0, bleed_db=-18.0, seed=0):
    """A drum kit on four close microphones, two overheads and a room."""
    rng = np.random.default_rng(seed)
    alone = _drums(duration_s, rng)
    frames = round(duration_s * RATE_HZ)
    heard = {}
    for name, own in alone.items():
        others = (
            dull(late(sound, _away_ms(PLACES_M[name], PLACES_M[other]), bleed_db))
            for other, sound in alone.items()
            if other != name
        )
        heard[name] = own + sum(others) + _hiss(frames, rng)
    for name, side_m in (("OH L", -0.5), ("OH R", 0.7)):
        heard[name] = _hiss(frames, rng) + sum(
            late(sound, _away_ms(PLACES_M[drum], (side_m, 1.0)), -6.0)
            for drum, sound in alone.items()
        )
    far = late(sum(alone.values()), 12.0)
    heard["Room"] = 0.3 * filtered(far, echoes(0.6, seed + 1)) + 0.2 * far
    return {name: sound.astype(np.float32) for name, sound in heard.items()}


def plucked(duration_s=10.0, seed=0, notes=6, low_hz=110.0, loose_s=0.0):
    """A line of plucked strings; ``notes`` seeds what is played, ``seed`` how."""
    rng, score = np.random.default_rng(seed), np.random.default_rng(notes)
    sound = np.zeros(round(duration_s * RATE_HZ))
    time_s = 0.1
    while time_s < duration_s - 1.0:
        f0_hz = low_hz * 2 ** (score.choice([0, 2, 4, 5, 7, 9]) / 12)
        bent_hz = f0_hz * 2 ** (0.04 * rng.standard_normal() / 12)
        start = int(max(0.0, time_s + loose_s * rng.standard_normal()) * RATE_HZ)
        t = np.arange(min(int(0.9 * RATE_HZ), len(sound) - start)) / RATE_HZ
        sound[start : start + len(t)] += 0.3 * sum(
            np.sin(2 * np.pi * k * bent_hz * t * (1 + 1e-5 * k * k) + 6 * rng.random())
            * np.exp(-t * (1.5 + 0.4 * k))
            / k
            for k in range(1, 20)
        )
        time_s += score.choice([0.25, 0.5])
    return (sound + 1e-4 * rng.standard_normal(len(sound))).astype(np.float32)


def sung(duration_s=10.0, seed=0, notes=5, low_hz=220.0, loose_s=0.0):
    """A line of tones with vibrato and breath."""
    rng, score = np.random.default_rng(seed), np.random.default_rng(notes)
    sound = np.zeros(round(duration_s * RATE_HZ))
    time_s = 0.2
    while time_s < duration_s - 1.0:
        length_s = score.choice([0.3, 0.5, 0.8])
        f0_hz = low_hz * 2 ** (score.choice([0, 2, 4, 5, 7, 9, 11]) / 12)
        start = int(max(0.0, time_s + loose_s * rng.standard_normal()) * RATE_HZ)
        t = np.arange(min(int(0.9 * length_s * RATE_HZ), len(sound) - start)) / RATE_HZ
        bent_hz = f0_hz * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * t + 6 * rng.random()))
        phase = 2 * np.pi * np.cumsum(bent_hz) / RATE_HZ + 6 * rng.random()
        swell = np.minimum(1, t / 0.03) * np.minimum(1, (0.9 * length_s - t).clip(0) / 0.05)
        tone = 0.1 * sum(np.sin(k * phase + k) / k for k in range(1, 25))
        sound[start : start + len(t)] += swell * (tone + 0.004 * rng.standard_normal(len(t)))
        time_s += length_s + (score.random() < 0.15)
    return sound.astype(np.float32)


def amplified(direct, seed=0):
    """What a microphone hears of an amplifier that distorts a direct signal."""
    speaker = echoes(0.002, seed)
    speaker[0] += 1.5
    return filtered(np.tanh(4.0 * late(direct, 1.2)), speaker).astype(np.float32)


def compressed(sound, ratio_db=0.05):
    """The same with its level evened out, as fast as a compressor does."""
    level = np.sqrt(np.maximum(dull(np.square(sound, dtype=np.float64), 8.0), 0.0) + 1e-6)
    return (sound * ratio_db / (ratio_db + level)).astype(np.float32)
