"""Spectra against librosa, closed forms and their own laws."""

import math
from functools import cache

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import from_samples
from reaper_automix.features import SPECTRUM_HZ
from reaper_automix.features.spectrum import EDGES_HZ, FRAMES, PublishedShape, shape
from signals import RATE_HZ, harmonic, noise, tone

SLOW_HZ = 8000
"""At this rate a minute is more frames than are chosen, and yet soon measured."""


def shaped(samples, rate_hz=RATE_HZ, **how):
    return shape(from_samples(samples, rate_hz), **how)


def centre(samples, rate_hz=RATE_HZ):
    found = shaped(samples, rate_hz)
    return found.centroid_hz, found.bandwidth_hz


def bands(samples, rate_hz=RATE_HZ):
    return np.array(shaped(samples, rate_hz).bands_db)


def published(wave, block=1 << 16):
    found = PublishedShape(RATE_HZ)
    for first in range(0, len(wave), block):
        found.push(wave[None, first : first + block])
    return found.result()


@cache
def song(duration_s, seed=0, channels=2):
    """Notes, hits and hiss of all colours and levels, one after the other."""
    rng = np.random.default_rng(seed)
    pieces = []
    while sum(len(piece) for piece in pieces) < duration_s * SLOW_HZ:
        length_s = rng.uniform(0.05, 0.5)
        note = harmonic(rng.uniform(60.0, 900.0), length_s, rate_hz=SLOW_HZ)[0]
        hiss = np.diff(noise(length_s, -20.0, SLOW_HZ, seed=len(pieces))[0], prepend=0.0)
        mixed = rng.choice([0.0, 1.0]) * note + rng.uniform(0.0, 0.5) * hiss[: len(note)]
        fall = np.exp(-np.arange(len(note)) / SLOW_HZ * rng.uniform(1.0, 20.0))
        pieces.append(mixed * fall * 10 ** (rng.uniform(-30.0, 0.0) / 20))
    wave = np.concatenate(pieces)[: round(duration_s * SLOW_HZ)].astype(np.float32)
    return np.stack([wave, np.roll(wave, 1)])[:channels]


# Frames that stand for all


def close(some, all_of_them):
    assert some.centroid_hz == pytest.approx(all_of_them.centroid_hz, rel=0.01)
    assert some.bandwidth_hz == pytest.approx(all_of_them.bandwidth_hz, rel=0.01)
    some_db, all_db = np.array(some.bands_db), np.array(all_of_them.bands_db)
    strong = all_db > all_db.max() - 10.0
    assert np.sqrt(np.mean((some_db[strong] - all_db[strong]) ** 2)) < 0.5


@pytest.mark.parametrize(("seed", "channels"), [(0, 1), (1, 2), (2, 2)])
def test_the_chosen_frames_tell_what_all_do(seed, channels):
    samples = song(60.0, seed, channels)
    close(shaped(samples, SLOW_HZ), shaped(samples, SLOW_HZ, every_frame=True))


def test_a_loop_is_not_heard_at_the_same_places_every_time():
    # As many rounds as divide the number of frames, so that evenly spaced ones would all agree.
    samples = np.tile(song(4.0), 32)
    frames = samples.shape[1] // 128
    assert frames > 3 * FRAMES
    close(shaped(samples, SLOW_HZ), shaped(samples, SLOW_HZ, every_frame=True))


def test_short_sounds_are_taken_whole():
    samples = song(10.0)
    assert shaped(samples, SLOW_HZ) == shaped(samples, SLOW_HZ, every_frame=True)


def test_silence_between_sounds_takes_no_frames():
    samples = song(6.0)
    sparse = np.zeros((2, 40, samples.shape[1]), np.float32)
    sparse[:, 20] = samples
    assert shaped(sparse.reshape(2, -1), SLOW_HZ).centroid_hz == pytest.approx(
        shaped(samples, SLOW_HZ).centroid_hz, rel=2e-3
    )


@given(gain_db=st.floats(-60.0, 20.0))
@settings(max_examples=10, deadline=None)
def test_gain_moves_the_bands_and_nothing_else(gain_db):
    samples = song(30.0)
    plain = shaped(samples, SLOW_HZ)
    louder = shaped(samples * np.float32(10 ** (gain_db / 20)), SLOW_HZ)
    assert louder.centroid_hz == pytest.approx(plain.centroid_hz, rel=1e-3)
    assert louder.bandwidth_hz == pytest.approx(plain.bandwidth_hz, rel=1e-3)
    np.testing.assert_allclose(louder.bands_db, np.add(plain.bands_db, gain_db), atol=0.05)


@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)])
def test_polarity_and_order_of_channels_do_not_matter(left, right):
    samples = song(30.0)
    other = samples[::-1] * np.array([[left], [right]], np.float32)
    plain, found = shaped(samples, SLOW_HZ), shaped(other, SLOW_HZ)
    assert found.centroid_hz == pytest.approx(plain.centroid_hz, rel=1e-3)
    np.testing.assert_allclose(found.bands_db, plain.bands_db, atol=0.05)


# Laws of centroid and bandwidth


def test_silence_around_a_sound_does_not_move_its_centroid():
    samples = harmonic(220.0, 1.0)
    padded = np.pad(samples, ((0, 0), (RATE_HZ * 2, RATE_HZ * 2)))
    assert centre(padded) == pytest.approx(centre(samples), rel=0.02)


