"""Audio files are read from any frame on and written whole or not at all."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reaper_automix import media
from reaper_automix.audio import BLOCK_FRAMES, Signal, from_samples, to_samples
from reaper_automix.errors import Cancelled, MediaError, OutputError
from signals import RATE_HZ, noise, tone

FRAMES = 150_000
SOUND = noise(FRAMES / RATE_HZ, channels=2, level_db=-20.0)

KINDS = [
    ("a.wav", "PCM_U8", 2.0**-7),
    ("a.wav", "PCM_16", 2.0**-15),
    ("a.wav", "PCM_24", 2.0**-23),
    ("a.wav", "PCM_32", 2.0**-24),
    ("a.wav", "FLOAT", 0.0),
    ("a.wav", "DOUBLE", 0.0),
    ("a.aiff", "PCM_24", 2.0**-23),
    ("a.flac", "PCM_16", 2.0**-15),
    ("a.flac", "PCM_24", 2.0**-23),
    ("a.w64", "PCM_24", 2.0**-23),
    ("a.caf", "FLOAT", 0.0),
]


def joined(file, *where, **how):
    return np.concatenate(list(media.blocks(str(file), *where, **how)), axis=1)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    file = tmp_path_factory.mktemp("media") / "sound.wav"
    media.write(file, from_samples(SOUND, RATE_HZ), subtype="FLOAT")
    return file


@pytest.mark.parametrize(("name", "subtype", "step"), KINDS)
def test_what_is_written_is_read_to_within_half_a_step(tmp_path, name, subtype, step):
    media.write(tmp_path / name, from_samples(SOUND, RATE_HZ), subtype=subtype)
    info = media.probe(str(tmp_path / name))
    assert (info.sample_rate_hz, info.channels, info.frames) == (RATE_HZ, 2, FRAMES)
    assert info.subtype == subtype
    # Half a step of rounding, and what float32 itself cannot tell apart.
    assert np.abs(joined(tmp_path / name) - SOUND).max() <= step / 2 + 2.0**-24


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_lossy_files_are_read(tmp_path, name):
    sound = tone(440.0, 1.0, channels=2)
    subtype = media.subtype_for(media.MediaInfo(RATE_HZ, 2, 1, "PCM_24", "WAV"), tmp_path / name)
    media.write(tmp_path / name, from_samples(sound, RATE_HZ), subtype=subtype)
    read = joined(tmp_path / name)
    assert read.shape[0] == 2
    middle = slice(10_000, 40_000)
    assert np.abs(read[:, middle] - sound[:, middle]).max() < 0.01


@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, FRAMES - 1), frames=st.none() | st.integers(0, 2 * FRAMES))
def test_blocks_are_a_slice_of_the_file_whatever_the_start_and_length(wav, start, frames):
    end = None if frames is None else start + frames
    blocks = list(media.blocks(str(wav), start, frames))
    assert all(block.shape[1] == BLOCK_FRAMES for block in blocks[:-1])
    read = np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)
    np.testing.assert_array_equal(read, SOUND[:, start:end])


@settings(max_examples=40, deadline=None)
@given(
    jumps=st.lists(st.tuples(st.integers(-70_000, FRAMES + 9), st.integers(0, 80_000)), max_size=5)
)
def test_a_reader_jumps_anywhere_and_is_silent_outside_the_file(wav, jumps):
    padded = np.pad(SOUND, ((0, 0), (70_000, 90_000)))
    with media.Reader(str(wav)) as reader:
        for first, frames in jumps:
            expected = padded[:, first + 70_000 : first + 70_000 + frames]
            np.testing.assert_array_equal(reader.read(first, frames), expected)


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(8_000, 1), (192_000, 2), (44_100, 12), (96_000, 1)]
)
def test_every_rate_and_channel_count_goes_both_ways(tmp_path, rate_hz, channels):
    sound = noise(0.1, channels=channels, rate_hz=rate_hz)
    media.write(tmp_path / "a.wav", from_samples(sound, rate_hz), subtype="FLOAT")
    assert media.probe(str(tmp_path / "a.wav")).sample_rate_hz == rate_hz
    np.testing.assert_array_equal(joined(tmp_path / "a.wav"), sound)


@pytest.mark.parametrize(
    "name", ["with space.wav", "émoji 🎸.wav", 'it\'s "quoted" `so`.wav', "n" * 251 + ".wav"]
)
def test_any_file_name_works(tmp_path, name):
    media.write(tmp_path / "neu er" / name, from_samples(SOUND, RATE_HZ))
    assert media.probe(str(tmp_path / "neu er" / name)).frames == FRAMES
    assert names(tmp_path / "neu er") == [name]


def test_integer_samples_round_to_the_nearest_step_and_clip_at_full_scale(tmp_path):
    steps = np.array([[0.4, 0.6, -0.4, -0.6, 40_000.0, -40_000.0]], np.float32)
    media.write(tmp_path / "a.wav", from_samples(steps / 2.0**15, RATE_HZ), subtype="PCM_16")
    read = sf.read(tmp_path / "a.wav", dtype="int16")[0]
    assert read.tolist() == [0, 1, 0, -1, 32767, -32768]


@pytest.mark.parametrize(
    ("subtype", "name", "kept"),
    [
        ("PCM_16", "a.wav", "PCM_16"),
        ("PCM_24", "a.flac", "PCM_24"),
        ("FLOAT", "a.aif", "FLOAT"),
        ("DOUBLE", "a.wav", "DOUBLE"),
        ("PCM_S8", "a.wav", "PCM_U8"),
        ("FLOAT", "a.flac", "PCM_24"),
        ("MPEG_LAYER_III", "a.wav", "PCM_24"),
        ("PCM_24", "a.ogg", "VORBIS"),
    ],
)
def test_bit_depth_is_kept_where_the_container_has_it(subtype, name, kept):
    info = media.MediaInfo(RATE_HZ, 2, FRAMES, subtype, "WAV")
    assert media.subtype_for(info, Path(name)) == kept


def test_what_riff_cannot_hold_becomes_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "WAV_LIMIT_BYTES", FRAMES * 2 * 3 - 1)
    media.write(tmp_path / "long.wav", from_samples(SOUND, RATE_HZ), subtype="PCM_24")
    media.write(tmp_path / "short.wav", from_samples(SOUND[:1], RATE_HZ), subtype="PCM_24")
    assert media.probe(str(tmp_path / "long.wav")).format == "RF64"
    assert media.probe(str(tmp_path / "short.wav")).format == "WAV"
    assert joined(tmp_path / "long.wav").shape == SOUND.shape


def test_an_empty_signal_is_a_file_without_samples(tmp_path):
    media.write(tmp_path / "a.wav", from_samples(SOUND[:, :0], RATE_HZ))
    assert sf.info(tmp_path / "a.wav").frames == 0


# What is not as it should be


def cut(file, share):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "rf64.wav"])
def test_a_truncated_file_is_read_as_far_as_it_goes_and_noted(tmp_path, name, monkeypatch):
    if name == "rf64.wav":
        monkeypatch.setattr(media, "WAV_LIMIT_BYTES", 0)
    media.write(tmp_path / name, from_samples(SOUND, RATE_HZ), subtype="PCM_24")
    assert media.probe(str(tmp_path / name)).notes == ()
    cut(tmp_path / name, 0.5)
    info = media.probe(str(tmp_path / name))
    assert abs(info.frames - FRAMES // 2) < 100
    (note,) = info.notes
    assert str(tmp_path / name) in note
    assert "promises 3.1 s and holds 1.6 s" in note
    assert np.abs(joined(tmp_path / name) - SOUND[:, : info.frames]).max() < 2.0**-22


def test_a_stream_of_unknown_length_is_not_called_truncated(tmp_path):
    file = tmp_path / "piped.wav"
    media.write(file, from_samples(SOUND, RATE_HZ), subtype="PCM_16")
    header = bytearray(file.read_bytes())
    header[40:44] = b"\xff\xff\xff\xff"
    file.write_bytes(header)
    info = media.probe(str(file))
    assert (info.frames, info.notes) == (FRAMES, ())


def test_a_damaged_file_is_silent_where_it_cannot_be_decoded_and_noted_once(tmp_path):
    file, sound = tmp_path / "a.flac", np.tile(SOUND, 2)
    media.write(file, from_samples(sound, RATE_HZ), subtype="PCM_24")
    cut(file, 0.7)
    notes = []
    read = joined(file, note=notes.append)
    assert read.shape == sound.shape
    assert np.abs(read[:, :BLOCK_FRAMES] - sound[:, :BLOCK_FRAMES]).max() < 2.0**-22
    assert not read[:, -BLOCK_FRAMES // 2 :].any()
    (note,) = notes
    assert "damaged after 2.7 s" in note


def test_a_file_that_shrinks_while_it_is_read_goes_on_as_silence(wav, tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(wav.read_bytes())
    notes = []
    with media.Reader(str(file), notes.append) as reader:
        os.truncate(file, 44 + 8 * 1000)
        read = [reader.read(first, BLOCK_FRAMES) for first in (0, BLOCK_FRAMES)]
    assert not read[1].any()
    assert [str(file) in note and "ends early" in note for note in notes] == [True]


def test_an_mp3_that_ends_a_little_early_is_not_called_short(shared_data):
    file = shared_data / "multitrack" / "mdn_multi-track" / "clav.mp3"
    info = media.probe(str(file))
    notes = []
    *_, last = media.blocks(str(file), info.frames - 44_100, note=notes.append)
    assert last.shape == (info.channels, 44_100)
    assert not last[:, -20_000:].any()
    assert notes == []


def test_what_is_not_a_number_reads_as_silence_and_is_noted_once(tmp_path):
    sound = SOUND.copy()
    sound[0, 10], sound[1, 100_000], sound[0, 140_000] = np.nan, np.inf, -np.inf
    sf.write(tmp_path / "a.wav", sound.T, RATE_HZ, subtype="FLOAT")
    notes = []
    read = joined(tmp_path / "a.wav", note=notes.append)
    np.testing.assert_array_equal(read, np.where(np.isfinite(sound), sound, 0.0))
    (note,) = notes
    assert "not numbers" in note
    assert str(tmp_path / "a.wav") in note


def test_float_samples_are_read_up_to_120_dbfs_and_are_damage_beyond(tmp_path):
    loud = np.full((1, 1000), media.LOUDEST, np.float32)
    sf.write(tmp_path / "a.wav", loud.T, RATE_HZ, subtype="FLOAT")
    notes = []
    np.testing.assert_array_equal(joined(tmp_path / "a.wav", note=notes.append), loud)
    assert notes == []
    damaged = loud.copy()
    damaged[0, 500], damaged[0, 600] = 1e30, -2.0 * media.LOUDEST
    sf.write(tmp_path / "a.wav", damaged.T, RATE_HZ, subtype="FLOAT")
    read = joined(tmp_path / "a.wav", note=notes.append)
    np.testing.assert_array_equal(read, np.where(damaged == loud, loud, 0.0))
    assert ["+120 dBFS" in note for note in notes] == [True]


def header_only(folder):
    sf.write(folder / "bad.wav", np.zeros((0, 1)), RATE_HZ)


UNREADABLE = [
    (lambda folder: None, "is out of reach (No such file"),
    (lambda folder: (folder / "bad.wav").mkdir(), "is not a file"),
    (lambda folder: (folder / "bad.wav").touch(), "is empty"),
    (lambda folder: (folder / "bad.wav").write_text("lyrics\n" * 99), "holds no sound"),
    (lambda folder: (folder / "bad.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt "), "holds no sound"),
    (lambda folder: (folder / "bad.wav").symlink_to(folder / "bad.wav"), "is out of reach"),
    (lambda folder: os.mkfifo(folder / "bad.wav"), "is not a file"),
    (header_only, "has a header but no samples"),
]


@pytest.mark.parametrize(("make", "why"), UNREADABLE)
def test_what_cannot_be_read_at_all_is_one_sentence_with_file_and_remedy(tmp_path, make, why):
    make(tmp_path)
    for attempt in (media.probe, media.Reader, joined):
        with pytest.raises(MediaError) as caught:
            attempt(str(tmp_path / "bad.wav"))
        assert str(caught.value).startswith(f"{tmp_path / 'bad.wav'} {why}")
        assert str(caught.value).endswith("or mute the items that play it.")


def test_headerless_audio_is_unreadable_not_a_bug(tmp_path):
    (tmp_path / "a.raw").write_bytes(bytes(1000))
    with pytest.raises(MediaError, match="holds no sound"):
        media.probe(str(tmp_path / "a.raw"))


@pytest.mark.parametrize("name", ["a\0b.wav", "n" * 300 + ".wav"])
def test_a_name_that_no_file_can_have_is_out_of_reach(tmp_path, name):
    with pytest.raises(MediaError, match="out of reach"):
        media.probe(str(tmp_path / name))


def test_a_file_without_permission_says_so(wav, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(MediaError, match="may not be read"):
        media.probe(str(wav))


def test_a_file_that_vanishes_while_it_is_read_is_lost(tmp_path, monkeypatch):
    file = tmp_path / "a.flac"
    media.write(file, from_samples(SOUND, RATE_HZ))
    reader = media.Reader(str(file))
    file.unlink()
    monkeypatch.setattr(sf.SoundFile, "read", broken_read)
    with reader, pytest.raises(MediaError, match=r"a\.flac is out of reach"):
        reader.read(0, 100)


def broken_read(*_, **__):
    raise sf.LibsndfileError(2)


# Writing, whole or not at all


def failing(error):
    def read():
        yield SOUND[:, :BLOCK_FRAMES]
        raise error

    return Signal(RATE_HZ, 2, 0, FRAMES, read)


@pytest.mark.parametrize("error", [Cancelled("stop"), MediaError("gone"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_what_was_there(tmp_path, error):
    target = tmp_path / "a.wav"
    target.write_text("precious")
    with pytest.raises(type(error)):
        media.write(target, failing(error))
    assert target.read_text() == "precious"
    assert names(tmp_path) == ["a.wav"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource", reason="only POSIX can limit file sizes")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OutputError) as caught:
            media.write(tmp_path / "a.wav", from_samples(SOUND, RATE_HZ))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(caught.value).startswith(f"{tmp_path / 'a.wav'} cannot be written (")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("file/a.wav", "cannot be written"),
        ("folder.wav", "there is a folder of that name"),
        ("n" * 300 + ".wav", "File name too long"),
    ],
)
def test_a_target_that_cannot_be_is_one_sentence(tmp_path, name, why):
    (tmp_path / "file").touch()
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(OutputError, match=why):
        media.write(tmp_path / name, from_samples(SOUND, RATE_HZ))
    assert names(tmp_path) == ["file", "folder.wav"]


def test_a_file_can_be_written_over_while_it_is_the_source(tmp_path):
    file = tmp_path / "a.wav"
    media.write(file, from_samples(SOUND, RATE_HZ), subtype="FLOAT")
    source = Signal(RATE_HZ, 2, 0, FRAMES, lambda: media.blocks(str(file)))
    media.write(file, source, subtype="FLOAT")
    np.testing.assert_array_equal(to_samples(source), SOUND)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(frames=st.integers(1, 3000), channels=st.integers(1, 5))
def test_any_shape_survives_writing(tmp_path, frames, channels):
    sound = noise(frames / RATE_HZ, channels=channels, seed=frames)
    media.write(tmp_path / "a.wav", from_samples(sound, RATE_HZ), subtype="FLOAT")
    np.testing.assert_array_equal(joined(tmp_path / "a.wav"), sound)
