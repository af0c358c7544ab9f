"""Loudness against BS.1770's tables and closed forms, pyloudnorm, and its own laws."""

import math

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from reaper_automix.audio import from_samples
from reaper_automix.errors import Cancelled
from reaper_automix.features import Band, kernels
from reaper_automix.features.filters import band_stages, digital
from reaper_automix.features.loudness import (
    BS_1770,
    HIGH_PASS_48K,
    PUBLISHED,
    SHELF_48K,
    BandMeter,
    KWeighting,
    Meter,
    gated_loudness,
    hop_frames,
    in_bands,
    integrated,
    k_weighted,
)
from signals import RATE_HZ, band_section, noise, tone

RATES_HZ = (8000, 11025, 22050, 44100, 48000, 88200, 96000, 192000)


def lufs(samples, rate_hz=RATE_HZ, convention=BS_1770):
    return integrated(from_samples(samples, rate_hz), convention)


def weighted(samples, block, rate_hz=RATE_HZ):
    weighting = KWeighting(rate_hz, len(samples))
    parts = [samples[:, first : first + block] for first in range(0, samples.shape[1], block)]
    return np.concatenate([weighting.push(part) for part in parts], axis=1)


def plain_lufs(samples, rate_hz, bands=()):
    """The path that was written first: band, K-weighting (both settled), gates, all with scipy."""
    samples = samples.astype(float)
    for section in (*(band_section(band, rate_hz) for band in bands), *k_weighting(rate_hz)):
        b, a = section[:3], (1.0, *section[3:])
        start = scipy_signal.lfilter_zi(b, a) * samples[:, :1] if any(b) else None
        samples, _ = scipy_signal.lfilter(b, a, samples, zi=start)
    hop = round(rate_hz / 10)
    count = samples.shape[1] // hop
    powers = np.square(samples[:, : count * hop]).reshape(-1, count, hop).mean(axis=2).sum(axis=0)
    blocks = np.array([powers[first : first + 4].mean() for first in range(count - 3)])
    level = -0.691 + 10 * np.log10(blocks)
    level = level[level > -70.0]
    gate = -10.0 + 10 * np.log10(np.mean(10 ** (level / 10)))
    return 10 * np.log10(np.mean(10 ** (level[level > gate] / 10)))


def k_weighting(rate_hz):
    return digital(BS_1770.shelf, rate_hz), digital(BS_1770.high_pass, rate_hz)


def swelling_noise(duration_s, rate_hz, channels=2):
    """Noise with loud and soft passages, some below the relative gate."""
    samples = noise(duration_s, -20.0, rate_hz, channels)
    swell_db = 15.0 * np.sin(np.arange(samples.shape[1]) / rate_hz * 2.0)
    return (samples * 10 ** (swell_db / 20)).astype(np.float32)


# Laws


@given(gain_db=st.floats(-30.0, 12.0))
@settings(max_examples=20, deadline=None)
def test_more_gain_is_as_much_more_loudness(gain_db):
    samples = swelling_noise(2.0, 8000)
    louder = samples * np.float32(10 ** (gain_db / 20))
    assert lufs(louder, 8000) == pytest.approx(lufs(samples, 8000) + gain_db, abs=0.001)
    before, after = (
        in_bands(k_weighted(from_samples(one, 8000)), BANDS[:1])[0] for one in (samples, louder)
    )
    assert after == pytest.approx(before + gain_db, abs=0.001)


@pytest.mark.parametrize("block", [1, 999, 4800, 100_000])
def test_block_sizes_change_nothing(block):
    samples = swelling_noise(1.23 if block > 1 else 0.45, 8000)
    meter = Meter(8000, 2)
    for first in range(0, samples.shape[1], block):
        meter.push(samples[:, first : first + block])
    assert meter.lufs() == pytest.approx(lufs(samples, 8000), abs=1e-5)


def test_the_same_in_two_channels_is_three_units_more():
    samples = tone(997.0, 2.0)
    twice = lufs(np.tile(samples, (2, 1)))
    assert twice == pytest.approx(lufs(samples) + 10 * math.log10(2), abs=1e-4)


