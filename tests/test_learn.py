"""What is learned from observations: laws first, then engineers whose taste is known."""

import math
import statistics
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engineers import ROLES, songs, taste
from reaper_automix import profiles
from reaper_automix.errors import OutputError
from reaper_automix.learn import profile_file
from reaper_automix.learn.ear import LEAST_STRENGTH, fit
from reaper_automix.learn.observation import Observation, asked_db
from reaper_automix.learn.proof import error_db, leave_one_out
from reaper_automix.profiles import Profile, reading

BASE = profiles.load("roles")
WANTED = taste(BASE, seed=3)
FEW = songs(WANTED, 4, seed=1)
MANY = songs(WANTED, 12, noise_db=1.5, seed=2)


def offsets(ear):
    return {role: offset.db for role, offset in ear.roles.items()}


def missed_db(ear, wanted=WANTED):
    """How far each role is from what its engineer wants, only differences between them counting."""
    apart = {role: ear.roles[role].db - wanted[role] for role in wanted}
    mean = statistics.fmean(apart.values())
    return {role: one - mean for role, one in apart.items()}


@pytest.mark.parametrize("heard", [[], FEW[:1], [(), FEW[0]]])
def test_fewer_than_two_songs_leave_the_base_as_it_is(heard):
    profile = fit(heard, BASE).profile()
    assert profile.strength == BASE.strength
    assert profile.share == BASE.share
    assert {role: profile.roles[role] for role in BASE.roles} == dict(BASE.roles)
    assert {stem: profile.stems[stem] for stem in BASE.stems} == dict(BASE.stems)


@hypothesis_settings(max_examples=3)
@given(st.randoms(use_true_random=False))
def test_the_order_of_songs_and_tracks_does_not_matter(random):
    mixed = [tuple(random.sample(song, len(song))) for song in random.sample(FEW, len(FEW))]
    assert fit(mixed, BASE) == fit(FEW, BASE)


@hypothesis_settings(max_examples=3)
@given(st.lists(st.floats(-24, 24), min_size=len(FEW), max_size=len(FEW)))
def test_the_level_of_a_song_does_not_matter(levels_db):
    louder = [
        tuple(replace(one, fader_db=one.fader_db + by_db) for one in song)
        for song, by_db in zip(FEW, levels_db, strict=True)
    ]
    hotter = [
        tuple(replace(one, raw_lufs=one.raw_lufs + by_db) for one in song)
        for song, by_db in zip(FEW, levels_db, strict=True)
    ]
    for other in (louder, hotter):
        assert offsets(fit(other, BASE)) == pytest.approx(offsets(fit(FEW, BASE)), abs=1e-4)


@hypothesis_settings(max_examples=3)
@given(st.integers(0, 2**32 - 1))
def test_at_full_strength_the_gain_of_sources_does_not_matter(seed):
    rng = np.random.default_rng(seed)

    def regained(one):
        by_db = rng.uniform(-12.0, 12.0)
        return replace(one, raw_lufs=one.raw_lufs + by_db, fader_db=one.fader_db - by_db)

    other = [tuple(map(regained, song)) for song in FEW]
    assert offsets(fit(other, BASE, 1.0)) == pytest.approx(offsets(fit(FEW, BASE, 1.0)), abs=1e-3)


def test_what_engineers_are_known_to_want_is_found_again():
    ear = fit(MANY, BASE)
    assert ear.strength == pytest.approx(0.8, abs=3 * ear.strength_sd)
    assert max(map(abs, missed_db(ear).values())) < 2.0
    assert 1.0 < ear.noise_db < 2.5


@pytest.mark.parametrize("count", [2, 4, 8])
def test_it_is_as_sure_as_it_says(count):
    ratios = []
    for seed in range(5):
        wanted = taste(BASE, 3.0, seed)
        ear = fit(songs(wanted, count, noise_db=3.0, seed=100 + seed), BASE)
        ratios += [one / ear.roles[role].sd_db for role, one in missed_db(ear, wanted).items()]
    assert 0.6 < float(np.std(ratios)) < 1.4


def test_more_songs_make_it_surer():
    few, many = fit(MANY[:3], BASE), fit(MANY, BASE)
    assert all(many.roles[role].sd_db < few.roles[role].sd_db for role in ROLES)
    assert many.strength_sd < few.strength_sd


STILL = songs(WANTED, 4, noise_db=0.0, seed=8, roles=("kick", "snare", "bass", "lead vocal"))


def with_keys(song, count=1, off_db=0.0, trust=1.0):
    """A song of ``STILL`` with keys put where they are wanted, or so far off."""
    level_db = statistics.fmean(
        one.fader_db - 0.8 * (WANTED[one.role] - one.raw_lufs) for one in song if one.sharing == 1
    )
    fader_db = 0.8 * (WANTED["keys"] + 25.0 - 10.0 * math.log10(count)) + level_db + off_db
    return (*song, *(Observation("keys", -25.0, fader_db, count, trust) for _ in range(count)))


def test_many_tracks_of_one_song_are_not_many_songs():
    choir = fit([with_keys(STILL[0], 12), *STILL[1:]], BASE).roles["keys"]
    everywhere = fit(map(with_keys, STILL), BASE).roles["keys"]
    assert (choir.tracks, choir.songs) == (12, 1)
    assert (everywhere.tracks, everywhere.songs) == (4, 4)
    assert choir.sd_db > everywhere.sd_db


