"""The strip's own file, played by a small EEL2: it sounds as the console does.

What it should sound like is said twice: by the frozen vectors of the console's oracle, and here by
the plainest recursion that can be written.
"""

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eel2.effect import Effect
from reaper_automix.match.console import offline, sliders, strips, table
from reaper_automix.match.console.sliders import DETECTORS, PLACES, RESTING, SLIDERS
from reaper_automix.match.console.strips import Band, Compressor, Strip
from reaper_automix.match.placing.landed import NEUTRAL
from write_sliders import EFFECT

FRAMES = 6000
STRIPS = st.tuples(*(st.floats(one.low, one.high) for one in SLIDERS))

STRIP = Strip(
    (
        Band(5.0, 150.0, 0.9),
        Band(-6.0, 700.0, 2.0),
        Band(0.0, 3000.0, 1.0),
        Band(3.0, 9000.0, 0.5),
        Band(-2.0, 13_000.0, 1.5),
        Band(4.0, 8000.0, 0.707),
    ),
    Compressor(-30.0, 4.0, 20.0, 6.0, 2.5),
)


def music(frames=FRAMES, seed=1):
    """Two noises that swell and fade."""
    swell = 0.2 * (1.1 + np.sin(np.arange(frames) / 700.0))
    return np.random.default_rng(seed).standard_normal((2, frames)) * swell


def played(values, signal, sample_rate_hz=44100, block=512):
    effect = Effect(EFFECT, sample_rate_hz)
    effect.move(values)
    effect.start()
    return effect.play(signal, block)


def biquad(shape, band, sample_rate_hz):
    """A section by the formulas of the cookbook: b0 b1 b2 a0 a1 a2."""
    a = 10.0 ** (band.gain_db / 40.0)
    w = 2.0 * math.pi * min(band.frequency_hz, 0.49 * sample_rate_hz) / sample_rate_hz
    alpha = math.sin(w) / (2.0 * band.q)
    if shape == "peak":
        c = -2.0 * math.cos(w)
        return 1 + alpha * a, c, 1 - alpha * a, 1 + alpha / a, c, 1 - alpha / a
    k = math.cos(w) * (1 if shape == "low shelf" else -1)
    s = 1 if shape == "low shelf" else -1
    r = 2.0 * math.sqrt(a) * alpha
    return (
        a * (a + 1 - (a - 1) * k + r),
        s * 2 * a * (a - 1 - (a + 1) * k),
        a * (a + 1 - (a - 1) * k - r),
        a + 1 + (a - 1) * k + r,
        s * -2 * (a - 1 + (a + 1) * k),
        a + 1 + (a - 1) * k - r,
    )


def filtered(section, signal):
    b0, b1, b2, a0, a1, a2 = section
    x1 = x2 = y1 = y2 = np.zeros(2)
    out = np.empty_like(signal)
    for at, x in enumerate(signal.T):
        y = (b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2) / a0
        x1, x2, y1, y2 = x, x1, y, y1
        out[:, at] = y
    return out


def compressed(compressor, signal, sample_rate_hz, delay, share):
    slope, knee_db = 1.0 / compressor.ratio - 1.0, compressor.knee_db
    a = math.exp(-math.log(9.0) / (sample_rate_hz * compressor.attack_ms / 1000.0))
    heard = np.maximum(np.abs(share * signal.sum(axis=0)), 1e-8)
    over = 20.0 * np.log10(heard) - compressor.threshold_db
    bend = slope * (over + knee_db / 2.0) ** 2 / (2.0 * knee_db)
    asked = np.where(over < -knee_db / 2, 0.0, np.where(over < knee_db / 2, bend, slope * over))
    gains, gain_db = np.empty_like(asked), 0.0
    for at, asks_db in enumerate(asked):
        gain_db = a * gain_db + (1.0 - a) * asks_db
        gains[at] = 10.0 ** ((gain_db + compressor.makeup_db) / 20.0)
    late = np.concatenate([np.zeros((2, delay)), signal[:, : signal.shape[1] - delay]], axis=1)
    return late * gains


def expected(strip, signal, sample_rate_hz=44100, *, master=False):
    for row, band in zip(table.BANDS, strip.bands, strict=True):
        signal = filtered(biquad(row.shape, band, sample_rate_hz), signal)
    delay = round((1024 if master else 2048) * sample_rate_hz / 44100)
    share = 1.0 if master else 0.5
    return compressed(strip.compressor, signal, sample_rate_hz, delay, share)


def assert_sounds(found, wanted, part=1e-9):
    assert np.abs(found - wanted).max() <= part * np.abs(wanted).max()


# The console


@pytest.fixture(scope="module")
def oracle(shared_data):
    """The vectors of the frozen console, and the module that makes its tracks."""
    folder = shared_data / "diffmst_oracle"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        import recipe
    sys.modules.pop("recipe")
    with np.load(folder / "expected_console.npz") as vectors:
        return dict(vectors), recipe


