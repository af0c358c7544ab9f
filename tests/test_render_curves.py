"""Fades and envelopes against closed forms of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.render import fades
from reaper_automix.render.envelopes import (
    Curve,
    envelope_gains,
    fader_envelope,
    fader_gain,
    fader_position,
    input_envelopes,
)
from reaper_automix.session import Envelope, EnvelopePoint, Fade
from tracks import session

X = np.linspace(0.0, 1.0, 201)
curvatures = st.floats(-1.0, 1.0)
shapes = st.sampled_from(sorted(fades.SHAPES))


# Fades


@given(shape=shapes, curve=curvatures)
def test_every_fade_rises_from_silence_to_full(shape, curve):
    gains = fades.fade_in(Fade(2.0, shape, curve), X * 2.0)
    assert gains[0] == pytest.approx(0.0, abs=1e-7)
    assert gains[-1] == pytest.approx(1.0)
    assert (np.diff(gains) >= -1e-12).all()


@given(shape=shapes, curve=curvatures)
def test_a_fade_out_is_the_fade_in_of_the_opposite_curvature_backwards(shape, curve):
    out = fades.fade_out(Fade(2.0, shape, curve), X[::-1] * 2.0)
    np.testing.assert_array_equal(out[::-1], fades.fade_in(Fade(2.0, shape, -curve), X * 2.0))


@given(shape=shapes, low=curvatures, high=curvatures)
def test_more_curvature_is_a_later_rise(shape, low, high):
    low, high = sorted((low, high))
    early, late = (fades.fade_in(Fade(1.0, shape, curve), X) for curve in (low, high))
    assert (early >= late - 0.02).all()


CLOSED_FORMS = [
    (0, 0.0, X),
    (0, 1.0, X**4),
    (0, -1.0, 1 - (1 - X) ** 4),
    (0, 0.5, (X + X**4) / 2),
    (1, 0.0, 1 - (1 - X) ** 2),
    (1, -1.0, np.sqrt(1 - (1 - X) ** 8)),
    (1, 1.0, X**4),
    (2, 1.0, X**2),
    (2, -1.0, 1 - (1 - X) ** 2),
    (3, -1.0, 1 - (1 - X) ** 4),
    (4, 1.0, X**4),
    (5, 0.0, X**2 * (3 - 2 * X)),
    (6, 0.0, np.where(X <= 0.5, 8 * X**4, 1 - 8 * (1 - X) ** 4)),
    (7, 1.0, X**4),
]


@pytest.mark.parametrize(("shape", "curve", "expected"), CLOSED_FORMS)
def test_fade_shapes_are_their_formulas(shape, curve, expected):
    np.testing.assert_allclose(fades.fade_in(Fade(1.0, shape, curve), X), expected, atol=1e-12)


def test_the_crossfade_shape_is_nearly_a_quarter_sine():
    gains = fades.fade_in(Fade(1.0, 7), X)
    np.testing.assert_allclose(gains, np.sin(np.pi / 2 * X), atol=0.005)


def test_a_leaning_s_curve_keeps_its_outline():
    early, late = (fades.fade_in(Fade(1.0, 5, curve), X) for curve in (-1.0, 1.0))
    # Leaning to either side is the same curve turned half around.
    np.testing.assert_allclose(early, 1.0 - late[::-1], atol=1e-12)


def test_unknown_shapes_and_wild_curvatures_stay_fades():
    np.testing.assert_array_equal(fades.fade_in(Fade(1.0, 99), X), X)
    np.testing.assert_array_equal(fades.fade_in(Fade(1.0, 0, 7.0), X), X**4)


# Envelopes

STEP_S = 0.01


def values(*points, fader_scaled=False, start_s=0.0, frames=401):
    envelope = Envelope(tuple(EnvelopePoint(*point) for point in points), fader_scaled)
    gains = Curve(envelope).over(start_s, STEP_S, frames)
    return np.broadcast_to(gains, frames)


T = np.arange(401) * STEP_S
RISE = np.clip(T - 1.0, 0.0, 2.0) / 2.0


@pytest.mark.parametrize(
    ("shape", "rise"),
    [
        (0, RISE),
        (1, np.floor(RISE)),
        (2, RISE**2 * (3 - 2 * RISE)),
        (3, 1 - (1 - RISE) ** 3),
        (4, RISE**3),
        (9, RISE),
    ],
)
def test_point_shapes_are_their_formulas(shape, rise):
    gains = values((1.0, 0.5, shape), (3.0, 2.0))
    np.testing.assert_allclose(gains, 0.5 + 1.5 * rise, atol=1e-9)


def bezier_by_bisection(time_s, x, y):
    """The curve's height where its x is the wanted time, found the slow way."""
    low, high = 0.0, 1.0
    for _ in range(60):
        t = (low + high) / 2
        weights = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
        low, high = (t, high) if weights @ x < time_s else (low, t)
    return weights @ y


