"""The pitch of a track: laws first, then what has a pitch, what has none, and odd input."""

import json
import math
import subprocess
import sys
from functools import partial
from typing import get_args

import numpy as np
import pyloudnorm
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import shared_data_folder
from instruments import KICKS, PITCHED, UNPITCHED, bass, guitar, kick, pad, snare, voice
from reaper_automix import media
from reaper_automix.audio import Signal, from_samples
from reaper_automix.features import pesto_network, reel
from reaper_automix.features.loudness import KWeighting
from reaper_automix.features.measure import listen
from reaper_automix.features.pitch import (
    CREDIBLE,
    DOUBTFUL,
    Pitch,
    PitchTracker,
    credibility,
    published,
)
from reaper_automix.levels import NARROWBAND_OFFSET_DB
from reaper_automix.settings import PitchMode
from signals import RATE_HZ, harmonic, noise, tone

few = settings(max_examples=5, deadline=None)


def pitch_of(samples, rate_hz=RATE_HZ, block=65536, mode="auto"):
    tracker = PitchTracker(rate_hz, samples.shape[0], mode)
    weighting = KWeighting(rate_hz, samples.shape[0])
    for first in range(0, samples.shape[1], block):
        played = samples[:, first : first + block]
        tracker.push(played, weighting.push(played))
    return tracker.result()


def same(one, other, confidence=1e-3):
    """Equal up to what rounding, or the other side of one frame, can do to a median."""
    assert one.f0_hz == pytest.approx(other.f0_hz, rel=0.01)
    assert one.confidence == pytest.approx(other.confidence, abs=confidence)


# Laws


@pytest.mark.long
@few
@given(st.floats(-70.0, 40.0), st.sampled_from((voice, bass, snare)))
def test_gain_changes_nothing(gain_db, instrument):
    sound = instrument()
    same(pitch_of(sound * np.float32(10 ** (gain_db / 20))), pitch_of(sound))


def test_polarity_changes_nothing():
    assert pitch_of(-voice()) == pitch_of(voice())


@pytest.mark.long
@few
@given(st.integers(1, 60_000))
def test_block_size_changes_nothing(block):
    sound = np.concatenate((guitar(), 0.3 * guitar()))
    block = max(block, 500)
    assert pitch_of(sound, block=block) == pitch_of(sound)


@pytest.mark.parametrize("silence_s", [0.013, 1.0, 7.7])
def test_leading_silence_changes_next_to_nothing(silence_s):
    silence = np.zeros((1, round(silence_s * RATE_HZ)), np.float32)
    same(pitch_of(np.concatenate((silence, guitar()), axis=1)), pitch_of(guitar()), 0.02)


def test_trailing_silence_changes_nothing():
    silence = np.zeros((1, 5 * RATE_HZ), np.float32)
    same(pitch_of(np.concatenate((guitar(), silence), axis=1)), pitch_of(guitar()), 0.01)


@pytest.mark.parametrize("channels", [2, 3, 12])
def test_the_same_in_every_channel_is_the_same(channels):
    same(pitch_of(np.tile(bass(), (channels, 1))), pitch_of(bass()))


def test_dual_mono_is_mono_to_the_last_bit():
    assert pitch_of(np.tile(bass(), (2, 1))) == pitch_of(bass())


@pytest.mark.parametrize("side", [0.0, -0.2, -0.9, -1.0, -1.1])
def test_a_second_channel_out_of_phase_does_not_hide_the_sound(side):
    sound = guitar()
    same(pitch_of(np.concatenate((sound, np.float32(side) * sound))), pitch_of(sound))


@pytest.mark.parametrize("mode", get_args(PitchMode))
def test_nothing_but_the_pitch_depends_on_the_mode(mode):
    pitch = pitch_of(guitar(), mode=mode)
    assert pitch.f0_hz == pytest.approx(220.0, rel=0.1)
    assert pitch.confidence == pytest.approx(pitch_of(guitar(), mode="all").confidence, abs=0.02)


def test_the_order_of_channels_changes_nothing():
    stereo = np.concatenate((voice(), 0.5 * voice(330.0)))
    assert pitch_of(stereo) == pitch_of(np.ascontiguousarray(stereo[::-1]))


