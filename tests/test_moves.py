"""What a balance does with tracks that are not plain, each with its sentence."""

from dataclasses import replace

import pytest

from reaper_automix import moves
from reaper_automix.crew import Crew
from reaper_automix.selection import Scope
from reaper_automix.session import Envelope, EnvelopePoint, Receive
from reaper_automix.settings import Settings
from signals import harmonic, noise
from songs import folder_track, session, track

HOW = Settings(method="lufs")
ALL = Scope()
RIDE = Envelope((EnvelopePoint(0.0, 0.5),))


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    folder = tmp_path_factory.mktemp("song")
    return session(
        track(folder, "Odd", noise(1.0, -20, seed=1)),
        track(folder, "Lead", harmonic(220, 1.0, -30)),
        track(folder, "Bass", harmonic(55, 1.0, -12)),
    )


def balance(song, how=HOW, scope=ALL):
    with Crew(1) as crew:
        return moves.balance(song, how, scope, (), crew)


def odd(song, **changes):
    return replace(song, tracks=(replace(song.tracks[0], **changes), *song.tracks[1:]))


def told(row):
    return " ".join((*row.why, *row.notes))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({}, "moved", ""),
        ({"locked": True}, "kept", "Locked; unlock"),
        ({"mute": True}, "skipped", "Muted."),
        ({"solo": 1}, "moved", ""),
        ({"frozen": True}, "moved", "level is that of the frozen sound"),
        ({"vca_follower": True}, "moved", "Its VCA lead scales it"),
        ({"grouped": True}, "moved", "no other one along with it"),
        ({"items": (), "receives": (Receive("{Lead}"),)}, "kept", "returns keep their fader"),
        ({"automation": "read", "volume": RIDE}, "kept", "driven by volume automation"),
        ({"volume": RIDE}, "moved", ""),
        ({"fader_gain": 0.0}, "kept", "all the way down"),
        ({"main_send": False}, "kept", "main send is off"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_each_kind_of_track_has_its_behaviour(song, changes, status, sentence):
    result = balance(odd(song, **changes))
    row = result.report.tracks[0]
    assert row.status == status
    assert sentence in told(row)
    assert ("{Odd}" in {move.track_id for move in result.moves}) == (status == "moved")


def test_a_folder_is_one_source_among_the_others(song):
    drums = folder_track("Drums")
    inside = replace(song.tracks[0], parent_id="{Drums}")
    result = balance(replace(song, tracks=(drums, inside, *song.tracks[1:])))
    assert {"{Drums}", "{Lead}", "{Bass}"} <= {move.track_id for move in result.moves}


def test_solo_is_said_to_count_for_nothing(song):
    assert any("Solo is ignored (Odd)" in note for note in balance(odd(song, solo=1)).report.notes)


def test_what_is_written_elsewhere_is_said_of_what_moved(song):
    result = balance(song, replace(HOW, write="items"))
    assert {move.control for move in result.moves} == {"items"}
    assert all("gain of its items" in told(row) for row in result.report.moved)


def test_tracks_that_the_settings_leave_out_stay_whatever_is_chosen(song):
    result = balance(song, replace(HOW, tracks=("Lead",)), Scope("tracks", ("{Lead}", "{Bass}")))
    assert [move.track_id for move in result.moves] == ["{Lead}"]


def test_what_is_not_chosen_is_not_measured(song):
    result = balance(song, HOW, Scope("tracks", ("{Lead}", "{Bass}")))
    assert [row.level is None for row in result.report.tracks] == [True, False, False]


def test_a_mix_that_nothing_leads_to_is_silent(song):
    nowhere = tuple(replace(one, main_send=False) for one in song.tracks)
    result = balance(replace(song, tracks=nowhere))
    assert (result.moves, result.before.lufs, result.after.lufs) == ((), None, None)
    assert result.message


def total(song):
    with Crew(1) as crew:
        return moves.total(song, HOW, (), crew)


@pytest.mark.parametrize(("tracks", "title"), [(1, "1 track "), (3, "3 tracks ")])
def test_the_title_counts_what_moves(song, tracks, title):
    how = replace(HOW, tracks=tuple(one.name for one in song.tracks[:tracks]))
    assert balance(song, how).title == f"Automix: balance {title}(lufs)"


def test_the_total_is_the_mix_before_and_after(song):
    with Crew(1) as crew:
        result = moves.heard_out(balance(song), crew)
    assert total(song).lufs == pytest.approx(result.before.lufs)
    gains = {move.track_id: move.after for move in result.moves}
    moved = tuple(replace(one, fader_gain=gains[one.id]) for one in song.tracks)
    after = total(replace(song, tracks=moved))
    assert after.lufs == pytest.approx(result.after.lufs)
