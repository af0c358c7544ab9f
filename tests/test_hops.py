"""Hops of two grids, from one set of sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.features.hops import Energies, cuts

HOP = 10


def pushed(values, start_frame, blocks):
    """Energies of samples that come in blocks of the given sizes; the second kind is tenfold."""
    energies = Energies(2, HOP, start_frame)
    for block in np.split(values, np.cumsum(blocks)):
        ends, room = energies.cut(len(block))
        for piece, part in enumerate(np.split(block, ends)[:-1]):
            room[:, piece] = part.sum(), 10.0 * part.sum()
    return energies


@given(
    frames=st.integers(0, 95),
    start_frame=st.integers(0, 35),
    blocks=st.lists(st.integers(0, 40), max_size=6),
)
def test_both_grids_hold_what_lies_in_their_hops_whatever_the_blocks(frames, start_frame, blocks):
    values = np.random.default_rng(0).random(frames)
    energies = pushed(values, start_frame, blocks)
    whole = frames // HOP
    own = energies.own(1)
    assert own.powers == pytest.approx(10 * values[: whole * HOP].reshape(-1, HOP).mean(axis=1))
    assert own.rest_frames == frames % HOP
    assert own.rest_energy == pytest.approx(10 * values[whole * HOP :].sum())
    line = np.zeros(140)
    line[start_frame : start_frame + frames] = values
    shared = energies.on_time_line(0, 0, 14)
    assert shared == pytest.approx(line.reshape(-1, HOP).mean(axis=1))
    assert shared.sum() * HOP == pytest.approx(values.sum())


def test_a_hop_begins_where_the_grid_says():
    assert cuts(0, 30, HOP).tolist() == [0, 10, 20]
    assert cuts(7, 30, HOP).tolist() == [3, 13, 23]
    assert cuts(-6, 10, HOP).tolist() == [6]
