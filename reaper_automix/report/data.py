"""A report as ``results.json`` and ``results.csv``, in the form that :mod:`.schema` documents."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from reaper_automix.match.console.sliders import SLIDERS
from reaper_automix.match.console.sliders import of as sliders_of
from reaper_automix.match.outcome import Matched
from reaper_automix.match.placing.stored import bus_sliders
from reaper_automix.objects import Object, Objects
from reaper_automix.report import schema
from reaper_automix.report.figures import whole
from reaper_automix.report.schema import (
    BandRow,
    GroupRow,
    NoEvent,
    ObjectRow,
    Results,
    SumRow,
    TrackRow,
)
from reaper_automix.results import GroupResult, MethodLevel, Report, SumLevel, TrackResult

STEM_COLUMNS = (
    *("name", "id", "status", "fader_before_db", "fader_after_db", "pan_before", "pan_after"),
)
"""What ``match.csv`` has before the sliders of a strip."""

NO_EVENT: NoEvent = "No effective audio event"

NOTHING = MethodLevel("", None)
"""What a method says that was not asked."""

QUIET_LUFS = -50.0
"""At or below this the published script measures nothing."""

FORMULA_SIGNS = frozenset("=+-@\t\r\n")
"""First characters that make a spreadsheet run a cell (OWASP, CSV injection)."""


def from_report(report: Report) -> Results:
    """The report in the form that is written."""
    return Results(
        format="reaper-automix results",
        schema_version=report.schema_version,
        version=report.version,
        mode=report.mode,
        name=report.name,
        place=report.place,
        created=report.created,
        elapsed_s=report.elapsed_s,
        sample_rate_hz=report.sample_rate_hz,
        settings=report.settings,
        groups=tuple(_group_row(group) for group in report.groups),
        tracks=tuple(_track_row(track, report.objects) for track in report.tracks),
        objects=tuple(map(_object_row, report.objects.found)),
        doubles=tuple(map(_object_row, report.objects.doubles)),
        match=report.match,
        outputs=report.outputs,
        notes=report.notes,
    )


def to_json(report: Report) -> bytes:
    """``results.json``: strict JSON in UTF-8, two-space indent, keys in the order declared."""
    document = _strict(msgspec.to_builtins(from_report(report)))
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def to_csv(report: Report) -> bytes:
    """``results.csv``: one row per track.

    RFC 4180 in UTF-8 with a byte order mark, without which Excel takes it for the local code
    page. Text that a spreadsheet would run as a formula is written behind an apostrophe;
    ``results.json`` has it as it is.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column for column, _ in schema.columns())
    for track in from_report(report).tracks:
        writer.writerow(_cell(value) for value in _flat(msgspec.to_builtins(track)))
    return text.getvalue().encode("utf-8-sig")


