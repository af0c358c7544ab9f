"""Protocol 3: how equally loud the tracks of a stem are to the ear, before and after a balance.

Source: loudness level of stationary sound by ISO 532-1 (:mod:`.phons`), which none of the methods
uses; an equal balance should bring the tracks of a stem nearer together.

**Conventions**: a stem is a folder, or the whole song where tracks lie in none; those of one track
are left out. Every track is heard alone, over its own densest :data:`EXCERPT_S` seconds without the
silence around them, the same under all balances. The stem's sum stands at -23 LUFS each time, and
that is taken as 75 dB SPL. Spread is the standard deviation over the tracks, in phon.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reaper_automix import engine, memory
from reaper_automix.audio import Samples, Signal, to_samples
from reaper_automix.bench.findings import Findings, Row, Table
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.evaluate import phons, songs
from reaper_automix.evaluate.authors import EQUAL
from reaper_automix.evaluate.outcome import Outcome, Strip
from reaper_automix.evaluate.songs import Gains, Song
from reaper_automix.features.loudness import ABSOLUTE_GATE_POWER, Meter, hop_frames
from reaper_automix.mix import Node
from reaper_automix.results import Heard, TrackResult
from reaper_automix.routing import home_gain
from reaper_automix.settings import USUAL, Settings
from reaper_automix.units import db_from_gain, gain_from_db

Phons = NDArray[np.float64]
"""Loudness levels in phon, one per track."""

EXCERPT_S = 10.0

SPL_DB, AT_LUFS = 75.0, -23.0
"""How loud a stem is played: the sound pressure level that its sum's loudness is taken as."""

GATE = 0.1
"""Share of the mean power below which there is silence around an excerpt (10 dB, as in BS.1770)."""

CREDIBLE = 0.5
"""Pitch confidence from which on a track counts as pitched (method.md, section 2)."""

BEFORE, DEFAULT, AUTHOR = "before", "default", "the author's"

METHODS: Mapping[str, Settings] = {
    **{title: EQUAL[title] for title in ("equal, p_lufs", "equal, lufs", "equal, centroid")},
    DEFAULT: Settings(**USUAL),
}
TITLES = (BEFORE, *METHODS, AUTHOR)


@dataclass(frozen=True, slots=True)
class Stem:
    """One stem: the loudness levels of its tracks under every balance, in phon.

    ``pitched`` says which of the tracks are; the author's balance is not known of every stem.
    """

    name: str
    phons: Mapping[str, Phons]
    pitched: NDArray[np.bool_]

    def spread(self, title: str) -> float | None:
        """Standard deviation under one balance; ``None`` where that is not known."""
        return float(np.std(self.phons[title])) if title in self.phons else None

    def spread_pitched(self, title: str) -> float | None:
        """The same of the pitched tracks; ``None`` where there are not two."""
        if title not in self.phons or self.pitched.sum() < 2:
            return None
        return float(np.std(self.phons[title][self.pitched]))


def run(data: Path) -> Outcome:
    """The spread inside every stem of the songs of a folder of data."""
    if not phons.is_installed():
        return Outcome(Findings((Row("loudness inside a stem (ISO 532-1)", phons.HOW_TO_GET),)))
    with Crew(1) as crew:
        stems = [stem for song in songs.read(data) for stem in of_song(song, crew)]
    strips = tuple(_strips(stems))
    numbers = {f"spread.{strip.title}": statistics.median(strip.values) for strip in strips}
    rows = tuple(
        Row(f"loudness inside a stem, SD: {strip.title}", f"{median:.2f} phon")
        for strip, median in zip(strips, numbers.values(), strict=True)
    )
    return Outcome(Findings(rows, numbers, (_table(stems),)), strips, "SD inside a stem, phon")


def of_song(song: Song, crew: Crew) -> Iterator[Stem]:
    """The stems of one song."""
    known = memory.opened()
    balances = {
        title: engine.run(song.session, settings, crew, memory=known)
        for title, settings in METHODS.items()
    }
    one = balances[DEFAULT]
    faders = {BEFORE: one.found, **{title: found.gains for title, found in balances.items()}}
    sources = dict(_sources(one))
    for group in one.groups:
        inside = {track: sources[track] for track in group.track_ids if track in sources}
        if len(inside) > 1:
            states = {**faders, **_author(song, one, inside)}
            name = song.name if group.id is None else f"{song.name}: {group.name}"
            yield Stem(name, _phons(one, group.id, inside, states), _pitched(inside))


@dataclass(frozen=True, slots=True)
class Source:
    """A track by itself: its third octaves as they reach its stem at an open fader, its pitch."""

    bands_db: phons.Bands
    pitch_confidence: float


