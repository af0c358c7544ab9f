"""Spectra against librosa, closed forms and their own laws."""

import math

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.features import SPECTRUM_HZ
from reaper_automix.features.spectrum import (
    EDGES_HZ,
    PUBLISHED,
    BandPowers,
    SpectralShape,
    framing,
)
from signals import RATE_HZ, harmonic, noise, tone


def shape(samples, rate_hz=RATE_HZ, cut=None, block=1 << 16):
    found = SpectralShape(rate_hz, samples.shape[0], cut or framing(rate_hz))
    for first in range(0, samples.shape[1], block):
        found.push(samples[:, first : first + block])
    return found.result()


def band_powers_db(samples, rate_hz=RATE_HZ, block=1 << 16):
    bands = BandPowers(rate_hz, samples.shape[0])
    for first in range(0, samples.shape[1], block):
        bands.push(samples[:, first : first + block])
    return np.array(bands.db())


# Laws of centroid and bandwidth


@given(gain_db=st.floats(-60.0, 20.0))
@settings(max_examples=20, deadline=None)
def test_gain_does_not_move_the_centroid(gain_db):
    samples = harmonic(220.0, 0.3) + noise(0.3, -50.0)
    louder = samples * np.float32(10 ** (gain_db / 20))
    assert shape(louder) == pytest.approx(shape(samples), rel=1e-4)


@pytest.mark.parametrize("block", [1, 777, 4096])
def test_block_sizes_do_not_move_the_centroid(block):
    samples = noise(0.1, channels=2)
    assert shape(samples, block=block) == pytest.approx(shape(samples), rel=1e-6)


def test_silence_around_a_sound_does_not_move_its_centroid():
    samples = harmonic(220.0, 1.0)
    padded = np.pad(samples, ((0, 0), (RATE_HZ * 2, RATE_HZ * 2)))
    assert shape(padded) == pytest.approx(shape(samples), rel=0.02)


def test_nor_does_the_noise_floor_behind_it():
    sounding, floor = tone(440.0, 1.0) + noise(1.0, -80.0), noise(3.0, -80.0)
    hissing = np.concatenate([sounding, floor], axis=1)
    assert shape(hissing) == pytest.approx(shape(sounding), rel=0.02)


def test_opposite_channels_do_not_cancel():
    samples = harmonic(220.0, 0.5)
    opposite = np.concatenate([samples, -samples])
    assert shape(opposite) == pytest.approx(shape(samples), rel=1e-4)


def test_an_offset_does_not_count():
    samples = harmonic(220.0, 1.0)
    assert shape(samples + np.float32(0.1))[0] == pytest.approx(shape(samples)[0], rel=0.02)


def test_twice_the_rate_hears_the_same():
    samples = harmonic(220.0, 1.0, rate_hz=44100)
    doubled = np.fft.irfft(np.fft.rfft(samples[0]), 2 * samples.shape[1])[None].astype(np.float32)
    assert shape(doubled, 88200) == pytest.approx(shape(samples, 44100), rel=0.03)


# Numbers


@pytest.mark.parametrize("frames", [2048, 2560, 48001])
def test_the_published_shape_is_librosas(frames):
    wave = noise(1.1)[0, :frames] * np.linspace(0.0, 1.0, frames, dtype=np.float32)
    wave[frames // 3 : frames // 2] = 0.0
    expected = (
        librosa.feature.spectral_centroid(y=wave, sr=RATE_HZ).mean(),
        librosa.feature.spectral_bandwidth(y=wave, sr=RATE_HZ).mean(),
    )
    assert shape(wave[None], cut=PUBLISHED) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("frequency_hz", [200.0, 1000.0, 9000.0])
def test_a_tone_is_its_own_centroid(frequency_hz):
    samples = tone(frequency_hz, 2.0) * np.hanning(2 * RATE_HZ).astype(np.float32)
    centroid_hz, bandwidth_hz = shape(samples)
    assert centroid_hz == pytest.approx(frequency_hz, rel=0.01)
    assert bandwidth_hz < 60.0


def test_white_noise_lies_in_the_middle():
    centroid_hz, bandwidth_hz = shape(noise(5.0))
    assert centroid_hz == pytest.approx(RATE_HZ / 4, rel=0.01)
    assert bandwidth_hz == pytest.approx(RATE_HZ / 2 / math.sqrt(12), rel=0.01)


@pytest.mark.parametrize("frames", [0, 10, 5000])
def test_silence_has_no_centroid(frames):
    assert shape(np.zeros((2, frames), np.float32)) is None


# Power per band


@given(
    seed=st.integers(0, 100),
    frames=st.integers(1, 30000),
    block=st.sampled_from([512, 5000, 65536]),
)
@settings(max_examples=20, deadline=None)
def test_the_bands_add_up_to_the_mean_power(seed, frames, block):
    wave = np.random.default_rng(seed).standard_normal(frames)
    spectrum = np.fft.rfft(wave)
    frequency_hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    spectrum[(frequency_hz < 200.0) | (frequency_hz > 15000.0)] = 0.0
    samples = np.fft.irfft(spectrum, frames).astype(np.float32)[None]
    total = (10 ** (band_powers_db(samples, block=block) / 10)).sum()
    # Cut off anywhere, a little of it spreads beyond the outermost bands.
    assert total == pytest.approx(np.mean(samples.astype(float) ** 2), rel=0.05, abs=1e-9)


@pytest.mark.parametrize("rate_hz", [8000, 44100, 96000])
@pytest.mark.parametrize("number", [15, 30, 40])
def test_a_tone_stands_in_its_band(rate_hz, number):
    samples = tone(SPECTRUM_HZ[number], 3.0, 0.0, rate_hz)
    bands = band_powers_db(samples, rate_hz)
    assert bands.argmax() == number
    # Less where its band is hardly wider than a bin.
    assert bands.max() == pytest.approx(-3.01, abs=0.8)


def test_white_noise_rises_three_decibels_per_octave():
    bands = band_powers_db(noise(20.0))
    rise_db = bands[55] - bands[31]
    assert rise_db == pytest.approx(4 * 3.01, abs=0.3)


def test_channels_add_up():
    samples = noise(1.0)
    assert band_powers_db(np.tile(samples, (2, 1))) == pytest.approx(
        band_powers_db(samples) + 10 * math.log10(2), abs=1e-4
    )


def test_the_bands_are_sixths_of_an_octave_side_by_side():
    assert np.sqrt(EDGES_HZ[1:] * EDGES_HZ[:-1]) == pytest.approx(SPECTRUM_HZ)
    assert EDGES_HZ[1:] / EDGES_HZ[:-1] == pytest.approx(10 ** (1 / 20))


def test_there_is_nothing_above_half_the_rate():
    bands = band_powers_db(noise(1.0, rate_hz=8000), 8000)
    assert np.isneginf(bands[np.array(SPECTRUM_HZ) > 4500.0]).all()


@pytest.mark.parametrize("frames", [0, 10, 48000])
def test_silence_has_no_power_anywhere(frames):
    assert np.isneginf(band_powers_db(np.zeros((2, frames), np.float32))).all()
