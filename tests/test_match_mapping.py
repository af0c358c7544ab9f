"""A console and a project sound the same: faders, pans and thresholds beside the console."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import pan
from reaper_automix.match.console import offline, table
from reaper_automix.match.console.strips import (
    Console,
    channel_of,
    master_of,
    neutral_channel,
    neutral_master,
)
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.landed import Bus, Match, Seat, at
from reaper_automix.match.placing.mapping import End
from reaper_automix.session import Session, Track
from reaper_automix.units import gain_from_db
from signals import noise

RATE_HZ = 44100
P = st.floats(0.02, 0.98)
LAWS = st.sampled_from([1.0, 0.7079, 0.5, 2.0])


def row(size):
    return st.lists(P, min_size=size, max_size=size).map(np.array)


def gentle(parameters, normalised):
    """Values with gains that stay where faders can follow."""
    found = table.values(parameters, normalised)
    for name in ("gain_db", "input_db", "output_db"):
        if name in [one.name for one in parameters]:
            found[table.place(parameters, name)] /= 8.0
    return found


def consoles(stems=2):
    channels = st.tuples(*[row(27).map(lambda p: channel_of(gentle(table.CHANNEL, p)))] * stems)
    masters = row(26).map(lambda p: master_of(gentle(table.MASTER, p)))
    return st.builds(Console, channels, masters)


def ends_of(console_, laws, keeps_pan=False, pans=(0.2, -0.4)):
    return tuple(
        End(
            f"{{{n}}}",
            f"{n}",
            Seat(-3.0, pans[n]),
            pan.position_gains(pans[n], law),
            law,
            keeps_pan,
        )
        for n, law in enumerate(laws[: len(console_.channels)])
    )


def stems(count=2):
    return [noise(0.05, -20.0, RATE_HZ, channels=2, seed=n) for n in range(count)]


def as_reaper_plays(signals, match, laws):
    """Strip, fader and pan of every track, then the master's strip and its output."""
    total = np.zeros((2, signals[0].shape[1] + 8000), np.float64)
    for signal, stem, law in zip(signals, match.stems, laws, strict=False):
        seat = stem.matched
        stream = offline.StripStream(seat.strip, RATE_HZ)
        late = stream.latency
        ringing = np.pad(signal, ((0, 0), (0, late + 4000)))
        heard = stream.feed(ringing.astype(np.float64))[:, late:]
        sides = np.array(pan.position_gains(seat.pan, law))[:, None]
        total[:, : heard.shape[1]] += heard * gain_from_db(seat.fader_db) * sides
    stream = offline.StripStream(match.bus.strip, RATE_HZ, offline.MASTER)
    late = stream.latency
    out = stream.feed(np.pad(total, ((0, 0), (0, late))))[:, late:]
    return out[:, : signals[0].shape[1]] * gain_from_db(match.bus.output_db)


@settings(max_examples=25)
@given(consoles(), st.tuples(LAWS, LAWS))
def test_a_console_sounds_in_reaper_as_it_does_itself(settings_, laws):
    ends, signals = ends_of(settings_, laws), stems()
    match = mapping.match_of(settings_, ends)
    wanted = offline.mix([one.astype(np.float64) for one in signals], settings_, RATE_HZ)
    heard = as_reaper_plays(signals, match, laws)
    assert max(stem.matched.fader_db for stem in match.stems) <= mapping.FADER_MAX_DB
    assert np.abs(heard - wanted).max() <= 1e-4 * np.abs(wanted).max()


@settings(max_examples=25)
@given(consoles(), st.tuples(LAWS, LAWS))
def test_what_is_placed_is_a_console_again(settings_, laws):
    ends, signals = ends_of(settings_, laws), stems()
    match = mapping.match_of(settings_, ends)
    again = offline.mix(signals, mapping.console_as_placed(match, ends), RATE_HZ)
    heard = as_reaper_plays(signals, match, laws)
    assert np.abs(again - heard).max() <= 1e-4 * np.abs(heard).max()


