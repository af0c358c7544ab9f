"""The densest part of a song: which stretch it is, and that a balance is that of the stretch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import engine, measuring, pipeline, sections
from reaper_automix.crew import Crew
from reaper_automix.features.density import densest
from reaper_automix.features.trace import Trace
from reaper_automix.memory import Memory
from reaper_automix.moves import balance
from reaper_automix.sections import densest_range, measured_range
from reaper_automix.selection import Scope
from reaper_automix.session import TimeRange
from reaper_automix.settings import Settings, load
from reaper_automix.units import db_from_gain
from signals import RATE_HZ, noise
from songs import session, track, with_faders, with_source_gains

LENGTH_S = 2.0
HOW = Settings(method="lufs", section="densest", objects="off", dead_band_db=0.0)
SILENCE = np.zeros((1, RATE_HZ), np.float32)


def parts(*levels_db, seed=0):
    """Seconds of noise at these levels, silent ones where there is none."""
    return np.concatenate(
        [
            SILENCE if level is None else noise(1.0, level, seed=seed + 10 * index)
            for index, level in enumerate(levels_db)
        ],
        axis=1,
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(sections, "DENSEST_S", LENGTH_S)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Six seconds; all three tracks but the last sound in the third and fourth alone."""
    tmp_path = tmp_path_factory.mktemp("song")
    return session(
        track(tmp_path, "a", parts(-30, -30, -20, -20, -30, -30, seed=1)),
        track(tmp_path, "b", parts(None, None, -30, -30, None, None, seed=2)),
        track(tmp_path, "c", parts(None, -40, -40, -40, None, None, seed=3)),
        track(tmp_path, "d", parts(-20, None, None, None, None, -20, seed=4)),
    )


@pytest.fixture(scope="module")
def crew():
    with Crew(1) as one:
        yield one


MEMORY = Memory()
"""What was measured for one test serves the others."""


def run(song, crew, how=HOW, memory=MEMORY):
    return engine.run(song, how, crew, memory=memory)


def test_the_stretch_is_where_most_tracks_sound_and_is_told(song, crew):
    balanced = run(song, crew)
    assert balanced.totals.scene.time_range == TimeRange(2.0, 4.0)
    assert balanced.notes == ("Measured from 0:02 to 0:04, where most tracks sound.",)


def test_the_balance_is_that_of_the_stretch(song, crew):
    found = run(song, crew).gains
    named = run(song, crew, replace(HOW, section="whole", time_range=TimeRange(2.0, 4.0))).gains
    assert found == named
    assert db_from_gain(found["{b}"] / found["{a}"]) == pytest.approx(10.0, abs=0.2)


def test_a_track_that_is_silent_there_keeps_its_fader_and_says_why(song, crew):
    balanced = run(song, crew)
    row = next(one for one in balanced.tracks if one.id == "{d}")
    assert balanced.gains["{d}"] == 1.0
    assert row.status == "kept"
    assert row.why == ("Silent: nothing in it is above -70 LUFS.",)


def test_gains_and_faders_and_order_leave_the_stretch_alone(song, crew):
    other = with_source_gains(song, (12.0, -12.0, 9.0, -6.0))
    other = replace(other, tracks=tuple(replace(one, fader_gain=0.2) for one in other.tracks[::-1]))
    assert run(other, crew).totals.scene.time_range == TimeRange(2.0, 4.0)


def test_a_second_run_moves_nothing_and_measures_nothing(song, crew):
    told, first = [], run(song, crew)
    again = with_faders(song, first.gains, first.stored)
    second = engine.run(again, HOW, crew, lambda *said: told.append(said[0]), memory=MEMORY)
    assert second.gains == first.gains
    assert "Measuring" not in told


def test_a_song_that_is_no_longer_is_measured_whole(song, crew, monkeypatch):
    monkeypatch.setattr(sections, "DENSEST_S", 30.0)
    balanced = run(song, crew)
    assert balanced.totals.scene.time_range is None
    assert balanced.gains == run(song, crew, replace(HOW, section="whole")).gains
    assert balanced.notes == ("All of the song was measured, as it is no longer than 30 s.",)


def test_what_is_lost_on_the_way_plays_no_part_in_either(tmp_path, crew, monkeypatch):
    gone = track(tmp_path, "gone", parts(-20, seed=5))
    long = track(tmp_path, "long", parts(-20, -20, -20, seed=6))
    heard = measuring._hear

    def hear(task):
        (tmp_path / "gone.wav").unlink(missing_ok=True)
        return heard(task)

    monkeypatch.setattr(measuring, "_hear", hear)
    balanced = run(session(long, gone), crew)
    row = next(one for one in balanced.tracks if one.id == "{gone}")
    assert row.status == "skipped"
    assert balanced.totals.scene.time_range is not None


def test_how_loud_the_mix_is_counts_over_the_stretch_as_well(song, crew):
    named = replace(HOW, section="whole", time_range=TimeRange(2.0, 4.0))
    found, expected = (engine.total(song, how, crew, memory=MEMORY) for how in (HOW, named))
    assert found.lufs == pytest.approx(expected.lufs, abs=0.01)


def test_the_actions_tell_the_stretch(song, crew):
    report = balance(song, HOW, Scope(), (), crew, memory=MEMORY).report
    assert "Measured from 0:02 to 0:04, where most tracks sound." in report.notes


def test_a_stretch_that_is_named_goes_first(song):
    named = replace(HOW, time_range=TimeRange(0.0, 1.0))
    assert measured_range(song, named) == TimeRange(0.0, 1.0)
    assert not sections.is_sought(song, named)
    assert sections.is_sought(song, HOW)


@pytest.mark.parametrize("other", [{"region": "Verse"}, {"time_range": "1-2"}])
def test_what_counts_more_puts_the_other_aside(tmp_path, other):
    dense = {"section": "densest"}
    found = load(tmp_path, given=dense, usual=other)
    assert (found.section, found.region, found.time_range) == ("densest", "", None)
    assert load(tmp_path, given=other, usual=dense).section == "whole"


def test_asking_for_the_whole_puts_nothing_aside(tmp_path):
    assert load(tmp_path, given={"section": "whole", "region": "Verse"}).region == "Verse"


def traces(*rows):
    found = []
    for first, row in rows:
        powers = np.asarray(row, np.float32)
        found.append(Trace(first, powers, np.zeros((1, len(row)), np.float32), powers))
    return found


ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.lists(st.sampled_from([0.0, 1e-2, 3e-2]), min_size=1)),
    min_size=1,
    max_size=5,
)


@given(ROWS, st.floats(-12.0, 12.0), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_gain_and_order_do_not_choose_the_stretch(rows, gain_db, order):
    plain = densest(traces(*rows), RATE_HZ, 1.0)
    louder = [(first, np.array(powers) * 10 ** (gain_db / 10)) for first, powers in rows]
    order.shuffle(louder)
    assert densest(traces(*louder), RATE_HZ, 1.0) == plain


def test_without_a_track_there_is_no_densest_part(song):
    assert densest_range(song, []) is None


def test_the_report_of_a_project_tells_the_stretch(song, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline.memory, "opened", lambda: MEMORY)
    monkeypatch.setattr(pipeline, "place_of", lambda path, in_place: Still(song))
    report = pipeline.run(pipeline.Request(tmp_path, HOW, dry_run=True, jobs=1))
    assert report.notes[0] == "Measured from 0:02 to 0:04, where most tracks sound."


class Still:
    """A place that only has a session."""

    bounces_always = False

    def __init__(self, song):
        self._song = song

    def read(self):
        return self._song
