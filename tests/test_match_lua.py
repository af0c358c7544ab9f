"""What the Lua of a match says is what Python says: sliders, strengths, and what is remembered."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from action_songs import library
from reaper_automix.match.console import sliders, strips, table
from reaper_automix.match.console.sliders import PLACES, SLIDERS
from reaper_automix.match.placing import landed, stored
from reaper_automix.match.placing.landed import Blocks, Bus, Match, Seat, Stem, Trims
from reaper_automix.match.placing.stored import Placed
from reaper_double.lua_host import LUAS

ROWS = [list(row.values()) for row in library("strip_rows")[0].values()]
LAWS = {"ratio": ["compressor", "slope"], "makeup_db": ["compressor", "line"]}
LAWS |= {"output_db": ["output", "line"]}
OUTPUT = PLACES["output_db"]
STRENGTHS = {version: library("strength", version) for version in LUAS}

ROW = st.lists(st.floats(0.0, 1.0), min_size=27, max_size=27)
SEATS = st.tuples(st.floats(-60.0, 12.0), st.floats(-1.0, 1.0))


def law_of(slider):
    """How a slider goes with the strength: its block and its law."""
    if slider.name.endswith("_gain_db"):
        return ["eq", "line"]
    return LAWS.get(slider.name, [])


@st.composite
def matches(draw):
    """Any match of one stem."""
    strip = strips.channel_of(table.values(table.CHANNEL, np.array(draw(ROW)))).strip
    before, matched = draw(SEATS), draw(SEATS)
    stem = Stem("{A}", "Drums", Seat(*before), Seat(*matched, strip))
    return Match((stem,), Bus(strip, draw(st.floats(-24.0, 24.0))))


@st.composite
def blocks(draw):
    return Blocks(*(draw(st.booleans()) for _ in range(5)))


def test_the_sliders_are_pythons():
    assert [[one.name, one.step, *law_of(one)] for one in SLIDERS] == ROWS


def test_a_slider_that_acts_has_a_law_and_no_other_has():
    assert {row[0] for row in ROWS if len(row) > 2} == set(sliders.ACTING)


@st.composite
def trims(draw):
    """Any trims as they are kept, with one switch and one strength in between."""
    hundredths = st.integers(-2400, 2400).map(lambda value: value / 100.0)
    curve = st.tuples(hundredths, hundredths, hundredths)
    switch = draw(st.sampled_from(Blocks.__slots__))
    on = st.booleans()
    return Trims((switch,), (0.0, 0.35, 1.0), (draw(curve), draw(curve)), draw(on), draw(on))


@pytest.mark.parametrize("version", LUAS)
@given(matches(), st.floats(0.0, 1.0), blocks(), trims())
def test_a_match_at_a_strength_is_pythons(version, match, part, wanted, trimming):
    strength, runtime = STRENGTHS[version]
    given_match = _as_lua(stored.encode(Placed(match, trims=trimming)), runtime)
    found = strength.at(given_match, part, _as_lua(_switches(wanted), runtime))
    placed = landed.at(match, part, wanted, trimming)
    (stem,) = placed.stems
    (row,) = found.stems.values()
    seat = [row.fader_db, row.pan, *row.sliders.values()]
    assert seat == pytest.approx(
        [stem.matched.fader_db, stem.matched.pan, *sliders.of(stem.matched.strip)], abs=1e-5
    )
    output = SLIDERS[OUTPUT]
    bus = list(found.bus.values())
    bus[OUTPUT] = output.limited(bus[OUTPUT])  # as REAPER does
    assert bus == pytest.approx(stored.bus_sliders(placed.bus), abs=1e-5)


def _switches(wanted):
    return {name: getattr(wanted, name) for name in Blocks.__slots__}


def _as_lua(plain, runtime):
    decode = runtime.eval("function(text) return require('json').decode(text) end")
    return decode(json.dumps(plain))


def test_the_parameters_by_which_a_strip_is_told_are_those_of_the_effect():
    labels = dict(library("strips")[0].LABELS)
    shown = [line.partition(">")[2] for line in sliders.lines()]
    assert len(labels) > 2
    assert all(shown[place - 1].startswith(label) for place, label in labels.items())