def test_twelve_channels_weigh_the_same():
    samples = noise(1.0)
    for place in (0, 5, 11):
        wide = np.zeros((12, samples.shape[1]), np.float32)
        wide[place] = samples[0]
        assert lufs(wide) == pytest.approx(lufs(samples), abs=1e-4)


def test_silence_around_a_sound_does_not_count():
    samples = noise(10.0)
    padded = np.pad(samples, ((0, 0), (5 * RATE_HZ, 5 * RATE_HZ)))
    # But for the few blocks that reach over its edges.
    assert lufs(padded) == pytest.approx(lufs(samples), abs=0.15)


def test_polarity_and_order_of_channels_do_not_matter():
    samples = swelling_noise(1.0, RATE_HZ)
    assert lufs(-samples[::-1]) == pytest.approx(lufs(samples), abs=1e-5)


# Numbers


def test_at_48_khz_the_filters_are_those_of_the_tables():
    assert digital(BS_1770.shelf, 48000) == pytest.approx(SHELF_48K, abs=1e-12)
    assert digital(BS_1770.high_pass, 48000) == pytest.approx(HIGH_PASS_48K, abs=1e-12)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 88200, 96000, 192000])
def test_a_full_scale_sine_reads_minus_three(rate_hz):
    """BS.1770 annex 1, note to equation 2: 0 dBFS at 997 Hz in one channel is -3.01 LKFS."""
    assert lufs(tone(997.0, 3.0, 0.0, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050])
