"""Items on a track sound as REAPER plays them: where, how long, how loud, in which channels."""

import itertools
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import render
from reaper_automix.audio import BLOCK_FRAMES, to_samples
from reaper_automix.errors import MediaError
from reaper_automix.render import voice
from reaper_automix.session import Envelope, EnvelopePoint, Fade, Item, Section, TimeRange
from signals import RATE_HZ, noise, tone
from tracks import heard, item, on_time_line, save, session, signal, take, with_items

STEREO = noise(2.0, channels=2)
MONO = noise(2.0, seed=1)
SECOND = RATE_HZ


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    return {
        "stereo": save(folder / "stereo.wav", STEREO),
        "mono": save(folder / "mono.wav", MONO),
        "six": save(folder / "six.wav", noise(1.0, channels=6, seed=2)),
        "ones": save(folder / "ones.wav", np.ones((1, 10 * SECOND), np.float32)),
        "other": save(folder / "other.wav", noise(2.0, channels=2, rate_hz=44100, seed=3), 44100),
    }


# Laws


def random_items(files):
    """Items of all sorts whose edges lie on whole frames."""
    kinds = st.sampled_from(["stereo", "mono"])
    return st.builds(
        lambda kind, first, frames, offset, gain, loop, fade: item(
            files[kind],
            frames / SECOND,
            first / SECOND,
            offset_s=offset / SECOND,
            gain=gain,
            loop=loop,
            fade_in=Fade(fade, 1),
            fade_out=Fade(fade, 2, 0.5),
        ),
        kinds,
        st.integers(0, 90_000),
        st.integers(1, 150_000),
        st.integers(-30_000, 120_000),
        st.floats(-2.0, 2.0),
        st.booleans(),
        st.sampled_from([0.0, 0.01, 0.5]),
    )


@settings(max_examples=25, deadline=None)
@given(data=st.data(), gain=st.floats(-4.0, 4.0))
def test_gain_is_linear(files, data, gain):
    one = data.draw(random_items(files))
    louder = replace(one, gain=one.gain * gain)
    np.testing.assert_allclose(heard(louder), gain * heard(one), atol=2e-6)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_items_that_mix_add_up_in_any_order(files, data):
    items = data.draw(st.lists(random_items(files), min_size=1, max_size=4))
    song, frames = session(), 6 * SECOND
    alone = sum(on_time_line(with_items(song, one), frames) for one in items)
    for order in (items, items[::-1]):
        together = on_time_line(with_items(song, *order), frames)
        np.testing.assert_allclose(together, alone, atol=5e-6)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), frames=st.integers(1, 300_000))
def test_a_shift_in_time_moves_the_signal_and_changes_nothing_else(files, data, frames):
    one = data.draw(random_items(files))
    later = replace(one, position_s=one.position_s + frames / SECOND)
    before, after = signal(session(one)), signal(session(later))
    assert after.start_frame - before.start_frame == frames
    np.testing.assert_allclose(to_samples(after), to_samples(before), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), size=st.integers(300, 100_000))
def test_the_size_of_blocks_does_not_matter(files, data, size):
    items = data.draw(st.lists(random_items(files), min_size=1, max_size=3))
    whole = heard(*items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "BLOCK_FRAMES", size)
        blocks = list(signal(session(*items)).read())
    assert {block.shape[1] for block in blocks[:-1]} <= {size}
    np.testing.assert_allclose(np.concatenate(blocks, axis=1), whole, atol=1e-6)


SPLITTABLE = {
    "plain": {},
    "looped": {"loop": True, "offset_s": 1.2},
    "reversed": {"section": Section(reverse=True)},
    "resampled": {"file": "other"},
    "varispeed": {"play_rate": 1.0372, "preserve_pitch": False},
    "automated": {"volume": Envelope((EnvelopePoint(0.0, 0.1), EnvelopePoint(2.0, 1.5, 2)))},
}


