"""Labelled sounds from which the model of :mod:`reaper_automix.roles.sound` is made.

General MIDI instruments and drum kits of the Debian packages ``timgm6mb-soundfont``,
``csound-soundfont``, ``avldrums.lv2-soundfont`` (played by ``fluidsynth``) and ``freepats`` (by
``timidity``), ``hydrogen-data``, speech of ``espeak-ng``, and the instruments of our own demo.
Never FluidR3 nor anything of the shared test material: those are what the model is tested on.
"""

from __future__ import annotations

import itertools
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from reaper_automix.demo import performance, score, voice
from reaper_automix.demo.synth import RATE_HZ

SECONDS = 6.0
SOUND_FONTS = Path("/usr/share/sounds/sf2")
HYDROGEN = Path("/usr/share/hydrogen/data/drumkits")

BANKS = {
    "tim": ("TimGM6mb.sf2", 2),
    "csound": ("sf_GMbank.sf2", 1),
    "freepats": ("/etc/timidity/freepats.cfg", 2),
}
"""Banks of General MIDI instruments, and how many phrases each instrument plays."""

PROGRAMS = {
    "keys": "0-7 21 23",
    "percussion": "8-14 47 108 112-116",
    "organ": "16-20",
    "acoustic guitar": "15 24 25 105",
    "electric guitar": "26-30",
    "bass": "32-39 43",
    "strings": "40-42 44-46 48-49 110",
    "voice": "52-53",
    "pad": "50-51 54 88-95",
    "brass": "56-61",
    "woodwind": "22 64-79 109 111",
    "synth": "62-63 80-87",
    "tom": "117-118",
}
"""General MIDI programs from 0, by the kind of sound."""

REGISTER = {
    **{"keys": (45, 84), "percussion": (55, 90), "organ": (45, 80), "tom": (40, 60)},
    **{"acoustic guitar": (42, 72), "electric guitar": (40, 74), "bass": (26, 48)},
    **{"strings": (45, 86), "voice": (50, 76), "pad": (45, 80), "brass": (48, 76)},
    **{"woodwind": (55, 86), "synth": (48, 84)},
}
LOW_PROGRAMS = {42: -12, 43: -14, 47: -20, 57: -8, 58: -17, 66: -8, 67: -14, 70: -16, 116: -20}
CHORDAL = {
    **{"keys": 0.6, "organ": 0.6, "acoustic guitar": 0.6, "electric guitar": 0.4, "strings": 0.4},
    **{"pad": 0.9, "voice": 0.5, "brass": 0.3, "synth": 0.3},
}
"""The share of phrases in chords."""

DRUMS = {
    "kick": (35, 36),
    "snare": (37, 38, 40),
    "tom": (41, 43, 45, 47, 48, 50),
    "hi-hat": (42, 44, 46),
    "ride": (49, 51, 52, 53, 55, 57, 59),
    "percussion": (39, 54, 56, 60, 62, 64, 67, 69, 70, 75, 76, 81),
}
KITS = {
    "tim": ("TimGM6mb.sf2", (0, 16, 24, 25, 40)),
    "csound": ("sf_GMbank.sf2", (0,)),
    "pearl": ("Black_Pearl_4_LV2.sf2", (0,)),
    "zeppelin": ("Red_Zeppelin_4_LV2.sf2", (0,)),
    "freepats": ("/etc/timidity/freepats.cfg", (0,)),
}
MISSING = {
    "pearl": {35, 37, 40, 44, 39, 47, 48, 50, 43, 52, 55, 59, 60, 62, 64, 67, 69, 70, 75, 76, 81},
}
MISSING["zeppelin"] = MISSING["pearl"]

