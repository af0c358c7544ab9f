"""A passage is, sample for sample, what the whole track has there."""

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import BLOCK_FRAMES, to_samples
from reaper_automix.render import passage
from reaper_automix.session import Envelope, EnvelopePoint, Fade, Section, TimeRange
from signals import RATE_HZ, noise
from tracks import item, save, session, signal

SAME = 1e-6
SECONDS = 5.0
RAMP = Envelope((EnvelopePoint(0.1, 0.2), EnvelopePoint(3.0, 1.7, 2), EnvelopePoint(3.5, 0.4)))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same noise at two rates and in the containers that are decoded in a way of their own."""
    folder = tmp_path_factory.mktemp("media")
    sound = noise(SECONDS, -15, channels=2, seed=1)
    paths = {"wav": save(folder / "a.wav", sound, subtype="PCM_24")}
    paths["44100"] = save(folder / "b.wav", noise(SECONDS, -15, 44100, 2), 44100)
    paths["96000"] = save(folder / "c.wav", noise(SECONDS, -15, 96000, 2), 96000)
    for kind, subtype in (("flac", "PCM_16"), ("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III")):
        paths[kind] = str(folder / f"d.{kind}")
        sf.write(paths[kind], sound.T, RATE_HZ, subtype=subtype)
    return paths


ITEMS = {
    "plain": ("wav", {}),
    "offset": ("wav", {"offset_s": 0.123456}),
    "flac": ("flac", {}),
    "vorbis": ("ogg", {}),
    "mp3": ("mp3", {}),
    "faded": ("wav", {"fade_in": Fade(1.5, 2), "fade_out": Fade(2.0, 3, 0.5)}),
    "riding": ("wav", {"volume": RAMP}),
    "reversed": ("wav", {"section": Section(0.5, 3.0, reverse=True)}),
    "looped": ("wav", {"loop": True, "section": Section(0.1, 0.7)}),
    "looped long": ("wav", {"loop": True, "section": Section(0.1, 1.7)}),
    "other rate": ("44100", {}),
    "other rate, offset": ("44100", {"offset_s": 0.1234567}),
    "twice the rate": ("96000", {"offset_s": 0.1234567}),
    "other rate, reversed": ("44100", {"section": Section(reverse=True)}),
    "other rate, looped": ("44100", {"loop": True, "section": Section(0.1, 0.7)}),
    "varispeed": ("wav", {"play_rate": 1.0137, "preserve_pitch": False}),
    "slow tape": ("44100", {"play_rate": 0.61, "preserve_pitch": False}),
    "time stretch": ("wav", {"play_rate": 1.21}),
    "pitch shift": ("44100", {"pitch_semitones": -3.0}),
}


def assert_same(song, span, time_range=None):
    """A passage against the same frames of the whole; it ends where nothing follows in it."""
    whole = signal(song, time_range)
    part = passage.signal(song, song.tracks[0], time_range, span)
    first, end = (edge - whole.start_frame for edge in span)
    wanted = to_samples(whole)[:, max(0, first) : max(0, end)]
    assert part.frames == wanted.shape[1] or not wanted[:, part.frames :].any()
    wanted = wanted[:, : part.frames]
    if part.frames:
        assert part.start_frame == max(whole.start_frame, span[0])
        np.testing.assert_allclose(to_samples(part), wanted, atol=SAME)


@pytest.mark.parametrize("name", ITEMS)
def test_a_passage_sounds_like_the_whole(files, name):
    kind, given = ITEMS[name]
    song = session(item(files[kind], 4.0, 0.3, **given), phase_inverted=True, volume=RAMP)
    for first_s, end_s in ((0.0, 1.7), (1.7003, 3.1), (3.1, 9.0)):
        assert_same(song, (round(first_s * RATE_HZ), round(end_s * RATE_HZ)))


@settings(max_examples=12)
@given(st.integers(0, 5 * RATE_HZ), st.integers(1, 3 * RATE_HZ), st.sampled_from([0, 1, 2]))
def test_passages_of_several_items_anywhere(files, first, frames, item_mix):
    items = (
        item(files["wav"], 1.5, 0.2, fade_out=Fade(0.3, 1)),
        item(files["44100"], 2.0, 1.2, fade_in=Fade(0.2, 1)),
        item(files["wav"], 1.0, 2.0, play_rate=0.9),
        item(files["flac"], 0.7, 4.1, gain=0.5),
    )
    assert_same(session(*items, item_mix=item_mix), (first, first + frames))


def test_what_is_measured_begins_with_its_own_range(files):
    song = session(item(files["wav"], 4.0, play_rate=1.21), item(files["44100"], 4.0))
    span = (2 * RATE_HZ, 3 * RATE_HZ)
    assert_same(song, span, TimeRange(0.7, 3.5))


def test_blocks_keep_their_size_where_the_start_is_thrown_away(files):
    song = session(item(files["wav"], 4.5, play_rate=1.1))
    part = passage.signal(song, song.tracks[0], None, (50_001, 4 * RATE_HZ))
    sizes = [block.shape[1] for block in part.read()]
    assert sizes[:-1] == [BLOCK_FRAMES] * (len(sizes) - 1)


def test_items_outside_a_passage_are_left_out_of_what_is_sent(files):
    song = session(*(item(files["wav"], 1.0, float(number)) for number in range(4)))
    span = (RATE_HZ + 1, 2 * RATE_HZ)
    cut = passage.with_items_in(song, span)
    assert [one.position_s for one in cut.tracks[0].items] == [1.0]
    assert_same(cut, span)
