"""Real drums by method ``auto``: where their loudness puts them, not where an f0 does."""

from functools import partial

import pytest

from conftest import shared_data_folder
from reaper_automix import media
from reaper_automix.audio import Signal
from reaper_automix.features.measure import listen
from reaper_automix.levels import NARROWBAND_OFFSET_DB

DRUMS = ("*HiHat*", "*Snare*", "*Kick*", "*Crash*", "*Splash*", "*Ride*", "bd_*", "sn_*", "drum_*")
PLACES = ("oneshots/sonic-pi", "sessions/boogie_jazz/media", "sessions/ballad_wav24/media")


def drums():
    data = shared_data_folder()
    found = (data / place for place in PLACES) if data else ()
    return sorted({file for place in found for drum in DRUMS for file in place.glob(drum)})


def heard(file):
    info = media.probe(str(file))
    read = partial(media.blocks, str(file))
    signal = Signal(info.sample_rate_hz, info.channels, 0, info.frames, read)
    measurement, _ = listen(signal)
    return measurement.heard("auto")


def test_there_are_drums(shared_data):
    assert len(drums()) > 15


@pytest.mark.long
@pytest.mark.parametrize("file", drums(), ids=lambda file: file.name)
def test_a_drum_stands_at_its_full_band_place(file):
    found = heard(file)
    place_lufs = found.features.lufs + NARROWBAND_OFFSET_DB
    assert found.level.lufs == pytest.approx(place_lufs, abs=1.5)
    assert found.level.lufs >= place_lufs - 1.1