GROOVES = {
    "kick": ("x...x...x...x...", "x.....x.x.......", "x..x..x.x.x...x."),
    "snare": ("....x.......x...", "....x..x.x..x..x", "xxxxxxxxxxxxxxxx"),
    "tom": ("............xx.x", "..........x.x.xx", "x.x.x.x.x.x.x.x."),
    "hi-hat": ("x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "..x...x...x...x."),
    "ride": ("x...............", "x...x.x.x...x.x.", "x.x.x.x.x.x.x.x."),
    "percussion": ("..x...x...x.x...", "xxxxxxxxxxxxxxxx", "....x.......x..."),
}

SPOKEN = {
    "en": "The river runs down to the sea, and I will follow wherever you go tonight",
    "de": "Die Nacht ist lang und der Morgen kommt, ich warte auf dich am Fenster",
    "fr": "La nuit est longue et le matin revient, je t'attends devant la mer",
    "es": "La noche es larga y la mañana viene, te espero junto a la ventana",
    "it": "La notte è lunga e il mattino viene, ti aspetto alla finestra",
    "ru": "Ночь длинна и утро придёт, я жду тебя у окна",
}
VOICES = ("m1", "m3", "m7", "f1", "f2", "f5")


@dataclass(frozen=True, slots=True)
class Sound:
    """One labelled sound, ``[frames]``; sounds of one ``source`` are never split in two."""

    kind: str
    source: str
    samples: np.ndarray


def sounds(work: Path):
    """Every sound; files are made in ``work``."""
    yield from instruments(work)
    yield from drums(work)
    yield from one_shots()
    yield from voices(work)
    yield from demo()


def dice(*what):
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def spans(text):
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def instruments(work):
    for (bank, (file, phrases)), (kind, programs) in itertools.product(
        BANKS.items(), PROGRAMS.items()
    ):
        for program, turn in itertools.product(spans(programs), range(phrases)):
            rng = dice("phrase", bank, program, turn)
            notes = phrase(kind, program, rng)
            played = play(work, file, notes, program=program)
            yield Sound(kind, f"program {program}", colored(played, rng))


def phrase(kind, program, rng):
    """Notes as (second, seconds, key, velocity): a melody, or chords."""
    low, high = (key + LOW_PROGRAMS.get(program, 0) for key in REGISTER[kind])
    low, high = sorted(rng.integers(low, high, 2)) if rng.random() < 0.5 else (low, high)
    high = max(high, low + 10)
    chordal = rng.random() < CHORDAL.get(kind, 0.0)
    step_s = rng.choice([0.15, 0.25, 0.4, 0.8]) * (4.0 if chordal and kind == "pad" else 1.0)
    length, rest = rng.choice([0.5, 0.95, 1.2]), rng.choice([0.0, 0.1, 0.3])
    strength, root = rng.integers(55, 120), rng.integers(12)
    scale = [n for n in range(128) if (n - root) % 12 in (0, 2, 3, 5, 7, 8, 10)]
    scale = [n for n in scale if low <= n <= high] or [low]
    at = rng.uniform(0.0, 0.4)
    walk = len(scale) // 2
    while at < SECONDS:
        walk = int(np.clip(walk + rng.integers(-3, 4), 0, len(scale) - 1))
        if rng.random() >= rest:
            velocity = int(np.clip(strength + rng.normal(0, 9), 20, 127))
            for key in scale[walk : walk + 6 : 2] if chordal else scale[walk : walk + 1]:
                yield at, step_s * length, key, velocity
        at += step_s * (2 if rng.random() < 0.2 else 1)


def drums(work):
    for kit, (file, programs) in KITS.items():
        for program in programs:
            source = f"kit {kit} {program}"
            for kind, keys in DRUMS.items():
                for key in sorted({*keys} - MISSING.get(kit, set())):
                    yield strokes(work, file, program, source, kind, (key,))
            for turn in range(4):
                rng = dice("kit", kit, program, turn)
                notes = list(groove("kick", (36,), rng))
                notes += groove("snare", (38,), rng)
                notes += groove("hi-hat", (42, 46), rng) if turn % 2 else ()
                notes += groove("ride", (49, 51), rng)
                notes += groove("tom", (45, 41), rng) if turn > 1 else ()
                played = play(work, file, notes, program=program, channel=9)
                yield Sound("kit", source, colored(played, rng))


def strokes(work, file, program, source, kind, keys):
    rng = dice("strokes", file, program, keys)
    played = play(work, file, groove(kind, keys, rng), program=program, channel=9)
    return Sound(kind, source, colored(played, rng))


def groove(kind, keys, rng):
    pattern = GROOVES[kind][rng.integers(3)]
    step_s, strength = rng.uniform(0.1, 0.17), rng.integers(70, 118)
    for step, sign in enumerate(itertools.cycle(pattern)):
        if step * step_s > SECONDS:
            return
        if sign == "x":
            velocity = int(np.clip(strength + rng.normal(0, 8), 20, 127))
            yield step * step_s, 0.1, int(rng.choice(keys)), velocity


def play(work, file, notes, *, program=0, channel=0):
    """The notes as one channel of sound; nothing where the bank has no such sound."""
    song, heard = work / "song.mid", work / "song.wav"
    song.write_bytes(midi(notes, program, channel))
    heard.unlink(missing_ok=True)
    subprocess.run(player(file, song, heard), check=True, capture_output=True)
    samples, _ = sf.read(heard, always_2d=True)
    return samples.mean(axis=1)[: round(SECONDS * RATE_HZ)]


def player(file, song, heard):
    if file.endswith(".cfg"):
        return ["timidity", "-c", file, "-Ow", "-s", str(RATE_HZ), "-o", str(heard), str(song)]
    dry = ["-R", "0", "-C", "0", "-g", "0.4", "-r", str(RATE_HZ), "-q", "-n", "-i"]
    return ["fluidsynth", *dry, "-F", str(heard), str(SOUND_FONTS / file), str(song)]


def midi(notes, program, channel):
    """A MIDI file of one track, 1000 ticks a second."""
    events = [(0.0, bytes([0xC0 | channel, program]))]
    for at, seconds, key, velocity in notes:
        events.append((at, bytes([0x90 | channel, int(key), velocity])))
        events.append((at + seconds, bytes([0x80 | channel, int(key), 0])))
    body, now = bytearray(), 0
    for at, message in sorted(events, key=lambda event: event[0]):
        tick = round(at * 1000)
        body += variable(tick - now) + message
        now = tick
    body += b"\0\xff\x2f\0"
    head = struct.pack(">4sLHHH", b"MThd", 6, 0, 1, 500)
    return head + struct.pack(">4sL", b"MTrk", len(body)) + bytes(body)


def variable(number):
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def colored(samples, rng):
    """The sound through a random slope of tone, and every third time in a small room."""
    slope_db = rng.normal(0.0, 1.2)
    spectrum = np.fft.rfft(samples, 2 * len(samples))
    hertz = np.fft.rfftfreq(2 * len(samples), 1 / RATE_HZ)
    octaves = np.log2(np.clip(hertz, 40.0, 16000.0) / 1000.0)
    spectrum *= 10 ** (slope_db * octaves / 20)
    if rng.random() < 0.33:
        tail = rng.normal(size=RATE_HZ // 2) * np.exp(-np.arange(RATE_HZ // 2) / RATE_HZ / 0.08)
        tail *= rng.uniform(0.1, 0.4) / np.sqrt(np.sum(tail**2))
        tail[0] += 1.0
        spectrum *= np.fft.rfft(tail, 2 * len(samples))
    return np.fft.irfft(spectrum)[: len(samples)]


SAMPLES = {
    "kick": ("Kick-Hard", "808_Kick_Long", "808_Kick_Short"),
    "snare": ("Snare-Hard", "SideStick-Med", "SnareRimshot-Hard", "808_Snare_1", "808_Snare_2"),
    "tom": ("Tom1-Med", "Tom2-Hard", "TomFloor-Med", "808_Tom_Hi", "808_Tom_Low"),
    "hi-hat": ("HatClosed-Med", "HatOpen-Hard", "HatPedal-Med", "808_Hat_Closed", "808_Hat_Open"),
    "ride": ("Crash-Hard", "Ride-Med", "24Ride-3", "Splash-Hard", "Bell-Med", "808_Cymbal"),
    "percussion": ("Cowbell-Med", "HandClap", "808_Clap", "808_Clave", "808_Conga", "808_Shaker"),
}


def one_shots():
    for kind, names in SAMPLES.items():
        for name, turn in itertools.product(names, range(2)):
            rng = dice("shot", name, turn)
            path = next(HYDROGEN.glob(f"*/{name}.*"))
            hit, rate_hz = sf.read(path, always_2d=True)
            hit = hit.mean(axis=1)
            out = np.zeros(round((SECONDS + 4.0) * rate_hz) + len(hit))
            for at, _, _, velocity in groove(kind, (0,), rng):
                start = round(at * rate_hz)
                out[start : start + len(hit)] += hit * (velocity / 127) ** 2
            yield Sound(kind, f"hydrogen {path.parent.name}", out[: round(SECONDS * RATE_HZ)])


def voices(work):
    for (language, text), name in itertools.product(SPOKEN.items(), VOICES):
        rng = dice("voice", language, name)
        file = work / "voice.wav"
        speed, pitch = str(rng.integers(90, 150)), str(rng.integers(25, 85))
        voice_of = ["-v", f"{language}+{name}", "-s", speed, "-p", pitch]
        subprocess.run(["espeak-ng", *voice_of, "-w", str(file), text], check=True)
        samples, rate_hz = sf.read(file)
        grid = np.arange(0, len(samples) / rate_hz, 1 / RATE_HZ)
        resampled = np.interp(grid, np.arange(len(samples)) / rate_hz, samples)
        yield Sound("voice", f"espeak {name}", colored(resampled[: round(SECONDS * RATE_HZ)], rng))


def demo():
    kinds = {
        **{"kick": "kick", "snare": "snare", "hats": "hi-hat", "overhead left": "kit"},
        **{"overhead right": "kit", "room": "kit", "shaker loop": "percussion"},
        **{"bass di": "bass", "bass amp": "bass", "guitar left": "electric guitar"},
        **{"guitar right": "electric guitar", "keys": "keys", "pad": "pad", "lead": "voice"},
        **{"backing high": "voice", "backing low": "voice"},
    }
    for part, kind in kinds.items():
        played = np.atleast_2d(performance.PARTS[part]())[0]
        for turn in range(2):
            start = round((5.0 + 8.0 * turn) * RATE_HZ) if len(played) > 20 * RATE_HZ else 0
            cut = played[start : start + round(SECONDS * RATE_HZ)]
            yield Sound(kind, f"demo {part.split()[0]}", colored(cut, dice("demo", part, turn)))
    for cents in range(-1200, 1300, 150):
        rng = dice("singer", cents)
        sung = voice.sing(score.LEAD, score.SONG_S, rng, detune_cents=cents)
        start = round((4.5 + rng.uniform(0, 8)) * RATE_HZ)
        cut = sung[start : start + round(SECONDS * RATE_HZ)]
        yield Sound("voice", f"demo singer {cents // 600}", colored(cut, rng))
