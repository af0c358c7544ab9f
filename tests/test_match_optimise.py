"""A match without a network: what it promises, on stems of a few seconds."""

from dataclasses import replace

import numpy as np
import pytest

import signals
from reaper_automix.errors import Cancelled, InputError, NothingToBalance
from reaper_automix.match.console.offline import mix
from reaper_automix.match.console.strips import Band, channel_row, master_row, neutral_channel
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.placing.landed import Blocks
from reaper_automix.match.search import optimise, portrait, terms
from reaper_automix.match.search.optimise import towards
from reaper_automix.match.search.priors import Wishes

RATE_HZ = 44_100


def stems(seed=0, duration_s=2.0):
    """A bass, a noise with a beat, and a tone that leans to the left."""
    beat = np.abs(np.sin(2 * np.pi * 2 * signals.times(duration_s, RATE_HZ))) ** 8
    bass = signals.harmonic(82.0, duration_s, -18.0, RATE_HZ)
    drums = signals.noise(duration_s, -24.0, RATE_HZ, seed=seed) * beat
    keys = signals.harmonic(523.0, duration_s, -20.0, RATE_HZ)
    wide = np.concatenate([keys, 0.5 * keys])
    return np.stack([np.repeat(bass, 2, 0), np.repeat(drums, 2, 0), wide]).astype(np.float32)


def heard(sound, gains=(1.0, 1.0, 1.0)):
    return [Passage(0.0, (sound * np.array(gains, np.float32)[:, None, None]))]


def channels(faders_db=(0.0, 0.0, 0.0)):
    return [replace(neutral_channel(), gain_db=fader_db) for fader_db in faders_db]


def tilted(samples):
    spectrum = np.fft.rfft(samples)
    hertz = np.maximum(np.fft.rfftfreq(samples.shape[1], 1 / RATE_HZ), 40.0)
    gains = 10.0 ** (2.0 * np.log2(hertz / 1000.0) / 20.0)
    return np.fft.irfft(spectrum * gains, samples.shape[1]).astype(np.float32)


@pytest.fixture(scope="module")
def bright():
    return Reference("bright", (tilted(stems(seed=1).sum(axis=0)),))


@pytest.fixture(scope="module")
def found(bright):
    return towards(heard(stems()), channels(), bright)


def does_nothing(strip):
    return strip.compressor.ratio == 1.0 and all(band.gain_db == 0.0 for band in strip.bands)


def rows(console):
    return np.concatenate([*map(channel_row, console.channels), master_row(console.master)])


def test_a_mix_comes_nearer_to_its_reference(found):
    assert found.after.loss < 0.4 * found.before.loss
    assert found.after.thirds_db < found.before.thirds_db


def test_what_is_told_is_what_the_console_does(found):
    rendered = mix(list(stems()), found.console, RATE_HZ)
    look = portrait.portrait([portrait.stretch(rendered)])
    assert terms.distances(look, found.reference).loss == pytest.approx(found.after.loss, rel=1e-3)


def test_two_runs_agree_to_the_bit(found, bright):
    again = towards(heard(stems()), channels(), bright)
    assert rows(again.console).tolist() == rows(found.console).tolist()


def test_a_reference_that_is_the_mix_leaves_it_alone():
    same = towards(heard(stems()), channels(), Reference("same", (stems().sum(axis=0),)))
    assert max(abs(move.gain_db) for move in same.moves) < 0.5
    strips = [channel.strip for channel in same.console.channels] + [same.console.master.strip]
    assert max(abs(band.gain_db) for strip in strips for band in strip.bands) < 0.5
    assert {strip.compressor.ratio for strip in strips} == {1.0}


def test_a_louder_file_with_its_fader_down_is_the_same_stem(found, bright):
    turned = towards(heard(stems(), (2.0, 1.0, 1.0)), channels((-20 * np.log10(2.0), 0, 0)), bright)
    for one, other in zip(turned.moves, found.moves, strict=True):
        assert one.gain_db == pytest.approx(other.gain_db, abs=0.05)


def test_limits_hold(found):
    limits = Wishes().limits
    for move, channel in zip(found.moves, found.console.channels, strict=True):
        assert abs(move.gain_db) <= limits.gain_db
        assert move.share_db >= -limits.share_db - 0.5
        assert all(abs(band.gain_db) <= limits.eq_db for band in channel.strip.bands)
        assert channel.pan == pytest.approx(0.5)


