"""How the network is asked, with one that answers by what it was played."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.audio import from_samples
from reaper_automix.errors import Cancelled, InputError
from reaper_automix.features.loudness import PUBLISHED, integrated
from reaper_automix.match.console.strips import channel_row
from reaper_automix.match.console.table import CHANNEL, SAMPLE_RATE_HZ, place
from reaper_automix.match.hearing import Passage, Reference
from reaper_automix.match.network import protocol
from reaper_automix.match.network.protocol import MOST_WINDOWS, WINDOW_FRAMES, WINDOW_S
from signals import tone

GAIN, HZ = place(CHANNEL, "gain_db"), place(CHANNEL, "peak_1_hz")
NAMES = ("Kick", "Bass", "Vox", "Keys")


class Recorder:
    """Stands in for the network: keeps what it is played, and answers by its zero crossings."""

    def __init__(self, channel=1.0):
        self.stems, self.references, self.channel = [], [], channel

    def stem(self, signal):
        self.stems.append(signal)
        return np.array([crossings(signal)], np.float32)

    def reference(self, sides):
        self.references.append(sides)
        return np.array([[crossings(side)] for side in sides], np.float32)

    def settings(self, stems, sides):
        said = self.channel * (0.6 * stems + 0.3 * sides[0] + 0.1 * sides[1])
        return np.repeat(said, 27, axis=1), np.full(26, stems.mean() / 2 + sides.mean() / 2)


def crossings(signal):
    """The share of samples at which a signal crosses zero, 1 for 441 Hz."""
    return 50.0 * np.mean(signal[1:] * signal[:-1] < 0.0)


def sound(freq_hz=200.0, level_db=-20.0, duration_s=WINDOW_S):
    return tone(freq_hz, duration_s, level_db, SAMPLE_RATE_HZ, channels=2)


def mute():
    return np.zeros((2, WINDOW_FRAMES), np.float32)


def passage(*stems):
    return Passage(0.0, np.stack(stems))


def predict(passages, reference=None, network=None, progress=lambda *_: None):
    """A prediction for stems that are named in their order."""
    names = NAMES[: len(passages[0].stems)]
    aim = Reference("Hit", (sound(150.0) if reference is None else reference,))
    return protocol.predict(network or Recorder(), names, passages, aim, progress)


def rows(prediction):
    return np.array([channel_row(channel) for channel in prediction.console.channels])


def lufs(*channels):
    return integrated(from_samples(np.stack(channels), SAMPLE_RATE_HZ), PUBLISHED)


# What the network hears


@settings(max_examples=8)
@given(level_db=st.floats(-50.0, 0.0), aim_db=st.floats(-50.0, 0.0))
def test_it_hears_stems_and_reference_always_at_the_same_loudness(level_db, aim_db):
    network = Recorder()
    predict([passage(sound(200.0, level_db), sound(300.0))], sound(150.0, aim_db), network)
    assert [lufs(stem) for stem in network.stems] == pytest.approx([-48.0, -48.0], abs=1e-3)
    assert [lufs(*sides) for sides in network.references] == pytest.approx([-16.0], abs=1e-3)
    assert {stem.shape for stem in network.stems} == {(WINDOW_FRAMES,)}


def test_it_hears_the_mean_of_both_sides():
    network = Recorder()
    left, right = sound(200.0), sound(330.0)
    predict([passage(np.stack((left[0], right[0])))], network=network)
    heard, mean = network.stems[0], 0.5 * (left[0] + right[0])
    np.testing.assert_allclose(heard / heard.std(), mean / mean.std(), atol=1e-5)


def test_a_stem_whose_sides_cancel_is_heard_by_one_of_them():
    network = Recorder()
    found = predict([passage(sound() * np.float32([[1.0], [-1.0]]))], network=network)
    assert found.heard == (0,)
    assert crossings(network.stems[0]) == pytest.approx(crossings(sound()[0]))


def test_a_reference_in_mono_is_the_same_on_both_sides():
    stems = [passage(sound())]
    network = Recorder()
    found = predict(stems, sound(150.0)[:1], network)
    assert found.console == predict(stems, sound(150.0)).console
    assert np.array_equal(*network.references[0])


@given(st.integers(0, 1_500_000))
def test_windows_cover_a_passage_evenly(frames):
    samples = np.arange(frames, dtype=np.float32)[None]
    found = protocol.windows(samples)
    assert {window.shape for window in found} == {(1, WINDOW_FRAMES)}
    assert len(found) == max(1, round(frames / WINDOW_FRAMES))
    starts = [int(window[0, 0]) for window in found]
    assert starts == sorted(set(starts))
    if len(found) > 1:
        assert (starts[0], starts[-1] + WINDOW_FRAMES) == (0, frames)


def test_what_is_shorter_than_a_window_is_followed_by_silence():
    (window,) = protocol.windows(np.ones((3, 2, 1000), np.float32))
    assert window[..., :1000].all()
    assert not window[..., 1000:].any()


def test_of_much_only_some_windows_are_heard():
    network = Recorder()
    long = sound(duration_s=8 * WINDOW_S)
    predict([passage(long)] * 2, long, network)
    assert len(network.stems) == len(network.references) == MOST_WINDOWS


# What comes of it


@settings(max_examples=8)
@given(st.floats(-30.0, 12.0))
def test_a_louder_stem_gets_that_much_less_gain_and_nothing_else(by_db):
    plain = predict([passage(sound(200.0), sound(300.0))])
    louder = predict([passage(sound(200.0), sound(300.0) * np.float32(10 ** (by_db / 20)))])
    moved = rows(louder) - rows(plain)
    assert moved[1, GAIN] == pytest.approx(-by_db, abs=1e-3)
    moved[1, GAIN] = 0.0
    assert not moved.any()
    assert louder.console.master == plain.console.master


def test_gain_is_what_brings_a_stem_to_level_and_what_the_network_says():
    (row,) = rows(predict([passage(sound(441.0, -20.0))], sound(441.0)))
    own_db = -48.0 - lufs(sound(441.0, -20.0)[0])
    said = crossings(sound(441.0)[0])
    assert row[GAIN] == pytest.approx(own_db + 96.0 * said - 48.0, abs=1e-3)


def test_stems_have_no_order():
    stems = [sound(hz, -hz / 10) for hz in (120.0, 200.0, 300.0, 400.0)]
    order = [2, 0, 3, 1]
    shuffled = predict([passage(*(stems[number] for number in order))])
    assert np.array_equal(rows(shuffled), rows(predict([passage(*stems)]))[order])


def test_of_several_windows_the_median_counts_and_their_spread_is_told():
    passages = [passage(sound(hz)) for hz in (100.0, 200.0, 440.0)]
    found = predict(passages)
    alone = np.array([rows(predict([one])) for one in passages])
    np.testing.assert_allclose(rows(found)[:, HZ], alone[1, :, HZ])
    np.testing.assert_allclose(found.channel_spread[:, HZ], np.ptp(alone[..., HZ], axis=0))
    assert found.channel_spread.shape == (1, 27)
    assert found.master_spread.shape == (26,)
    assert not predict(passages[:1]).channel_spread.any()


def test_it_says_the_same_again():
    passages = [passage(sound(100.0), sound(200.0)), passage(sound(300.0), sound(90.0))]
    assert predict(passages).console == predict(passages).console


# Silence


def test_a_stem_that_is_silent_in_a_window_is_heard_in_its_loudest():
    network = Recorder()
    soft, loud = sound(200.0, -50.0), sound(400.0, -20.0)
    aside = [passage(sound(), mute()), passage(sound(), soft), passage(sound(), loud)]
    found = predict(aside, network=network)
    assert (found.heard, found.elsewhere, found.silent) == ((0, 1), (1,), ())
    assert len(network.stems) == 5
    filled = [passage(sound(), loud), *aside[1:]]
    assert np.array_equal(rows(found), rows(predict(filled)))


def test_what_is_silent_everywhere_is_left_out_and_told():
    faint = sound(200.0, -80.0)
    found = predict([passage(mute(), sound(), faint)] * 2)
    assert (found.heard, found.elsewhere, found.silent) == ((1,), (), (0, 2))
    assert found.console == predict([passage(sound())]).console


@pytest.mark.parametrize("passages", [[passage(mute(), mute())], []])
def test_nothing_but_silence_is_refused(passages):
    with pytest.raises(InputError, match=r"^All stems are silent"):
        protocol.predict(Recorder(), NAMES[:2], passages, Reference("Hit", (sound(),)))


def test_silence_in_a_reference_is_passed_over():
    network = Recorder()
    aim = np.concatenate((mute(), sound(150.0)), axis=1)
    found = predict([passage(sound())], aim, network)
    assert len(network.references) == 1
    assert found.console == predict([passage(sound())], sound(150.0)).console


# What cannot be used


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused_by_name(number):
    broken = sound()
    broken[1, 1234] = number
    with pytest.raises(InputError, match=r"^Bass has samples that are no numbers"):
        predict([passage(sound(), broken)])
    with pytest.raises(InputError, match=r"^Hit has samples that are no numbers"):
        predict([passage(sound())], broken)


@pytest.mark.parametrize("frames", [0, 1000, 2 * WINDOW_FRAMES])
def test_a_silent_reference_is_refused_by_name(frames):
    with pytest.raises(InputError, match=r"^Hit is silent"):
        predict([passage(sound())], np.zeros((2, frames), np.float32))


def test_settings_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match=r"^The weights"):
        predict([passage(sound())], network=Recorder(channel=np.nan))


# How far it is


def test_progress_goes_window_by_window_and_a_cancel_stops_it():
    told, network = [], Recorder()

    def cancelled(stage, done, total, what=""):
        told.append((stage, done, total, what))
        if len(told) == 4:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        predict([passage(sound(), sound())] * 2, network=network, progress=cancelled)
    assert [what for *_, what in told] == ["Hit", "Kick", "Kick", "Bass"]
    assert [done for _, done, *_ in told] == pytest.approx([n * WINDOW_S for n in range(4)])
    assert {(stage, total) for stage, _, total, _ in told} == {("Listening", 5 * WINDOW_S)}
    assert len(network.stems) == 2


def test_nothing_heavy_is_loaded_before_a_file_of_weights_is():
    parts = "from reaper_automix.match.network import checkpoint, protocol"
    code = f"import sys; {parts}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "numba", "scipy"}.isdisjoint(run.stdout.split())
