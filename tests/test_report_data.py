"""results.json and results.csv: one schema, strict JSON, spreadsheets that cannot be tricked."""

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import results
from reaper_automix.errors import OutputError
from reaper_automix.features import Band, Features
from reaper_automix.report import data, schema, write
from reaper_automix.results import GroupResult, MethodLevel, SumLevel, TrackResult
from sample_report import inspect_report, paper_report, predicted_report, sample_report

REPORTS = {"balance": sample_report, "paper": paper_report, "inspect": inspect_report}
PUBLISHED = {
    "orig_lufs_narrowband",
    "orig_lufs_fullband",
    "peak",
    "adjustment_narrowband",
    "adjustment_fullband",
    "adjustment_centroid",
    "F0",
    "CREPE",
    "PYIN",
    "PESTO",
    "bandpass",
    "bandpass_c",
    "spectral_centroid",
    "spectral_bandwidth",
    "result",
}


def refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


def as_json(report):
    return json.loads(data.to_json(report), parse_constant=refuse)


def as_csv(report):
    return list(csv.DictReader(io.StringIO(data.to_csv(report).decode("utf-8-sig"), newline="")))


def with_track(track):
    return replace(sample_report(), tracks=(track,))


def named(name):
    return with_track(TrackResult("{1}", name, "track", "kept"))


def flat(row, prefix=""):
    """The row as pandas.json_normalize has it."""
    for key, value in row.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@pytest.mark.parametrize("mode", REPORTS)
def test_results_are_what_the_schema_says(mode):
    read = msgspec.json.decode(data.to_json(REPORTS[mode]()), type=schema.Results)
    assert read.mode == mode
    assert read.schema_version == results.SCHEMA_VERSION


@pytest.mark.parametrize("mode", REPORTS)
def test_every_key_is_documented_and_every_mode_has_them_all(mode):
    document = as_json(REPORTS[mode]())
    described = schema.json_schema()["$defs"]
    assert list(document) == list(described["Results"]["properties"])
    for row in document["tracks"]:
        assert list(row) == list(described["TrackRow"]["properties"])
    for name in ("Results", "TrackRow", "GroupRow", "SumRow", "BandRow"):
        assert all(about["description"] for about in described[name]["properties"].values())


@pytest.mark.parametrize("mode", REPORTS)
def test_published_key_names_are_there(mode):
    for row in as_json(REPORTS[mode]())["tracks"]:
        assert row.keys() >= PUBLISHED
        assert row["bandpass"].keys() == row["bandpass_c"].keys() == {"lowstop", "highstop"}
        assert row["CREPE"] is None


@pytest.mark.parametrize("mode", REPORTS)
def test_csv_is_the_flattened_json(mode):
    rows, cells = as_json(REPORTS[mode]())["tracks"], as_csv(REPORTS[mode]())
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        expected = dict(flat(row))
        assert list(cell) == list(expected) == [name for name, _ in schema.columns()]
        for key, value in expected.items():
            if isinstance(value, float):
                assert float(cell[key]) == pytest.approx(value, rel=1e-6)
            elif value is None:
                assert cell[key] == ""


def test_paper_rows_hold_the_published_quantities():
    track = next(track for track in paper_report().tracks if track.name == "Vox lead.wav")
    row = as_json(with_track(track))["tracks"][0]
    gains = dict(track.adjustments_db)
    expected = {
        "orig_lufs_narrowband": track.level.lufs,
        "orig_lufs_fullband": track.features.lufs,
        "peak": track.features.peak_db,
        "adjustment_narrowband": gains["p_lufs"],
        "adjustment_fullband": gains["lufs"],
        "adjustment_centroid": gains["centroid"],
        "F0": track.features.f0_hz,
        "PYIN": track.features.pyin_hz,
        "PESTO": track.features.pesto_hz,
        "bandpass": {"lowstop": 440.0, "highstop": 880.0},
        "spectral_centroid": track.features.centroid_hz,
        "spectral_bandwidth": track.features.bandwidth_hz,
        "result": None,
    }
    assert {key: row[key] for key in expected} == expected


def test_a_file_too_quiet_says_what_the_published_script_says():
    quiet = [row for row in as_json(paper_report())["tracks"] if row["status"] == "skipped"]
    assert quiet
    assert {row["result"] for row in quiet} == {"No effective audio event"}