def test_a_block_that_is_not_wanted_stays(bright):
    wishes = Wishes(blocks=Blocks(gain=False, eq=False, compressor=False))
    same = towards(heard(stems()), channels(), bright, wishes)
    assert rows(replace(same.console, master=replace(same.console.master, output_db=0.0))).tolist()
    assert all(move.gain_db == 0.0 for move in same.moves)
    assert all(channel.strip.bands[0].gain_db == 0.0 for channel in same.console.channels)


def test_a_stem_that_is_fixed_stays_and_the_others_go_without_it(bright):
    held = towards(heard(stems()), channels(), bright, Wishes(fixed=frozenset({0})))
    kept = held.console.channels[0]
    assert does_nothing(kept.strip)
    assert (kept.gain_db, kept.pan) == (channels()[0].gain_db, channels()[0].pan)
    assert not all(does_nothing(channel.strip) for channel in held.console.channels)
    assert held.after.loss < held.before.loss


def test_a_strip_or_a_pan_of_her_own_stays(bright):
    one = frozenset({1})
    wishes = Wishes(keep_pan=False, own_strip=one, own_pan=one)
    held = towards(heard(stems()), channels(), bright, wishes)
    kept, start = held.console.channels[1], channels()[1]
    assert does_nothing(kept.strip)
    assert kept.pan == start.pan
    assert kept.gain_db != start.gain_db


def test_no_term_is_given_up_for_another(found):
    """Pans stay, and faders alone would have turned a mix that leans to the left."""
    before, after = ([term.loss for term in one.terms] for one in (found.before, found.after))
    assert np.all(np.array(after) <= terms.bounds(np.array(before)))


def test_a_mono_reference_turns_no_pan():
    mono = np.repeat(stems(seed=1).sum(axis=0).mean(axis=0, keepdims=True), 2, axis=0)
    aim = Reference("mono", (tilted(mono),))
    turned = towards(heard(stems()), channels(), aim, Wishes(keep_pan=False))
    assert {channel.pan for channel in turned.console.channels} == {channels()[0].pan}


def test_a_bass_is_turned_less_than_what_lies_higher():
    tones = [signals.harmonic(hertz, 2.0, -20.0, RATE_HZ) for hertz in (700.0, 930.0, 55.0)]
    sound = np.stack([np.repeat(one, 2, 0) for one in tones]).astype(np.float32)
    sides = np.array([[1.0, 0.4], [0.4, 1.0], [1.0, 0.4]], np.float32)[:, :, None]
    wide = Reference("wide", ((sides * sound).sum(axis=0),))
    turned = towards(heard(sound), channels(), wide, Wishes(keep_pan=False))
    left, right, bass = (abs(channel.pan - 0.5) for channel in turned.console.channels)
    assert bass < 0.8 * min(left, right)


def test_a_silent_stem_stays_put(bright):
    quiet = towards(heard(stems(), (1.0, 1.0, 0.0)), channels(), bright)
    assert quiet.moves[2].gain_db == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(rows(quiet.console)).all()


def test_what_is_silent_is_said_in_a_sentence(bright):
    with pytest.raises(NothingToBalance, match="silent"):
        towards(heard(0 * stems()), channels(), bright)
    with pytest.raises(InputError, match="nothing is silent"):
        towards(
            heard(stems()), channels(), Reference("nothing", (np.zeros((2, 90_000), np.float32),))
        )


@pytest.mark.parametrize(
    "stage", [optimise.ADDING, optimise.SOLVING, optimise.LISTENING, optimise.SQUEEZING]
)
def test_every_stage_can_be_stopped(stage, bright):
    def stop(name, done, total, what=""):
        if name == stage:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        towards(heard(stems()), channels(), bright, progress=stop)


def test_mono_and_nearly_mono_are_no_difference():
    mono = stems().sum(axis=0).mean(axis=0)
    nearly = np.stack([mono, mono * np.float32(0.998)])
    looks = [portrait.portrait([portrait.stretch(one)]) for one in (np.stack([mono, mono]), nearly)]
    assert terms.distances(*looks).loss < 1e-3


def test_a_known_strip_on_the_mix_is_found_again():
    from reaper_automix.match.console.offline import master_stream
    from reaper_automix.match.console.strips import neutral_master

    noise = np.stack([signals.noise(2.0, -24.0, RATE_HZ, 2, seed) for seed in range(3)])
    master = neutral_master()
    bands = list(master.strip.bands)
    bands[0], bands[2] = Band(3.0, 150.0, 0.7), Band(-3.0, 3000.0, 0.9)
    bent = replace(master, strip=replace(master.strip, bands=tuple(bands)))
    reference = Reference("bent", (master_stream(bent, RATE_HZ).feed(noise.sum(axis=0)),))
    found = towards(heard(noise), channels(), reference)
    assert found.after.thirds_db < 1.0
