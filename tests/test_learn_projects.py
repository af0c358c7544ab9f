"""Learning from real projects: which count, what their tracks teach, and the command itself."""

import os
import shutil
import uuid
from dataclasses import replace

import pytest

from reaper_automix import cache, cli, pipeline, profiles, settings
from reaper_automix.adapters import folder
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled, InputError
from reaper_automix.learn import finished, hearing
from reaper_automix.learn.finished import Finished
from reaper_automix.measuring import Staff
from reaper_automix.memory import Memory
from reaper_automix.progress import silent
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fx,
    Receive,
    StoredBalance,
    StoredFader,
)
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db
from signals import harmonic, noise, tone
from songs import folder_track, session, track

SOUNDS = {
    "Kick": tone(60, 1.0, -12),
    "Bass": harmonic(82, 1.0, -20),
    "Piano": harmonic(330, 1.0, -24),
    "Lead Vox": harmonic(440, 1.0, -30, vibrato=0.3),
}


@pytest.fixture(autouse=True)
def no_user_files(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setattr(settings, "user_file", lambda: home / "none.toml")
    monkeypatch.setattr(profiles, "user_folder", lambda: home / "profiles")
    return home


def song(media, gains_db=(0.0,) * 4, prefix=""):
    """Four tracks, each file so much louder than in :data:`SOUNDS`."""
    sounds = zip(SOUNDS.items(), gains_db, strict=True)
    tracks = (
        replace(
            track(media, prefix + name, samples * gain_from_db(gain_db)),
            id=f"{{{uuid.uuid5(uuid.NAMESPACE_OID, prefix + name)}}}".upper(),
            name=name,
        )
        for (name, samples), gain_db in sounds
    )
    return session(*tracks)


def write(file, mixed, faders_db=(-3.0, 1.0, 2.0, 4.0), stored=None):
    """A project of a session at some faders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    gains = {
        one.id: gain_from_db(fader_db)
        for one, fader_db in zip(mixed.tracks, faders_db, strict=True)
    }
    folder.write_project(mixed, file, gains, stored or StoredBalance())
    return file


def read(*files):
    return list(finished.read(files))


def kept(*files):
    """The names of the projects that count."""
    found = (one for one in read(*files) if isinstance(one, Finished))
    apart = finished.versions_apart(found)
    return sorted(one.path.name for one in apart if isinstance(one, Finished))


# Which projects count


def test_projects_are_found_however_deep_and_once(tmp_path):
    near, deep = tmp_path / "a.RPP", tmp_path / "x" / "y" / "b.rpp"
    backup = tmp_path / "x" / "b.rpp-bak"
    for file in (near, deep, backup, tmp_path / ".hidden" / "c.rpp", tmp_path / "._a.RPP"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    assert set(finished.find([tmp_path, tmp_path / "x", near])) == {near, deep, backup}


@pytest.mark.parametrize("name", ["empty", "none", "song.wav"])
def test_where_there_is_no_project_that_is_said(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "song.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=name):
        finished.find([tmp_path / name])


def test_what_is_no_project_is_listed(tmp_path):
    (tmp_path / "a.RPP").write_text("no project")
    (tmp_path / "b.RPP").write_bytes(b"\0\1")
    first, second = read(tmp_path / "a.RPP", tmp_path / "b.RPP")
    assert first.failed
    assert second.failed
    assert "not a REAPER project" in first.why


def test_what_a_balance_left_teaches_nothing_until_it_is_moved(tmp_path):
    mixed = song(tmp_path)
    balance = tuple(StoredFader(one.id, 1.0, gain_from_db(2.0)) for one in mixed.tracks)
    ours = write(tmp_path / "a.RPP", mixed, (2.0,) * 4, StoredBalance(balance))
    moved = write(tmp_path / "b.RPP", mixed, (2.0, 2.0, 2.0, 2.5), StoredBalance(balance))
    left_out, counts = read(ours, moved)
    assert "as reaper-automix put them" in left_out.why
    assert isinstance(counts, Finished)
    assert counts.session.stored is None
    by_hand = (replace(balance[0], hand_db=1.0), *balance[1:])
    (counts,) = read(write(tmp_path / "c.RPP", mixed, (2.0,) * 4, StoredBalance(by_hand)))
    assert isinstance(counts, Finished)


@pytest.mark.parametrize(("set_by_us", "counts"), [(3, False), (2, True), (1, True)])
def test_a_balance_of_most_tracks_is_ours_though_it_left_some_alone(tmp_path, set_by_us, counts):
    mixed = song(tmp_path)
    balance = tuple(StoredFader(one.id, 1.0, gain_from_db(2.0)) for one in mixed.tracks[:set_by_us])
    (found,) = read(write(tmp_path / "a.RPP", mixed, (2.0,) * 4, StoredBalance(balance)))
    assert isinstance(found, Finished) == counts


def test_faders_that_nobody_moved_and_empty_projects_teach_nothing(tmp_path):
    untouched = write(tmp_path / "a.RPP", song(tmp_path), (0.0,) * 4)
    empty = tmp_path / "b.RPP"
    empty.write_text('<REAPER_PROJECT 0.1 "7.0" 0\n>\n')
    first, second = read(untouched, empty)
    assert "stand at 0 dB" in first.why
    assert "no tracks with items" in second.why
    assert not first.failed
    assert not second.failed


def test_a_song_counts_once_in_its_newest_version(tmp_path):
    first = write(tmp_path / "song.RPP", song(tmp_path))
    backup = tmp_path / "song.rpp-bak"
    shutil.copy(first, backup)
    newest = write(tmp_path / "song 2.RPP", song(tmp_path), (1.0, 2.0, 3.0, 4.0))
    copy = write(tmp_path / "copy" / "old.RPP", song(tmp_path / "copy"))
    other = write(tmp_path / "other.RPP", song(tmp_path, prefix="other "))
    for seconds, file in enumerate((copy, backup, first, newest, other)):
        os.utime(file, (1e9 + seconds, 1e9 + seconds))
    files = (newest, backup, other, first, copy)
    assert kept(*files) == kept(*reversed(files)) == ["other.RPP", "song 2.RPP"]
    os.utime(backup, (1e9 + 2, 1e9 + 2))
    assert kept(first, backup) == ["song.RPP"]


def test_songs_that_share_a_sample_are_two_songs(tmp_path):
    one, two = song(tmp_path, prefix="one "), song(tmp_path, prefix="two ")
    shared = replace(two, tracks=(one.tracks[0], *two.tracks[1:]))
    files = write(tmp_path / "1.RPP", one), write(tmp_path / "2.RPP", shared)
    assert len(kept(*files)) == 2


# What tracks teach


def heard(mixed, tmp_path):
    with Crew(1) as crew:
        staff = Staff(crew, silent, Memory())
        (taught,) = hearing.hear([Finished(tmp_path / "x.RPP", mixed)], Settings(), staff)
    return taught


def test_what_a_track_teaches_and_why_others_do_not(tmp_path):
    wave = SOUNDS["Kick"]
    driven = Envelope((EnvelopePoint(0.0, 0.5),))
    loud_item = track(tmp_path, "Piano", SOUNDS["Piano"], item_gain=2.0, fader_gain=0.5)
    mixed = session(
        folder_track("Drums", fader_gain=0.5),
        track(tmp_path, "Kick", wave, parent_id="{Drums}", fader_gain=0.5),
        track(tmp_path, "Snare", wave, parent_id="{Drums}", fx=(Fx("ReaComp"),)),
        loud_item,
        track(tmp_path, "Hihat", wave, mute=True),
        track(tmp_path, "Bass", wave, volume=driven, automation="read"),
        track(tmp_path, "Organ", wave, fader_gain=0.0),
        track(tmp_path, "Strings", wave, fader_gain=1e-6),
        track(tmp_path, "Pad", wave * 0.0),
        track(tmp_path, "Click", wave),
        track(tmp_path, "Audio 07", noise(1.0, -20)),
        replace(track(tmp_path, "Brass", wave), items=_lost(loud_item.items)),
        replace(folder_track("Reverb"), folder=False, receives=(Receive("{Kick}"),)),
    )
    taught = heard(mixed, tmp_path)
    assert {one.role: round(one.fader_db, 1) for one in taught.song} == {
        "kick": -12.0,
        "snare": -6.0,
        "keys": -6.0,
    }
    trust = {one.role: one.trust for one in taught.song}
    assert 0.3 < trust["snare"] < hearing.TRUST_BEFORE_EFFECTS < trust["kick"]
    assert taught.before_effects == 1
    reasons = {names[0]: why for why, names in taught.left_out.items()}
    for name, said in {
        "Hihat": "Muted",
        "Bass": "automation",
        "Organ": "all the way down",
        "Strings": "below -70 LUFS",
        "Pad": "Nothing is heard",
        "Click": "click",
        "Audio 07": "what it is",
        "Brass": "Media is missing",
        "Reverb": "only receives",
    }.items():
        assert said in reasons[name]


def test_item_gains_are_part_of_the_source(tmp_path):
    plain, louder = (
        session(*(track(tmp_path, name, SOUNDS[name], item_gain=gain) for name in ("Kick", "Bass")))
        for gain in (1.0, 2.0)
    )
    before, after = heard(plain, tmp_path), heard(louder, tmp_path)
    moved = [b.raw_lufs - a.raw_lufs for a, b in zip(before.song, after.song, strict=True)]
    assert moved == pytest.approx([6.02] * 2, abs=0.05)


def test_one_track_alone_teaches_nothing(tmp_path):
    taught = heard(session(track(tmp_path, "Kick", SOUNDS["Kick"])), tmp_path)
    assert taught.song == ()
    assert taught.left_out == {hearing.ALONE: ["Kick"]}


def _lost(items):
    def lost(take):
        return replace(take, source=replace(take.source, path="lost.wav", file=None))

    return tuple(replace(item, takes=tuple(map(lost, item.takes))) for item in items)


# The command

LOUD_VOICE = {"Kick": -20.0, "Bass": -20.0, "Piano": -20.0, "Lead Vox": -4.0}
"""Where the engineer of these tests puts things, LUFS, going all the way."""


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Three songs with the faders that this engineer gives them, on media that stay."""
    home = tmp_path_factory.mktemp("album")
    placed = {one.role: one.raw_lufs for one in heard(song(home / "probe"), home).song}
    roles = ("kick", "bass", "keys", "lead vocal")
    raw = {name: placed[role] for name, role in zip(SOUNDS, roles, strict=True)}
    songs = []
    for number in range(3):
        gains_db = [((number * 5 + place * 7) % 11) - 5.0 for place in range(4)]
        faders_db = [
            LOUD_VOICE[name] - raw[name] - gain_db + number
            for name, gain_db in zip(SOUNDS, gains_db, strict=True)
        ]
        songs.append((song(home, gains_db, prefix=f"{number} "), faders_db))
    return songs


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One place for all tests, so that what is in it is measured once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def mixes(home, album, monkeypatch):
    """Writes finished projects of so many of these songs, and nothing else, into a folder."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(home / "measured"))
    shutil.rmtree(home / "finished", ignore_errors=True)

    def mixes(count=3):
        for number, (mixed, faders_db) in enumerate(album[:count]):
            write(home / "finished" / f"{number}.RPP", mixed, faders_db)
        return home / "finished"

    return mixes


def contents(home):
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_what_is_learned_moves_a_balance_towards_the_engineer(tmp_path, capsys, mixes):
    home, file = mixes(), tmp_path / "ear.toml"
    before = contents(home)
    command = ["learn", str(home), "--out", str(file), "--jobs", "1"]
    assert cli.run(command) == 0
    told = capsys.readouterr().out
    assert "lead vocal" in told
    assert "nearer than profile roles in 3 of 3 projects" in " ".join(told.split())
    assert contents(home) == before
    once = file.read_bytes()
    assert cli.run(["learn", str(home / "2.RPP"), *command[1:]]) == 0
    assert file.read_bytes() == once
    wanted = LOUD_VOICE["Lead Vox"] - LOUD_VOICE["Piano"]
    learned, base = (voice_over_piano(home, tmp_path, name) for name in (str(file), "roles"))
    assert abs(learned - wanted) < abs(base - wanted) - 2.0


def voice_over_piano(home, tmp_path, profile):
    """How far the voice lands above the piano in a song that is not balanced yet."""
    fresh = write(tmp_path / "fresh.RPP", song(tmp_path / "fresh"), (0.0,) * 4)
    found = settings.load(given={"profile": profile, "headroom_dbtp": "0"})
    report = pipeline.run(pipeline.Request(fresh, found, dry_run=True, jobs=1))
    landed = {row.name: row.level.lufs + row.fader_after_db for row in report.tracks}
    return landed["Lead Vox"] - landed["Piano"]


def learn(*arguments):
    return cli.run(["learn", "--jobs", "1", *map(str, arguments)])


def test_the_profile_mine_is_there_when_nothing_is_said(tmp_path, no_user_files, capsys, mixes):
    home, mine = mixes(2), no_user_files / "profiles" / "mine.toml"
    assert learn(home, "--dry-run") == 0
    assert not mine.exists()
    assert learn(home, "--quiet") == 0
    assert capsys.readouterr().out.count("Lead") == 0
    assert profiles.load("mine").offset_db("lead vocal") > profiles.load("mine").offset_db("keys")
    mine.write_text(mine.read_text("utf-8").replace("share = 1.0", "share = 0.5"), "utf-8")
    changed = mine.read_bytes()
    assert learn(home) == 5
    assert "--force" in capsys.readouterr().err
    assert mine.read_bytes() == changed
    assert learn(home, "--force", "--quiet", "--strength", "70%") == 0
    assert profiles.load("mine").strength == 0.7


def test_one_project_stays_at_the_base_and_writes_nothing(tmp_path, no_user_files, capsys):
    write(tmp_path / "one.RPP", song(tmp_path))
    assert learn(tmp_path) == 4
    told = capsys.readouterr()
    assert "stays at profile roles" in told.err
    assert "one.RPP" in told.out
    assert list(no_user_files.iterdir()) == []


def test_what_cannot_be_read_is_listed_and_the_others_are_used(
    tmp_path, no_user_files, capsys, mixes
):
    home = mixes(2)
    (home / "broken.RPP").write_text("<REAPER_PROJECT 0.1\n  <TRACK")
    assert learn(home) == 6
    assert "broken.RPP" in capsys.readouterr().out
    assert (no_user_files / "profiles" / "mine.toml").exists()


def test_a_project_without_its_media_is_used_as_far_as_honest(tmp_path, capsys):
    home = tmp_path / "finished"
    for number in range(2):
        write(home / f"{number}.RPP", song(home / "media", prefix=f"{number} "))
    for file in (home / "media").glob("1 *.wav"):
        file.unlink()
    (home / "media" / "0 Kick.wav").unlink()
    assert learn(home) == 4
    told = " ".join(capsys.readouterr().out.split())
    assert "0.RPP 3" in told
    assert "1.RPP 0" in told
    assert told.count("Media is missing") >= 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none",), 3, "does not exist"),
        ((".",), 3, "There is no project"),
        ((".", "--out", "ear.txt"), 2, "let it end in .toml"),
        ((".", "--base", "rok"), 2, "rock"),
        ((".", "--base", "mine"), 2, "cannot be the base too"),
        ((".", "--strength", "3"), 2, "strength"),
        ((".", "--strength", "5%"), 2, "10%"),
        ((), 2, "FOLDER"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path, monkeypatch, capsys, arguments, code, said
):
    monkeypatch.chdir(tmp_path)
    assert learn(*arguments) == code
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") <= 2
    assert list(tmp_path.iterdir()) == []


def test_only_projects_that_cannot_be_read_are_an_error_of_theirs(tmp_path, capsys):
    (tmp_path / "a.RPP").write_text("nonsense")
    assert learn(tmp_path) == 3
    assert "not a REAPER project" in capsys.readouterr().err


def test_it_can_be_stopped_and_says_how_far_it_is(tmp_path):
    songs = [Finished(tmp_path / f"{n}.RPP", song(tmp_path, prefix=f"{n} ")) for n in range(2)]
    told = []

    def stop_in_the_second(stage, done, total, what=""):
        if stage == "Measuring":
            told.append((done, total))
        if what.startswith("1"):
            raise Cancelled("Stopped.")

    with Crew(1) as crew, pytest.raises(Cancelled):
        list(hearing.hear(songs, Settings(), Staff(crew, stop_in_the_second, Memory())))
    assert {total for _, total in told} == {8.0}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == pytest.approx(4.0)


@pytest.mark.parametrize("fader", ["nan", "1e300", "-1e-300", "x"])
def test_absurd_faders_break_nothing(tmp_path, no_user_files, fader, mixes):
    home = mixes(2)
    before = (home / "0.RPP").read_text("utf-8")
    first = before.index("VOLPAN ") + len("VOLPAN ")
    (home / "0.RPP").write_text(
        before[:first] + fader + before[before.index(" ", first) :], "utf-8"
    )
    assert learn(home, "--quiet") == 0
    offsets = profiles.load("mine").roles.values()
    assert all(abs(offset) < 20.0 for offset in offsets)
