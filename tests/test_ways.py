"""Ways: which faders a source passes to a node, and what arrives of it there."""

import numpy as np
import pytest

from reaper_automix.audio import to_samples
from reaper_automix.mix import tap
from reaper_automix.routing import MIX, trace
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Receive, Session, Track
from reaper_automix.strip import frame_by_frame
from reaper_automix.sums.ways import MOST_WAYS, find
from signals import noise
from traced import desk, track

HALF = Envelope((EnvelopePoint(0.0, 0.5),))
RAMP = Envelope((EnvelopePoint(0.0, 1.0), EnvelopePoint(0.02, 0.25)))


def faders(tracks, node=MIX, sources=("{a}",)):
    session = Session("song", tuple(tracks))
    ways = find(session, trace(session), node, sources)
    return sorted((way.source, *way.faders) for way in ways)


def test_a_folder_is_on_the_way_and_a_send_is_another_way():
    tracks = [
        Track("{f}", "f", folder=True),
        track("a", parent_id="{f}"),
        Track("{r}", "r", receives=(Receive("{a}"),)),
    ]
    assert faders(tracks) == [("{a}", "{a}", "{f}"), ("{a}", "{a}", "{r}")]
    assert faders(tracks, "{f}") == [("{a}", "{a}")]
    assert faders(tracks, "{a}") == [("{a}",)]


def test_a_pre_fader_send_passes_no_fader_of_its_source():
    tracks = [track("a"), Track("{r}", "r", receives=(Receive("{a}", "pre-fader"),))]
    assert faders(tracks) == [("{a}", "{a}"), ("{a}", "{r}")]


def test_ways_with_the_same_faders_are_one():
    twice = Track("{r}", "r", receives=(Receive("{a}", pan=-1.0), Receive("{a}", pan=1.0)))
    (way,) = find(*_routed([track("a", main_send=False), twice]), MIX, ["{a}"])
    assert way.faders == ("{a}", "{r}")
    np.testing.assert_allclose(way.legs[0].matrix, np.eye(2))


def test_an_envelope_that_drives_a_fader_takes_its_place_on_the_way():
    tracks = [track("a", automation="read", volume=HALF)]
    (way,) = find(*_routed(tracks), MIX, ["{a}"])
    assert way.faders == ()
    assert way.legs[0].envelopes == (HALF,)


@pytest.mark.parametrize(
    "more",
    [{"mute": True}, {"main_send": False}, {"parent_id": "{f}"}],
    ids=["muted", "leads nowhere", "in a muted folder"],
)
def test_what_is_not_heard_has_no_way(more):
    assert faders([Track("{f}", "f", folder=True, mute=True), track("a", **more)]) == []


def test_what_only_comes_back_from_effects_has_no_way():
    reverb = Track("{r}", "r", receives=(Receive("{a}"),), fx=(Fx("ReaVerb"),))
    assert faders([track("a"), reverb]) == [("{a}", "{a}")]


@pytest.mark.parametrize("node", [MIX, "{f}", "{r}"])
def test_what_arrives_is_what_is_played(node):
    tracks = [
        Track("{f}", "f", folder=True, pan=0.3, pan_law=0.7, phase_inverted=True, volume=RAMP),
        track("a", parent_id="{f}", pan_mode=5, pan_width=0.4, pan=-0.5, channels=4),
        Track(
            "{r}",
            "r",
            automation="read",
            volume=RAMP,
            receives=(Receive("{a}", source_channel=2, gain=-0.6), Receive("{f}", "pre-fader")),
        ),
    ]
    sound = noise(0.05, channels=4)
    mixed = desk(tracks, {"{a}": (sound, 0)}, master_pan=-0.2, master_gain=0.8)
    ride = frame_by_frame(mixed.session, 0, sound.shape[1])
    gains = {"{a}": 0.5, "{f}": -1.7, "{r}": 0.9}
    arrived = sum(
        np.prod([gains[fader] for fader in way.faders]) * way.arrive(sound, ride)
        for way in find(mixed.session, mixed.routing, node, ["{a}"])
    )
    np.testing.assert_allclose(arrived, to_samples(tap(mixed, node, gains)), atol=1e-6)


def test_a_maze_of_sends_has_a_bounded_number_of_ways():
    depth = 14
    names = [str(number) for number in range(depth)]
    maze = [track("a")]
    for number, name in enumerate(names):
        before = ["{a}", *(f"{{{one}}}" for one in names[:number])]
        maze.append(Track(f"{{{name}}}", name, receives=tuple(map(Receive, before))))
    assert len(faders(maze)) < depth * 2 * MOST_WAYS


def _routed(tracks):
    session = Session("song", tuple(tracks))
    return session, trace(session)
