"""What was played before says what it says about other faders, and nothing wrong."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.mix import listen
from reaper_automix.results import SumLevel
from reaper_automix.routing import MIX
from reaper_automix.sums.known import MOST_STATES, Known
from reaper_automix.units import db_from_gain, gain_from_db
from signals import noise
from traced import at_random, desk, stand, track, weighed

LEVEL = SumLevel(-20.0, -3.0)


def song(level_db=-20.0, count=4):
    sounds = {f"{{{n}}}": (noise(1.0, level_db - n, 8000, seed=n), 200 * n) for n in range(count)}
    return desk([track(str(n)) for n in range(count)], sounds, 8000)


def played(mixed, gains):
    (heard,) = listen(mixed, (MIX,), (gains,))
    return heard[MIX]


MIXED = song()
POWERS = weighed(MIXED, MIX)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 4), st.floats(0.0, 30.0))
def test_the_true_peak_lies_between_its_bounds(seed, states, spread_db):
    wanted, *others = at_random(MIXED, states + 1, spread_db, seed)
    known = Known()
    for gains in others:
        known = known.learn(gains, played(MIXED, gains))
    low, high = known.true_peak(wanted, POWERS)
    exact = gain_from_db(played(MIXED, wanted).true_peak_db)
    assert low * (1 - 1e-4) <= exact <= high
    assert high <= POWERS.peak_bound(wanted) * (1 + 1e-6)


def test_bounds_meet_where_all_faders_moved_alike():
    gains = stand(MIXED)
    known = Known().learn(gains, played(MIXED, gains))
    louder = {name: 1.7 * gain for name, gain in gains.items()}
    low, high = known.true_peak(louder, POWERS)
    assert db_from_gain(high / low) < 0.01


def test_little_moved_is_little_unknown():
    gains = stand(MIXED)
    known = Known().learn(gains, played(MIXED, gains))
    low, high = known.true_peak({**gains, "{3}": gain_from_db(0.5)}, POWERS)
    assert db_from_gain(high / low) < 0.5
    assert high < 0.8 * POWERS.peak_bound(gains)


def test_nothing_is_known_of_what_was_not_played():
    gains = stand(MIXED)
    assert Known().exactly(gains) is None
    assert Known().true_peak(gains, POWERS) == (0.0, POWERS.peak_bound(gains))


def test_the_same_faders_are_the_same_sum():
    gains = stand(MIXED)
    known = Known().learn(gains, LEVEL)
    assert known.exactly(gains) == LEVEL
    assert known.exactly({**gains, "{0}": gain_from_db(0.0009)}) == LEVEL
    assert known.exactly({**gains, "{0}": gain_from_db(0.0011)}) is None
    assert known.exactly({**gains, "{0}": -1.0}) is None


def test_faders_that_have_no_say_do_not_count():
    gains = stand(MIXED)
    known = Known().learn({**gains, "{other}": 0.5}, LEVEL)
    assert known.exactly({**gains, "{other}": 0.6}) is None
    assert known.exactly({**gains, "{other}": 0.6}, POWERS) == LEVEL


@pytest.mark.parametrize("common", [0.25, 3.0, -0.5])
def test_a_common_gain_shifts_the_level(common):
    gains = stand(MIXED)
    known = Known().learn(gains, played(MIXED, gains))
    moved = {name: common * gain for name, gain in gains.items()}
    said, heard = known.exactly(moved, POWERS), played(MIXED, moved)
    assert said.lufs == pytest.approx(heard.lufs, abs=0.001)
    assert said.true_peak_db == pytest.approx(heard.true_peak_db, abs=0.001)


def test_faders_in_a_row_have_their_gains_in_common_once_each():
    tracks = [replace(track("f"), folder=True, items=()), track("0", parent_id="{f}"), track("1")]
    sounds = {name: MIXED.signals[name].read for name in ("{0}", "{1}")}
    mixed = desk(tracks, {name: (next(read()), 0) for name, read in sounds.items()}, 8000)
    powers, gains = weighed(mixed, MIX), stand(mixed)
    known = Known().learn(gains, played(mixed, gains))
    assert known.exactly(stand(mixed, **{"f": 2.0, "0": 0.5}), powers) == known.exactly(gains)
    assert known.exactly(dict.fromkeys(gains, 2.0), powers) is None


def test_a_shift_through_the_gate_is_not_guessed():
    quiet = song(-66.0)
    powers, gains = weighed(quiet, MIX), stand(quiet)
    known = Known().learn(gains, played(quiet, gains))
    below = {name: gain_from_db(-30.0) for name in gains}
    assert known.exactly(gains, powers).lufs is not None
    assert known.exactly(below, powers) is None
    silent = Known().learn(below, played(quiet, below))
    assert silent.exactly(gains, powers) is None
    lower = {name: gain_from_db(-40.0) for name in gains}
    assert silent.exactly(lower, powers).lufs is None


def test_only_the_latest_states_are_kept_and_each_once():
    known = Known()
    for number in range(MOST_STATES + 3):
        known = known.learn({"{a}": 1.0 + number}, LEVEL)
    assert len(known.states) == MOST_STATES
    again = known.learn({"{a}": 1.0 + number}, LEVEL)
    assert again == known
    assert known.exactly({"{a}": 1.0}) is None


def test_what_is_predicted_teaches_nothing():
    assert Known().learn({"{a}": 1.0}, replace(LEVEL, predicted=True)) == Known()
