"""Sound out is what the desk plays: all from the song's start, nothing clipped or normalised."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from reaper_automix import mix, stems
from reaper_automix.audio import BLOCK_FRAMES, to_samples
from reaper_automix.progress import silent
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.settings import Settings
from signals import RATE_HZ, noise, tone
from songs import session, track

START_S = 2.0


def late(one, name):
    """The same track with its item further on, so that its signal does not begin with the song."""
    items = tuple(replace(item, position_s=START_S) for item in one.items)
    return replace(one, items=items, name=name)


@pytest.fixture
def desk(tmp_path):
    song = session(
        late(track(tmp_path, "odd", noise(2.0, seed=1), pan=0.5), "A/B? "),
        late(track(tmp_path, "loud", tone(100, 2.0, 12.0, channels=2), fader_gain=0.5), "A/B? "),
    )
    return set_scene(song, Settings()).desk()


def read(path):
    samples, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    assert (rate_hz, sf.info(path).subtype) == (RATE_HZ, "FLOAT")
    return samples.T


def write(desk, folder, gains):
    return stems.write_stems(desk, list(desk.session.tracks), gains, folder, silent)


def test_a_stem_is_its_signal_where_the_song_has_it(desk, tmp_path):
    files = write(desk, tmp_path / "out", {"{loud}": 0.25})
    for file, one, gain in zip(files, desk.session.tracks, (1.0, 0.25), strict=True):
        heard, start = read(file), round(START_S * RATE_HZ)
        assert not heard[:, :start].any()
        np.testing.assert_array_equal(heard[:, start:], gain * to_samples(desk.signals[one.id]))


def test_stems_add_up_to_the_bounce_but_for_faders_and_pans(tmp_path):
    song = session(track(tmp_path, "a", noise(1.0)), track(tmp_path, "b", tone(200, 2.0)))
    desk = set_scene(song, Settings()).desk()
    gains = {"{a}": 0.5, "{b}": 2.0}
    stems.write_bounce(desk, gains, tmp_path / "sum.wav", silent)
    total = read(tmp_path / "sum.wav")
    for file in write(desk, tmp_path / "out", gains):
        heard = read(file)
        total[:, : heard.shape[1]] -= heard
    assert np.abs(total).max() < 1e-6


def test_a_bounce_is_the_mix_from_the_songs_start(desk, tmp_path):
    stems.write_bounce(desk, {}, tmp_path / "sum.wav", silent)
    heard, start = read(tmp_path / "sum.wav"), round(START_S * RATE_HZ)
    assert not heard[:, :start].any()
    np.testing.assert_array_equal(heard[:, start:], to_samples(mix.tap(desk, MIX, {})))


def test_what_passes_full_scale_is_not_clipped(desk, tmp_path):
    _, loud = write(desk, tmp_path / "out", {})
    assert np.abs(read(loud)).max() == pytest.approx(10 ** (12 / 20), rel=1e-3)


def test_names_are_safe_and_tracks_of_one_name_do_not_meet(desk, tmp_path):
    files = write(desk, tmp_path / "out", {})
    assert [file.name for file in files] == ["001 A_B_.wav", "002 A_B_.wav"]


@pytest.mark.parametrize("name", ["", " . ", "...", "\x00" * 3, "x" * 300, "é🎤" * 300, "\udcff"])
def test_any_name_makes_a_file_name(name):
    safe = stems.file_name(name)
    assert safe
    assert len(f"001 {safe}.wav".encode()) <= 255


def test_progress_tells_the_seconds_that_are_done(desk, tmp_path):
    told = []
    stems.write_bounce(desk, {}, tmp_path / "sum.wav", lambda *step: told.append(step))
    assert [stage for stage, *_ in told] == ["Bouncing"] * len(told)
    assert len(told) == -(-2 * RATE_HZ // BLOCK_FRAMES)
    assert told[-1][1:] == (2.0, 2.0, "sum.wav")
