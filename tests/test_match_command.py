"""A match from a path and a reference to results: what is set, what is kept, what is told."""

import dataclasses
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner

from reaper_automix import cli
from reaper_automix.adapters import folder, project
from reaper_automix.adapters.project import seats, strips
from reaper_automix.audio import to_samples
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled, InputError, NothingToBalance, SettingsError
from reaper_automix.match import asked, ways
from reaper_automix.match.asked import Asked
from reaper_automix.match.case import Ask
from reaper_automix.match.console.panning import reaper_of
from reaper_automix.match.finding import find
from reaper_automix.match.reference import Choice
from reaper_automix.match.run import Request, run
from reaper_automix.match.telling import DRY
from reaper_automix.measuring import Staff
from reaper_automix.memory import Memory
from reaper_automix.mix import tap
from reaper_automix.progress import silent
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.session import Fx, StoredBalance, TimeRange
from reaper_automix.settings import Settings
from signals import RATE_HZ, harmonic, noise, tone
from songs import band, session, track, write
from tips import styled

DURATION_S = 2.0
FILES = {"report.html", "results.json", "results.csv", "match.csv"}


@pytest.fixture(autouse=True)
def found_at_once(monkeypatch):
    """Where a match comes from is the matter of other tests."""
    monkeypatch.setattr(ways, "find", styled)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with its media, a folder of stems and a reference."""
    place = tmp_path_factory.mktemp("made")
    folder.write_project(band(place / "media", DURATION_S), place / "song.RPP", {}, StoredBalance())
    write(place / "stems", "1 bass", tone(80, DURATION_S, -20))
    write(place / "stems", "2 shaker", noise(DURATION_S, -35, channels=2))
    write(place, "hit", noise(DURATION_S, -15, channels=2, seed=7) + harmonic(110, DURATION_S))
    return place


@pytest.fixture
def home(made, tmp_path):
    """The same in a test's own folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def match(home, place="song.RPP", *, settings=None, reference=None, balances=False, **more):
    """A match with settings of it among the fields of a request."""
    names = {field.name for field in dataclasses.fields(Asked)}
    wanted = Asked(**{name: more.pop(name) for name in names & more.keys()})
    progress = more.pop("progress", silent)
    ask = Ask(reference or Choice(home / "hit.wav"), wanted, more.pop("checkpoint", None))
    how = settings or Settings(method="lufs", headroom_dbtp=0.0)
    return run(Request(home / place, ask, how, balances=balances, jobs=1, **more), progress)


def tree(place):
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def root(path):
    return project.root(project.load(path), path)


def node_of(project_, name):
    """The block of a track by its name."""
    nodes = project_.blocks("TRACK")
    return next(node for node in nodes if node.values("NAME") == [name])


def sliders(path):
    """The sliders of every track's strip by the track's name."""
    nodes = root(path).blocks("TRACK")
    return {node.values("NAME")[0]: strips.read_strip(node) for node in nodes}


def seats_of(path):
    return {one.name: (one.fader_db, one.pan) for one in project.read(path).tracks}


# Projects


def test_a_project_gets_a_matched_copy_and_stays_as_it_is(home):
    before = tree(home)
    report = match(home)
    after = tree(home)
    assert {name: after[name] for name in before} == before
    new = {name for name in after.keys() - before.keys() if not name.endswith(".automix.json")}
    assert new == {"song-match.RPP", *(f"song-match/{name}" for name in FILES)}
    assert {Path(output.path).name for output in report.outputs} == {"song-match.RPP", *FILES}


def test_stems_get_strips_and_the_tracks_in_them_stay(home):
    match(home)
    found = sliders(home / "song-match.RPP")
    assert {name for name, values in found.items() if values} == {"Drums", "Keys", "Lead"}
    assert strips.read_strip(root(home / "song-match.RPP"), strips.MASTER_CHAIN) is not None
    was, now = seats_of(home / "song.RPP"), seats_of(home / "song-match.RPP")
    inner = ("Kick", "Hats", "Piano", "Pad")
    assert {name: now[name] for name in inner} == {name: was[name] for name in inner}
    assert now["Keys"][0] - was["Keys"][0] == pytest.approx(
        now["Drums"][0] - was["Drums"][0] + 2.0, abs=1e-6
    )


