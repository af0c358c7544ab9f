"""The desk: what arrives where, and that cross powers say what the audio says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import BLOCK_FRAMES, from_samples, to_samples
from reaper_automix.mix import Desk, listen, tap, tap_metered, unheard_returns
from reaper_automix.routing import MIX, trace
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fx,
    Item,
    Receive,
    Session,
    Track,
)
from signals import RATE_HZ, noise, tone

ITEMS = (Item("{i}", 0.0, 1.0),)


def desk(tracks, sounds, **session):
    session = Session("song", tuple(tracks), sample_rate_hz=RATE_HZ, **session)
    signals = {
        track: from_samples(samples, RATE_HZ, start) for track, (samples, start) in sounds.items()
    }
    return Desk(session, trace(session), signals)


def track(name, **more):
    return Track(f"{{{name}}}", name, items=ITEMS, **more)


def stereo(left, right):
    return np.stack([np.full(1000, left), np.full(1000, right)]).astype(np.float32)


def test_fader_pan_folder_and_master_multiply():
    tracks = [
        Track("{f}", "f", folder=True, fader_gain=0.5),
        track("a", parent_id="{f}", fader_gain=2.0, pan=1.0),
    ]
    mixed = desk(tracks, {"{a}": (stereo(0.1, 0.2), 0)}, master_gain=0.25)
    np.testing.assert_allclose(to_samples(tap(mixed, "{a}", {}))[:, 0], [0.1, 0.2])
    np.testing.assert_allclose(to_samples(tap(mixed, "{f}", {}))[:, 0], [0.0, 0.4])
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], [0.0, 0.05])
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {"{a}": 0.0})), 0.0)


def test_tracks_that_start_apart_are_summed_where_they_lie():
    shift = BLOCK_FRAMES + 123
    early, late = noise(2.0, seed=1, channels=2), noise(1.5, seed=2, channels=2)
    mixed = desk([track("a"), track("b")], {"{a}": (early, 500), "{b}": (late, 500 + shift)})
    sum_ = np.zeros((2, max(early.shape[1], late.shape[1] + shift)), np.float32)
    sum_[:, : early.shape[1]] += early
    sum_[:, shift : shift + late.shape[1]] += late
    signal = tap(mixed, MIX, {})
    assert signal.start_frame == 500
    np.testing.assert_allclose(to_samples(signal), sum_, atol=1e-6)


def test_a_send_feeds_its_receiver_before_or_behind_the_fader():
    receives = (Receive("{a}", "post-fader", gain=0.5), Receive("{b}", "pre-fader"))
    tracks = [
        track("a", fader_gain=0.5),
        track("b", fader_gain=0.0),
        Track("{r}", "r", receives=receives),
    ]
    sounds = {"{a}": (stereo(0.4, 0.4), 0), "{b}": (stereo(0.1, 0.1), 0)}
    mixed = desk(tracks, sounds)
    np.testing.assert_allclose(to_samples(tap(mixed, "{r}", {}))[:, 0], 0.4 * 0.25 + 0.1)
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], 0.2 + 0.2)


def test_side_chains_mono_sends_and_polarity():
    tracks = [
        track("a"),
        Track("{r}", "r", receives=(Receive("{a}", mono=True, phase_inverted=True),)),
        Track("{s}", "s", receives=(Receive("{a}", target_channel=2),)),
    ]
    mixed = desk(tracks, {"{a}": (stereo(0.2, 0.4), 0)})
    np.testing.assert_allclose(to_samples(tap(mixed, "{r}", {}))[:, 0], -0.3)
    assert to_samples(tap(mixed, "{s}", {})).size == 0


def test_a_send_from_channels_that_a_track_does_not_have_is_silent():
    tracks = [track("a"), Track("{r}", "r", receives=(Receive("{a}", source_channel=4),))]
    mixed = desk(tracks, {"{a}": (stereo(0.2, 0.4), 0)})
    assert not to_samples(tap(mixed, "{r}", {})).any()


def test_a_return_with_an_effect_is_heard_nowhere():
    reverb = Track("{r}", "r", receives=(Receive("{a}"),), fx=(Fx("ReaVerb"),))
    mixed = desk([track("a"), reverb], {"{a}": (stereo(0.2, 0.2), 0)})
    assert unheard_returns(mixed.session, mixed.routing) == (reverb,)
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], 0.2)


def test_a_bus_that_sends_feed_is_heard_without_what_our_strip_does():
    bus = Track("{r}", "r", receives=(Receive("{a}"),), fx=(Fx("JS: Automix/Automix Strip.jsfx"),))
    mixed = desk([track("a"), bus], {"{a}": (stereo(0.2, 0.2), 0)})
    assert unheard_returns(mixed.session, mixed.routing) == ()
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], 0.4)


def test_a_muted_folder_is_silent():
    tracks = [Track("{f}", "f", folder=True, mute=True), track("a", parent_id="{f}"), track("b")]
    mixed = desk(tracks, {"{a}": (stereo(0.2, 0.2), 0), "{b}": (stereo(0.1, 0.1), 0)})
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], 0.1)


def test_an_envelope_in_read_takes_the_faders_place():
    ramp = Envelope((EnvelopePoint(0.0, 0.25, 1), EnvelopePoint(0.01, 0.75, 1)))
    mixed = desk(
        [track("a", automation="read", volume=ramp, fader_gain=8.0)],
        {"{a}": (stereo(1.0, 1.0), 0)},
    )
    heard = to_samples(tap(mixed, MIX, {}))[0]
    np.testing.assert_allclose(heard[[0, 479, 480, 999]], [0.25, 0.25, 0.75, 0.75])


def test_a_folders_envelope_and_polarity_work_on_its_sum():
    half = Envelope((EnvelopePoint(0.0, 0.5),))
    folder = Track("{f}", "f", folder=True, volume=half, phase_inverted=True)
    mixed = desk([folder, track("a", parent_id="{f}")], {"{a}": (stereo(0.2, 0.2), 0)})
    np.testing.assert_allclose(to_samples(tap(mixed, MIX, {}))[:, 0], -0.1)


def family():
    """Correlated, anti-phase and independent sources, some of them inside folders."""
    base = noise(3.0, seed=1, channels=2)
    tracks = [
        track("a"),
        track("b", pan=-0.4),
        Track("{f}", "f", folder=True, fader_gain=0.7),
        track("c", parent_id="{f}"),
        track("d", parent_id="{f}", fader_gain=0.3),
        track("e", automation="read", volume=Envelope((EnvelopePoint(0.0, 0.5),))),
    ]
    sounds = {
        "{a}": (base, 0),
        "{b}": (0.8 * base + noise(3.0, -26, seed=2, channels=2), 0),
        "{c}": (-base[:, : 2 * RATE_HZ], RATE_HZ // 2),
        "{d}": (tone(220, 2.0, channels=2), RATE_HZ),
        "{e}": (noise(1.0, seed=5, channels=2), 999),
    }
    return desk(tracks, sounds)


def test_several_states_cost_one_reading():
    reads = []
    sound = from_samples(noise(1.0, channels=2), RATE_HZ)

    def read():
        reads.append(1)
        yield from sound.read()

    session = Session("song", (track("a"),), sample_rate_hz=RATE_HZ)
    mixed = Desk(session, trace(session), {"{a}": replace(sound, read=read)})
    first, second = listen(mixed, (MIX,), ({"{a}": 1.0}, {"{a}": 0.5}))
    assert len(reads) == 1
    assert second[MIX].lufs == pytest.approx(first[MIX].lufs - 6.02, abs=0.01)
    assert second[MIX].true_peak_db == pytest.approx(first[MIX].true_peak_db - 6.02, abs=0.01)


def test_equal_states_are_played_once_and_answered_each():
    mixed, now = family(), {"{a}": 0.5}
    as_found = {one.id: one.fader_gain for one in mixed.session.tracks}
    found = listen(mixed, (MIX,), (now, {}, dict(now), as_found))
    assert found[0] == found[2]
    assert found[1] == found[3]
    assert found[0] != found[1]


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0]), min_size=5, max_size=5))
@settings(max_examples=8)
def test_plain_tracks_are_summed_like_those_that_are_listened_to_on_their_way(faders):
    mixed = family()
    gains = dict(zip(("{a}", "{b}", "{c}", "{d}", "{f}"), faders, strict=True))
    nodes = (MIX, "{f}")
    every = (*nodes, *(one.id for one in mixed.session.tracks if one.items))
    (plain,), (tapped,) = listen(mixed, nodes, (gains,)), listen(mixed, every, (gains,))
    for node in nodes:
        assert plain[node].lufs == pytest.approx(tapped[node].lufs, abs=0.001)
        assert plain[node].true_peak_db == pytest.approx(tapped[node].true_peak_db, abs=0.001)


def test_states_do_not_leak_into_each_other():
    mixed = family()
    states = [{"{a}": 0.1, "{f}": 0.0}, {"{c}": 2.0}, {}]
    together = listen(mixed, (MIX, "{f}"), states)
    assert together == [listen(mixed, (MIX, "{f}"), (state,))[0] for state in states]


def orchestra():
    """Mono, stereo and twelve channels, a send between folders, and a bus with items of its own."""
    tracks = [
        Track("{f}", "f", folder=True, receives=(Receive("{late}", gain=0.5),)),
        track("mono", parent_id="{f}", pan=0.3),
        track("late", parent_id="{f}", fader_gain=0.6),
        Track("{g}", "g", folder=True, channels=12),
        track("wide", parent_id="{g}", channels=12),
        track("bus", receives=(Receive("{f}", gain=0.7, mode="pre-fader"), Receive("{wide}"))),
    ]
    sounds = {
        "{mono}": (noise(1.5, seed=1), 77),
        "{late}": (noise(1.6, seed=2, channels=2), RATE_HZ),
        "{wide}": (noise(2.0, -20, seed=3, channels=12), RATE_HZ // 3),
        "{bus}": (tone(220, 1.0, channels=2), BLOCK_FRAMES),
    }
    return desk(tracks, sounds)


@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_tap_meters_other_states_as_a_pass_of_their_own_does(data):
    mixed = orchestra()
    node = data.draw(st.sampled_from([MIX, "{f}", "{g}", "{wide}", "{bus}"]))
    state = st.fixed_dictionaries(
        {one.id: st.sampled_from([0.0, 0.1, 1.0, 3.0]) for one in mixed.session.tracks}
    )
    gains, *others = data.draw(st.lists(state, min_size=1, max_size=4))
    tapped = tap_metered(mixed, node, gains, others)
    for _ in range(2):  # a second reading meters anew
        np.testing.assert_array_equal(
            to_samples(tapped.signal), to_samples(tap(mixed, node, gains))
        )
    expected = listen(mixed, (node,), others) if others else []
    assert list(tapped.sums()) == [found[node] for found in expected]
