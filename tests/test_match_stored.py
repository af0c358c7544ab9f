"""What is remembered of a match, and what was moved by hand since."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import hand
from reaper_automix.match.console import sliders
from reaper_automix.match.console.sliders import PLACES, RESTING, SLIDERS
from reaper_automix.match.placing import stored
from reaper_automix.match.placing.landed import (
    NEUTRAL,
    UNTRIMMED,
    Blocks,
    Bus,
    Match,
    Seat,
    Stem,
    Trims,
)
from reaper_automix.match.placing.stored import Now, Placed
from reaper_automix.session import StoredFader

DB = st.floats(-100.0, 20.0)
PAN = st.floats(-1.0, 1.0)
STRIPS = st.tuples(*(st.floats(one.low, one.high) for one in SLIDERS)).map(
    lambda values: sliders.strip_of([round(value, 6) for value in values])
)
STEMS = st.builds(
    Stem,
    st.uuids().map(lambda one: f"{{{one}}}".upper()),
    st.text(),
    st.builds(Seat, DB | st.just(-math.inf), PAN),
    st.builds(Seat, DB, PAN, STRIPS),
)
MATCHES = st.builds(
    Match,
    st.lists(STEMS, max_size=4, unique_by=lambda stem: stem.track_id).map(tuple),
    st.builds(Bus, STRIPS, st.integers(-48, 48).map(float)),
)
BLOCKS = ("gain", "eq", "compressor", "pan", "master")


@st.composite
def trims(draw):
    """Any trims as they are written, in per cent and hundredths."""
    switches = draw(st.lists(st.sampled_from(BLOCKS), unique=True))
    between = draw(st.sets(st.integers(1, 99), max_size=8))
    strengths = tuple(one / 100.0 for one in sorted({0, 100, *between}))
    values = st.integers(-4800, 4800).map(lambda value: value / 100.0)
    curve = st.lists(values, min_size=len(strengths), max_size=len(strengths)).map(tuple)
    count = 1 << len(switches)
    curves = draw(st.lists(curve, min_size=count, max_size=count))
    return Trims(tuple(switches), strengths, tuple(curves), draw(st.booleans()))


PLACED = st.builds(Placed, MATCHES, st.floats(0.0, 1.0), st.builds(Blocks), trims())

STEM = Stem("{1}", "Drums", Seat(-3.0, 0.1), Seat(-6.0, 0.3, sliders.strip_of([1.5, *RESTING[1:]])))


def now_of(placed, track_id):
    seat = next(one.matched for one in placed.written.stems if one.track_id == track_id)
    return Now(seat.fader_db, seat.pan, sliders.of(seat.strip))


# Text


@given(PLACED)
def test_plain_data_say_the_same_match(placed):
    plain = json.loads(json.dumps(stored.encode(placed)))
    assert stored.decode(plain) == placed


@given(PLACED)
def test_lines_say_the_same_match(placed):
    names = {stem.track_id: stem.name for stem in placed.match.stems}
    rows = stored.to_rows(placed)
    assert stored.of_rows(rows, names) == placed
    assert all(len(text) < 1000 and '"' not in key for key, text in rows.items())


@given(PLACED)
def test_what_was_forgotten_of_a_stem_is_only_that_stem(placed):
    names = {stem.track_id: stem.name for stem in placed.match.stems}
    rows = stored.to_rows(placed)
    for stem in placed.match.stems[:1]:
        rows[stem.track_id] = rows[stem.track_id][:-2]
    again = stored.of_rows(rows, names)
    assert again.match.stems == placed.match.stems[1:]
    assert again.match.bus == placed.match.bus


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("strength",), 1.5),
        (("strength",), None),
        (("bus",), [1.0]),
        (("bus", 3), "loud"),
        (("bus", 3), 1e300),
        (("stems", 0, "track_id"), 7),
        (("stems", 0, "before", "pan"), 2.0),
        (("stems", 0, "matched", "fader_db"), 1e9),
        (("stems", 0, "matched", "sliders"), []),
        (("blocks",), {"eq": "yes"}),
        (("trims", "strengths"), [0, 50]),
        (("trims", "curves"), [[0, 0], [0, 0]]),
        (("trims", "curves", 0), [0, 1e9]),
        (("trims", "switches"), ["reverb"]),
    ],
)
def test_other_data_are_refused(path, value):
    plain = json.loads(json.dumps(stored.encode(Placed(Match((STEM,), Bus())))))
    *way, last = path
    inner = plain
    for step in way:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(msgspec.ValidationError):
        stored.decode(plain)


@given(PLACED, st.sampled_from(["TRIMS", "TRIM_0"]), st.sampled_from(["{", "[]", '{"x":1}', ""]))
def test_trims_that_are_not_whole_are_none(placed, key, text):
    names = {stem.track_id: stem.name for stem in placed.match.stems}
    again = stored.of_rows(stored.to_rows(placed) | {key: text}, names)
    assert again.match == placed.match
    assert again.trims == UNTRIMMED


@pytest.mark.parametrize("missing", ["HOW", "BUS"])
def test_without_how_far_and_the_master_there_is_no_match(missing):
    rows = stored.to_rows(Placed(Match((STEM,), Bus())))
    assert stored.of_rows(rows | {missing: "{"}, {}) is None
    del rows[missing]
    assert stored.of_rows(rows, {}) is None


def test_sliders_beyond_their_ranges_come_back_into_them():
    plain = json.loads(json.dumps(stored.encode(Placed(Match((STEM,), Bus())))))
    plain["bus"][PLACES["ratio"]] = 0.0
    assert stored.decode(plain).match.bus.strip.compressor.ratio == 1.0


# Who moved it


@given(PLACED)
def test_what_stands_as_written_starts_from_before(placed):
    for stem in placed.match.stems:
        where = stored.start(placed, stem.track_id, now_of(placed, stem.track_id))
        assert where.before.fader_db == stem.before.fader_db
        assert where.before.pan == stem.before.pan
        assert not where.strip_is_hers
    assert not stored.bus_is_hers(placed, stored.bus_sliders(placed.written.bus))


@given(st.floats(0.0, 1.0), st.integers(0, len(SLIDERS) - 1))
def test_a_slider_moved_by_hand_makes_the_strip_hers(strength, place):
    placed = Placed(Match((STEM,), Bus()), strength)
    now = now_of(placed, "{1}")
    values = list(now.sliders)
    values[place] += 1.5 * SLIDERS[place].step
    assert stored.start(placed, "{1}", Now(now.fader_db, now.pan, tuple(values))).strip_is_hers
    values = [*stored.bus_sliders(placed.written.bus)]
    values[place] += 1.5 * SLIDERS[place].step
    assert stored.bus_is_hers(placed, tuple(values))


def test_a_fader_and_a_pan_moved_by_hand_are_new_starts():
    placed = Placed(Match((STEM,), Bus()))
    where = stored.start(placed, "{1}", Now(-7.0, 0.3, sliders.of(STEM.matched.strip)))
    assert where.before == Seat(-7.0, 0.1)
    where = stored.start(placed, "{1}", Now(-6.0, -0.5, sliders.of(STEM.matched.strip)))
    assert where.before == Seat(-3.0, -0.5)


@pytest.mark.parametrize("placed", [None, Placed(Match((), Bus()))])
def test_a_strip_that_nobody_remembers_is_hers(placed):
    assert stored.start(placed, "{1}", Now(0.0, 0.0, RESTING)).strip_is_hers
    assert stored.start(placed, "{1}", Now(-2.0, 0.5)) == stored.Start(Seat(-2.0, 0.5), False)
    assert stored.bus_is_hers(None, RESTING)
    assert not stored.bus_is_hers(None, None)


def test_a_strip_that_was_taken_out_may_come_back():
    placed = Placed(Match((STEM,), Bus()))
    assert not stored.start(placed, "{1}", Now(-6.0, 0.3)).strip_is_hers


def test_a_closed_fader_is_remembered_as_closed():
    closed = Stem("{1}", "x", Seat(-math.inf, 0.0), Seat(-math.inf, 0.0, NEUTRAL))
    plain = stored.encode(Placed(Match((closed,), Bus())))
    assert stored.decode(plain).match.stems == (closed,)


# Beside a balance


def test_what_we_move_is_no_move_by_hand():
    fader = StoredFader("{1}", 1.0, 0.5)
    ours = hand.after_our_move(fader, 0.5, 0.25)
    assert (ours.found_gain, ours.written_gain, ours.hand_db) == (1.0, 0.25, 0.0)


def test_what_was_moved_by_hand_until_then_stays_a_move_by_hand():
    fader = StoredFader("{1}", 1.0, 0.5, 1.0)
    ours = hand.after_our_move(fader, 1.0, 0.25)
    assert ours.hand_db == pytest.approx(1.0 + 6.0206, abs=1e-4)
    assert hand.after_our_move(ours, 0.25, 0.5).hand_db == ours.hand_db
