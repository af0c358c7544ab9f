"""Pan laws at the places where REAPER states them, and their symmetry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import pan
from reaper_automix.session import Session, Track

LAWS = st.floats(0.25, 2.0)


def matrix(law=1.0, **track):
    return pan.matrix(Track("{t}", "t", **track), Session("s", (), pan_law=law))


@given(LAWS, st.floats(0, 1))
def test_left_and_right_mirror_each_other(law, position):
    left, right = pan.position_gains(-position, law), pan.position_gains(position, law)
    assert left == pytest.approx(right[::-1])


@given(LAWS)
def test_the_law_is_the_gain_at_the_centre_or_at_the_sides(law):
    centre, side = pan.position_gains(0.0, law), pan.position_gains(1.0, law)
    assert centre == (min(law, 1.0), min(law, 1.0))
    assert side == (0.0, max(law, 1.0))


def test_a_track_without_a_law_of_its_own_has_the_projects():
    np.testing.assert_allclose(matrix(law=0.5), 0.5 * np.eye(2))
    np.testing.assert_allclose(matrix(law=0.5, pan_law=1.0), np.eye(2))


def test_stereo_pan_places_both_channels():
    np.testing.assert_allclose(matrix(pan_mode=5, pan_width=1.0), np.eye(2))
    np.testing.assert_allclose(matrix(pan_mode=5, pan_width=-1.0), np.eye(2)[::-1])
    np.testing.assert_allclose(matrix(pan_mode=5, pan=1.0), [[0, 0], [1, 1]])


def test_dual_pan_places_each_channel_on_its_own():
    np.testing.assert_allclose(matrix(pan_mode=6), np.eye(2))
    both_left = matrix(pan_mode=6, dual_pan_left=-1.0, dual_pan_right=-1.0)
    np.testing.assert_allclose(both_left, [[1, 1], [0, 0]])
