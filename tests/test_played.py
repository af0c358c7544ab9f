"""Sums played by a crew, passage by passage, are those of one pass."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import mix
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled
from reaper_automix.progress import silent
from reaper_automix.results import SumLevel
from reaper_automix.routing import MIX
from reaper_automix.scene import TrackLost, set_scene
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Receive,
    TimeRange,
    Track,
)
from reaper_automix.settings import Settings
from reaper_automix.sums import played
from signals import RATE_HZ, harmonic, noise, tone
from songs import band, folder_track, session, track

EXACT_DB = 0.001


@pytest.fixture(autouse=True)
def short_passages(monkeypatch):
    """Passages short enough that test material has several."""
    monkeypatch.setattr(played, "LEAST_HEARD_S", 0.5)


@pytest.fixture(scope="module")
def crew():
    with Crew(2) as crew:
        yield crew


def flat(folder):
    """Sounds that begin and end apart, loud beside soft, with a constant offset in one."""
    return session(
        track(folder, "a", noise(3.0, -12, seed=1, channels=2), pan=0.4),
        track(folder, "b", harmonic(110, 2.3, -6), fader_gain=0.7),
        track(folder, "c", tone(60, 1.1, -3.0) + np.float32(0.2), fader_gain=0.0),
        track(folder, "d", noise(2.7, -60, seed=2) + np.float32(0.1), phase_inverted=True),
        track(folder, "e", noise(1.0, -20, seed=3), mute=True),
    )


def with_sends(folder):
    """Post- and pre-fader sends, a bus, a folder inside a folder, more than two channels."""
    receives = (
        Receive("{a}", "post-fader", gain=0.5, pan=0.3),
        Receive("{b}", "pre-fader", mono=True),
    )
    bus = (Receive("{d}"),)
    return session(
        folder_track("Outer", pan=-0.2),
        folder_track("Inner", parent_id="{Outer}", phase_inverted=True),
        track(folder, "a", noise(2.6, seed=1, channels=2), parent_id="{Inner}"),
        track(folder, "b", harmonic(220, 2.0), parent_id="{Outer}"),
        track(folder, "c", noise(3.0, seed=3, channels=4), channels=4),
        track(folder, "d", noise(2.5, seed=4), main_send=False),
        Track("{Return}", "Return", receives=receives),
        Track("{Bus}", "Bus", receives=bus),
    )


def with_envelopes(folder):
    """Envelopes at the fader's input, in its place, and on a folder's sum."""
    ramp = Envelope((EnvelopePoint(0.2, 0.1), EnvelopePoint(2.4, 1.5)))
    return session(
        folder_track("Folder", volume=ramp),
        track(folder, "a", noise(3.0), automation="read", volume=ramp, parent_id="{Folder}"),
        track(folder, "b", harmonic(150, 2.8), volume=ramp, fader_gain=0.5),
    )


SONGS = {"flat": flat, "folders": band, "sends": with_sends, "envelopes": with_envelopes}


def levels(outcome):
    return [level for state in outcome for level in state.values()]


def assert_equal(played_sums, serial_sums):
    assert [list(state) for state in played_sums] == [list(state) for state in serial_sums]
    for heard, wanted in zip(levels(played_sums), levels(serial_sums), strict=True):
        assert heard.lufs == pytest.approx(wanted.lufs, abs=EXACT_DB)
        assert heard.true_peak_db == pytest.approx(wanted.true_peak_db, abs=EXACT_DB)


def states_of(song):
    now = {one.id: one.fader_gain for one in song.tracks}
    return [now, {one: 0.4 + 0.1 * number for number, one in enumerate(now)}, now]


@pytest.mark.parametrize("name", SONGS)
def test_passages_joined_are_the_sums_of_one_pass(tmp_path, crew, name):
    song = SONGS[name](tmp_path)
    scene, states = set_scene(song, Settings()), states_of(song)
    groups = scene.routing.groups()
    serial = mix.listen(scene.desk(), groups, states)
    assert_equal(played.listen(scene, groups, states, crew, silent), serial)
    assert played.listen(scene, groups, states, Crew(1), silent) == serial


def test_where_a_passage_is_cut_no_edge_is_heard(tmp_path, crew):
    level = np.full((1, 3 * RATE_HZ), 0.5, np.float32)
    level[:, :RATE_HZ] *= np.linspace(0.0, 1.0, RATE_HZ, dtype=np.float32)
    level[:, -RATE_HZ:] *= np.linspace(1.0, 0.0, RATE_HZ, dtype=np.float32)
    scene = set_scene(session(track(tmp_path, "a", level)), Settings())
    serial = mix.listen(scene.desk(), [MIX], [{}])
    assert_equal(played.listen(scene, [MIX], [{}], crew, silent), serial)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("duration_s", [0.05, 0.1, 0.39, 0.45])
def test_sums_shorter_than_a_gating_block_are_one_passage(tmp_path, duration_s, jobs):
    scene = set_scene(session(track(tmp_path, "a", noise(duration_s))), Settings())
    serial = mix.listen(scene.desk(), [MIX], [{}])
    assert played.listen(scene, [MIX], [{}], Crew(jobs), silent) == serial
    assert serial[0][MIX].lufs is not None


def test_a_sum_of_nothing_is_silence(tmp_path):
    scene = set_scene(session(track(tmp_path, "a", noise(1.0), mute=True)), Settings())
    (state,) = played.listen(scene, [MIX], [{}], Crew(2), silent)
    assert state[MIX] == SumLevel(None, -math.inf)


def test_a_time_range_is_played_and_no_more(tmp_path, crew):
    song = flat(tmp_path)
    scene = set_scene(song, Settings(time_range=TimeRange(0.4, 2.6)))
    serial = mix.listen(scene.desk(), [MIX], [{}])
    assert_equal(played.listen(scene, [MIX], [{}], crew, silent), serial)


def test_the_order_of_tracks_changes_nothing(tmp_path, crew):
    song = band(tmp_path, 2.0)
    backwards = replace(song, tracks=song.tracks[::-1])
    scenes = [set_scene(one, Settings()) for one in (song, backwards)]
    first, second = (played.listen(scene, [MIX], [{}], crew, silent) for scene in scenes)
    assert_equal(first, second)


def test_all_faders_up_by_a_factor_is_the_sum_up_by_it(tmp_path, crew):
    scene = set_scene(flat(tmp_path), Settings())
    now = {one.id: one.fader_gain for one in scene.session.tracks}
    twice = {one: 2.0 * gain for one, gain in now.items()}
    first, second = played.listen(scene, [MIX], [now, twice], crew, silent)
    assert second[MIX].lufs - first[MIX].lufs == pytest.approx(6.0206, abs=EXACT_DB)
    raised_db = second[MIX].true_peak_db - first[MIX].true_peak_db
    assert raised_db == pytest.approx(6.0206, abs=EXACT_DB)


def test_progress_counts_the_seconds_of_all_tracks_once(tmp_path, crew):
    scene, told = set_scene(flat(tmp_path), Settings()), []
    seconds = sum(signal.duration_s for signal in scene.desk().signals.values())
    played.listen(scene, [MIX], [{}], crew, lambda *step: told.append(step))
    assert {(stage, total) for stage, _, total, *_ in told} == {("Summing", seconds)}
    done = [amount for _, amount, *_ in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, pytest.approx(seconds))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_stops_it(tmp_path, jobs):
    scene = set_scene(flat(tmp_path), Settings())

    def cancel(stage, done, total, what=""):
        if done:
            raise Cancelled

    with Crew(jobs) as crew, pytest.raises(Cancelled):
        played.listen(scene, [MIX], [{}], crew, cancel)


@pytest.mark.parametrize("jobs", [1, 2])
def test_media_that_are_gone_name_their_track(tmp_path, jobs):
    scene = set_scene(flat(tmp_path), Settings())
    (tmp_path / "b.wav").unlink()
    with Crew(jobs) as crew, pytest.raises(TrackLost) as lost:
        played.listen(scene, [MIX], [{}], crew, silent)
    assert lost.value.track_id == "{b}"


@given(st.integers(-100, 100), st.integers(0, 30 * RATE_HZ), st.integers(0, 50))
def test_passages_cut_the_time_line_on_hops_without_a_gap(first, frames, count):
    hop, end = RATE_HZ // 10, first + frames
    edges = played._edges((first, end), hop, count)
    assert edges == sorted(set(edges))
    assert edges[:1] + edges[-1:] == ([first, end] if frames else [])
    assert not any((edge - first) % hop for edge in edges[:-1])
    assert len(edges) == 2 or all(b - a >= 4 * hop for a, b in pairwise(edges))


class Counting(Crew):
    """A crew that counts the tasks that it is given."""

    given = 0

    def map(self, work, tasks, tick):
        self.given += len(tasks)
        yield from super().map(work, tasks, tick)


def test_what_is_soon_played_is_not_cut_up(tmp_path, monkeypatch):
    monkeypatch.undo()
    scene = set_scene(flat(tmp_path), Settings())
    with Counting(2) as crew:
        played.listen(scene, [MIX], [{}], crew, silent)
    assert crew.given == 1
