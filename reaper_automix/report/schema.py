"""The one schema of ``results.json`` and ``results.csv``, for every mode.

:class:`Results` is it; each field says what it holds, and :func:`json_schema` gives the same as
JSON Schema. The CSV has the rows of ``tracks``, nested objects flattened with a dot
(``bandpass.lowstop``), so that it equals ``pandas.json_normalize(results["tracks"])``.

**Conventions**: ``null`` (an empty cell) means unknown, not measured or not a finite number; a
fader all the way down is gain 0 and ``null`` dB. Rows carry the key names of the published script
(AES 2025, its ``results.json``) wherever a quantity has one there; ``CREPE`` is always ``null``,
because the script runs without it. The version is raised whenever a reader of the old form would
misread the new; a new key alone does not raise it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

from reaper_automix import results
from reaper_automix.match.outcome import Matched
from reaper_automix.results import Output
from reaper_automix.settings import Settings

NoEvent = Literal["No effective audio event"]
"""What the published script says of a file that is too quiet to be measured."""


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


@dataclass(frozen=True, slots=True)
class BandRow:
    """A pass band under its published names; ``null`` for a filter that is left out."""

    lowstop: Annotated[float | None, _says("Edge of the high-pass, Hz.")] = None
    highstop: Annotated[float | None, _says("Edge of the low-pass, Hz.")] = None


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track, folder or file."""

    name: Annotated[str, _says("Name as the project has it.")]
    id: Annotated[str, _says("REAPER GUID; never an index or a name.")]
    parent: Annotated[str | None, _says("Id of the folder it lies in, null at the top.")]
    depth: Annotated[int, _says("Folders above it.")]
    kind: Annotated[results.Kind, _says("What it is.")]
    status: Annotated[results.Status, _says("What happened to its fader; skipped: took no part.")]
    limited: Annotated[bool, _says("Moved, but not all the way.")]
    role: Annotated[str | None, _says("Role given to it (kick, lead vocal …).")]
    offset_db: Annotated[float, _says("Asked for above the average of its group, dB.")]
    aim: Annotated[str, _says("The same and by what role, as a sentence.")]
    object: Annotated[str | None, _says("What it records together with other tracks.")]
    together: Annotated[str, _says("With what tracks it is one source, and by what that is known.")]
    method: Annotated[str | None, _says("Method of level_lufs.")]
    level_lufs: Annotated[float | None, _says("Level that was balanced, LUFS at the fader input.")]
    band: Annotated[BandRow, _says("Pass band of level_lufs.")]
    before_lufs: Annotated[float | None, _says("Where it landed: level plus fader as found.")]
    after_lufs: Annotated[float | None, _says("Where it lands: level plus fader as written.")]
    fader_before: Annotated[float | None, _says("Fader as found, linear gain.")]
    fader_after: Annotated[float | None, _says("Fader as written, linear gain.")]
    fader_before_db: Annotated[float | None, _says("Fader as found, dB.")]
    fader_after_db: Annotated[float | None, _says("Fader as written, dB.")]
    gain_db: Annotated[float | None, _says("The move, dB.")]
    hand_db: Annotated[float, _says("Moved by hand since it was balanced, which is kept, dB.")]
    pitch_confidence: Annotated[float | None, _says("How far F0 can be believed, 0 to 1.")]
    true_peak_db: Annotated[float | None, _says("True peak at the fader input, dBTP.")]
    duration_s: Annotated[float | None, _says("Length measured, s.")]
    active_s: Annotated[float | None, _says("Time that is not silence, s.")]
    items: Annotated[int | None, _says("Items on the track.")]
    channels: Annotated[int | None, _says("Channels.")]
    orig_lufs_narrowband: Annotated[float | None, _says("Level in the pitch band, LUFS.")]
    orig_lufs_fullband: Annotated[float | None, _says("Integrated loudness, LUFS.")]
    orig_lufs_centroid: Annotated[float | None, _says("Level in the centroid band, LUFS.")]
    peak: Annotated[float | None, _says("Sample peak, dBFS.")]
    adjustment_narrowband: Annotated[float | None, _says("Gain by the pitch band's level, dB.")]
    adjustment_fullband: Annotated[float | None, _says("Gain by integrated loudness, dB.")]
    adjustment_centroid: Annotated[float | None, _says("Gain by the centroid band's level, dB.")]
    F0: Annotated[float | None, _says("Fundamental frequency, Hz.")]
    CREPE: Annotated[None, _says("Always null.")]
    PYIN: Annotated[float | None, _says("What pYIN heard, Hz.")]
    PESTO: Annotated[float | None, _says("What PESTO heard, Hz.")]
    bandpass: Annotated[BandRow, _says("Pitch band, 2 F0 to 4 F0.")]
    bandpass_c: Annotated[BandRow, _says("Centroid band, centroid plus and minus half bandwidth.")]
    spectral_centroid: Annotated[float | None, _says("Spectral centroid, Hz.")]
    spectral_bandwidth: Annotated[float | None, _says("Spectral bandwidth, Hz.")]
    result: Annotated[NoEvent | None, _says("Set when it is too quiet to measure.")]
    why: Annotated[tuple[str, ...], _says("Why it was limited, kept or skipped: sentences.")]
    notes: Annotated[tuple[str, ...], _says("What could not be measured faithfully: sentences.")]
    file: Annotated[str, _says("The file, where a row is one.")]


