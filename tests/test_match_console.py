"""The offline console: the oracle's vectors, the laws of its strips, and blocks of any size."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as sps

from desks import CHANNELS, MASTERS, RATE_HZ, SEEDS, apart, sound
from reaper_automix.match.console import filters, offline, strips, table
from reaper_automix.match.console.panning import console_gains
from reaper_automix.match.placing import landed

CENTRE = console_gains(0.5)[0]
SHIFTS_DB = st.floats(-40.0, 40.0)


def without_compressor(channel):
    compressor = replace(channel.strip.compressor, ratio=1.0, makeup_db=0.0)
    return replace(channel, strip=replace(channel.strip, compressor=compressor), pan=0.5)


@pytest.fixture(scope="module")
def oracle(shared_data):
    """Case C: its stems, its console and what it expects."""
    folder = shared_data / "diffmst_oracle"
    sys.path.insert(0, str(folder))
    try:
        import recipe
    finally:
        sys.path.remove(str(folder))
    expected = np.load(folder / "expected_console.npz")
    channels = table.values(table.CHANNEL, expected["C_norm_track"][0].astype(np.float64))
    master = table.values(table.MASTER, expected["C_norm_master"][0].astype(np.float64))
    desk = strips.Console(tuple(map(strips.channel_of, channels)), strips.master_of(master))
    frames = expected["C_final"].shape[1]
    return [recipe.track(k, frames, 0.08)[None] for k in range(3)], desk, expected


def test_the_oracle_hears_the_same_equaliser_and_compressor(oracle):
    stems, desk, expected = oracle
    for number, (stem, channel) in enumerate(zip(stems, desk.channels, strict=True)):
        centred = replace(channel, pan=0.5)
        equalised = offline.stem(stem, without_compressor(channel), RATE_HZ)
        compressed = offline.stem(stem, centred, RATE_HZ, compensate=False)
        assert apart(equalised[0] / CENTRE, expected["C_after_eq"][number]) < 1e-4
        assert apart(compressed[1] / CENTRE, expected["C_after_comp"][number]) < 1e-4


def test_the_oracle_hears_the_same_mix(oracle):
    stems, desk, expected = oracle
    mix = offline.mix(stems, desk, RATE_HZ, compensate=False)
    assert apart(mix, expected["C_final"]) < 1e-4
    assert apart(mix, expected["C64_final"]) < 1e-6


@given(st.lists(CHANNELS, min_size=2, max_size=2), MASTERS, SEEDS, st.data())
def test_blocks_of_any_size_are_the_whole(channels, master, seed, data):
    desk, stems = strips.Console(tuple(channels), master), sound(seed, 4000, 2)
    cuts = sorted(data.draw(st.lists(st.integers(0, 4000), max_size=8)))
    stream = offline.Stream(desk, RATE_HZ)
    blocks = np.split(stems, cuts, axis=2)
    streamed = np.concatenate([stream.feed(block) for block in blocks], axis=1)
    assert apart(streamed, offline.mix(stems, desk, RATE_HZ, compensate=False)) < 1e-12


@given(st.lists(CHANNELS, min_size=4, max_size=4), MASTERS, MASTERS, SEEDS, SHIFTS_DB)
def test_mixes_that_share_what_they_have_in_common_are_those_of_each_console(
    channels, master, other, seed, shift_db
):
    stems = sound(seed, 4000, 2)
    one, two, *others = channels
    moved = replace(one, gain_db=one.gain_db + shift_db, strip=one.strip.shifted(shift_db), pan=0.2)
    plain = replace(two, strip=landed.NEUTRAL)
    desks = [
        strips.Console(pair, end)
        for pair in ((one, two), (moved, two), (one, plain), tuple(others))
        for end in (master, other)
    ]
    for desk, mix in zip(desks, offline.mixes(stems, desks, RATE_HZ), strict=True):
        assert apart(mix[:, :2000], offline.mix(stems, desk, RATE_HZ)[:, :2000]) < 1e-6


@given(CHANNELS, SEEDS, SHIFTS_DB)
def test_gain_and_threshold_commute(channel, seed, shift_db):
    (stem,) = sound(seed)
    gain = 10 ** (shift_db / 20)
    quieter = replace(channel, strip=channel.strip.shifted(-shift_db))
    whole = gain * offline.stem(stem, quieter, RATE_HZ)
    # Not where the detector takes silence for 1e-8: no threshold of the table is that low.
    assert apart(offline.stem(gain * stem, channel, RATE_HZ), whole) < 1e-9


@given(CHANNELS, SEEDS)
def test_the_gain_of_a_channel_is_that_of_its_signal(channel, seed):
    (stem,) = sound(seed)
    louder = 10 ** (channel.gain_db / 20) * stem
    unity = replace(channel, gain_db=0.0)
    assert apart(offline.stem(stem, channel, RATE_HZ), offline.stem(louder, unity, RATE_HZ)) < 1e-9


@given(st.lists(CHANNELS, min_size=3, max_size=3), MASTERS, SEEDS, st.permutations(range(3)))
def test_the_order_of_stems_is_of_no_matter(channels, master, seed, order):
    stems = sound(seed, 2000, 3)
    mixed = offline.mix(stems, strips.Console(tuple(channels), master), RATE_HZ)
    shuffled = strips.Console(tuple(channels[number] for number in order), master)
    assert apart(offline.mix(stems[order], shuffled, RATE_HZ), mixed) < 1e-9


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000])
def test_a_neutral_console_leaves_a_signal_as_it_is(rate_hz):
    stems = sound(1, count=2)
    desk = strips.Console((strips.neutral_channel(),) * 2, strips.neutral_master())
    assert apart(offline.mix(stems, desk, rate_hz), CENTRE * stems.sum(axis=0)) < 1e-12
    stream = offline.Stream(desk, rate_hz)
    late = stream.latency
    assert late == pytest.approx(rate_hz * 3072 / 44_100, abs=1)
    delayed = stream.feed(np.pad(stems, ((0, 0), (0, 0), (0, late))))
    assert not delayed[:, :late].any()
    assert apart(delayed[:, late:], CENTRE * stems.sum(axis=0)) < 1e-12


@given(CHANNELS, MASTERS)
def test_silence_stays_silence(channel, master):
    mix = offline.mix(np.zeros((1, 2, 3000)), strips.Console((channel,), master), RATE_HZ)
    assert not mix.any()


@given(CHANNELS, MASTERS, st.sampled_from([1e-8, 1e-20, 1e-310]), SEEDS)
def test_next_to_nothing_is_finite_and_stays_next_to_nothing(channel, master, scale, seed):
    mix = offline.mix(scale * sound(seed), strips.Console((channel,), master), RATE_HZ)
    assert np.isfinite(mix).all()
    assert np.max(np.abs(mix)) <= scale * 10 ** ((48 + 48 + 48 + 4 * 72 + 12) / 20)


def test_both_sides_of_a_stem_are_turned_down_together():
    channel = strips.neutral_channel()
    compressor = replace(channel.strip.compressor, threshold_db=-40.0, ratio=8.0)
    loud = replace(channel, strip=replace(channel.strip, compressor=compressor))
    (stem,) = sound(3)
    heard = offline.stem(stem, loud, RATE_HZ) / stem
    np.testing.assert_allclose(heard[0], heard[1])
    assert heard.min() < 0.7 * CENTRE


def test_mono_is_the_same_on_both_sides():
    (stem,) = sound(4)
    channel = replace(strips.neutral_channel(), gain_db=6.0, pan=0.2)
    mono = offline.stem(stem[:1], channel, RATE_HZ)
    both = offline.stem(np.repeat(stem[:1], 2, axis=0), channel, RATE_HZ)
    assert np.array_equal(mono, both)
    assert mono[0] == pytest.approx(mono[1] * np.divide(*console_gains(0.2)))


def test_samples_stay_of_their_kind():
    channel = strips.neutral_channel()
    for kind in (np.float32, np.float64):
        assert offline.stem(np.ones((2, 10), kind), channel, RATE_HZ).dtype == kind


@given(CHANNELS, st.sampled_from([8000, 44_100, 192_000]))
def test_bands_are_stable_and_have_their_gain_at_any_rate(channel, rate_hz):
    bands = channel.strip.bands
    for row, band in zip(table.BANDS, bands, strict=True):
        only = [replace(one, gain_db=one.gain_db if one is band else 0.0) for one in bands]
        for b0, b1, b2, a1, a2 in filters.sections(only, rate_hz):
            assert abs(a2) < 1.0
            assert abs(a1) < 1.0 + a2
            frequency_hz = min(band.frequency_hz, 0.49 * rate_hz)
            at_hz = {"low shelf": 0.0, "peak": frequency_hz, "high shelf": rate_hz / 2}[row.shape]
            _, gain = sps.freqz((b0, b1, b2), (1.0, a1, a2), [at_hz], fs=rate_hz)
            assert 20 * math.log10(abs(gain[0])) == pytest.approx(band.gain_db, abs=1e-3)
