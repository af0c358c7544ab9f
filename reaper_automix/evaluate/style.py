"""Protocol 5: how near a match brings a mix to a reference, in passages that it did not hear.

Mixes are songs at their authors' balance, every part a stem in the centre. References are such
mixes of *other* songs, as they are or processed (:data:`PROCESSES`). Mix and reference are cut into
windows end to end; the match hears every other one, and is scored on those between. What is scored
is rendered by the offline console with nothing but the settings that came out.

**Halves**: songs in turn by name, told apart so that one sees how much hangs on which they are. The
constants of the search were chosen with all of them in sight.

**Conventions**: a distance is the loss of :mod:`reaper_automix.match.search.terms`, both at -16
LUFS. *Reachable* is the distance without the terms that only pans can change, for matches that
keep them.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reaper_automix.audio import Samples
from reaper_automix.bench.findings import Findings, Row, Table
from reaper_automix.errors import InputError
from reaper_automix.evaluate import songs
from reaper_automix.evaluate.outcome import Outcome, Strip
from reaper_automix.evaluate.songs import Song
from reaper_automix.features.loudness import Meter
from reaper_automix.match import hearing, passages
from reaper_automix.match.console import offline
from reaper_automix.match.console.strips import (
    Band,
    Compressor,
    Console,
    Master,
    neutral_channel,
    neutral_master,
)
from reaper_automix.match.console.strips import Strip as ChannelStrip
from reaper_automix.match.console.table import BANDS, SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.search import optimise, portrait, terms
from reaper_automix.match.search.portrait import Portrait
from reaper_automix.match.search.priors import Wishes
from reaper_automix.match.search.terms import OF_WIDTH, Distances
from reaper_automix.mix import Player
from reaper_automix.scene import set_scene
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db

REFERENCES = 2
"""References of each song."""

MOST_S = 60.0
"""What is heard of a song at most."""

SHORTEST_S = 0.75
WINDOWS = 8
"""A song is cut into so many windows, but for those that would be too short or too long."""

FALLS = 0.6

LEVEL_LUFS = -16.0

Process = Callable[[Samples], Samples]


def _tilted(by_db: float) -> Process:
    """A spectrum that rises by so many dB per octave."""

    def process(sound: Samples) -> Samples:
        spectra = np.fft.rfft(sound)
        hertz = np.maximum(np.fft.rfftfreq(sound.shape[1], 1.0 / SAMPLE_RATE_HZ), 30.0)
        gains = 10.0 ** (by_db * np.log2(hertz / 1000.0) / 20.0)
        return np.fft.irfft(spectra * gains, sound.shape[1]).astype(np.float32)

    return process


def _widened(by: float) -> Process:
    """So many times the side."""

    def process(sound: Samples) -> Samples:
        mid, side = (sound[0] + sound[1]) / 2.0, by * (sound[0] - sound[1]) / 2.0
        return np.stack([mid + side, mid - side])

    return process


def _compressed(sound: Samples) -> Samples:
    """A bus compressor, 4:1."""
    squeeze = Compressor(threshold_db=-20.0, ratio=4.0, attack_ms=30.0, knee_db=6.0, makeup_db=0.0)
    master = neutral_master()
    strip = replace(master.strip, compressor=squeeze)
    return _mastered(_level(sound), replace(master, strip=strip))


PROCESSES: Mapping[str, Process] = {
    "as it is": lambda sound: sound,
    "1.5 dB/oct brighter": _tilted(1.5),
    "1.5 dB/oct darker": _tilted(-1.5),
    "compressed": _compressed,
    "wider": _widened(1.6),
    "narrower": _widened(0.5),
}
"""What is done to a reference, in turn."""

WAYS: Mapping[str, Wishes] = {
    "pans kept": Wishes(keep_pan=True),
    "pans moved": Wishes(keep_pan=False),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """A song's parts at their author's balance, ``[stems, 2, frames]`` at 44.1 kHz."""

    name: str
    stems: Samples

    @property
    def mix(self) -> Samples:
        """All of them."""
        found: Samples = self.stems.sum(axis=0)
        return found


@dataclass(frozen=True, slots=True)
class Pair:
    """A mix on its way to a reference, in what it heard and did not; the largest moves made.

    ``share_db`` is by what the share of a stem fell most, zero or less.
    """

    song: str
    reference: str
    process: str
    is_first_half: bool
    seen: tuple[Distances, Distances]
    unseen: tuple[Distances, Distances]
    gain_db: float
    share_db: float

    def fall(self, names: frozenset[str]) -> float:
        """By which part the distance fell in what was not heard, of these terms."""
        before, after = (_loss(one, names) for one in self.unseen)
        return 1.0 - after / before if before else 0.0


ALL_TERMS = frozenset(term.name for term in terms.TERMS)
REACHABLE = ALL_TERMS - OF_WIDTH
SCORED: Mapping[str, frozenset[str]] = {"pans kept": REACHABLE, "pans moved": ALL_TERMS}
"""The terms that count for each of :data:`WAYS`."""


AXIS = "distance to the reference in passages that were not heard"


def run(data: Path) -> Outcome:
    """Match every song of a folder of data to others."""
    found = tuple(parts(song) for song in songs.read(data))
    if len(found) < 2:
        raise InputError(f"{data} has one song only, and a match takes another one as reference.")
    by_way = {way: tuple(pairs(found, wishes)) for way, wishes in WAYS.items()}
    recovered, alone = max(map(recovered_db, found)), max(map(left_alone_db, found))
    rows = [row for way, of in by_way.items() for row in _rows(way, of)]
    rows += [
        Row(
            "match: known strip, furthest third octave of any song", f"{recovered:.2f} dB", "≤ 1 dB"
        ),
        Row("match: the mix itself, largest move", f"{alone:.2f} dB", "≤ 0.5 dB"),
    ]
    strips = tuple(
        Strip(f"{way}, {state}", tuple(_loss(one.unseen[when], SCORED[way]) for one in of))
        for way, of in by_way.items()
        for when, state in enumerate(("before", "after"))
    )
    tables = tuple(
        table for way, of in by_way.items() for table in (_by_term(way, of), _by_pair(way, of))
    )
    numbers = {f"style.{way}": _median_fall(of, SCORED[way]) for way, of in by_way.items()}
    numbers |= {"style.recovered": recovered, "style.left_alone": alone}
    return Outcome(Findings(tuple(rows), numbers, tables), strips, AXIS)


def parts(song: Song) -> Parts:
    """The parts of a song that sound."""
    scene = set_scene(song.session, Settings())
    desk = scene.desk()
    ids = [one for one in song.author_db if one in desk.signals]
    rate_hz = song.session.sample_rate_hz
    span = Player(desk, ids).span
    span = (span[0], min(span[1], span[0] + round(MOST_S * rate_hz)))
    sound = np.concatenate(list(hearing.played(scene, ids, desk, span)), axis=2)
    gains = np.array([gain_from_db(song.author_db[one]) for one in ids], np.float32)
    return Parts(song.name, hearing.resampled(sound * gains[:, None, None], rate_hz))


def pairs(found: Sequence[Parts], wishes: Wishes) -> Iterator[Pair]:
    """Every song with its references; which they are follows from its place alone."""
    names = list(PROCESSES)
    for number, song in enumerate(found):
        for turn in range(min(REFERENCES, len(found) - 1)):
            process = names[(REFERENCES * number + turn) % len(names)]
            other = other_of(found, number, turn)
            yield matched(song, other, process, wishes, is_first_half=number % 2 == 0)


def other_of(found: Sequence[Parts], number: int, turn: int) -> Parts:
    """Another song, one for each turn."""
    others = len(found) - 1
    return found[(number + 1 + (turn * max(1, others // 2) + number) % others) % len(found)]


def matched(
    song: Parts, other: Parts, process: str, wishes: Wishes, *, is_first_half: bool
) -> Pair:
    """One song, matched to another one that is processed."""
    heard, unheard = halves(song.stems)
    aim, aim_unheard = halves(PROCESSES[process](other.mix))
    found = towards(heard, aim, wishes)
    goal = _portrait(aim_unheard)
    before = _portrait([window.sum(axis=0) for window in unheard])
    after = _portrait([offline.mix(window, found.console, SAMPLE_RATE_HZ) for window in unheard])
    goal = terms.aim(goal, before)
    return Pair(
        song.name,
        other.name,
        process,
        is_first_half,
        (found.before, found.after),
        (terms.distances(before, goal), terms.distances(after, goal)),
        max(abs(move.gain_db) for move in found.moves),
        min(move.share_db for move in found.moves),
    )


def towards(
    heard: Sequence[Samples], aim: Sequence[Samples], wishes: Wishes, *, is_beside: bool = False
) -> optimise.Found:
    """The match of windows of stems to windows of a reference."""
    channels = [neutral_channel()] * heard[0].shape[0]
    reference = Reference("reference", tuple(aim), is_beside=is_beside)
    passages = [Passage(0.0, window) for window in heard]
    return optimise.towards(passages, channels, reference, wishes)


def recovered_db(song: Parts) -> float:
    """How far a mix stays from itself through a strip that it does not know.

    By the third octave that is furthest off, of what was not heard.
    """
    curve = [Band(gain, row.range_hz[2], 0.7) for gain, row in zip(KNOWN_DB, BANDS, strict=True)]
    master = neutral_master()
    known = replace(master, strip=replace(master.strip, bands=tuple(curve)))
    heard, unheard = halves(song.stems)
    aim = [_mastered(window.sum(axis=0), known) for window in heard]
    found = towards(heard, aim, Wishes(), is_beside=True)
    goal = _portrait([_mastered(window.sum(axis=0), known) for window in unheard])
    after = _portrait([offline.mix(window, found.console, SAMPLE_RATE_HZ) for window in unheard])
    heard_thirds = terms.audible(goal)
    return float(np.abs(after.thirds_db - goal.thirds_db)[heard_thirds].max())


KNOWN_DB = (3.0, -2.0, 2.5, 0.0, 0.0, -3.0)
"""The bands of that strip."""


def left_alone_db(song: Parts) -> float:
    """The largest move of a match to the very mix, of a fader or a band."""
    heard, _ = halves(song.stems)
    found = towards(heard, [window.sum(axis=0) for window in heard], Wishes(), is_beside=True)
    bands = [band.gain_db for strip in _strips(found.console) for band in strip.bands]
    return max(abs(db) for db in (*bands, *(move.gain_db for move in found.moves)))


def _strips(settings: Console) -> Iterator[ChannelStrip]:
    """All strips of a console."""
    yield from (channel.strip for channel in settings.channels)
    yield settings.master.strip


def halves(sound: Samples) -> tuple[list[Samples], list[Samples]]:
    """Windows ``[..., frames]`` of a sound in turn: those that are heard, and the others."""
    frames = sound.shape[-1]
    shortest = round(SHORTEST_S * SAMPLE_RATE_HZ)
    length = int(np.clip(frames // WINDOWS, shortest, passages.FRAMES))
    cut = [sound[..., at : at + length] for at in range(0, frames - length + 1, length)]
    return cut[0::2][: passages.MOST], cut[1::2][: passages.MOST]


def _portrait(windows: Sequence[Samples]) -> Portrait:
    return portrait.portrait([one for one in map(portrait.stretch, windows) if one is not None])


def _mastered(sound: Samples, master: Master) -> Samples:
    """A mix behind a master."""
    return offline.in_time(offline.master_stream(master, SAMPLE_RATE_HZ), sound)


def _level(sound: Samples) -> Samples:
    meter = Meter(SAMPLE_RATE_HZ, 2)
    meter.push(sound)
    lufs = meter.lufs()
    return sound if lufs is None else sound * np.float32(gain_from_db(LEVEL_LUFS - lufs))


def _loss(of: Distances, names: frozenset[str]) -> float:
    return sum(one.loss for one in of.terms if one.term.name in names)


def _median_fall(of: Sequence[Pair], names: frozenset[str]) -> float:
    """By which part the median distance falls."""
    before, after = (
        statistics.median(_loss(pair.unseen[when], names) for pair in of) for when in (0, 1)
    )
    return 1.0 - after / before


def _rows(way: str, of: Sequence[Pair]) -> Iterator[Row]:
    names = SCORED[way]
    halves = [[pair for pair in of if pair.is_first_half is first] for first in (True, False)]
    falls = ", ".join(f"{100.0 * _median_fall(half, names):.0f} %" for half in halves if half)
    without = " (without what only pans change)" if names != ALL_TERMS else ""
    yield Row(
        f"match, {way}: median distance{without} falls by",
        f"{100.0 * _median_fall(of, names):.0f} % (halves {falls})",
        f"≥ {100.0 * FALLS:.0f} %",
    )
    each = statistics.median(pair.fall(names) for pair in of)
    yield Row(f"match, {way}: median of each pair's fall", f"{100.0 * each:.0f} %")
    thirds = [statistics.median(pair.unseen[when].thirds_db for pair in of) for when in (0, 1)]
    yield Row(f"match, {way}: third octaves off by (median)", "{:.1f} → {:.1f} dB".format(*thirds))
    risen = [title for title, rises in _rises(of).items() if rises]
    yield Row(
        f"match, {way}: terms whose median rises by more than 10 %",
        ", ".join(risen) or "none",
        "none",
    )
    worst = min(of, key=lambda pair: pair.fall(names))
    yield Row(
        f"match, {way}: the worst pair",
        f"{100.0 * worst.fall(names):.0f} % ({worst.song} to {worst.reference}, {worst.process})",
    )
    moved = f"{max(pair.gain_db for pair in of):.1f} dB, {min(pair.share_db for pair in of):.1f} dB"
    yield Row(f"match, {way}: largest move, largest share lost", moved, "≤ 6 dB")


def _losses(of: Sequence[Pair], number: int) -> list[tuple[float, float]]:
    """A term of every pair in what was not heard, before and after."""
    return [(one.unseen[0].terms[number].loss, one.unseen[1].terms[number].loss) for one in of]


def _medians(of: Sequence[Pair], number: int) -> tuple[float, float]:
    """The median loss of a term in what was not heard, before and after."""
    before, after = zip(*_losses(of, number), strict=True)
    return statistics.median(before), statistics.median(after)


def _rises(of: Sequence[Pair]) -> dict[str, bool]:
    """Which terms rise in the median, by more than a part of the whole distance."""
    medians = np.array([_medians(of, number) for number in range(len(terms.TERMS))])
    rises = medians[:, 1] > terms.bounds(medians[:, 0])
    return {term.label: bool(risen) for term, risen in zip(terms.TERMS, rises, strict=True)}


def _by_term(way: str, of: Sequence[Pair]) -> Table:
    """The median of every term, heard and not."""
    rows = []
    for number, term in enumerate(terms.TERMS):
        heard = [
            statistics.median(pair.seen[when].terms[number].loss for pair in of) for when in (0, 1)
        ]
        rises = [after - before for before, after in _losses(of, number)]
        medians = (*heard, *_medians(of, number))
        rows.append((term.label, *(f"{loss:.4f}" for loss in medians), f"{max(rises):+.4f}"))
    states = ("heard, before", "after", "not heard, before", "after")
    return Table((f"match, {way}: term", *states, "worst rise of a pair"), tuple(rows))


def _by_pair(way: str, of: Sequence[Pair]) -> Table:
    rows = tuple(
        (
            pair.song,
            f"{pair.reference}, {pair.process}",
            f"{pair.unseen[0].loss:.3f} → {pair.unseen[1].loss:.3f}",
            f"{100.0 * pair.fall(SCORED[way]):.0f} %",
            f"{pair.unseen[0].thirds_db:.1f} → {pair.unseen[1].thirds_db:.1f}",
            f"{pair.gain_db:.1f}, {pair.share_db:.1f}",
        )
        for pair in of
    )
    head = ("reference", "distance", "falls by", "third octaves, dB", "move, share, dB")
    return Table((f"match, {way}: song", *head), rows)
