"""Files around a project: bad ones, and media that are not where the project says."""

import os
import sys
from pathlib import Path

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import rpp
from reaper_automix.adapters import project
from reaper_automix.adapters.project.media import MediaFinder
from reaper_automix.errors import InputError
from reaper_automix.session import StoredBalance, from_json, to_json

DATA = Path(__file__).parent / "data"


@pytest.fixture
def song(tmp_path):
    """Makes files (no audio needed to find them) and looks names up for a project in ``song``."""

    def find(name, *files, record_paths=()):
        for file in files:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        (tmp_path / "song").mkdir(exist_ok=True)
        found = MediaFinder(tmp_path / "song", record_paths).find(name)
        return found and os.path.relpath(found, tmp_path).replace(os.sep, "/")

    return find


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("kick.wav", "song/kick.wav"),
        ("media/kick.wav", "song/media/kick.wav"),
        (r"media\kick.wav", "song/media/kick.wav"),
        (r".\media\kick.wav", "song/media/kick.wav"),
        (r"MEDIA\Kick.WAV", "song/media/kick.wav"),
        ("Träck äöü.wav", "song/Tra\u0308ck a\u0308o\u0308u\u0308.wav"),
        (r"D:\Songs\song\media\kick.wav", "song/media/kick.wav"),
        ("/Users/her/Music/song/media/kick.wav", "song/media/kick.wav"),
        (r"\\nas\songs\kick.wav", "song/kick.wav"),
        ("media/kick.wav", "song/kick.wav"),
        ("../outside.wav", "outside.wav"),
        (r"..\..\song\media\kick.wav", "song/media/kick.wav"),
        ('it\'s "a" 🎚.wav', 'song/it\'s "a" 🎚.wav'),
    ],
)
def test_media_are_found_beside_the_project(song, name, file):
    assert song(name, file) == file


@pytest.mark.parametrize("record_path", ["Recorded", r"..\takes\Recorded", "recorded/./"])
def test_media_are_found_in_the_recording_folders(song, record_path):
    file = "takes/Recorded/kick.wav" if ".." in record_path else "song/Recorded/kick.wav"
    paths = ("", record_path if ".." in record_path else "Recorded")
    assert song("kick.wav", file, record_paths=paths).removeprefix("song/../") in file
    assert song(r"C:\other\kick.wav", file, record_paths=paths) is not None


def test_an_absolute_recording_folder(song, tmp_path):
    found = song("kick.wav", "archive/kick.wav", record_paths=(str(tmp_path / "archive"), ""))
    assert found == "archive/kick.wav"


def test_an_absolute_path_that_exists_is_taken_as_it_stands(song, tmp_path):
    elsewhere = str(tmp_path / "elsewhere" / "kick.wav")
    assert song(elsewhere, "elsewhere/kick.wav", "song/kick.wav") == "elsewhere/kick.wav"


def test_the_longest_common_end_of_a_path_goes_first(song):
    files = ("song/kick.wav", "song/drums/kick.wav")
    assert song(r"D:\Song\drums\kick.wav", *files) == "song/drums/kick.wav"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_the_name_as_it_stands_goes_before_any_other(song):
    assert song(r"a\b.wav", r"song/a\b.wav", "song/a/b.wav") == r"song/a\b.wav"
    assert song("KICK.wav", "song/kick.wav", "song/KICK.wav") == "song/KICK.wav"


@pytest.mark.parametrize(
    "name", ["missing.wav", "", ".", "..", "/", "media", "a\0b.wav", "x" * 5000, "/dev/zero"]
)
def test_what_is_no_file_is_not_found(song, name):
    assert song(name, "song/media/kick.wav") is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_loops_of_links_hold_nothing_up(song, tmp_path):
    (tmp_path / "song").mkdir()
    (tmp_path / "song" / "loop").symlink_to(tmp_path / "song")
    (tmp_path / "song" / "self.wav").symlink_to(tmp_path / "song" / "self.wav")
    assert song("self.wav") is None
    assert song("loop/loop/LOOP/self.wav") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_under_an_audio_name_is_never_opened(song, tmp_path):
    (tmp_path / "song").mkdir()
    os.mkfifo(tmp_path / "song" / "kick.wav")
    assert song("kick.wav") is None