@pytest.fixture(scope="module")
def strips_of_the_oracle(oracle):
    """Each track after its strip, and how it is panned."""
    vectors, recipe = oracle
    heard = []
    for number, row in enumerate(table.values(table.CHANNEL, vectors["C_norm_track"][0])):
        channel = strips.channel_of(row)
        mono = recipe.track(number, 32768, 0.08) * 10.0 ** (channel.gain_db / 20.0)
        heard.append((channel.pan, played(sliders.of(channel.strip), np.stack([mono, mono]))))
    return heard


def test_a_stem_sounds_as_in_the_console_of_the_oracle(oracle, strips_of_the_oracle):
    vectors, _ = oracle
    for (_, heard), wanted in zip(strips_of_the_oracle, vectors["C_after_comp"], strict=True):
        assert np.array_equal(heard[0], heard[1])
        assert_sounds(heard[0], wanted, 1e-4)


def test_the_mix_sounds_as_in_the_console_of_the_oracle(oracle, strips_of_the_oracle):
    vectors, _ = oracle
    mix = np.zeros((2, 32768))
    for pan, heard in strips_of_the_oracle:
        left = math.sqrt((1.0 - pan) * math.cos(pan * math.pi / 2.0))
        right = math.sqrt(pan * math.sin(pan * math.pi / 2.0))
        mix += np.array([[left], [right]]) * heard
    master = strips.master_of(table.values(table.MASTER, vectors["C_norm_master"][0]))
    values = sliders.of(master.strip, output_db=master.output_db, detector="master")
    heard = played(values, mix * 10.0 ** (master.input_db / 20.0))
    assert_sounds(heard, vectors["C_final"], 1e-4)


@pytest.mark.parametrize("sample_rate_hz", [22_050, 48_000, 192_000])
@pytest.mark.parametrize("detector", sliders.DETECTORS)
def test_it_is_the_plain_recursion_at_every_rate(detector, sample_rate_hz):
    signal = music(12_000 if sample_rate_hz > 100_000 else FRAMES)
    wanted = expected(STRIP, signal, sample_rate_hz, master=detector == "master")
    assert_sounds(played(sliders.of(STRIP, detector=detector), signal, sample_rate_hz), wanted)


@given(STRIPS, st.sampled_from([22_050, 44_100, 48_000, 96_000]), st.sampled_from(DETECTORS))
@settings(max_examples=15)
def test_it_sounds_as_the_console_in_python_whatever_it_is_set_to(values, rate_hz, detector):
    strip, signal = sliders.strip_of(values), music(5500)
    listens = offline.MASTER if detector == "master" else offline.TRACK
    wanted = offline.StripStream(strip, rate_hz, listens).feed(signal)
    assert_sounds(played(sliders.of(strip, detector=detector), signal, rate_hz), wanted, 1e-7)


# Laws


def test_a_new_strip_is_a_delay_that_it_reports():
    effect, signal = Effect(EFFECT), music()
    assert effect.sliders == tuple(one.name for one in sliders.SLIDERS)
    assert tuple(effect.defaults.values()) == RESTING
    out = effect.play(signal)
    assert effect.latency == 2048
    assert np.array_equal(out[:, 2048:], signal[:, :-2048])
    assert not out[:, :2048].any()


@pytest.mark.parametrize("block", [1, 64, 997])
def test_the_size_of_blocks_does_not_matter(block):
    signal = music(3000)
    assert np.array_equal(
        played(sliders.of(STRIP), signal, block=block), played(sliders.of(STRIP), signal)
    )


@pytest.mark.parametrize("by_db", [-20.0, 13.0])
def test_gain_and_threshold_commute(by_db):
    gain, signal = 10.0 ** (by_db / 20.0), music(4000)
    louder = played(sliders.of(STRIP.shifted(by_db)), gain * signal)
    assert_sounds(louder, gain * played(sliders.of(STRIP), signal))


def test_left_and_right_get_one_gain():
    signal = music(4000)
    signal[1] *= 0.01
    comp = Strip(NEUTRAL.bands, STRIP.compressor)
    left, right = played(sliders.of(comp), signal)[:, 2048:] / signal[:, :-2048]
    assert left == pytest.approx(right, rel=1e-9)
    assert left.min() < 0.9 < left.max() * 10


def test_channels_swapped_come_out_swapped():
    signal, values = music(4000), sliders.of(STRIP)
    assert np.array_equal(played(values, signal)[::-1], played(values, signal[::-1]))


def test_a_block_that_is_off_does_nothing_and_keeps_the_delay():
    signal, on = music(4000), sliders.of(STRIP)
    neutral = {"eq_on": Strip(NEUTRAL.bands, STRIP.compressor)}
    neutral["compressor_on"] = Strip(STRIP.bands, NEUTRAL.compressor)
    for name, strip in neutral.items():
        off = [*on]
        off[PLACES[name]] = 0.0
        assert_sounds(played(off, signal), played(sliders.of(strip), signal))


