"""A reference that is a mix of the very song that is matched, however it was mixed and cut."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.adapters import folder
from reaper_automix.match import reference, same
from reaper_automix.match.asked import Asked
from reaper_automix.match.case import Ask
from reaper_automix.match.console.offline import master_stream
from reaper_automix.match.console.strips import Band, neutral_master
from reaper_automix.match.console.table import BANDS
from reaper_automix.match.reference import Choice
from reaper_automix.match.run import Request, run
from reaper_automix.match.same import lag_frames, lag_hops
from reaper_automix.progress import silent
from reaper_automix.session import StoredBalance
from reaper_automix.settings import Settings
from signals import RATE_HZ, noise, tone
from songs import session, track

SECONDS = 14.0
KNOWN_DB = (4.0, -3.0, 3.0, 0.0, 0.0, -4.0)
"""The bands of a strip that is to be recovered."""


def levels(hops, seed):
    """Powers of a song that grows and falls."""
    steps_db = np.random.default_rng(seed).normal(0.0, 6.0, hops)
    return 10.0 ** (np.convolve(steps_db, np.ones(3) / 2.0, "same") / 10.0 - 4.0)


@given(st.integers(-40, 40), st.floats(-30.0, 30.0), st.integers(0, 50))
def test_a_mix_of_a_song_is_known_wherever_it_begins_and_however_loud_it_is(lag, gain_db, seed):
    song = levels(300, seed)
    around = np.concatenate([np.full(40, 1e-9), song, np.full(40, 1e-9)])
    found = lag_hops(song, around[40 - lag :][:340] * 10.0 ** (gain_db / 10.0))
    assert found == lag


@given(st.integers(0, 50), st.integers(60, 400))
def test_another_song_is_not(seed, hops):
    assert lag_hops(levels(300, seed), levels(hops, seed + 1000)) is None


@pytest.mark.parametrize("hops", [0, 1, 5])
def test_what_is_too_short_says_nothing(hops):
    assert lag_hops(levels(300, 1), levels(300, 1)[:hops]) is None


def test_what_never_changes_says_nothing():
    assert lag_hops(np.ones(100), np.ones(100)) is None


@given(st.integers(-6000, 6000), st.sampled_from([1.0, -0.3]))
def test_a_waveform_says_to_the_frame_where_a_passage_begins(lag, gain):
    sound = np.random.default_rng(4).normal(size=60_000).astype(np.float32)
    passage = sound[10_000:50_000]
    assert lag_frames(passage, gain * sound[10_000 - lag : 50_000 - lag], RATE_HZ) == lag


# A song


def beats(seconds, hertz, level_db, every_s, seed):
    """Notes of a pitch and some noise at uneven times."""
    at = np.cumsum(np.random.default_rng(seed).uniform(0.6, 1.4, int(seconds / every_s)) * every_s)
    sound = tone(hertz, seconds, level_db) + noise(seconds, level_db - 10.0, seed=seed)
    times = np.arange(sound.shape[-1]) / RATE_HZ
    since = times - np.concatenate([[-9.0], at])[np.searchsorted(at, times)]
    return (sound * np.exp(-3.0 * since)).astype(np.float32)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A project whose passages are fewer than all of it, and its own mix."""
    place = tmp_path_factory.mktemp("song")
    sounds = {
        "Bass": beats(SECONDS, 70.0, -14.0, 0.5, 1),
        "Keys": beats(SECONDS, 400.0, -20.0, 0.8, 2),
        "Bell": beats(SECONDS, 2500.0, -24.0, 1.1, 3),
    }
    tracks = [track(place / "media", name, sound) for name, sound in sounds.items()]
    folder.write_project(session(*tracks), place / "song.RPP", {}, StoredBalance())
    return place, np.tile(sum(sounds.values()), (2, 1))


def matched(place, sound, seconds_before=0.0, gain=0.5):
    """The report of a match to a sound that begins later in its file."""
    before = np.zeros((2, round(seconds_before * RATE_HZ)), np.float32)
    sf.write(
        place / "mix.wav", (gain * np.concatenate([before, sound], axis=1)).T, RATE_HZ, "FLOAT"
    )
    how = Settings(method="lufs", headroom_dbtp=20.0)
    ask = Ask(Choice(place / "mix.wav"), Asked(keep_pan=False))
    return run(Request(place / "song.RPP", ask, how, dry_run=True, jobs=1))


@pytest.mark.parametrize("seconds_before", [0.0, 1.2345])
def test_the_mix_itself_is_left_alone(song, seconds_before):
    place, mix = song
    report = matched(place, mix, seconds_before)
    assert reference.SAME in report.notes
    for stem in report.match.stems:
        assert stem.after.fader_db == pytest.approx(stem.before.fader_db, abs=0.5)
        assert stem.after.pan == pytest.approx(stem.before.pan, abs=0.02)
        assert all(abs(band.gain_db) < 0.5 for band in stem.after.strip.bands)
    assert all(abs(band.gain_db) < 0.5 for band in report.match.bus.strip.bands)


def test_a_strip_that_the_mix_went_through_is_found(song):
    place, mix = song
    report = matched(place, bent(mix), 0.7)
    apart_db = np.subtract(report.match.after.thirds_db, report.match.aim.thirds_db)
    heard = np.array(report.match.aim.thirds_db) > max(report.match.aim.thirds_db) - 40.0
    assert np.abs(apart_db[heard]).max() < 1.0


def bent(sound):
    """A mix through a master's bands."""
    rows = zip(KNOWN_DB, BANDS, strict=True)
    bands = tuple(Band(gain_db, row.range_hz[2], 0.7) for gain_db, row in rows)
    master = neutral_master()
    strip = replace(master.strip, bands=bands)
    return master_stream(replace(master, strip=strip), RATE_HZ).feed(sound)


def test_another_song_is_heard_where_it_is_loudest(song):
    place, _ = song
    other = beats(SECONDS, 300.0, -20.0, 0.9, 9)
    report = matched(place, np.tile(other, (2, 1)))
    assert reference.SAME not in report.notes


def test_a_part_of_the_song_stands_for_all_of_it(song):
    """It lacks passages of the song, so it is heard by itself."""
    place, mix = song
    report = matched(place, mix[:, : 3 * RATE_HZ])
    assert reference.SAME not in report.notes
    assert report.match.stems


def test_both_are_heard_in_the_same_places(song):
    place, mix = song
    sf.write(place / "late.wav", np.pad(mix, ((0, 0), (1111, 0))).T, RATE_HZ, "FLOAT")
    surveyed = reference.survey(Choice(place / "late.wav"), session(), silent)
    frames = round(2.0 * RATE_HZ)
    powers = reference.survey(Choice(place / "late.wav"), session(), silent).powers[:-1]
    starts = (10, 70)
    passages = [mix[:, start * RATE_HZ // 10 :][:, :frames] for start in starts]
    first = reference.resampled(passages[0], RATE_HZ).sum(axis=0)
    found = reference.heard(surveyed, same.Song(powers, starts, 2.0, first))
    for one, other in zip(found.passages, passages, strict=True):
        expected = reference.resampled(other, RATE_HZ)
        assert np.abs(one - expected)[:, 500:-500].max() < 1e-3 * np.abs(expected).max() + 1e-4