@pytest.mark.parametrize("kind", SPLITTABLE)
@settings(max_examples=12, deadline=None)
@given(at=st.integers(1, 79_999), position_s=st.floats(0.0, 3.0))
def test_two_halves_of_a_split_item_play_as_the_whole_did(files, kind, at, position_s):
    given = dict(SPLITTABLE[kind])
    whole = item(files[given.pop("file", "stereo")], 80_000 / SECOND, position_s, **given)
    first, second = halves(whole, at / SECOND)
    parts, one = signal(session(second, first)), signal(session(whole))
    assert (parts.start_frame, parts.frames) == (one.start_frame, one.frames)
    # Resamplers begin on their nearest meeting frame: 1/500 of a frame is -50 dB for white noise.
    near = 0.004 if kind in ("resampled", "varispeed") else 1e-6
    assert np.abs(to_samples(parts) - to_samples(one)).max() < near


def halves(whole, after_s):
    """What REAPER makes of an item that is split."""
    (only,) = whole.takes
    moved_s = after_s * only.play_rate
    volume = only.volume and replace(
        only.volume,
        points=tuple(replace(p, time_s=p.time_s - moved_s) for p in only.volume.points),
    )
    later = replace(only, offset_s=only.offset_s + moved_s, volume=volume)
    rest_s = whole.length_s - after_s
    return (
        replace(whole, length_s=after_s),
        replace(whole, position_s=whole.position_s + after_s, length_s=rest_s, takes=(later,)),
    )


def test_a_signal_can_be_read_again_and_abandoned(files):
    rendered = signal(session(item(files["stereo"], 2.0)))
    next(rendered.read())
    np.testing.assert_array_equal(to_samples(rendered), to_samples(rendered))


def test_blocks_are_full_but_the_last(files):
    blocks = list(signal(session(item(files["mono"], 4.0, 0.7))).read())
    assert [block.shape for block in blocks] == [(2, BLOCK_FRAMES), (2, 4 * SECOND - BLOCK_FRAMES)]
    assert all(block.dtype == np.float32 for block in blocks)


# Where an item lies and what of its source it shows


