"""The console's pan as REAPER's and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import pan as reaper
from reaper_automix.match.console.panning import console_gains, console_of, level_db, reaper_of

PANS = st.floats(0.0, 1.0)
POSITIONS = st.floats(-1.0, 1.0)
LAWS = st.sampled_from([0.5, 10 ** (-4.5 / 20), 1.0, 10 ** (3 / 20)])


@pytest.mark.parametrize(
    ("pan", "position", "louder_db"),
    [
        (0.5, 0.0, -4.52),
        (0.3, -0.533, -2.05),
        (0.1, -0.867, -0.51),
        (0.9, 0.867, -0.51),
        (0.0, -1.0, 0.0),
        (1.0, 1.0, 0.0),
    ],
)
def test_known_places(pan, position, louder_db):
    assert reaper_of(pan) == pytest.approx(position, abs=5e-3)
    sides = reaper.position_gains(reaper_of(pan), 1.0)
    assert level_db(console_gains(pan), sides) == pytest.approx(louder_db, abs=5e-3)


@given(PANS, LAWS)
def test_reaper_gives_the_gains_of_the_console(pan, law):
    sides = reaper.position_gains(reaper_of(pan), law)
    louder_db = level_db(console_gains(pan), sides)
    gains = [10 ** (louder_db / 20) * gain for gain in sides]
    assert gains == pytest.approx(console_gains(pan), abs=1e-9)


@given(POSITIONS, LAWS)
def test_the_console_gives_the_gains_of_reaper(position, law):
    sides = reaper.position_gains(position, law)
    console = console_gains(console_of(position))
    gains = [10 ** (-level_db(console, sides) / 20) * gain for gain in console]
    assert gains == pytest.approx(sides, abs=1e-6)


@given(PANS)
def test_there_and_back(pan):
    assert console_of(reaper_of(pan)) == pytest.approx(pan, abs=1e-6)


@given(PANS)
def test_left_and_right_mirror_each_other(pan):
    assert reaper_of(1.0 - pan) == pytest.approx(-reaper_of(pan), abs=1e-9)


@given(PANS, PANS)
def test_further_right_is_further_right(one, other):
    left, right = sorted((one, other))
    assert reaper_of(left) <= reaper_of(right)


def test_the_ends_are_the_ends():
    assert [console_of(position) for position in (-1.0, 0.0, 1.0)] == pytest.approx([0.0, 0.5, 1.0])


def test_a_law_that_lets_nothing_through_leads_to_a_number():
    assert level_db(console_gains(0.5), (0.0, 0.0)) > 0.0
