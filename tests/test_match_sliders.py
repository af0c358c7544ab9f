"""The strip's sliders: the one table of the effect's file, a project's text and a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import write_sliders
from reaper_automix.match.console import sliders
from reaper_automix.match.console.sliders import PLACES, RESTING, SLIDERS
from reaper_automix.match.console.table import CHANNEL
from reaper_automix.match.placing.landed import NEUTRAL

VALUES = st.tuples(*(st.floats(one.low, one.high) for one in SLIDERS))


@given(VALUES)
def test_sliders_and_their_strip_say_the_same(values):
    strip = sliders.strip_of(values)
    again = sliders.of(strip, output_db=sliders.output_db_of(values), detector="master")
    others = {"eq_on", "compressor_on", "detector"}
    for one, value, back in zip(SLIDERS, values, again, strict=True):
        assert one.name in others or value == back


@given(VALUES)
def test_the_text_of_a_strip_is_read_as_it_was_meant(values):
    tokens = sliders.text(values).split(" ")
    assert len(tokens) == sliders.SLOTS
    assert tokens[len(SLIDERS) :] == ["-"] * (sliders.SLOTS - len(SLIDERS))
    assert sliders.values_of(tokens) == pytest.approx(values, abs=1e-13)


def test_what_a_text_does_not_tell_is_neutral():
    assert sliders.values_of([]) == sliders.values_of(["-"] * 64) == RESTING
    assert sliders.values_of(["0", "x", "nan", "1e9"])[:4] == (0.0, 0.0, 100.0, 5.0)


def test_a_new_strip_switches_both_blocks_on_and_rests():
    assert sliders.of(NEUTRAL) == RESTING
    assert sliders.is_idle(RESTING)
    assert sliders.strip_of(RESTING) == NEUTRAL


@pytest.mark.parametrize("name", sorted(sliders.ACTING))
def test_a_strip_that_does_something_is_not_idle(name):
    values = list(RESTING)
    values[PLACES[name]] += 1.0
    assert not sliders.is_idle(values)


@given(VALUES, st.integers(0, len(SLIDERS) - 1))
def test_a_slider_that_moved_by_a_step_is_another_setting(values, place):
    moved = list(values)
    moved[place] += 1.001 * SLIDERS[place].step
    assert sliders.same(values, values)
    assert not sliders.same(values, moved)
    moved[place] = values[place] + 0.4 * SLIDERS[place].step
    assert sliders.same(values, moved)


def test_every_parameter_that_is_heard_has_a_slider_with_its_range():
    theirs = {one.name: one for one in CHANNEL}
    elsewhere = {"gain_db", "pan", "send_db", "release_ms"}
    assert theirs.keys() - PLACES.keys() == elsewhere
    for one in SLIDERS:
        if one.name in theirs and one.name != "threshold_db":
            known = theirs[one.name]
            assert (one.low, one.high, one.neutral) == (known.low, known.high, known.neutral)
    threshold = SLIDERS[PLACES["threshold_db"]]
    assert (threshold.low, threshold.high) == (-120.0, 60.0)


def test_what_is_out_of_range_stands_at_the_end():
    assert sliders.of(NEUTRAL.shifted(-500.0))[PLACES["threshold_db"]] == -120.0


@pytest.mark.parametrize("path", write_sliders.TEXTS, ids=lambda path: path.name)
def test_the_files_say_what_the_table_says(path):
    assert path.read_text("utf-8") == write_sliders.TEXTS[path](path)


def test_placing_the_sliders_touches_no_other_line():
    effect = "desc:x\n\nslider1:a=0<0,1,1>A\n@init\nslider_like = 1;\n"
    placed = sliders.placed(effect).splitlines()
    assert placed == ["desc:x", "", *sliders.lines(), "@init", "slider_like = 1;"]
