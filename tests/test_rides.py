"""Regions with a balance of their own: envelopes on top of the faders, ours and no one else's."""

import difflib
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from reaper_automix import pipeline, rides
from reaper_automix.adapters import folder, project
from reaper_automix.audio import to_samples
from reaper_automix.errors import SettingsError
from reaper_automix.memory import Memory
from reaper_automix.pipeline import Request
from reaper_automix.render.envelopes import envelope_gains
from reaper_automix.rides import RAMP_S, Ride, curve
from reaper_automix.scene import set_scene
from reaper_automix.session import Envelope, EnvelopePoint, Region, StoredBalance, TimeRange
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain
from signals import RATE_HZ, noise
from songs import folder_track, session, track

HOW = Settings(method="lufs", objects="off", dead_band_db=0.0)
REGIONS = ((1, "Verse", 0.5, 2.5), (2, "Chorus", 3.0, 6.0))
SILENCE = np.zeros((1, 3 * RATE_HZ), np.float32)


def halves(first_db, second_db, seed):
    """Three seconds of noise at one level and three at another, or of silence."""
    halves = [
        SILENCE if level is None else noise(3.0, level, seed=seed + at)
        for at, level in enumerate((first_db, second_db))
    ]
    return np.concatenate(halves, axis=1)


def mark(path, *regions):
    """Put regions into a project."""
    lines = []
    for number, name, start_s, end_s in regions:
        lines += [f"  MARKER {number} {start_s} {name} 1\n", f'  MARKER {number} {end_s} "" 1\n']
    head, rest = path.read_text().split("\n", 1)
    path.write_text("".join((head, "\n", *lines, rest)))
    return path


MEMORY = Memory()
"""What was measured for one test serves the others."""


@pytest.fixture(autouse=True)
def _remembered(monkeypatch):
    monkeypatch.setattr(pipeline.memory, "opened", lambda: MEMORY)


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    home = tmp_path_factory.mktemp("media")
    return session(
        folder_track("Band"),
        track(home, "a", halves(-20, -20, 1), parent_id="{Band}"),
        track(home, "b", halves(-30, -10, 11), parent_id="{Band}"),
        track(home, "c", halves(-25, None, 21)),
    )


@pytest.fixture
def song(media, tmp_path):
    """A project of six seconds; b is soft in the verse and loud in the chorus, where c rests."""
    folder.write_project(media, tmp_path / "song.RPP", {}, StoredBalance())
    return mark(tmp_path / "song.RPP", *REGIONS)


def balance(path, how=HOW, **more):
    asked = {"per_region": "envelope", "in_place": True, "jobs": 1} | more
    return pipeline.run(Request(path, how, **asked))


def named(path):
    return {one.name: one for one in project.read(path).tracks}


def edited(path, old, new):
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def sounds(path, part):
    """What leaves each track's fader in a stretch of a project."""
    read = project.read(path)
    desk = set_scene(read, replace(HOW, time_range=part)).desk()
    faders = {one.id: one.fader_gain for one in read.tracks}
    return {
        read.track(one).name: faders[one] * to_samples(signal)
        for one, signal in desk.signals.items()
    }


def level_db(samples):
    return db_from_gain(float(np.sqrt(np.mean(np.square(samples)))))


@pytest.mark.parametrize(("start_s", "end_s"), [region[2:] for region in REGIONS])
def test_levels_in_a_region_land_where_its_own_balance_puts_them(
    song, tmp_path, media, start_s, end_s
):
    folder.write_project(media, tmp_path / "alone.RPP", {}, StoredBalance())
    part = TimeRange(start_s, end_s)
    balance(tmp_path / "alone.RPP", replace(HOW, time_range=part), per_region="off")
    balance(song)
    inside = TimeRange(start_s + RAMP_S, end_s - RAMP_S)
    here, alone = sounds(song, inside), sounds(tmp_path / "alone.RPP", inside)
    band = named(song)["Band"], named(tmp_path / "alone.RPP")["Band"]
    for one in "ab":
        assert level_db(here[one]) == pytest.approx(level_db(alone[one]), abs=0.05)
    gains = envelope_gains(band[0].volume, round(inside.start_s * RATE_HZ), 1, RATE_HZ)
    folder_db = band[0].fader_db + db_from_gain(float(gains[0]))
    assert folder_db == pytest.approx(band[1].fader_db, abs=0.05)


