"""Profiles: what they say, what is refused, what they ask of tracks, fits that find it again."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import profiles, settings
from reaper_automix.errors import SettingsError
from reaper_automix.profiles import NAMES, Profile
from reaper_automix.profiles.fitting import Placed, fit
from reaper_automix.profiles.reading import read
from reaper_automix.profiles.wishes import centred, strength, together_db, wanted_db
from reaper_automix.roles import STEM_OF, UNKNOWN, Guess

ONE = Profile("one", roles={"kick": -2.0, "lead vocal": 6.0}, stems={"guitars": 3.0})

some_profiles = st.builds(
    Profile,
    name=st.just("some"),
    share=st.floats(0, 1),
    roles=st.dictionaries(st.sampled_from(list(STEM_OF)), st.floats(-20, 20)),
)
guesses = st.one_of(
    st.just(UNKNOWN),
    st.builds(Guess, st.sampled_from(list(STEM_OF)), st.floats(0.05, 1), st.just("name")),
)
sessions = st.lists(guesses, max_size=12).map(lambda found: dict(enumerate(found)))


@pytest.fixture(autouse=True)
def user_folder(tmp_path, monkeypatch):
    """Profiles of a user's own, none at first."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setattr(profiles, "user_folder", lambda: folder)
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "no settings")
    return folder


def sure(role):
    return Guess(role, 1.0, "name")


# What a profile asks of tracks


@given(some_profiles, sessions, st.randoms())
def test_the_order_of_tracks_does_not_matter(profile, session, rng):
    shuffled = list(session.items())
    rng.shuffle(shuffled)
    assert wanted_db(profile, dict(shuffled)) == wanted_db(profile, session)


@given(some_profiles, sessions, st.floats(-10, 10))
def test_only_differences_of_offsets_count(profile, session, by_db):
    moved = {role: offset + by_db for role, offset in profile.roles.items()}
    other = Profile("other", share=profile.share, roles=moved)
    assert wanted_db(other, session) == pytest.approx(wanted_db(profile, session), abs=1e-9)


@given(some_profiles, sessions)
def test_who_is_less_sure_is_asked_for_less(profile, session):
    known = wanted_db(profile, session)
    for track, guess in session.items():
        if known.get(track):
            assert guess.role is not None
    unsure = {track: Guess(g.role, g.confidence / 2.0, g.by) for track, g in session.items()}
    asked = wanted_db(profile, unsure)
    assert asked == pytest.approx({track: wish / 2.0 for track, wish in known.items()}, abs=1e-9)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=9), st.randoms())
def test_a_folder_is_asked_for_the_power_of_what_is_in_it(wishes, rng):
    half = rng.randrange(len(wishes) + 1)
    parts = [part for part in (wishes[:half], wishes[half:]) if part]
    nested = together_db([together_db(part) for part in parts])
    assert nested == pytest.approx(together_db(wishes), abs=1e-9)
    assert nested >= max(wishes) - 1e-9


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=9))
def test_what_is_centred_has_no_mean(wishes):
    asked = centred(dict(enumerate(wishes)))
    assert math.fsum(asked.values()) == pytest.approx(0.0, abs=1e-9)


def test_tracks_of_one_role_share_its_level():
    one = wanted_db(ONE, {"k": sure("kick"), "v": sure("lead vocal")})
    four = wanted_db(ONE, {"k": sure("kick"), **{n: sure("lead vocal") for n in "abcd"}})
    assert one["v"] - one["k"] == pytest.approx(8.0)
    assert together_db([four[n] for n in "abcd"]) - four["k"] == pytest.approx(8.0)


def test_a_role_that_is_not_listed_stands_where_its_stem_does():
    assert ONE.offset_db("electric guitar") == 3.0
    assert ONE.offset_db("click") is None
    assert ONE.offset_db(None) is None


def test_nothing_is_asked_where_nothing_is_known():
    assert wanted_db(ONE, {"a": UNKNOWN, "b": sure("click")}) == {}


def test_what_is_unknown_is_an_average_track():
    asked = wanted_db(ONE, {"k": sure("kick"), "v": sure("lead vocal"), "x": UNKNOWN})
    assert asked == {"k": -4.0, "v": 4.0, "x": 0.0}


