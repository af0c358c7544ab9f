"""Levels by method: their laws, the two scales of ``auto``, and what stands in for a lost band."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from reaper_automix.audio import BLOCK_FRAMES, Signal, from_samples
from reaper_automix.errors import Cancelled
from reaper_automix.features import Band, Features, measure
from reaper_automix.features.loudness import KWeighting, in_bands, k_weighted
from reaper_automix.features.measure import overview
from reaper_automix.levels import (
    FALLBACK_BAND,
    METHODS,
    NARROWBAND_OFFSET_DB,
    NO_PITCH,
    PURE_TONE_DB,
    centroid_band,
    levels_of,
    pitch_band,
    published_band,
)
from signals import RATE_HZ, band_section, harmonic, noise, tone

SOME = Features(1.0, 1.0, -3.0, -3.0, -20.0)


@pytest.fixture(autouse=True)
def plain_trust(monkeypatch):
    """Confidence itself as credibility: the rule under test is the blend, not its curve."""
    auto = replace(METHODS["auto"], trust=lambda features: features.pitch_confidence)
    monkeypatch.setitem(METHODS, "auto", auto)


def pitched(samples, f0_hz, confidence=1.0, rate_hz=RATE_HZ):
    """K-weighted signal and features of a sound whose pitch is known."""
    signal = from_samples(samples, rate_hz)
    features = replace(overview(signal), f0_hz=f0_hz, pitch_confidence=confidence)
    return k_weighted(signal), features


def level(signal, features, method):
    """The level by one method."""
    (said,) = levels_of(signal, features, (method,))
    return said


def inside(signal, band):
    (lufs,) = in_bands(signal, (band,))
    return lufs


def lufs(samples, f0_hz, method, confidence=1.0):
    return level(*pitched(samples, f0_hz, confidence), method).lufs


# Laws


@pytest.mark.parametrize("method", METHODS)
@given(gain_db=st.floats(-20.0, 10.0), confidence=st.floats(0.0, 1.0))
@settings(max_examples=5, deadline=None)
def test_more_gain_is_as_much_more_level(method, gain_db, confidence):
    samples = harmonic(220.0, 1.0) + noise(1.0, -50.0)
    louder = samples * np.float32(10 ** (gain_db / 20))
    before = lufs(samples, 220.0, method, confidence)
    assert lufs(louder, 220.0, method, confidence) == pytest.approx(before + gain_db, abs=0.005)


@given(confidence=st.floats(0.0, 0.999))
@settings(max_examples=20, deadline=None)
def test_the_level_is_continuous_in_the_confidence(confidence):
    samples = noise(0.5)  # narrowband and full band lie far apart
    here, there = (lufs(samples, 220.0, "auto", confidence + step) for step in (0.0, 0.001))
    assert there == pytest.approx(here, abs=0.02)


def test_it_slides_from_one_scale_to_the_other():
    samples = harmonic(220.0, 1.0) + noise(1.0, -50.0)
    signal, features = pitched(samples, 220.0)
    ends = [lufs(samples, 220.0, "auto", confidence) for confidence in (0.0, 1.0)]
    assert ends[0] == pytest.approx(features.lufs + NARROWBAND_OFFSET_DB)
    assert ends[1] == pytest.approx(inside(signal, Band(440.0, 880.0)))
    assert lufs(samples, 220.0, "auto", 0.25) == pytest.approx(0.75 * ends[0] + 0.25 * ends[1])


SOUNDS = {
    "hiss": noise(0.5),
    "hum": tone(50.0, 0.5),
    "note": harmonic(220.0, 0.5),
    "click": np.pad(noise(0.01), ((0, 0), (2400, 21600))),
}


@given(
    sound=st.sampled_from(sorted(SOUNDS)),
    f0_hz=st.floats(30.0, 4200.0),
    confidence=st.floats(0.0, 1.0),
)
@settings(max_examples=60, deadline=None)
def test_no_f0_boosts_a_track_whatever_its_confidence(sound, f0_hz, confidence):
    """A boost is a level below the track's place on the full-band scale."""
    signal, features = pitched(SOUNDS[sound], f0_hz, confidence)
    place_lufs = features.lufs + NARROWBAND_OFFSET_DB
    assert level(signal, features, "auto").lufs >= place_lufs - 1.1


@pytest.mark.parametrize("method", METHODS)
def test_mono_and_dual_mono_differ_by_their_power_in_every_method(method):
    samples = harmonic(220.0, 1.0)
    dual = lufs(np.tile(samples, (2, 1)), 220.0, method)
    assert dual == pytest.approx(lufs(samples, 220.0, method) + 10 * math.log10(2), abs=0.005)


# The offset between the two scales


