"""Signals as recipes: read again and again, block by block, placed on the time line."""

import gc
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import (
    BLOCK_FRAMES,
    Signal,
    Tape,
    aligned,
    from_samples,
    from_start,
    gained,
    held,
    rest,
    to_samples,
)
from signals import RATE_HZ, noise


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


# Held in memory


def counted(frames, channels=2):
    """A signal of noise, and the list of how far each reading of it went."""
    sound, readings = noise(frames / RATE_HZ, channels=channels), []

    def read():
        readings.append(0)
        for block in from_samples(sound, RATE_HZ).read():
            readings[-1] += block.shape[1]
            yield block.copy()

    return Signal(RATE_HZ, channels, 7, frames, read), readings


@settings(max_examples=20, deadline=None)
@given(frames=st.integers(0, 3 * BLOCK_FRAMES), channels=st.sampled_from([1, 2, 6]))
def test_a_held_signal_is_the_same_signal_read_once(frames, channels):
    signal, readings = counted(frames, channels)
    kept = held(signal)
    assert replace(kept, read=signal.read) == signal
    blocks = [list(kept.read()) for _ in range(3)]
    assert sum(readings) == frames
    for again in blocks:
        assert len(again) == len(list(signal.read()))
        assert all(map(np.array_equal, again, signal.read()))


def test_later_readings_of_a_held_signal_are_views_that_nobody_can_change():
    kept = held(counted(2 * BLOCK_FRAMES)[0])
    first, second = list(kept.read()), list(kept.read())
    assert all(map(np.shares_memory, first, second))
    with pytest.raises(ValueError, match="read-only"):
        second[0] *= 2.0


def test_a_signal_too_long_to_be_held_is_read_again():
    frames = BLOCK_FRAMES + 1
    signal, readings = counted(frames)
    for most_bytes, count in ((frames * 8, 1), (frames * 8 - 1, 3)):
        readings.clear()
        kept = held(signal, most_bytes)
        blocks = [list(kept.read()) for _ in range(3)]
        assert readings == [frames] * count
        assert all(map(np.array_equal, blocks[0], blocks[2]))


def test_nothing_is_kept_of_a_reading_that_was_broken_off():
    signal, readings = counted(2 * BLOCK_FRAMES)
    kept = held(signal)
    broken_off = kept.read()
    next(broken_off)
    broken_off.close()
    assert to_samples(kept).shape == (2, 2 * BLOCK_FRAMES)
    assert readings == [BLOCK_FRAMES, 2 * BLOCK_FRAMES]


def test_two_readings_at_a_time_keep_it_once():
    signal, _ = counted(2 * BLOCK_FRAMES)
    kept = held(signal)
    for one, other in zip(kept.read(), kept.read(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert to_samples(kept).shape[1] == 2 * BLOCK_FRAMES


def test_memory_of_a_tape_is_there_for_the_next_one_and_never_for_two():
    signal, _ = counted(2 * BLOCK_FRAMES)
    first, second = Tape(signal).room(BLOCK_FRAMES), Tape(signal).room(BLOCK_FRAMES)
    assert not np.shares_memory(first, second)
    address, rest = first.ctypes.data, first[:, 7:]
    del first
    assert Tape(signal).room(BLOCK_FRAMES).ctypes.data != address  # somebody still looks at it
    del rest
    assert Tape(signal).room(BLOCK_FRAMES).ctypes.data == address


def test_who_rests_keeps_no_memory_but_what_is_looked_at():
    signal = ramp(64)
    looked_at, spare = Tape(signal).room(64), Tape(signal).room(64)
    looked_at[:] = 7.0
    kept = weakref.ref(spare.base.base.obj)
    del spare
    assert kept() is not None
    rest()
    assert kept() is None
    assert (looked_at == 7.0).all()


def test_threads_never_share_the_memory_of_a_tape():
    signal, usual = ramp(64), sys.getswitchinterval()

    def keeps_its_own(number):
        rooms = [Tape(signal).room(64) for _ in range(2)]
        for room in rooms:
            room[:] = number
        return all((room == number).all() for room in rooms)

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(keeps_its_own, range(4000)))
    finally:
        sys.setswitchinterval(usual)


def test_what_was_held_goes_with_the_signal():
    kept = held(counted(2 * BLOCK_FRAMES)[0])
    to_samples(kept)
    block = weakref.ref(next(kept.read()).base)
    assert block() is not None
    del kept
    gc.collect()
    assert block() is None


def test_what_begins_before_a_grid_is_not_laid_on_it():
    """Compiled loops add blocks where they are told to, whether or not there is room."""
    assert next(aligned(ramp(10, 5), 5)) is not None
    with pytest.raises(ValueError, match="begins before"):
        next(aligned(ramp(10, 5), 6))
