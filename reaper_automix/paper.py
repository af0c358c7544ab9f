"""Mode ``paper``: the published stage 1, step by step, with its outputs.

**Source**: A Scalable Two-Stage Automatic Mixing System, AES 159 (2025), paper 10232, and the
behaviour of its reference script. Every stem is measured on the mean of its channels at its own
sample rate, with the script's meter, pYIN and PESTO, and brought to -50 LUFS by each of three
methods, its peak staying at or below -1 dBFS. What is not above -50 LUFS is "no effective audio
event": copied unchanged, and in the bounces all the same.

**Where we depart from it**: bounces have full length, stems keep their channels and bit depth,
channels that cancel each other in the mean are measured on the loudest one, all formats are read,
other sample rates are resampled for the bounces, a band that cannot be used or holds nothing gives
way to the whole spectrum, and clips shorter than 400 ms are measured too.

**Conventions**: the outputs lie in one folder per song (see :data:`VARIANTS`). A stem keeps its
container where that is lossless and can be written; else ``.wav`` is added to its name. The stems
of a project are 32-bit float and all start where the session does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from reaper_automix import media, outputs, render, stems
from reaper_automix.audio import (
    BLOCK_FRAMES,
    Samples,
    Signal,
    from_samples,
    from_start,
    gained,
    to_samples,
)
from reaper_automix.crew import Crew
from reaper_automix.errors import MediaError, NothingToBalance
from reaper_automix.features import Features
from reaper_automix.features.loudness import PUBLISHED, integrated, k_weighted
from reaper_automix.features.measure import overview
from reaper_automix.features.spectrum import PublishedShape
from reaper_automix.levels import levels_of
from reaper_automix.media import Note
from reaper_automix.outputs import Layout
from reaper_automix.progress import Progress
from reaper_automix.report import data
from reaper_automix.results import Kind, MethodLevel, Output, Report, Status, TrackResult
from reaper_automix.scene import Scene, reason_to_skip
from reaper_automix.session import Track
from reaper_automix.units import db_from_gain, gain_from_db

TARGET_LUFS = -50.0
CEILING_DBFS = -1.0
STEM_SUBTYPE = "FLOAT"
LOSSLESS = frozenset((*media.BITS, "FLOAT", "DOUBLE"))
SAME_CONTAINER = {"WAVEX": "WAV", "RF64": "WAV"}

CANCELLED = 0.1
"""Channels cancel when their mean has less than this part of their mean power: correlation -0.8."""

CHANNELS_CANCEL = "Its channels cancel each other in the mean; measured on the loudest of them."
NO_EVENT = "No effective audio event: not above −50 LUFS, copied unchanged."


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the three balances: its method and the names of its folder, stems and bounce."""

    method: str
    folder: str
    prefix: str
    bounce: str


VARIANTS = (
    Variant("p_lufs", "p_lufs", "p_lufs_", "equal_p_loudness"),
    Variant("lufs", "lufs", "lufs_", "equal_loudness"),
    Variant("centroid", "centroid", "c_lufs_", "centroid_adjustment"),
)


@dataclass(frozen=True, slots=True)
class Stem:
    """One input of the script: a file as it lies there, or a rendered track (``file`` ``None``).

    ``name`` is its file name. It carries as much of the session as rendering it takes, so that a
    worker process can.
    """

    scene: Scene
    track: Track
    name: str
    file: str | None

    def signal(self, note: Note) -> Signal:
        """What is measured: all of a file, a track from its first sound to its last."""
        if self.file is None:
            session = self.scene.session
            return render.signal(session, self.track, self.scene.time_range, note=note)
        info = media.probe(self.file)
        read = partial(media.blocks, self.file, note=note)
        return Signal(info.sample_rate_hz, info.channels, 0, info.frames, read)


def run(
    scene: Scene,
    account: Report,
    layout: Layout,
    crew: Crew,
    progress: Progress,
    *,
    whole_files: bool,
) -> Report:
    """Write the three folders, the three bounces and the results of one song.

    ``whole_files``: the tracks are files of a folder, taken as they are; else tracks of a project.
    ``account`` is the report but for what happens here.
    """
    started = time.monotonic()
    with outputs.staging(layout) as stage:
        inputs = _stems(scene, whole_files=whole_files)
        rows = _skipped(scene) | _level_all(inputs, stage, crew, progress)
        heard = {track: row for track, row in rows.items() if row.features}
        if not heard:
            raise NothingToBalance(
                f"{account.name} has no stem that can be read; "
                "see what is in it with: reaper-automix inspect."
            )
        _write_bounces(scene, account.name, heard, stage, progress)
        report = replace(
            account,
            settings=replace(account.settings, method="p_lufs", target_lufs=TARGET_LUFS),
            tracks=tuple(rows[track.id] for track in scene.session.tracks if track.id in rows),
            outputs=tuple(_outputs(account.name, layout.folder)),
            elapsed_s=time.monotonic() - started,
        )
        (stage / "results.json").write_bytes(data.to_json(report))
        (stage / "results.csv").write_bytes(data.to_csv(report))
    return report