def test_only_lines_of_stems_and_our_own_change(home):
    match(home)
    was = (home / "song.RPP").read_text().splitlines()
    now = (home / "song-match.RPP").read_text().splitlines()
    gone = [line for line in was if line not in now]
    assert all(line.strip().startswith(("VOLPAN", "FILE")) for line in gone)


def test_pans_are_kept_unless_they_may_move(home):
    match(home)
    assert seats_of(home / "song-match.RPP")["Lead"][1] == -0.2
    match(home, keep_pan=False)
    assert seats_of(home / "song-match.RPP")["Lead"][1] == pytest.approx(reaper_of(0.4))


def test_the_mix_keeps_its_loudness_or_goes_where_it_was_asked_to(home):
    (mix,) = match(home).groups
    assert mix.after.lufs == pytest.approx(mix.before.lufs, abs=0.05)
    (mix,) = match(home, target_lufs=-23.0).groups
    assert mix.after.lufs == pytest.approx(-23.0, abs=0.05)


def test_loudness_is_that_behind_the_master_fader(home):
    def halve(node):
        node.edit("MASTER_VOLUME", 1, "0.5")

    (full,) = match(home).groups
    project.change_in_place(home / "song.RPP", halve)
    (half,) = match(home).groups
    assert half.before.lufs == pytest.approx(full.before.lufs - 6.02, abs=0.01)
    (mix,) = match(home, target_lufs=-23.0).groups
    assert mix.after.lufs == pytest.approx(-23.0, abs=0.05)


def test_no_peak_comes_out_above_the_headroom_but_one_that_was_there(home):
    quiet = Settings(method="lufs", headroom_dbtp=-12.0)
    report = match(home, target_lufs=-3.0, settings=quiet)
    (mix,) = report.groups
    assert mix.after.true_peak_db <= max(-12.0, mix.before.true_peak_db) + 0.05
    assert any("quieter than it should" in note for note in report.notes)


def test_the_master_switched_off_the_mix_keeps_its_loudness_too(home):
    (mix,) = match(home, blocks=("gain", "eq", "compressor")).groups
    assert mix.after.lufs == pytest.approx(mix.before.lufs, abs=0.05)


def test_no_strength_changes_nothing(home):
    report = match(home, strength=0.0)
    assert seats_of(home / "song-match.RPP") == seats_of(home / "song.RPP")
    assert report.match.loss_after == pytest.approx(report.match.loss_before, rel=1e-6)
    assert not any(sliders(home / "song-match.RPP").values())


def test_no_strength_takes_an_earlier_match_out_again(home):
    before = (home / "song.RPP").read_bytes()
    match(home, in_place=True)
    assert (home / "song.RPP").read_bytes() != before
    match(home, in_place=True, strength=0.0)
    assert (home / "song.RPP").read_bytes() == before


@pytest.mark.parametrize(
    ("block", "stays"),
    [
        ("gain", lambda row: row.after.fader_db == row.before.fader_db),
        ("eq", lambda row: all(band.gain_db == 0.0 for band in row.after.strip.bands)),
        ("compressor", lambda row: row.after.strip.compressor.ratio == 1.0),
    ],
)
def test_a_block_that_is_not_wanted_stays_as_it_was(home, block, stays):
    wanted = tuple(name for name in asked.BLOCKS if name != block)
    assert all(map(stays, match(home, blocks=wanted).match.stems))
    assert not all(map(stays, match(home).match.stems))


def test_in_place_a_copy_of_what_was_there_is_kept(home):
    before = (home / "song.RPP").read_bytes()
    match(home, in_place=True)
    assert (home / "song.RPP.bak").read_bytes() == before
    assert sliders(home / "song.RPP")["Lead"] is not None


