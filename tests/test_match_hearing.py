"""What a match hears: which passages, of which stems, and of which reference."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.adapters import folder
from reaper_automix.errors import AutomixError, InputError, NothingToBalance, SettingsError
from reaper_automix.match import passages, reference
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import MOST_OWN, hear
from reaper_automix.match.lineup import NOT_CHOSEN, lineup
from reaper_automix.match.placing.landed import Seat
from reaper_automix.match.reference import Choice
from reaper_automix.match.same import Song
from reaper_automix.progress import silent
from reaper_automix.scene import set_scene
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Region,
    StoredBalance,
    TimeRange,
)
from reaper_automix.settings import Settings
from signals import RATE_HZ, noise, tone
from songs import band, folder_track, session, track, write

POWER = 1e-3
SILENT = 1e-12


def powers(*rows):
    return np.array([[POWER if sound == "x" else SILENT for sound in row] for row in rows])


def stretch(pieces):
    """Silence and sound by the second: (seconds, level in dB or None)."""
    parts = [
        noise(seconds, level_db, channels=2, seed=at)
        if level_db is not None
        else np.zeros((2, round(seconds * RATE_HZ)), np.float32)
        for at, (seconds, level_db) in enumerate(pieces)
    ]
    return np.concatenate(parts, axis=1)


def heard(song, settings=None, chosen=(), before=None):
    scene = set_scene(song, settings or Settings())
    who = lineup(scene, before or {}, chosen=chosen, keep_pan=True)
    return who, hear(scene, [end.track_id for end in who.ends], silent)


# Passages


def test_passages_begin_where_all_sources_sound():
    rows = powers("xxxx..xxxx......", "....xxxxxx......", "xxxxxxxxxx......")
    assert passages.chosen(rows, hops=4, most=1) == (6,)


def test_passages_are_spread_and_never_overlap():
    found = passages.chosen(np.full((2, 600), POWER), hops=60, most=6)
    assert len(found) == 6
    assert np.diff(found).min() >= 60


@given(st.lists(st.text(".x", min_size=20, max_size=20), min_size=1, max_size=4))
def test_who_is_silent_in_some_passages_is_told(rows):
    sources = powers(*rows)
    starts = passages.chosen(sources, hops=5, most=3)
    silent_ones = passages.silent_in(sources, starts, hops=5)
    for number, row in enumerate(rows):
        heard_there = any("x" in row[first : first + 5] for first in starts)
        assert (number in silent_ones) == ("x" in row and not heard_there)


@given(st.floats(-30.0, 30.0))
def test_a_gain_of_the_whole_song_changes_no_passage(gain_db):
    rng = np.random.default_rng(3)
    sources = 10 ** rng.uniform(-3.0, -1.0, (3, 200))
    same = passages.chosen(sources, hops=20)
    assert passages.chosen(sources * 10 ** (gain_db / 10), hops=20) == same


# Stems


def test_stems_are_what_leads_into_the_mix_before_their_faders(tmp_path):
    song = band(tmp_path, 1.0)
    who, found = heard(song)
    assert found.stem_ids == ("{Drums}", "{Keys}", "{Lead}")
    (passage,) = found.passages
    assert passage.stems.shape[:2] == (3, 2)
    kick_rms = 10 ** (-12 / 20) / np.sqrt(2)
    assert np.sqrt(np.mean(passage.stems[0] ** 2)) == pytest.approx(kick_rms, rel=0.02)
    louder = replace(
        song,
        tracks=tuple(replace(one, fader_gain=2.0) if one.folder else one for one in song.tracks),
    )
    again = heard(louder)[1].passages[0].stems
    assert np.array_equal(again, passage.stems)
    assert [end.before.fader_db for end in who.ends] == pytest.approx([0.0, -6.02, 0.0], abs=0.01)


def test_a_song_longer_than_a_passage_is_heard_in_several_of_one_length(tmp_path):
    song = session(track(tmp_path, "A", noise(25.0, -20)), track(tmp_path, "B", noise(25.0, -30)))
    _, found = heard(song)
    assert 3 <= len(found.passages) <= passages.MOST
    lengths = {passage.stems.shape[2] for passage in found.passages}
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) == pytest.approx(passages.FRAMES, abs=1)


def test_a_stem_that_is_silent_elsewhere_is_heard_in_its_own_place(tmp_path):
    everywhere = stretch([(8.0, -20.0), (1.0, None), (6.0, None)])
    late = stretch([(9.0, None), (6.0, -50.0)])
    song = session(track(tmp_path, "Song", everywhere), track(tmp_path, "Coda", late))
    _, found = heard(song)
    coda = found.stem_ids.index("{Coda}")
    assert any(np.abs(passage.stems[coda]).max() > 0.0 for passage in found.passages)


def test_many_stems_that_sound_by_turns_take_few_passages_more(tmp_path):
    """Twenty-two sources of one second each: those that get no passage are told as unheard."""
    tracks = []
    for number in range(22):
        sound = stretch([(8.0 * number + 0.1, None), (1.0, -20.0 - number)])
        tracks.append(track(tmp_path, f"T{number}", sound))
    _, found = heard(session(*tracks))
    assert len(found.passages) <= passages.MOST + MOST_OWN
    assert len(found.stem_ids) + len(found.unheard) == 22
    assert found.unheard
    assert found.silent == ()
    assert len(found.stem_ids) >= len(found.passages) > passages.MOST
    assert found.elsewhere.keys() <= set(found.stem_ids)


def test_a_window_is_all_that_is_heard(tmp_path):
    song = session(track(tmp_path, "A", noise(20.0, -20)))
    _, found = heard(song, Settings(time_range=TimeRange(12.0, 14.0)))
    (passage,) = found.passages
    assert passage.start_s == pytest.approx(12.0)
    assert passage.stems.shape[2] == pytest.approx(2.0 * SAMPLE_RATE_HZ, abs=1)


def test_a_silent_stem_is_told_and_a_silent_song_refused(tmp_path):
    quiet = track(tmp_path, "Quiet", np.zeros((1, RATE_HZ), np.float32))
    _, found = heard(session(quiet, track(tmp_path, "A", noise(1.0, -20))))
    assert found.silent == ("{Quiet}",)
    with pytest.raises(NothingToBalance, match="no stem that sounds"):
        heard(session(quiet))


def test_a_song_of_half_a_second_is_refused(tmp_path):
    with pytest.raises(NothingToBalance, match=r"only 0\.5 s"):
        heard(session(track(tmp_path, "A", noise(0.5))))


def test_samples_that_are_no_numbers_count_as_silence_and_are_told(tmp_path):
    broken = noise(1.0, -20, channels=2)
    broken[0, 100:200] = np.nan
    _, found = heard(session(track(tmp_path, "Broken", broken)))
    assert np.isfinite(found.passages[0].stems).all()
    assert any("not numbers" in note for note in found.notes)


def test_a_file_that_is_gone_takes_its_stem_out(tmp_path):
    song = session(track(tmp_path, "A", noise(1.0)), track(tmp_path, "B", noise(1.0)))
    scene = set_scene(song, Settings())
    (tmp_path / "B.wav").unlink()
    found = hear(scene, ["{A}", "{B}"], silent)
    assert found.stem_ids == ("{A}",)
    assert "{B}" in found.scene.lost


def test_what_has_to_stay_is_heard_but_fixed(tmp_path):
    song = session(
        track(tmp_path, "A", noise(1.0)),
        track(tmp_path, "Locked", noise(1.0), locked=True),
        track(tmp_path, "B [lock]", noise(1.0)),
    )
    who, found = heard(song)
    assert [end.fixed for end in who.ends] == [False, True, True]
    assert len(found.stem_ids) == 3


def test_an_envelope_that_is_the_fader_is_in_what_is_heard(tmp_path):
    half = Envelope((EnvelopePoint(0.0, 0.5),))
    plain = track(tmp_path, "A", noise(1.0))
    who, found = heard(session(replace(plain, automation="read", volume=half, fader_gain=0.1)))
    _, bare = heard(session(plain))
    assert who.ends[0].fixed
    assert who.ends[0].before == Seat(0.0, 0.0)
    assert np.allclose(found.passages[0].stems, 0.5 * bare.passages[0].stems, atol=1e-6)


def test_only_chosen_stems_are_free(tmp_path):
    who, _ = heard(band(tmp_path, 1.0), chosen=("drums", "Le*"))
    assert {end.name for end in who.ends if not end.fixed} == {"Drums", "Lead"}
    assert who.aside["{Keys}"] == NOT_CHOSEN


@pytest.mark.parametrize(("name", "said"), [("Tuba", "inspect"), ("Kick", "the one that it lies")])
def test_who_names_no_stem_is_told_what_to_name(tmp_path, name, said):
    with pytest.raises(SettingsError, match=said):
        heard(band(tmp_path, 1.0), chosen=(name,))


# References


ANOTHER_SONG = Song(np.zeros(0), (), 0.0, np.zeros(0, np.float32))


def listen(choice, song=None):
    return reference.heard(reference.survey(choice, song or session(), silent), ANOTHER_SONG)


def test_a_mono_reference_stands_on_both_sides(tmp_path):
    path = write(tmp_path, "mono", noise(3.0, -20))
    found = listen(Choice(path))
    assert np.array_equal(found.passages[0][0], found.passages[0][1])
    assert any("mono" in note for note in found.notes)


@pytest.mark.parametrize("rate_hz", [22050, 44100, 48000, 192000])
def test_a_reference_of_any_rate_is_heard_at_one(tmp_path, rate_hz):
    path = write(tmp_path, "tone", tone(1000, 7.0, -20, rate_hz, channels=2), rate_hz)
    found = listen(Choice(path))
    assert [one.shape for one in found.passages] == [(2, passages.FRAMES)]
    spectrum = np.abs(np.fft.rfft(found.passages[0][0]))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / passages.FRAMES == pytest.approx(1000, abs=1)


def test_five_seconds_are_used_as_they_are_and_told(tmp_path):
    found = listen(Choice(write(tmp_path, "short", noise(5.0, channels=2))))
    assert found.duration_s == pytest.approx(5.0, abs=0.01)
    assert any("only 5.0 s long" in note for note in found.notes)


def test_a_clipped_reference_is_used_and_told(tmp_path):
    loud = np.clip(noise(3.0, 6.0, channels=2), -1.0, 1.0)
    found = listen(Choice(write(tmp_path, "loud", loud, subtype="PCM_16")))
    assert any("clipped" in note for note in found.notes)


def test_a_loud_reference_that_is_not_cut_is_not_called_clipped(tmp_path):
    found = listen(Choice(write(tmp_path, "tone", tone(997, 7.0, -0.1, channels=2))))
    assert found.notes == ()


def test_a_long_reference_is_heard_in_its_loudest_passages(tmp_path):
    path = write(tmp_path, "long", stretch([(20.0, -40.0), (7.0, -10.0), (20.0, -40.0)]))
    found = listen(Choice(path))
    first = max(one.std() for one in found.passages)
    assert first == pytest.approx(10 ** (-10 / 20), rel=0.08)  # white noise loses its top
    assert len(found.passages) <= passages.MOST


def test_only_the_stretch_that_was_named_is_heard(tmp_path):
    path = write(tmp_path, "two", stretch([(5.0, -40.0), (5.0, -10.0)]))
    found = listen(Choice(path, time_range=TimeRange(0.0, 4.0)))
    assert np.std(found.passages) == pytest.approx(10 ** (-40 / 20), rel=0.08)


def not_audio(home):
    (home / "ref.wav").write_text("this is no sound")


def no_bytes(home):
    (home / "ref.wav").write_bytes(b"")


def no_frames(home):
    sf.write(home / "ref.wav", np.zeros((0, 2)), RATE_HZ)


BAD = {
    "missing": (lambda home: None, InputError, "out of reach"),
    "a folder without audio": (lambda home: (home / "ref.wav").mkdir(), InputError, "no audio"),
    "not audio": (not_audio, InputError, "no sound that can be read"),
    "empty": (no_bytes, InputError, "is empty"),
    "no frames": (no_frames, InputError, "no samples"),
    "silent": (lambda home: write(home, "ref", np.zeros((2, RATE_HZ * 2))), InputError, "silent"),
    "all NaN": (lambda home: write(home, "ref", np.full((2, 96000), np.nan)), InputError, "silent"),
    "too short": (lambda home: write(home, "ref", noise(0.2)), InputError, "only 0.2 s"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reference_that_cannot_be_used_is_one_sentence(tmp_path, name):
    make, kind, said = BAD[name]
    make(tmp_path)
    with pytest.raises(kind, match=said) as error:
        listen(Choice(tmp_path / "ref.wav"))
    assert str(error.value).count(". ") == 0
    assert "mute the items" not in str(error.value)


def test_nothing_chosen_is_told():
    with pytest.raises(SettingsError, match="--reference"):
        listen(Choice())


def test_an_audio_file_has_no_tracks(tmp_path):
    path = write(tmp_path, "ref", noise(2.0))
    with pytest.raises(SettingsError, match="no tracks or regions"):
        listen(Choice(path, track="Vox"))


def test_a_muted_track_of_the_project_is_a_reference_and_no_stem(tmp_path):
    song = session(
        track(tmp_path, "A", noise(3.0, -30)),
        folder_track("Refs", mute=True),
        track(tmp_path, "Hit", noise(3.0, -10, seed=5), parent_id="{Refs}", mute=True),
    )
    choice = Choice(track="hit")
    found = listen(choice, song)
    assert found.name == "Hit"
    assert np.std(found.passages) == pytest.approx(10 ** (-10 / 20), rel=0.08)
    assert reference.track_of(choice, song).id == "{Hit}"


def test_a_region_alone_is_the_projects_own_mix_there(tmp_path):
    sound = stretch([(4.0, -40.0), (4.0, -20.0)])
    song = replace(
        session(track(tmp_path, "A", sound, fader_gain=0.5)),
        regions=(Region(1, "Quiet", 0.0, 4.0), Region(2, "Loud", 4.0, 8.0)),
    )
    for name, level_db in (("Quiet", -40.0), ("2", -20.0)):
        found = listen(Choice(region=name), song)
        assert np.std(found.passages) == pytest.approx(0.5 * 10 ** (level_db / 20), rel=0.08)


def test_another_project_is_its_sum_at_its_faders(tmp_path):
    other = session(track(tmp_path / "media", "B", noise(3.0, -20), fader_gain=0.25))
    folder.write_project(other, tmp_path / "other.RPP", {}, StoredBalance())
    found = listen(Choice(tmp_path / "other.RPP"))
    assert np.std(found.passages) == pytest.approx(0.25 * 0.1, rel=0.08)


def test_a_track_or_region_that_is_not_there_is_named(tmp_path):
    song = session(track(tmp_path, "A", noise(1.0)))
    for choice in (Choice(track="Hit"), Choice(region="Chorus")):
        with pytest.raises(AutomixError, match=choice.track or choice.region):
            listen(choice, song)
