"""What was played before is known under the same faders, and under no others."""

from dataclasses import replace

import pytest

from reaper_automix.mix import listen
from reaper_automix.results import SumLevel
from reaper_automix.routing import MIX
from reaper_automix.sums.known import MOST_STATES, Known
from reaper_automix.units import gain_from_db
from signals import noise
from traced import desk, stand, track, weighed

LEVEL = SumLevel(-20.0, -3.0)


def song(level_db=-20.0, count=4):
    sounds = {f"{{{n}}}": (noise(1.0, level_db - n, 8000, seed=n), 200 * n) for n in range(count)}
    return desk([track(str(n)) for n in range(count)], sounds, 8000)


def played(mixed, gains):
    (heard,) = listen(mixed, (MIX,), (gains,))
    return heard[MIX]


MIXED = song()
POWERS = weighed(MIXED, MIX)


def test_nothing_is_known_of_what_was_not_played():
    gains = stand(MIXED)
    assert Known().exactly(gains) is None
    assert Known().exactly(gains, POWERS) is None


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
