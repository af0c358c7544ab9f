"""300 track names composed by rule, each with the role that whoever wrote it meant.

The words were written down for this file alone, from how consoles and sessions are labelled; none
of them comes from the tables of the package.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A track name and what it means; ``folders`` are the folders that it is in."""

    name: str
    role: str
    folders: tuple[str, ...] = ()


SOURCES = {
    "kick": """
        Kick, Kik, BD, Bass Drum, Bassdrum, Grosse Caisse, Bombo, Cassa, Бочка, 底鼓, キック,
        Kck, KICK DRUM
    """,
    "snare": """
        Snare, Sn, Snr, SD, Caisse Claire, Caja, Rullante, Caixa, Малый, 军鼓, スネア, Snare
        Drum, SNARE
    """,
    "tom": """
        Tom, Rack Tom, Floor Tom, FlTom, Floor, Standtom, Том, 通鼓, タム, Toms, Hi Tom, Lo
        Tom
    """,
    "hi-hat": """
        Hi-Hat, HiHat, HH, Hat, Hats, Hihat, Charley, Хай-хэт, 踩镲, ハイハット, High Hat
    """,
    "ride": """
        Ride, Crash, China, Splash, Cymbal, Becken, Platillo, Piatto, Тарелка, 吊镲,
        クラッシュ, Ride Cym
    """,
    "overhead": """
        Overhead, OH, OHs, O/H, Overheads, Оверхед, オーバーヘッド, Overhd, Drum OH
    """,
    "room": """
        Room, Drum Room, Rm Mics, Rooms, Raum, Ambience, Amb, Drums Room
    """,
    "percussion": """
        Perc, Shaker, Tamb, Tambourine, Congas, Bongos, Claps, Handclaps, Cowbell,
        Cajon, Triangle, Schellenkranz, Pandereta, Percussioni, Бубен, 沙锤, タンバリン, Hand
        Claps, Woodblock
    """,
    "bass": """
        Bass, Bs, Bass Gtr, E-Bass, Basse, Bajo, Basso, Baixo, Бас, 贝斯, ベース, Kontrabass,
        Upright Bass, Synth Bass, Sub Bass, Double Bass, BassGuitar
    """,
    "acoustic guitar": """
        Acoustic Gtr, Ac Gtr, AcGtr, A.Gtr, Acoustic Guitar, Akustikgitarre, Guitare
        Acoustique, Guitarra Acustica, Chitarra Acustica, Violão, 木吉他, アコギ, Nylon Gtr,
        12 String, Mandolin, Banjo, Ukulele
    """,
    "electric guitar": """
        Elec Gtr, E Gtr, EGtr, Electric Guitar, Lead Gtr, Rhythm Gtr, Gtr, Guitar,
        E-Gitarre, Guitare Electrique, Guitarra Electrica, Chitarra Elettrica,
        Электрогитара, 电吉他, エレキギター, Dist Gtr, Gtr Clean, Solo Guitar
    """,
    "keys": """
        Piano, Pno, Keys, Rhodes, Wurli, EP, Klavier, Teclado, Clavier, Tastiera,
        Пианино, 钢琴, ピアノ, Clav, E-Piano, Grand Piano, Harpsichord
    """,
    "organ": """
        Organ, B3, Hammond, Orgel, Orgue, Organo, Орган, 管风琴, オルガン, Org
    """,
    "synth": """
        Synth, Syn Lead, Arp, Moog, Synthesizer, Sintetizador, Синт, 合成器, シンセ, Lead
        Synth, Saw Synth
    """,
    "pad": """
        Pad, Synth Pad, Warm Pad, String Pad, 铺底, パッド, Pads
    """,
    "strings": """
        Strings, Violin, Vln, Vla, Viola, Cello, Vlc, Streicher, Cordes, Cuerdas, Archi,
        Скрипка, 小提琴, ストリングス, Violins, String Section
    """,
    "brass": """
        Trumpet, Tpt, Trombone, Tbn, Horns, Brass, French Horn, Tuba, Trompete, Tromba,
        Trompeta, Труба, 小号, トランペット, Horn Section, Posaune
    """,
    "woodwind": """
        Flute, Fl, Clarinet, Oboe, Bassoon, Sax, Alto Sax, Tenor Sax, Bari Sax, Flöte,
        Flauto, Flauta, Саксофон, 长笛, サックス, Klarinette, Saxophone
    """,
    "lead vocal": """
        Lead Vox, LdVox, Lead Vocal, LV, Vox, Vocal, Main Vox, Gesang, Voix, Voz, Voce,
        Вокал, 主唱, ボーカル, Lead Voc, Ld Vocal, Leadgesang
    """,
    "backing vocal": """
        BGV, BV, Backing Vox, BVs, Back Voc, BGVs, Harmony Vox, Choir, Chor, Choeurs,
        Coros, Cori, Бэк-вокал, 和声, コーラス, Background Vocals, Gang Vox, Harmonies
    """,
    "effect return": """
        Reverb, Verb, Delay, Vox Verb, Snare Verb, Plate Reverb, Gtr Delay, Hall Reverb,
        FX Return, Rvb, Реверб, 混响, リバーブ, Dly 1/4, FX
    """,
    "click": """
        Click, Click Track, Metronome, Clic, Klick, Метроном, 节拍器, クリック, Mixdown, Ref
        Mix, Print
    """,
}
"""How each role is called; many of the words of eleven languages and of none."""

