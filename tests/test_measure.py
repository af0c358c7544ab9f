"""One pass for everything: against the parts it is made of, and on sounds that hardly are any."""

import math
import sys
import typing
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import from_samples
from reaper_automix.errors import Cancelled
from reaper_automix.features import Band
from reaper_automix.features.loudness import (
    hop_frames,
    in_bands,
    integrated,
    k_weighted,
    lufs_from_power,
)
from reaper_automix.features.measure import ONLY_OFFSET, listen, overview
from reaper_automix.features.trace import channel_powers
from reaper_automix.levels import METHODS
from signals import RATE_HZ, harmonic, noise, tone


def heard(samples, rate_hz=RATE_HZ):
    return overview(from_samples(samples, rate_hz))


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


# Listening


class StubTracker:
    """Hears 110 Hz, and remembers what it was given."""

    made: typing.ClassVar[list["StubTracker"]] = []

    def __init__(self, sample_rate_hz, channels, mode):
        self.made.append(self)
        self.given = (sample_rate_hz, channels, mode)
        self.pairs = []

    def push(self, samples, weighted):
        self.pairs.append((samples, weighted))

    def result(self):
        return SimpleNamespace(
            f0_hz=110.0, confidence=0.9, pyin_hz=109.0, pesto_hz=111.0, notes=("PESTO is missing.",)
        )


@pytest.fixture(autouse=True)
def stub_pitch(monkeypatch):
    module = ModuleType("reaper_automix.features.pitch")
    module.PitchTracker = StubTracker
    module.credibility = lambda confidence: confidence
    monkeypatch.setitem(sys.modules, "reaper_automix.features.pitch", module)
    monkeypatch.setattr(StubTracker, "made", [])


def listened(samples, rate_hz=RATE_HZ, start_frame=0):
    return listen(from_samples(samples, rate_hz, start_frame))


def test_pitch_comes_from_its_tracker_in_the_same_pass():
    samples = noise(3.0, channels=2)
    measurement, _ = listen(from_samples(samples, RATE_HZ), pitch="exact")
    features = measurement.features
    (tracker,) = StubTracker.made
    assert tracker.given == (RATE_HZ, 2, "exact")
    assert np.array_equal(np.concatenate([raw for raw, _ in tracker.pairs], axis=1), samples)
    weighted = np.concatenate([weighted for _, weighted in tracker.pairs], axis=1)
    power = np.square(weighted, dtype=float).mean(axis=1).sum()
    assert lufs_from_power(power) == pytest.approx(features.lufs, abs=0.05)
    assert (features.f0_hz, features.pitch_confidence) == (110.0, 0.9)
    assert (features.pyin_hz, features.pesto_hz) == (109.0, 111.0)
    assert features.notes == ("PESTO is missing.",)


def test_the_rest_is_what_is_heard_without_pitch():
    samples = noise(1.0)
    features = listened(samples)[0].features
    without = replace(
        features, f0_hz=None, pitch_confidence=0.0, pyin_hz=None, pesto_hz=None, notes=()
    )
    assert without == heard(samples)


def test_levels_are_those_of_all_methods():
    signal = from_samples(noise(1.0) + harmonic(110.0, 1.0), RATE_HZ)
    measurement, _ = listen(signal)
    assert [level.method for level in measurement.levels] == list(METHODS)
    narrow = measurement.heard("p_lufs").level
    assert narrow.band == Band(220.0, 440.0)
    assert narrow.lufs == in_bands(k_weighted(signal), [narrow.band])[0]
    assert measurement.heard("lufs").level.lufs == measurement.features.lufs