def k_weighted_loss_db(f0_hz, amplitudes):
    """What the band from 2·f0 to 4·f0 takes from a K-weighted sum of harmonics."""
    impulse = np.zeros((1, RATE_HZ), np.float32)
    impulse[0, 1] = 1.0  # a settled filter takes a first sample for an offset
    frequency_hz = f0_hz * np.arange(1, len(amplitudes) + 1)
    weighted = KWeighting(RATE_HZ, 1).push(impulse)[0]
    _, response = scipy_signal.freqz(weighted, 1.0, frequency_hz, fs=RATE_HZ)
    section = band_section(Band(2 * f0_hz, 4 * f0_hz), RATE_HZ)
    _, band = scipy_signal.freqz(section[:3], (1.0, *section[3:]), frequency_hz, fs=RATE_HZ)
    passed, all_of_it = (
        (np.abs(gains * amplitudes) ** 2).sum() for gains in (response * band, response)
    )
    return 10 * math.log10(passed / all_of_it)


@pytest.mark.parametrize("f0_hz", [60.0, 220.0, 1000.0])
def test_a_pure_tone_loses_seven_and_a_quarter(f0_hz):
    k_squared = 1.0
    closed_form_db = 10 * math.log10(k_squared / (k_squared + 4) * 16 / (16 + k_squared))
    assert closed_form_db == pytest.approx(PURE_TONE_DB)
    assert closed_form_db == pytest.approx(-7.25, abs=0.005)
    samples = tone(f0_hz, 2.0)
    loss_db = lufs(samples, f0_hz, "p_lufs") - lufs(samples, f0_hz, "lufs")
    assert loss_db == pytest.approx(closed_form_db, abs=0.06)