NUMBERS = ("", "", " 1", " 2", "_01", " 03", "2", "-4", " #1", " (2)", ".01")
SIDES = ("", "", "", " L", " R", "_L", " Left", ".R", " Rt", " C")
MICS = {
    "kick": (" In", " Out", " Sub", "_D112", " Beta 52"),
    "snare": (" Top", " Bot", " Btm", "_57", " Under"),
    "tom": (" 421", " Top", " Close"),
    "hi-hat": (" KM84", " Top"),
    "overhead": (" 414", " Hat Side", " XY"),
    "room": (" Far", " Mono", " R121"),
    "bass": (" DI", " Amp", " Mic", " RE20"),
    "electric guitar": (" DI", " Amp", " 57", " R121", " Cab"),
    "acoustic guitar": (" DI", " Body", " Neck", " Mic"),
    "keys": (" DI", " Hi", " Lo"),
    "lead vocal": (" U87", " SM7"),
}
TAKES = (
    "",
    "",
    "",
    " dbl",
    " Take 2",
    "_tk3",
    " comp",
    " ALT",
    " (edit)",
    " copy",
    "_bounced",
    " v2",
)
AROUND = ("{}", "{}", "{}", "{}.wav", "01_{}", "12 - {}", "{} ", "[{}]", "🔥 {}", "★{}", "_{}.aif")
CASES = (str, str, str.upper, str.lower, str.title)

PLACED = (
    ("L", "tom", ("Drums", "Toms")),
    ("Close", "snare", ("Drums", "Snare")),
    ("Top", "snare", ("SNARE",)),
    ("In", "kick", ("Kit", "Kick")),
    ("DI", "bass", ("Bass",)),
    ("Room", "room", ("Drums",)),
    ("Far", "room", ("Drums", "Rooms")),
    ("Amp", "electric guitar", ("Guitars",)),
    ("R", "electric guitar", ("Elec Gtrs",)),
    ("Mike", "acoustic guitar", ("Acoustics",)),
    ("Hi", "backing vocal", ("Vocals", "BGVs")),
    ("Anna 2", "backing vocal", ("Backing Vocals",)),
    ("Dbl", "lead vocal", ("Lead Vox",)),
    ("Left", "keys", ("Piano",)),
    ("1", "strings", ("Orchestra", "Violins")),
    ("Spot", "brass", ("Trumpets",)),
    ("Long", "effect return", ("FX", "Reverbs")),
    ("Sides", "overhead", ("Drums", "OH")),
)
"""Names that say little, in folders that say the rest."""

UNKNOWN = (
    "Audio",
    "Track",
    "Untitled",
    "Rec",
    "Spur",
    "Piste",
    "🎤",
    "???",
    "1234",
    "Mono",
    "Take",
)
"""Names that say nothing."""


def names(count: int = 300, seed: int = 5) -> Iterator[Label]:
    """That many labels, always the same for a seed; the roles take turns."""
    rng = random.Random(seed)
    roles = list(SOURCES)
    yield from (Label(*placed) for placed in PLACED)
    for turn in range(count - len(PLACED)):
        role = roles[turn % len(roles)]
        yield Label(composed(role, rng), role)


def composed(role: str, rng: random.Random) -> str:
    """One name of a role: a word, perhaps a number, a side or a microphone, a take, and a file."""
    word = rng.choice(SOURCES[role].split(",")).strip()
    middle = [rng.choice(NUMBERS), rng.choice((*MICS.get(role, ()), *SIDES))]
    rng.shuffle(middle)
    cased = rng.choice(CASES)
    return rng.choice(AROUND).format(cased(word + "".join(middle) + rng.choice(TAKES)))


def unknown(count: int = 100, seed: int = 6) -> Iterator[str]:
    """Names that say nothing about a role."""
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.choice(AROUND).format(rng.choice(UNKNOWN) + rng.choice(NUMBERS))