@given(
    gain_db=st.floats(-30.0, 20.0), channels=st.sampled_from([1, 2, 3]), start=st.integers(0, 9999)
)
@settings(max_examples=10, deadline=None)
def test_gain_moves_all_levels_powers_and_peaks(gain_db, channels, start):
    samples = harmonic(220.0, 0.7, rate_hz=8000) + noise(0.7, -50.0, 8000, channels)
    gain = 10 ** (gain_db / 20)
    before, _ = listened(samples, 8000, start)
    after, _ = listened(samples * np.float32(gain), 8000, start)
    for one, other in zip(before.levels, after.levels, strict=True):
        assert other.lufs == pytest.approx(one.lufs + gain_db, abs=0.005)
    np.testing.assert_allclose(after.trace.powers, before.trace.powers * gain**2, rtol=1e-4)
    np.testing.assert_allclose(after.trace.peaks, before.trace.peaks * gain, rtol=1e-4)


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(8000, 64), (44100, 2), (48000, 5), (96000, 2), (192000, 1)]
)
def test_the_trace_holds_all_of_the_energy_wherever_it_starts(rate_hz, channels):
    samples = noise(0.35, rate_hz=rate_hz, channels=channels)
    hop = hop_frames(rate_hz)
    at_zero = listened(samples, rate_hz)[0].trace
    in_mid_hop = listened(samples, rate_hz, 7 * hop + hop // 3)[0].trace
    assert (at_zero.first_hop, in_mid_hop.first_hop) == (0, 7)
    assert at_zero.peaks.shape == (channels, len(at_zero.powers))
    assert in_mid_hop.powers.sum() == pytest.approx(at_zero.powers.sum(), rel=1e-5)
    assert in_mid_hop.peaks.max() == at_zero.peaks.max()
    mean = at_zero.powers.sum() * hop / samples.shape[1]
    assert listened(samples, rate_hz)[0].features.lufs == pytest.approx(
        lufs_from_power(mean), abs=1e-4
    )


def test_channels_may_change_places():
    samples = noise(0.5, channels=5) * np.float32(10) ** -np.arange(5.0, dtype=np.float32)[:, None]
    (one, _), (other, _) = listened(samples), listened(samples[::-1])
    assert np.array_equal(one.trace.peaks, other.trace.peaks[::-1])
    np.testing.assert_allclose(one.trace.powers, other.trace.powers, rtol=1e-6)
    for level, same in zip(one.levels, other.levels, strict=True):
        assert level.lufs == pytest.approx(same.lufs, abs=1e-5)


def test_the_sketch_is_of_the_same_sound():
    samples = noise(1.0, channels=2)
    measurement, sketch = listened(samples, start_frame=4800 * 3 + 100)
    assert (sketch.start_frame, sketch.frames) == (4800 * 3 + 100, RATE_HZ)
    assert sketch.hops.tolist() == list(range(3, 14))
    assert measurement.trace.first_hop == 3
    powers = channel_powers(sketch.samples * sketch.units[:, None]).sum(axis=0)
    np.testing.assert_allclose(powers, measurement.trace.powers[: len(powers)], rtol=1e-4)


@pytest.mark.parametrize("frames", [0, 1, 4800])
@pytest.mark.parametrize("start_frame", [0, 4800])
def test_silence_has_a_trace_and_an_empty_sketch(frames, start_frame):
    measurement, sketch = listened(np.zeros((2, frames), np.float32), start_frame=start_frame)
    assert [level.lufs for level in measurement.levels] == [None] * len(METHODS)
    assert not measurement.trace.powers.any()
    assert not measurement.trace.peaks.any()
    assert sketch.samples.shape[:2] == (2, 0)
    assert measurement.features.f0_hz is None


def test_the_media_are_read_once():
    signal, readings = from_samples(noise(3.0), RATE_HZ), []

    def read():
        readings.append(1)
        yield from signal.read()

    listen(replace(signal, read=read))
    assert len(readings) == 1


def test_progress_counts_every_second_once_and_can_stop():
    told = []
    signal = from_samples(noise(3.0), RATE_HZ)
    listen(signal, progress=lambda *step: told.append(step))
    assert told[-1] == ("Measuring", 3.0, 3.0)
    assert [step[1] for step in told] == sorted(step[1] for step in told)
    last = len(told)

    def stop(stage, done, total, what=""):
        told.append(stage)
        if len(told) == 2 * last:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        listen(signal, progress=stop)
