"""Sketches: the instants they take, and that they are the same however the sound comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.features.trace import (
    POINTS,
    WHOLE_HOPS,
    Sketcher,
    at_points,
    channel_powers,
    positions,
)
from signals import noise, tone

RATE_HZ = 8000
HOP = 800


def sketch(samples, start_frame=0, blocks=(), rate_hz=RATE_HZ):
    """The sketch of samples that are weighted already, pushed in blocks of the given sizes."""
    sketcher = Sketcher(rate_hz, len(samples), start_frame)
    for block in np.split(samples, np.cumsum(blocks), axis=1):
        sketcher.push(block)
    return sketcher.result(hop_powers(samples, start_frame, rate_hz // 10))


def samples_of(found):
    """The samples of a sketch in full scale."""
    return found.samples * found.units[:, None]


def hop_powers(samples, start_frame, hop):
    late = start_frame % hop
    behind = -(samples.shape[1] + late) % hop
    line = np.pad(samples, ((0, 0), (late, behind)))
    return channel_powers(line.reshape(len(samples), -1, hop)).sum(axis=0)


@given(st.integers(0, 10**7), st.sampled_from([100, 800, 4410, 4800, 9600, 19200]))
def test_one_instant_in_each_stratum(hop_number, hop_frames):
    frames = positions(hop_number, hop_frames)
    strata = frames * POINTS / hop_frames
    assert (strata < np.arange(POINTS) + 1).all()
    assert (strata > np.arange(POINTS) - POINTS / hop_frames).all()


def test_instants_of_several_hops_are_those_of_each():
    numbers = np.array([3, 999, 5000])
    together = positions(numbers, 4800)
    for number, frames in zip(numbers, together, strict=True):
        np.testing.assert_array_equal(positions(int(number), 4800), frames)


def test_instants_stay_what_they_are_because_sketches_are_kept_on_disk():
    assert positions(0, 4800)[:4].tolist() == [20, 40, 65, 96]
    assert positions(5, 4800).tolist() != positions(6, 4800).tolist()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=8), st.integers(0, 2000), st.integers(0, 3000))
def test_a_sketch_does_not_depend_on_blocks(blocks, start_frame, frames):
    sound = noise(0.5, rate_hz=RATE_HZ, channels=2)[:, :frames]
    one, other = sketch(sound, start_frame), sketch(sound, start_frame, blocks)
    np.testing.assert_array_equal(one.samples, other.samples)
    np.testing.assert_array_equal(one.hops, other.hops)
    assert (one.start_frame, one.frames) == (start_frame, sound.shape[1])


@pytest.mark.parametrize("gain", [3e-5, 1.0, 30.0])
def test_each_channel_of_a_hop_has_its_exact_power_at_any_level(gain):
    sound = np.float32(gain) * noise(50.0, -3, rate_hz=RATE_HZ, channels=2)
    found = sketch(sound)
    assert found.samples.shape == (2, 500, POINTS)
    powers = channel_powers(samples_of(found))
    np.testing.assert_allclose(powers, channel_powers(sound.reshape(2, -1, HOP)), rtol=1e-4)


def test_channels_keep_their_polarity_and_silent_ones_their_silence():
    sound = noise(0.5, rate_hz=RATE_HZ)
    found = sketch(np.concatenate([sound, -sound, 0.0 * sound])).samples
    np.testing.assert_array_equal(found[0], -found[1])
    assert not found[2].any()


def test_what_is_short_is_kept_whole_and_only_where_it_sounds():
    hit = tone(500, 0.2, rate_hz=RATE_HZ)
    silence = np.zeros((1, 100 * RATE_HZ), np.float32)
    found = sketch(np.concatenate([silence, hit, silence], axis=1))
    assert found.hops.tolist() == [1000, 1001]
    assert found.samples.shape == (1, 2, HOP)
    flat = samples_of(found).reshape(1, -1)
    assert np.corrcoef(flat[0], hit[0])[0, 1] == pytest.approx(1.0, abs=1e-6)


def test_what_is_long_is_kept_at_the_instants_that_a_whole_one_has_there_too():
    sound = noise(WHOLE_HOPS / 10 + 0.1, rate_hz=RATE_HZ)
    long = samples_of(sketch(sound))
    short = sketch(sound[:, : 10 * HOP])
    there = at_points(samples_of(short), short.hops)
    common = (there * long[:, :10]).sum(axis=2) / (there * there).sum(axis=2)
    np.testing.assert_allclose(there * common[:, :, None], long[:, :10], atol=5 * short.units.max())


def test_a_hop_that_sounds_between_the_instants_is_silent_in_them():
    sound = np.zeros((1, WHOLE_HOPS * HOP + 2 * HOP), np.float32)
    sound[:, : WHOLE_HOPS * HOP + HOP] = 0.1
    beside = np.setdiff1d(np.arange(HOP), positions(WHOLE_HOPS + 1, HOP))
    sound[:, WHOLE_HOPS * HOP + HOP + beside[0]] = 0.1
    found = sketch(sound)
    assert len(found.hops) == WHOLE_HOPS + 2
    assert not found.samples[:, -1].any()


def test_silence_is_not_kept():
    found = sketch(np.full((2, 3 * HOP), 1e-6, np.float32))
    assert found.samples.shape == (2, 0, HOP)
    assert found.frames == 3 * HOP