@pytest.mark.parametrize("k", [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
def test_up_to_three_octaves_above_f0_nothing_loses_more(k):
    samples = tone(110.0 * k, 2.0)
    loss_db = lufs(samples, 110.0, "p_lufs") - lufs(samples, 110.0, "lufs")
    assert PURE_TONE_DB - 0.01 <= loss_db <= -3.5


def test_the_offset_is_the_loss_of_a_sawtooth():
    k = np.arange(1, 200_000)
    response = k**2 / (k**2 + 4) * 16 / (k**2 + 16)
    loss_db = 10 * math.log10((response / k**2).sum() / (1 / k**2).sum())
    assert loss_db == pytest.approx(NARROWBAND_OFFSET_DB, abs=1e-4)


@pytest.mark.parametrize("f0_hz", [41.0, 82.0, 165.0, 330.0, 660.0, 1320.0])
def test_k_weighting_hardly_moves_it(f0_hz):
    amplitudes = 1.0 / np.arange(1, int(20000 / f0_hz) + 1)
    assert k_weighted_loss_db(f0_hz, amplitudes) == pytest.approx(NARROWBAND_OFFSET_DB, abs=0.55)


@pytest.mark.parametrize("f0_hz", [55.0, 220.0, 880.0])
@pytest.mark.parametrize("slope_db", [-6.0, -9.0, -12.0])
def test_a_harmonic_sound_stands_where_its_full_band_level_would(f0_hz, slope_db):
    """So a track may slide from one scale to the other without changing its place."""
    samples = harmonic(f0_hz, 2.0, slope_db_per_octave=slope_db)
    narrow, full = (lufs(samples, f0_hz, "auto", confidence) for confidence in (1.0, 0.0))
    assert narrow == pytest.approx(full, abs=1.0)


# Bands


def test_bands_of_each_method():
    features = replace(SOME, f0_hz=110.0, centroid_hz=1000.0, bandwidth_hz=600.0)
    bands = {name: method.band(features) for name, method in METHODS.items()}
    assert bands == {
        "auto": Band(220.0, 440.0),
        "p_lufs": Band(220.0, 440.0),
        "lufs": None,
        "centroid": Band(700.0, 1300.0),
    }


def test_without_pitch_or_centroid_there_is_no_band_but_the_published_one():
    assert pitch_band(SOME) is None
    assert published_band(SOME) == FALLBACK_BAND == Band(50.0, 10000.0)
    assert centroid_band(SOME) is None


def test_the_centroid_band_stays_in_its_limits():
    wide = replace(SOME, centroid_hz=15000.0, bandwidth_hz=40000.0)
    assert centroid_band(wide) == Band(1.0, 22000.0)


def test_only_the_methods_with_pitch_need_it():
    assert {name for name, method in METHODS.items() if method.needs_pitch} == {"auto", "p_lufs"}


# Levels


@pytest.mark.parametrize(
    ("method", "band"), [("p_lufs", Band(440.0, 880.0)), ("centroid", Band(500.0, 1500.0))]
)
def test_a_band_method_measures_in_its_band(method, band):
    signal, features = pitched(harmonic(220.0, 1.0), 220.0)
    features = replace(features, centroid_hz=1000.0, bandwidth_hz=1000.0)
    said = level(signal, features, method)
    assert said.band == band
    assert said.lufs == pytest.approx(inside(signal, band))
    assert said.narrowband_lufs == said.lufs


@pytest.mark.parametrize("method", ["lufs", "auto"])
def test_full_band_levels_need_no_second_pass(method):
    signal, features = pitched(noise(0.5), None)
    said = level(unreadable(signal), features, method)
    assert said.band is None
    assert said.narrowband_lufs is None
    assert said.lufs == pytest.approx(features.lufs + METHODS[method].offset_db)


def test_nor_does_a_pitch_without_any_confidence():
    signal, features = pitched(noise(0.5), 220.0, confidence=0.0)
    assert level(unreadable(signal), features, "auto").band is None


@pytest.mark.parametrize("method", METHODS)
def test_silence_has_no_level(method):
    signal, features = pitched(np.zeros((1, RATE_HZ), np.float32), None)
    assert level(unreadable(signal), features, method).lufs is None


def test_p_lufs_without_pitch_is_the_published_fallback():
    signal, features = pitched(noise(1.0), None)
    said = level(signal, features, "p_lufs")
    assert said.lufs == pytest.approx(inside(signal, FALLBACK_BAND))
    assert said.note == NO_PITCH


@pytest.mark.parametrize(("method", "offset_db"), [("auto", NARROWBAND_OFFSET_DB), ("p_lufs", 0.0)])
def test_a_band_beyond_the_sample_rate_gives_way(method, offset_db):
    signal, features = pitched(tone(1990.0, 1.0, rate_hz=8000), 1990.0, rate_hz=8000)
    said = level(signal, features, method)
    assert said.lufs == pytest.approx(features.lufs + offset_db)
    assert said.band is None
    assert said.note == (
        "Its pass band would begin at 3980 Hz, out of reach at a sample rate of 8000 Hz; "
        "measured over the whole spectrum."
    )


def test_only_the_upper_edge_beyond_it_is_dropped():
    signal, features = pitched(tone(1500.0, 1.0, rate_hz=8000), 1500.0, rate_hz=8000)
    said = level(signal, features, "p_lufs")
    assert said.band == Band(3000.0, None)
    assert said.note == ""


@pytest.mark.parametrize(("method", "offset_db"), [("auto", NARROWBAND_OFFSET_DB), ("p_lufs", 0.0)])
def test_a_band_with_nothing_left_in_it_gives_way(method, offset_db):
    signal, features = pitched(tone(60.0, 1.0, -40.0), 4000.0)
    said = level(signal, features, method)
    assert said.lufs == pytest.approx(features.lufs + offset_db)
    assert said.band is None
    assert said.note == (
        "Between 8000 and 16000 Hz nothing of it is left above -70 LUFS; "
        "measured over the whole spectrum."
    )


def test_all_methods_are_heard_in_one_reading_and_as_each_by_itself():
    signal, features = pitched(harmonic(220.0, 1.0), 220.0)
    alone = tuple(level(signal, features, method) for method in METHODS)
    assert [said.method for said in alone] == list(METHODS)
    read, readings = signal.read, []
    counted = replace(signal, read=lambda: readings.append(1) or read())
    assert levels_of(counted, features) == alone
    assert len(readings) == 1


def test_reading_can_be_stopped_at_every_block():
    beats = []

    def stop():
        beats.append(1)
        if len(beats) == 2:
            raise Cancelled("Stopped.")

    signal, features = pitched(harmonic(220.0, 9.0), 220.0)
    with pytest.raises(Cancelled):
        levels_of(signal, features, beat=stop)
    assert len(beats) == 2 < signal.frames / BLOCK_FRAMES


def unreadable(signal):
    """The same signal, which nobody may read again."""

    def read():
        raise AssertionError("read a second time")

    return Signal(signal.sample_rate_hz, signal.channels, 0, signal.frames, read)


@pytest.mark.parametrize("method", METHODS)
def test_a_level_follows_every_gain_however_sparse_the_strokes(method):
    seconds = np.arange(4 * RATE_HZ) / RATE_HZ
    decay = np.exp(-(seconds % 2.0) / 0.12) * (seconds % 2.0 < 1.8)
    stroke = tone(180.0, 4.0, -3.0) * decay.astype(np.float32)
    heard = [
        measure.listen(from_samples(stroke * np.float32(10 ** (by_db / 20)), RATE_HZ))[0]
        for by_db in (0.0, -12.0, -24.0)
    ]
    levels = [one.heard(method).level.lufs for one in heard]
    assert np.diff(levels) == pytest.approx([-12.0, -12.0], abs=0.01)
    loudness = np.diff([one.features.lufs for one in heard])
    assert np.abs(loudness + 12.0).max() > 0.05  # which BS.1770 itself does not
