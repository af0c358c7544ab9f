"""A folder is as loud as its sum, and a method hears of it what it hears of its tracks."""

from dataclasses import replace

import pytest

from reaper_automix import engine, mix, submix
from reaper_automix.crew import Crew
from reaper_automix.features.loudness import Meter
from reaper_automix.scene import set_scene
from reaper_automix.session import Receive
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db
from signals import harmonic, noise, tone
from songs import folder_track, session, track

HOW = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)
METHODS = ("auto", "p_lufs", "centroid", "lufs")


def balanced(song, how=HOW):
    with Crew(1) as crew:
        return engine.run(song, how, crew)


def one_track(folder, sound, **more):
    return session(
        folder_track("In"),
        track(folder, "a", sound, parent_id="{In}", **more),
        track(folder, "b", noise(2.0, -30, seed=4)),
    )


@pytest.fixture
def choir(tmp_path):
    return session(
        folder_track("In", fader_gain=0.7),
        track(tmp_path, "a", harmonic(220, 2.0, -20), parent_id="{In}", pan=-0.4),
        track(tmp_path, "b", harmonic(311, 2.0, -26), parent_id="{In}", fader_gain=1.4),
        track(tmp_path, "c", noise(2.0, -34, seed=3), parent_id="{In}", pan=0.5),
        track(tmp_path, "d", tone(90, 2.0, -20), receives=(Receive("{c}", gain=0.5),)),
    )


@pytest.mark.parametrize("node", ["{In}", "{d}"])
def test_what_is_told_of_a_sum_is_what_a_meter_reads(choir, node):
    found = balanced(choir)
    gains = found.gains
    heard = submix.heard(found.totals, node, gains)
    signal = mix.tap(set_scene(choir, HOW).desk(), node, gains)
    meter = Meter(signal.sample_rate_hz, signal.channels)
    for block in signal.read():
        meter.push(block)
    assert heard.level.lufs == pytest.approx(meter.level_lufs(), abs=0.02)
    assert heard.features.lufs == pytest.approx(meter.lufs(), abs=0.02)
    assert heard.features.range_lu == pytest.approx(meter.range_lu(), abs=0.05)
    assert heard.features.active_s == pytest.approx(meter.active_s(), abs=0.1)
    assert heard.features.duration_s == pytest.approx(signal.duration_s)


@pytest.mark.parametrize("method", METHODS)
def test_a_folder_of_one_track_is_that_track(tmp_path, method):
    song = one_track(tmp_path, harmonic(220, 2.0, -20))
    found = balanced(song, replace(HOW, method=method))
    own, heard = (next(row for row in found.tracks if row.name == name) for name in ("a", "In"))
    assert heard.level.lufs == pytest.approx(own.level.lufs + own.fader_after_db, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_a_gain_of_all_that_is_in_it_is_its_gain(choir, method):
    totals = balanced(choir, replace(HOW, method=method)).totals
    gains = {one.id: one.fader_gain for one in choir.tracks}
    louder = {track: gain * gain_from_db(6.0) for track, gain in gains.items()}
    before, after = (submix.heard(totals, "{In}", state) for state in (gains, louder))
    assert after.level.lufs == pytest.approx(before.level.lufs + 6.0, abs=0.001)
    assert after.features.true_peak_db == pytest.approx(
        before.features.true_peak_db + 6.0, abs=0.001
    )


def test_its_scale_lies_between_those_of_its_tracks(choir):
    found = balanced(choir, replace(HOW, method="p_lufs"))
    tracks = found.totals.tracks.measurements
    alone = [submix.scale({one: 1.0}, tracks, "p_lufs") for one in ("{a}", "{b}", "{c}")]
    shares = found.totals.powers("{In}").shares(found.gains)
    assert set(shares) == {"{a}", "{b}", "{c}"}
    assert min(alone) < submix.scale(shares, tracks, "p_lufs") < max(alone)


def test_by_lufs_there_is_nothing_to_take_off(choir):
    found = balanced(choir)
    assert submix.scale({"{a}": 1.0, "{c}": 2.0}, found.totals.tracks.measurements, "lufs") == 0.0


def test_its_spectrum_is_that_of_what_is_in_it(tmp_path):
    song = one_track(tmp_path, harmonic(220, 2.0, -20), fader_gain=0.5)
    totals = balanced(song).totals
    gains = {one.id: one.fader_gain for one in song.tracks}
    heard = submix.heard(totals, "{In}", gains)
    own = totals.tracks.measurements["{a}"].features.gained(-6.0206)
    assert heard.features.spectrum_db == pytest.approx(own.spectrum_db, abs=0.05)


def test_where_nothing_leads_nothing_is_heard(tmp_path):
    song = session(folder_track("Empty"), track(tmp_path, "a", noise(1.0)))
    found = balanced(song)
    assert submix.heard(found.totals, "{Empty}", found.gains) is None
