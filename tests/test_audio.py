"""Signals as recipes: read again and again, block by block, placed on the time line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import BLOCK_FRAMES, from_samples, from_start, gained, to_samples
from signals import RATE_HZ


def ramp(frames, start=0):
    return from_samples(np.arange(1, frames + 1, dtype=np.float32), RATE_HZ, start)


@pytest.mark.parametrize("frames", [0, 1, BLOCK_FRAMES, 2 * BLOCK_FRAMES + 1])
def test_a_signal_reads_the_same_twice_in_whole_blocks(frames):
    signal = ramp(frames)
    first, second = (list(signal.read()) for _ in range(2))
    assert [block.shape[1] for block in first[:-1]] == [BLOCK_FRAMES] * (len(first) - 1)
    np.testing.assert_array_equal(to_samples(signal), np.arange(1, frames + 1)[None])
    assert all(map(np.array_equal, first, second))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3 * BLOCK_FRAMES), st.integers(1, 2 * BLOCK_FRAMES))
def test_from_the_start_there_is_silence_before_a_signal(start, frames):
    placed = from_start(ramp(frames, start))
    whole = to_samples(placed)[0]
    assert (placed.start_frame, placed.frames) == (0, len(whole)) == (0, start + frames)
    np.testing.assert_array_equal(whole[:start], 0.0)
    np.testing.assert_array_equal(whole[start:], np.arange(1, frames + 1))
    assert {block.shape[1] for block in list(placed.read())[:-1]} <= {BLOCK_FRAMES}


def test_a_gain_multiplies_and_leaves_the_signal_as_it_was():
    signal = ramp(1000)
    np.testing.assert_array_equal(to_samples(gained(signal, -0.5)), -0.5 * to_samples(signal))
    assert to_samples(gained(signal, 0.5)).dtype == np.float32
    assert gained(signal, 1.0) is signal
