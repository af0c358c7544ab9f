"""A match and how far it goes."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.match.console import strips, table
from reaper_automix.match.placing import landed
from reaper_automix.match.placing.landed import Blocks, Bus, Match, Seat, Stem, Trims

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


# Trims

WITHOUT_MASTER = Blocks(master=False)
TRIMS = Trims(("eq", "master"), (0.0, 0.4, 1.0), ((0, -4, 0), (0, 4, 1), (0, -2, 0), (0, 3, -1)))


def test_a_trim_goes_straight_from_knot_to_knot():
    found = [TRIMS.trim_db(part, Blocks()) for part in (0.2, 0.4, 0.7, 1.0)]
    assert found == pytest.approx([1.5, 3.0, 1.0, -1.0])


def test_every_way_in_which_the_switches_stand_has_its_own_trim():
    ways = [Blocks(eq=eq, master=master) for master in (False, True) for eq in (False, True)]
    assert [TRIMS.trim_db(0.4, way) for way in ways] == [-4, 4, -2, 3]
    assert TRIMS.trim_db(0.4, Blocks(pan=False, gain=False)) == 3


@given(FULL)
def test_the_master_takes_the_trim_and_else_the_faders_do(normalised):
    match = match_of(normalised)
    plain, trimmed = landed.at(match, 0.4), landed.at(match, 0.4, trims=TRIMS)
    assert trimmed.bus.output_db == pytest.approx(plain.bus.output_db + 3.0)
    assert trimmed.stems == plain.stems
    plain = landed.at(match, 0.4, WITHOUT_MASTER)
    trimmed = landed.at(match, 0.4, WITHOUT_MASTER, TRIMS)
    assert trimmed.bus == plain.bus
    risen = trimmed.stems[0].matched.fader_db - plain.stems[0].matched.fader_db
    assert risen == pytest.approx(4.0)


@pytest.mark.parametrize("blocks", [Blocks(), WITHOUT_MASTER, Blocks(gain=False, master=False)])
def test_what_cannot_be_trimmed_is_left_and_nothing_is_trimmed_at_a_strength_of_nothing(blocks):
    match, stuck = match_of([0.9] * 27), replace(TRIMS, on_master=False, on_faders=False)
    assert landed.at(match, 0.5, blocks, stuck) == landed.at(match, 0.5, blocks)
    assert landed.at(match, 0.0, blocks, TRIMS) == landed.at(match, 0.0, blocks)