def test_a_second_match_neither_stacks_nor_drifts(home):
    match(home, in_place=True)
    first = (home / "song.RPP").read_bytes()
    match(home, in_place=True)
    assert first.count(b"Automix Strip.jsfx") == (home / "song.RPP").read_bytes().count(
        b"Automix Strip.jsfx"
    )
    for name, values in sliders(home / "song.RPP").items():
        assert values == pytest.approx(sliders_in(first, home)[name] or values)


def sliders_in(text, home):
    (home / "earlier.RPP").write_bytes(text)
    return sliders(home / "earlier.RPP")


def test_a_strip_that_was_set_by_hand_is_left_alone_and_told(home):
    match(home, in_place=True)
    path = home / "song.RPP"

    def turn(node):
        lead = node_of(node, "Lead")
        values = list(strips.read_strip(lead))
        values[1] = -9.0
        strips.set_strip(lead, tuple(values), "Lead")

    project.change_in_place(path, turn)
    hers = sliders(path)["Lead"]
    report = match(home, in_place=True)
    assert sliders(path)["Lead"] == hers
    (lead,) = (row for row in report.match.stems if row.name == "Lead")
    assert "by hand" in lead.why[0]
    assert lead.after.strip.bands[0].gain_db == -9.0


def test_a_match_is_remembered_with_the_project(home):
    match(home, strength=0.5)
    placed = seats.read_match(root(home / "song-match.RPP"))
    assert placed.strength == 0.5
    assert len(placed.match.stems) == 3


def test_a_dry_run_writes_nothing(home):
    before = tree(home)
    report = match(home, dry_run=True)
    assert tree(home) == before
    assert report.match.stems
    assert report.outputs == ()


def test_a_track_of_the_project_as_reference_is_no_stem(home):
    report = match(home, reference=Choice(track="Lead"))
    assert {row.name for row in report.match.stems} == {"Drums", "Keys"}
    assert sliders(home / "song-match.RPP")["Lead"] is None
    assert any(row.why == ("It is the reference.",) for row in report.tracks)


def test_a_stem_in_silence_is_kept_and_told(tmp_path, home):
    quiet = track(tmp_path / "media", "Quiet", np.zeros((1, RATE_HZ), np.float32))
    song = band(tmp_path / "media", DURATION_S)
    song = replace(song, tracks=(*song.tracks, quiet))
    folder.write_project(song, home / "song.RPP", {}, StoredBalance())
    report = match(home)
    (row,) = (row for row in report.tracks if row.name == "Quiet")
    assert row.why == ("Silent where the song was listened to.",)
    assert sliders(home / "song-match.RPP")["Quiet"] is None


def test_samples_that_are_no_numbers_harm_nobody(tmp_path, home):
    broken = noise(DURATION_S, -20, channels=2)
    broken[:, 500:900] = np.nan
    song = session(
        track(tmp_path / "media", "Broken", broken),
        track(tmp_path / "media", "Fine", noise(DURATION_S, -20, seed=3)),
    )
    folder.write_project(song, home / "song.RPP", {}, StoredBalance())
    report = match(home)
    assert any("not numbers" in note for note in report.notes)
    assert all(np.isfinite(row.after.fader_db) for row in report.match.stems)


# Stems


def test_a_folder_of_stems_gets_a_bounce_and_a_project(home):
    before = tree(home / "stems")
    match(home, "stems", stems=True)
    assert tree(home / "stems") == before
    written = {name for name in tree(home / "stems-match") if not name.startswith(".")}
    assert written == {
        *FILES,
        "stems.RPP",
        "stems-match.wav",
        "stems/001 1 bass.wav",
        "stems/002 2 shaker.wav",
    }


def test_the_bounce_is_the_stems_through_the_master(home):
    match(home, "stems", stems=True, blocks=("gain", "eq", "compressor"))
    parts = [sf.read(file)[0] for file in sorted((home / "stems-match" / "stems").iterdir())]
    bounce, rate_hz = sf.read(home / "stems-match" / "stems-match.wav")
    assert rate_hz == RATE_HZ
    assert len(bounce) == round(DURATION_S * RATE_HZ)
    assert np.abs(sum(parts) - bounce).max() <= 1e-4 * np.abs(bounce).max()