def hear(mono: Signal) -> tuple[Features, tuple[MethodLevel, ...]]:
    """Features and level per method of one channel, as published; no levels without an event."""
    lufs = integrated(mono, PUBLISHED)
    features = replace(overview(mono), lufs=lufs, notes=())
    if lufs is None or lufs <= TARGET_LUFS:
        return features, ()
    features = _with_shape(_with_pitch(features, mono), mono)
    methods = tuple(variant.method for variant in VARIANTS)
    return features, levels_of(k_weighted(mono, PUBLISHED), features, methods, convention=PUBLISHED)


def adjustments_db(levels: Sequence[MethodLevel], peak_db: float) -> tuple[tuple[str, float], ...]:
    """Gain per method: to the target, but no further than the peak may go."""
    ceiling_db = CEILING_DBFS - peak_db
    return tuple(
        (said.method, min(TARGET_LUFS - said.lufs, ceiling_db))
        for said in levels
        if said.lufs is not None
    )


def _with_pitch(features: Features, mono: Signal) -> Features:
    from reaper_automix.features.pitch import published

    pitch = published(to_samples(mono)[0], mono.sample_rate_hz)
    return replace(
        features,
        f0_hz=pitch.f0_hz,
        pyin_hz=pitch.pyin_hz,
        pesto_hz=pitch.pesto_hz,
        notes=pitch.notes,
    )


def _with_shape(features: Features, mono: Signal) -> Features:
    shape = PublishedShape(mono.sample_rate_hz)
    for block in mono.read():
        shape.push(block)
    centroid_hz, bandwidth_hz = shape.result() or (None, None)
    return replace(features, centroid_hz=centroid_hz, bandwidth_hz=bandwidth_hz)


def _stems(scene: Scene, *, whole_files: bool) -> list[Stem]:
    """What goes in: every track that sounds on its own."""
    sounding = [track for track in scene.session.tracks if scene.sounds(track)]
    return [
        _stem(scene, track, number, whole_files=whole_files)
        for number, track in enumerate(sounding, start=1)
    ]


def _stem(scene: Scene, track: Track, number: int, *, whole_files: bool) -> Stem:
    alone = replace(scene, session=replace(scene.session, tracks=(track,)))
    source = track.items[0].takes[0].source if whole_files else None
    if source is None or source.file is None:
        return Stem(alone, track, f"{number:03d} {stems.file_name(track.name)}.wav", None)
    return Stem(alone, track, Path(source.file).name, source.file)


def _level_all(
    inputs: Sequence[Stem], stage: Path, crew: Crew, progress: Progress
) -> dict[str, TrackResult]:
    """Measure every stem and write its three versions; one row each."""
    seconds = {stem.track.id: sum(item.length_s for item in stem.track.items) for stem in inputs}
    total, done = sum(seconds.values()), 0.0
    rows: dict[str, TrackResult] = {}
    progress("Measuring", 0.0, total)
    for (stem, _), row in crew.map(_level, [(stem, stage) for stem in inputs]):
        rows[stem.track.id] = row
        done += seconds[stem.track.id]
        progress("Measuring", done, total, stem.name)
    return rows


def _level(task: tuple[Stem, Path]) -> TrackResult:
    """Measure one stem and write its three versions; runs in a worker process."""
    stem, stage = task
    notes: list[str] = []
    try:
        signal = stem.signal(notes.append)
        samples = to_samples(signal)
    except MediaError as error:
        return _row(stem, "skipped", why=(str(error),))
    features, levels = hear(from_samples(_mono(samples, notes), signal.sample_rate_hz))
    gains = adjustments_db(levels, features.peak_db)
    kept = from_samples(samples, signal.sample_rate_hz, signal.start_frame)
    notes += _write_versions(stem, kept, dict(gains), stage)
    row = _row(stem, "moved" if levels else "skipped", why=() if levels else (NO_EVENT,))
    return replace(
        row,
        fader_after=gain_from_db(gains[0][1]) if gains else 1.0,
        level=levels[0] if levels else None,
        other_levels=levels[1:],
        features=features,
        adjustments_db=gains,
        notes=(*notes, *features.notes, *(said.note for said in levels if said.note)),
        channels=signal.channels,
    )


