"""Filters against scipy's, and where they settle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from reaper_automix.features import Band
from reaper_automix.features.filters import (
    Prototype,
    analogue,
    band_stages,
    digital,
    settled,
    usable,
)
from signals import band_section, noise

RATES_HZ = (8000, 22050, 44100, 48000, 96000, 192000)


def response_db(section, frequency_hz, rate_hz):
    b, a = section[:3], (1.0, *section[3:])
    return 20 * np.log10(abs(scipy_signal.freqz(b, a, frequency_hz, fs=rate_hz)[1]))


def filtered(section, samples):
    return scipy_signal.lfilter(section[:3], (1.0, *section[3:]), samples.astype(float))


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
    np.testing.assert_allclose(filtered(section, samples), expected, atol=1e-9)


def test_an_edge_near_half_the_rate_drops_its_filter():
    assert usable(Band(100.0, 0.49 * 44100), 44100) == Band(100.0, None)
    assert usable(Band(0.49 * 44100, 22000.0), 44100) == Band(None, None)
    assert usable(Band(100.0, 0.489 * 44100), 44100) == Band(100.0, 0.489 * 44100)
    assert band_stages(Band(None, None), 44100) == ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))


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


def test_settled_filters_do_not_hear_an_offset_begin():
    sections = np.array([band_section(Band(low, 4 * low), 48000) for low in (200.0, 300.0)])
    offset = np.array([0.5, -0.1], np.float32)
    state = settled(sections, offset).transpose(1, 0, 2)
    forever = np.repeat(offset[:, None], 100, axis=1)
    left, _ = scipy_signal.sosfilt(np.insert(sections, 3, 1.0, axis=1), forever, zi=state)
    assert np.abs(left).max() < 1e-12


def test_what_lets_an_offset_pass_settles_on_it():
    sections = np.array([band_section(Band(None, 1000.0), 48000)])
    state = settled(sections, np.array([0.5], np.float32)).transpose(1, 0, 2)
    held, _ = scipy_signal.sosfilt(
        np.insert(sections, 3, 1.0, axis=1), np.full((1, 100), 0.5), zi=state
    )
    assert held == pytest.approx(0.5, abs=1e-12)