def test_an_item_shows_its_source_from_the_offset_on(files):
    rendered = signal(session(item(files["stereo"], 0.5, 1.25, offset_s=0.25)))
    assert (rendered.start_frame, rendered.sample_rate_hz) == (1.25 * SECOND, RATE_HZ)
    expected = STEREO[:, SECOND // 4 : SECOND // 4 + SECOND // 2]
    np.testing.assert_array_equal(to_samples(rendered), expected)


def test_an_item_is_silent_before_and_after_its_source(files):
    sound = heard(item(files["stereo"], 4.0, offset_s=-1.0))
    expected = np.pad(STEREO, ((0, 0), (SECOND, SECOND)))
    np.testing.assert_array_equal(sound, expected)


@pytest.mark.parametrize("offset_s", [0.0, 1.75, -0.5, 7.25])
def test_a_looped_item_wraps_at_the_source_end(files, offset_s):
    sound = heard(item(files["stereo"], 5.0, offset_s=offset_s, loop=True))
    expected = STEREO[:, (np.arange(5 * SECOND) + round(offset_s * SECOND)) % (2 * SECOND)]
    np.testing.assert_array_equal(sound, expected)


@pytest.mark.parametrize("frames", [1, 7, 1000, 96_000])
def test_a_section_loops_by_itself_however_short_it_is(files, frames):
    section = Section(start_s=0.0, length_s=frames / SECOND)
    sound = heard(item(files["stereo"], 3.0, section=section, loop=True))
    expected = STEREO[:, np.arange(3 * SECOND) % frames]
    np.testing.assert_array_equal(sound, expected)


SECTIONS = [
    (Section(0.5, 1.0), STEREO[:, 24_000:72_000]),
    (Section(0.5), STEREO[:, 24_000:]),
    (Section(reverse=True), STEREO[:, ::-1]),
    (Section(0.5, 1.0, reverse=True), STEREO[:, 24_000:72_000][:, ::-1]),
    (Section(1.5, 2.0), np.pad(STEREO[:, 72_000:], ((0, 0), (0, 72_000)))),
    (Section(1.5, 1.0, reverse=True), np.pad(STEREO[:, 72_000:], ((0, 0), (0, 24_000)))[:, ::-1]),
]


@pytest.mark.parametrize(("section", "source"), SECTIONS)
@pytest.mark.parametrize("offset_s", [0.0, 0.25])
def test_a_section_is_a_source_of_its_own(files, section, source, offset_s):
    sound = heard(item(files["stereo"], 2.5, section=section, offset_s=offset_s))
    shown = source[:, round(offset_s * SECOND) :]
    np.testing.assert_array_equal(sound[:, : shown.shape[1]], shown)
    assert not sound[:, shown.shape[1] :].any()


def test_adjacent_items_neither_overlap_nor_leave_a_gap(files):
    # 1/96000 s puts every edge half way between two frames; sums of it round either way.
    edges = np.cumsum([1.0 / 96_000] + [1001.0 / 96_000] * 50).tolist()
    items = [item(files["ones"], end - start, start) for start, end in itertools.pairwise(edges)]
    assert set(heard(*items).ravel().tolist()) == {1.0}


def test_gaps_between_items_are_silent(files):
    sound = heard(item(files["ones"], 0.5, 1.0), item(files["ones"], 0.5, 4.0))
    assert sound.shape == (2, 3.5 * SECOND)
    assert sound[:, : SECOND // 2].all()
    assert not sound[:, SECOND // 2 : 3 * SECOND].any()
    assert sound[:, 3 * SECOND :].all()


def test_a_play_offset_moves_all_items_and_no_envelope(files):
    ramp = Envelope((EnvelopePoint(1.0, 0.0), EnvelopePoint(2.0, 1.0)))
    rendered = signal(
        session(item(files["ones"], 1.0, 1.0), play_offset_s=0.25, pre_fx_volume=ramp)
    )
    assert rendered.start_frame == 1.25 * SECOND
    sound = to_samples(rendered)[0]
    assert sound[0] == pytest.approx(0.25)
    assert sound[-1] == 1.0


def test_what_a_play_offset_puts_before_the_song_is_not_heard(files):
    given = {"fade_in": Fade(1.0, 0)}
    rendered = signal(session(item(files["ones"], 2.0, **given), play_offset_s=-0.5))
    assert (rendered.start_frame, rendered.frames) == (0, 1.5 * SECOND)
    assert to_samples(rendered)[0, 0] == pytest.approx(0.5)


# Time range


@settings(max_examples=25, deadline=None)
@given(data=st.data(), start=st.integers(0, 200_000), frames=st.integers(1, 200_000))
def test_a_time_range_is_that_stretch_of_the_whole(files, data, start, frames):
    items = data.draw(st.lists(random_items(files), min_size=1, max_size=3))
    song = session(*items)
    cut = TimeRange(start / SECOND, (start + frames) / SECOND)
    whole = on_time_line(song, 500_000)
    whole[:, :start] = whole[:, start + frames :] = 0.0
    np.testing.assert_allclose(on_time_line(song, 500_000, cut), whole, atol=1e-6)


def test_a_range_starts_at_the_first_item_in_it_and_ends_with_the_last(files):
    song = session(item(files["ones"], 1.0, 2.0), item(files["ones"], 1.0, 5.0))
    rendered = signal(song, TimeRange(2.5, 5.5))
    assert (rendered.start_frame, rendered.frames) == (2.5 * SECOND, 3 * SECOND)
    rendered = signal(song, TimeRange(1.0, 2.5))
    assert (rendered.start_frame, rendered.frames) == (2 * SECOND, SECOND // 2)


def test_nothing_in_the_range_is_no_frames(files):
    rendered = signal(session(item(files["ones"], 1.0, 2.0)), TimeRange(4.0, 5.0))
    assert (rendered.frames, list(rendered.read())) == (0, [])


# What sounds


def test_muted_items_and_lanes_that_do_not_play_make_no_sound(files):
    loud = item(files["ones"], 1.0)
    silent = [replace(loud, mute=True), replace(loud, plays=False)]
    assert heard(*silent).shape == (2, 0)
    assert heard(loud, *silent).max() == 1.0


def takes(files, **given):
    gains = (0.5, 0.25, 0.125)
    return Item("{I}", 0.0, 1.0, tuple(take(files["ones"], gain=g) for g in gains), **given)


@pytest.mark.parametrize(("given", "level"), [({}, 0.5), ({"active_take": 2}, 0.125)])
def test_the_active_take_plays(files, given, level):
    assert set(heard(takes(files, **given)).ravel().tolist()) == {level}


def test_all_takes_play_when_the_item_says_so(files):
    assert set(heard(takes(files, all_takes_play=True)).ravel().tolist()) == {0.875}


def test_an_empty_take_is_silent(files):
    played = takes(files)
    empty = replace(played, takes=(replace(played.takes[0], source=None), *played.takes[1:]))
    assert heard(empty).shape == (2, 0)
    assert heard(replace(empty, active_take=1)).max() == 0.25
    assert heard(replace(empty, active_take=9)).shape == (2, 0)


# Gain, polarity, channels


@pytest.mark.parametrize(
    ("given", "track", "gain"),
    [
        ({"gain": 0.5}, {}, 0.5),
        ({"take_gain": 0.5}, {}, 0.5),
        ({"gain": 0.5, "take_gain": -0.25}, {}, -0.125),
        ({}, {"phase_inverted": True}, -1.0),
        ({"take_gain": -1.0}, {"phase_inverted": True}, 1.0),
        ({}, {"fader_gain": 0.1, "pan": -1.0}, 1.0),
    ],
)
def test_gains_and_polarity_of_item_take_and_track(files, given, track, gain):
    sound = heard(item(files["stereo"], 2.0, **given), **track)
    np.testing.assert_array_equal(sound, np.float32(gain) * STEREO)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0, STEREO),
        (1, STEREO[::-1]),
        (2, STEREO.mean(axis=0)),
        (3, STEREO[0]),
        (4, STEREO[1]),
        (67, STEREO),
    ],
)
def test_channel_modes_of_a_stereo_take(files, mode, expected):
    sound = heard(item(files["stereo"], 2.0, channel_mode=mode))
    np.testing.assert_array_equal(sound, np.broadcast_to(expected, (2, 2 * SECOND)))


def test_channel_modes_of_many_channels(files):
    six = heard(item(files["six"], 1.0), channels=6)
    for mode, channel in ((5, 2), (8, 5)):
        mono = heard(item(files["six"], 1.0, channel_mode=mode))
        np.testing.assert_array_equal(mono, np.stack([six[channel]] * 2))
    pair = heard(item(files["six"], 1.0, channel_mode=69))
    np.testing.assert_array_equal(pair, six[2:4])


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4, 67])
def test_mono_media_sounds_in_both_channels_in_every_mode(files, mode):
    sound = heard(item(files["mono"], 2.0, channel_mode=mode), channels=4)
    np.testing.assert_array_equal(sound[:2], np.concatenate([MONO, MONO]))
    assert not sound[2:].any()


