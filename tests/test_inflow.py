"""A sum is measured at the proportions of its faders, and follows from that at all others."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import mix
from reaper_automix.audio import from_samples, to_samples
from reaper_automix.inflow import STEP_DB, inflow, loudest, proportions, relative_gains, rounds
from reaper_automix.keys import sum_key
from reaper_automix.mix import Desk
from reaper_automix.routing import trace
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Item, Receive, Session, Track
from reaper_automix.units import db_from_gain
from signals import RATE_HZ, noise

RIDE = Envelope((EnvelopePoint(0.0, 0.7),))
faders = st.floats(0.01, 4.0)


def plain(name, parent=None, **more):
    return Track(f"{{{name}}}", name, parent and f"{{{parent}}}", **more)


def folder(name, parent=None, **more):
    return plain(name, parent, folder=True, **more)


def song(*tracks):
    return Session("Song", tracks, RATE_HZ)


def send(name, **more):
    return Receive(f"{{{name}}}", **more)


def flow_of(session, node="{Band}"):
    return inflow(session, trace(session), node)


BAND = (folder("Band"), plain("Bass", "Band"), plain("Keys", "Band", pan=0.3))
DRUMS = (folder("Drums", "Band"), plain("Kick", "Drums"), plain("Snare", "Drums", pan=-0.5))

SONGS = {
    "a folder": song(*BAND),
    "a folder inside": song(*BAND, *DRUMS),
    "a send out of it": song(*BAND, plain("Echo", receives=(send("Keys"),))),
    "a return inside": song(*BAND, plain("Echo", "Band", receives=(send("Keys", gain=0.4),))),
    "a send out of the inner": song(*BAND, *DRUMS, plain("Room", "Band", receives=(send("Kick"),))),
    "a pre-fader send of the inner": song(
        *BAND, *DRUMS, plain("Room", "Band", receives=(send("Drums", mode="pre-fader"),))
    ),
    "automation": song(*BAND, plain("Lead", "Band", volume=RIDE, automation="read")),
    "automation of the inner": song(
        *BAND, replace(DRUMS[0], volume=RIDE, automation="read"), *DRUMS[1:]
    ),
    "a bus": song(
        folder("Band", receives=(send("Lead"),)), plain("Lead", main_send=False), *BAND[1:]
    ),
    "muted": song(*BAND, plain("Lead", "Band", mute=True)),
}


def heard(session, gains, node, only=None):
    """The sum at a node, of tracks with noise of their own or of one of them."""
    signals = {
        track.id: from_samples(noise(0.02, channels=2, seed=number), RATE_HZ)
        for number, track in enumerate(session.tracks)
        if not track.folder and not track.receives and only in (None, track.id)
    }
    return to_samples(mix.tap(Desk(session, trace(session), signals), node, gains))


@pytest.mark.parametrize("session", SONGS.values(), ids=SONGS)
@pytest.mark.parametrize("node", ["{Band}", None])
@given(data=st.data())
@settings(max_examples=10)
def test_a_sum_follows_from_the_one_at_its_proportions(session, node, data):
    gains = {track.id: data.draw(faders) for track in session.tracks}
    settled, common = proportions(flow_of(session, node), gains)
    off = heard(session, gains, node) - common * heard(session, settled, node)
    alone = [heard(session, gains, node, only=track) for track in gains]
    most_faders = 3
    most = sum(np.abs(one).max(initial=0.0) for one in alone)
    assert np.abs(off).max() <= most * (10 ** (most_faders * STEP_DB / 40) - 1)


@pytest.mark.parametrize("name", ["a folder", "a folder inside", "a send out of it", "a bus"])
@given(by=faders, inside=faders)
def test_faders_in_the_same_proportions_are_one_sum(name, by, inside):
    session = SONGS[name]
    gains = {track.id: 1.0 for track in session.tracks}
    others = {"{Kick}": inside, "{Snare}": inside, "{Drums}": by / inside}
    both = gains, dict.fromkeys(gains, by) | others
    settled = [proportions(flow_of(session), one)[0] for one in both]
    first, second = ([one[track] for track in flow_of(session).tracks] for one in settled)
    assert first == second
    assert len({sum_key(session, "{Band}", one, None, "auto") for one in both}) == 1


@given(st.lists(faders, min_size=3, max_size=3))
def test_the_proportions_of_proportions_are_themselves(some):
    session = SONGS["a folder"]
    gains = dict(zip(("{Band}", "{Bass}", "{Keys}"), some, strict=True))
    settled, _ = proportions(flow_of(session), gains)
    again, common = proportions(flow_of(session), settled)
    assert (again, common) == (settled, 1.0)


def test_other_proportions_are_another_sum():
    gains = {"{Bass}": 1.0, "{Keys}": 1.0}
    keys = {
        sum_key(SONGS["a folder"], "{Band}", gains | {"{Keys}": gain}, None, "auto")
        for gain in (1.0, 1.002, 1.01)
    }
    assert len(keys) == 2


RIDERS = {
    "a folder": ("{Bass}", "{Keys}"),
    "a folder inside": ("{Bass}", "{Keys}", "{Drums}"),
    "a send out of it": ("{Bass}", "{Keys}"),
    "a return inside": (),
    "a send out of the inner": ("{Bass}", "{Keys}", "{Drums}", "{Room}"),
    "a pre-fader send of the inner": (),
    "automation": (),
    "automation of the inner": (),
    "a bus": ("{Bass}", "{Keys}", "{Lead}"),
    "muted": ("{Bass}", "{Keys}"),
}


@pytest.mark.parametrize("name", SONGS)
def test_faders_ride_together_where_nothing_else_sounds(name):
    assert flow_of(SONGS[name]).riders("{Band}") == RIDERS[name]


def test_items_of_the_folder_itself_do_not_ride_along():
    own = replace(BAND[0], items=(Item("{item}", 0.0, 1.0),))
    assert flow_of(song(own, *BAND[1:])).riders("{Band}") == ()


def test_only_what_reaches_a_node_is_in_its_inflow():
    session = song(*BAND, plain("Lead"), plain("Echo", receives=(send("Keys"),)))
    assert flow_of(session).tracks == ("{Bass}", "{Keys}")
    assert set(flow_of(session, None).tracks) == {track.id for track in session.tracks}


def test_a_return_that_only_its_effect_gives_back_is_left_out():
    echo = plain("Echo", "Band", receives=(send("Keys"),), fx=(Fx("Delay"),))
    assert flow_of(song(*BAND, echo)).tracks == ("{Bass}", "{Keys}")


def test_a_bus_that_sends_feed_stays_one_with_our_strip():
    strip = Fx("JS: Automix/Automix Strip.jsfx")
    bus = plain("Bus", "Band", receives=(send("Keys"),), fx=(strip,))
    bare = replace(bus, fx=())
    assert flow_of(song(*BAND, bus)).tracks == flow_of(song(*BAND, bare)).tracks
    both = replace(bus, fx=(strip, Fx("Delay")))
    assert "{Bus}" not in flow_of(song(*BAND, both)).tracks


def test_loops_end():
    one = plain("One", receives=(send("Two"),))
    two = plain("Two", receives=(send("One"),))
    assert set(flow_of(song(one, two), None).tracks) == {"{One}", "{Two}"}


def test_members_become_relative_to_the_loudest_in_steps_and_others_stay():
    gains = {"{1}": 0.5, "{2}": -2.0, "{3}": 0.0, "{4}": 0.777}
    found = relative_gains(gains, ["{1}", "{2}", "{3}"])
    assert found["{2}"] == -1.0
    assert found["{3}"] == 0.0
    assert found["{4}"] == 0.777
    assert db_from_gain(found["{1}"]) == pytest.approx(-12.05)


def test_closed_faders_stay_closed():
    assert loudest({"{1}": 0.0}, ["{1}"]) == 1.0
    assert relative_gains({"{1}": 0.0}, ["{1}"]) == {"{1}": 0.0}


@pytest.mark.parametrize("name", SONGS)
def test_nothing_flows_between_groups_of_a_round_or_back(name):
    session = SONGS[name]
    routing = trace(session)
    found = rounds(session, routing)
    assert sorted(map(str, chain(*found))) == sorted(map(str, routing.groups()))
    solved = set()
    for groups in found:
        for group in groups:
            homes = {routing.home.get(track) for track in inflow(session, routing, group).tracks}
            assert not homes & (set(routing.groups()) - solved - {group})
        solved |= set(groups)


def test_folders_side_by_side_are_one_round():
    session = song(*BAND, folder("Drums"), plain("Kick", "Drums"), plain("Lead"))
    assert rounds(session, trace(session)) == [["{Band}", "{Drums}"], [None]]
