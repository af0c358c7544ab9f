"""Frames that stand for a signal are chosen in proportion to their power, and cut where it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import BLOCK_FRAMES, from_samples
from reaper_automix.features.frames import chosen, cut, frame_powers, hop_powers
from signals import RATE_HZ, noise

HOP = 256

powers = st.lists(st.floats(0.0, 1e3, width=32), min_size=1, max_size=300).map(np.array)


def sums_of(power, alike=0.0):
    return np.stack([power, alike * power])


@settings(max_examples=20, deadline=None)
@given(frames=st.integers(0, BLOCK_FRAMES + 9000), channels=st.integers(1, 3))
def test_hops_hold_all_of_a_signals_power(frames, channels):
    sound = noise(frames / RATE_HZ, channels=channels)
    hops = hop_powers(from_samples(sound, RATE_HZ), HOP)
    assert hops.shape == (2, -(-frames // HOP))
    for number in range(0, hops.shape[1], 37):
        piece = sound[:, number * HOP : (number + 1) * HOP].astype(float)
        expected = (piece**2).sum(), (piece[:, 1:] * piece[:, :-1]).sum()
        assert hops[:, number] == pytest.approx(expected, rel=1e-4, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(hops=powers, reach=st.sampled_from([1, 2, 4]))
def test_frames_overlap_by_half_and_cover_every_hop_twice(hops, reach):
    frames = frame_powers(sums_of(hops), reach)
    assert frames.shape[1] == -(-len(hops) // reach) + 1
    assert frames[0].sum() == pytest.approx(2.0 * hops.sum())
    assert frames[0, 0] == pytest.approx(hops[:reach].sum())


@settings(max_examples=50, deadline=None)
@given(power=powers, most=st.integers(1, 400))
def test_all_that_sounds_is_chosen_where_that_is_not_too_much(power, most):
    numbers, weights = chosen(sums_of(power), most)
    assert (np.diff(numbers) > 0).all()
    assert (power[numbers] > 0.0).all()
    assert len(numbers) <= most
    if np.count_nonzero(power) <= most:
        np.testing.assert_array_equal(numbers, np.flatnonzero(power))
        np.testing.assert_array_equal(weights, 1.0)


@settings(max_examples=50, deadline=None)
@given(power=powers, seed=st.integers(0, 99))
def test_a_frame_counts_as_often_as_points_fall_into_its_power(power, seed):
    most = max(1, np.count_nonzero(power) // 3)
    alike = np.random.default_rng(seed).uniform(-1.0, 1.0, len(power))
    numbers, weights = chosen(sums_of(power, alike), most)
    if np.count_nonzero(power) > most:
        hits = weights * power[numbers]
        assert hits.sum() == pytest.approx(most)
        assert np.abs(hits - power[numbers] * most / power.sum()).max() <= 1.0 + 1e-6


def test_every_shade_of_sound_has_its_share():
    rng = np.random.default_rng(3)
    power, alike = rng.uniform(0.1, 1.0, 5000), rng.uniform(-1.0, 1.0, 5000)
    numbers, weights = chosen(sums_of(power, alike), 100)
    hits = weights * power[numbers]
    for shade in np.linspace(-0.8, 0.8, 9):
        share = power[alike < shade].sum() / power.sum()
        assert hits[alike[numbers] < shade].sum() / 100 == pytest.approx(share, abs=0.0101)


@settings(max_examples=20, deadline=None)
@given(power=powers, doublings=st.integers(-20, 20))
def test_gain_changes_no_choice(power, doublings):
    numbers, weights = chosen(sums_of(power), 20)
    louder, lighter = chosen(np.ldexp(sums_of(power), doublings), 20)
    np.testing.assert_array_equal(louder, numbers)
    np.testing.assert_allclose(lighter / lighter.sum(), weights / weights.sum())


@settings(max_examples=30, deadline=None)
@given(
    ends=st.lists(st.integers(1, 2 * BLOCK_FRAMES - 100), max_size=9, unique=True).map(sorted),
    length=st.integers(1, 900),
)
def test_frames_are_slices_of_the_signal_and_silent_beyond_it(ends, length):
    sound = noise((2 * BLOCK_FRAMES - 100) / RATE_HZ, channels=2)
    padded = np.pad(sound, ((0, 0), (length, length)))
    window = np.linspace(0.5, 2.0, length, dtype=np.float32)
    starts = np.array(ends, np.int64) - length
    parts = [part.copy() for part in cut(from_samples(sound, RATE_HZ), starts, window, most=4)]
    assert [len(part) for part in parts[:-1]] == [4] * (len(parts) - 1)
    assert sum(map(len, parts)) == len(ends)
    for frame, end in zip((frame for part in parts for frame in part), ends, strict=True):
        np.testing.assert_array_equal(frame, window * padded[:, end : end + length])
