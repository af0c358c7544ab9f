"""The console's pan as REAPER's and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import pan as reaper
from reaper_automix.match.console import panning

PANS = st.floats(0.0, 1.0)
POSITIONS = st.floats(-1.0, 1.0)
LAWS = st.sampled_from([0.5, 10 ** (-4.5 / 20), 1.0, 10 ** (3 / 20)])


@pytest.mark.parametrize(
    ("pan", "position", "level_db"),
    [
        (0.5, 0.0, -4.52),
        (0.3, -0.533, -2.05),
        (0.1, -0.867, -0.51),
        (0.9, 0.867, -0.51),
        (0.0, -1.0, 0.0),
        (1.0, 1.0, 0.0),
    ],
)
def test_known_places(pan, position, level_db):
    assert panning.reaper_of(pan) == pytest.approx((position, level_db), abs=5e-3)


@given(PANS, LAWS)
def test_reaper_gives_the_gains_of_the_console(pan, law):
    position, level_db = panning.reaper_of(pan, law)
    gains = [10 ** (level_db / 20) * gain for gain in reaper.position_gains(position, law)]
    assert gains == pytest.approx(panning.console_gains(pan), abs=1e-9)


@given(POSITIONS, LAWS)
def test_the_console_gives_the_gains_of_reaper(position, law):
    pan, level_db = panning.console_of(position, law)
    gains = [10 ** (-level_db / 20) * gain for gain in panning.console_gains(pan)]
    assert gains == pytest.approx(reaper.position_gains(position, law), abs=1e-6)


@given(PANS, LAWS)
def test_there_and_back(pan, law):
    position, level_db = panning.reaper_of(pan, law)
    again, again_db = panning.console_of(position, law)
    assert again == pytest.approx(pan, abs=1e-6)
    assert again_db == pytest.approx(level_db, abs=1e-4)


@given(PANS)
def test_left_and_right_mirror_each_other(pan):
    position, level_db = panning.reaper_of(pan)
    mirrored = panning.reaper_of(1.0 - pan)
    assert mirrored == pytest.approx((-position, level_db), abs=1e-9)


@given(PANS, PANS)
def test_further_right_is_further_right(one, other):
    left, right = sorted((one, other))
    assert panning.reaper_of(left)[0] <= panning.reaper_of(right)[0]


def test_the_ends_are_the_ends():
    for position, end in ((-1.0, 0.0), (1.0, 1.0)):
        pan, level_db = panning.console_of(position)
        assert pan == end
        assert math.isclose(level_db, 0.0, abs_tol=1e-12)
