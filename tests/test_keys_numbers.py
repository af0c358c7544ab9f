"""Numbers that are the same but for rounding make the same keys."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import keys
from reaper_automix.adapters import project
from reaper_automix.controls import Move, virtual, written
from reaper_automix.keys import track_key
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fade,
    Item,
    Receive,
    Section,
    Session,
    Source,
    Take,
    Track,
    from_json,
)
from reaper_double import Reaper
from reaper_double.lua_host import LuaHost
from reaper_songs import envelope, make_song, receive, section, song
from reaper_songs import item as clip
from reaper_songs import take as another_take
from reaper_songs import track as strip


def band(**played):
    """A folder with one item on a track, and a send from it."""
    sound = Source("WAVE", "a.wav", "/media/a.wav")
    item = replace(Item("{item}", 1.0, 2.0, (Take("{take}", "take", sound),)), **played)
    guitar = Track("{guitar}", "Guitar", "{folder}", items=(item,))
    echo = Track("{echo}", "Echo", "{folder}", receives=(Receive("{guitar}", "post-fader", 0.5),))
    return Session("Song", (Track("{folder}", "Folder", folder=True), guitar, echo))


def the_track(song):
    """The key of the one track with items."""
    return track_key(song, next(one for one in song.tracks if one.items), None, "auto")


def strayed(number):
    """A number after some arithmetic, and as a project has it."""
    for towards in (-math.inf, math.inf):
        yield math.nextafter(math.nextafter(number, towards), towards)
    yield from (float(f"{number:.14f}"), float(f"{number:.15g}"))


# Well inside a step of keys.DECIMALS.
numbers = st.builds(
    lambda steps, rest: (steps + rest) / 10**keys.DECIMALS,
    st.integers(-(10**12), 10**12),
    st.floats(-0.4, 0.4),
)


def with_numbers(number):
    """A song with a number for whatever may be one."""
    fade, ride = Fade(number, 0, number), Envelope((EnvelopePoint(number, number),))
    source = Source("WAVE", "a.wav", "/media/a.wav", Section(number, number))
    take = Take("{take}", "take", source, volume=ride, gain=number, offset_s=number)
    folder, guitar, echo = band(position_s=number, gain=number, fade_in=fade, takes=(take,)).tracks
    guitar = replace(guitar, pan=number, play_offset_s=number)
    echo = replace(echo, receives=(Receive("{guitar}", gain=number),))
    return Session("Song", (folder, guitar, echo))


@given(number=numbers)
def test_numbers_that_strayed_by_rounding_are_the_same(number):
    song = with_numbers(number)
    for other in map(with_numbers, strayed(number)):
        assert the_track(other) == the_track(song)


@given(steps=st.integers(-(10**12), 10**12))
def test_numbers_that_are_a_step_apart_are_others(steps):
    one, other = (band(position_s=number / 10**keys.DECIMALS) for number in (steps, steps + 1))
    assert the_track(one) != the_track(other)


def test_what_is_nothing_has_no_sign():
    assert the_track(band(gain=-0.0)) == the_track(band(gain=0.0))


@given(gain=numbers.filter(bool), factor=st.floats(0.01, 100.0))
def test_a_move_of_item_gains_leaves_what_was_measured(gain, factor):
    song = band(gain=gain)
    moved, held = written(song, (), [Move("{guitar}", "items", 1.0, factor)])
    assert the_track(virtual(moved, held)) == the_track(song)


SNAPSHOT = """
local snapshot, json = require("snapshot"), require("json")
return json.encode(snapshot.take(reaper.EnumProjects(-1)))
"""


def awkward(digits):
    """A project of numbers that no text holds, with so many of their digits."""
    third, tenth, root = (digits % number for number in (1 / 3, 200.1 / 3, math.sqrt(0.5)))
    ride = envelope("VOLENV2", (0, third), (root, third))
    lead = clip(
        "Media/lead.wav",
        another_take("Media/kick.wav", "second", volume=f"{root} {third} -1"),
        POSITION=tenth,
        LENGTH=third,
        SOFFS=root,
        FADEIN=f"1 {third} 0 1 0 {root} 0",
        VOLPAN=f"{root} 0 {third} -1",
    )
    part = clip(
        "", name="part", plays=section("Media/pad.wav", third, root), PLAYRATE=f"{root} 1 0"
    )
    return song(
        strip("Lead", lead, ride, AUTOMODE="1", VOLPAN=f"{root} {third} -1 -1 1"),
        strip("Part", part, PLAYOFFS=f"{third} 0"),
        strip("Room", receives=[receive(0, gain=third)]),
    )


@pytest.fixture
def read_both_ways(tmp_path):
    """A session as REAPER has it, and as it is written into the project."""
    path = make_song(tmp_path, awkward("%.17g"), length_s=0.25)
    with Reaper(tmp_path / "resource") as reaper:
        reaper.open(path)
        alive = from_json(LuaHost(reaper).execute(SNAPSHOT))

    def read(digits):
        path.write_text(awkward(digits))
        return alive, project.read(path)

    return read


@pytest.mark.parametrize("digits", ["%.14f", "%.15g"])
def test_reaper_and_its_project_have_the_same_keys(read_both_ways, digits):
    alive, saved = read_both_ways(digits)
    assert alive != saved
    for one, other in zip(alive.tracks, saved.tracks, strict=True):
        assert track_key(alive, one, None, "auto") == track_key(saved, other, None, "auto")
