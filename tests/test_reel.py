"""What is kept of a sound: the same sound, whatever the blocks, at any moment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.features import reel
from reaper_automix.features.reel import HOP_S, Reel
from signals import noise, tone

RATE_HZ = 8000
HOP = round(HOP_S * RATE_HZ)


def kept(samples, sizes=(), rate_hz=RATE_HZ):
    """A closed reel of the samples, pushed in blocks of these sizes and the rest."""
    found = Reel(rate_hz, len(samples))
    for block in np.split(samples, np.cumsum(sizes, dtype=int), axis=1):
        found.push(block)
    found.close()
    return found


@given(st.lists(st.integers(0, 9000), max_size=4))
def test_block_sizes_change_nothing(sizes):
    samples = noise(2.5, rate_hz=RATE_HZ, channels=2)
    moments = np.array([0, 49, 50, 124])
    pieces, whole = kept(samples, sizes), kept(samples)
    assert np.array_equal(pieces.powers(6), whole.powers(6))
    assert np.array_equal(pieces.around(moments, 1000), whole.around(moments, 1000))


@given(st.integers(0, 30_000), st.integers(0, 200), st.sampled_from((2, 700, 20_000)))
def test_around_a_moment_is_what_was_pushed_and_silence_beyond(frames, moment, length):
    samples = noise(4.0, rate_hz=RATE_HZ)[:, :frames]
    (window,) = kept(samples).around(np.array([moment]), length)
    padded = np.pad(samples[0], (length, 200 * HOP + length))
    first = length + moment * HOP - length // 2
    assert np.array_equal(window, padded[first : first + length])


@pytest.mark.parametrize("rate_hz", [8000, 11025, 44100])
def test_powers_are_those_of_the_sound_around(rate_hz):
    samples = tone(1000.0, 3.0, -20.0, rate_hz)
    powers = kept(samples, rate_hz=rate_hz).powers(6)
    assert powers.size == round(3.0 / HOP_S) + 1
    assert powers[3:-4] == pytest.approx(0.005, rel=0.01)
    assert powers[0] == pytest.approx(0.0025, rel=0.05)


def test_nothing_has_no_moments():
    assert kept(np.zeros((2, 0), np.float32)).powers(6).size == 0


def test_silence_takes_no_room(monkeypatch):
    monkeypatch.setattr(reel, "KEPT_BYTES", 4 * RATE_HZ * 2)
    second = noise(1.0, rate_hz=RATE_HZ)
    rest = np.zeros((1, 60 * RATE_HZ), np.float32)
    assert not kept(np.concatenate((second, rest, second), axis=1)).full
    long = kept(np.concatenate((second, rest, second, second), axis=1))
    assert long.full
    assert long.powers(6)[62 * 50 + 4 :].max() == 0.0


@pytest.mark.parametrize(("side", "heard"), [(1.0, 1.0), (0.0, 0.5), (-0.9, 1.0), (-1.0, 1.0)])
def test_one_channel_is_the_mid_but_where_phases_cancel_it(side, heard):
    left = noise(1.0, rate_hz=RATE_HZ)
    both = kept(np.concatenate((left, np.float32(side) * left)))
    alone = kept(np.float32(heard) * left)
    assert both.powers(6) == pytest.approx(alone.powers(6), rel=1e-5)
