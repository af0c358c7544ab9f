"""The proof on songs whose author's balance is known: a small one of our own."""

import json

import numpy as np
import pytest
from mosqito.sq_metrics.loudness.loudness_zwst.loudness_zwst import loudness_zwst

from reaper_automix import cli
from reaper_automix.adapters import project
from reaper_automix.audio import from_samples
from reaper_automix.bench.material import write_project
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError
from reaper_automix.evaluate import authors, landing, phons, songs, spread
from reaper_automix.features.loudness import integrated
from reaper_automix.routing import trace
from reaper_automix.settings import Settings
from signals import RATE_HZ, harmonic, noise, tone
from songs import folder_track, session, track

SECONDS = 1.0
PARTS = {
    "Bass": harmonic(110, SECONDS, -22),
    "Gtr": harmonic(330, SECONDS, -14),
    "Hats": noise(SECONDS, -34, seed=1),
    "Lead Vox": harmonic(440, SECONDS, -25, vibrato=0.3),
}
MADE_UP = "Gtr Dbl"
"""A track that no author has put anywhere."""

PASCAL = 2e-5
LOUD_DB = {"Bass": 2.0, "Gtr": 0.0, "Hats": -4.0, "Lead Vox": 5.0}
"""Where the author of the song in folders has put its parts, as loudness."""


def made(data, name, *tracks, placed_db, **account):
    """A song whose author has put parts at these loudnesses; the path of its project."""
    home = data / "sessions" / name
    path = write_project(session(*(one(home / "media") for one in tracks)), home / f"{name}.rpp")
    records = [
        {
            "name": one.name,
            "file": one.items[0].takes[0].source.path,
            "kind": "part" if one.name in placed_db else "double",
            "restore_gain_db": placed_db.get(one.name, 0.0) - lufs(one.name),
        }
        for one in project.read(path).tracks
        if one.items
    ]
    (home / songs.ACCOUNT).write_text(json.dumps({"tracks": records, **account}), "utf-8")
    return path


def lufs(name):
    return integrated(from_samples(PARTS.get(name, PARTS["Gtr"]), RATE_HZ))


def part(name, **more):
    return lambda media: track(media, name, PARTS.get(name, PARTS["Gtr"]), **more)


