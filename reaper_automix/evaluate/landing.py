"""Protocol 4: whether levels land where the account says, measured anew from what was written.

A balance is written into a project in a folder of its own, and that is read again. Every source is
then heard behind its fader and every group's sum is played, with nothing remembered: no level, no
pitch and no sum. A folder stands for what is in it (:mod:`reaper_automix.submix`): heard is the
loudness of its sum, and what its method takes off that is taken as it was. The account is the one
that is made without playing sums.

**Conventions**: a source's level is that of the method of the settings. What is *off* is measured
minus predicted, in dB; a predicted true peak is estimated so that the measured one stays below.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reaper_automix import engine, memory, mix, submix
from reaper_automix.adapters import project
from reaper_automix.audio import gained
from reaper_automix.bench.findings import Findings, Row, Table
from reaper_automix.crew import Crew
from reaper_automix.engine import Balanced
from reaper_automix.evaluate import songs
from reaper_automix.evaluate.authors import furthest_db
from reaper_automix.evaluate.outcome import Outcome
from reaper_automix.evaluate.songs import Song
from reaper_automix.features import louder
from reaper_automix.mix import Desk
from reaper_automix.results import GroupResult, SumLevel, TrackResult
from reaper_automix.scene import set_scene
from reaper_automix.session import Session
from reaper_automix.settings import USUAL, Settings

LIMIT_DB, AGAIN_DB = 0.2, 0.1


@dataclass(frozen=True, slots=True)
class Landed:
    """A source or a sum and how far its level is off, a sum's true peak ``peak_off_db``."""

    name: str
    off_db: float
    peak_off_db: float = -math.inf


@dataclass(frozen=True, slots=True)
class Written:
    """A balance that was written: its sources, its sums, and the largest move of a second run."""

    song: str
    sources: tuple[Landed, ...]
    sums: tuple[Landed, ...]
    again_db: float


def run(data: Path) -> Outcome:
    """Balance, write, read and measure every song of a folder of data."""
    with Crew(1) as crew:
        found = [land(song, Settings(**USUAL), crew) for song in songs.read(data)]
    sources = [(landed, of) for of in found for landed in of.sources]
    sums = [(landed, of) for of in found for landed in of.sums]
    again = max(found, key=lambda of: of.again_db)
    over_db = max(landed.peak_off_db for landed, _ in sums)
    rows = (
        _row("levels of sources", sources),
        _row("loudness of sums", sums),
        Row("re-measured: true peak above its estimate", f"{over_db:+.2f} dB", "≤ 0 dB"),
        Row(
            "re-measured: second run on what was written moves",
            f"{again.again_db:.3f} dB ({again.song})",
            f"≤ {AGAIN_DB} dB",
        ),
    )
    numbers = {
        "landing.sources": max(abs(landed.off_db) for landed, _ in sources),
        "landing.sums": max(abs(landed.off_db) for landed, _ in sums),
        "landing.again": again.again_db,
    }
    return Outcome(Findings(rows, numbers, (_table(found),)))


def land(song: Song, settings: Settings, crew: Crew) -> Written:
    """One song balanced, written, read, measured anew, and balanced once more."""
    known = memory.opened()
    balanced = engine.run(song.session, settings, crew, memory=known)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / song.path.name
        project.write_balance(song.path, target, balanced.gains, balanced.stored)
        session = project.read(target)
        again = engine.run(session, settings, crew, memory=known)
        desk = set_scene(session, settings).desk()
        return Written(
            song.name,
            tuple(_sources(balanced, session, desk)),
            tuple(_sums(balanced, desk)),
            furthest_db(balanced.gains, again.gains),
        )


def _sources(balanced: Balanced, session: Session, desk: Desk) -> Iterator[Landed]:
    """Every source that has a level, heard behind the fader that was written."""
    for row in balanced.tracks:
        predicted = row.after_lufs
        if predicted is not None and math.isfinite(predicted):
            measured = _level_lufs(balanced, desk, session, row)
            yield Landed(row.name, math.inf if measured is None else measured - predicted)


def _level_lufs(balanced: Balanced, desk: Desk, session: Session, row: TrackResult) -> float | None:
    """A source's level behind its fader.

    It is heard as loud as it was at the fader's input, and the difference taken off again: near
    BS.1770's absolute gate a level does not follow a gain.
    """
    from reaper_automix.features.measure import listen

    totals, settings = balanced.totals, balanced.totals.scene.settings
    as_before = session.track(row.id).fader_gain / row.fader_after
    behind = gained(mix.tap(desk, row.id, {}), as_before)
    measurement, _ = listen(behind, pitch=settings.pitch)
    if not submix.is_one(totals.scene, row.id):
        return louder(measurement.heard(settings.method).level.lufs, row.fader_after_db)
    shares = totals.powers(row.id).shares(balanced.gains)
    scale_db = submix.scale(shares, totals.tracks.measurements, settings.method)
    return louder(measurement.heard("lufs").level.lufs, scale_db + row.fader_after_db)


def _sums(balanced: Balanced, desk: Desk) -> Iterator[Landed]:
    """Every sum of the account, played at the faders that were written."""
    groups = {group.id: group for group in balanced.groups}
    (played,) = mix.listen(desk, tuple(groups), ({},))
    for node, group in groups.items():
        if group.after.lufs is not None:
            yield _landed(group, group.after.lufs, played[node])


def _landed(group: GroupResult, predicted_lufs: float, played: SumLevel) -> Landed:
    off_db = math.inf if played.lufs is None else played.lufs - predicted_lufs
    return Landed(group.name, off_db, played.true_peak_db - group.after.true_peak_db)


def _row(what: str, landed: Sequence[tuple[Landed, Written]]) -> Row:
    worst, of = max(landed, key=lambda one: abs(one[0].off_db))
    found = f"{abs(worst.off_db):.3f} dB ({of.song}, {worst.name}; {len(landed)} measured)"
    return Row(f"re-measured: {what} off by", found, f"≤ {LIMIT_DB} dB")


def _table(found: Sequence[Written]) -> Table:
    return Table(
        (
            *("re-measured after a default balance", "sources", "furthest, dB"),
            *("sums", "furthest, dB", "true peak against its estimate, dB"),
        ),
        tuple((of.song, *_cells(of)) for of in found),
        "The project as it was written and read again; everything measured anew.",
    )


def _cells(of: Written) -> Iterator[str]:
    for kind in (of.sources, of.sums):
        yield str(len(kind))
        yield f"{max((abs(one.off_db) for one in kind), default=0.0):.3f}"
    yield f"{max((one.peak_off_db for one in of.sums), default=0.0):+.2f}"