@dataclass(frozen=True, slots=True)
class SumRow:
    """A sum of tracks."""

    lufs: Annotated[float | None, _says("Integrated loudness, LUFS; null below the gate.")]
    true_peak_db: Annotated[float | None, _says("True peak, dBTP; null for silence.")]
    predicted: Annotated[
        bool, _says("Not played: lufs holds within 0.2 dB, true_peak_db is an upper bound.")
    ]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One folder or bus, or the whole mix (``id`` null, first)."""

    id: Annotated[str | None, _says("Id of the folder or bus; null for the whole mix.")]
    name: Annotated[str, _says("Its name.")]
    track_ids: Annotated[tuple[str, ...], _says("What was balanced beside each other in it.")]
    target_lufs: Annotated[float | None, _says("Level its tracks were brought to, LUFS.")]
    shift_db: Annotated[float, _says("How far it went down as a whole for range or headroom, dB.")]
    before: Annotated[SumRow, _says("Its sum with the faders as found.")]
    after: Annotated[SumRow, _says("Its sum with the faders as written.")]
    why: Annotated[tuple[str, ...], _says("Why it was shifted: sentences.")]


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """Tracks that record one source; or sources that have the same notes (kind ``double``)."""

    name: Annotated[str, _says("What it is called here.")]
    kind: Annotated[str, _says("kit, amp, piano, pair, copies, microphones or double.")]
    track_ids: Annotated[tuple[str, ...], _says("Its tracks.")]
    evidence: Annotated[tuple[str, ...], _says("By what each of them is known: sentences.")]
    confidence: Annotated[float, _says("How far the weakest of that can be believed, 0 to 1.")]
    warnings: Annotated[tuple[str, ...], _says("What is odd about its polarity: sentences.")]


@dataclass(frozen=True, slots=True)
class Results:
    """``results.json``: what one run found and did."""

    format: Annotated[Literal["reaper-automix results"], _says("Always the same.")]
    schema_version: Annotated[int, _says("Version of this form.")]
    version: Annotated[str, _says("Version of reaper-automix.")]
    mode: Annotated[results.Mode, _says("What was asked for.")]
    name: Annotated[str, _says("Name of the project or folder.")]
    place: Annotated[str, _says("Where it lies.")]
    created: Annotated[str, _says("Local time of the run, ISO 8601; empty when not noted.")]
    elapsed_s: Annotated[float, _says("How long the run took, s.")]
    sample_rate_hz: Annotated[int, _says("Sample rate of the sums.")]
    settings: Annotated[Settings, _says("Settings used.")]
    groups: Annotated[tuple[GroupRow, ...], _says("The whole mix, then folders and buses.")]
    tracks: Annotated[tuple[TrackRow, ...], _says("All tracks in project order.")]
    objects: Annotated[tuple[ObjectRow, ...], _says("Tracks that record one source.")]
    doubles: Annotated[tuple[ObjectRow, ...], _says("Sets with the same notes, each by itself.")]
    match: Annotated[Matched | None, _says("The match to a reference, where there was one.")]
    outputs: Annotated[tuple[Output, ...], _says("What was written.")]
    notes: Annotated[tuple[str, ...], _says("What concerns the run as a whole: sentences.")]


def json_schema() -> dict[str, Any]:
    """JSON Schema of ``results.json``."""
    return msgspec.json.schema(Results)


def columns(row: type = TrackRow) -> Iterator[tuple[str, str]]:
    """The columns of ``results.csv`` and what each holds."""
    for key, kind in get_type_hints(row, include_extras=True).items():
        inner: type = kind.__origin__
        about = kind.__metadata__[0].description
        if not is_dataclass(inner):
            yield key, about
            continue
        for name, text in columns(inner):
            yield f"{key}.{name}", f"{about} {text}"
