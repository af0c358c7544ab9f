"""A sample of moments says what all of them say: laws of the sample, then how far it may be off."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import bass, guitar, kick, line, repeated, snare, voice
from reaper_automix.audio import from_samples
from reaper_automix.features.measure import listen
from reaper_automix.features.pitch import credibility
from reaper_automix.features.pitch_estimate import credit, estimate, sustain, weighted_median
from reaper_automix.features.pitch_frames import RATE_HZ as HEARD_HZ
from reaper_automix.features.pitch_frames import WINDOW, Frames, at_rate
from reaper_automix.features.pitch_sample import (
    FIRST_POINTS,
    MOST_POINTS,
    drawn,
    enough_frames,
    every_frame,
    is_settled,
)
from reaper_automix.features.tonality import BANDS_HZ
from signals import RATE_HZ, harmonic, noise, tone

powers = st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=300).map(np.array)
counts = st.sampled_from((1, 2, 64, 256))


# The sample


@given(powers, counts)
def test_every_frame_is_drawn_in_proportion_to_its_power(power, count):
    draws = drawn(power, count)
    assert draws.sum() == count
    assert np.all(np.abs(draws - count * power / power.sum()) < 1.0 + 1e-9)


@given(powers, counts)
def test_twice_as_many_points_draw_the_same_frames_and_more(power, count):
    assert np.all(drawn(power, 2 * count) >= drawn(power, count))


@given(powers, counts, st.integers(-60, 60))
def test_gain_draws_the_same_frames(power, count, doublings):
    assert np.array_equal(drawn(power * 2.0**doublings, count), drawn(power, count))


def test_frames_of_one_power_are_drawn_evenly_in_time():
    steps = np.diff(np.flatnonzero(drawn(np.ones(10_000), 64)))
    assert np.all(np.abs(steps - 10_000 / 64) <= 1.0)


# A track without sound: frames with a known f0 and tonality


class Track:
    """What a listener knows of a track, and how often it was asked."""

    def __init__(self, f0_hz, tonality=0.8, power=1.0):
        self.powers = np.broadcast_to(power, f0_hz.shape).astype(np.float64)
        self.active = np.arange(f0_hz.size)
        tonal = np.broadcast_to(tonality, f0_hz.shape)
        sure = np.ones(f0_hz.size)
        harmonics = [np.exp2(-8 * np.abs(np.log2(BANDS_HZ / (k * f0_hz[:, None])))) / k**2
                     for k in range(1, 9)]  # fmt: skip
        self.frames = Frames(tonal, f0_hz, sure, f0_hz, f0_hz, np.sum(harmonics, axis=0))
        self.heard = []

    def hear(self, numbers):
        self.heard.extend(numbers)
        return self.frames[numbers]


def melody(seed, notes=40, frames=2000):
    """Notes of a scale, of unequal length and loudness, some of them breathy."""
    draw = np.random.default_rng(seed)
    ends = np.sort(draw.integers(0, frames, notes - 1))
    note = np.searchsorted(ends, np.arange(frames), side="right")
    f0_hz = 220.0 * 2.0 ** (draw.choice((-5, -3, 0, 2, 4, 7, 9, 12), notes) / 12)
    power = 10.0 ** draw.uniform(-2.0, 0.0, notes)
    tonality = np.clip(draw.uniform(0.2, 1.0, notes)[note] + draw.normal(0, 0.1, frames), 0, 1)
    bent = 2.0 ** (draw.normal(0.0, 0.2, frames) / 12)
    return Track(f0_hz[note] * bent, tonality, power[note])


def levels_db(track, frames, weights):
    """The two levels that a track's pitch decides, on the scale of the whole spectrum."""
    held = sustain(track.powers)
    pitch = estimate(frames, weights, held)
    every, power = every_frame(track)
    square = np.square(BANDS_HZ / pitch.f0_hz)
    spectrum = power @ every.band_powers
    passed = square / (square + 4.0) * 16.0 / (square + 16.0) @ spectrum / spectrum.sum()
    narrow_db, trust = 10.0 * np.log10(passed), credibility(pitch.confidence)
    return trust * max(narrow_db, -7.25) - 6.16 * (1.0 - trust), narrow_db


def test_levels_are_those_of_every_frame():
    apart_db = []
    for seed in range(60):
        track = melody(seed)
        some = levels_db(track, *enough_frames(track, sustain(track.powers)))
        apart_db.append(np.abs(np.subtract(some, levels_db(track, *every_frame(track)))))
    auto_db, p_lufs_db = np.transpose(apart_db)
    assert np.mean(auto_db <= 0.1) >= 0.95
    assert np.mean(p_lufs_db <= 0.1) >= 0.95
    assert max(auto_db.max(), p_lufs_db.max()) <= 0.3


def test_no_frame_is_heard_twice():
    track = melody(3)
    enough_frames(track, 1.0)
    assert len(track.heard) == len(set(track.heard)) < track.active.size


def test_one_held_note_takes_the_fewest_frames():
    track = Track(np.full(5000, 220.0))
    frames, weights = enough_frames(track, 1.0)
    assert len(track.heard) == weights.sum() == FIRST_POINTS
    assert set(frames.f0_hz) == {220.0}


