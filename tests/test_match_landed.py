"""A match and how far it goes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.match.console import strips, table
from reaper_automix.match.placing import landed
from reaper_automix.match.placing.landed import Blocks, Bus, Match, Seat, Stem

FULL = st.lists(st.floats(0.0, 1.0), min_size=27, max_size=27)


def strip_of(normalised):
    return strips.channel_of(table.values(table.CHANNEL, np.array(normalised))).strip


def match_of(normalised):
    strip = strip_of(normalised)
    stem = Stem("{A}", "Drums", Seat(-3.0, 0.25), Seat(2.5, -0.5, strip))
    return Match((stem,), Bus(strip, -4.0))


def is_silent(strip):
    return all(band.gain_db == 0.0 for band in strip.bands) and (
        strip.compressor.ratio,
        strip.compressor.makeup_db,
    ) == (1.0, 0.0)


@given(FULL)
def test_full_strength_is_the_match_and_none_is_the_mix_as_it_was(normalised):
    match = match_of(normalised)
    (full,), (none,) = landed.at(match, 1.0).stems, landed.at(match, 0.0).stems
    assert full.matched.fader_db == pytest.approx(2.5)
    assert full.matched.pan == pytest.approx(-0.5)
    assert full.matched.strip.bands == match.stems[0].matched.strip.bands
    ratio = match.stems[0].matched.strip.compressor.ratio
    assert full.matched.strip.compressor.ratio == pytest.approx(ratio)
    assert (none.matched.fader_db, none.matched.pan) == (-3.0, 0.25)
    assert is_silent(none.matched.strip)
    assert is_silent(landed.at(match, 0.0).bus.strip)


@given(FULL, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_strengths_multiply(normalised, first, second):
    strip = strip_of(normalised)
    twice = landed.weakened(landed.weakened(strip, first), second)
    once = landed.weakened(strip, first * second)
    assert twice.compressor.ratio == pytest.approx(once.compressor.ratio)
    for one, other in zip(twice.bands, once.bands, strict=True):
        assert one.gain_db == pytest.approx(other.gain_db)


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_a_closed_fader_stays_closed(strength):
    stem = Stem("{1}", "x", Seat(-math.inf, 0.0), Seat(-4.0, 0.5))
    (one,) = landed.at(Match((stem,), Bus()), strength).stems
    assert one.matched.fader_db == -math.inf


@pytest.mark.parametrize("block", ["gain", "eq", "compressor", "pan", "master"])
def test_a_block_that_is_not_wanted_leaves_its_part_as_it_was(block):
    match = match_of([0.9] * 27)
    one = landed.at(match, 1.0, Blocks(**{block: False}))
    (stem,) = one.stems
    untouched = {
        "gain": stem.matched.fader_db == -3.0,
        "pan": stem.matched.pan == 0.25,
        "eq": all(band.gain_db == 0.0 for band in stem.matched.strip.bands),
        "compressor": stem.matched.strip.compressor.ratio == 1.0,
        "master": is_silent(one.bus.strip) and one.bus.output_db == 0.0,
    }
    assert [name for name, as_before in untouched.items() if as_before] == [block]