def match_csv(match: Matched) -> bytes:
    """``match.csv``: one row per stem and one for the master, all sliders of their strips.

    The form is that of :func:`to_csv`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*STEM_COLUMNS, *(slider.name for slider in SLIDERS)))
    for stem in match.stems:
        faders = (stem.before.fader_db, stem.after.fader_db, stem.before.pan, stem.after.pan)
        head = (stem.name, stem.id, stem.status, *faders)
        writer.writerow(map(_cell, (*map(_strict, head), *sliders_of(stem.after.strip))))
    master = ("Master", None, "matched", None, None, None, None)
    writer.writerow(map(_cell, (*master, *bus_sliders(match.bus))))
    return text.getvalue().encode("utf-8-sig")


def _group_row(group: GroupResult) -> GroupRow:
    return GroupRow(
        group.id,
        group.name,
        group.track_ids,
        group.target_lufs,
        group.shift_db,
        _sum_row(group.before),
        _sum_row(group.after),
        group.why,
    )


def _sum_row(level: SumLevel) -> SumRow:
    return SumRow(level.lufs, level.true_peak_db, level.predicted)


def _object_row(found: Object) -> ObjectRow:
    return ObjectRow(
        found.name,
        found.kind,
        found.track_ids,
        tuple(member.evidence for member in found.members),
        found.confidence,
        found.warnings,
    )


def _track_row(track: TrackResult, objects: Objects) -> TrackRow:
    found = objects.of(track.id)
    return TrackRow(
        name=track.name,
        id=track.id,
        parent=track.parent_id,
        depth=track.depth,
        kind=track.kind,
        status=track.status,
        limited=track.limited,
        role=track.role,
        offset_db=track.offset_db,
        aim=track.aim,
        object=found.name if found else None,
        together=track.together,
        fader_before=track.fader_before,
        fader_after=track.fader_after,
        fader_before_db=track.fader_before_db,
        fader_after_db=track.fader_after_db,
        gain_db=track.gain_db,
        hand_db=track.hand_db,
        items=track.items,
        channels=track.channels,
        CREPE=None,
        result=NO_EVENT if _too_quiet(track) else None,
        why=track.why,
        notes=track.notes,
        file=track.file,
        **_levels(track),
        **_adjustments(track),
        **_features(track),
    )


def _levels(track: TrackResult) -> dict[str, Any]:
    """What each method said; the published names belong to the script's three methods."""
    balanced = track.level or NOTHING
    said = {level.method: level for level in (*track.other_levels, balanced)}
    pitch, centroid = said.get("p_lufs", NOTHING), said.get("centroid", NOTHING)
    narrow = pitch if pitch is not NOTHING else said.get("auto", NOTHING)
    return {
        "method": balanced.method or None,
        "level_lufs": balanced.lufs,
        "band": _band_row(balanced),
        "before_lufs": track.before_lufs,
        "after_lufs": track.after_lufs,
        "orig_lufs_narrowband": pitch.lufs if narrow is pitch else narrow.narrowband_lufs,
        "orig_lufs_centroid": centroid.lufs,
        "bandpass": _band_row(narrow),
        "bandpass_c": _band_row(centroid),
    }


def _band_row(said: MethodLevel) -> BandRow:
    return BandRow(said.band.low_hz, said.band.high_hz) if said.band else BandRow()


_ADJUSTMENTS = {
    "p_lufs": "adjustment_narrowband",
    "lufs": "adjustment_fullband",
    "centroid": "adjustment_centroid",
}
"""Published names of the gains, by method."""


def _adjustments(track: TrackResult) -> dict[str, Any]:
    """Gains per method as given; in a balance the one of the method that moved the fader."""
    gains: dict[str, float] = dict(track.adjustments_db)
    if not gains and track.level and track.status == "moved":
        gains = {track.level.method: track.gain_db}
    return {key: gains.get(method) for method, key in _ADJUSTMENTS.items()}


_FEATURES = {
    "pitch_confidence": "pitch_confidence",
    "true_peak_db": "true_peak_db",
    "duration_s": "duration_s",
    "active_s": "active_s",
    "orig_lufs_fullband": "lufs",
    "peak": "peak_db",
    "F0": "f0_hz",
    "PYIN": "pyin_hz",
    "PESTO": "pesto_hz",
    "spectral_centroid": "centroid_hz",
    "spectral_bandwidth": "bandwidth_hz",
}
"""Field of :class:`~reaper_automix.features.Features` by key of the row."""


def _features(track: TrackResult) -> dict[str, Any]:
    return {key: getattr(track.features, field, None) for key, field in _FEATURES.items()}


def _too_quiet(track: TrackResult) -> bool:
    """Skipped because there was nothing to hear, not for any other reason."""
    if track.status != "skipped" or track.features is None:
        return False
    return track.features.lufs is None or track.features.lufs <= QUIET_LUFS


def _strict(value: object) -> object:
    """The same without what strict JSON cannot say: NaN, infinity, broken UTF-8."""
    if isinstance(value, dict):
        return {key: _strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(inner) for inner in value]
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _flat(row: dict[str, object]) -> Iterator[object]:
    for value in row.values():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield _strict(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, int):
        return str(value)
    return _harmless(" ".join(value) if isinstance(value, list) else str(value))


def _harmless(text: str) -> str:
    """Text that no spreadsheet runs; a full-width sign counts as the plain one."""
    first = unicodedata.normalize("NFKC", text.lstrip(" ")[:1])
    return f"'{text}" if first in FORMULA_SIGNS else text
