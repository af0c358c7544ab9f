"""Tempo without pitch and pitch without tempo: right in time and in level."""

import numpy as np
import pytest

from reaper_automix.audio import Samples
from signals import RATE_HZ, harmonic, noise, tone
from tracks import heard, item, save

SECONDS = 4.0


def stretched(folder, sound: Samples, length_s=2.0, rate_hz=RATE_HZ, **given):
    file = save(folder / "a.wav", sound, rate_hz)
    return heard(item(file, length_s, **given))


def level_db(sound):
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))


def peak_hz(sound, rate_hz=RATE_HZ):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * len(sound)))
    return np.argmax(spectrum) * rate_hz / (8 * len(sound))


SOUNDS = {
    "low tone": tone(41.2, SECONDS),
    "tone": tone(440.0, SECONDS),
    "high tone": tone(9000.0, SECONDS),
    "vibrato": harmonic(220.0, SECONDS, vibrato=0.5),
    "chord": tone(220.0, SECONDS) + tone(277.2, SECONDS) + tone(329.6, SECONDS),
    "noise": noise(SECONDS),
    "noise in stereo": noise(SECONDS, channels=2),
    "anti-phase": np.concatenate([noise(SECONDS), -noise(SECONDS)]),
}
WAYS = [
    {"play_rate": 0.6},
    {"play_rate": 0.97},
    {"play_rate": 1.25},
    {"play_rate": 1.9},
    {"pitch_semitones": -5.0},
    {"pitch_semitones": 3.5},
    {"pitch_semitones": -2.0, "play_rate": 1.2},
    {"pitch_semitones": 4.0, "play_rate": 0.8, "preserve_pitch": False},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("sound", SOUNDS)
def test_the_level_stays_within_half_a_db(tmp_path, sound, way):
    # A shift upwards moves noise beyond half the sample rate, where resampling has to remove it.
    bandwidth_db = 0.0
    if "noise" in sound or sound == "anti-phase":
        bent = 1.0 if way.get("preserve_pitch", True) else way["play_rate"]
        factor = bent * 2 ** (way.get("pitch_semitones", 0.0) / 12)
        bandwidth_db = -10 * np.log10(max(factor, 1.0)) if factor > 1.0 else 0.0
    out = stretched(tmp_path, SOUNDS[sound], **way)
    assert level_db(out) == pytest.approx(level_db(SOUNDS[sound]) + bandwidth_db, abs=0.5)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_pitch_is_the_one_asked_for(tmp_path, way):
    bent = 1.0 if way.get("preserve_pitch", True) else way["play_rate"]
    wanted_hz = 440.0 * bent * 2 ** (way.get("pitch_semitones", 0.0) / 12)
    out = stretched(tmp_path, tone(440.0, SECONDS), **way)[0]
    assert 1200 * abs(np.log2(peak_hz(out) / wanted_hz)) < 10.0


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_clicks_stay_in_time(tmp_path, way):
    """Bursts 0.5 s apart in the source come 0.5 s / rate apart, without drift."""
    burst_s = np.arange(0.25, SECONDS, 0.5)
    sound = np.zeros((1, round(SECONDS * RATE_HZ)), np.float32)
    for start_s in burst_s:
        first = round(start_s * RATE_HZ)
        sound[0, first : first + 2400] = noise(0.05)[0]
    out = stretched(tmp_path, sound, length_s=2.0, **way)[0]
    loud = np.convolve(np.abs(out), np.ones(240) / 240, "same") > 0.02
    starts_s = np.flatnonzero(loud[1:] & ~loud[:-1]) / RATE_HZ
    wanted_s = burst_s / way.get("play_rate", 1.0)
    for wanted in wanted_s[wanted_s < 1.9]:
        assert np.abs(starts_s - wanted).min() < 0.025


def test_the_image_stays(tmp_path):
    """What is common to both channels stays common, what differs in level stays so."""
    centre = noise(SECONDS)
    out = stretched(tmp_path, np.concatenate([centre, 0.25 * centre]), play_rate=1.3)
    np.testing.assert_allclose(out[1], 0.25 * out[0], atol=1e-6)


def test_silence_stays_silent_and_in_time(tmp_path):
    sound = np.zeros((1, 4 * RATE_HZ), np.float32)
    sound[0, 2 * RATE_HZ :] = tone(440.0, 2.0)[0]
    out = stretched(tmp_path, sound, play_rate=2.0)[0]
    assert not out[: round(0.95 * RATE_HZ)].any()
    assert np.abs(out[round(1.05 * RATE_HZ) :]).max() > 0.09


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
def test_any_sample_rate_can_be_stretched(tmp_path, rate_hz):
    out = stretched(tmp_path, tone(440.0, SECONDS, rate_hz=rate_hz), rate_hz=rate_hz, play_rate=0.8)
    assert level_db(out) == pytest.approx(-23.0, abs=0.5)
    assert peak_hz(out[0]) == pytest.approx(440.0, rel=0.005)


@pytest.mark.parametrize("play_rate", [0.05, 12.0])
def test_extreme_tempos_keep_their_level(tmp_path, play_rate):
    out = stretched(tmp_path, tone(440.0, SECONDS), length_s=0.3, play_rate=play_rate)
    assert level_db(out) == pytest.approx(-23.0, abs=0.5)


@pytest.mark.parametrize("play_rate", [0.75, 1.5])
def test_a_looped_item_is_stretched_without_end(tmp_path, play_rate):
    out = stretched(tmp_path, tone(440.0, 0.5), length_s=3.0, play_rate=play_rate, loop=True)
    for second in range(3):
        part = out[:, second * RATE_HZ : (second + 1) * RATE_HZ]
        assert level_db(part) == pytest.approx(-23.0, abs=0.5)


def test_what_needs_no_stretching_is_not_touched(tmp_path):
    sound = noise(SECONDS, channels=2)
    out = stretched(tmp_path, sound, length_s=SECONDS, play_rate=1.0, preserve_pitch=True)
    np.testing.assert_array_equal(out, sound)
