"""What flows where, and which groups can be solved side by side."""

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import strategies as st

from reaper_automix.inflow import inflow, rounds
from reaper_automix.routing import trace
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Receive, Session, Track
from signals import RATE_HZ

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