def _mono(samples: Samples, notes: list[str]) -> Samples:
    """The mean of all channels, or the loudest of them where they would cancel."""
    mean: Samples = samples.mean(axis=0, keepdims=True)
    powers = np.einsum("cf,cf->c", samples, samples)
    if np.vdot(mean, mean) >= CANCELLED * powers.mean():
        return mean
    notes.append(CHANNELS_CANCEL)
    return samples[[int(powers.argmax())]]


def _row(stem: Stem, status: Status, why: tuple[str, ...]) -> TrackResult:
    kind: Kind = "file" if stem.file else "track"
    return TrackResult(stem.track.id, stem.name, kind, status, why=why, file=stem.file or "")


def _skipped(scene: Scene) -> dict[str, TrackResult]:
    """Rows of the tracks that have items but do not sound."""
    silent = (track for track in scene.session.tracks if track.items and not scene.sounds(track))
    return {
        track.id: TrackResult(
            track.id, track.name, "track", "skipped", why=(reason_to_skip(scene, track) or "",)
        )
        for track in silent
    }


def _write_versions(
    stem: Stem, signal: Signal, gains_db: Mapping[str, float], stage: Path
) -> Iterator[str]:
    """The three versions of a stem; yields a sentence for each one that had to be clipped."""
    peak_db = db_from_gain(float(np.abs(to_samples(signal)).max(initial=0.0)))
    for variant in VARIANTS:
        folder = stage / variant.folder
        folder.mkdir(parents=True, exist_ok=True)
        if stem.file and not gains_db:
            shutil.copyfile(stem.file, folder / f"{variant.prefix}{stem.name}")
            continue
        name, subtype = _stored_as(stem)
        gain_db = gains_db.get(variant.method, 0.0)
        placed = gained(from_start(signal), gain_from_db(gain_db))
        media.write(folder / f"{variant.prefix}{name}", placed, subtype=subtype)
        if peak_db + gain_db > 0.0 and subtype in media.BITS:
            yield (
                f"{variant.prefix}{name} is clipped by {peak_db + gain_db:.1f} dB: a channel is "
                "louder than the mean of all, which the published method levels."
            )


def _stored_as(stem: Stem) -> tuple[str, str]:
    """File name and subtype of a levelled stem."""
    if stem.file is None:
        return stem.name, STEM_SUBTYPE
    info = media.probe(stem.file)
    container = SAME_CONTAINER.get(info.format, info.format)
    named = media.CONTAINERS.get(Path(stem.name).suffix.lower(), "WAV")
    name = stem.name if named == container and info.subtype in LOSSLESS else f"{stem.name}.wav"
    return name, media.subtype_for(info, Path(name))


def _write_bounces(
    scene: Scene, song: str, rows: Mapping[str, TrackResult], stage: Path, progress: Progress
) -> None:
    """The three sums, clipped at full scale."""
    signals = {track: signal for track, signal in scene.desk().signals.items() if track in rows}
    for done, variant in enumerate(VARIANTS):
        target = stage / f"{song}_{variant.bounce}.wav"
        progress("Bouncing", float(done), float(len(VARIANTS)), target.name)
        gains = {
            track: gain_from_db(dict(rows[track].adjustments_db).get(variant.method, 0.0))
            for track in signals
        }
        media.write(target, _sum(signals, gains, scene.session.sample_rate_hz), subtype="PCM_24")


def _sum(signals: Mapping[str, Signal], gains: Mapping[str, float], sample_rate_hz: int) -> Signal:
    """All signals with their gains, in stereo, from the session's start to the end of the last."""
    frames = max(signal.start_frame + signal.frames for signal in signals.values())

    def read() -> Iterator[Samples]:
        readers = {track: from_start(signal).read() for track, signal in signals.items()}
        for first in range(0, frames, BLOCK_FRAMES):
            total = np.zeros((2, min(BLOCK_FRAMES, frames - first)), np.float32)
            for track, reader in readers.items():
                for block in islice(reader, 1):
                    total[:, : block.shape[1]] += np.float32(gains[track]) * _stereo(block)
            yield np.clip(total, -1.0, 1.0)

    return Signal(sample_rate_hz, 2, 0, frames, read)


def _stereo(block: Samples) -> Samples:
    """Two channels as they are; the mean of any other number on both sides."""
    mean: Samples = block.mean(axis=0, keepdims=True)
    return block if block.shape[0] == 2 else mean


def _outputs(song: str, folder: Path) -> Iterator[Output]:
    """What is written, by the paths it has in the end."""
    for variant in VARIANTS:
        yield Output("stems", str(folder / variant.folder))
        yield Output("bounce", str(folder / f"{song}_{variant.bounce}.wav"))
    yield Output("results", str(folder / "results.json"))
    yield Output("results", str(folder / "results.csv"))