def folder(name, **more):
    return lambda _media: folder_track(name, **more)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A song that its author has put at equal loudness, and one in folders that is not."""
    found = tmp_path_factory.mktemp("data")
    made(found, "equal", *map(part, PARTS), part(MADE_UP), placed_db=dict.fromkeys(PARTS, 0.0))
    tracks = (
        folder("Band", fader_gain=0.5),
        *(part(name, parent_id="{Band}") for name in ("Bass", "Gtr", "Hats")),
        part("Lead Vox", fader_gain=2.0),
    )
    made(found, "folders", *tracks, placed_db=LOUD_DB)
    return found


@pytest.fixture(scope="module")
def read(data):
    return {song.name: song for song in songs.read(data)}


@pytest.fixture(scope="module")
def scores(read):
    with Crew(1) as crew:
        return {name: authors.score(song, crew) for name, song in read.items()}


def named(song, by_id):
    return {song.session.track(one).name: value for one, value in by_id.items()}


# Songs


def test_only_parts_have_an_author(read):
    assert set(named(read["equal"], read["equal"].author_db)) == set(PARTS)


def test_a_project_without_an_account_is_as_its_author_left_it(data, tmp_path):
    home = tmp_path / "multitrack" / "song"
    write_project(session(*(part(name)(home) for name in PARTS)), home / "song.rpp")
    (song,) = songs.read(tmp_path)
    assert named(song, song.author_db) == dict.fromkeys(PARTS, 0.0)


def test_draws_are_the_same_in_every_run_and_differ_from_each_other(data, read):
    song, again = read["equal"], {song.name: song for song in songs.read(data)}["equal"]
    first, other = song.draw(0), song.draw(1)
    assert list(first.values()) == list(again.draw(0).values())
    assert set(first.values()).isdisjoint(other.values())
    assert set(first.values()).isdisjoint(read["folders"].draw(0).values())
    assert max(map(abs, first.values())) <= songs.SPREAD_DB


def test_a_draw_turns_items_and_no_fader(read):
    song = read["folders"]
    drawn = song.draw(0)
    for before, now in zip(song.session.tracks, song.turned(drawn).tracks, strict=True):
        assert now.fader_gain == before.fader_gain
        for old, new in zip(before.items, now.items, strict=True):
            assert 20 * np.log10(new.gain / old.gain) == pytest.approx(drawn[before.id])


def test_faders_on_the_way_add_up(read):
    song = read["folders"].session
    gains = {one.id: one.fader_gain for one in song.tracks}
    found = {one.name: songs.faders_db(trace(song), gains, one.id) for one in song.tracks}
    assert found["Bass"] == pytest.approx(-6.02, abs=0.01)
    assert found["Lead Vox"] == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"tracks": 3}', '{"tracks": [3]}', '{"tracks": [{"file": "x.wav"}]}'],
)
def test_an_account_that_says_nothing_is_refused(tmp_path, text):
    path = made(tmp_path, "song", part("Bass"), placed_db={"Bass": 0.0})
    path.with_name(songs.ACCOUNT).write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"session\.json does not say restore_gain_db"):
        songs.read(tmp_path)


def test_a_folder_without_songs_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no projects in sessions or multitrack"):
        songs.read(tmp_path)


# Against authors


def test_equal_loudness_finds_the_author_who_puts_all_at_equal_loudness(scores):
    found = scores["equal"]
    assert found["equal, lufs"].rmse_db < 0.05
    assert found["equal, lufs"].moves_rank == 1.0
    assert found["equal, lufs"].parts == len(PARTS)
    assert found["roles at full strength"].rmse_db > 1.0


def test_a_folder_is_as_loud_as_the_track_beside_it(scores):
    """Three parts inside are each as loud as the other, together as loud as the lead."""
    said = np.array([0.0, 0.0, 0.0, 10 * np.log10(3)])
    expected = np.std(said - list(LOUD_DB.values()))
    assert scores["folders"]["equal, lufs"].rmse_db == pytest.approx(expected, abs=0.1)


def test_what_is_untouched_is_as_far_off_as_the_draw(read, scores):
    song = read["equal"]
    author = np.array(list(song.author_db.values()))
    drawn = [np.array([song.draw(n)[one] for one in song.author_db]) for n in range(authors.DRAWS)]
    expected = np.mean([np.std(one - author) for one in drawn])
    assert scores["equal"][authors.UNTOUCHED].rmse_db == pytest.approx(expected)


@pytest.mark.parametrize("name", ["equal", "folders"])
def test_source_gains_change_nothing_at_full_strength_and_a_second_run_moves_nothing(scores, name):
    for title, score in scores[name].items():
        assert score.again_db <= authors.LIMIT_DB, title
        if title in authors.EQUAL:
            assert score.apart_db <= authors.LIMIT_DB, title
    assert scores[name][authors.AS_SHIPPED].apart_db > 1.0
    assert scores[name][authors.UNTOUCHED].apart_db > 1.0


def test_balances_are_compared_up_to_a_common_gain():
    levels = np.array([3.0, -1.0, 0.5])
    assert authors.apart_db(levels, levels + 7.0) == pytest.approx(0.0)
    assert authors.apart_db(levels, levels + np.array([0.0, 0.0, 3.0])) == pytest.approx(2.0)


def test_what_is_level_has_no_order():
    levels = np.array([1.0, 2.0, 3.0])
    assert authors.rank(levels, -levels) == -1.0
    assert authors.rank(np.array([1.0, 1.01, 1.02]), levels) is None


# To the ear


def sine(level_spl_db):
    """A second of 1 kHz in pascal."""
    return tone(1000, 1.0, 0.0) * np.float32(PASCAL * 2**0.5 * 10 ** (level_spl_db / 20))


def spl(samples, rate_hz=RATE_HZ):
    return phons.bands_db(samples, rate_hz) - 20 * np.log10(PASCAL)


def test_a_tone_of_1_khz_has_as_many_phon_as_decibels():
    """Within a phon: what leaks through MoSQITo's filters counts more the louder it is."""
    bands = np.stack([spl(sine(level)) for level in (40.0, 60.0, 80.0)], axis=1)
    assert phons.phons(bands) == pytest.approx([40.0, 60.0, 80.0], abs=1.0)
    assert phons.phons(spl(sine(60.0))[:, None]) == pytest.approx([60.0], abs=0.4)


def test_the_steps_are_those_of_the_whole():
    pressure = noise(1.0, -60.0)[0]
    sones, *_ = loudness_zwst(pressure.astype(float), RATE_HZ)
    (found,) = phons.phons(spl(pressure[None])[:, None])
    assert found == pytest.approx(40.0 + 10.0 * np.log2(sones), abs=1e-6)


def test_bands_do_not_depend_on_the_sample_rate():
    found = spl(tone(1000, 1.0, rate_hz=44100), 44100)
    assert found.max() == pytest.approx(spl(tone(1000, 1.0)).max(), abs=0.05)