def _sources(balanced: Balanced) -> Iterator[tuple[str, Source]]:
    """Every track that has something to balance."""
    scene = balanced.totals.scene
    signals = scene.desk().signals
    for row in balanced.tracks:
        if _is_source(row) and row.features:
            signal, track = signals[row.id], scene.session.track(row.id)
            way_db = db_from_gain(home_gain(scene.session, track, scene.routing))
            bands_db = phons.bands_db(excerpt(signal), signal.sample_rate_hz)
            yield row.id, Source(bands_db + way_db, row.features.pitch_confidence)


def _is_source(row: TrackResult) -> bool:
    if row.kind != "track" or row.features is None or row.level is None or not row.fader_before:
        return False
    return not Heard(row.features, row.level).is_empty


def excerpt(signal: Signal) -> Samples:
    """The densest :data:`EXCERPT_S` of a signal, without the silence around them."""
    samples, hop = to_samples(signal), hop_frames(signal.sample_rate_hz)
    meter = Meter(signal.sample_rate_hz, signal.channels)
    meter.push(samples)
    powers = meter.block_powers()
    if not (powers > ABSOLUTE_GATE_POWER).any():
        return samples[:, : round(EXCERPT_S * signal.sample_rate_hz)]
    length = min(len(powers), round(EXCERPT_S * signal.sample_rate_hz) // hop)
    energies = np.convolve(powers, np.ones(length), "valid")
    first = int(np.argmax(energies))
    within = powers[first : first + length]
    sounding = np.flatnonzero(within > GATE * within[within > ABSOLUTE_GATE_POWER].mean())
    return samples[:, (first + sounding[0]) * hop : (first + sounding[-1] + 1) * hop]


def _author(song: Song, balanced: Balanced, tracks: Iterable[str]) -> dict[str, Gains]:
    """The author's faders, where they are known of all tracks of a stem."""
    if not all(track in song.author_db for track in tracks):
        return {}
    known = {track: gain_from_db(fader) for track, fader in song.author_db.items()}
    return {AUTHOR: {**balanced.found, **known}}


def _phons(
    balanced: Balanced, stem: Node, sources: Mapping[str, Source], faders: Mapping[str, Gains]
) -> dict[str, Phons]:
    """The loudness levels of a stem's tracks under some faders, its sum as loud under all."""
    sums = zip(faders, balanced.totals.play((stem,), tuple(faders.values())), strict=True)
    lufs = {title: levels[stem].lufs for title, levels in sums}
    raised_db = {title: SPL_DB - level for title, level in lufs.items() if level is not None}
    heard = [
        phons.phons(
            source.bands_db[:, None]
            + [db_from_gain(faders[title][track]) + by_db for title, by_db in raised_db.items()]
        )
        for track, source in sources.items()
    ]
    return dict(zip(raised_db, np.array(heard).T, strict=True))


def _pitched(sources: Mapping[str, Source]) -> NDArray[np.bool_]:
    return np.array([source.pitch_confidence > CREDIBLE for source in sources.values()])


def _strips(stems: Sequence[Stem]) -> Iterator[Strip]:
    """One line of the picture per balance: the stems whose spread under it is known."""
    for title in TITLES:
        known = [spread for stem in stems if (spread := stem.spread(title)) is not None]
        if known:
            yield Strip(title, tuple(known))


def _table(stems: Sequence[Stem]) -> Table:
    spreads = [[stem.spread(title) for title in TITLES] for stem in stems]
    pitched = [[stem.spread_pitched(title) for title in TITLES] for stem in stems]
    rows = [
        (stem.name, str(len(stem.pitched)), *map(_shown, spread))
        for stem, spread in zip(stems, spreads, strict=True)
    ]
    return Table(
        ("SD inside a stem, phon", "tracks", *TITLES),
        (
            *rows,
            ("median", "", *_medians(spreads)),
            ("median, pitched tracks only", "", *_medians(pitched)),
        ),
        f"ISO 532-1 by MoSQITo, excerpts of up to {EXCERPT_S:g} s of each track alone, the stem's "
        f"sum at {AT_LUFS:g} LUFS taken as {SPL_DB:g} dB SPL. The author's balance is known of "
        f"stems of parts only. Pitched: pitch confidence above {CREDIBLE:g}.",
    )


def _medians(spreads: Sequence[Sequence[float | None]]) -> Iterator[str]:
    for column in zip(*spreads, strict=True):
        known = [value for value in column if value is not None]
        yield f"{statistics.median(known):.2f}" if known else "–"


def _shown(spread: float | None) -> str:
    return "–" if spread is None else f"{spread:.1f}"
