"""Protocol 2: how near a balance comes to the author's own, whatever the levels of the sources.

Source: songs rendered part by part at a known balance (:mod:`.songs`), their sources turned by up
to 12 dB either way by chance, in :data:`DRAWS` draws. They are balanced as a user's would be.

**Conventions**: a part stands at its source's turn plus all faders on its way to the mix. A balance
is scored by the RMSE in dB to the author's, both freed of their mean over the parts. *Invariance*
is how far the balances of two draws are apart beyond one common gain, *again* how far a fader moves
when what was balanced is balanced once more, each at the track that is furthest off. Ranks are
Spearman's: of the moves that the draw asks for, and of the levels in LUFS that come out.

**Split**: nothing was fitted to these songs; profile ``roles`` comes from MixologyDB alone. Method
``auto`` was designed with some of these songs in sight.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reaper_automix import engine, memory
from reaper_automix.bench.findings import Findings, Row, Table
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.evaluate import songs
from reaper_automix.evaluate.outcome import Outcome, Strip
from reaper_automix.evaluate.songs import Gains, Song
from reaper_automix.memory import Memory
from reaper_automix.results import Heard
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain

Levels = NDArray[np.float64]

DRAWS = 2

FEWEST_PARTS = 4
"""Songs of fewer parts are shown, but count for no median: two parts have no order."""

LIMIT_DB = 0.1
"""What invariance and a second run may be off by."""

SAME_LEVEL_DB = 0.05
"""Levels this near to each other have no order."""

EXACT = Settings(profile="equal", strength=1.0, dead_band_db=0.0, objects="off")
"""Microphones of one source are balanced each by itself, because each was turned by itself."""
ROLES = replace(EXACT, profile="roles")

UNTOUCHED, AS_SHIPPED = "faders untouched", "roles at its strength"

EQUAL: Mapping[str, Settings] = {
    "equal, p_lufs": replace(EXACT, method="p_lufs"),
    "equal, lufs": replace(EXACT, method="lufs"),
    "equal, centroid": replace(EXACT, method="centroid"),
    "equal, auto": EXACT,
}
"""Equal loudness by the three published methods and by ours; invariance is promised of these."""


def methods() -> dict[str, Settings]:
    """The settings of everything that is compared; those of :data:`UNTOUCHED` move nothing."""
    return {
        UNTOUCHED: replace(EXACT, strength=0.0),
        **EQUAL,
        AS_SHIPPED: replace(ROLES, strength=None),
        "roles at full strength": ROLES,
    }


@dataclass(frozen=True, slots=True)
class Mixed:
    """A song balanced once: in dB how its sources were turned, and what faders do to them since.

    ``faders_db`` has what can be heard, ``balanced`` what is no mere noise floor; ``again_db`` is
    the largest move of a second run.
    """

    drawn_db: Gains
    faders_db: Gains
    balanced: frozenset[str]
    again_db: float

    def placed(self, tracks: Sequence[str]) -> Levels:
        """Where some tracks stand, against their files."""
        moved: Levels = np.array([self.faders_db[track] for track in tracks])
        return self.drawn(tracks) + moved

    def drawn(self, tracks: Sequence[str]) -> Levels:
        """How their sources were turned."""
        return np.array([self.drawn_db[track] for track in tracks])


@dataclass(frozen=True, slots=True)
class Score:
    """A method on one song; ranks are ``None`` where there is no order."""

    song: str
    parts: int
    rmse_db: float
    moves_rank: float | None
    levels_rank: float | None
    apart_db: float
    again_db: float


Scores = Mapping[str, Sequence[Score]]
"""The scores of every method, song by song."""


def run(data: Path) -> Outcome:
    """Score every method on the songs of a folder of data."""
    with Crew(1) as crew:
        by_song = [score(song, crew) for song in songs.read(data)]
    scores = {title: [found[title] for found in by_song] for title in methods()}
    counting = {
        title: tuple(one for one in of if one.parts >= FEWEST_PARTS) for title, of in scores.items()
    }
    strips = tuple(
        Strip(title, tuple(one.rmse_db for one in of)) for title, of in counting.items() if of
    )
    numbers = {f"authors.{strip.title}": statistics.median(strip.values) for strip in strips}
    rows = (*_medians(strips), *_laws(scores))
    tables = (_by_song(scores), _by_method(counting))
    return Outcome(Findings(rows, numbers, tables), strips, "RMSE to the author's balance, dB")


def score(song: Song, crew: Crew) -> dict[str, Score]:
    """Every method's score on one song."""
    draws, known = [song.draw(number) for number in range(DRAWS)], memory.opened()
    raw_lufs = _raw_lufs(engine.run(song.session, EXACT, crew, memory=known))
    return {
        title: _score(song, [_mixed(song, drawn, how, crew, known) for drawn in draws], raw_lufs)
        for title, how in methods().items()
    }


def _raw_lufs(balanced: Balanced) -> dict[str, float]:
    """How loud every source is, whatever its fader."""
    found = ((row.id, row.features.lufs) for row in balanced.tracks if row.features)
    return {track: lufs for track, lufs in found if lufs is not None}