# The profiles that are there


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_says_what_it_is_and_where_it_is_from(name):
    profile = profiles.load(name)
    assert profile.name == name
    assert profile.title
    text = (profiles._HERE / f"{name}.toml").read_text("utf-8")
    assert "source = " in text
    assert profile.is_equal == (name == "equal")


def test_equal_is_the_published_idea():
    equal = profiles.load("equal")
    assert (equal.strength, dict(equal.roles), dict(equal.stems)) == (1.0, {}, {})


@pytest.mark.parametrize("name", ["roles", "rock", "pop", "jazz", "speech"])
def test_the_lead_vocal_stands_in_front(name):
    profile = profiles.load(name)
    assert profile.offset_db("lead vocal") == max(profile.roles.values())
    assert profile.offset_db("lead vocal") > profile.offset_db("hi-hat")


# Profiles of one's own


def test_a_users_profile_is_called_by_its_name(user_folder):
    (user_folder / "custom.toml").write_text('strength = 0.3\n[roles]\n"lead vocal" = 5\n')
    found = settings.load(given={"profile": "Custom"})
    assert (found.profile, found.strength) == ("custom", None)
    assert profiles.load("custom").roles == {"lead vocal": 5.0}
    assert profiles.load("custom").strength == 0.3


def test_a_profile_is_called_by_its_path_on_the_command_line(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text("strength = 0.3\n[stems]\ndrums = -1.5\n")
    monkeypatch.chdir(tmp_path)
    found = settings.load(given={"profile": "mine.toml"})
    assert found.profile == str(tmp_path / "mine.toml")
    assert found.strength is None


def test_settings_name_a_profile_beside_them(tmp_path):
    song = tmp_path / "song"
    song.mkdir()
    (song / "mine.toml").write_text("strength = 0.3\n")
    (song / settings.FILE_NAME).write_text('profile = "mine.toml"\n')
    assert settings.load(song).profile == str(song / "mine.toml")


@pytest.mark.parametrize("path", ["../mine.toml", "/tmp/mine.toml", "in/mine.toml"])
def test_settings_that_come_with_a_song_name_no_file_elsewhere(tmp_path, path):
    (tmp_path / settings.FILE_NAME).write_text(f'method = "lufs"\nprofile = "{path}"\n')
    with pytest.raises(SettingsError, match="line 2: profile must lie beside"):
        settings.load(tmp_path)


def test_a_project_that_is_open_names_no_file(user_folder):
    with pytest.raises(SettingsError) as refusal:
        settings.load(given={"profile": "mine.toml"}, origin="REAPER")
    assert str(user_folder) in str(refusal.value)


def test_a_strength_that_is_said_wins():
    assert settings.load(given={"profile": "roles"}).strength is None
    assert settings.load(given={"profile": "roles", "strength": "1"}).strength == 1.0
    assert settings.load(given={"profile": "roles", "strength": "auto"}).strength is None
    assert settings.load().profile == "roles"


levels = st.lists(st.floats(-60.0, 60.0), max_size=12)


@given(st.lists(levels, max_size=5), st.floats(-50.0, 50.0))
def test_the_strength_depends_on_distances_alone(groups, by_db):
    roles = profiles.load("roles")
    found = strength(roles, groups)
    assert 0.0 <= found <= 1.0
    moved = [[level + by_db for level in reversed(group)] for group in reversed(groups)]
    assert strength(roles, moved) == pytest.approx(found, abs=1e-6)
    assert strength(replace(roles, spread_db=None), groups) == roles.strength
    assert strength(profiles.load("equal"), groups) == 1.0


def test_the_further_a_session_is_from_the_wishes_the_further_faders_go():
    roles = profiles.load("roles")
    found = [strength(roles, [[-size, size] * 30]) for size in (0.0, 3.0, 6.0, 12.0, 24.0)]
    assert found == sorted(found)
    assert found[0] < roles.strength < 0.9 < found[-1] < 1.0
    assert strength(roles, [[], [3.0]]) == pytest.approx(roles.strength)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rokc", "There is no profile 'rokc', and no .*rokc.toml of yours; did you mean 'rock'?"),
        ("zzz", "there are equal, roles, rock"),
        ("none.toml", "There is no profile .*none.toml; check the path."),
    ],
)
def test_a_profile_that_is_not_there(name, said):
    with pytest.raises(SettingsError, match=said):
        settings.load(given={"profile": name})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[roles\n", "is not TOML: "),
        ('[roles]\n"lead vox" = 3', r"line 2: there is no role 'lead vox'; did you mean 'lead"),
        ("[roles]\nspoons = 3", "line 2: there is no role 'spoons'; there are kick, snare"),
        ("[stems]\n\nguitar = 3", "line 3: there is no stem 'guitar'; did you mean 'guitars'"),
        ("[stems]\nkick = 3", "line 2: there is no stem 'kick'"),
        ('[roles]\nkick = "loud"', r"line 2: kick cannot be 'loud'; it must be a number from -40"),
        ("[roles]\nkick = nan", "line 2: kick cannot be nan"),
        ("[roles]\nkick = -inf", "line 2: kick cannot be -inf"),
        ("[roles]\nkick = true", "line 2: kick cannot be True"),
        ("[roles]\nbass = 1\nkick = -60", r"line 3: kick cannot be -60; .* \(dB\)"),
        ("[roles.kick]\ndb = 3", "kick cannot be {'db': 3}"),
        ('[stems]\nbass = 1\n[roles]\n"bass" = 99', "line 4: bass cannot be 99"),
        ("roles = 3", r"line 1: roles must be a table; write \[roles\] above it"),
        ("title = 'x'\nstrength = 1.5", "line 2: strength cannot be 1.5; it must be a number from"),
        ("share = -1", "line 1: share cannot be -1"),
        ("title = 3", "line 1: title cannot be 3; it must be a text"),
        ("strenght = 1", "line 1: there is no key 'strenght'; did you mean 'strength'?"),
        ("[role]\nkick = 1", "line 1: there is no key 'role'; did you mean 'roles'?"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as refusal:
        read(path)
    assert str(refusal.value).startswith(str(path))


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        read(tmp_path / "mine.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path)


# Fits


def song_by(profile, roles, rng, noise_db=0.0):
    """A finished mix of these roles by a profile, at some level as a whole."""
    guesses = {str(n): sure(role) for n, role in enumerate(roles)}
    asked = wanted_db(profile, guesses)
    level = rng.uniform(-40, -20)
    return [Placed(g.role, level + asked[n] + rng.gauss(0, noise_db)) for n, g in guesses.items()]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_fit_finds_the_profile_that_mixes_were_made_by(share):
    rng = random.Random(5)
    roles = {"kick": -4.0, "snare": -2.0, "bass": 1.0, "electric guitar": 2.0, "lead vocal": 3.0}
    truth = Profile("truth", share=share, roles=roles)
    pool = [*roles, "electric guitar", "electric guitar", "lead vocal", "kick"]
    songs = [song_by(truth, rng.sample(pool, 7), rng) for _ in range(12)]
    found = fit(songs, "found", shrink=1e-6, share=share)
    assert dict(found.roles) == pytest.approx(roles, abs=0.11)


def test_a_fit_does_not_believe_a_single_song_of_one_role():
    rng = random.Random(7)
    truth = Profile("truth", roles={"kick": -2.0, "bass": 0.0, "organ": 12.0})
    songs = [song_by(truth, ["kick", "bass"], rng) for _ in range(8)]
    songs.append(song_by(truth, ["kick", "bass", "organ"], rng))
    found = fit(songs, "found", shrink=0.05)
    between = found.roles["organ"] - found.roles["bass"]
    assert 0.0 < between < 11.0


def test_a_fit_stays_near_what_was_known():
    rng = random.Random(9)
    known = Profile("known", roles={"kick": -3.0, "bass": 1.0, "organ": 2.0})
    songs = [song_by(known, ["kick", "bass"], rng)]
    found = fit(songs, "found", shrink=0.5, near=known)
    assert dict(found.roles) == pytest.approx(known.roles, abs=0.11)