def test_credibility_rises_smoothly_from_nothing_to_everything():
    grid = np.linspace(0.0, 1.0, 1001)
    weights = np.array([credibility(confidence) for confidence in grid])
    assert np.all(np.diff(weights) >= 0.0)
    assert np.diff(weights).max() < 0.02
    assert credibility(0.0) == credibility(DOUBTFUL) == 0.0
    assert credibility(CREDIBLE) == credibility(1.0) == 1.0


# What has a pitch, and what has none


@pytest.mark.parametrize("name", PITCHED)
def test_a_voice_is_believed_and_its_f0_is_right(name):
    instrument, f0_hz = PITCHED[name]
    pitch = pitch_of(instrument())
    assert credibility(pitch.confidence) == 1.0
    assert pitch.f0_hz == pytest.approx(f0_hz, rel=0.03)


def test_a_pad_of_chords_is_believed_and_f0_is_one_of_its_notes():
    pitch = pitch_of(pad())
    assert credibility(pitch.confidence) == 1.0
    notes = np.array((174.6, 220.0, 261.6, 329.6, 392.0))
    assert np.abs(notes / pitch.f0_hz - 1.0).min() < 0.03


@pytest.mark.parametrize("name", UNPITCHED)
def test_what_has_no_pitch_is_not_believed(name):
    pitch = pitch_of(UNPITCHED[name]())
    assert credibility(pitch.confidence) < 0.05


@pytest.mark.parametrize("name", UNPITCHED | KICKS)
@pytest.mark.parametrize("gain_db", [-30.0, 0.0])
def test_a_drum_stands_at_its_full_band_place(name, gain_db):
    sound = (UNPITCHED | KICKS)[name]() * np.float32(10 ** (gain_db / 20))
    found, _ = listen(from_samples(sound, RATE_HZ))
    place_lufs = found.features.lufs + NARROWBAND_OFFSET_DB
    assert found.heard("auto").level.lufs == pytest.approx(place_lufs, abs=1.5)


def test_a_drum_under_a_voice_does_not_take_its_pitch_away():
    sound = voice(duration_s=4.0)
    sound[:, : kick().shape[1]] += 0.05 * kick()
    pitch = pitch_of(sound)
    assert credibility(pitch.confidence) == 1.0
    assert pitch.f0_hz == pytest.approx(220.0, rel=0.03)