def test_a_track_skipped_for_another_reason_is_not_called_quiet():
    skipped = [row for row in as_json(sample_report())["tracks"] if row["status"] == "skipped"]
    assert skipped
    assert {row["result"] for row in skipped} == {None}


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("p_lufs", "adjustment_narrowband"),
        ("lufs", "adjustment_fullband"),
        ("centroid", "adjustment_centroid"),
    ],
)
def test_the_move_of_a_balance_stands_under_its_methods_published_name(method, key):
    level = MethodLevel(method, -20.0, Band(200.0, 400.0))
    track = TrackResult("{1}", "Bass", "track", "moved", fader_after=0.5, level=level)
    row = as_json(with_track(track))["tracks"][0]
    others = {"adjustment_narrowband", "adjustment_fullband", "adjustment_centroid"} - {key}
    assert row[key] == row["gain_db"] == pytest.approx(-6.02, abs=0.01)
    assert all(row[other] is None for other in others)


def test_a_move_on_the_sliding_level_is_no_published_gain():
    row = next(row for row in as_json(sample_report())["tracks"] if row["status"] == "moved")
    assert row["method"] == "auto"
    assert row["gain_db"] is not None
    assert row["adjustment_narrowband"] is None


def test_what_is_not_finite_is_null_and_the_gain_still_tells():
    track = TrackResult("{1}", "Shut", "track", "moved", fader_before=0.0, fader_after=1.0)
    group = GroupResult(None, "Mix", (), SumLevel(None, -math.inf), SumLevel(math.nan, math.inf))
    document = as_json(replace(with_track(track), groups=(group,)))
    row, summed = document["tracks"][0], document["groups"][0]
    assert (row["fader_before"], row["fader_before_db"], row["gain_db"]) == (0.0, None, None)
    silence = {"lufs": None, "true_peak_db": None, "predicted": False}
    assert summed["before"] == summed["after"] == silence


def test_a_sum_says_whether_it_was_played():
    for group in as_json(predicted_report())["groups"]:
        assert group["before"]["predicted"] == (group["id"] is not None)
        assert group["after"]["predicted"]


def test_silence_has_no_level_but_is_written():
    heard = Features(2.0, 0.0, -math.inf, -math.inf, None)
    row = as_json(with_track(TrackResult("{1}", "Nil", "track", "skipped", features=heard)))
    assert row["tracks"][0]["peak"] is None
    assert row["tracks"][0]["result"] == "No effective audio event"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "－"])
def test_no_name_runs_as_a_formula(start):
    name = f"{start}cmd|' /C calc'!A0"
    assert as_csv(named(name))[0]["name"] == f"'{name}"
    assert as_json(named(name))["tracks"][0]["name"] == name


def test_numbers_are_not_taken_for_formulas():
    cells = as_csv(sample_report())[1]
    assert float(cells["level_lufs"]) < 0.0


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_any_name_comes_back(name):
    assert as_json(named(name))["tracks"][0]["name"] == name
    assert as_csv(named(name))[0]["name"] in (name, f"'{name}")


def test_a_name_that_is_no_text_can_be_written():
    assert as_json(named("caf\udce9"))["tracks"][0]["name"] == "caf?"
    assert as_csv(named("caf\udce9"))[0]["name"] == "caf?"


def test_excel_takes_the_csv_for_utf8():
    assert data.to_csv(named("ギター")).startswith(b"\xef\xbb\xbfname,")


def test_write_names_what_it_wrote(tmp_path):
    written = write(sample_report(), tmp_path / "new" / "folder")
    names = [(output.kind, Path(output.path).name) for output in written]
    assert names == [
        ("report", "report.html"),
        ("results", "results.json"),
        ("results", "results.csv"),
    ]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(
        name for _, name in names
    )


def test_write_repeats_byte_for_byte(tmp_path):
    write(sample_report(), tmp_path / "a")
    write(sample_report(), tmp_path / "b")
    for first in (tmp_path / "a").iterdir():
        assert first.read_bytes() == (tmp_path / "b" / first.name).read_bytes()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot be written to .*taken.*--out"):
        write(sample_report(), tmp_path / "taken" / "deeper")


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    write(sample_report(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write(paper_report(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
