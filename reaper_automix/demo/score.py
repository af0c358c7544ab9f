"""The demo song as data: ten bars in A minor and a last chord, at 100 beats per minute.

**Conventions**: positions and lengths are in beats (quarter notes) from the start of the song,
pitches are note names with the octave (``A4`` = 440 Hz). A drum bar has sixteen steps, each a
digit for how hard it is hit (1 … 9) or a dot for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

TEMPO_BPM = 100.0
BEAT_S = 60.0 / TEMPO_BPM
BAR_BEATS = 4
BARS = 10
SONG_S = BARS * BAR_BEATS * BEAT_S + 3.6
"""The whole song: ten bars and the last chord dying away."""

CHORUS_BAR = 6
"""Where the chorus starts; two bars of intro and four of verse come before it."""

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def hertz(note: str) -> float:
    """Frequency of a note in equal temperament, ``A4`` = 440 Hz.

    >>> hertz("A1")
    55.0
    """
    midi = 12 * (int(note[-1]) + 1) + SEMITONES[note[0]] + note.count("#")
    return float(440.0 * 2 ** ((midi - 69) / 12))


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke on a drum."""

    beat: float
    strength: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A bar's harmony: the bass note, close voicing for keys and pad, and a guitar's strings."""

    root: str
    voicing: tuple[str, ...]
    strings: tuple[str, ...]


A_MINOR = Chord("A1", ("A3", "C4", "E4", "G4"), ("A2", "E3", "A3", "C4", "E4"))
F_MAJOR = Chord("F1", ("A3", "C4", "E4", "F4"), ("F2", "C3", "F3", "A3", "C4", "F4"))
C_MAJOR = Chord("C2", ("G3", "C4", "E4", "G4"), ("C3", "E3", "G3", "C4", "E4"))
G_MAJOR = Chord("G1", ("G3", "B3", "D4", "G4"), ("G2", "B2", "D3", "G3", "B3", "G4"))

CHORDS = (
    *(A_MINOR, F_MAJOR),
    *(A_MINOR, F_MAJOR, C_MAJOR, G_MAJOR),
    *(F_MAJOR, G_MAJOR, A_MINOR, C_MAJOR),
    A_MINOR,
)
"""One chord per bar: intro, verse, chorus, last chord."""

INTRO, VERSE, CHORUS = (0, 2), (2, CHORUS_BAR), (CHORUS_BAR, BARS)

DRUMS: dict[str, tuple[tuple[tuple[int, int], str], ...]] = {
    "kick": (
        (INTRO, "9.......8......."),
        (VERSE, "9.....5.8.5....."),
        (CHORUS, "9..6..7.9.6...5."),
        ((BARS, BARS + 1), "9..............."),
    ),
    "snare": (
        ((1, 2), "............6.79"),
        (VERSE, "....8.......8..3"),
        ((CHORUS_BAR, BARS - 1), "....9.......9..4"),
        ((BARS - 1, BARS), "....9...7.7.8899"),
    ),
    "hats": (
        (INTRO, "6...5...6...5..."),
        (VERSE, "7.4.6.4.7.4.6.45"),
        (CHORUS, "8.5.7.5.8.5.7.5."),
    ),
    "open hat": ((CHORUS, "..............7."),),
    "crash": (
        ((2, 3), "8..............."),
        ((CHORUS_BAR, CHORUS_BAR + 1), "9..............."),
        ((BARS, BARS + 1), "9..............."),
    ),
    "shaker": (((0, 2), "6354635463546355"),),
}
"""The kit, and the shaker's two bars, which the session loops."""

Rhythm = tuple[tuple[tuple[int, int], tuple[tuple[float, float, float], ...]], ...]
"""Bars (first, end) and what is played in each of them: beat in the bar, beats, strength."""

BASS_LINE: Rhythm = (
    (INTRO, ((0.0, 3.5, 0.8),)),
    (VERSE, ((0.0, 1.4, 0.9), (1.5, 0.45, 0.7), (2.0, 1.4, 0.8), (3.5, 0.45, 0.7))),
    (CHORUS, tuple((step / 2, 0.45, 0.75 + 0.2 * (step % 4 == 0)) for step in range(8))),
    ((BARS, BARS + 1), ((0.0, 4.5, 0.9),)),
)
"""The bass keeps to the root."""