@pytest.mark.parametrize(
    ("tension", "x", "y"),
    [
        (0.0, [1.0, 1.5, 2.5, 3.0], [0.5, 0.75, 1.875, 2.0]),
        (1.0, [1.0, 3.0, 3.0, 3.0], [0.5, 0.5, 0.5, 2.0]),
        (-1.0, [1.0, 1.0, 1.0, 3.0], [0.5, 2.0, 2.0, 2.0]),
        (0.5, [1.0, 2.25, 2.75, 3.0], [0.5, 0.625, 1.1875, 2.0]),
    ],
)
def test_bezier_points_lean_along_their_neighbours(tension, x, y):
    # Slopes at the two points: (2 - 0) / (3 - (-1)) = 0.5 and (0.5 → 2.5) / (1 → 9) = 0.25.
    points = [(-1.0, 0.0), (1.0, 0.5, 5, tension), (3.0, 2.0), (9.0, 2.5)]
    gains = values(*points, start_s=1.0, frames=200)
    expected = [bezier_by_bisection(1.0 + n * STEP_S, x, y) for n in range(200)]
    np.testing.assert_allclose(gains, expected, atol=1e-4)


def test_envelopes_rest_before_their_first_and_after_their_last_point():
    assert set(values((5.0, 0.25), (6.0, 1.0)).tolist()) == {0.25}
    assert set(values((-6.0, 0.25), (-5.0, 0.5)).tolist()) == {0.5}
    assert set(values().tolist()) == {1.0}
    assert set(values((-1.0, 0.5), (9.0, 0.5)).tolist()) == {0.5}


def test_a_bezier_between_equal_values_still_bulges():
    gains = values((-1.0, 0.0), (0.0, 1.0, 5), (4.0, 1.0), (5.0, 0.0))
    assert gains.max() > 1.05


def test_two_points_at_one_time_are_a_jump():
    gains = values((1.0, 0.5), (2.0, 1.0), (2.0, 0.25), (3.0, 0.25))
    assert gains[199] == pytest.approx(0.995)
    assert gains[200] == 0.25


def test_points_in_any_order_and_below_silence_are_put_right():
    np.testing.assert_array_equal(values((3.0, -1.0), (1.0, 1.0)), values((1.0, 1.0), (3.0, 0.0)))


@given(
    points=st.lists(
        st.tuples(st.floats(-1.0, 5.0), st.floats(0.0, 4.0), st.integers(0, 4)), max_size=8
    ),
    start=st.integers(0, 300),
    fader_scaled=st.booleans(),
)
def test_a_piece_of_an_envelope_is_that_piece_of_the_whole(points, start, fader_scaled):
    whole = values(*points, fader_scaled=fader_scaled)
    piece = values(*points, fader_scaled=fader_scaled, start_s=start * STEP_S, frames=100)
    # A point may fall on either side of a time that is rounded differently: jumps may shift by one.
    apart = np.abs(piece - whole[start : start + 100]) > 1e-6
    assert apart.sum() <= len(points)


def test_the_fader_law_is_what_reaper_draws():
    # Source: facts section 4, published points of the slider law.
    points = np.array([0.25, 0.7162178503, 1.0])
    expected_db = [-30.009531739, 0.0, 12.0]
    np.testing.assert_allclose(20 * np.log10(fader_gain(points)), expected_db, atol=1e-7)
    np.testing.assert_allclose(fader_position(fader_gain(points)), points, atol=1e-12)


def test_a_fader_scaled_envelope_moves_along_the_fader():
    gains = values((1.0, 0.0), (3.0, 1.0), fader_scaled=True)
    half_way = fader_gain(np.array([0.7162178503 / 2]))[0]
    assert gains[200] == pytest.approx(half_way)
    assert gains[200] < 0.1
    assert (gains[0], gains[-1]) == (pytest.approx(0.0), pytest.approx(1.0))


def test_gains_of_a_track_envelope_count_frames():
    ramp = Envelope((EnvelopePoint(0.0, 0.0), EnvelopePoint(1.0, 1.0)))
    gains = envelope_gains(ramp, 500, 250, 1000)
    assert gains.dtype == np.float32
    np.testing.assert_allclose(gains, 0.5 + np.arange(250) / 1000, atol=1e-7)
    np.testing.assert_array_equal(envelope_gains(ramp, 2000, 250, 1000), [1.0])


# Which envelopes sound where

FADER, PRE_FX, TRIM = (Envelope((EnvelopePoint(0.0, gain),)) for gain in (0.1, 0.2, 0.3))


@pytest.mark.parametrize(
    ("track", "at_input", "at_fader"),
    [
        ({}, (PRE_FX, FADER, TRIM), None),
        ({"automation": "read"}, (PRE_FX,), FADER),
        ({"automation": "touch"}, (PRE_FX,), FADER),
        ({"automation": "latch"}, (PRE_FX,), FADER),
        ({"automation": "write"}, (PRE_FX,), FADER),
        ({"global_automation": 0}, (PRE_FX,), FADER),
        ({"global_automation": 1}, (PRE_FX,), FADER),
        ({"global_automation": 6}, (), FADER),
    ],
)
def test_an_envelope_is_heard_at_the_fader_or_in_its_place_never_both(track, at_input, at_fader):
    song = session(volume=FADER, pre_fx_volume=PRE_FX, trim_volume=TRIM, **track)
    assert input_envelopes(song, song.tracks[0]) == at_input
    assert fader_envelope(song, song.tracks[0]) == at_fader


def test_a_track_without_envelopes_has_none():
    song = session(automation="read")
    assert input_envelopes(song, song.tracks[0]) == ()
    assert fader_envelope(song, song.tracks[0]) is None
