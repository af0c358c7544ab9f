"""The song as it was recorded: what each microphone, pickup and output heard, from start to end.

The kit is played once; close microphones, overheads and the room hear all of its drums, each at
its own level and distance, as bleed is in real sessions.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from reaper_automix.demo import instruments, score
from reaper_automix.demo.score import BEAT_S, SONG_S, Syllable, hertz
from reaper_automix.demo.synth import (
    RATE_HZ,
    Rng,
    Wave,
    band,
    delayed,
    drive,
    mixed,
    noise,
    reverberated,
)
from reaper_automix.demo.voice import sing
from reaper_automix.units import gain_from_db

SPEED_OF_SOUND_M_S = 343.0
TIMING_S = 0.003
"""How far a stroke lies off the grid, as a standard deviation."""

Stroke = Callable[[float, Rng], Wave]

STROKES: Mapping[str, Stroke] = {
    "kick": instruments.kick,
    "snare": instruments.snare,
    "hats": instruments.hat,
    "open hat": instruments.open_hat,
    "crash": instruments.crash,
    "shaker": instruments.shaker,
}

Heard = Mapping[str, tuple[float, float]]
"""What a microphone hears: per drum the level in dB and the distance in metres."""

MICS: Mapping[str, Heard] = {
    "kick": {"kick": (0, 0.1), "snare": (-24, 0.9), "hats": (-34, 1.2)},
    "snare": {"snare": (0, 0.05), "kick": (-22, 0.8), "hats": (-24, 0.5), "open hat": (-24, 0.5)},
    "hats": {"hats": (0, 0.1), "open hat": (0, 0.1), "snare": (-20, 0.6), "crash": (-22, 1.0)},
    "overhead left": {
        **{"kick": (-16, 1.7), "snare": (-9, 1.1), "hats": (-6, 0.9)},
        **{"open hat": (-6, 0.9), "crash": (0, 1.3)},
    },
    "overhead right": {
        **{"kick": (-16, 1.6), "snare": (-9, 1.3), "hats": (-11, 1.8)},
        **{"open hat": (-11, 1.8), "crash": (-2, 1.0)},
    },
    "room": {
        **{"kick": (-4, 3.6), "snare": (-2, 3.4), "hats": (-12, 3.5)},
        **{"open hat": (-12, 3.5), "crash": (-8, 3.2)},
    },
}
LOW_CUT_HZ = {"hats": 300.0, "overhead left": 120.0, "overhead right": 120.0}


def rng_for(part: str) -> Rng:
    """The dice of one part; always the same, whatever else is made."""
    return np.random.default_rng(zlib.crc32(part.encode()))


@functools.cache
def drum(name: str) -> Wave:
    """One drum by itself through the whole song, played by a person."""
    rng = rng_for(name)
    strokes = (
        (
            max(0.0, hit.beat * BEAT_S + rng.normal(0.0, TIMING_S)),
            STROKES[name](float(np.clip(hit.strength * rng.normal(1.0, 0.07), 0.1, 1.0)), rng),
        )
        for hit in score.drum_hits(name)
    )
    return mixed(SONG_S, strokes)


def mic(name: str) -> Wave:
    """What a microphone at the kit heard, its own hiss included."""
    heard = (
        gain_from_db(level_db) * delayed(drum(source), distance_m / SPEED_OF_SOUND_M_S)
        for source, (level_db, distance_m) in MICS[name].items()
    )
    hiss = gain_from_db(-72.0) * noise(SONG_S, rng_for(f"{name} hiss"))
    return band(np.sum([*heard, hiss], axis=0), LOW_CUT_HZ.get(name))


def room() -> Wave:
    """A pair of microphones in the room: two reverberations of one kit."""
    direct = mic("room")
    sides = (reverberated(direct, 0.7, rng_for(f"room {side}")) for side in ("left", "right"))
    return np.stack([0.4 * direct + side for side in sides])


def shaker_loop() -> Wave:
    """Two bars of shaker, cut to length so that they can be looped."""
    return drum("shaker")[: round(2 * score.BAR_BEATS * BEAT_S * RATE_HZ)]


@functools.cache
def bass_di() -> Wave:
    """The bass guitar from its pickup."""
    rng = rng_for("bass")
    notes = (
        (beat * BEAT_S, instruments.bass(hertz(chord.root), beats * BEAT_S, strength, rng))
        for chord, beat, beats, strength in score.chords(score.BASS_LINE)
    )
    return band(mixed(SONG_S, notes), 30.0, 5000.0)


def bass_amp() -> Wave:
    """The same through an amplifier, whose microphone was wired the wrong way round."""
    speaker = band(drive(bass_di(), 4.0), 60.0, 3500.0)
    return -delayed(speaker, 0.4 / SPEED_OF_SOUND_M_S)


def guitar(side: str) -> Wave:
    """A strummed electric guitar through a small, slightly overdriven amplifier."""
    rng = rng_for(f"guitar {side}")
    chords = (
        (
            max(0.0, beat * BEAT_S + rng.normal(0.004, TIMING_S)),
            instruments.strum(
                [hertz(note) for note in chord.strings], beats * BEAT_S, strength, rng
            ),
        )
        for chord, beat, beats, strength in score.chords(score.STRUMS)
    )
    return band(drive(band(mixed(SONG_S, chords), 90.0), 1.6), 110.0, 4800.0)


def keys() -> Wave:
    """An electric piano, the left hand on the root; its tremolo moves from side to side."""
    notes = (
        (beat * BEAT_S, instruments.electric_piano(hertz(note), beats * BEAT_S, strength))
        for chord, beat, beats, strength in score.chords(score.KEYS)
        for note in (chord.strings[0], *chord.voicing)
    )
    mono = mixed(SONG_S, notes)
    sway = 0.25 * np.sin(2 * np.pi * 4.2 * np.arange(len(mono)) / RATE_HZ)
    return np.stack([mono * (1.0 + sway), mono * (1.0 - sway)])


def pad() -> Wave:
    """The pad, left and right drifting apart."""
    bar_s = score.BAR_BEATS * BEAT_S
    return np.stack([mixed(SONG_S, _pad_chords(bar_s, rng_for(f"pad {side}"))) for side in "lr"])


def _pad_chords(bar_s: float, rng: Rng) -> Iterator[tuple[float, Wave]]:
    for bar, chord in enumerate(score.CHORDS):
        yield (
            bar * bar_s,
            instruments.pad([hertz(note) for note in chord.voicing], bar_s + 0.9, rng),
        )


def singer(name: str, melody: Sequence[Syllable], detune_cents: float = 0.0) -> Wave:
    """A voice before a microphone with a low cut."""
    rng = rng_for(name)
    hiss = gain_from_db(-54.0) * noise(SONG_S, rng)
    return band(sing(melody, SONG_S, rng, detune_cents=detune_cents) + hiss, 80.0)


PARTS: Mapping[str, Callable[[], Wave]] = {
    "kick": lambda: mic("kick"),
    "snare": lambda: mic("snare"),
    "hats": lambda: mic("hats"),
    "overhead left": lambda: mic("overhead left"),
    "overhead right": lambda: mic("overhead right"),
    "room": room,
    "shaker loop": shaker_loop,
    "bass di": bass_di,
    "bass amp": bass_amp,
    "guitar left": lambda: guitar("left"),
    "guitar right": lambda: guitar("right"),
    "keys": keys,
    "pad": pad,
    "lead": lambda: singer("lead", score.LEAD),
    "lead, flat": lambda: singer("lead, flat", score.LEAD, detune_cents=-45.0),
    "backing high": lambda: singer("backing high", score.BACKING_HIGH),
    "backing low": lambda: singer("backing low", score.BACKING_LOW),
    "silence": lambda: np.zeros(round(SONG_S * RATE_HZ)),
}
"""Everything that was recorded: ``[frames]``, or ``[channels, frames]`` where there are two."""