def _mixed(song: Song, drawn: Gains, settings: Settings, crew: Crew, known: Memory) -> Mixed:
    """A song with its sources turned, balanced, and balanced once more."""
    session = song.turned(drawn)
    first = engine.run(session, settings, crew, memory=known)
    second = engine.run(after(session, first), settings, crew, memory=known)
    heard = {
        row.id: Heard(row.features, row.level)
        for row in first.tracks
        if row.kind == "track" and row.features and row.level
    }
    routing = first.totals.scene.routing
    return Mixed(
        drawn,
        {track: songs.faders_db(routing, first.gains, track) for track in heard},
        frozenset(track for track, found in heard.items() if not found.is_empty),
        furthest_db(first.gains, second.gains),
    )


def after(session: Session, balanced: Balanced) -> Session:
    """The session as it stands after a balance was written into it."""
    tracks = tuple(replace(one, fader_gain=balanced.gains[one.id]) for one in session.tracks)
    return replace(session, tracks=tracks, stored=balanced.stored)


def furthest_db(before: Gains, now: Gains) -> float:
    """The largest move from some faders (linear) to others.

    >>> furthest_db({"a": 1.0, "b": 0.0}, {"a": 10.0, "b": 0.0})
    20.0
    """
    moved = ((before[track], gain) for track, gain in now.items() if gain != before[track])
    return max((abs(db_from_gain(new) - db_from_gain(old)) for old, new in moved), default=0.0)


def _score(song: Song, mixed: Sequence[Mixed], raw_lufs: Gains) -> Score:
    parts = [
        track
        for track in song.author_db
        if track in raw_lufs and all(track in one.faders_db for one in mixed)
    ]
    author = np.array([song.author_db[track] for track in parts])
    raw = np.array([raw_lufs[track] for track in parts])
    return Score(
        song.name,
        len(parts),
        statistics.fmean(float(np.std(one.placed(parts) - author)) for one in mixed),
        _mean(
            rank(one.placed(parts) - one.drawn(parts), author - one.drawn(parts)) for one in mixed
        ),
        _mean(rank(raw + one.placed(parts), raw + author) for one in mixed),
        _apart_db(mixed),
        max(one.again_db for one in mixed),
    )


def _apart_db(mixed: Sequence[Mixed]) -> float:
    """How far the draws are apart; what is balanced in one of them counts in all."""
    tracks = sorted(frozenset().union(*(one.balanced for one in mixed)))
    first, *others = (one.placed(tracks) for one in mixed)
    return max(apart_db(first, other) for other in others)


def apart_db(one: Levels, other: Levels) -> float:
    """How far two balances are apart beyond one common gain, at the furthest track.

    >>> apart_db(np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 8.0]))
    0.0
    """
    between = one - other
    return float(np.max(np.abs(between - between.mean())))


def rank(said: Levels, wanted: Levels) -> float | None:
    """Spearman's rank correlation; ``None`` where either has no order.

    >>> rank(np.array([1.0, 2.0, 9.0]), np.array([0.0, 3.0, 4.0]))
    1.0
    """
    from scipy.stats import spearmanr

    if min(np.ptp(said), np.ptp(wanted)) < SAME_LEVEL_DB:
        return None
    return round(float(spearmanr(said, wanted).statistic), 6)


def _mean(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _medians(strips: Sequence[Strip]) -> Iterator[Row]:
    for strip in strips:
        yield Row(f"authors' balances: {strip.title}", f"{statistics.median(strip.values):.2f} dB")


def _laws(scores: Scores) -> Iterator[Row]:
    """What is promised of every song, at the worst of them, and what is not."""
    of_equal = [one for title in EQUAL for one in scores[title]]
    of_all = [one for of in scores.values() for one in of]
    asked = f"≤ {LIMIT_DB} dB"
    yield Row("gain invariance: equal at strength 1", _worst("apart_db", of_equal), asked)
    yield Row(f"gain invariance: {AS_SHIPPED}", _worst("apart_db", scores[AS_SHIPPED]), "reported")
    yield Row("second run moves: all of these", _worst("again_db", of_all), asked)


def _worst(field: str, of: Sequence[Score]) -> str:
    worst = max(of, key=lambda one: float(getattr(one, field)))
    return f"{getattr(worst, field):.3f} dB ({worst.song})"


def _by_song(scores: Scores) -> Table:
    songs_of = zip(*scores.values(), strict=True)
    return Table(
        ("RMSE to the author's balance, dB", "parts", *scores),
        tuple(
            (of[0].song, str(of[0].parts), *(f"{one.rmse_db:.1f}" for one in of)) for of in songs_of
        ),
        f"Sources turned by up to {songs.SPREAD_DB:g} dB either way, mean of {DRAWS} draws; what "
        "is untouched is as far off as these. Songs of fewer than "
        f"{FEWEST_PARTS} parts count for no median.",
    )


def _by_method(scores: Scores) -> Table:
    return Table(
        (
            *("median over songs", "RMSE, dB", "rank of moves", "rank of levels"),
            *("invariance at worst, dB", "again at worst, dB"),
        ),
        tuple((title, *_cells(of)) for title, of in scores.items() if of),
        "Ranks are Spearman's; what is equally loud has no order but what one method hears and "
        "LUFS do not.",
    )


def _cells(of: Sequence[Score]) -> Iterator[str]:
    yield f"{statistics.median(one.rmse_db for one in of):.2f}"
    for ranks in ([one.moves_rank for one in of], [one.levels_rank for one in of]):
        known = [value for value in ranks if value is not None]
        yield f"{statistics.median(known):+.2f}" if known else "–"
    yield f"{max(one.apart_db for one in of):.3f}"
    yield f"{max(one.again_db for one in of):.3f}"
