"""Locks: what is pinned keeps its fader, with everything inside it, and says by what."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import engine
from reaper_automix.adapters import project
from reaper_automix.crew import Crew
from reaper_automix.locks import Lock, locks
from reaper_automix.routing import trace
from reaper_automix.session import Receive, Track
from reaper_automix.settings import Settings
from signals import noise, tone
from songs import band, folder_track, session, track

EXACT = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)
RED = "#ff0000"


def balance(song, how=EXACT):
    with Crew(1) as crew:
        return engine.run(song, how, crew)


def changed(song, track_id, **changes):
    """The song with other fields on one track."""
    tracks = (replace(one, **changes) if one.id == track_id else one for one in song.tracks)
    return replace(song, tracks=tuple(tracks))


def why(balanced, track_id):
    (row,) = (one for one in balanced.tracks if one.id == track_id)
    return row.why


def locked(*tracks, how=EXACT):
    """The locks of a session of these tracks."""
    song = session(*tracks)
    return locks(song, trace(song), how)


def named(name):
    return Track("{1}", name)


@pytest.fixture
def song(tmp_path):
    return band(tmp_path)


WAYS = {
    "tag": ({"name": "Lead [Lock]"}, EXACT, "Locked by its name tag [lock]."),
    "colour": (
        {"color": 0x1FF0000},
        replace(EXACT, lock_colors=(RED,)),
        "Locked by its colour #ff0000.",
    ),
    "mark": ({"pinned": True}, EXACT, "Locked by the action Lock selected tracks."),
}


@pytest.mark.parametrize(("changes", "how", "sentence"), WAYS.values(), ids=WAYS)
def test_a_locked_track_stays_and_the_others_land_beside_it(song, changes, how, sentence):
    balanced = balance(changed(song, "{Lead}", **changes), how)
    assert balanced.gains["{Lead}"] == 1.0
    assert why(balanced, "{Lead}") == (sentence,)
    (mix,) = (group for group in balanced.groups if group.id is None)
    assert mix.after.lufs == pytest.approx(mix.before.lufs, abs=0.05)
    assert balanced.gains["{Kick}"] != 1.0


@pytest.mark.parametrize(("changes", "how", "_sentence"), WAYS.values(), ids=WAYS)
def test_a_locked_folder_keeps_its_fader_and_its_inside(song, changes, how, _sentence):
    changes = changes | ({"name": "Keys [lock]"} if "name" in changes else {})
    balanced = balance(changed(song, "{Keys}", **changes), how)
    before = {one.id: one.fader_gain for one in song.tracks}
    for inside in ("{Keys}", "{Piano}", "{Pad}"):
        assert balanced.gains[inside] == before[inside]
    name = changes.get("name", "Keys")
    assert why(balanced, "{Pad}") == (
        f"Inside {name}, which is locked, so its balance there stays.",
    )
    assert balanced.gains["{Lead}"] != 1.0


def test_what_is_locked_inside_a_folder_leaves_the_folder_free(song):
    balanced = balance(changed(song, "{Pad}", pinned=True))
    assert balanced.gains["{Pad}"] == 1.0
    assert balanced.gains["{Piano}"] != 1.5
    assert balanced.gains["{Keys}"] != 0.5


def test_a_lock_reaches_any_depth_and_a_bus_but_no_neighbour():
    found = locked(
        replace(folder_track("Outer"), pinned=True),
        folder_track("Inner", parent_id="{Outer}"),
        Track("{deep}", "deep", parent_id="{Inner}", main_send=False),
        Track("{fed}", "fed", main_send=False),
        Track("{bus}", "bus #lock", receives=(Receive("{fed}"),)),
        Track("{free}", "free"),
    )
    assert found == {
        "{Outer}": Lock("mark"),
        "{Inner}": Lock("folder", "Outer"),
        "{deep}": Lock("folder", "Outer"),
        "{fed}": Lock("folder", "bus #lock"),
        "{bus}": Lock("name", "#lock"),
    }


def test_folders_and_sends_in_a_circle_end():
    ring = (
        Track("{a}", "a", main_send=False, receives=(Receive("{b}"),)),
        Track("{b}", "b", main_send=False, receives=(Receive("{a}"),)),
        Track("{c}", "c #lock"),
    )
    assert set(locked(*ring)) == {"{c}"}


@pytest.mark.parametrize(
    ("name", "is_locked"),
    [
        ("Kick [lock]", True),
        ("[LOCK]Kick", True),
        ("#Lock", True),
        ("Kick#lock", True),
        ("#locked groove", False),
        ("lock", False),
        ("Shamlock", False),
        ("", False),
    ],
)
def test_a_tag_is_a_word_of_its_own(name, is_locked):
    assert bool(locked(named(name))) is is_locked


def test_tags_are_the_users_own():
    how = replace(EXACT, lock_tags=("pin", "(", "Ü+"))
    for name, tag in (("Bass pin", "pin"), ("a ( b", "("), ("x ü+", "Ü+")):
        assert locked(named(name), how=how) == {"{1}": Lock("name", tag)}
    assert locked(named("Spinner [lock]"), how=how) == {}
    assert locked(named("Kick [lock]"), how=replace(EXACT, lock_tags=())) == {}


@given(st.text(max_size=20), st.text(min_size=1, max_size=6).filter(str.strip))
def test_any_name_and_any_tag_can_be_compared(name, tag):
    found = locked(named(f"{name} {tag}"), how=replace(EXACT, lock_tags=(tag,)))
    assert found == {"{1}": Lock("name", tag)}


def test_without_a_colour_black_locks_nothing():
    assert locked(named("a"), how=replace(EXACT, lock_colors=("#000000",))) == {}


def test_one_track_alone_is_fitted_to_what_is_locked(tmp_path):
    pair = session(
        track(tmp_path, "a", tone(300, 2.0, -10), pinned=True),
        track(tmp_path, "b", noise(2.0, -30)),
    )
    balanced = balance(pair)
    landed = {row.id: row.after_lufs for row in balanced.tracks}
    assert balanced.gains["{a}"] == 1.0
    assert landed["{b}"] == pytest.approx(landed["{a}"], abs=0.05)


def test_where_all_is_locked_nothing_moves(song):
    free = {one.id: one.fader_gain for one in song.tracks}
    everything = replace(song, tracks=tuple(replace(one, pinned=True) for one in song.tracks))
    assert balance(everything).gains == free


LOCKED_PROJECT = """<REAPER_PROJECT 0.1 "{version}" 1
  <TRACK
    NAME A
    PEAKCOL {color}
    <EXT
      other x
      automix_lock {mark}
    >
  >
  <TRACK
    NAME B
  >
>
"""


@pytest.mark.parametrize(("mark", "is_pinned"), [("1", True), ("0", False), ('""', False)])
def test_a_project_file_keeps_the_mark(tmp_path, mark, is_pinned):
    file = tmp_path / "song.RPP"
    file.write_text(LOCKED_PROJECT.format(version="7.0/x64", color=16576, mark=mark))
    assert [one.pinned for one in project.read(file).tracks] == [is_pinned, False]


@pytest.mark.parametrize(
    ("version", "native"),
    [
        ("7.66/linux-x86_64", 0x1FF8000),
        ("7.45/macOS-arm64", 0x1FF8000),
        ("6.13/OSX64", 0x1FF8000),
        ("6.73/win64", 0x10080FF),
        ("6.10+dev0510/x64", 0x10080FF),
        ("5.974", 0x10080FF),
    ],
)
def test_a_colour_is_read_in_the_order_of_the_system_that_wrote_it(tmp_path, version, native):
    file = tmp_path / "song.RPP"
    file.write_text(LOCKED_PROJECT.format(version=version, color=native, mark=0))
    assert [one.color for one in project.read(file).tracks] == [0x1FF8000, 0]
