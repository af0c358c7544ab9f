"""The two ways to a match, all of the way: by going towards the reference, and by a network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reaper_automix.adapters import folder
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError
from reaper_automix.match import ways
from reaper_automix.match.asked import Asked
from reaper_automix.match.case import Ask
from reaper_automix.match.console import offline, table
from reaper_automix.match.console.sliders import PLACES, SLIDERS
from reaper_automix.match.console.strips import Band
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.finding import find
from reaper_automix.match.hearing import Heard, Passage, Reference
from reaper_automix.match.network import checkpoint
from reaper_automix.match.placing.landed import NEUTRAL, Bus, Seat
from reaper_automix.match.placing.mapping import End, console_before
from reaper_automix.match.placing.standing import Standing
from reaper_automix.match.reference import Choice
from reaper_automix.match.run import Request, run
from reaper_automix.measuring import Staff
from reaper_automix.memory import Memory
from reaper_automix.progress import silent
from reaper_automix.session import Receive, Region, StoredBalance, Track
from reaper_automix.settings import Settings
from signals import RATE_HZ, noise
from songs import session, track, write

HOW = Settings(method="lufs")


def pink(seconds, level_db, seed, tilt=0.5):
    """Noise that falls by 6 dB per octave times the tilt."""
    spectra = np.fft.rfft(noise(seconds, level_db, channels=2, seed=seed), axis=1)
    hertz = np.maximum(np.fft.rfftfreq(round(seconds * RATE_HZ), 1 / RATE_HZ), 30.0)
    return np.fft.irfft(spectra * (hertz / 1000.0) ** -tilt, axis=1).astype(np.float32)


def duo(place, seconds=4.0):
    return session(
        track(place, "Low", pink(seconds, -24, 1, 0.9)),
        track(place, "High", pink(seconds, -30, 2, 0.3), fader_gain=0.7),
    )


def found(song, choice, **asked):
    with Crew(1) as crew:
        return find(song, HOW, Ask(choice, Asked(**asked)), Staff(crew, silent, Memory()))


def test_a_brighter_reference_makes_the_mix_brighter_and_brings_it_nearer(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    account = found(duo(tmp_path / "media"), Choice(bright)).account
    assert account.way == "optimiser"
    assert account.loss_after < 0.6 * account.loss_before
    top = slice(-8, None)
    assert np.mean(account.after.thirds_db[top]) > np.mean(account.before.thirds_db[top]) + 1.0
    assert account.after.lufs == pytest.approx(account.before.lufs, abs=0.1)


def test_a_reference_that_is_the_mix_itself_leaves_it_alone(tmp_path):
    song = replace(duo(tmp_path), regions=(Region(1, "all", 0.0, 4.0),))
    outcome = found(song, Choice(region="all"))
    for stem in outcome.account.stems:
        assert stem.after.fader_db == pytest.approx(stem.before.fader_db, abs=0.5)
        assert all(abs(band.gain_db) <= 0.5 for band in stem.after.strip.bands)
    assert abs(outcome.account.bus.output_db) <= 0.5


def test_a_match_is_the_same_every_time(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    song = duo(tmp_path / "media")
    assert found(song, Choice(bright)).placed == found(song, Choice(bright)).placed


def test_a_match_of_a_matched_project_starts_from_where_that_one_did(tmp_path):
    folder.write_project(duo(tmp_path / "media"), tmp_path / "song.RPP", {}, StoredBalance())
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    request = Request(
        tmp_path / "song.RPP", Ask(Choice(bright), Asked()), HOW, in_place=True, jobs=1
    )
    first, again = run(request).match, run(request).match
    assert again.bus == first.bus
    for one, other in zip(first.stems, again.stems, strict=True):
        assert other.before.fader_db == pytest.approx(one.before.fader_db, abs=1e-4)
        assert other.after.fader_db == pytest.approx(one.after.fader_db, abs=1e-3)


def test_a_stem_that_has_to_stay_does_and_the_others_go_to_the_reference(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    song = duo(tmp_path / "media")
    locked = replace(song.tracks[0], locked=True)
    outcome = found(replace(song, tracks=(locked, song.tracks[1])), Choice(bright))
    assert [stem.track_id for stem in outcome.placed.match.stems] == ["{High}"]
    assert outcome.account.loss_after < outcome.account.loss_before


@pytest.mark.parametrize(
    ("strength", "blocks"),
    [
        (0.5, ("gain", "eq", "compressor", "pan", "master")),
        (1.0, ("gain", "eq", "compressor", "pan")),
        (1.0, ("eq", "compressor", "master")),
        (0.3, ("gain", "master")),
    ],
)
@pytest.mark.parametrize("target_lufs", [None, -30.0])
def test_whatever_part_of_a_match_is_wanted_the_mix_is_as_loud_as_it_should(
    tmp_path, strength, blocks, target_lufs
):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    outcome = found(
        duo(tmp_path / "media"),
        Choice(bright),
        strength=strength,
        blocks=blocks,
        target_lufs=target_lufs,
    )
    wanted = outcome.account.before.lufs if target_lufs is None else target_lufs
    assert outcome.account.after.lufs == pytest.approx(wanted, abs=0.1)
    assert not any("than it should" in note for note in outcome.notes)


def test_where_nothing_sets_the_level_that_is_told(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    song = duo(tmp_path / "media")
    outcome = found(song, Choice(bright), blocks=("eq",), target_lufs=-40.0)
    assert any("nothing that may be moved sets its level" in note for note in outcome.notes)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_mono_reference_says_nothing_of_width(tmp_path, channels):
    """As a file of one channel, or of two that are alike."""
    sound = np.repeat(pink(4.0, -18, 5, 0.2)[:1], channels, axis=0)
    outcome = found(duo(tmp_path / "media"), Choice(write(tmp_path, "m", sound)), keep_pan=False)
    gaps = {gap.name: gap for gap in outcome.account.gaps}
    for name in ("width", "imbalance", "side"):
        assert gaps[name].before == 0.0
        assert gaps[name].after < 0.05
    for stem in outcome.account.stems:
        assert stem.after.pan == pytest.approx(stem.before.pan, abs=0.1)
    assert not any("--no-keep-pan" in note for note in outcome.notes)


@pytest.mark.parametrize("off", ["eq_on", "compressor_on"])
def test_a_block_of_the_engineers_strip_that_is_off_is_not_heard(tmp_path, off):
    """Before and after: her strip stays, and what of it is switched off does nothing."""
    song = duo(tmp_path / "media")
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    loud = {"low_shelf_gain_db": 12.0, "threshold_db": -60.0, "ratio": 10.0}
    values = [loud.get(one.name, one.neutral) for one in SLIDERS]
    on = Standing(strips={"{Low}": tuple(values)})
    values[PLACES[off]] = 0.0
    partly = Standing(strips={"{Low}": tuple(values)})
    heard = {}
    bypassed = replace(on, bypassed=frozenset({"{Low}"}))
    ways_to_stand = {"on": on, "partly": partly, "bypassed": bypassed, "none": Standing()}
    for name, standing in ways_to_stand.items():
        with Crew(1) as crew:
            staff = Staff(crew, silent, Memory())
            outcome = find(song, HOW, Ask(Choice(bright), Asked(blocks=())), staff, standing)
        heard[name] = outcome.account.before.thirds_db
        assert outcome.account.after.lufs == pytest.approx(outcome.account.before.lufs, abs=0.1)
    assert np.abs(np.subtract(heard["on"], heard["none"])).max() > 3.0
    assert np.abs(np.subtract(heard["partly"], heard["on"])).max() > 1.0
    assert heard["bypassed"] == heard["none"]


def test_a_return_follows_the_stems_and_holds_nobody(tmp_path):
    """Others would have to be turned up beside it, as beside a stem that stays."""
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    low, high = duo(tmp_path / "media").tracks
    room = Track("{Room}", "Room", receives=(Receive(low.id), Receive(high.id)))
    alone = found(session(low, high), Choice(bright))
    beside = found(session(low, high, room), Choice(bright))
    assert [one.track_id for one in beside.placed.match.stems] == ["{Low}", "{High}"]
    assert any(end.follows for end in beside.ends)
    for one, other in zip(alone.placed.match.stems, beside.placed.match.stems, strict=True):
        assert other.matched.fader_db == pytest.approx(one.matched.fader_db, abs=3.0)
        assert abs(other.matched.fader_db - other.before.fader_db) < 7.0


def test_a_stem_whose_effects_are_switched_off_stays_and_is_told(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    low, high = duo(tmp_path / "media").tracks
    song = replace(duo(tmp_path / "media"), tracks=(replace(low, fx_enabled=False), high))
    outcome = found(song, Choice(bright))
    assert [stem.track_id for stem in outcome.placed.match.stems] == ["{High}"]
    row = next(row for row in outcome.account.stems if row.id == "{Low}")
    assert "switched off" in row.why[0]


def test_a_master_whose_effects_are_switched_off_is_not_counted_on(tmp_path):
    bright = write(tmp_path, "bright", pink(4.0, -18, 5, 0.2))
    with Crew(1) as crew:
        ask, staff = Ask(Choice(bright), Asked()), Staff(crew, silent, Memory())
        off = find(duo(tmp_path / "media"), HOW, ask, staff, Standing(master_is_off=True))
    assert off.written.bus == Bus()
    assert off.account.after.lufs == pytest.approx(off.account.before.lufs, abs=0.1)
    assert any("master's effects are switched off" in note for note in off.notes)


# The network, of which there are no weights here


class Network:
    """Says 0.6 to everything; its embedding of a stem is what it heard of it."""

    def __init__(self):
        self.heard = []

    def stem(self, signal):
        self.heard.append(float(np.abs(signal).max()))
        return np.full(512, self.heard[-1], np.float32)

    def reference(self, sides):
        return np.zeros((2, 512), np.float32)

    def settings(self, stems, sides):
        channels = np.full((len(stems), len(table.CHANNEL)), 0.6, np.float32)
        return channels, np.full(len(table.MASTER), 0.6, np.float32)


@pytest.fixture
def network(monkeypatch):
    """A file of weights that is not there."""
    stand_in = Network()
    loaded = checkpoint.Checkpoint("weights.ckpt", "ab" * 32, stand_in)
    monkeypatch.setattr(checkpoint, "load", lambda path, beat: loaded)
    return stand_in


def test_a_network_sets_every_stem_and_its_file_and_licence_are_told(tmp_path, network):
    hit = write(tmp_path, "hit", pink(4.0, -18, 5, 0.2))
    song = duo(tmp_path / "media", 7.0)
    with Crew(1) as crew:
        ask = Ask(Choice(hit), Asked(), tmp_path / "weights.ckpt")
        outcome = find(song, HOW, ask, Staff(crew, silent, Memory()))
    account = outcome.account
    assert (account.way, account.checkpoint) == ("network", "ab" * 32)
    assert len(account.stems) == 2
    assert all(stem.after.strip.compressor.ratio == pytest.approx(6.4) for stem in account.stems)
    assert checkpoint.LICENCE in outcome.notes
    assert account.after.lufs == pytest.approx(account.before.lufs, abs=0.1)
    highest_db = max(stem.after.fader_db for stem in account.stems)
    assert highest_db <= 12.0


def test_stems_that_one_network_hears_alike_land_equally_loud(tmp_path, network):
    """Each was brought to one loudness, and that gain is in its fader."""
    hit = write(tmp_path, "hit", pink(4.0, -18, 5, 0.2))
    same = pink(7.0, -24, 1)
    song = session(
        track(tmp_path / "media", "One", same), track(tmp_path / "media", "Two", same * 0.25)
    )
    with Crew(1) as crew:
        ask = Ask(Choice(hit), Asked(), tmp_path / "weights.ckpt")
        outcome = find(song, HOW, ask, Staff(crew, silent, Memory()))
    one, two = (stem.after.fader_db for stem in outcome.account.stems)
    assert two - one == pytest.approx(12.04, abs=0.05)


def test_a_stem_heard_elsewhere_is_among_the_few_passages_that_a_network_hears(network):
    rng = np.random.default_rng(1)
    sound = 0.1 * rng.standard_normal((2, 2, 70_000)).astype(np.float32)
    passages = [Passage(float(at), sound * [[[1.0]], [[0.0]]]) for at in range(8)]
    passages[6] = Passage(6.0, sound)
    passages = [replace(one, stems=one.stems.astype(np.float32)) for one in passages]
    ends = tuple(End(name, name, Seat(0.0, 0.0)) for name in ("a", "b"))
    heard = Heard(
        None, ("a", "b"), tuple(passages), {"b": 6.0}, (), (), (0, 0), np.zeros((2, 0)), (), ()
    )
    aim = Reference("hit", (sound[0],))
    tip = ways.find(heard, ends, aim, Asked(), Path("weights.ckpt"), silent)
    assert tip.console.channels[1] != console_before(ends).channels[1]


def test_what_her_own_strip_does_is_heard_and_need_not_be_done_again():
    rng = np.random.default_rng(3)
    sound = 0.05 * rng.standard_normal((3, 2, 90_000)).astype(np.float32)
    bands = list(NEUTRAL.bands)
    bands[2] = Band(6.0, 2000.0, 0.7)
    hers = replace(NEUTRAL, bands=tuple(bands))
    bright = offline.in_time(offline.StripStream(hers, SAMPLE_RATE_HZ), sound[1])
    aim = Reference("as it is", (sound[0] + bright + sound[2],))
    strips = (NEUTRAL, hers, NEUTRAL)
    ends = tuple(
        End(name, name, Seat(0.0, 0.0, one)) for name, one in zip("abc", strips, strict=True)
    )
    heard = Heard(
        None, tuple("abc"), (Passage(0.0, sound),), {}, (), (), (0, 0), np.zeros((3, 0)), (), ()
    )
    tip = ways.find(heard, ends, aim, Asked(), None, silent)
    settings = [channel.strip for channel in tip.console.channels] + [tip.console.master.strip]
    assert max(abs(band.gain_db) for strip in settings for band in strip.bands) < 0.3
    assert all(band.gain_db == 0.0 for band in tip.console.channels[1].strip.bands)


def test_a_checkpoint_that_is_none_changes_nothing(tmp_path):
    folder.write_project(duo(tmp_path / "media"), tmp_path / "song.RPP", {}, StoredBalance())
    hit = write(tmp_path, "hit", noise(2.0))
    (tmp_path / "weights.ckpt").write_bytes(b"no weights at all")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    ask = Ask(Choice(hit), Asked(), tmp_path / "weights.ckpt")
    with pytest.raises(InputError, match=r"weights\.ckpt"):
        run(Request(tmp_path / "song.RPP", ask, HOW, in_place=True, jobs=1))
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
