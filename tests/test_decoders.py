"""Blocks straight from the bytes of plain PCM are what libsndfile makes of it, to the last bit."""

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reaper_automix.decoders import Library, Plain, decoder
from signals import RATE_HZ

FRAMES = 3_001

PLAIN = [
    (container, subtype, order)
    for container, subtype, order in product(
        ["WAV", "WAVEX", "RF64", "W64", "AIFF", "CAF", "AU"],
        ["PCM_16", "PCM_24", "PCM_32", "FLOAT"],
        ["FILE", "LITTLE", "BIG"],
    )
    if sf.check_format(container, subtype, order)
]

OTHERS = [
    ("WAV", "PCM_U8"),
    ("AIFF", "PCM_S8"),
    ("WAV", "DOUBLE"),
    ("WAV", "ULAW"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
]

whole_range = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def saved(folder, container, subtype, order="FILE", channels=2, frames=FRAMES):
    """A file of integers of all sizes, with both ends of the range among them."""
    steps = np.random.default_rng(1).integers(-(2**31), 2**31, (frames, channels), np.int32)
    steps[:2] = [[-(2**31)], [2**31 - 1]]
    steps[2:99] >>= np.arange(97)[:, None] % 32
    samples = np.ldexp(steps, -31) if subtype == "FLOAT" else steps
    sf.write(folder / "a.bin", samples, RATE_HZ, subtype, order, container)
    return str(folder / "a.bin")


def opened(file):
    return decoder(file, sf.SoundFile(file))


def expected(file, first=0, frames=-1):
    return sf.read(file, frames, first, dtype="float32", always_2d=True)[0].T


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize(("container", "subtype", "order"), PLAIN)
def test_plain_pcm_is_decoded_as_libsndfile_does_it(tmp_path, container, subtype, order, channels):
    file = saved(tmp_path, container, subtype, order, channels)
    plain = opened(file)
    assert isinstance(plain, Plain)
    block = plain.decode(0, FRAMES)
    assert (block.dtype, block.flags.c_contiguous) == (np.float32, True)
    np.testing.assert_array_equal(block, expected(file))
    plain.close()


@pytest.mark.parametrize(("container", "subtype"), OTHERS)
def test_everything_else_is_left_to_libsndfile(tmp_path, container, subtype):
    file = saved(tmp_path, container, subtype)
    library = opened(file)
    assert isinstance(library, Library)
    block = library.decode(0, FRAMES)
    assert (block.dtype, block.flags.c_contiguous) == (np.float32, True)
    np.testing.assert_array_equal(block, expected(file))
    library.close()


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "PCM_24"), ("AIFF", "PCM_24"), ("FLAC", "PCM_16")]
)
@given(data=st.data())
@whole_range
def test_reading_jumps_anywhere(tmp_path, container, subtype, data):
    file = saved(tmp_path, container, subtype)
    reader = opened(file)
    for _ in range(3):
        first = data.draw(st.integers(0, FRAMES - 1))
        frames = data.draw(st.integers(1, FRAMES - first))
        np.testing.assert_array_equal(reader.decode(first, frames), expected(file, first, frames))
    reader.close()


@given(cut=st.integers(0, 6 * FRAMES))
@whole_range
def test_a_file_that_shrinks_gives_its_whole_frames(tmp_path, cut):
    file = saved(tmp_path, "WAV", "PCM_24")
    sound = expected(file)
    reader = opened(file)
    os.truncate(file, 44 + 6 * FRAMES - cut)
    np.testing.assert_array_equal(reader.decode(0, FRAMES), sound[:, : FRAMES - -(-cut // 6)])
    reader.close()


def test_a_file_that_grew_is_found_again(tmp_path):
    for frames in (FRAMES, FRAMES + 1):
        file = saved(tmp_path, "WAV", "PCM_16", frames=frames)
        reader = opened(file)
        np.testing.assert_array_equal(reader.decode(0, frames), expected(file))
        reader.close()


def test_another_header_in_front_of_the_sound_is_found(tmp_path):
    file = saved(tmp_path, "WAV", "PCM_24")
    sound = expected(file)
    content = (tmp_path / "a.bin").read_bytes()
    junk = b"JUNK" + (1000).to_bytes(4, "little") + bytes(1000)
    riff = (len(content) - 8 + len(junk)).to_bytes(4, "little")
    (tmp_path / "a.bin").write_bytes(content[:4] + riff + content[8:12] + junk + content[12:])
    reader = opened(file)
    assert isinstance(reader, Plain)
    np.testing.assert_array_equal(reader.decode(0, FRAMES), sound)
    reader.close()


def test_frames_of_an_unusual_width_are_left_to_libsndfile(tmp_path, monkeypatch):
    file = saved(tmp_path, "WAV", "PCM_24")
    monkeypatch.setattr("reaper_automix.decoders._places", lambda *_: (44, 8))
    reader = opened(file)
    assert isinstance(reader, Library)
    reader.close()


def test_a_file_that_cannot_be_opened_twice_is_left_to_libsndfile(tmp_path):
    file = saved(tmp_path, "WAV", "PCM_24")
    sound = sf.SoundFile(file)
    Path(file).unlink()
    reader = decoder(file, sound)
    assert isinstance(reader, Library)
    assert reader.decode(0, FRAMES).shape == (2, FRAMES)
    reader.close()


@pytest.mark.parametrize(
    ("subtype", "always"), [("PCM_16", True), ("PCM_24", True), ("PCM_32", True), ("FLOAT", False)]
)
def test_whole_numbers_are_always_numbers(tmp_path, subtype, always):
    file = tmp_path / "any.wav"
    sf.write(file, np.zeros((1000, 2)), RATE_HZ, subtype)
    content = bytearray(file.read_bytes())
    content[-2000:] = np.random.default_rng(5).bytes(2000)
    file.write_bytes(content)
    opened = decoder(str(file), sf.SoundFile(file))
    assert isinstance(opened, Plain)
    assert opened.always_numbers is always
    if always:
        assert np.abs(opened.decode(0, 1000)).max() <= 1.0
    opened.close()
