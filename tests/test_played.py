"""Sums played by a crew, passage by passage, are those of one pass."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from reaper_automix import mix
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled
from reaper_automix.progress import silent
from reaper_automix.routing import MIX
from reaper_automix.scene import TrackLost, set_scene
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
    TimeRange,
    Track,
)
from reaper_automix.settings import Settings
from reaper_automix.sums import played
from signals import RATE_HZ, harmonic, noise, tone
from songs import band, folder_track, session, track, write

EXACT_DB = 0.001


@pytest.fixture(autouse=True)
def short_passages(monkeypatch):
    """Passages short enough that test material has several."""
    monkeypatch.setattr(played, "SHORTEST_PASSAGE_S", 0.5)


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
        track(folder, "a", noise(3.0, seed=1), automation="read", volume=ramp, parent_id="{Folder}"),
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
