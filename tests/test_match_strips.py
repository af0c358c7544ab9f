"""The console's table of parameters and the settings made of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.match.console import strips, table

P = st.floats(0.0, 1.0)


def heard(parameters):
    return np.array([parameter.name not in strips.UNHEARD for parameter in parameters])


@given(st.lists(P, min_size=27, max_size=27))
def test_a_channel_and_its_row_say_the_same(normalised):
    row = table.values(table.CHANNEL, np.array(normalised))
    again = strips.channel_row(strips.channel_of(row))
    assert np.array_equal(again[heard(table.CHANNEL)], row[heard(table.CHANNEL)])


@given(st.lists(P, min_size=26, max_size=26))
def test_a_master_and_its_row_say_the_same(normalised):
    row = table.values(table.MASTER, np.array(normalised))
    again = strips.master_row(strips.master_of(row))
    assert np.array_equal(again[heard(table.MASTER)], row[heard(table.MASTER)])


def test_the_tables_have_the_size_of_the_network_and_names_that_are_told_apart():
    for rows, size in ((table.CHANNEL, 27), (table.MASTER, 26)):
        assert len({row.name for row in rows}) == len(rows) == size
        assert all(row.low < row.high for row in rows)
        assert all(row.low <= row.neutral <= row.high for row in rows)


def test_a_shifted_strip_moves_its_threshold_and_nothing_else():
    strip = strips.neutral_channel().strip
    assert strip.shifted(-7.5).shifted(7.5) == strip
    assert strip.shifted(-7.5).bands == strip.bands
