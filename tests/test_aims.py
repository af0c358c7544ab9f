"""Laws of a balance by roles, on audio, for every profile."""

from dataclasses import replace

import pytest

from reaper_automix import aims, engine, mix, profiles
from reaper_automix.crew import Crew
from reaper_automix.features.loudness import integrated
from reaper_automix.memory import Memory
from reaper_automix.profiles import NAMES
from reaper_automix.roles import UNKNOWN
from reaper_automix.scene import set_scene
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain
from signals import harmonic, noise
from songs import folder_track, session, track, with_faders, with_source_gains

EXACT = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)
EVERY = [
    name if name in ("roles", "speech") else pytest.param(name, marks=pytest.mark.long)
    for name in NAMES
]
MEMORY = Memory()
"""What was heard in one test is known in the next."""
SOURCES = ("Kick", "Snare", "Bass", "Gtr 1", "Gtr 2", "Lead Vox", "Zqx")


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Seven sources without folders, one of a name that says nothing."""
    folder = tmp_path_factory.mktemp("flat")
    sounds = (
        *(noise(1.0, level, seed=seed) for seed, level in enumerate((-30, -24, -36, -20))),
        *(harmonic(f0_hz, 1.0, level) for f0_hz, level in ((330, -28), (440, -22), (555, -33))),
    )
    return session(*(track(folder, n, sound) for n, sound in zip(SOURCES, sounds, strict=True)))


@pytest.fixture(scope="module")
def song(flat):
    """The same sources, some of them in folders."""
    homes = {"Kick": "{Drums}", "Snare": "{Drums}", "Gtr 1": "{Guitars}", "Gtr 2": "{Guitars}"}
    inside = [replace(one, parent_id=homes.get(one.name)) for one in flat.tracks]
    return session(
        folder_track("Drums"), *inside[:2], folder_track("Guitars"), *inside[3:5], inside[2],
        *inside[5:],
    )  # fmt: skip


def balance(one, how):
    with Crew(1) as crew:
        return engine.run(one, how, crew, memory=MEMORY)


def faders_db(balanced, names=SOURCES):
    return {name: db_from_gain(balanced.gains[f"{{{name}}}"]) for name in names}


def rows(balanced):
    return {row.name: row for row in balanced.tracks}


@pytest.mark.parametrize("name", EVERY)
def test_levels_come_out_as_asked_when_measured_again(song, name):
    balanced = balance(song, replace(EXACT, profile=name))
    desk = set_scene(song, EXACT).desk()
    asked = {row.id: row.offset_db for row in balanced.tracks}
    for group in balanced.groups:
        landed = {
            one: integrated(mix.tap(desk, one, balanced.gains))
            + db_from_gain(balanced.gains[one])
            - asked[one]
            for one in group.track_ids
        }
        assert list(landed.values()) == pytest.approx([group.target_lufs] * len(landed), abs=0.2)


@pytest.mark.parametrize("name", EVERY)
def test_gains_on_the_sources_change_nothing_but_the_level(song, name):
    gains_db = (9.0, -7.5, 3.0, -12.0, 11.0, -4.0, 6.0)
    how = replace(EXACT, profile=name)
    plain, other = balance(song, how), balance(with_source_gains(song, gains_db), how)
    order = [one.name for one in song.tracks if one.items]
    given = dict(zip(order, gains_db, strict=True))
    # What a source gains by itself, its fader or its folder's gives back.
    homes = {one.name: one.parent_id for one in song.tracks}

    def whole_db(balanced, source):
        home = homes[source]
        above = db_from_gain(balanced.gains[home]) if home else 0.0
        return db_from_gain(balanced.gains[f"{{{source}}}"]) + above

    common = [whole_db(other, one) + given[one] - whole_db(plain, one) for one in SOURCES]
    assert max(common) - min(common) < 0.1


@pytest.mark.parametrize("name", EVERY)
def test_a_second_run_moves_nothing(song, name):
    how = replace(EXACT, profile=name, strength=profiles.load(name).strength)
    first = balance(song, how)
    second = balance(with_faders(song, first.gains, first.stored), how)
    assert all(row.status != "moved" for row in second.tracks)


@pytest.mark.parametrize("name", ["equal", "roles"])
def test_the_order_of_tracks_does_not_matter(flat, name):
    how = replace(EXACT, profile=name)
    turned = replace(flat, tracks=flat.tracks[::-1])
    assert faders_db(balance(turned, how)) == pytest.approx(faders_db(balance(flat, how)), abs=1e-6)


def test_equal_does_not_ask_what_a_track_is(flat):
    nameless = replace(
        flat, tracks=tuple(replace(one, name=str(n)) for n, one in enumerate(flat.tracks))
    )
    named = balance(flat, EXACT)
    assert named.gains == balance(nameless, EXACT).gains
    assert {row.offset_db for row in named.tracks} == {0.0}
    assert rows(named)["Kick"].role == "kick"


def test_folders_change_nothing_about_what_is_heard(flat, song):
    how = replace(EXACT, profile="roles")
    alone, inside = balance(flat, how), balance(song, how)
    homes = {one.name: one.parent_id for one in song.tracks}
    heard = {
        name: fader + (db_from_gain(inside.gains[homes[name]]) if homes[name] else 0.0)
        for name, fader in faders_db(inside).items()
    }
    apart = [heard[name] - fader for name, fader in faders_db(alone).items()]
    assert max(apart) - min(apart) < 0.5


def test_nothing_is_asked_where_nothing_says_what_a_track_is(flat, monkeypatch):
    nameless = replace(
        flat, tracks=tuple(replace(one, name=f"Zqx {n}") for n, one in enumerate(flat.tracks))
    )
    alike = balance(nameless, EXACT)
    monkeypatch.setattr(aims, "guesses", lambda tracks: (UNKNOWN,) * len(tracks))
    by_roles = balance(nameless, replace(EXACT, profile="roles"))
    assert by_roles.gains == alike.gains


def test_a_part_of_the_way_keeps_part_of_what_was_there(flat):
    whole = balance(flat, replace(EXACT, profile="roles"))
    half = balance(flat, replace(EXACT, profile="roles", strength=0.5))
    moved = [faders_db(whole)[n] - 2.0 * faders_db(half)[n] for n in SOURCES]
    assert max(moved) - min(moved) < 0.01


def test_a_muted_double_does_not_share(flat):
    how = replace(EXACT, profile="roles")
    tracks = [replace(one, mute=one.name == "Gtr 2") for one in flat.tracks]
    muted = rows(balance(replace(flat, tracks=tuple(tracks)), how))
    both = rows(balance(flat, how))
    between, was = (rows["Gtr 1"].offset_db - rows["Kick"].offset_db for rows in (muted, both))
    # 3 dB where every guess is sure, less as far as they are not.
    assert 1.5 < between - was <= 3.02


def test_the_account_says_what_was_asked_and_why(song):
    told = rows(balance(song, replace(EXACT, profile="roles")))
    vocal = told["Lead Vox"]
    assert vocal.role == "lead vocal"
    assert vocal.offset_db > 0.0
    assert vocal.aim.startswith("Lead vocal, by its name")
    asked = f": asked for {vocal.offset_db:.1f} dB above its group's average."
    assert vocal.aim.endswith(asked)
    assert "by what is in it" in told["Guitars"].aim