def test_faders_are_those_of_the_whole_song_and_what_lies_between_is_too(song, tmp_path, media):
    folder.write_project(media, tmp_path / "alone.RPP", {}, StoredBalance())
    balance(tmp_path / "alone.RPP", per_region="off")
    balance(song)
    plain = named(tmp_path / "alone.RPP")
    assert {one: track.fader_gain for one, track in named(song).items()} == {
        one: track.fader_gain for one, track in plain.items()
    }
    gap = TimeRange(2.6, 2.9)
    for one, samples in sounds(song, gap).items():
        np.testing.assert_allclose(samples, sounds(tmp_path / "alone.RPP", gap)[one], rtol=1e-6)


def test_what_rests_in_a_region_stays_at_0_db_there(song):
    balance(song)
    gains = envelope_gains(named(song)["c"].volume, 3 * RATE_HZ, 3 * RATE_HZ, RATE_HZ)
    assert set(gains) == {1.0}


def test_nothing_but_faders_envelopes_and_our_state_changes(song):
    before = song.read_bytes().decode().splitlines(keepends=True)
    balance(song)
    after = song.read_bytes().decode().splitlines(keepends=True)
    went = [line for line in difflib.ndiff(before, after) if line[0] == "-"]
    assert all(line.split()[1] == "VOLPAN" for line in went)
    assert "".join(after).count("<VOLENV2") == 4
    own = "".join(after).count("VOLENV2_{")
    assert own == 4


@pytest.mark.parametrize("in_place", [True, False])
def test_a_second_run_moves_nothing(song, in_place):
    balance(song, in_place=in_place)
    first = song if in_place else song.with_name("song-automix.RPP")
    before = first.read_bytes()
    account = balance(first)
    assert first.read_bytes() == before
    assert not account.moved


def test_the_song_is_measured_without_our_own_envelopes(song):
    first, second = balance(song), balance(song)
    assert [one.level for one in second.tracks] == [one.level for one in first.tracks]


def test_other_regions_replace_our_envelopes_and_none_takes_them_off(song):
    plain = song.read_bytes()
    balance(song)
    times = [point.time_s for point in named(song)["b"].volume.points]
    edited(song, "MARKER 2 3.0", "MARKER 2 4.0")
    balance(song)
    again = [point.time_s for point in named(song)["b"].volume.points]
    assert times != again
    assert again.count(4.01) == 1
    balance(song, per_region="off")
    assert b"VOLENV2" not in song.read_bytes()
    assert song.read_bytes().count(b"\n") > plain.count(b"\n")  # our state alone


def test_an_envelope_that_was_changed_by_hand_is_left_alone_and_listed(song):
    balance(song)
    gain = named(song)["b"].volume.points[1].gain
    edited(song, f"PT 0.51 {gain:.8f}".rstrip("0"), "PT 0.51 0.125")
    account = balance(song)
    assert named(song)["b"].volume.points[1].gain == 0.125
    row = next(one for one in account.tracks if one.name == "b")
    assert rides.HAS_ENVELOPE in row.notes


@pytest.mark.parametrize(
    "envelope",
    ["<VOLENV2\n      ACT 1 -1\n      PT 0 0.5 0\n    >", "<VOLENV2\n      ACT 0 -1\n    >"],
    ids=["sounds", "bypassed"],
)
def test_an_envelope_of_the_engineer_is_left_alone_and_listed(song, envelope):
    edited(song, "    NAME b", f"    NAME b\n    {envelope}")
    account = balance(song)
    assert envelope in song.read_bytes().decode().replace("\r\n", "\n")
    row = next(one for one in account.tracks if one.name == "b")
    assert rides.HAS_ENVELOPE in row.notes


def test_where_an_envelope_would_take_the_faders_place_none_is_written(song):
    edited(song, "    NAME b", "    NAME b\n    AUTOMODE 1")
    account = balance(song)
    assert named(song)["b"].volume is None
    row = next(one for one in account.tracks if one.name == "b")
    assert rides.IS_DRIVEN in row.notes