def test_a_narrow_track_hears_the_first_channels_of_wide_media(files):
    wide = heard(item(files["six"], 1.0), channels=6)
    np.testing.assert_array_equal(heard(item(files["six"], 1.0)), wide[:2])
    eight = heard(item(files["six"], 1.0), channels=8)
    np.testing.assert_array_equal(eight[:6], wide)
    assert not eight[6:].any()


@pytest.mark.parametrize(
    ("pan", "law", "left", "right"),
    [
        (0.0, -1.0, 1.0, 1.0),
        (1.0, -1.0, 0.0, 1.0),
        (-0.5, -1.0, 1.0, 0.5),
        (0.0, 0.5, 0.5, 0.5),
        (-1.0, 0.5, 1.0, 0.0),
        (0.0, 2.0, 1.0, 1.0),
        (1.0, 2.0, 0.0, 2.0),
    ],
)
def test_take_pan_has_a_law_only_where_the_take_sets_one(files, pan, law, left, right):
    song = replace(session(item(files["ones"], 1.0, pan=pan, pan_law=law)), pan_law=0.7)
    sound = to_samples(signal(song))
    assert sound[:, 0] == pytest.approx([left, right])


# Overlaps

LONG = {"length_s": 4.0, "position_s": 0.0}


def levels(song, *times_s):
    line = on_time_line(song, 10 * SECOND)[0]
    return [float(line[round(t * SECOND)]) for t in times_s]


