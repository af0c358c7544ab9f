"""PESTO: laws, then frame by frame against the package itself, then bad weights."""

import pickle
import sys
import types
import zipfile

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import bass, pad, snare, voice
from reaper_automix.features import pesto, pesto_network
from signals import RATE_HZ, harmonic, noise, tone


@pytest.fixture
def stock(monkeypatch):
    """``pesto.predict`` as published; torchaudio, which it imports, need not work."""
    import torch

    monkeypatch.setitem(sys.modules, "torchaudio", types.ModuleType("torchaudio"))
    from pesto import predict

    torch.set_num_threads(1)

    def estimate(samples, rate_hz):
        _, f0_hz, confidence, _ = predict(torch.from_numpy(samples), rate_hz)
        return pesto.Estimate(f0_hz.numpy(), confidence.numpy())

    return estimate


@pytest.fixture
def forgotten():
    """Weights are read anew in the test and after it."""
    for cached in (pesto_network.available, pesto_network.weights):
        cached.cache_clear()
    yield
    for cached in (pesto_network.available, pesto_network.weights):
        cached.cache_clear()


def assert_same_frames(samples, rate_hz, stock):
    ours, theirs = pesto.track(samples, rate_hz), stock(samples, rate_hz)
    assert ours.f0_hz.shape == theirs.f0_hz.shape
    assert np.allclose(ours.f0_hz, theirs.f0_hz, rtol=1e-3)
    assert np.allclose(ours.confidence, theirs.confidence, atol=1e-3)


# Laws


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 30_000), max_size=4))
def test_block_sizes_change_nothing(sizes):
    samples = voice(duration_s=0.4)[0]
    tracker = pesto.Pesto(RATE_HZ)
    for first, last in zip([0, *np.cumsum(sizes)], [*np.cumsum(sizes), samples.size], strict=True):
        tracker.push(samples[first:last])
    pieces, whole = tracker.result(), pesto.track(samples, RATE_HZ)
    assert np.allclose(pieces.f0_hz, whole.f0_hz, rtol=1e-5)
    assert np.allclose(pieces.confidence, whole.confidence, atol=1e-5)


@pytest.mark.parametrize("gain_db", [-40.0, 20.0])
def test_gain_changes_f0_by_nothing(gain_db):
    samples = voice(duration_s=0.4)[0]
    louder = pesto.track(samples * np.float32(10 ** (gain_db / 20)), RATE_HZ)
    assert np.allclose(louder.f0_hz, pesto.track(samples, RATE_HZ).f0_hz, rtol=1e-3)


def test_an_octave_higher_is_an_octave_higher():
    low, high = (pesto.track(harmonic(f, 0.5)[0], RATE_HZ).f0_hz for f in (220.0, 440.0))
    assert np.median(high) == pytest.approx(2.0 * np.median(low), rel=0.01)


# Numbers


def test_a_tone_is_found_and_believed():
    estimate = pesto.track(tone(440.0, 0.5)[0], RATE_HZ)
    assert np.median(estimate.f0_hz) == pytest.approx(440.0, rel=0.01)
    assert estimate.confidence.min() > 0.9


@pytest.mark.parametrize("length", [0, 1, 2, 479, 480, 4800])
def test_every_length_has_its_frames(length):
    estimate = pesto.track(tone(440.0, 1.0)[0, :length], RATE_HZ)
    assert estimate.f0_hz.size == (length // 480 + 1 if length else 0)
    assert np.isfinite(estimate.f0_hz).all()
    assert np.isfinite(estimate.confidence).all()


# The oracle


def mixture(rate_hz):
    """A voice, a chord, noise and silence."""
    parts = (
        harmonic(200.0, 0.3, rate_hz=rate_hz, vibrato=0.5),
        harmonic(220.0, 0.3, -30, rate_hz) + harmonic(277.2, 0.3, -30, rate_hz),
        noise(0.2, rate_hz=rate_hz),
        np.zeros((1, rate_hz // 5), np.float32),
    )
    return np.concatenate(parts, axis=1)[0]


@pytest.mark.parametrize("rate_hz", [8000, 44100])
def test_frames_are_those_of_the_package(rate_hz, stock):
    assert_same_frames(mixture(rate_hz), rate_hz, stock)


@pytest.mark.long
@pytest.mark.parametrize("rate_hz", [6700, 11025, 16000, 22050, 32000, 48000, 96000, 192000])
def test_frames_are_those_of_the_package_at_every_rate(rate_hz, stock):
    assert_same_frames(mixture(rate_hz), rate_hz, stock)


@pytest.mark.long
@pytest.mark.parametrize("instrument", [voice, bass, pad, snare])
def test_frames_are_those_of_the_package_for_instruments(instrument, stock):
    assert_same_frames(instrument()[0], RATE_HZ, stock)


REAL = (
    "sessions/boogie_jazz/media/002_Bright_Piano.flac",
    "sessions/boogie_jazz/media/007_Snare.flac",
    "sessions/ballad_wav24/media/001_Organ.wav",
    "oneshots/sonic-pi/vinyl_hiss.flac",
)


@pytest.mark.long
@pytest.mark.parametrize("name", REAL)
def test_frames_are_those_of_the_package_on_real_files(shared_data, name, stock):
    samples, rate_hz = sf.read(shared_data / name, dtype="float32", always_2d=True)
    assert_same_frames(samples.mean(axis=1, dtype=np.float32)[: 5 * rate_hz], rate_hz, stock)


def test_the_package_stops_below_the_lowest_rate_we_take(stock):
    with pytest.raises(ValueError, match="Nyquist"):
        stock(noise(0.5, rate_hz=6600)[0], 6600)


# Weights


def test_the_weights_are_there():
    assert pesto.available() is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"not a checkpoint at all"])
def test_a_damaged_file_of_weights_is_one_sentence(tmp_path, monkeypatch, forgotten, content):
    file = tmp_path / "weights.ckpt"
    file.write_bytes(content)
    monkeypatch.setattr(pesto_network, "_weights_path", lambda: file)
    reason = pesto.available()
    assert "install pesto-pitch again." in reason
    assert "\n" not in reason


def test_a_missing_package_is_one_sentence(monkeypatch, forgotten):
    monkeypatch.setitem(sys.modules, "pesto", None)
    assert "pesto-pitch is not installed" in pesto.available()


class Trap:
    """Pickles as a call that leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return type(self.trace).touch, (self.trace,)


def test_nothing_in_a_file_of_weights_is_executed(tmp_path, monkeypatch, forgotten):
    trace = tmp_path / "trace"
    file = tmp_path / "weights.ckpt"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({"state_dict": {"x": Trap(trace)}}, 2))
    monkeypatch.setattr(pesto_network, "_weights_path", lambda: file)
    assert pesto.available() is not None
    assert not trace.exists()