def test_nor_does_the_noise_floor_behind_it():
    sounding, floor = tone(440.0, 1.0) + noise(1.0, -80.0), noise(3.0, -80.0)
    hissing = np.concatenate([sounding, floor], axis=1)
    assert centre(hissing) == pytest.approx(centre(sounding), rel=0.02)


def test_opposite_channels_do_not_cancel():
    samples = harmonic(220.0, 0.5)
    opposite = np.concatenate([samples, -samples])
    assert centre(opposite) == pytest.approx(centre(samples), rel=1e-4)


def test_an_offset_does_not_count():
    samples = harmonic(220.0, 1.0)
    assert centre(samples + np.float32(0.1))[0] == pytest.approx(centre(samples)[0], rel=0.02)


def test_twice_the_rate_hears_the_same():
    samples = harmonic(220.0, 1.0, rate_hz=44100)
    doubled = np.fft.irfft(np.fft.rfft(samples[0]), 2 * samples.shape[1])[None].astype(np.float32)
    assert centre(doubled, 88200) == pytest.approx(centre(samples, 44100), rel=0.03)


# Numbers


@pytest.mark.parametrize("frequency_hz", [200.0, 1000.0, 9000.0])
def test_a_tone_is_its_own_centroid(frequency_hz):
    samples = tone(frequency_hz, 2.0) * np.hanning(2 * RATE_HZ).astype(np.float32)
    centroid_hz, bandwidth_hz = centre(samples)
    assert centroid_hz == pytest.approx(frequency_hz, rel=0.01)
    assert bandwidth_hz < 60.0


def test_white_noise_lies_in_the_middle():
    centroid_hz, bandwidth_hz = centre(noise(5.0))
    assert centroid_hz == pytest.approx(RATE_HZ / 4, rel=0.01)
    assert bandwidth_hz == pytest.approx(RATE_HZ / 2 / math.sqrt(12), rel=0.01)


@pytest.mark.parametrize("frames", [0, 10, 48000])
def test_silence_has_no_shape(frames):
    found = shaped(np.zeros((2, frames), np.float32))
    assert (found.centroid_hz, found.bandwidth_hz) == (None, None)
    assert np.isneginf(found.bands_db).all()


# The published shape


@pytest.mark.parametrize("frames", [2048, 2560, 48001])
def test_the_published_shape_is_librosas(frames):
    wave = noise(1.1)[0, :frames] * np.linspace(0.0, 1.0, frames, dtype=np.float32)
    wave[frames // 3 : frames // 2] = 0.0
    expected = (
        librosa.feature.spectral_centroid(y=wave, sr=RATE_HZ).mean(),
        librosa.feature.spectral_bandwidth(y=wave, sr=RATE_HZ).mean(),
    )
    assert published(wave) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("block", [1, 777, 4096])
def test_block_sizes_do_not_move_it(block):
    wave = noise(0.1)[0]
    assert published(wave, block) == pytest.approx(published(wave), rel=1e-6)


def test_nothing_at_all_has_none():
    assert published(np.zeros(0, np.float32)) is None


# Power per band


@given(seed=st.integers(0, 100), frames=st.integers(1, 30000))
@settings(max_examples=20, deadline=None)
def test_the_bands_add_up_to_the_mean_power(seed, frames):
    wave = np.random.default_rng(seed).standard_normal(frames)
    spectrum = np.fft.rfft(wave)
    frequency_hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    spectrum[(frequency_hz < 200.0) | (frequency_hz > 15000.0)] = 0.0
    samples = np.fft.irfft(spectrum, frames).astype(np.float32)[None]
    total = (10 ** (bands(samples) / 10)).sum()
    # Cut off anywhere, a little of it spreads beyond the outermost bands.
    assert total == pytest.approx(np.mean(samples.astype(float) ** 2), rel=0.05, abs=1e-9)


def test_nor_do_they_add_up_to_less_where_frames_were_chosen():
    samples = song(60.0)
    total = (10 ** (bands(samples, SLOW_HZ) / 10)).sum()
    assert total == pytest.approx((samples.astype(float) ** 2).sum(axis=0).mean(), rel=0.01)


@pytest.mark.parametrize("rate_hz", [8000, 44100, 96000])
@pytest.mark.parametrize("number", [15, 30, 40])
def test_a_tone_stands_in_its_band(rate_hz, number):
    found = bands(tone(SPECTRUM_HZ[number], 3.0, 0.0, rate_hz), rate_hz)
    assert found.argmax() == number
    # Less where its band is hardly wider than a bin.
    assert found.max() == pytest.approx(-3.01, abs=0.8)


def test_white_noise_rises_three_decibels_per_octave():
    found = bands(noise(20.0))
    assert found[55] - found[31] == pytest.approx(4 * 3.01, abs=0.3)


def test_channels_add_up():
    samples = noise(1.0)
    doubled_db = 10 * math.log10(2)
    assert bands(np.tile(samples, (2, 1))) == pytest.approx(bands(samples) + doubled_db, abs=1e-4)


def test_the_bands_are_sixths_of_an_octave_side_by_side():
    assert np.sqrt(EDGES_HZ[1:] * EDGES_HZ[:-1]) == pytest.approx(SPECTRUM_HZ)
    assert EDGES_HZ[1:] / EDGES_HZ[:-1] == pytest.approx(10 ** (1 / 20))


def test_there_is_nothing_above_half_the_rate():
    found = bands(noise(1.0, rate_hz=8000), 8000)
    assert np.isneginf(found[np.array(SPECTRUM_HZ) > 4500.0]).all()