def test_powers_of_channels_add_up_even_out_of_phase():
    mono = noise(1.0)
    stereo = np.concatenate([mono, -mono])
    assert spl(stereo) == pytest.approx(spl(mono) + 10 * np.log10(2), abs=1e-3)


def test_an_excerpt_has_no_silence_around_it():
    quiet = np.zeros((1, RATE_HZ), np.float32)
    sound = np.concatenate([quiet, noise(2.0), quiet], axis=1)
    assert spread.excerpt(from_samples(sound, RATE_HZ)).shape[1] == 2 * RATE_HZ
    long = np.concatenate([noise(11.0, -40.0), noise(3.0, -20.0)], axis=1)
    kept = spread.excerpt(from_samples(long, RATE_HZ))
    assert kept.shape[1] <= spread.EXCERPT_S * RATE_HZ
    assert np.array_equal(kept[:, -RATE_HZ:], long[:, -RATE_HZ:])


def test_tracks_of_a_stem_come_nearer_to_each_other(read):
    with Crew(1) as crew:
        (stem,) = spread.of_song(read["equal"], crew)
    assert stem.spread("equal, lufs") < stem.spread(spread.BEFORE)
    assert stem.spread(spread.AUTHOR) is None
    assert len(stem.pitched) == len(PARTS) + 1


def test_a_folder_is_a_stem_at_its_authors_balance_too(read):
    with Crew(1) as crew:
        stems = list(spread.of_song(read["folders"], crew))
    assert [stem.name for stem in stems] == ["folders: Band"]
    assert stems[0].spread(spread.AUTHOR) > stems[0].spread("equal, lufs")


def test_without_mosqito_it_is_said_how_to_get_it(data, monkeypatch):
    monkeypatch.setattr(phons, "find_spec", lambda name: None)
    (row,) = spread.run(data).findings.rows
    assert "pip install mosqito" in row.found


# Measured anew


def test_levels_land_where_the_account_says(read):
    with Crew(1) as crew:
        found = landing.land(read["folders"], Settings(), crew)
    assert {one.name for one in found.sources} == {"Band", *PARTS}
    assert {one.name for one in found.sums} == {"Mix", "Band"}
    assert all(abs(one.off_db) <= landing.LIMIT_DB for one in (*found.sources, *found.sums))
    assert all(one.peak_off_db <= 0.01 for one in found.sums)
    assert found.again_db <= landing.AGAIN_DB


def test_what_was_not_written_as_said_is_found_out(tmp_path, monkeypatch):
    made(tmp_path, "duo", part("Bass"), part("Gtr"), placed_db=dict.fromkeys(("Bass", "Gtr"), 0.0))
    (song,) = songs.read(tmp_path)
    write = project.write_balance

    def wrong(source, target, faders, stored):
        bass = next(one for one in faders if song.session.track(one).name == "Bass")
        write(source, target, {**faders, bass: 2.0 * faders[bass]}, stored)

    monkeypatch.setattr(project, "write_balance", wrong)
    with Crew(1) as crew:
        found = landing.land(song, Settings(), crew)
    assert {one.name for one in found.sources if abs(one.off_db) > landing.LIMIT_DB} == {"Bass"}
    assert abs(found.sums[0].off_db) > landing.LIMIT_DB


# Together


@pytest.mark.long
def test_the_command_writes_one_page_and_one_picture(tmp_path, capsys):
    made(tmp_path, "equal", *map(part, PARTS), placed_db=dict.fromkeys(PARTS, 0.0))
    out = tmp_path / "proof.md"
    arguments = ["evaluate", "authors", "spread", "landing", "--data", str(tmp_path)]
    assert cli.run([*arguments, "--out", str(out)]) == 0
    page = out.read_text("utf-8")
    for said in ("gain invariance", "re-measured: loudness of sums", "(proof.svg)", "phon"):
        assert said in page
    drawn = (tmp_path / "proof.svg").read_text("utf-8")
    assert all(title in drawn for title in (authors.AS_SHIPPED, spread.BEFORE))
    assert "second run moves" in capsys.readouterr().out


def test_songs_of_few_parts_count_for_no_median(tmp_path):
    path = made(tmp_path, "duo", part("Bass"), part("Gtr"), placed_db={"Bass": 0.0, "Gtr": 3.0})
    assert path.exists()
    outcome = authors.run(tmp_path)
    assert outcome.strips == ()
    assert any("duo" in row for table in outcome.findings.tables for row in table.rows)