@pytest.mark.parametrize("order", ["one after the other", "in turn", "at random"])
def test_a_tie_of_two_octaves_takes_all_frames(order):
    notes_hz = np.repeat((220.0, 440.0), 500)
    ways = {"in turn": np.tile((220.0, 440.0), 500),
            "at random": np.random.default_rng(0).permutation(notes_hz)}  # fmt: skip
    _, weights = enough_frames(Track(ways.get(order, notes_hz)), 1.0)
    assert weights.size == 1000


def test_a_tie_in_a_very_long_sound_is_left_open():
    track = Track(np.tile((220.0, 440.0), 10_000))
    _, weights = enough_frames(track, 1.0)
    assert weights.size == MOST_POINTS


@pytest.mark.parametrize("frames", [1, 2, FIRST_POINTS - 1, FIRST_POINTS])
def test_of_few_frames_all_are_heard(frames):
    track = melody(1, notes=5, frames=frames)
    heard, weights = enough_frames(track, 1.0)
    for field in fields(Frames):
        assert np.array_equal(getattr(heard, field.name), getattr(track.frames, field.name))
    assert np.array_equal(weights, track.powers)


def test_what_has_no_f0_is_not_settled_before_all_of_it_was_heard():
    track = Track(np.full(300, np.nan), 0.0)
    _, weights = enough_frames(track, 1.0)
    assert weights.size == 300


def test_where_nothing_is_left_to_chance_all_is_settled():
    frames = Track(np.array([220.0, 440.0] * 50 + [220.0])).frames
    draws = np.ones(101, np.int64)
    assert is_settled(frames, draws, 0.0, 1.0)
    assert not is_settled(frames, draws, 1.0, 1.0)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_frames_changes_no_estimate(seed):
    track, order = melody(2, frames=200), np.random.default_rng(seed).permutation(200)
    one = estimate(track.frames, track.powers, 1.0)
    other = estimate(track.frames[order], track.powers[order], 1.0)
    assert other.f0_hz == one.f0_hz
    assert other.confidence == pytest.approx(one.confidence)


def test_confidence_is_the_share_of_harmonics_less_dissent():
    frames = Track(np.array((220.0, 220.0, 220.0)), np.array((1.0, 0.5, 0.0))).frames
    octave = Frames(*(getattr(frames, field.name) for field in fields(Frames)))
    object.__setattr__(octave, "pesto_hz", frames.pesto_hz * 2.0)
    assert credit(frames).tolist() == [1.0, 0.5, 0.0]
    assert credit(octave) == pytest.approx([0.925, 0.4625, 0.0])


@given(st.lists(st.floats(50.0, 2000.0), min_size=1), st.integers(1, 5))
def test_a_median_counts_weights_as_repetitions(values, times):
    weights = np.arange(len(values)) % times + 1.0
    repeated_values = np.sort(np.repeat(values, weights.astype(int)))
    middle = repeated_values[(repeated_values.size - 1) // 2]
    assert weighted_median(np.array(values), weights) == middle


def test_sustain_tells_a_held_sound_from_a_short_one():
    held, short = np.ones(100), np.zeros(100)
    short[50] = 1.0
    assert sustain(held) == 1.0
    assert sustain(short) == 0.5


# Real frames


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100, 48000, 192000])
@pytest.mark.parametrize("f0_hz", [60.0, 1000.0, 3500.0])
def test_a_window_at_another_rate_is_the_same_sound(rate_hz, f0_hz):
    length = round(WINDOW / HEARD_HZ * rate_hz)
    heard = at_rate(tone(f0_hz, 1.0, rate_hz=rate_hz)[:, :length], rate_hz)
    middle = slice(400, WINDOW - 400)
    assert heard[:, middle] == pytest.approx(
        tone(f0_hz, 0.16, rate_hz=HEARD_HZ)[:, middle], abs=1e-3
    )


def both(sound):
    signal = from_samples(sound, RATE_HZ)
    return [listen(signal, pitch=mode)[0] for mode in ("auto", "all")]


def kit():
    bar = repeated(kick(), 4, 1.0) + np.roll(repeated(snare(), 4, 1.0), RATE_HZ // 2, axis=1)
    return np.tile(bar, (1, 2))


HARD = {
    "octaves": lambda: np.concatenate((harmonic(220.0, 2.0), harmonic(440.0, 2.0)), axis=1),
    "octaves at once": lambda: harmonic(220.0, 4.0) + harmonic(440.0, 4.0),
    "kit": kit,
    "one hit": kick,
    "bass and noise": lambda: np.concatenate((bass(), noise(3.0, -25.0)), axis=1),
    "voice in a room": lambda: voice(duration_s=4.0) + noise(4.0, -35.0),
    "guitar": guitar,
}


@pytest.mark.parametrize("name", HARD)
def test_hard_cases_have_the_levels_of_every_frame(name):
    some, every = both(HARD[name]())
    for method in ("auto", "p_lufs"):
        assert some.heard(method).level.lufs == pytest.approx(
            every.heard(method).level.lufs, abs=0.1
        )


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(st.lists(st.floats(60.0, 800.0), min_size=4, max_size=16))
def test_melodies_have_the_levels_of_every_frame(notes_hz):
    some, every = both(line(notes_hz))
    for method in ("auto", "p_lufs"):
        assert some.heard(method).level.lufs == pytest.approx(
            every.heard(method).level.lufs, abs=0.3
        )
