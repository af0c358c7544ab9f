"""Mode ``paper``: the script's own numbers, and the tree of files it writes."""

import csv
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import librosa
import numpy as np
import pyloudnorm
import pytest
import soundfile as sf
from scipy import signal as scipy_signal

from conftest import shared_data_folder
from reaper_automix import paper
from reaper_automix.adapters import folder
from reaper_automix.audio import from_samples
from reaper_automix.crew import Crew
from reaper_automix.errors import MediaError, NothingToBalance
from reaper_automix.features.loudness import PUBLISHED, integrated
from reaper_automix.outputs import Layout
from reaper_automix.paper import adjustments_db, hear
from reaper_automix.progress import silent
from reaper_automix.results import MethodLevel, Report
from reaper_automix.scene import set_scene
from reaper_automix.session import Item, Session, Source, Take, Track
from reaper_automix.settings import Settings
from signals import RATE_HZ, harmonic, noise, tone

ORACLE = Path("oracle/paper_results.json")
ABSENT = {"oneshots/sonic-pi/loop_garzul.flac"}
"""Listed by the oracle, not among the files."""

OTHER_AUDIO = "sessions/ballad_wav24/"
"""Here the oracle was taken of other audio than the files hold, see the test of that name."""


@cache
def oracle():
    """The script's numbers per file; empty on a machine without the shared material."""
    data = shared_data_folder()
    return json.loads((data / ORACLE).read_text()) if data else {}


def oracle_files():
    comparable = (file for file in oracle() if not file.startswith(OTHER_AUDIO))
    return sorted(set(comparable) - ABSENT)


def mono(path):
    samples, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return from_samples(samples.mean(axis=1)[None], rate_hz)


@pytest.fixture
def pitch_of(monkeypatch):
    """Puts a pitch in place of the measured one."""

    def put(f0_hz, pyin_hz=None, pesto_hz=None):
        found = SimpleNamespace(f0_hz=f0_hz, pyin_hz=pyin_hz, pesto_hz=pesto_hz, notes=())
        module = ModuleType("reaper_automix.features.pitch")
        module.published = lambda samples, sample_rate_hz: found
        monkeypatch.setitem(sys.modules, "reaper_automix.features.pitch", module)

    return put


# The oracle


def test_every_file_of_the_oracle_is_compared_but_for_what_is_not_there(shared_data):
    assert {file for file in oracle() if not (shared_data / file).exists()} == ABSENT
    assert len(oracle_files()) == len(oracle()) - len(ABSENT) - 8


def test_of_the_ballad_the_oracle_was_taken_of_other_audio(shared_data):
    """librosa itself, on these files, is far from what the oracle says that librosa said."""
    for file in (file for file in oracle() if file.startswith(OTHER_AUDIO)):
        samples, rate_hz = sf.read(shared_data / file, dtype="float32")
        found_hz = librosa.feature.spectral_centroid(y=samples, sr=rate_hz).mean()
        assert abs(found_hz / oracle()[file]["spectral_centroid"] - 1.0) > 0.01


@pytest.mark.parametrize("file", oracle_files())
def test_levels_and_gains_are_the_scripts(shared_data, pitch_of, file):
    """With the script's own F0: everything but the pitch."""
    expected = oracle()[file]
    pitch_of(expected.get("F0"))
    compare(hear(mono(shared_data / file)), expected)


@pytest.mark.long
@pytest.mark.parametrize("file", oracle_files())
def test_all_numbers_are_the_scripts(shared_data, file):
    expected = oracle()[file]
    features, levels = hear(mono(shared_data / file))
    compare((features, levels), expected)
    found = {"F0": features.f0_hz, "PYIN": features.pyin_hz, "PESTO": features.pesto_hz}
    for key, found_hz in found.items():
        assert_near(found_hz, expected.get(key))


@pytest.mark.parametrize("number", range(1, 9))
def test_of_the_ballad_the_levels_are_those_of_the_scripts_own_tools(shared_data, pitch_of, number):
    """pyloudnorm, librosa and butter(1) on the files as they are now, F0 as the oracle has it."""
    (path,) = (shared_data / OTHER_AUDIO / "media").glob(f"{number:03d}_*.wav")
    f0_hz = oracle()[path.relative_to(shared_data).as_posix()]["F0"]
    samples, rate_hz = sf.read(path, dtype="float32")
    pitch_of(f0_hz)
    compare(hear(mono(path)), by_the_scripts_tools(samples, rate_hz, f0_hz))


