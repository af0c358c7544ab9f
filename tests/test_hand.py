"""Moves by hand after a balance: noticed, kept on top of the next one, and told."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reaper_automix import engine
from reaper_automix.adapters.project.store import read_stored, write_stored
from reaper_automix.crew import Crew
from reaper_automix.hand import MOST_DB, Start, starts
from reaper_automix.memory import Memory
from reaper_automix.rpp import parse
from reaper_automix.session import Envelope, EnvelopePoint, StoredBalance, StoredFader, Track
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain, gain_from_db
from songs import band, session, with_faders

EXACT = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)
HALF = replace(EXACT, strength=0.5, max_move_db=6.0)
USUAL = Settings()
ROOMY = Settings(fader_max_db=60.0, headroom_dbtp=0.0)
HOW = {"exact": EXACT, "half": HALF, "usual": ROOMY}
MEMORY = Memory()

slow = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return band(tmp_path_factory.mktemp("band"), duration_s=1.0)


def balance(song, how=EXACT):
    with Crew(1) as crew:
        return engine.run(song, how, crew, memory=MEMORY)


def after(song, balanced, **moved_db):
    """The song as it stands after a balance and these moves by hand."""
    gains = {
        track: gain * gain_from_db(moved_db.get(track.strip("{}"), 0.0))
        for track, gain in balanced.gains.items()
    }
    return with_faders(song, gains, balanced.stored)


def moves_db(first, second):
    """What a balance changed against an earlier one."""
    return {
        track: db_from_gain(gain) - db_from_gain(first.gains[track])
        for track, gain in second.gains.items()
    }


def row(balanced, name):
    return next(one for one in balanced.tracks if one.name == name)


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
@pytest.mark.parametrize("name", ["Lead", "Hats", "Keys"])
def test_a_move_by_hand_stays_and_nothing_else_moves(song, how, name):
    first = balance(song, how)
    second = balance(after(song, first, **{name: 3.0}), how)
    for track, moved_db in moves_db(first, second).items():
        assert moved_db == pytest.approx(3.0 if track == f"{{{name}}}" else 0.0, abs=0.02)
    assert not any(one.status == "moved" for one in second.tracks)
    third = balance(after(song, second), how)
    assert third.gains == second.gains
    assert third.stored == second.stored


def test_a_whole_group_moved_by_hand_stays_there(song):
    first = balance(song)
    second = balance(after(song, first, Piano=-4.0, Pad=-4.0))
    expected = {"{Piano}": -4.0, "{Pad}": -4.0}
    for track, moved_db in moves_db(first, second).items():
        assert moved_db == pytest.approx(expected.get(track, 0.0), abs=0.02)


@slow
@given(
    st.dictionaries(
        st.sampled_from(["Kick", "Hats", "Piano", "Pad", "Lead", "Drums", "Keys"]),
        st.floats(-15, 9).filter(lambda move: abs(move) > 0.1),
    ),
    st.sampled_from([EXACT, HALF, USUAL]),
)
def test_a_run_after_any_moves_and_the_run_after_that_agree(song, moved, how):
    first = balance(song, how)
    second = balance(after(song, first, **moved), how)
    offsets = {fader.track_id: fader.hand_db for fader in second.stored.faders}
    for name, move in moved.items():
        assert offsets[f"{{{name}}}"] == pytest.approx(move, abs=0.01)
    third = balance(after(song, second), how)
    for moved_db in moves_db(second, third).values():
        assert moved_db == pytest.approx(0.0, abs=0.02)
    assert max(map(db_from_gain, third.gains.values())) <= how.fader_max_db + 0.005


def test_moves_add_up_and_are_told(song):
    first = balance(song)
    second = balance(after(song, first, Lead=2.0))
    third = balance(after(song, second, Lead=-3.5))
    assert moves_db(first, third)["{Lead}"] == pytest.approx(-1.5, abs=0.02)
    lead = row(third, "Lead")
    assert lead.why == ("You moved it by -1.5 dB after a balance; that is kept.",)
    assert (lead.hand_db, lead.limited) == (pytest.approx(-1.5, abs=0.01), False)
    assert row(third, "Kick").why == ()


def test_what_a_move_changes_in_a_folder_is_not_taken_back_outside_but_reported(song):
    first = balance(song)
    second = balance(after(song, first, Piano=6.0))
    assert moves_db(first, second)["{Keys}"] == pytest.approx(0.0, abs=0.02)
    louder = row(second, "Keys").after_lufs - row(first, "Keys").after_lufs
    sums = [next(g for g in run.groups if g.name == "Keys") for run in (first, second)]
    assert louder == pytest.approx(sums[1].after.lufs - sums[0].after.lufs, abs=0.2)
    assert louder > 1.0


def test_the_move_goes_along_where_the_sound_changed(song):
    first = balance(song)
    moved = after(song, first, Lead=3.0)
    lead = moved.tracks[-1]
    louder = replace(lead, items=(replace(lead.items[0], gain=0.5),))
    second = balance(replace(moved, tracks=(*moved.tracks[:-1], louder)))
    plain = balance(
        replace(
            after(song, first),
            tracks=(
                *after(song, first).tracks[:-1],
                replace(louder, fader_gain=first.gains["{Lead}"]),
            ),
        )
    )
    for track, moved_db in moves_db(plain, second).items():
        assert moved_db == pytest.approx(3.0 if track == "{Lead}" else 0.0, abs=0.02)


def test_a_move_into_the_headroom_takes_the_group_down_once(song):
    how = replace(EXACT, headroom_dbtp=-14.0)
    first = balance(song, how)
    second = balance(after(song, first, Lead=12.0), how)
    changes = moves_db(first, second)
    assert changes["{Lead}"] - changes["{Drums}"] == pytest.approx(12.0, abs=0.02)
    third = balance(after(song, second), how)
    for moved_db in moves_db(second, third).values():
        assert moved_db == pytest.approx(0.0, abs=0.02)


def test_a_move_beyond_the_fader_takes_the_group_down(song):
    first = balance(song, USUAL)
    room_db = 12.0 - db_from_gain(first.gains["{Lead}"])
    second = balance(after(song, first, Lead=room_db + 5.0), USUAL)
    assert db_from_gain(second.gains["{Lead}"]) == pytest.approx(12.0, abs=0.01)
    assert moves_db(first, second)["{Drums}"] == pytest.approx(-5.0, abs=0.05)


def test_what_is_not_chosen_keeps_its_move_for_later(song):
    first = balance(song)
    moved = after(song, first, Lead=3.0)
    second = balance(moved, replace(EXACT, tracks=("Piano", "Pad")))
    assert second.gains["{Lead}"] == moved.track("{Lead}").fader_gain
    third = balance(after(song, second))
    assert moves_db(first, third)["{Lead}"] == pytest.approx(3.0, abs=0.02)


def test_moves_can_be_forgotten(song):
    first = balance(song)
    second = balance(after(song, first, Lead=3.0))
    forgotten = balance(after(song, second), replace(EXACT, forget_moves=True))
    for moved_db in moves_db(first, forgotten).values():
        assert moved_db == pytest.approx(0.0, abs=0.02)
    assert not any(fader.hand_db for fader in forgotten.stored.faders)
    assert balance(after(song, forgotten)).gains == forgotten.gains


# --- where a fader starts ------------------------------------------------------------------------


def start(now, stored, *, forget=False, **more):
    """The start of one fader that a balance set."""
    one = session(Track("{1}", "a", fader_gain=now, **more))
    return starts(replace(one, stored=StoredBalance((stored,))), forget=forget)["{1}"]


SET = StoredFader("{1}", 1.0, 0.5, 2.0)


@pytest.mark.parametrize(
    ("now", "stored", "expected"),
    [
        (0.5, SET, Start(1.0, 2.0)),
        (0.5 * 1.00001, SET, Start(1.0, 2.0)),
        (1.0, SET, Start(1.0)),
        (0.0, SET, Start(0.0)),
        (0.7, StoredFader("{1}", 0.0, 0.0), Start(0.7)),
        (0.0, StoredFader("{1}", 0.0, 0.0), Start(0.0)),
        (0.5, StoredFader("{1}", 1.0, 0.5, 9999.0), Start(1.0, MOST_DB)),
    ],
    ids=["as written", "rounded", "put back", "closed", "opened", "stays closed", "damaged"],
)
def test_what_a_fader_starts_from(now, stored, expected):
    assert start(now, stored) == expected


@given(st.floats(-40, 20).filter(lambda move: abs(move) > 0.01), st.floats(-6, 6))
def test_any_move_is_an_offset_to_what_was_written(moved_db, earlier_db):
    stored = StoredFader("{1}", 1e-4, 0.5, earlier_db)
    found = start(0.5 * gain_from_db(moved_db), stored)
    assert found.found_gain == 1e-4
    assert found.hand_db == pytest.approx(earlier_db + moved_db)


def test_a_fader_under_automation_tells_nothing():
    driven = {"automation": "read", "volume": Envelope((EnvelopePoint(0.0, 1.0),))}
    assert start(0.7, SET, **driven) == Start(0.7)


@pytest.mark.parametrize("hand_db", [0.0, -1.5, 3.25])
def test_offsets_are_kept_with_the_project(hand_db):
    stored = StoredBalance((StoredFader("{1}", 1.0, 0.5, hand_db), StoredFader("{2}", 1.0, 1.0)))
    root = parse("<REAPER_PROJECT 0.1\n>\n").block("REAPER_PROJECT")
    write_stored(root, stored)
    assert read_stored(root) == stored