def test_the_output_is_behind_everything():
    signal = music(3000)
    quieter = played(sliders.of(STRIP, output_db=-20.0), signal)
    assert_sounds(10.0 * quieter, played(sliders.of(STRIP), signal))


# Moves while it plays


@pytest.mark.parametrize("name", ["eq_on", "compressor_on", "output_db", "low_shelf_gain_db"])
def test_a_move_while_it_plays_arrives_without_a_click(name):
    """A low tone has no sudden steps of its own, so that every one would be a click."""
    tone = np.tile(0.5 * np.sin(2.0 * math.pi * np.arange(20 * 735) / 735.0), (2, 1))
    effect, values = Effect(EFFECT), [*sliders.of(STRIP, output_db=-3.0)]
    effect.move(values)
    effect.start()
    effect.play(tone, 64)
    values[PLACES[name]] = 0.0
    effect.move(values)
    moved = effect.play(tone, 64)[0]
    assert np.abs(moved[:64] - moved[-64:]).max() > 1e-3
    assert np.abs(np.diff(moved, 2)).max() < 1e-3
    assert effect.latency == 2048


@pytest.mark.parametrize("block", [16, 100, 1000])
def test_the_way_of_a_move_does_not_hang_on_the_size_of_blocks(block):
    def moved(block):
        effect = Effect(EFFECT)
        effect.play(music(), 1000)
        effect.move(sliders.of(STRIP))
        return effect.play(music(), block)

    assert np.array_equal(moved(block), moved(512))


def test_where_a_move_arrives_is_where_it_would_have_started():
    signal, other = music(30_000), sliders.of(STRIP)
    effect = Effect(EFFECT)
    effect.play(signal)
    effect.move(other)
    moved = effect.play(signal)[:, 20_000:]
    started = Effect(EFFECT)
    started.move(other)
    started.start()
    started.play(signal)
    assert_sounds(moved, started.play(signal)[:, 20_000:], 1e-4)


def test_the_detector_sets_the_latency_and_keeps_nothing_old():
    effect, signal = Effect(EFFECT), music()
    effect.play(signal)
    effect.move(sliders.of(NEUTRAL, detector="master"))
    assert effect.latency == 1024
    assert not effect.play(signal)[:, :1024].any()


def test_starting_again_forgets_what_was_played():
    effect, signal = Effect(EFFECT), music()
    effect.move(sliders.of(STRIP))
    effect.start()
    first = effect.play(signal)
    effect.start()
    assert np.array_equal(effect.play(signal), first)


def test_silence_stays_silence_at_the_ends_of_all_sliders():
    for end in ("low", "high"):
        values = [getattr(one, end) for one in sliders.SLIDERS]
        assert not played(values, np.zeros((2, 3000))).any()
        assert np.isfinite(played(values, music(3000))).all()


# The picture


@pytest.mark.parametrize("size", [(620, 230), (200, 80), (1, 1)])
def test_the_picture_is_drawn_whatever_its_size(size):
    effect = Effect(EFFECT)
    effect.move(sliders.of(STRIP))
    effect.play(music())
    calls = effect.draw(*size)
    names = {name for name, *_ in calls}
    assert names >= {"gfx_lineto", "gfx_rect", "gfx_drawstr", "gfx_drawnumber"}
    numbers = [value for _, *values in calls for value in values if not isinstance(value, str)]
    assert np.isfinite(numbers).all()


def test_the_picture_shows_the_gain_of_the_bands():
    """Where the curve is highest and lowest, as far from the middle as the strip's own gain."""
    strip = Strip(
        (Band(0.0, 100.0, 0.7), Band(12.0, 700.0, 1.0), *NEUTRAL.bands[2:]), NEUTRAL.compressor
    )
    effect = Effect(EFFECT)
    effect.move(sliders.of(strip))
    effect.play(music(100))
    curve = [values for name, *values in effect.draw() if name == "gfx_lineto"][:150]
    x, y, _ = min(curve, key=lambda point: point[1])
    height = effect.state["eq.h0"]
    assert effect.state["eq.y0"] + height * (0.5 - 12.0 / 36.0) == pytest.approx(y, abs=0.5)
    hz = 20.0 * 1000.0 ** ((x - effect.state["eq.x0"]) / effect.state["eq.w0"])
    assert hz == pytest.approx(700.0, rel=0.05)


def test_the_meter_falls_back_when_nothing_is_reduced_any_more():
    effect = Effect(EFFECT)
    effect.move(sliders.of(STRIP))
    effect.play(music())
    effect.draw()
    deepest_db = effect.state["shown_db"]
    assert deepest_db < -3.0
    effect.draw()
    assert effect.state["shown_db"] == pytest.approx(0.85 * deepest_db)