def test_a_bounce_without_strength_is_the_mix_as_it_was(home):
    song = folder.read(home / "stems")
    mix = to_samples(tap(set_scene(song, Settings()).desk(), MIX, {}))
    match(home, "stems", strength=0.0)
    bounce, _ = sf.read(home / "stems-match" / "stems-match.wav")
    assert np.abs(bounce.T - mix).max() <= 1e-5


def test_a_bounce_is_of_the_whole_song_whatever_was_listened_to(home):
    match(home, "stems", settings=Settings(time_range=TimeRange(0.5, 1.6)))
    bounce, _ = sf.read(home / "stems-match" / "stems-match.wav")
    assert len(bounce) == round(DURATION_S * RATE_HZ)


def test_what_a_match_wrote_is_no_song_of_a_batch(home):
    match(home)
    assert folder.projects(home) == (home / "song.RPP",)


# In one go


def test_a_pipeline_writes_one_project_with_balance_and_match(home):
    report = match(home, balances=True)
    assert report.mode == "balance"
    assert report.match is not None
    path = home / "song-automix.RPP"
    assert path.exists()
    assert not (home / "song-match.RPP").exists()
    stored = {fader.track_id: fader for fader in project.read(path).stored.faders}
    placed = seats.read_match(root(path))
    for stem in placed.match.stems:
        now = project.read(path).track(stem.track_id).fader_gain
        assert stored[stem.track_id].written_gain == pytest.approx(now)
    assert any(track.status == "moved" and track.parent_id for track in report.tracks)


def test_stems_are_matched_from_where_a_pipeline_balanced_them(home):
    first = match(home, "stems", balances=True)
    again = match(home, "stems")
    for one, other in zip(first.match.stems, again.match.stems, strict=True):
        assert other.before.fader_db == pytest.approx(one.before.fader_db, abs=1e-4)
        assert other.after.fader_db == pytest.approx(one.after.fader_db, abs=1e-3)


def test_a_pipeline_twice_is_a_pipeline_once(home):
    match(home, balances=True, in_place=True)
    first = {one.name: one.fader_gain for one in project.read(home / "song.RPP").tracks}
    match(home, balances=True, in_place=True)
    again = {one.name: one.fader_gain for one in project.read(home / "song.RPP").tracks}
    assert again == pytest.approx(first, rel=1e-4)


def test_effects_inside_a_stem_are_told_not_to_be_run(tmp_path, home):
    song = band(tmp_path / "media", DURATION_S)
    effects = {"{Kick}": (Fx("VST: ReaComp"),), "{Keys}": (Fx("JS: Automix/Automix Strip.jsfx"),)}
    tracks = tuple(replace(one, fx=effects.get(one.id, ())) for one in song.tracks)
    with Crew(1) as crew:
        staff = Staff(crew, silent, Memory())
        ask = Ask(Choice(home / "hit.wav"), Asked())
        found = find(replace(song, tracks=tracks), Settings(), ask, staff)
    assert any("Effects inside it are not run: those of Kick." in row.notes for row in found.tracks)
    assert DRY.format("Drums") in found.notes


# When it cannot be done


STAGES = ("Listening to the reference", "Listening to the stems", "Matching", "Mixing the passages")


@pytest.mark.parametrize("stage", STAGES)
def test_a_match_that_is_cancelled_leaves_everything_as_it_was(home, stage):
    def stop(at, done, total, what=""):
        if at == stage:
            raise Cancelled("stopped")

    before = tree(home)
    with pytest.raises(Cancelled):
        match(home, in_place=True, progress=stop)
    assert tree(home) == before