def test_media_of_a_project_are_looked_up_from_its_folder(tmp_path, monkeypatch):
    (tmp_path / "song.rpp").write_bytes((DATA / "items.rpp").read_bytes())
    for file in ("media/tone.wav", "Recorded/second.wav"):
        (tmp_path / file).parent.mkdir()
        soundfile.write(tmp_path / file, [0.0] * 100, 48000)
    monkeypatch.chdir(tmp_path)
    tracks = project.read(Path("song.rpp")).tracks
    paths = next(track for track in tracks if track.name == "paths")
    found = [item.takes[0].source.file for item in paths.items]
    tone, second = (str(tmp_path / file) for file in ("media/tone.wav", "Recorded/second.wav"))
    assert found == [tone, tone, second, None, None]
    assert paths.items[0].takes[0].source.path == r"media\tone.wav"


def test_a_path_that_is_not_utf8_is_found_by_its_bytes(tmp_path):
    name = b"caf\xe9.wav"
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    body = b"<REAPER_PROJECT\n<TRACK\n<ITEM\n<SOURCE WAVE\nFILE " + name + b"\n>\n>\n>\n>\n"
    (tmp_path / "song.RPP").write_bytes(body)
    source = project.read(tmp_path / "song.RPP").tracks[0].items[0].takes[0].source
    assert source.path == "café.wav"
    assert os.fsencode(source.file).endswith(name)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not a REAPER project"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "is a binary file"),
        (b"<TRACK\n>\n", "is not a REAPER project"),
        (b"<REAPER_PROJECTS 0.1\n>\n", "has no block <REAPER_PROJECT"),
        (b"<REAPER_PROJECT 0.1\n  <TRACK\n  >\n", "the block <REAPER_PROJECT of line 1"),
        (b"<REAPER_PROJECT 0.1\n  <TRACK\n    NAME Ki", "the block <TRACK of line 2"),
        (b"<REAPER_PROJECT 0.1\n>\n>\n", "line 3 closes a block that was never opened"),
    ],
)
def test_a_bad_file_is_one_sentence_that_names_it(tmp_path, data, said):
    file = tmp_path / "it's 🎚.RPP"
    file.write_bytes(data)
    with pytest.raises(InputError, match=said) as caught:
        project.read(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_cut_of_a_project_is_noticed(tmp_path):
    data = (DATA / "old.rpp").read_bytes()
    file = tmp_path / "cut.RPP"
    for length in range(0, len(data) - 1, 7):
        file.write_bytes(data[:length])
        with pytest.raises(InputError, match=r"cut\.RPP"):
            project.read(file)


NASTY = [
    "",
    "nan",
    "-9e99",
    "0x",
    "{",
    '"',
    "9" * 5000,
    "\udcff",
    "\u2028",
    "-1",
    "99999",
    "1.#QNAN",
]


@given(st.randoms(use_true_random=False), st.sampled_from(["items.rpp", "routing.rpp", "old.rpp"]))
@settings(max_examples=25, deadline=None)
def test_damage_inside_the_lines_is_survived(tmp_path_factory, random, name):
    """Lines go, come twice, change places and have nonsense in them."""
    lines = rpp.decode((DATA / name).read_bytes()).splitlines(keepends=True)
    plain = [line for line in lines if line.lstrip()[:1] not in ("<", ">")]
    for _ in range(60):
        words = random.choice(plain).split(" ")
        words[random.randrange(len(words))] = random.choice(NASTY)
        at = random.randrange(1, len(lines))
        if lines[at] in plain and random.random() < 0.7:
            del lines[at]
        lines.insert(at, " ".join(words).rstrip("\r\n") + "\n")
    file = tmp_path_factory.mktemp("damaged") / name
    file.write_bytes(rpp.encode("".join(lines)))
    session = project.read(file)
    assert from_json(to_json(session)) == session
    faders = {track.id: 0.5 for track in session.tracks}
    project.write_balance(file, file, faders, StoredBalance())
    assert all(track.fader_gain == 0.5 for track in project.read(file).tracks)


@pytest.mark.parametrize("name", ["missing.RPP", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError, match="cannot be read"):
        project.read(tmp_path / name)


def test_a_link_to_itself_is_named(tmp_path):
    loop = tmp_path / "loop.RPP"
    loop.symlink_to(loop)
    with pytest.raises(InputError, match="cannot be read"):
        project.read(loop)
