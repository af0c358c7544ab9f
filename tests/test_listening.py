"""Kits of listening tests: the same seconds, equally loud, and nothing that tells what is what."""

import base64
import io
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import freqz

from listening_kits import excerpt, kit
from reaper_automix import cli
from reaper_automix.adapters import folder
from reaper_automix.crew import Crew
from reaper_automix.errors import (
    Cancelled,
    InputError,
    NothingToBalance,
    OutputError,
    SettingsError,
)
from reaper_automix.features.density import densest
from reaper_automix.features.trace import Trace
from reaper_automix.listening import anchors, blind, conditions, matching, render
from reaper_automix.listening import key as keys
from reaper_automix.listening.kit import Request, make
from reaper_automix.listening.page import page
from reaper_automix.listening.render import Song
from reaper_automix.listening.words import GRADES, words
from reaper_automix.memory import Memory
from reaper_automix.progress import silent
from reaper_automix.session import StoredBalance
from reaper_automix.settings import Settings
from signals import RATE_HZ, harmonic, noise, tone
from songs import band, session, track, with_source_gains

HOP = RATE_HZ // 10
SECONDS = 2.0
PLAIN = Settings()
MEMORY = Memory()
"""What one test has listened to, no other needs to."""


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Five sources over three seconds."""
    return band(tmp_path_factory.mktemp("band"))


@pytest.fixture(scope="module")
def mix_file(tmp_path_factory):
    """A reference mix at another rate, in mono."""
    path = tmp_path_factory.mktemp("mix") / "mix.wav"
    sf.write(path, (harmonic(220, 3.5, rate_hz=44100) + noise(3.5, -40, 44100)).T, 44100)
    return path


def rendered(song, reference=None, settings=PLAIN):
    with Crew(1) as crew:
        return render.excerpt(
            Song(song, Path("song.RPP"), settings, reference), SECONDS, crew, MEMORY, silent
        )


@pytest.fixture(scope="module")
def blank(song):
    return rendered(song)


@pytest.fixture(scope="module")
def compared(song, mix_file):
    return rendered(song, mix_file)


def decoded(file):
    samples, rate_hz = sf.read(io.BytesIO(file), dtype="float32", always_2d=True)
    assert rate_hz == matching.RATE_HZ
    return samples.T


# which seconds


def trace(active, first_hop=0, power=1e-3):
    powers = np.array(active, np.float32) * power
    return Trace(first_hop, powers, np.zeros((1, len(active))), powers)


def test_the_densest_stretch_is_where_most_tracks_sound():
    bed, lead = trace([1] * 40), trace([0] * 20 + [1] * 20)
    assert densest([bed, lead], RATE_HZ, 1.0) == (20 * HOP, 30 * HOP)


def test_of_equally_dense_stretches_the_first_is_taken_and_a_short_song_whole():
    assert densest([trace([1] * 40, first_hop=3)], RATE_HZ, 1.0) == (3 * HOP, 13 * HOP)
    assert densest([trace([1] * 4)], RATE_HZ, 1.0) == (0, 4 * HOP)


@given(st.lists(st.floats(-12, 12), min_size=3, max_size=3), st.integers(0, 2**31))
def test_gains_do_not_choose_the_stretch(gains_db, seed):
    generator = np.random.default_rng(seed)
    traces = [trace(generator.random(50) > 0.5) for _ in gains_db]
    louder = [
        replace(one, powers=one.powers * np.float32(10 ** (gain / 10)))
        for one, gain in zip(traces, gains_db, strict=True)
    ]
    assert densest(louder, RATE_HZ, 1.0) == densest(traces, RATE_HZ, 1.0)


# anchors


@pytest.mark.parametrize("cutoff_hz", [conditions.LOW_ANCHOR_HZ, conditions.MID_ANCHOR_HZ])
def test_anchors_keep_to_the_recommendation(cutoff_hz):
    taps = anchors.low_pass(RATE_HZ, cutoff_hz)
    at_hz, response = freqz(taps, worN=1 << 15, fs=RATE_HZ)
    level_db = 20 * np.log10(np.abs(response) + 1e-9)
    assert np.abs(level_db[at_hz <= cutoff_hz]).max() <= 0.1
    assert level_db[at_hz >= cutoff_hz * 4.0 / 3.5].max() <= -25.0
    assert level_db[at_hz >= cutoff_hz * 4.5 / 3.5].max() <= -50.0


def test_an_anchor_is_not_delayed():
    sound = tone(500, 0.5, channels=2)
    passed = anchors.low_passed(sound, RATE_HZ, conditions.LOW_ANCHOR_HZ)
    inner = slice(2000, -2000)
    assert passed.shape == sound.shape
    assert np.abs(passed - sound)[:, inner].max() < 1e-3


# equally loud


@pytest.mark.parametrize("form", ["blank", "compared"])
def test_all_excerpts_are_equally_loud_within_a_tenth(form, request):
    made = blind.blinded([request.getfixturevalue(form)])
    for trial in made.trials:
        for sound in trial.stimuli.values():
            loud = matching.loudness_lufs(decoded(made.sounds[sound]))
            assert loud == pytest.approx(matching.TARGET_LUFS, abs=0.1)
    assert made.key.lowered_db == 0.0
    told = [one.lufs for trial in made.key.trials for one in trial.stimuli]
    assert told == pytest.approx([matching.TARGET_LUFS] * len(told), abs=0.1)


@given(st.floats(-70.0, 30.0))
def test_however_loud_it_comes_it_becomes_equally_loud(level_db):
    levelled = matching.levelled(noise(1.0, level_db, channels=2))
    assert matching.loudness_lufs(levelled) == pytest.approx(matching.TARGET_LUFS, abs=0.02)


def test_one_that_would_clip_makes_all_of_them_quieter():
    click = np.zeros((2, RATE_HZ), np.float32)
    click[:, 20000:20003] = 1.0
    peaky = matching.levelled(click + noise(1.0, -90, channels=2))
    plain = matching.levelled(noise(1.0, channels=2))
    assert matching.true_peak_dbtp(peaky) > 0.0
    one = excerpt()
    sounds = dict(one.sounds) | {"default": peaky, "lufs": plain}
    made = blind.blinded([replace(one, sounds=sounds)])
    heard = [decoded(made.sounds[sound]) for sound in made.trials[0].stimuli.values()]
    assert max(map(matching.true_peak_dbtp, heard)) <= matching.CEILING_DBTP + 0.01
    louds = [matching.loudness_lufs(sound) for sound in heard]
    assert max(louds) - min(louds) <= 0.1
    assert made.key.lowered_db < 0.0
    assert louds[0] == pytest.approx(matching.TARGET_LUFS + made.key.lowered_db, abs=0.1)


def test_excerpts_begin_and_end_in_silence(blank):
    for sound in blank.sounds.values():
        assert np.abs(sound[:, [0, -1]]).max() < 1e-3


# what is in an excerpt


def test_every_condition_is_heard_in_the_same_seconds(blank, compared):
    for form, one in (("no reference", blank), ("reference", compared)):
        assert list(one.sounds) == [found.name for found in conditions.of_form(form)]
        assert {sound.shape for sound in one.sounds.values()} == {(2, round(SECONDS * RATE_HZ))}
        assert one.end_s - one.start_s == pytest.approx(SECONDS)


def test_gains_of_the_sources_change_no_balance_but_the_untouched_sum(song, blank):
    settings = Settings(dead_band_db=0.0)
    before = rendered(song, settings=settings)
    changed = rendered(with_source_gains(song, (6.0, -9.0, 3.0, 12.0, -4.0)), settings=settings)
    assert (changed.start_s, changed.end_s) == (before.start_s, before.end_s)
    for name, sound in changed.sounds.items():
        apart = np.linalg.norm(sound - before.sounds[name]) / np.linalg.norm(sound)
        assert (apart < 0.02) == (name in ("default", "p_lufs", "lufs", "centroid")), name


def test_a_method_that_moves_nothing_is_a_condition_and_told(tmp_path):
    alone = session(track(tmp_path, "Lead", harmonic(440, 2.0)))
    one = rendered(alone)
    assert one.alike == (("default", "p_lufs", "lufs", "centroid", "untouched"),)
    assert len(one.sounds) == len(conditions.of_form("no reference"))


def test_the_reference_is_the_mix_that_was_given(compared, mix_file):
    samples, rate_hz = sf.read(mix_file, dtype="float32")
    first = round(compared.start_s * rate_hz)
    wanted = np.tile(samples[first : first + round(SECONDS * rate_hz)], (2, 1))
    wanted = matching.levelled(matching.faded(render.at_rate(wanted, rate_hz)))
    assert np.abs(compared.sounds["hidden reference"] - wanted).max() < 1e-4


def test_a_sum_of_closed_faders_cannot_be_compared(song):
    tracks = tuple(replace(one, fader_gain=0.0) for one in song.tracks if one.name != "Lead")
    lead = replace(song.track("{Lead}"), fader_gain=0.0)
    with pytest.raises(NothingToBalance):
        rendered(replace(song, tracks=(*tracks, lead)))


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "cannot be read"), (b"no sound", "cannot be read")]
)
def test_a_reference_that_is_no_sound_is_named(song, tmp_path, content, said):
    path = tmp_path / "mix.wav"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        rendered(song, path)


def test_a_reference_that_is_too_short_is_named(song, tmp_path):
    path = tmp_path / "short.wav"
    sf.write(path, tone(440, 1.0).T, RATE_HZ)
    with pytest.raises(InputError, match=r"short\.wav is 1\.0 s long"):
        rendered(song, path)


# blinding


def without_sounds(text):
    return re.sub(r'(<script type="text/plain" id="s[0-9a-f]+">)[^<]*', r"\1", text)


@pytest.mark.parametrize("form", ["no reference", "reference"])
def test_nothing_on_the_page_tells_what_is_what(form):
    made = kit(form, songs=2)
    text = without_sounds(page(made).decode())
    for condition in conditions.CONDITIONS:
        for name in (condition.name, condition.title):
            assert not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
    for song in made.key.songs:
        assert song.name not in text
        assert song.place not in text
    assert "lufs" not in text.lower()
    assert "anchor" not in text.lower()


@pytest.mark.parametrize("form", ["no reference", "reference"])
def test_names_are_many_and_tell_no_order(form):
    made = kit(form, songs=3)
    for trial, told in zip(made.trials, made.key.trials, strict=True):
        assert trial.id == told.id
        assert set(trial.stimuli) == set(told.conditions)
        assert list(trial.stimuli) == sorted(trial.stimuli)
    orders = {
        tuple(told.conditions[one] for one in trial.stimuli)
        for trial, told in zip(made.trials, made.key.trials, strict=True)
    }
    assert len(orders) > 1
    names = [name for trial in made.trials for name in (trial.id, *trial.stimuli)]
    assert len(names) == len(set(names))


def test_without_a_reference_one_song_comes_twice_and_with_one_none():
    songs = [trial.song for trial in kit(songs=3).key.trials]
    assert len(songs) == 4
    assert set(songs) == {0, 1, 2}
    assert [trial.repeats for trial in kit(songs=3).key.trials].count(True) == 1
    assert len(kit("reference", songs=3).trials) == 3


def test_the_same_sounds_make_the_same_kit_and_others_another():
    assert kit().id == kit().id
    assert kit().id != kit(songs=2).id
    assert page(kit()) == page(kit())


def test_the_page_asks_nobody_for_anything():
    text = without_sounds(page(kit()).decode())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert "default-src 'none'" in policy.replace("&#39;", "'")
    assert "unsafe" not in policy
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)[a-z]", re.sub(r"//[^\n]*\n", "", text))


def test_every_sound_of_the_page_is_there_once():
    made = kit("reference", songs=2)
    text = page(made).decode()
    found = dict(re.findall(r'<script type="text/plain" id="s([0-9a-f]+)">([^<]*)', text))
    assert {name: base64.b64decode(sound) for name, sound in found.items()} == made.sounds
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))
    used = {sound for trial in data["trials"] for sound in trial["stimuli"].values()}
    used |= {trial["reference"] for trial in data["trials"]}
    assert used == set(made.sounds)


@pytest.mark.parametrize("form", ["no reference", "reference"])
def test_both_languages_say_the_same_things(form):
    english, chinese = words(form).values()
    assert english.keys() == chinese.keys()
    assert set(GRADES) <= english.keys()
    for name, said in english.items():
        assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", chinese[name])), name
        assert re.search(r"[\u4e00-\u9fff]", chinese[name]), name


def test_everything_that_the_page_says_is_there():
    made = kit("reference")
    text = without_sounds(page(made).decode())
    asked = set(re.findall(r'\bsay\("(\w+)"', text))
    asked |= set(re.findall(r'data-(?:word|label)="(\w+)"', text))
    assert asked <= words("reference")["en"].keys()


# files


def project(folder_path, name="song"):
    path = folder_path / f"{name}.RPP"
    folder.write_project(band(folder_path / "media", duration_s=1.5), path, {}, StoredBalance())
    return path


def request(out, *songs, **more):
    return Request(tuple((song, Settings()) for song in songs), out, length_s=1.0, jobs=1, **more)


def test_a_kit_is_a_page_and_its_key_and_made_again_it_is_the_same(tmp_path):
    song, out = project(tmp_path), tmp_path / "kit"
    made, written = make(request(out, song))
    assert [Path(one.path).name for one in written] == ["listening-test.html", "key.json"]
    assert keys.read(out / "key.json") == made.key
    before = (out / "listening-test.html").read_bytes()
    again, _ = make(request(out, song))
    assert again.id == made.id
    assert (out / "listening-test.html").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kit", "media", "song.RPP"]


def test_the_key_of_another_kit_is_never_replaced(tmp_path):
    song, out = project(tmp_path), tmp_path / "kit"
    make(request(out, song))
    before = (out / "key.json").read_bytes()
    with pytest.raises(OutputError, match="another listening test"):
        make(replace(request(out, song), length_s=1.2))
    assert (out / "key.json").read_bytes() == before


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    out = tmp_path / "kit"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    _, written = make(request(out, project(tmp_path)))
    assert Path(written[0].path).parent.name == "kit-2"
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_name_that_is_no_text_can_be_written():
    one = excerpt()
    odd = replace(one, name="caf\udce9", place=Path("caf\udce9.RPP"), notes=("L\udce9ad: odd",))
    key = blind.blinded([odd]).key
    assert msgspec.json.decode(keys.to_json(key), type=keys.Key) == key


def test_who_is_stopped_leaves_nothing_behind(tmp_path):
    def stop(stage, done, total, what=""):
        if stage == render.PLAYING:
            raise Cancelled

    with pytest.raises(Cancelled):
        make(request(tmp_path / "kit", project(tmp_path)), stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "song.RPP"]


def test_references_are_one_for_each_song_or_none(tmp_path, mix_file):
    song = project(tmp_path)
    with pytest.raises(SettingsError, match="1 reference mixes for 2 songs"):
        make(request(tmp_path / "kit", song, song, references=(mix_file,)))


def run(capsys, *arguments):
    code = cli.run(["listening-test", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_the_command_makes_a_kit_without_being_told_to(tmp_path, capsys):
    out = tmp_path / "kit"
    code, told, _ = run(capsys, project(tmp_path), "--out", out, "--seconds", "2", "--jobs", "1")
    assert code == 0
    assert str(out / "listening-test.html") in told
    assert "2 trials, every excerpt at -23.0 LUFS" in told
    assert (out / "key.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Missing argument 'PROJECT...'"),
        (("nowhere.RPP",), 3, "There is no file or folder nowhere.RPP"),
        (("--seconds", "40", "nowhere.RPP"), 2, "--seconds"),
        (("analyse",), 2, "Missing argument 'RESULT...'"),
        (("analyse", "nowhere.json"), 3, "key.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    found, told, complaint = run(capsys, *arguments)
    assert (found, told) == (code, "")
    assert said in complaint
    assert "Traceback" not in complaint
    assert list(tmp_path.iterdir()) == []


def test_trials_of_one_song_are_told_apart_only_by_their_item():
    trials = kit(songs=2).trials
    assert len({trial.item for trial in trials}) == 2
    assert all(one.id != other.id for one, other in pairwise(trials))