KEYS: Rhythm = (
    (INTRO, ((0.0, 3.8, 0.6),)),
    (VERSE, ((0.0, 1.4, 0.6), (1.5, 2.3, 0.5))),
    (CHORUS, ((0.0, 1.4, 0.8), (1.5, 1.4, 0.65), (3.0, 0.9, 0.7))),
    ((BARS, BARS + 1), ((0.0, 5.0, 0.7),)),
)

STRUMS: Rhythm = (
    (VERSE, ((0.0, 1.9, 0.7), (2.0, 0.9, 0.6), (3.0, 0.9, 0.5))),
    (CHORUS, tuple((step / 2, 0.48, 0.9 - 0.25 * (step % 2)) for step in range(8))),
    ((BARS, BARS + 1), ((0.0, 5.0, 0.9),)),
)


@dataclass(frozen=True, slots=True)
class Syllable:
    """A sung note: an optional consonant (``s t k h l m n``) and the vowels it glides through."""

    beat: float
    beats: float
    pitch: str
    text: str


def melody(text: str) -> tuple[Syllable, ...]:
    """A melody written as groups of four words: beat, beats, pitch, syllable.

    >>> melody("8.0 0.5 A3 ta")
    (Syllable(beat=8.0, beats=0.5, pitch='A3', text='ta'),)
    """
    words = text.split()
    rows = zip(words[::4], words[1::4], words[2::4], words[3::4], strict=True)
    return tuple(Syllable(float(beat), float(beats), *sung) for beat, beats, *sung in rows)


LEAD = melody("""
     8.0 0.5 A3 ta     8.5 0.5 C4 lo     9.0 1.5 E4 nai   10.5 0.5 D4 i     11.0 0.9 C4 sa
    12.5 0.5 C4 ho    13.0 1.0 A3 mu    14.0 1.7 C4 lou
    16.0 0.5 E4 ta    16.5 0.5 G4 ke    17.0 1.5 G4 mai   18.5 0.5 E4 a     19.0 0.9 D4 so
    20.5 0.5 D4 te    21.0 1.0 B3 no    22.0 1.6 D4 leu
    24.0 1.5 A4 hai   25.5 0.5 G4 le    26.0 1.7 F4 sa
    28.0 1.5 G4 mo    29.5 0.5 F4 no    30.0 1.7 D4 tei
    32.0 1.0 E4 ka    33.0 1.0 G4 la    34.0 1.8 A4 hai
    36.0 1.0 G4 so    37.0 0.5 E4 le    37.5 1.9 D4 nou
    40.0 3.5 E4 ha
""")
"""Verse, chorus and the last word."""

BACKING_HIGH = melody("""
    24.0 3.6 C5 ha    28.0 3.6 B4 lo    32.0 3.6 C5 ha    36.0 3.6 C5 lou    40.0 3.5 C5 ha
""")
BACKING_LOW = melody("""
    24.0 3.6 A3 ha    28.0 3.6 G3 lo    32.0 3.6 A3 ha    36.0 3.6 E3 lou    40.0 3.5 A3 ha
""")


def drum_hits(drum: str) -> Iterator[Hit]:
    """Every stroke of a drum in the order played."""
    for (first, end), steps in DRUMS[drum]:
        for bar in range(first, end):
            for step, digit in enumerate(steps):
                if digit != ".":
                    yield Hit(bar * BAR_BEATS + step / 4, int(digit) / 9)


def chords(rhythm: Rhythm) -> Iterator[tuple[Chord, float, float, float]]:
    """Each chord as a rhythm plays it: chord, beat, beats, strength."""
    for (first, end), strokes in rhythm:
        for bar in range(first, end):
            for beat, beats, strength in strokes:
                yield CHORDS[bar], bar * BAR_BEATS + beat, beats, strength