def test_one_absurd_fader_is_no_taste():
    def heard(off_db):
        absurd = with_keys(STILL[0], off_db=off_db)
        return offsets(fit([absurd, *map(with_keys, STILL[1:])], BASE))

    as_wanted = heard(0.0)
    assert all(abs(one - as_wanted[role]) < 3.0 for role, one in heard(-60.0).items())
    assert heard(-120.0) == pytest.approx(heard(-60.0), abs=0.3)


def test_a_track_counts_as_far_as_it_is_trusted():
    sure, moved = [], []
    for trust in (0.1, 0.5, 1.0):
        keys = fit([with_keys(song, trust=trust) for song in STILL], BASE).roles["keys"]
        sure.append(keys.sd_db)
        moved.append(abs(keys.db - BASE.roles["keys"]))
    assert sure == sorted(sure, reverse=True)
    assert moved == sorted(moved)


def test_a_role_that_no_song_has_moves_along_with_its_stem():
    loud_drums = {**dict.fromkeys(ROLES, 0.0), "kick": 8.0, "snare": 8.0, "hi-hat": 8.0}
    ear = fit(songs(loud_drums, 8, seed=5), profiles.load("equal"))
    assert ear.stems["drums"].db > 1.0 > ear.stems["keys"].db
    known = fit(songs({role: BASE.offset_db(role) or 0.0 for role in ROLES}, 8, seed=5), BASE)
    louder = {role: one + (8.0 if role in ("kick", "snare", "hi-hat") else 0.0)
              for role, one in ((role, BASE.offset_db(role) or 0.0) for role in ROLES)}  # fmt: skip
    moved = fit(songs(louder, 8, seed=5), BASE)
    assert moved.roles["tom"].tracks == 0
    assert moved.roles["tom"].db - known.roles["tom"].db > 1.0


def test_who_leaves_faders_alone_has_the_least_strength():
    still = [tuple(replace(one, fader_db=0.0) for one in song) for song in MANY]
    ear = fit(still, BASE)
    assert ear.strength == LEAST_STRENGTH
    assert all(abs(offset.db) < 40.0 for offset in ear.roles.values())


def test_a_strength_that_is_given_stays():
    ear = fit(FEW, BASE, 0.55)
    assert ear.strength == pytest.approx(0.55, abs=1e-3)
    assert ear.profile().strength == 0.55


@pytest.mark.parametrize("name", profiles.NAMES)
def test_every_profile_can_be_the_base(name):
    ear = fit(FEW, profiles.load(name))
    assert {role for role, offset in ear.roles.items() if offset.tracks} >= {"kick", "snare"}
    assert error_db(ear.profile(), FEW[0]) < error_db(profiles.load("equal"), FEW[0])


def test_an_engineer_of_the_base_is_told_that_nothing_more_is_known():
    of_base = {role: asked_db(BASE, Observation(role, 0.0, 0.0)) for role in ROLES}
    proof = leave_one_out(songs(of_base, 6, strength=BASE.strength, noise_db=4.0, seed=7), BASE)
    assert not proof.holds


def test_an_engineer_of_another_taste_is_told_so():
    proof = leave_one_out(MANY[:6], BASE)
    assert proof.holds
    assert statistics.median(proof.learned) < statistics.median(proof.base) - 0.5


def test_two_songs_prove_nothing():
    assert leave_one_out(FEW[:2], BASE) is None


def test_a_balance_is_scored_by_differences_alone():
    song = (Observation("kick", -20.0, 3.0), Observation("bass", -30.0, 13.0))
    assert error_db(Profile("equal"), song) == 0.0
    assert error_db(Profile("still", strength=0.0), song) == 5.0


def test_the_file_is_the_profile(tmp_path):
    ear, file = fit(FEW, BASE), tmp_path / "deep" / "mine.toml"
    profile_file.write(file, profile_file.text(ear, BASE, 'By "me" \\ and you.'))
    read = reading.read(file)
    assert read.roles == ear.profile().roles
    assert read.stems == ear.profile().stems
    assert (read.strength, read.share) == (ear.profile().strength, BASE.share)
    assert tomllib.loads(file.read_text("utf-8"))["source"] == 'By "me" \\ and you.'
    told = next(line for line in file.read_text("utf-8").splitlines() if '"kick"' in line)
    assert told.endswith(f"4 tracks in 4 projects, ± {ear.roles['kick'].sd_db:.1f} dB")


def test_a_file_of_ours_is_replaced_and_any_other_is_not(tmp_path):
    file = tmp_path / "mine.toml"
    content = profile_file.text(fit(FEW, BASE), BASE, "")
    profile_file.refuse_others(file)
    profile_file.write(file, content)
    profile_file.refuse_others(file)
    for other in (content.replace('"kick" = ', '"kick" = 1'), "strength = 1.0\n", ""):
        file.write_text(other, "utf-8")
        with pytest.raises(OutputError, match="was not written by learn"):
            profile_file.refuse_others(file)


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path):
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        profile_file.write(tmp_path / "mine.toml", "strength = 1.0\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]