def test_a_voice_that_sings_a_tenth_of_the_time_is_heard_above_the_noise_of_the_room():
    room = noise(10.0, -70.0)
    room[:, : voice().shape[1] // 2] += voice()[:, : voice().shape[1] // 2]
    pitch = pitch_of(room)
    assert credibility(pitch.confidence) == 1.0
    assert pitch.f0_hz == pytest.approx(220.0, rel=0.03)


def test_disagreement_costs_confidence():
    agreed, bass_heard_an_octave_too_high = pitch_of(voice()), pitch_of(tone(45.0, 2.0))
    assert agreed.pesto_hz == pytest.approx(agreed.pyin_hz, rel=0.03)
    assert bass_heard_an_octave_too_high.pyin_hz == pytest.approx(45.0, rel=0.03)
    assert bass_heard_an_octave_too_high.f0_hz == pytest.approx(45.0, rel=0.03)


# Odd input


def test_a_sound_that_is_too_long_is_heard_from_its_start_and_says_so(monkeypatch):
    monkeypatch.setattr(reel, "KEPT_BYTES", 4 * RATE_HZ * 2)
    low, high = harmonic(147.0, 2.0), harmonic(440.0, 4.0)
    pitch = pitch_of(np.concatenate((low, np.zeros_like(high), high), axis=1))
    assert pitch.f0_hz == pytest.approx(147.0, rel=0.01)
    (note,) = pitch.notes
    assert note.startswith("Only the first ")


@pytest.mark.parametrize("samples", [
    np.zeros((2, 0), np.float32),
    np.zeros((1, 1), np.float32),
    np.zeros((3, 3 * RATE_HZ), np.float32),
    np.full((2, 3 * RATE_HZ), 0.5, np.float32),
    np.full((1, 700), -1.0, np.float32),
], ids=["nothing", "one sample", "silence", "offset", "short offset"])  # fmt: skip
def test_without_sound_there_is_no_pitch(samples):
    assert pitch_of(samples) == Pitch(None, 0.0)


def test_a_tracker_without_any_block_has_no_pitch():
    assert PitchTracker(RATE_HZ, 2).result() == Pitch(None, 0.0)


def test_an_offset_under_a_voice_changes_nothing():
    same(pitch_of(voice() + np.float32(0.5)), pitch_of(voice()))


@pytest.mark.parametrize("frames", [1, 2, 37, 480, 4800])
def test_the_shortest_clips_have_finite_numbers(frames):
    pitch = pitch_of(tone(440.0, 1.0)[:, 200 : 200 + frames])
    assert 0.0 <= pitch.confidence <= 1.0
    assert pitch.f0_hz is None or math.isfinite(pitch.f0_hz)


def test_a_tenth_of_a_second_is_enough_for_a_note():
    pitch = pitch_of(harmonic(300.0, 0.1))
    assert pitch.f0_hz == pytest.approx(300.0, rel=0.03)
    assert credibility(pitch.confidence) > 0.5


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 32000, 44100, 88200, 96000, 192000])
def test_every_sample_rate(rate_hz):
    pitch = pitch_of(harmonic(220.0, 1.0, rate_hz=rate_hz), rate_hz)
    assert pitch.f0_hz == pytest.approx(220.0, rel=0.02)
    assert credibility(pitch.confidence) == 1.0
    assert pitch_of(noise(1.0, rate_hz=rate_hz), rate_hz).confidence < DOUBTFUL


def test_clipping_leaves_the_pitch():
    same(pitch_of(np.clip(20.0 * guitar(), -0.5, 0.5)), pitch_of(guitar()), 0.3)


def test_without_pesto_pyin_goes_on_and_says_so(monkeypatch):
    monkeypatch.setattr(pesto_network, "_weights_path", no_weights)
    pesto_network.available.cache_clear()
    pesto_network.weights.cache_clear()
    try:
        pitch, exact = pitch_of(voice()), published(voice()[0], RATE_HZ)
    finally:
        pesto_network.available.cache_clear()
    assert pitch.f0_hz == pytest.approx(220.0, rel=0.03)
    assert credibility(pitch.confidence) == 1.0
    assert pitch.pesto_hz is None
    assert exact.pesto_hz is None
    assert exact.f0_hz == exact.pyin_hz
    assert pitch.notes == exact.notes
    assert "pesto-pitch" in pitch.notes[0]


def no_weights():
    raise FileNotFoundError("pesto-pitch is not installed")


BLOCKED = """
import sys
broken = ("torch", "torchaudio", "librosa", "pyloudnorm")
sys.modules.update(dict.fromkeys(broken))
import numpy as np
from reaper_automix.features.pitch import PitchTracker, credibility
assert not {"numba", "scipy", "soxr"} & sys.modules.keys(), "heavy before it is needed"
credibility(0.5)
tracker = PitchTracker(48000, 1)
sine = np.sin(np.arange(48000) * 2 * np.pi * 440 / 48000).astype(np.float32)[None]
tracker.push(sine, sine)
pitch = tracker.result()
assert "pesto" not in sys.modules
print(round(pitch.pesto_hz), pitch.notes)
"""


def test_torch_and_torchaudio_never_matter():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["440", "()"]


# The published numbers


@few
@given(st.integers(700, 60_000), st.integers(1, 2))
def test_exact_is_what_is_published_and_the_confidence_of_all(block, channels):
    sound = np.concatenate([voice(duration_s=0.5), voice(330.0, duration_s=0.5)])[:channels]
    exact = pitch_of(sound, block=block, mode="exact")
    script = published(sound.mean(axis=0), RATE_HZ)
    assert (exact.f0_hz, exact.pyin_hz) == pytest.approx((script.f0_hz, script.pyin_hz), rel=1e-5)
    assert exact.pesto_hz == pytest.approx(script.pesto_hz, rel=1e-5)
    assert exact.confidence == pytest.approx(pitch_of(sound, mode="all").confidence)