def by_the_scripts_tools(samples, rate_hz, f0_hz):
    centroid_hz = librosa.feature.spectral_centroid(y=samples, sr=rate_hz).mean()
    bandwidth_hz = librosa.feature.spectral_bandwidth(y=samples, sr=rate_hz).mean()
    around = max(1.0, centroid_hz - bandwidth_hz / 2), min(22000.0, centroid_hz + bandwidth_hz / 2)
    full = pyloudnorm.Meter(rate_hz).integrated_loudness(samples)
    narrow = loudness_in_band(samples, rate_hz, 2 * f0_hz, 4 * f0_hz)
    centroid = loudness_in_band(samples, rate_hz, *around)
    peak = 20 * np.log10(np.abs(samples).max())
    return {
        "peak": peak,
        "spectral_centroid": centroid_hz,
        "spectral_bandwidth": bandwidth_hz,
        "orig_lufs_fullband": full,
        "orig_lufs_narrowband": narrow,
        "adjustment_narrowband": min(-50.0 - narrow, -1.0 - peak),
        "adjustment_fullband": min(-50.0 - full, -1.0 - peak),
        "adjustment_centroid": min(-50.0 - centroid, -1.0 - peak),
    } | ({} if full > -50.0 else {"result": "No effective audio event"})


def loudness_in_band(samples, rate_hz, low_hz, high_hz):
    for edge_hz, kind in ((low_hz, "highpass"), (high_hz, "lowpass")):
        samples = scipy_signal.lfilter(*scipy_signal.butter(1, edge_hz, kind, fs=rate_hz), samples)
    return pyloudnorm.Meter(rate_hz).integrated_loudness(samples)


def assert_near(found_hz, expected_hz):
    """F0 parts within 0.5 %; where the script heard none, we do not either."""
    if expected_hz is None:
        assert found_hz is None
    else:
        assert found_hz == pytest.approx(expected_hz, rel=0.005)


def compare(found, expected):
    features, levels = found
    if "result" in expected:
        assert levels == ()
        return
    said = {level.method: level for level in levels}
    gains = dict(adjustments_db(levels, features.peak_db))
    assert features.peak_db == pytest.approx(expected["peak"], abs=0.001)
    assert features.centroid_hz == pytest.approx(expected["spectral_centroid"], rel=1e-4)
    assert features.bandwidth_hz == pytest.approx(expected["spectral_bandwidth"], rel=1e-4)
    for key, found_db in {
        "orig_lufs_fullband": features.lufs,
        "orig_lufs_narrowband": said["p_lufs"].lufs,
        "adjustment_narrowband": gains["p_lufs"],
        "adjustment_fullband": gains["lufs"],
        "adjustment_centroid": gains["centroid"],
    }.items():
        assert found_db == pytest.approx(expected[key], abs=0.05), key


# Gains


def test_the_gain_reaches_the_target_but_no_further_than_the_peak_may():
    levels = (MethodLevel("p_lufs", -62.0), MethodLevel("lufs", -30.0))
    assert adjustments_db(levels, -20.0) == (("p_lufs", 12.0), ("lufs", -20.0))
    assert adjustments_db(levels, -6.0) == (("p_lufs", 5.0), ("lufs", -20.0))


def test_what_is_not_above_the_target_is_no_event(pitch_of):
    pitch_of(220.0)
    loud, soft = noise(1.0, -40.0), noise(1.0, -60.0)
    assert hear(from_samples(loud, RATE_HZ))[1] != ()
    assert hear(from_samples(soft, RATE_HZ))[1] == ()
    assert hear(from_samples(loud * 0, RATE_HZ))[1] == ()


# The tree


@pytest.fixture
def song(tmp_path):
    """Stems of several kinds: lengths, channels, bit depths, rates, containers."""
    place = tmp_path / "My Song"
    place.mkdir()
    sf.write(place / "bass.wav", harmonic(110.0, 1.0)[0], RATE_HZ, subtype="PCM_24")
    sf.write(place / "keys.flac", np.tile(harmonic(330.0, 2.0), (2, 1)).T, RATE_HZ)
    sf.write(place / "pad.wav", harmonic(220.0, 1.5, rate_hz=44100)[0], 44100, subtype="FLOAT")
    sf.write(place / "hiss.wav", noise(1.0, -70.0)[0], RATE_HZ, subtype="PCM_16")
    sf.write(place / "choir.ogg", harmonic(262.0, 1.0)[0], RATE_HZ)
    return place


def run(session, out, *, whole_files=True):
    account = Report("paper", session.name, "", Settings(), ())
    scene = set_scene(session, Settings())
    with Crew(1) as crew:
        layout = Layout(out / session.name)
        return paper.run(scene, account, layout, crew, silent, whole_files=whole_files)


