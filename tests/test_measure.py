"""One pass for everything: against the parts it is made of, and on sounds that hardly are any."""

import math
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import from_samples
from reaper_automix.errors import Cancelled
from reaper_automix.features.loudness import integrated
from reaper_automix.features.measure import ONLY_OFFSET, measure
from signals import RATE_HZ, harmonic, noise, tone


def heard(samples, rate_hz=RATE_HZ, *, pitch=False):
    return measure(from_samples(samples, rate_hz), pitch=pitch)


def faded(samples, duration_s=0.01):
    """With the short fades that REAPER gives every item."""
    ramp = np.linspace(0.0, 1.0, round(duration_s * RATE_HZ), dtype=np.float32)
    samples = samples.copy()
    samples[:, : len(ramp)] *= ramp
    samples[:, -len(ramp) :] *= ramp[::-1]
    return samples


@given(gain_db=st.floats(-20.0, 10.0))
@settings(max_examples=10, deadline=None)
def test_gain_moves_levels_and_nothing_else(gain_db):
    samples = harmonic(220.0, 1.0) + noise(1.0, -60.0)
    before, after = heard(samples), heard(samples * np.float32(10 ** (gain_db / 20)))
    assert after.lufs == pytest.approx(before.lufs + gain_db, abs=1e-3)
    assert after.peak_db == pytest.approx(before.peak_db + gain_db, abs=1e-3)
    assert after.true_peak_db == pytest.approx(before.true_peak_db + gain_db, abs=1e-3)
    assert np.array(after.spectrum_db) == pytest.approx(
        np.array(before.spectrum_db) + gain_db, abs=1e-2
    )
    assert after.centroid_hz == pytest.approx(before.centroid_hz, rel=1e-3)
    assert after.bandwidth_hz == pytest.approx(before.bandwidth_hz, rel=1e-3)


def test_it_is_what_its_parts_say():
    samples = noise(2.0, channels=2)
    features = heard(samples)
    assert features.lufs == integrated(from_samples(samples, RATE_HZ))
    assert features.peak_db == pytest.approx(20 * math.log10(np.abs(samples).max()), abs=1e-6)
    assert features.true_peak_db >= features.peak_db
    assert features.duration_s == 2.0
    assert features.active_s == pytest.approx(2.0)
    assert features.centroid_hz == pytest.approx(RATE_HZ / 4, rel=0.02)
    assert len(features.spectrum_db) == 61
    assert features.notes == ()


def test_mono_and_dual_mono_differ_by_their_power_only():
    mono = heard(harmonic(220.0, 1.0))
    dual = heard(np.tile(harmonic(220.0, 1.0), (2, 1)))
    assert dual.lufs == pytest.approx(mono.lufs + 10 * math.log10(2), abs=1e-3)
    assert dual.peak_db == mono.peak_db
    assert dual.centroid_hz == pytest.approx(mono.centroid_hz, rel=1e-4)


@pytest.mark.parametrize("frames", [0, 1, 3000, 3 * RATE_HZ])
def test_silence(frames):
    features = heard(np.zeros((2, frames), np.float32))
    assert features.lufs is None
    assert features.centroid_hz is None
    assert features.active_s == 0.0
    assert features.peak_db == features.true_peak_db == -math.inf
    assert features.notes == ()


@pytest.mark.parametrize("frames", [2, 100, 4800])
def test_very_short_clips_are_measured(frames):
    features = heard(noise(0.1)[:, :frames])
    assert features.lufs is not None
    assert features.active_s == pytest.approx(frames / RATE_HZ)
    assert math.isfinite(features.centroid_hz)


def test_only_an_offset_is_silence_and_said_to_be():
    features = heard(np.full((2, 3 * RATE_HZ), 0.1, np.float32))
    assert features.lufs is None
    assert features.active_s == 0.0
    assert features.notes == (ONLY_OFFSET,)


def test_so_is_one_that_thumps_where_its_item_begins_and_ends():
    thumps = faded(np.full((2, 3 * RATE_HZ), 0.1, np.float32))
    features = heard(np.pad(thumps, ((0, 0), (RATE_HZ, RATE_HZ))))
    assert features.lufs is None
    assert features.notes == (ONLY_OFFSET,)


def test_a_sound_over_an_offset_is_a_sound():
    features = heard(faded(harmonic(220.0, 3.0, -40.0) + np.float32(0.1)))
    assert features.lufs == pytest.approx(heard(harmonic(220.0, 3.0, -40.0)).lufs, abs=1.5)
    assert features.notes == ()


def test_a_one_shot_is_a_sound():
    clicks = np.zeros((1, RATE_HZ), np.float32)
    clicks[0, 1000:1100] = 0.5
    assert heard(clicks).lufs is not None


def test_what_is_too_soft_is_silence_but_no_offset():
    features = heard(noise(2.0, -90.0))
    assert features.lufs is None
    assert features.notes == ()


@pytest.mark.parametrize("rate_hz", [8000, 44100, 192000])
@pytest.mark.parametrize("channels", [1, 2, 12])
def test_any_rate_and_any_number_of_channels(rate_hz, channels):
    features = heard(tone(440.0, 0.5, rate_hz=rate_hz, channels=channels), rate_hz)
    assert features.lufs == pytest.approx(-23.6 + 10 * math.log10(channels), abs=0.6)


class StubTracker:
    """Hears 110 Hz, and remembers how many samples it was given."""

    frames = 0

    def __init__(self, sample_rate_hz, channels):
        assert (sample_rate_hz, channels) == (RATE_HZ, 1)

    def push(self, samples, weighted):
        assert weighted.shape == samples.shape
        StubTracker.frames += samples.shape[1]

    def result(self):
        return SimpleNamespace(
            f0_hz=110.0, confidence=0.9, pyin_hz=109.0, pesto_hz=111.0, notes=("PESTO is missing.",)
        )


@pytest.fixture
def stub_pitch(monkeypatch):
    module = ModuleType("reaper_automix.features.pitch")
    module.PitchTracker = StubTracker
    monkeypatch.setitem(sys.modules, "reaper_automix.features.pitch", module)
    monkeypatch.setattr(StubTracker, "frames", 0)


@pytest.mark.usefixtures("stub_pitch")
def test_pitch_comes_from_its_tracker_in_the_same_pass():
    features = heard(noise(3.0), pitch=True)
    assert StubTracker.frames == 3 * RATE_HZ
    assert (features.f0_hz, features.pitch_confidence) == (110.0, 0.9)
    assert (features.pyin_hz, features.pesto_hz) == (109.0, 111.0)
    assert features.notes == ("PESTO is missing.",)


def test_progress_reaches_the_end_and_can_stop():
    told = []
    signal = from_samples(noise(3.0), RATE_HZ)
    measure(signal, pitch=False, progress=lambda *step: told.append(step))
    assert told[-1] == ("Measuring", 3.0, 3.0)
    assert [step[1] for step in told] == sorted(step[1] for step in told)

    def stop(stage, done, total, what=""):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        measure(signal, pitch=False, progress=stop)