def test_published_means_of_a_steady_tone():
    pitch = published(harmonic(220.0, 1.0)[0], RATE_HZ)
    assert pitch.pyin_hz == pytest.approx(220.0, rel=0.005)
    assert pitch.pesto_hz == pytest.approx(220.0, rel=0.02)
    assert pitch.f0_hz == max(pitch.pyin_hz, pitch.pesto_hz)


@pytest.mark.parametrize("rate_hz", [6000, 8000, 96000])
def test_published_means_where_the_script_stops(rate_hz):
    pitch = published(harmonic(220.0, 1.0, rate_hz=rate_hz)[0], rate_hz)
    assert pitch.pyin_hz == pytest.approx(220.0, rel=0.01)
    assert pitch.pesto_hz == pytest.approx(220.0, rel=0.03)


def test_published_means_of_silence_and_of_nothing():
    assert published(np.zeros(RATE_HZ, np.float32), RATE_HZ).pyin_hz is None
    assert published(np.zeros(0, np.float32), RATE_HZ).f0_hz == 1.0


def oracle():
    data = shared_data_folder()
    text = (data / "oracle" / "paper_results.json").read_text() if data else "{}"
    return {name: one for name, one in json.loads(text).items() if "PESTO" in one}


def is_about(file, expected):
    """Whether the numbers were made from this very file: some were made from longer versions."""
    if not file.exists():
        return False
    samples, rate_hz = sf.read(file, always_2d=True)
    mono = samples.mean(axis=1)
    lufs = pyloudnorm.Meter(rate_hz).integrated_loudness(mono)
    same_peak = abs(20.0 * math.log10(np.abs(mono).max()) - expected["peak"]) < 0.01
    return same_peak and abs(lufs - expected["orig_lufs_fullband"]) < 0.001


def test_most_of_the_oracle_is_about_files_that_are_there(shared_data):
    usable = [name for name, one in oracle().items() if is_about(shared_data / name, one)]
    assert len(usable) >= 18


@pytest.mark.long
@pytest.mark.parametrize("name", oracle())
def test_published_means_agree_with_the_script(shared_data, name):
    expected = oracle()[name]
    if not is_about(shared_data / name, expected):
        pytest.skip("these numbers are about another version of the file")
    samples, rate_hz = sf.read(shared_data / name, dtype="float32", always_2d=True)
    pitch = published(samples.mean(axis=1, dtype=np.float32), rate_hz)
    assert pitch.pesto_hz == pytest.approx(expected["PESTO"], rel=0.005)
    assert pitch.f0_hz == pytest.approx(expected["F0"], rel=0.005)
    if expected["PYIN"] is None:
        assert pitch.pyin_hz is None
    else:
        assert pitch.pyin_hz == pytest.approx(expected["PYIN"], rel=0.005)


# Real sessions


def parts(role):
    """The composer's parts of that role in all sessions, not their doubles and rooms."""
    data = shared_data_folder()
    for place in sorted(data.glob("sessions/*/session.json")) if data else ():
        for track in json.loads(place.read_text())["tracks"]:
            if track["kind"] == "part" and track["role"] == role and track["file"]:
                yield pytest.param(place.parent / track["file"], id=track["name"])


def heard(file):
    info = media.probe(str(file))
    read = partial(media.blocks, str(file))
    found, _ = listen(Signal(info.sample_rate_hz, info.channels, 0, info.frames, read))
    return found.features, found.heard("auto").level


@pytest.mark.long
@pytest.mark.parametrize("file", [*parts("melodic")])
def test_a_melodic_part_is_believed(file):
    features, _ = heard(file)
    assert credibility(features.pitch_confidence) > 0.9


@pytest.mark.long
@pytest.mark.parametrize("file", [*parts("drums")])
def test_a_drum_part_stands_at_its_full_band_place(file):
    features, said = heard(file)
    if features.lufs is not None:
        assert said.lufs == pytest.approx(features.lufs + NARROWBAND_OFFSET_DB, abs=1.5)