def test_a_bounce_that_is_cancelled_leaves_nothing(home):
    def stop(at, done, total, what=""):
        if at in ("Bouncing", "Rendering"):
            raise Cancelled("stopped")

    before = tree(home)
    with pytest.raises(Cancelled):
        match(home, "stems", stems=True, progress=stop)
    assert tree(home) == before


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        (Choice(Path("nowhere.wav")), InputError),
        (Choice(track="Tuba"), SettingsError),
        (Choice(region="Chorus"), SettingsError),
        (Choice(), SettingsError),
    ],
)
def test_a_reference_that_is_not_there_changes_nothing(home, choice, kind):
    before = tree(home)
    with pytest.raises(kind):
        match(home, in_place=True, reference=choice)
    assert tree(home) == before


def test_a_session_without_sound_is_refused(tmp_path, home):
    song = session(track(tmp_path / "media", "Quiet", np.zeros((1, RATE_HZ), np.float32)))
    folder.write_project(song, home / "song.RPP", {}, StoredBalance())
    with pytest.raises(NothingToBalance):
        match(home)


# The account


def test_results_say_the_same_in_json_as_the_report(home):
    report = match(home)
    document = json.loads((home / "song-match" / "results.json").read_bytes())
    assert document["mode"] == "match"
    told = document["match"]
    assert told["loss_after"] == pytest.approx(report.match.loss_after)
    assert [row["name"] for row in told["stems"]] == [row.name for row in report.match.stems]
    assert told["stems"][0]["after"]["strip"]["bands"][0]["gain_db"] == pytest.approx(3.0)


def test_the_table_has_a_row_for_every_stem_and_one_for_the_master(home):
    match(home)
    rows = (home / "song-match" / "match.csv").read_text("utf-8-sig").splitlines()
    assert rows[0].startswith("name,id,status,fader_before_db,fader_after_db")
    assert [row.split(",")[0] for row in rows[1:]] == ["Drums", "Keys", "Lead", "Master"]
    assert {len(row.split(",")) for row in rows} == {len(rows[0].split(","))}


def test_the_page_says_what_was_set_in_a_mixers_words(home):
    match(home)
    page = (home / "song-match" / "report.html").read_text("utf-8")
    assert "+3.0 dB low shelf at 120 Hz" in page
    assert "2.0:1 above" in page
    assert page.count('class="equaliser"') == 4


# The command line


def command(*words):
    return CliRunner().invoke(cli.program, [*map(str, words)], standalone_mode=False)


def test_the_command_does_it_and_tells_it(home):
    result = command(
        *("match", home / "song.RPP", "--reference", home / "hit.wav", "--strength", "50%"),
        *("--blocks", "gain,eq", "--window", "0-1.5", "--jobs", "1"),
    )
    assert result.exception is None, result.output
    assert "+1.5 dB low shelf at 120 Hz" in result.output
    assert seats.read_match(root(home / "song-match.RPP")).strength == 0.5


def test_the_pipeline_command_does_both(home):
    result = command(
        *("pipeline", home / "song.RPP", "--reference", home / "hit.wav", "--jobs", "1"),
        *("--match-strength", "0.5", "--json", "--quiet"),
    )
    assert result.exception is None, result.output
    document = json.loads(result.output)
    assert document["mode"] == "balance"
    assert document["match"]["strength"] == 0.5


@pytest.mark.parametrize(
    "options",
    [
        ("--strength", "2"),
        ("--blocks", "eq,reverb"),
        ("--reference-range", "x"),
        ("--target", "3"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(home, options):
    result = command("match", home / "song.RPP", "--reference", home / "hit.wav", *options)
    assert isinstance(result.exception, SettingsError)
    assert options[0] in str(result.exception)


def test_a_table_in_the_settings_file_counts_less_than_an_option(home):
    (home / "reaper-automix.toml").write_text(
        'max_move_db = 6.0\n[match]\nstrength = "30%"\nblocks = ["eq"]\n'
    )
    found = asked.load(home / "song.RPP", given={"strength": "80%"})
    assert found == Asked(strength=0.8, blocks=("eq",))


def test_a_setting_that_there_is_not_is_named(home):
    (home / "reaper-automix.toml").write_text("[match]\nreverb = 1\n")
    with pytest.raises(SettingsError, match=r"match\.reverb"):
        asked.load(home / "song.RPP")
