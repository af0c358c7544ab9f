"""Filters against scipy's, the tables of BS.1770 and the laws of streaming."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from reaper_automix.features import Band
from reaper_automix.features.filters import (
    PASS,
    Cascade,
    Prototype,
    analogue,
    band_section,
    digital,
    usable,
)
from signals import noise, tone

RATES_HZ = (8000, 22050, 44100, 48000, 96000, 192000)


def response_db(section, frequency_hz, rate_hz):
    b, a = section[:3], (1.0, *section[3:])
    return 20 * np.log10(abs(scipy_signal.freqz(b, a, frequency_hz, fs=rate_hz)[1]))


def filtered(section, samples, block=1 << 16, settled=False):
    cascade = Cascade([section], samples.shape[0], settled=settled)
    parts = [samples[:, first : first + block] for first in range(0, samples.shape[1], block)]
    return np.concatenate([cascade.push(part) for part in parts], axis=1)


@given(
    low_hz=st.floats(1.0, 20000.0),
    high_hz=st.floats(1.0, 20000.0),
    rate_hz=st.sampled_from(RATES_HZ),
)
@settings(deadline=None)
def test_a_band_is_two_butterworths_of_first_order(low_hz, high_hz, rate_hz):
    samples = noise(0.05, rate_hz=rate_hz)
    band = usable(Band(low_hz, high_hz), rate_hz)
    expected = samples.astype(float)
    for edge_hz, kind in ((band.low_hz, "highpass"), (band.high_hz, "lowpass")):
        if edge_hz is not None:
            expected = scipy_signal.lfilter(
                *scipy_signal.butter(1, edge_hz, kind, fs=rate_hz), expected
            )
    section = band_section(Band(low_hz, high_hz), rate_hz)
    assert filtered(section, samples) == pytest.approx(expected, abs=1e-6)


def test_an_edge_near_half_the_rate_drops_its_filter():
    assert usable(Band(100.0, 0.49 * 44100), 44100) == Band(100.0, None)
    assert usable(Band(0.49 * 44100, 22000.0), 44100) == Band(None, None)
    assert usable(Band(100.0, 0.489 * 44100), 44100) == Band(100.0, 0.489 * 44100)
    assert band_section(Band(None, None), 44100) == PASS


def test_each_edge_takes_three_decibels_and_six_per_octave_beyond():
    section = band_section(Band(1000.0, None), 192000)
    assert response_db(section, [1000.0], 192000) == pytest.approx([-3.01], abs=0.01)
    assert response_db(section, [62.5, 31.25], 192000) == pytest.approx([-24.1, -30.1], abs=0.05)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_prototype_comes_back_from_its_digital_form(rate_hz):
    prototype = Prototype(900.0, (1.6, 1.2, 0.9), (1.0, 1.4, 1.0))
    back = analogue(digital(prototype, rate_hz), rate_hz)
    assert back.f0_hz == pytest.approx(900.0)
    assert back.numerator == pytest.approx(prototype.numerator)
    assert back.denominator == pytest.approx(prototype.denominator)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_block_sizes_change_not_one_bit(block):
    samples = noise(0.1, channels=2)
    section = band_section(Band(200.0, 400.0), 48000)
    whole = filtered(section, samples, settled=True)
    assert np.array_equal(filtered(section, samples, block, settled=True), whole)


def test_settled_filters_do_not_hear_an_offset_begin():
    section = band_section(Band(200.0, 400.0), 48000)
    offset = np.full((1, 48000), 0.5, np.float32)
    assert np.abs(filtered(section, offset, settled=True)).max() < 1e-12
    assert np.abs(filtered(section, offset, settled=False)).max() > 0.1


def test_what_rings_out_falls_silent():
    """Denormal numbers would make everything behind the sound many times slower."""
    cascade = Cascade([band_section(Band(30.0, 20000.0), 48000)], 1, settled=False)
    cascade.push(tone(100.0, 0.1))
    for _ in range(40):
        rest = cascade.push(np.zeros((1, 4800), np.float32))
    assert not rest.any()