def tree(place):
    files = (path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    return sorted(file for file in files if not Path(file).name.startswith("."))


def test_the_published_tree(song, tmp_path, pitch_of):
    pitch_of(110.0)
    run(folder.read(song), tmp_path / "output")
    stems = ["bass.wav", "choir.ogg.wav", "hiss.wav", "keys.flac", "pad.wav"]
    assert tree(tmp_path / "output") == sorted(
        [
            *(f"My Song/p_lufs/p_lufs_{stem}" for stem in stems),
            *(f"My Song/lufs/lufs_{stem}" for stem in stems),
            *(f"My Song/centroid/c_lufs_{stem}" for stem in stems),
            "My Song/My Song_equal_p_loudness.wav",
            "My Song/My Song_equal_loudness.wav",
            "My Song/My Song_centroid_adjustment.wav",
            "My Song/results.json",
            "My Song/results.csv",
        ]
    )


def test_stems_keep_length_channels_rate_and_depth_and_land_on_the_target(song, tmp_path, pitch_of):
    pitch_of(110.0)
    run(folder.read(song), tmp_path / "output")
    for name in ("bass.wav", "keys.flac", "pad.wav"):
        levelled = tmp_path / "output" / "My Song" / "lufs" / f"lufs_{name}"
        before, after = sf.info(song / name), sf.info(levelled)
        assert (after.frames, after.channels) == (before.frames, before.channels)
        assert (after.samplerate, after.subtype) == (before.samplerate, before.subtype)
        assert integrated(mono(levelled), PUBLISHED) == pytest.approx(-50.0, abs=0.02)


def test_what_is_no_event_is_copied_byte_for_byte(song, tmp_path, pitch_of):
    pitch_of(110.0)
    report = run(folder.read(song), tmp_path / "output")
    for version in ("p_lufs/p_lufs", "lufs/lufs", "centroid/c_lufs"):
        copy = tmp_path / "output" / "My Song" / f"{version}_hiss.wav"
        assert copy.read_bytes() == (song / "hiss.wav").read_bytes()
    row = next(track for track in report.tracks if track.name == "hiss.wav")
    assert (row.status, row.why, row.level) == ("skipped", (paper.NO_EVENT,), None)


def test_a_bounce_is_the_sum_of_its_stems_in_full_length(song, tmp_path, pitch_of):
    pitch_of(110.0)
    run(folder.read(song), tmp_path / "output")
    place = tmp_path / "output" / "My Song"
    bounce, rate_hz = sf.read(place / "My Song_equal_loudness.wav")
    assert (rate_hz, bounce.shape) == (RATE_HZ, (2 * RATE_HZ, 2))
    total = np.zeros_like(bounce)
    for stem in ("bass.wav", "choir.ogg.wav", "hiss.wav", "keys.flac"):
        samples, _ = sf.read(place / "lufs" / f"lufs_{stem}", always_2d=True)
        total[: len(samples)] += samples
    rest = bounce - total  # the pad, which had another rate
    assert np.abs(rest[round(1.52 * RATE_HZ) :]).max() < 1e-3
    pad = integrated(from_samples(rest[: round(1.5 * RATE_HZ)].T.astype(np.float32), RATE_HZ))
    assert pad == pytest.approx(-50.0 + 3.01, abs=0.2)


def test_the_results_have_the_published_keys(song, tmp_path, pitch_of):
    pitch_of(110.0, 109.0, 110.0)
    report = run(folder.read(song), tmp_path / "output")
    place = tmp_path / "output" / "My Song"
    rows = {row["name"]: row for row in json.loads((place / "results.json").read_text())["tracks"]}
    bass = rows["bass.wav"]
    assert (bass["F0"], bass["PYIN"], bass["PESTO"], bass["CREPE"]) == (110.0, 109.0, 110.0, None)
    assert bass["bandpass"] == {"lowstop": 220.0, "highstop": 440.0}
    assert bass["adjustment_fullband"] == pytest.approx(-50.0 - bass["orig_lufs_fullband"])
    assert bass["adjustment_narrowband"] == pytest.approx(-50.0 - bass["orig_lufs_narrowband"])
    assert rows["hiss.wav"]["result"] == "No effective audio event"
    with (place / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == list(rows)
    assert {output.kind for output in report.outputs} == {"stems", "bounce", "results"}
    assert all(Path(output.path).exists() for output in report.outputs)


def test_running_again_gives_the_same(song, tmp_path, pitch_of):
    pitch_of(110.0)
    run(folder.read(song), tmp_path / "output")
    sound = [
        tmp_path / "output" / name for name in tree(tmp_path / "output") if "results" not in name
    ]
    # Not byte for byte: libsndfile writes the time of day into float files (PEAK chunk).
    before = [sf.read(file)[0] for file in sound]
    run(folder.read(song), tmp_path / "output")
    for file, samples in zip(sound, before, strict=True):
        assert np.array_equal(sf.read(file)[0], samples), file


def stereo_song(tmp_path, ratio):
    """One stem whose right channel is the left one times a ratio."""
    place = tmp_path / "song"
    place.mkdir()
    left = tone(110.0, 1.0, -2.0)
    sf.write(place / "wide.wav", np.concatenate([left, ratio * left]).T, RATE_HZ, subtype="PCM_16")
    return folder.read(place)


def test_a_loud_channel_that_clips_is_told(tmp_path, pitch_of):
    """The method holds the peak of the mean, which is far below that of a channel here."""
    pitch_of(9000.0)
    (row,) = run(stereo_song(tmp_path, -0.45), tmp_path / "output").tracks
    assert [note.split(" is clipped")[0] for note in row.notes] == ["p_lufs_wide.wav"]


@pytest.mark.parametrize("ratio", [-1.0, -0.9])
def test_channels_that_cancel_are_heard(tmp_path, pitch_of, ratio):
    pitch_of(110.0)
    (row,) = run(stereo_song(tmp_path, ratio), tmp_path / "output").tracks
    assert row.status == "moved"
    assert row.notes == (paper.CHANNELS_CANCEL,)
    left, _ = sf.read(tmp_path / "output" / "song" / "lufs" / "lufs_wide.wav", dtype="float32")
    found = integrated(from_samples(left.T[:1], RATE_HZ), PUBLISHED)
    assert found == pytest.approx(-50.0, abs=0.1)


@pytest.mark.parametrize("ratio", [1.0, 0.0])
def test_other_channels_are_averaged(tmp_path, pitch_of, ratio):
    pitch_of(110.0)
    (row,) = run(stereo_song(tmp_path, ratio), tmp_path / "output").tracks
    mean_peak_db = -2.0 + 20 * np.log10((1.0 + ratio) / 2)
    assert row.features.peak_db == pytest.approx(mean_peak_db, abs=0.05)
    assert row.notes == ()


# A project


def test_the_tracks_of_a_project_are_stems_from_its_start(song, tmp_path, pitch_of):
    pitch_of(110.0)
    source = Source("WAVE", "bass.wav", str(song / "bass.wav"))
    item = Item("{I}", 0.5, 1.0, takes=(Take("{T}", source=source),))
    tracks = (
        Track("{1}", "Bass: DI", items=(item,)),
        Track("{2}", "Muted", items=(item,), mute=True),
    )
    session = Session("project", tracks, RATE_HZ)
    report = run(session, tmp_path / "output", whole_files=False)
    assert [(row.name, row.kind, row.status) for row in report.tracks] == [
        ("001 Bass_ DI.wav", "track", "moved"),
        ("Muted", "track", "skipped"),
    ]
    stem = tmp_path / "output" / "project" / "lufs" / "lufs_001 Bass_ DI.wav"
    samples, _ = sf.read(stem)
    assert samples.shape == (round(1.5 * RATE_HZ), 2)
    assert not samples[: RATE_HZ // 2].any()
    assert sf.info(stem).subtype == "FLOAT"


# What goes wrong


def test_an_unreadable_stem_is_listed_and_the_others_go_on(song, tmp_path, pitch_of):
    pitch_of(110.0)
    (song / "text.wav").write_text("This is no sound.")
    report = run(folder.read(song), tmp_path / "output")
    row = next(track for track in report.tracks if "text" in track.name)
    assert row.status == "skipped"
    assert "text.wav" in row.why[0]
    assert not [file for file in tree(tmp_path / "output") if "text" in file]


def test_a_song_without_anything_readable_writes_nothing(tmp_path):
    place = tmp_path / "song"
    place.mkdir()
    (place / "text.wav").write_text("This is no sound.")
    with pytest.raises(NothingToBalance, match="song has no stem that can be read"):
        run(folder.read(place), tmp_path / "output")
    assert tree(tmp_path / "output") == []


def test_a_file_that_vanishes_while_it_is_summed_leaves_nothing_behind(
    song, tmp_path, pitch_of, monkeypatch
):
    pitch_of(110.0)

    def vanish(*_):
        (song / "bass.wav").unlink()
        return original(*_)

    original = paper._write_bounces
    monkeypatch.setattr(paper, "_write_bounces", vanish)
    with pytest.raises(MediaError, match=r"bass\.wav is out of reach"):
        run(folder.read(song), tmp_path / "output")
    assert tree(tmp_path / "output") == []
