"""How high a sum peaks is estimated from above, from what is known of its sources alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.mix import listen
from reaper_automix.routing import MIX
from reaper_automix.session import Envelope, EnvelopePoint
from reaper_automix.sums import peaks
from reaper_automix.units import db_from_gain, gain_from_db
from signals import noise, tone
from traced import at_random, desk, stand, track, weighed

RATE_HZ = 8000


def clicks(seed, count=40, duration_s=2.0):
    """Single samples far apart, each source at its own instants."""
    samples = np.zeros((1, round(duration_s * RATE_HZ)), np.float32)
    samples[0, np.random.default_rng(seed).integers(0, samples.shape[1], count)] = 0.5
    return samples


SOUNDS = {
    "noises": lambda n: noise(2.0, -20, RATE_HZ, seed=n),
    "tones": lambda n: tone(110.0 * (n + 2) ** 1.1, 2.0, -20, rate_hz=RATE_HZ),
    "clicks": clicks,
    "basses": lambda n: tone(41.0 + 0.37 * n, 2.0, -20, rate_hz=RATE_HZ),
}


def song(kind, count):
    sounds = {f"{{{n}}}": (SOUNDS[kind](n), 137 * n) for n in range(count)}
    return desk([track(str(n), pan=0.3 * (n % 3 - 1)) for n in range(count)], sounds, RATE_HZ)


def room_db(mixed, states):
    """How far above each sum its estimate is."""
    powers = weighed(mixed, MIX)
    heard = [levels[MIX].true_peak_db for levels in listen(mixed, (MIX,), states)]
    return [
        db_from_gain(powers.true_peak(gains)) - peak_db
        for gains, peak_db in zip(states, heard, strict=True)
    ]


@pytest.mark.parametrize("kind", SOUNDS)
@pytest.mark.parametrize("count", [2, 5, 20])
def test_no_sum_peaks_above_its_estimate(kind, count):
    mixed = song(kind, count)
    assert min(room_db(mixed, [stand(mixed), *at_random(mixed, 4)])) >= 0.0


def test_many_unrelated_sources_are_not_taken_for_one():
    mixed = song("noises", 40)
    powers, gains = weighed(mixed, MIX), stand(mixed)
    bound = (powers.peaks.bounds @ powers.way_gains(gains)).max()
    assert powers.true_peak(gains) < gain_from_db(-6.0) * bound
    assert max(room_db(mixed, [gains])) < 6.0


@pytest.mark.parametrize("count", [2, 8, 24])
def test_copies_add_up_to_their_number(count):
    sound = noise(2.0, -30, RATE_HZ)
    sounds = {f"{{{n}}}": (sound, 0) for n in range(count)}
    mixed = desk([track(str(n)) for n in range(count)], sounds, RATE_HZ)
    (room,) = room_db(mixed, [stand(mixed)])
    assert 0.0 <= room < 1.0


@pytest.mark.parametrize("kind", SOUNDS)
def test_one_source_is_exact(kind):
    mixed = song(kind, 1)
    assert room_db(mixed, [stand(mixed)]) == [pytest.approx(0.0, abs=0.001)]


def test_one_source_far_above_the_others_is_nearly_exact():
    mixed = song("noises", 12)
    others = {str(n): gain_from_db(-60.0) for n in range(1, 12)}
    assert max(room_db(mixed, [stand(mixed, **others)])) < 0.1


MIXED = song("noises", 6)
POWERS = weighed(MIXED, MIX)
gains_db = st.lists(st.floats(-24.0, 12.0), min_size=6, max_size=6)


def faders(levels_db):
    return {f"{{{n}}}": gain_from_db(level) for n, level in enumerate(levels_db)}


@settings(max_examples=25, deadline=None)
@given(gains_db, st.floats(-60.0, 60.0))
def test_a_gain_that_all_have_in_common_is_that_of_the_estimate(levels_db, by_db):
    before = POWERS.true_peak(faders(levels_db))
    after = POWERS.true_peak(faders([level + by_db for level in levels_db]))
    assert db_from_gain(after / before) == pytest.approx(by_db, abs=0.001)


@settings(max_examples=25, deadline=None)
@given(gains_db, st.integers(0, 5))
def test_closing_a_fader_raises_no_peak(levels_db, one):
    gains = faders(levels_db)
    assert POWERS.true_peak({**gains, f"{{{one}}}": 0.0}) <= POWERS.true_peak(gains) * 1.02


@settings(max_examples=25, deadline=None)
@given(gains_db)
def test_the_estimate_stays_below_the_bound(levels_db):
    gains = faders(levels_db)
    bound = (POWERS.peaks.bounds @ POWERS.way_gains(gains)).max() * (1.0 + peaks.ROUNDING)
    assert POWERS.true_peak(gains) <= bound * (1.0 + 1e-6)


def test_rows_are_looked_at_until_none_can_be_higher(monkeypatch):
    gains = stand(MIXED)
    at_once = POWERS.true_peak(gains)
    monkeypatch.setattr(peaks, "ROWS", 1)
    assert POWERS.true_peak(gains) == pytest.approx(at_once, rel=1e-6)


def test_the_order_of_tracks_does_not_matter():
    backwards = replace(MIXED, signals=dict(reversed(MIXED.signals.items())))
    other = weighed(backwards, MIX).true_peak(stand(MIXED))
    assert other == pytest.approx(POWERS.true_peak(stand(MIXED)), rel=1e-5)


def test_an_envelope_that_fades_keeps_the_estimate_above():
    fade = Envelope((EnvelopePoint(0.0, 1.0), EnvelopePoint(2.0, 0.0)))
    mixed = song("noises", 8)
    tracks = tuple(replace(one, volume=fade) for one in mixed.session.tracks)
    faded = replace(mixed, session=replace(mixed.session, tracks=tracks))
    assert min(room_db(faded, [stand(faded), *at_random(faded, 3)])) >= 0.0