def test_at_low_rates_the_bilinear_transform_bends_it_a_little(rate_hz):
    assert lufs(tone(997.0, 3.0, 0.0, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.25)


@pytest.mark.parametrize("frequency_hz", [40.0, 100.0, 1000.0, 2500.0])
def test_the_weighting_is_the_same_at_every_rate(frequency_hz):
    expected = lufs(tone(frequency_hz, 2.0, rate_hz=48000), 48000)
    for rate_hz in RATES_HZ[2:]:
        found = lufs(tone(frequency_hz, 2.0, rate_hz=rate_hz), rate_hz)
        assert found == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("duration_s", [0.4, 0.94, 3.5, 7.345])
def test_the_published_meter_is_pyloudnorm(rate_hz, duration_s):
    samples = swelling_noise(duration_s, rate_hz)
    expected = pyloudnorm.Meter(rate_hz).integrated_loudness(samples.T)
    assert lufs(samples, rate_hz, convention=PUBLISHED) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_the_recommended_meter_is_pyloudnorm_with_exact_filters(rate_hz):
    samples = swelling_noise(7.3, rate_hz)
    expected = pyloudnorm.Meter(rate_hz, filter_class="DeMan").integrated_loudness(samples.T)
    assert lufs(samples, rate_hz) == pytest.approx(expected, abs=0.01)


BANDS = (Band(220.0, 440.0), Band(1.0, 22000.0), Band(6232.0, 11405.0))


def test_a_band_is_filtered_before_the_meter():
    samples = swelling_noise(3.0, RATE_HZ)
    found = in_bands(k_weighted(from_samples(samples, RATE_HZ), PUBLISHED), BANDS, PUBLISHED)
    for band, found_lufs in zip(BANDS, found, strict=True):
        passed = samples.astype(float)
        for edge_hz, kind in ((band.low_hz, "highpass"), (band.high_hz, "lowpass")):
            butter = scipy_signal.butter(1, edge_hz, kind, fs=RATE_HZ)
            passed = scipy_signal.lfilter(*butter, passed)
        expected = pyloudnorm.Meter(RATE_HZ).integrated_loudness(passed.T)
        assert found_lufs == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("rate_hz", [8000, 44100, 192000])
def test_all_bands_in_one_sweep_are_each_by_itself_and_slowly(rate_hz, channels):
    samples = swelling_noise(1.0, rate_hz, channels) + np.float32(0.3)
    bands = [Band(60.0, 120.0), Band(500.0, 3000.0), Band(3000.0, None)]
    found = in_bands(k_weighted(from_samples(samples, rate_hz)), bands)
    expected = [plain_lufs(samples, rate_hz, [band]) for band in bands]
    assert found == pytest.approx(expected, abs=0.001)
    assert lufs(samples, rate_hz) == pytest.approx(plain_lufs(samples, rate_hz), abs=0.001)


def test_a_band_meter_does_not_depend_on_blocks():
    samples = swelling_noise(0.6, 8000)
    signal = from_samples(samples, 8000)
    meter = BandMeter(8000, 2, BANDS[:2])
    for first in range(0, samples.shape[1], 77):
        meter.push(samples[:, first : first + 77])
    assert meter.lufs() == pytest.approx(in_bands(signal, BANDS[:2]), abs=1e-5)


@given(
    lengths=st.lists(st.integers(1, 9000), min_size=1, max_size=4),
    low_hz=st.floats(1.0, 8000.0),
    channels=st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_lanes_find_what_one_filter_finds_sample_by_sample(lengths, low_hz, channels):
    ends = np.cumsum(lengths)
    samples = noise(ends[-1] / RATE_HZ, channels=channels)
    high_hz = 60.0 + 2.0 * low_hz  # no pitch has its fourth harmonic below that
    bands = (Band(low_hz, high_hz), Band(low_hz, None), Band(None, high_hz))
    filters = np.array([band_stages(band, RATE_HZ) for band in bands])
    energies = np.zeros((len(bands), len(ends)))
    state = np.zeros((len(bands), channels, 2))
    kernels.measure_bands(kernels.readable(samples), filters, state, ends, energies)
    for band, found in zip(bands, energies, strict=True):
        b0, b1, b2, *a = band_section(band, RATE_HZ)
        passed = scipy_signal.lfilter((b0, b1, b2), (1.0, *a), samples.astype(float))
        energy = np.square(passed).sum(axis=0)
        expected, rms = np.add.reduceat(energy, ends - lengths), np.sqrt(energy.mean())
        # A piece of one sample can be next to nothing, so what rounding may do goes by the whole.
        found, expected = (np.sqrt(values / lengths) for values in (found, expected))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * rms)


def test_no_bands_are_no_levels():
    assert in_bands(k_weighted(from_samples(noise(0.5), RATE_HZ)), ()) == ()


@pytest.mark.parametrize("block", [1, 7, 255, 1000])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_blocks_change_not_one_bit_of_what_is_weighted(block, channels):
    samples = swelling_noise(0.1, RATE_HZ, channels)
    assert np.array_equal(weighted(samples, block), weighted(samples, 1 << 16))


@pytest.mark.parametrize("channels", [1, 2, 5, 64])
def test_channels_are_weighted_each_by_itself_and_as_scipy_does(channels):
    samples = swelling_noise(0.2, RATE_HZ, channels)
    sections = [(*one[:3], 1.0, *one[3:]) for one in k_weighting(RATE_HZ)]
    start = scipy_signal.sosfilt_zi(sections)[:, None, :] * samples[None, :, :1].astype(float)
    expected, _ = scipy_signal.sosfilt(sections, samples.astype(float), zi=start)
    np.testing.assert_allclose(weighted(samples, 5000), expected, atol=1e-6)


def test_what_rings_out_falls_silent():
    """Denormal numbers would make everything behind the sound many times slower."""
    weighting = KWeighting(RATE_HZ, 2)
    weighting.push(tone(100.0, 0.1, channels=2))
    rest = [weighting.push(np.zeros((2, 4800), np.float32)) for _ in range(10)]
    assert rest[0].any()
    assert not rest[-1].any()


@given(start_frame=st.integers(0, 5000), frames=st.integers(1, 4000), block=st.integers(50, 3000))
@settings(max_examples=20, deadline=None)
def test_hops_of_the_time_line_share_out_the_same_energy(start_frame, frames, block):
    samples = noise(0.5, rate_hz=8000, channels=2)[:, :frames]
    meter = Meter(8000, 2, start_frame=start_frame)
    parts = [meter.push(samples[:, first : first + block]) for first in range(0, frames, block)]
    energy = np.square(np.concatenate(parts, axis=1), dtype=float).sum(axis=0)
    hop, first_hop = 800, start_frame // 800
    hops = (start_frame + frames - 1) // hop - first_hop + 1
    line = np.zeros(hops * hop)
    line[start_frame - first_hop * hop :][:frames] = energy
    expected = line.reshape(hops, hop).mean(axis=1)
    assert meter.powers_on_time_line(first_hop, hops) == pytest.approx(expected, rel=1e-6)
    wider = meter.powers_on_time_line(first_hop - 1, hops + 2)
    assert wider[1:-1] == pytest.approx(expected, rel=1e-6)
    assert wider[0] == wider[-1] == 0.0


def test_powers_before_and_behind_the_weighting():
    samples = noise(1.0) + np.float32(0.5)
    meter = Meter(RATE_HZ, 1)
    meter.push(samples)
    assert meter.raw_powers() == pytest.approx(np.square(samples).reshape(10, -1).mean(axis=1))
    assert meter.block_powers().max() < 0.1


def test_a_soft_passage_below_the_relative_gate_does_not_count():
    loud, soft = noise(5.0, -20.0), noise(5.0, -45.0)
    both = np.concatenate([loud, soft], axis=1)
    # But for the blocks that reach over the edge: 3 of 50.
    assert lufs(both) == pytest.approx(lufs(loud), abs=0.2)


def test_one_within_the_relative_gate_does():
    loud, soft = noise(5.0, -20.0), noise(5.0, -26.0)
    both = np.concatenate([loud, soft], axis=1)
    mean = 10 * math.log10((10 ** (lufs(loud) / 10) + 10 ** (lufs(soft) / 10)) / 2)
    assert lufs(both) == pytest.approx(mean, abs=0.05)


def test_a_clip_shorter_than_a_block_has_its_mean_power():
    samples = swelling_noise(0.31, RATE_HZ)
    energy = np.square(weighted(samples, 1 << 16), dtype=float).sum()
    expected = -0.691 + 10 * math.log10(energy / samples.shape[1])
    assert lufs(samples) == pytest.approx(expected, abs=1e-4)


def test_hops_give_the_loudness_of_the_whole():
    samples = swelling_noise(2.3, RATE_HZ)
    meter = Meter(RATE_HZ, 2)
    meter.push(samples)
    powers = meter.block_powers()
    assert len(powers) == 23
    assert gated_loudness(powers) == meter.lufs()
    assert gated_loudness(powers[:3]) == pytest.approx(
        -0.691 + 10 * math.log10(powers[:3].mean()), abs=1e-9
    )
    assert hop_frames(44100) == 4410


def test_active_time_is_what_passes_the_gate():
    samples = np.pad(noise(2.0, -30.0), ((0, 0), (RATE_HZ, RATE_HZ)))
    meter = Meter(RATE_HZ, 1)
    meter.push(samples)
    assert meter.active_s() == pytest.approx(2.0, abs=0.11)


# What is not there


@pytest.mark.parametrize("duration_s", [0.0, 0.01, 0.2, 0.4, 3.0])
def test_silence_has_no_loudness(duration_s):
    samples = np.zeros((2, round(duration_s * RATE_HZ)), np.float32)
    assert lufs(samples) is None
    assert lufs(samples, convention=PUBLISHED) is None


@pytest.mark.parametrize("duration_s", [0.2, 3.0])
def test_below_the_absolute_gate_is_silence(duration_s):
    assert lufs(noise(duration_s, -80.0)) is None


def test_no_hops_have_no_loudness():
    assert gated_loudness(np.empty(0)) is None


def test_an_offset_is_silence():
    assert lufs(np.full((2, RATE_HZ), 0.7, np.float32)) is None


def test_an_offset_under_a_sound_does_not_count():
    samples = noise(1.0)
    assert lufs(samples + np.float32(0.5)) == pytest.approx(lufs(samples), abs=1e-3)


def test_reading_can_be_stopped():
    def stop():
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        in_bands(k_weighted(from_samples(noise(1.0), RATE_HZ)), BANDS, beat=stop)