@pytest.mark.parametrize(
    ("item_mix", "expected"), [(0, [1.0, 10.0, 1.0]), (1, [1.0, 11.0, 1.0]), (2, [1.0, 10.0, 1.0])]
)
def test_an_enclosed_item_replaces_mixes_or_replaces(files, item_mix, expected):
    inner = item(files["ones"], 1.0, 1.0, gain=10.0)
    for order in itertools.permutations([item(files["ones"], **LONG), inner]):
        assert levels(session(*order, item_mix=item_mix), 0.5, 1.5, 2.5) == expected


@pytest.mark.parametrize(
    ("item_mix", "expected"),
    [(0, [1.0, 11.0, 10.0]), (1, [1.0, 11.0, 10.0]), (2, [1.0, 10.0, 10.0])],
)
def test_only_the_later_wins_mode_cuts_partial_overlaps(files, item_mix, expected):
    later = item(files["ones"], 4.0, 3.0, gain=10.0)
    song = session(item(files["ones"], **LONG), later, item_mix=item_mix)
    assert levels(song, 1.0, 3.5, 5.0) == expected


@pytest.mark.parametrize(("item_mix", "expected"), [(0, 11.0), (1, 11.0), (2, 10.0)])
def test_items_of_the_same_extent_mix_unless_the_later_wins(files, item_mix, expected):
    items = (item(files["ones"], **LONG), item(files["ones"], **LONG, gain=10.0))
    assert levels(session(*items, item_mix=item_mix), 2.0) == [expected]


def test_nested_items_replace_what_encloses_them(files):
    outer, middle = item(files["ones"], **LONG), item(files["ones"], 2.0, 1.0, gain=10.0)
    inner = item(files["ones"], 0.5, 1.5, gain=100.0)
    song = session(outer, middle, inner, item_mix=0)
    assert levels(song, 0.5, 1.2, 1.7, 2.5, 3.5) == [1.0, 10.0, 100.0, 10.0, 1.0]


def test_free_positioning_mixes_and_silent_items_replace_nothing(files):
    outer, inner = item(files["ones"], **LONG), item(files["ones"], 1.0, 1.0, gain=10.0)
    assert levels(session(outer, inner, item_mix=0, free_positioning=True), 1.5) == [11.0]
    muted = replace(inner, mute=True)
    assert levels(session(outer, muted, item_mix=0), 1.5) == [1.0]


def test_fades_of_a_replacing_item_stay_crossfades(files):
    fade = Fade(0.5, 0)
    earlier = item(files["ones"], 2.0, 0.0, fade_out=fade)
    later = item(files["ones"], 2.0, 1.5, fade_in=fade)
    for item_mix in (0, 1, 2):
        sound = heard(earlier, later, item_mix=item_mix)
        np.testing.assert_allclose(sound, 1.0, atol=1e-6)


def test_an_equal_power_crossfade_keeps_the_power_of_different_sounds(files):
    fade = Fade(1.0, 7)
    ending = heard(item(files["ones"], 2.0, 0.0, fade_out=fade))[0, SECOND:]
    beginning = heard(item(files["ones"], 2.0, 0.0, fade_in=fade))[0, :SECOND]
    power_db = 10.0 * np.log10(ending**2 + beginning**2)
    assert np.abs(power_db).max() < 0.04


# Fades and envelopes on the item


