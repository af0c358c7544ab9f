"""Cross powers: predicted sums are what is heard, whatever is summed and however it is routed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.mix import listen
from reaper_automix.routing import MIX, trace
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Receive, Track
from reaper_automix.sums import cross, weighing
from reaper_automix.sums.cross import key, weigh
from signals import noise, tone
from traced import at_random, desk, distances, stand, traced, track, weighed

LONG_S = 8.0
"""Longer than what is kept whole."""

PANS = (
    {"pan": -0.7},
    {"pan": 1.0, "pan_law": 0.7079},
    {"pan_law": 1.4, "pan": 0.5},
    {"pan_mode": 5, "pan_width": 0.3, "pan": 0.4},
    {"pan_mode": 5, "pan_width": -1.0},
    {"pan_mode": 6, "dual_pan_left": 0.2, "dual_pan_right": -0.9},
)

RIDE = Envelope(
    tuple(
        EnvelopePoint(time_s, gain, shape, 0.3)
        for time_s, gain, shape in (
            (0.0, 1.0, 0),
            (1.0, 0.2, 2),
            (1.5, 0.9, 1),
            (2.2, 0.1, 1),
            (2.25, 1.0, 3),
            (4.0, 0.3, 4),
            (5.0, 0.8, 5),
            (7.0, 0.0, 0),
        )
    )
)


def independent(count, duration_s=LONG_S, rate_hz=8000, channels=2, tracks=None, **session):
    """Noises of their own with some of one that they share, each starting in mid-hop."""
    shared = noise(duration_s, -26, rate_hz, channels, seed=99)
    sounds = {
        f"{{{n}}}": (noise(duration_s, -20 - n % 5, rate_hz, channels, n) + shared, 137 * n)
        for n in range(count)
    }
    return desk(tracks or [track(str(n)) for n in range(count)], sounds, rate_hz, **session)


def pair(first, second, rate_hz=8000, second_start=0):
    sounds = {"{a}": (first, 0), "{b}": (second, second_start)}
    return desk([track("a"), track("b")], sounds, rate_hz)


def holds(mixed, node=MIX, states=None, within_db=0.2):
    off_db, room_db = distances(mixed, node, states or at_random(mixed, 6))
    assert off_db <= within_db
    assert room_db >= 0.0


@pytest.mark.parametrize(("count", "channels"), [(2, 2), (8, 1), (40, 1)])
def test_many_tracks(count, channels):
    holds(independent(count, channels=channels))


@pytest.mark.parametrize("rate_hz", [8000, 22050, 48000, 96000])
def test_sample_rates(rate_hz):
    holds(independent(3, LONG_S, rate_hz, channels=1))


@pytest.mark.parametrize("duration_s", [0.3, 0.42, 0.5, 0.8, 1.5, 3.0])
def test_what_is_short_is_exact(duration_s):
    holds(independent(4, duration_s), within_db=0.02)


@pytest.mark.parametrize("duration_s", [0.02, 0.05, 0.1])
def test_in_the_shortest_the_start_of_the_filters_shows(duration_s):
    holds(independent(4, duration_s), within_db=0.1)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 799), st.floats(0.4, 1.5), st.floats(0.02, 0.2))
def test_a_hit_is_heard_in_the_blocks_that_the_sum_has(start_frame, duration_s, decay_s):
    hit = noise(duration_s, -10, 8000)
    hit *= np.exp(-np.arange(hit.shape[1]) / 8000 / decay_s).astype(np.float32)
    mixed = pair(hit, noise(duration_s, -60, 8000, seed=1), second_start=0)
    moved = replace(mixed, signals={
        name: replace(signal, start_frame=start_frame) for name, signal in mixed.signals.items()
    })  # fmt: skip
    holds(moved, within_db=0.02)


@pytest.mark.parametrize("ratio", [1.0, 1.001, 0.99, 0.9, 0.5])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_copies_and_anti_phase_copies(ratio, sign):
    sound = noise(LONG_S, -6, 8000)
    other = (sign * sound + noise(LONG_S, -60, 8000, seed=1)).astype(np.float32)
    mixed = pair(sound, other)
    holds(mixed, states=[stand(mixed, b=ratio)])


@pytest.mark.parametrize("duration_s", [2.0, LONG_S])
def test_two_tracks_that_cancel_are_known_to_cancel(duration_s):
    sound = noise(duration_s, -6, 8000, 2)
    powers = weighed(pair(sound, -sound), MIX)
    assert powers.lufs({"{a}": 1.0, "{b}": 1.0}) is None
    assert powers.lufs({"{a}": 1.0, "{b}": 0.0}) is not None


@pytest.mark.parametrize("frames", [1, 3, 16, 80, 400])
def test_delayed_copies(frames):
    sound = noise(LONG_S, -10, 8000)
    mixed = pair(sound, -0.9 * sound, second_start=frames)
    holds(mixed, states=[stand(mixed, b=ratio) for ratio in (1.0, 1.1, 0.5)])


@pytest.mark.parametrize(
    "tones_hz",
    [(60, 60.3), (1500, 1500.1), (1500, 3000), (750, 1500), (10, 1500), (997, 1001), (3000, 3010)],
)
def test_tones_that_fall_in_with_hops_and_strata(tones_hz):
    mixed = pair(*(tone(freq_hz, LONG_S, rate_hz=8000) for freq_hz in tones_hz))
    holds(mixed, states=[stand(mixed), *at_random(mixed, 4)])


@pytest.mark.parametrize("session", [{}, {"pan_law": 0.7079, "pan_mode": 5, "master_pan": 0.3}])
def test_pans(session):
    tracks = [track(str(n), **placed) for n, placed in enumerate(PANS)]
    holds(independent(len(PANS), tracks=tracks, **session))


@pytest.mark.parametrize("placed", PANS)
def test_each_pan_by_itself(placed):
    holds(independent(2, tracks=[track("0", **placed), track("1", **placed)]))


@pytest.mark.parametrize("node", [MIX, "{s}"])
def test_sends_and_returns(node):
    to_r = (
        Receive("{0}", gain=0.5, pan=0.4),
        Receive("{1}", "pre-fader", gain=0.8, mono=True),
        Receive("{3}", "pre-fx", gain=0.3, phase_inverted=True),
    )
    to_s = (Receive("{0}", gain=-0.9), Receive("{2}"), Receive("{r}", gain=0.5))
    tracks = [
        track("0"),
        track("1", pan=0.5),
        track("2", main_send=False),
        track("3", channels=4),
        Track("{r}", "r", fader_gain=0.7, pan=-0.3, phase_inverted=True, receives=to_r),
        Track("{s}", "s", receives=to_s),
    ]
    holds(independent(4, tracks=tracks), node)


def nested():
    return [
        Track("{f}", "f", folder=True, pan=0.5, pan_law=0.7),
        Track("{g}", "g", folder=True, parent_id="{f}", pan_mode=5, pan_width=0.5),
        track("0", parent_id="{g}", pan=-0.4),
        track("1", parent_id="{g}", phase_inverted=True),
        track("2", parent_id="{f}", pan_mode=6, dual_pan_left=1.0, dual_pan_right=0.3),
        track("3"),
    ]


@pytest.mark.parametrize("node", [MIX, "{f}", "{g}"])
def test_folders_in_folders(node):
    holds(independent(4, tracks=nested()), node)


@pytest.mark.parametrize("duration_s", [2.0, LONG_S])
@pytest.mark.parametrize("node", [MIX, "{h}"])
def test_envelopes(node, duration_s):
    scaled = replace(RIDE, fader_scaled=True)
    tracks = [
        Track("{f}", "f", folder=True, volume=scaled, automation="read"),
        track("0", parent_id="{f}", volume=RIDE, automation="read"),
        track("1", parent_id="{f}"),
        Track("{h}", "h", folder=True, volume=RIDE, pre_fx_volume=scaled),
        track("2", parent_id="{h}"),
        track("3", automation="touch", volume=RIDE),
    ]
    holds(independent(4, duration_s, tracks=tracks), node)


def test_more_than_two_channels():
    sounds = {"{a}": (noise(2.0, channels=6, rate_hz=8000), 33), "{b}": (noise(2.0, seed=1), 0)}
    tracks = [track("a", channels=6), track("b")]
    holds(desk(tracks, sounds, 8000, master_channels=6), within_db=0.02)


def test_the_bound_holds_where_an_envelope_steps():
    step = Envelope((EnvelopePoint(0.0, 0.1, 1), EnvelopePoint(0.05, 1.0, 1)))
    sound = tone(2000, 0.1, rate_hz=8000)
    mixed = desk([track("a", volume=step)], {"{a}": (sound, 0)}, 8000)
    holds(mixed, within_db=0.5)


def test_what_is_kept_in_parts_is_weighed_as_if_at_once(monkeypatch):
    mixed = independent(5, 3.0)
    at_once = weighed(mixed, MIX)
    monkeypatch.setattr(weighing, "MOST_SAMPLES", 1)
    in_parts = weighed(mixed, MIX)
    np.testing.assert_allclose(in_parts.amplitudes, at_once.amplitudes, rtol=1e-5)
    np.testing.assert_allclose(in_parts.correlations, at_once.correlations, atol=1e-5)


def test_longer_segments_keep_the_total(monkeypatch):
    mixed = independent(5)
    gains = stand(mixed)
    fine = weighed(mixed, MIX)
    monkeypatch.setattr(cross, "MOST_CORRELATIONS", 3 * 25)
    coarse = weighed(mixed, MIX)
    assert len(coarse.correlations) == 3
    assert coarse.powers(gains).sum() == pytest.approx(fine.powers(gains).sum(), rel=1e-3)
    assert coarse.lufs(gains) == pytest.approx(fine.lufs(gains), abs=0.02)


@given(st.floats(-6, 6), st.integers(0, 3))
@settings(max_examples=10, deadline=None)
def test_a_common_gain_is_a_common_level(gain_db, seed):
    mixed = independent(3, 1.0)
    powers, (gains,) = weighed(mixed, MIX), at_random(mixed, 1, seed=seed)
    louder = {name: gain * 10 ** (gain_db / 20) for name, gain in gains.items()}
    assert powers.lufs(louder) == pytest.approx(powers.lufs(gains) + gain_db, abs=1e-3)


def test_a_node_that_nothing_reaches_is_silent():
    mixed = desk([track("a", mute=True)], {})
    powers = weighed(mixed, MIX)
    assert powers.lufs({}) is None
    assert powers.true_peak({}) == 0.0
    assert powers.faders == ()


def test_a_source_without_a_sketch_is_left_out():
    mixed = independent(2, 1.0)
    known = {name: traced(signal) for name, signal in mixed.signals.items()}
    traces = {name: trace for name, (trace, _) in known.items()}
    powers = weigh(mixed.session, mixed.routing, MIX, traces, {"{0}": known["{0}"][1]})
    assert powers.faders == ("{0}",)


def test_silence_has_no_loudness():
    silent = np.zeros((2, 8000), np.float32)
    powers = weighed(pair(silent, silent), MIX)
    assert powers.lufs({"{a}": 1.0, "{b}": 1.0}) is None
    assert powers.true_peak({"{a}": 1.0, "{b}": 1.0}) == 0.0


def test_faders_are_those_on_the_ways():
    tracks = [*nested(), track("4", automation="read", volume=RIDE)]
    powers = weighed(independent(5, 0.2, tracks=tracks), "{f}")
    assert set(powers.faders) == {"{0}", "{1}", "{2}", "{g}"}


class TestKey:
    """Faders, names and colours are not in a key; all that changes how things add up is."""

    def of(self, tracks, node=MIX, last="sound 3", **session):
        song = desk(tracks, {}, **session).session
        sources = {f"{{{n}}}": f"sound {n}" for n in range(3)} | {"{3}": last}
        return key(song, trace(song), node, sources)

    def changed(self, position, **more):
        tracks = nested()
        tracks[position] = replace(tracks[position], **more)
        return tracks

    @pytest.mark.parametrize(
        "more", [{"fader_gain": 0.3}, {"name": "x"}, {"color": 7}, {"selected": True}]
    )
    def test_stays(self, more):
        assert self.of(self.changed(2, **more)) == self.of(nested())

    @pytest.mark.parametrize(
        "more",
        [
            {"pan": 0.4},
            {"mute": True},
            {"pan_mode": 5},
            {"parent_id": "{f}"},
            {"receives": (Receive("{3}"),)},
            {"automation": "read", "volume": RIDE},
        ],
    )
    def test_changes(self, more):
        assert self.of(self.changed(2, **more)) != self.of(nested())

    def test_changes_with_the_master_and_with_a_source_and_with_the_node(self):
        known = self.of(nested())
        assert self.of(nested(), master_gain=0.5) != known
        assert self.of(nested(), last="other") != known
        assert self.of(nested(), node="{f}") != known

    def test_does_not_care_for_the_order_of_tracks(self):
        first, *others = nested()
        assert self.of([first, others[0], *reversed(others[1:])]) == self.of(nested())

    def test_does_not_care_for_what_is_elsewhere(self):
        known = self.of(nested(), node="{f}")
        reverb = Track("{r}", "r", receives=(Receive("{0}"),), fx=(Fx("ReaVerb"),))
        assert self.of([*nested(), reverb], node="{f}") == known
        assert self.of(nested(), node="{f}", master_gain=0.5) == known


def test_bounds_are_tight_for_one_track():
    mixed = desk([track("a")], {"{a}": (noise(1.0, rate_hz=8000), 100)}, 8000)
    (heard,) = listen(mixed, (MIX,), ({},))
    bound = weighed(mixed, MIX).true_peak({"{a}": 1.0})
    assert 20 * np.log10(bound) == pytest.approx(heard[MIX].true_peak_db, abs=0.001)