def test_dead_band_and_maximum_move_hold_for_the_difference(song):
    balance(song, replace(HOW, max_move_db=3.0))
    volumes = [one.volume for one in named(song).values() if one.volume]
    gains_db = [db_from_gain(point.gain) for volume in volumes for point in volume.points]
    assert max(map(abs, gains_db)) == pytest.approx(3.0, abs=0.001)
    balance(song, replace(HOW, dead_band_db=40.0))
    assert all(one.volume is None for one in named(song).values())


def test_bounces_have_the_regions_in_them(song):
    written = next(o for o in balance(song, bounce=True).outputs if o.kind == "bounce")
    (again,) = pipeline.bounce(song, song.with_name("again.wav"), HOW)
    np.testing.assert_allclose(sf.read(written.path)[0], sf.read(again.path)[0], atol=1e-6)


def test_the_account_tells_every_move_and_what_it_leaves_out(song):
    account = balance(song, dry_run=True)
    row = next(one for one in account.tracks if one.name == "b")
    assert row.notes[-1].startswith("In regions, on top of its fader: Verse +")
    assert ", Chorus -" in row.notes[-1]
    assert rides.FADERS_ONLY in account.notes


def test_a_region_without_sound_is_told_and_stays(song):
    mark(song, (9, "Tail", 20.0, 21.0))
    account = balance(song)
    assert rides.SILENT_REGION.format("Tail") in account.notes
    assert all(one.volume.points[-1].time_s < 7.0 for one in named(song).values() if one.volume)


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        ((), "has no regions"),
        (((3, "Solo", 2.0, 4.0), *REGIONS), "Verse and Solo overlap at 0:02"),
    ],
)
def test_regions_that_cannot_be_balanced_are_refused(media, tmp_path, regions, said):
    path = tmp_path / "song.RPP"
    folder.write_project(media, path, {}, StoredBalance())
    before = mark(path, *regions).read_bytes()
    with pytest.raises(SettingsError, match=said):
        balance(path)
    assert path.read_bytes() == before


def test_a_folder_of_stems_has_no_regions(media, tmp_path):
    source = media.tracks[1].items[0].takes[0].source.file
    (tmp_path / "stems").mkdir()
    (tmp_path / "stems" / "a.wav").symlink_to(source)
    with pytest.raises(SettingsError, match="stems is a folder of stems, which has no regions"):
        balance(tmp_path / "stems", in_place=False)


EDGES = st.lists(st.floats(0.0, 60.0), min_size=2, max_size=12, unique=True)


@given(EDGES, st.lists(st.floats(-12.0, 12.0), min_size=6, max_size=6))
@bounds(deadline=None)
def test_an_envelope_is_flat_in_regions_and_rests_outside(edges, moves_db):
    spans = list(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
    asked = [
        Ride(Region(at, "", start_s, end_s), {"{a}": moves_db[at]})
        for at, (start_s, end_s) in enumerate(spans)
    ]
    found = curve(asked, "{a}")
    if found is None:
        assert not any(moves_db[: len(asked)])
        return
    times = [point.time_s for point in found.points]
    assert times == sorted(times)
    for one in asked:
        middle_s = (one.region.start_s + one.region.end_s) / 2.0
        gain = float(envelope_gains(found, round(middle_s * RATE_HZ), 1, RATE_HZ)[0])
        if one.region.end_s - one.region.start_s > 2 * RAMP_S:
            assert db_from_gain(gain) == pytest.approx(one.moves_db["{a}"], abs=0.001)
    gain = float(envelope_gains(found, round(61.0 * RATE_HZ), 1, RATE_HZ)[0])
    assert gain == 1.0


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 4)), min_size=1, max_size=5))
def test_an_envelope_is_known_however_its_points_are_written(points):
    one = Envelope(tuple(EnvelopePoint(round(t, 8), round(g, 8)) for t, g in points))
    other = Envelope(tuple(EnvelopePoint(float(f"{p.time_s:.14f}"), p.gain) for p in one.points))
    assert rides.digest(one) == rides.digest(other)
    louder = EnvelopePoint(one.points[0].time_s, one.points[0].gain + 0.001)
    assert rides.digest(one) != rides.digest(Envelope((louder, *one.points[1:])))