def test_fades_touch_only_their_own_frames(files):
    faded = item(files["stereo"], 2.0, fade_in=Fade(0.1, 0), fade_out=Fade(0.2, 0))
    sound = heard(faded)
    inside = slice(SECOND // 10, 2 * SECOND - SECOND // 5)
    np.testing.assert_array_equal(sound[:, inside], STEREO[:, inside])
    ramp = np.arange(4800) / 4800
    np.testing.assert_allclose(sound[:, :4800], STEREO[:, :4800] * ramp, atol=1e-6)
    ramp = np.arange(9600, 0, -1) / 9600
    np.testing.assert_allclose(sound[:, -9600:], STEREO[:, -9600:] * ramp, atol=1e-6)


def test_fades_that_overlap_or_outlast_the_item_multiply(files):
    sound = heard(item(files["ones"], 1.0, fade_in=Fade(2.0, 0), fade_out=Fade(1.0, 0)))[0]
    x = np.arange(SECOND) / SECOND
    np.testing.assert_allclose(sound, x / 2 * (1 - x), atol=1e-6)


def test_a_take_envelope_counts_source_seconds_from_the_items_start(files):
    ramp = Envelope((EnvelopePoint(0.5, 0.0), EnvelopePoint(1.5, 1.0)))
    played = item(
        files["ones"], 2.0, 3.0, offset_s=1.0, play_rate=0.5, preserve_pitch=False, volume=ramp
    )
    sound = heard(played)[0]
    expected = np.clip(np.arange(2 * SECOND) / SECOND * 0.5 - 0.5, 0.0, 1.0)
    np.testing.assert_allclose(sound, expected, atol=1e-5)


RISING = Envelope((EnvelopePoint(0.0, 0.0), EnvelopePoint(2.0, 1.0)))
HALF = Envelope((EnvelopePoint(0.0, 0.5),))


@pytest.mark.parametrize(
    ("track", "last"),
    [
        ({"volume": RISING}, 0.75),
        ({"pre_fx_volume": RISING}, 0.75),
        ({"trim_volume": RISING}, 0.75),
        ({"volume": RISING, "pre_fx_volume": HALF, "trim_volume": HALF}, 0.1875),
        ({"volume": RISING, "automation": "read"}, 1.0),
        ({"pre_fx_volume": RISING, "automation": "read"}, 0.75),
        ({"volume": RISING, "global_automation": 0}, 1.0),
        ({"pre_fx_volume": RISING, "global_automation": 6}, 1.0),
    ],
)
def test_track_envelopes_sound_where_the_fader_trims_on_top_of_them(files, track, last):
    sound = heard(item(files["ones"], 1.0, 0.5), **track)[0]
    assert sound[-1] == pytest.approx(last, abs=1e-4)


# Rates


@pytest.mark.parametrize(
    ("source_hz", "project_hz"),
    [(44_100, 48_000), (48_000, 44_100), (96_000, 48_000), (192_000, 44_100), (8_000, 48_000)],
)
def test_another_sample_rate_is_the_same_sine_to_90_db(tmp_path, source_hz, project_hz):
    file = save(tmp_path / "a.wav", tone(997.0, 2.0, 0.0, rate_hz=source_hz), source_hz)
    sound = heard(item(file, 1.0, 0.1, offset_s=0.5), rate_hz=project_hz)[0]
    time_s = 0.5 + np.arange(project_hz) / project_hz
    error = sound - np.sin(2 * np.pi * 997.0 * time_s)
    assert 20 * np.log10(np.abs(error).max()) < -90.0


@pytest.mark.parametrize("play_rate", [0.5, 0.94387, 1.0372, 2.0, 5.3])
def test_play_rate_without_preserved_pitch_is_tape(tmp_path, play_rate):
    file = save(tmp_path / "a.wav", tone(997.0, 9.0, 0.0))
    varied = item(file, 1.0, offset_s=0.5, play_rate=play_rate, preserve_pitch=False)
    time_s = 0.5 + np.arange(SECOND) / SECOND * play_rate
    error = heard(varied)[0] - np.sin(2 * np.pi * 997.0 * time_s)
    # Within 1/500 of a frame, which is a phase error of 0.3 mrad at 997 Hz.
    assert np.abs(error).max() < 5e-4


@pytest.mark.parametrize("position_s", [0.0, 0.123456, 1.0])
def test_a_click_of_another_rate_stands_where_it_should(tmp_path, position_s):
    click = np.zeros((1, 44_100), np.float32)
    click[0, 22_050] = 1.0
    file = save(tmp_path / "a.wav", click, 44_100)
    rendered = signal(session(item(file, 1.0, position_s)))
    sound = to_samples(rendered)[0]
    wanted = (position_s + 0.5) * SECOND - rendered.start_frame
    centre = np.sum(np.arange(SECOND) * sound) / np.sum(sound)
    assert abs(centre - wanted) < 0.5
    assert abs(int(np.argmax(sound)) - wanted) <= 1.0


def test_the_edges_of_a_resampled_item_are_exact_to_a_frame(tmp_path):
    file = save(tmp_path / "a.wav", np.ones((1, 441_000), np.float32), 44_100)
    line = on_time_line(session(item(file, 1.0, 0.5, offset_s=1.0)), 2 * SECOND)[0]
    assert not line[: SECOND // 2].any()
    np.testing.assert_allclose(line[SECOND // 2 : SECOND * 3 // 2], 1.0, atol=1e-5)
    assert not line[SECOND * 3 // 2 :].any()


def test_a_looped_resampled_item_has_no_seam(tmp_path):
    file = save(tmp_path / "a.wav", tone(100.0, 1.0, 0.0, rate_hz=44_100), 44_100)
    sound = heard(item(file, 5.0, loop=True))[0]
    expected = np.sin(2 * np.pi * 100.0 * np.arange(5 * SECOND) / SECOND)
    assert 20 * np.log10(np.abs(sound - expected).max()) < -90.0


def test_a_play_rate_that_no_tape_has_counts_as_one(files):
    for rate in (0.0, -2.0):
        sound = heard(item(files["stereo"], 2.0, play_rate=rate))
        np.testing.assert_array_equal(sound, STEREO)


@pytest.mark.parametrize(
    "played",
    [
        {},
        {"channel_mode": 2},
        {"gain": 0.5, "pan": 0.3},
        {"section": Section(0.2, 1.0, reverse=True)},
        {"loop": True, "length_s": 5.0},
        {"play_rate": 1.5},
        {"play_rate": 1.5, "preserve_pitch": True},
        {"fade_in": Fade(0.1, 1)},
    ],
)
@pytest.mark.parametrize("file", ["stereo", "mono", "six", "other"])
def test_blocks_are_contiguous_and_belong_to_their_reader(files, file, played):
    rendered = signal(session(item(files[file], **{"length_s": 1.9, **played})))
    kept = to_samples(rendered)
    for block in rendered.read():
        assert (block.dtype, block.shape[0]) == (np.float32, 2)
        assert block.flags.c_contiguous
        block[:] = 9.0
    np.testing.assert_array_equal(to_samples(rendered), kept)


# Scale, notes and faults


def test_memory_does_not_grow_with_length(files):
    looped = item(files["other"], 20.0, loop=True)

    def peak(length_s):
        rendered = signal(session(replace(looped, length_s=length_s)))
        tracemalloc.start()
        for _ in rendered.read():
            pass
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(1.0)  # What is loaded and compiled at first use does not count.
    assert peak(200.0) < 1.2 * peak(20.0)


def test_thousands_of_items_keep_one_file_open_at_a_time(files, monkeypatch):
    open_now, most = set(), []

    class Counted(voice.Reader):
        def __init__(self, *given):
            super().__init__(*given)
            open_now.add(self)
            most.append(len(open_now))

        def close(self):
            super().close()
            open_now.discard(self)

    monkeypatch.setattr(voice, "Reader", Counted)
    slices = [item(files["stereo"], 0.001, n * 0.001, offset_s=n * 0.001) for n in range(2000)]
    sound = heard(*slices, item_mix=0)
    np.testing.assert_array_equal(sound, STEREO)
    assert (len(most), max(most), len(open_now)) == (2000, 1, 0)


def test_abandoned_signals_close_their_files(files, monkeypatch):
    closed = []

    class Watched(voice.Reader):
        def close(self):
            super().close()
            closed.append(self)

    monkeypatch.setattr(voice, "Reader", Watched)
    blocks = signal(session(item(files["stereo"], 2.0))).read()
    next(blocks)
    blocks.close()
    assert len(closed) == 1


def test_what_reading_brings_to_light_is_noted_once(tmp_path):
    sound = noise(2.0)
    sound[0, 1000] = np.nan
    file = save(tmp_path / "a.wav", sound)
    notes = []
    rendered = signal(session(item(file, 2.0), item(file, 2.0)), note=notes.append)
    assert np.isfinite(to_samples(rendered)).all()
    to_samples(rendered)
    assert [file in note and "not numbers" in note for note in notes] == [True]


def test_a_file_that_vanished_since_the_survey_is_a_media_error(tmp_path):
    file = save(tmp_path / "a.wav", MONO)
    rendered = signal(session(item(file, 2.0)))
    (tmp_path / "a.wav").unlink()
    with pytest.raises(MediaError, match=r"a\.wav is out of reach"):
        to_samples(rendered)
