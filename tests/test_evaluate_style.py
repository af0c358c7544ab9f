"""The proof of matches: what is heard is not what is scored, and what is promised holds."""

from dataclasses import replace

import numpy as np
import pytest

from reaper_automix.evaluate import songs, style
from reaper_automix.evaluate.style import ALL_TERMS, Parts
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.search.priors import Wishes
from signals import noise


def song(name, *tilts, seconds=16.0):
    """Parts of noise in mono, each with a spectrum that falls by so many dB per octave."""
    stems = []
    for number, tilt in enumerate(tilts):
        sound = noise(seconds, -24, rate_hz=SAMPLE_RATE_HZ, seed=number + len(name))
        hertz = np.maximum(np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE_HZ), 30.0)
        tilted = np.fft.irfft(np.fft.rfft(sound) * 10 ** (-tilt * np.log2(hertz / 1000) / 20))
        stems.append(np.repeat(tilted, 2, axis=0))
    return Parts(name, np.array(stems, np.float32))


@pytest.fixture(scope="module")
def dark():
    return song("dark", 6.0, 4.0, 5.0)


@pytest.fixture(scope="module")
def bright():
    return song("bright", 2.0, 4.0, 1.0)


def test_what_is_heard_and_what_is_scored_share_nothing():
    marked = np.arange(40.0 * SAMPLE_RATE_HZ)[None]
    heard, unheard = style.halves(marked)
    assert len(heard) >= 3
    assert abs(len(heard) - len(unheard)) <= 1
    assert not set(np.concatenate(heard, axis=1)[0]) & set(np.concatenate(unheard, axis=1)[0])


@pytest.mark.parametrize("count", [2, 3, 7, 12])
def test_no_song_is_its_own_reference_or_has_one_twice(count):
    small = song("any", 3.0, seconds=0.1)
    found = [replace(small, name=str(number)) for number in range(count)]
    turns = range(min(style.REFERENCES, count - 1))
    for number, one in enumerate(found):
        others = [style.other_of(found, number, turn).name for turn in turns]
        assert one.name not in others
        assert len(set(others)) == len(others)


def test_a_match_comes_nearer_where_it_did_not_hear_and_keeps_what_is_promised(dark, bright):
    pair = style.matched(dark, bright, "as it is", Wishes(), is_first_half=True)
    assert pair.fall(ALL_TERMS) > 0.5
    assert pair.gain_db <= 6.0
    assert pair.share_db >= -6.0


def test_every_process_changes_what_it_is_called_by(bright):
    mix = bright.mix + 0.1 * np.array([[1.0], [-1.0]], np.float32) * bright.stems[0]
    for name, process in style.PROCESSES.items():
        changed = process(mix)
        assert changed.shape == mix.shape
        assert np.isfinite(changed).all()
        assert np.allclose(changed, mix, atol=1e-5) == (name == "as it is")


def test_the_mix_itself_is_left_alone_and_a_known_strip_is_found(dark):
    assert style.left_alone_db(dark) <= 0.5
    assert style.recovered_db(dark) <= 1.0


@pytest.mark.long
def test_matches_of_real_songs_come_nearer_where_they_did_not_hear(shared_data):
    read = {one.name: one for one in songs.read(shared_data)}
    found = [style.parts(read[name]) for name in ("boogie_jazz", "fretsonfire_sectoid_feelings")]
    for wishes, names in zip(style.WAYS.values(), style.SCORED.values(), strict=True):
        for pair in style.pairs(found, wishes):
            assert pair.fall(names) > 0.0
            assert pair.share_db >= -6.0