@given(consoles(), st.floats(-20.0, 20.0))
def test_k_is_not_heard(settings_, by_db):
    ends = ends_of(settings_, (1.0, 1.0))
    match = mapping.match_of(settings_, ends)
    raised = mapping.raised(match, by_db)
    assert max(stem.matched.fader_db for stem in raised.stems) <= mapping.FADER_MAX_DB + 1e-9
    signals = stems()
    heard, again = (as_reaper_plays(signals, one, (1.0, 1.0)) for one in (match, raised))
    assert np.abs(again - heard).max() <= 1e-4 * np.abs(heard).max()


@given(consoles())
def test_a_pan_that_is_kept_stays_to_the_digit(settings_):
    ends = ends_of(settings_, (1.0, 0.7079), keeps_pan=True)
    match = mapping.match_of(settings_, ends)
    assert [stem.matched.pan for stem in match.stems] == [0.2, -0.4]


@pytest.mark.parametrize("law", [1.0, 0.7079, 2.0])
@pytest.mark.parametrize("position", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_a_session_without_a_match_is_a_console_at_rest(position, law):
    end = End("{1}", "1", Seat(-7.0, position), pan.position_gains(position, law), law)
    signal = stems(1)[0]
    heard = offline.mix([signal], mapping.console_before([end]), RATE_HZ)
    sides = np.array(pan.position_gains(position, law))[:, None]
    wanted = signal * gain_from_db(-7.0) * sides
    assert np.abs(heard - wanted).max() <= 1e-5


def test_a_console_at_rest_leaves_faders_and_pans_alone():
    ends = ends_of(Console((neutral_channel(),) * 2, neutral_master()), (1.0, 1.0))
    before = mapping.console_before(ends)
    match = mapping.match_of(before, ends)
    for stem in match.stems:
        assert stem.matched.fader_db == pytest.approx(stem.before.fader_db, abs=1e-9)
        assert stem.matched.pan == pytest.approx(stem.before.pan, abs=1e-9)
    assert match.bus.output_db == pytest.approx(0.0, abs=1e-9)


def test_faders_stay_near_where_they_stood_whatever_level_a_console_has():
    rest = Console(
        tuple(replace(neutral_channel(), gain_db=gain_db) for gain_db in (40.0, 38.0)),
        neutral_master(),
    )
    match = mapping.match_of(rest, ends_of(rest, (1.0, 1.0), pans=(0.0, 0.0)))
    assert [stem.matched.fader_db for stem in match.stems] == pytest.approx([-2.0, -4.0])
    assert match.bus.output_db == pytest.approx(42.0 - 4.515, abs=0.01)


def test_a_stem_that_is_fixed_stays_and_the_others_stand_to_it_as_in_the_console():
    rest = Console(
        tuple(replace(neutral_channel(), gain_db=gain_db) for gain_db in (10.0, 14.0)),
        neutral_master(),
    )
    fixed, free = ends_of(rest, (1.0, 1.0), pans=(0.0, 0.0))
    match = mapping.match_of(rest, (replace(fixed, fixed=True), free))
    (stem,) = match.stems
    assert stem.track_id == free.track_id
    assert stem.matched.fader_db == pytest.approx(-3.0 + 4.0)


@pytest.mark.parametrize(
    "track",
    [
        Track("{1}", "1", pan_mode=5, pan=0.3, pan_width=0.5),
        Track("{1}", "1", pan_mode=6, dual_pan_left=-0.2, dual_pan_right=0.9),
        Track("{1}", "1", pan_automated=True),
    ],
)
def test_pans_with_more_than_one_knob_or_with_automation_are_kept(track):
    session = Session("song", (track,))
    end = mapping.end_of(session, track, Seat(0.0, track.pan), keep_pan=False)
    assert end.keeps_pan
    assert all(math.isfinite(side) for side in end.sides)


def test_a_pan_law_that_lets_nothing_through_leads_to_numbers_all_the_same():
    session = Session("song", (track := Track("{1}", "1", pan_law=0.0),))
    end = mapping.end_of(session, track, Seat(0.0, 0.0), keep_pan=False)
    match = mapping.match_of(mapping.console_before([end]), [end])
    assert math.isfinite(match.stems[0].matched.fader_db)


def test_a_trim_makes_the_mix_louder_at_any_strength_by_that_part():
    match = mapping.trimmed(Match((), Bus()), -6.0)
    assert at(match, 0.5).bus.output_db == -3.0
