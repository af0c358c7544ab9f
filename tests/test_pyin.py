"""pYIN: laws, then frame by frame against librosa, then what it runs on."""

import errno
import warnings

import librosa
import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core import caching

from instruments import bass, pad, snare, voice
from reaper_automix.features import compiled, pyin, pyin_path
from reaper_automix.features.pyin_candidates import F_MAX_HZ, F_MIN_HZ, Grid, observe
from reaper_automix.features.windows import Windows
from signals import RATE_HZ, harmonic, noise, tone

PUBLISHED = Grid(RATE_HZ)


def equal(one, other):
    assert np.array_equal(one.f0_hz, other.f0_hz, equal_nan=True)
    assert np.allclose(one.voiced_probability, other.voiced_probability, atol=1e-6)


def oracle(samples, rate_hz):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        f0_hz, _, probability = librosa.pyin(samples, fmin=F_MIN_HZ, fmax=F_MAX_HZ, sr=rate_hz)
    return pyin.Contour(f0_hz, probability)


def assert_same_frames(samples, rate_hz):
    ours, theirs = pyin.track(samples, Grid(rate_hz)), oracle(samples, rate_hz)
    assert ours.f0_hz.shape == theirs.f0_hz.shape
    assert np.array_equal(np.isnan(ours.f0_hz), np.isnan(theirs.f0_hz))
    assert np.allclose(ours.f0_hz, theirs.f0_hz, rtol=1e-6, equal_nan=True)
    assert np.allclose(ours.voiced_probability, theirs.voiced_probability, atol=1e-6)


# Laws


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 30_000), max_size=4))
def test_block_sizes_change_nothing(sizes):
    samples = voice(duration_s=0.5)[0]
    tracker = pyin.Pyin(PUBLISHED)
    for first, last in zip([0, *np.cumsum(sizes)], [*np.cumsum(sizes), samples.size], strict=True):
        tracker.push(samples[first:last])
    equal(tracker.result(), pyin.track(samples, PUBLISHED))


@pytest.mark.parametrize("gain_db", [-80.0, -12.0, 12.0, 60.0])
def test_gain_changes_nothing(gain_db):
    samples = voice(duration_s=0.5)[0]
    louder = samples * np.float32(10 ** (gain_db / 20))
    equal(pyin.track(louder, PUBLISHED), pyin.track(samples, PUBLISHED))


def test_a_pitch_class_higher_is_an_octave_higher():
    low, high = (pyin.track(harmonic(f, 0.5)[0], PUBLISHED).f0_hz for f in (200.0, 400.0))
    assert np.nanmedian(high) == pytest.approx(2.0 * np.nanmedian(low), rel=0.003)


def test_what_is_settled_early_is_what_is_found_at_the_end(monkeypatch):
    samples = np.concatenate((bass()[0], np.zeros(RATE_HZ, np.float32), voice()[0], snare()[0]))
    early = pyin.track(samples, Grid(RATE_HZ, hop=128))
    monkeypatch.setattr(pyin_path, "SETTLE_FRAMES", 10**9)
    equal(early, pyin.track(samples, Grid(RATE_HZ, hop=128)))


@pytest.mark.parametrize("samples", [voice(duration_s=12.0)[0], np.zeros(12 * RATE_HZ, np.float32)],
                         ids=["sound", "silence"])  # fmt: skip
def test_memory_of_the_past_is_let_go(samples):
    decoder = pyin_path.Decoder(PUBLISHED)
    windows = Windows(1024, 1024, 512).push(samples)
    for first in range(0, len(windows), 64):
        decoder.push(observe(windows[first : first + 64], PUBLISHED))
    assert sum(map(len, decoder._origins)) < 3 * pyin_path.SETTLE_FRAMES
    assert decoder.result().size == len(windows)


# Numbers


@pytest.mark.parametrize("f0_hz", [60.0, 110.0, 440.0, 1760.0, 3900.0])
def test_a_tone_is_found_within_half_a_bin(f0_hz):
    contour = pyin.track(tone(f0_hz, 0.4)[0], Grid(RATE_HZ, balanced=True))
    assert np.nanmedian(contour.f0_hz) == pytest.approx(f0_hz, rel=2 ** (0.6 / 120) - 1)


def test_a_balanced_difference_hears_the_lowest_bass():
    low = harmonic(41.2, 0.6)[0]
    published, balanced = (pyin.track(low, Grid(RATE_HZ, 3072, 512, 10, b)) for b in (False, True))
    assert np.nanmedian(balanced.f0_hz) == pytest.approx(41.2, rel=0.005)
    assert balanced.voiced_probability.mean() > published.voiced_probability.mean() + 0.3


def test_silence_and_noise_are_unvoiced():
    for samples in (np.zeros(RATE_HZ, np.float32), noise(1.0)[0]):
        contour = pyin.track(samples, PUBLISHED)
        assert np.isnan(contour.f0_hz).mean() > 0.9
        assert contour.voiced_probability.mean() < 0.05


@pytest.mark.parametrize("length", [0, 1, 2, 511, 512, 4800])
def test_every_length_has_its_frames(length):
    contour = pyin.track(tone(440.0, 1.0)[0, :length], PUBLISHED)
    assert contour.f0_hz.size == (length // 512 + 1 if length else 0)
    assert np.all((contour.voiced_probability >= 0.0) & (contour.voiced_probability <= 1.0))


# The oracle


def glide(rate_hz):
    """Up two octaves in half a second, then a gap, then a chord: every kind of path."""
    t = np.arange(rate_hz // 2) / rate_hz
    up = 0.3 * np.sin(2 * np.pi * 150 * (2 ** (4 * t) - 1) / (4 * np.log(2)))
    chord = sum(harmonic(f, 0.3, -24, rate_hz)[0] for f in (220.0, 277.2, 329.6))
    gap = np.zeros(rate_hz // 10)
    hiss = noise(0.1, -30, rate_hz)[0]
    return np.concatenate((up, gap, chord, hiss, gap)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [16000, 44100])
def test_frames_are_those_of_librosa(rate_hz):
    assert_same_frames(glide(rate_hz), rate_hz)


@pytest.mark.long
@pytest.mark.parametrize("rate_hz", [8400, 11025, 22050, 32000, 48000, 66000])
def test_frames_are_those_of_librosa_at_every_rate(rate_hz):
    assert_same_frames(glide(rate_hz), rate_hz)


@pytest.mark.long
@pytest.mark.parametrize("instrument", [voice, bass, pad, snare])
def test_frames_are_those_of_librosa_for_instruments(instrument):
    assert_same_frames(instrument()[0, : 2 * RATE_HZ], RATE_HZ)


REAL = (
    "sessions/boogie_jazz/media/002_Bright_Piano.flac",
    "sessions/boogie_jazz/media/007_Snare.flac",
    "sessions/ballad_wav24/media/001_Organ.wav",
    "oneshots/sonic-pi/bass_voxy_c.flac",
)


@pytest.mark.long
@pytest.mark.parametrize("name", REAL)
def test_frames_are_those_of_librosa_on_real_files(shared_data, name):
    samples, rate_hz = sf.read(shared_data / name, dtype="float32", always_2d=True)
    assert_same_frames(samples.mean(axis=1, dtype=np.float32)[: 4 * rate_hz], rate_hz)


# What it runs on


def doubled(x):
    return 2.0 * x


def test_loops_run_where_no_cache_can_be_written(monkeypatch):
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])
    assert compiled.compiled(doubled)(21.0) == 42.0


def test_loops_run_where_the_disk_is_full(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.Cache, "save_overload", full)
    assert compiled.compiled(doubled)(21.0) == 42.0
