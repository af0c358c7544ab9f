"""A folder of stems as a session, the songs of a batch, and the project written for stems."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from reaper_automix.adapters import folder, project
from reaper_automix.adapters.new_project import reference
from reaper_automix.errors import InputError, OutputError
from reaper_automix.session import StoredBalance, StoredFader, from_json, to_json
from signals import RATE_HZ, noise

EMPTY = StoredBalance()


def stem(path, *, seconds=0.05, rate_hz=RATE_HZ, channels=1, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, noise(seconds, rate_hz=rate_hz, channels=channels).T, rate_hz, **options)
    return path


def empty_project(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('<REAPER_PROJECT 0.1 "7.0/test" 0\n>\n')
    return path


def names(session):
    return [track.name for track in session.tracks]


@pytest.fixture
def song(tmp_path):
    stem(tmp_path / "song" / "2 bass.wav", seconds=0.1)
    stem(tmp_path / "song" / "10 vox.flac", channels=2)
    stem(tmp_path / "song" / "1 kick.wav", subtype="FLOAT")
    return tmp_path / "song"


# reading: laws


def test_reading_again_gives_the_same_session(song):
    assert folder.read(song) == folder.read(song)


def test_a_moved_folder_keeps_the_ids_of_its_stems(song, tmp_path):
    before = [track.id for track in folder.read(song).tracks]
    song.rename(tmp_path / "elsewhere")
    assert [track.id for track in folder.read(tmp_path / "elsewhere").tracks] == before


def test_a_new_stem_changes_no_other(song):
    before = folder.read(song).tracks
    stem(song / "0 click.wav")
    assert folder.read(song).tracks[1:] == before


def test_the_session_survives_its_json(song):
    session = folder.read(song)
    assert from_json(to_json(session)) == session


def test_ids_are_unique_and_of_reapers_form(song):
    stem(song / "1 kick.flac")
    session = folder.read(song)
    ids = [track.id for track in session.tracks]
    ids += [item.id for track in session.tracks for item in track.items]
    ids += [take.id for t in session.tracks for item in t.items for take in item.takes]
    assert len(ids) == len(set(ids)) == 12
    assert all(id.startswith("{") and len(id) == 38 and id == id.upper() for id in ids)


# reading: what is in it


def test_stems_come_in_natural_order_under_their_names(song):
    assert names(folder.read(song)) == ["1 kick", "2 bass", "10 vox"]


def test_each_stem_is_one_item_from_the_start_with_its_length(song):
    (item,) = folder.read(song).tracks[1].items
    assert (item.position_s, item.length_s, item.loop) == (0.0, 0.1, False)
    assert item.fade_in.length_s == item.fade_out.length_s == 0.0
    assert item.takes[0].source.file == str(song / "2 bass.wav")


@pytest.mark.parametrize(("channels", "wide"), [(1, 2), (2, 2), (3, 4), (6, 6), (12, 12)])
def test_a_track_is_as_wide_as_reaper_needs_it(tmp_path, channels, wide):
    stem(tmp_path / "a.wav", channels=channels)
    assert folder.read(tmp_path).tracks[0].channels == wide


@pytest.mark.parametrize(
    ("rates", "common"),
    [((44100, 44100, 96000), 44100), ((44100, 96000), 96000), ((8000,), 8000)],
)
def test_the_sessions_rate_is_the_most_common_and_the_highest_of_equals(tmp_path, rates, common):
    for number, rate_hz in enumerate(rates):
        stem(tmp_path / f"{number}.wav", rate_hz=rate_hz)
    assert folder.read(tmp_path).sample_rate_hz == common


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", "WAVE"),
        ("a.WAV", "WAVE"),
        ("a.aiff", "WAVE"),
        ("a.w64", "WAVE"),
        ("a.rf64", "WAVE"),
        ("a.caf", "WAVE"),
        ("a.au", "WAVE"),
        ("a.flac", "FLAC"),
        ("a.mp3", "MP3"),
        ("a.ogg", "VORBIS"),
    ],
)
def test_whatever_libsndfile_reads_is_a_stem(tmp_path, name, kind):
    stem(tmp_path / name)
    (track,) = folder.read(tmp_path).tracks
    assert track.items[0].takes[0].source.kind == kind
    assert track.items[0].length_s == pytest.approx(0.05, abs=0.05)


def test_an_opus_stem_is_called_so(tmp_path):
    stem(tmp_path / "a.opus", format="OGG", subtype="OPUS")
    assert folder.read(tmp_path).tracks[0].items[0].takes[0].source.kind == "OPUS"


def test_other_files_hidden_files_and_folders_are_passed_over(song):
    for name in ("._1 kick.wav", ".hidden.wav", "notes.txt", "1 kick.wav.reapeaks", "cover.jpg"):
        (song / name).write_bytes(b"x")
    stem(song / "old" / "take1.wav")
    (song / "folder.wav").mkdir()
    assert names(folder.read(song)) == ["1 kick", "2 bass", "10 vox"]


@pytest.mark.parametrize("content", [b"", b"not audio at all", b"RIFF\0\0"])
@pytest.mark.parametrize("name", ["broken.wav", "broken.m4a"])
def test_audio_names_that_cannot_be_read_are_tracks_to_be_skipped(song, name, content):
    from reaper_automix import render

    (song / name).write_bytes(content)
    session = folder.read(song)
    broken = next(track for track in session.tracks if track.name == "broken")
    assert len(session.tracks) == 4
    skip = render.survey(session)[broken.id].skip
    assert skip is not None
    assert name in skip


def test_two_stems_of_one_name_are_two_tracks(song):
    stem(song / "1 kick.flac")
    tracks = [track for track in folder.read(song).tracks if track.name == "1 kick"]
    assert len({track.id for track in tracks}) == 2


def test_odd_names_are_kept(tmp_path):
    odd = ["üñí 🥁", 'it\'s "loud"', "x" * 240, "two  spaces", "%41{b}"]
    for name in odd:
        stem(tmp_path / f"{name}.wav")
    assert sorted(names(folder.read(tmp_path))) == sorted(odd)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not Unicode")
def test_a_name_that_is_not_unicode_is_read_and_written(tmp_path):
    name = os.fsencode(tmp_path) + b"/song/caf\xe9.wav"
    (tmp_path / "song").mkdir()
    stem(tmp_path / "plain.wav").rename(os.fsdecode(name))
    session = folder.read(tmp_path / "song")
    folder.write_project(session, tmp_path / "p.RPP", {}, EMPTY)
    assert project.read(tmp_path / "p.RPP").tracks[0].items[0].takes[0].source.file


def test_a_loop_of_links_holds_nobody_up(song):
    (song / "loop").symlink_to(song, target_is_directory=True)
    (song / "self.wav").symlink_to(song / "self.wav")
    (song / "linked.wav").symlink_to(song / "1 kick.wav")
    assert names(folder.read(song)) == ["1 kick", "2 bass", "10 vox", "linked"]


def test_a_folder_without_audio_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no audio files"):
        folder.read(tmp_path)


# songs


def test_a_project_and_a_folder_of_stems_are_one_song(song, tmp_path):
    assert folder.songs(song) == (song,)
    rpp = empty_project(tmp_path / "x.RPP")
    assert folder.songs(rpp) == (rpp,)


def test_a_folder_of_songs_has_them_in_natural_order(tmp_path):
    for name in ("song 10", "song 2"):
        stem(tmp_path / name / "a.wav")
    rpp = empty_project(tmp_path / "song 3" / "mix.rpp")
    (tmp_path / "empty").mkdir()
    assert folder.songs(tmp_path) == (tmp_path / "song 2", rpp, tmp_path / "song 10")


def test_projects_of_a_folder_win_over_the_media_folder_beside_them(tmp_path):
    one, two = empty_project(tmp_path / "1.RPP"), empty_project(tmp_path / "2.RPP")
    stem(tmp_path / "Media" / "take.wav")
    assert folder.songs(tmp_path) == (one, two)


def test_audio_wins_over_projects_which_are_pointed_out(song):
    rpp = empty_project(song / "song.RPP")
    assert folder.songs(song) == (song,)
    assert folder.projects(song) == (rpp,)


def test_what_a_balance_wrote_is_no_song(tmp_path):
    stem(tmp_path / "a" / "1.wav")
    stem(tmp_path / "a-automix" / "a-automix.wav")
    (tmp_path / "a-automix" / ".automix.json").write_text("{}")
    assert folder.songs(tmp_path) == (tmp_path / "a",)


def test_balanced_copies_of_projects_are_no_songs(tmp_path):
    rpp = empty_project(tmp_path / "a.RPP")
    empty_project(tmp_path / "a-automix.RPP")
    empty_project(tmp_path / "a-automix-2.RPP")
    own = empty_project(tmp_path / "b-automix.RPP")
    assert folder.songs(tmp_path) == (rpp, own)


def test_songs_are_looked_for_one_level_down_only(tmp_path):
    stem(tmp_path / "year" / "album" / "a.wav")
    with pytest.raises(InputError, match="nor do the folders in it"):
        folder.songs(tmp_path)


def test_a_folder_that_links_to_itself_has_no_songs(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(InputError, match="no audio files"):
        folder.songs(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "nowhere.RPP"])
def test_a_path_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}.*check the path"):
        folder.songs(tmp_path / name)


def test_a_single_audio_file_is_no_song(song):
    with pytest.raises(InputError, match="name the folder of stems"):
        folder.songs(song / "1 kick.wav")


# writing


def written(session, target, faders=None, stored=EMPTY):
    folder.write_project(session, target, faders or {}, stored)
    return project.read(target)


def plain(track):
    """The track without what a path is called."""
    (item,) = track.items
    (take,) = item.takes
    source = replace(take.source, path="", file=os.path.realpath(take.source.file))
    item = replace(item, takes=(replace(take, source=source),))
    return replace(track, items=(item,))


def test_what_is_written_reads_back_as_the_same_tracks(song, tmp_path):
    session = folder.read(song)
    again = written(session, tmp_path / "p.RPP")
    assert again.sample_rate_hz == session.sample_rate_hz
    assert (again.pan_law, again.pan_mode, again.item_mix) == (1.0, 3, 1)
    for read, meant in zip(again.tracks, session.tracks, strict=True):
        assert read.items[0].length_s == pytest.approx(meant.items[0].length_s, abs=1e-12)
        length_s = meant.items[0].length_s
        same = replace(plain(read), items=(replace(plain(read).items[0], length_s=length_s),))
        assert same == plain(meant)


def test_faders_and_stored_state_read_back(song, tmp_path):
    session = folder.read(song)
    first = session.tracks[0].id
    stored = StoredBalance((StoredFader(first, 1.0, 0.25),))
    again = written(session, tmp_path / "p.RPP", {first: 0.25}, stored)
    assert [track.fader_gain for track in again.tracks] == [0.25, 1.0, 1.0]
    assert again.stored == stored


def test_names_with_quotes_and_blanks_read_back(tmp_path):
    odd = ['the "A" side', "it's", "`tick`", " lead", "#1", "-", "ünï 🥁"]
    for name in odd:
        stem(tmp_path / "song" / f"{name}.wav")
    again = written(folder.read(tmp_path / "song"), tmp_path / "p.RPP")
    assert sorted(names(again)) == sorted(odd)
    assert all(Path(t.items[0].takes[0].source.file).exists() for t in again.tracks)


def test_reaper_gets_crlf_and_nothing_else(song, tmp_path):
    written(folder.read(song), tmp_path / "p.RPP")
    data = (tmp_path / "p.RPP").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 50


def test_a_project_and_its_stems_can_be_moved_together(song, tmp_path):
    target = tmp_path / "song-automix" / "song.RPP"
    target.parent.mkdir()
    written(folder.read(song), target)
    tmp_path.joinpath("moved").mkdir()
    for part in (song, target.parent):
        part.rename(tmp_path / "moved" / part.name)
    moved = project.read(tmp_path / "moved" / "song-automix" / "song.RPP")
    files = [Path(track.items[0].takes[0].source.file) for track in moved.tracks]
    assert all(file.parent.samefile(tmp_path / "moved" / "song") for file in files)


def test_a_reference_is_absolute_where_links_would_mislead(tmp_path):
    real = tmp_path / "deep" / "down"
    real.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(real, target_is_directory=True)
    file = stem(tmp_path / "song" / "a.wav")
    assert reference(file, tmp_path / "out") == str(Path("..", "song", "a.wav"))
    assert reference(file, link) == str(file)


def test_a_stem_that_cannot_be_read_becomes_an_empty_track(song, tmp_path):
    (song / "broken.wav").write_bytes(b"")
    again = written(folder.read(song), tmp_path / "p.RPP")
    assert [len(track.items) for track in again.tracks] == [1, 1, 1, 0]


def test_a_project_that_cannot_be_written_is_said_to_be_so(song, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        folder.write_project(folder.read(song), tmp_path / "no" / "p.RPP", {}, EMPTY)


# an earlier balance


def balanced(song, name, gain, found=1.0):
    """A project beside the song as a balance writes one, its first fader written at ``gain``."""
    session = folder.read(song)
    first = session.tracks[0].id
    target = song.with_name(name) / f"{song.name}.RPP"
    target.parent.mkdir()
    stored = StoredBalance((StoredFader(first, found, gain),))
    folder.write_project(session, target, {first: gain}, stored)
    return target, stored


def test_a_run_goes_on_from_the_earlier_balance(song):
    _, stored = balanced(song, "song-automix", 0.5)
    session = folder.read(song)
    assert session.stored == stored
    assert session.tracks[0].fader_gain == 0.5


def test_a_fader_moved_by_hand_since_is_seen(song):
    target, stored = balanced(song, "song-automix", 0.5)
    first = folder.read(song).tracks[0].id
    project.write_balance(target, target, {first: 0.8}, stored)
    session = folder.read(song)
    assert session.tracks[0].fader_gain == 0.8
    assert session.stored == stored


def test_the_newest_of_several_balances_counts(song):
    for name, gain in (("song-automix", 0.5), ("song-automix-2", 0.6), ("song-automix-10", 0.7)):
        balanced(song, name, gain)
    assert folder.read(song).tracks[0].fader_gain == 0.7


@pytest.mark.parametrize("content", [b"", b"\0\1", b"<REAPER_PROJECT 0.1\n>\n"])
def test_an_earlier_balance_that_cannot_be_used_is_left_out(song, content):
    target, _ = balanced(song, "song-automix", 0.5)
    target.write_bytes(content)
    assert folder.read(song).stored is None


def test_other_folders_of_a_similar_name_do_not_count(song, tmp_path):
    stem(tmp_path / "song-automix-live" / "a.wav")
    balanced(song, "song-automix-final", 0.5)
    assert folder.read(song).stored is None


def test_real_stems(shared_data):
    session = folder.read(shared_data / "multitrack" / "mdn_multi-track")
    assert names(session) == ["bassguitar", "clav", "drums", "horns", "leadguitar"]
    assert session.sample_rate_hz == 44100
    assert np.isclose(session.tracks[0].items[0].length_s, 80.80460317)


def test_real_batches(shared_data):
    assert len(folder.songs(shared_data / "sessions")) == 5
    assert len(folder.songs(shared_data / "multitrack")) == 7
