"""Bad input from end to end: one clear sentence, the exit code, and nothing written or lost.

Whatever is wrong is made here, in two tables: :data:`REFUSED` is what cannot be balanced at all,
:data:`BORNE` what is balanced all the same, with a sentence about what was wrong.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from reaper_automix import cli, media, settings
from reaper_automix.adapters import project
from signals import RATE_HZ, noise, tone

SECONDS = 1.0


@pytest.fixture(autouse=True)
def no_user_settings(tmp_path_factory, monkeypatch):
    path = tmp_path_factory.mktemp("config") / settings.FILE_NAME
    monkeypatch.setattr(settings, "user_file", lambda: path)


@pytest.fixture
def balance(capfd):
    """Balances a path; gives the exit code, the JSON on stdout and the lines on stderr."""

    def call(path, *options, method="lufs"):
        arguments = [str(path), "--jobs", "1", "--method", method, "--json", "--quiet", *options]
        code = cli.run(["balance", *map(str, arguments)])
        out, err = capfd.readouterr()
        return code, json.loads(out) if out else None, err.splitlines()

    return call


# what is made


def write(path, samples, rate_hz=RATE_HZ, subtype="FLOAT"):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, np.asarray(samples).T, rate_hz, subtype=subtype)
    return path


def good(folder, *names):
    """Stems with nothing wrong with them, each louder than the one before."""
    for number, name in enumerate(names or ("good 1.wav", "good 2.wav")):
        write(folder / name, tone(220.0 * (number + 1), SECONDS, -30.0 + 6.0 * number))
    return folder


def stems(content):
    """A folder of two good stems and one with this content, ``odd.wav``."""

    def make(folder):
        good(folder / "song")
        odd = folder / "song" / "odd.wav"
        odd.write_bytes(content) if isinstance(content, bytes) else write(odd, content)
        return folder / "song"

    return make


def rpp(path, **files):
    """A project of a track for each name and file, the way it is named in the project."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tracks = "".join(
        f'  <TRACK\n    NAME "{name}"\n    VOLPAN 1 0 -1 -1 1\n    <ITEM\n      POSITION 0\n'
        f'      LENGTH {SECONDS}\n      <SOURCE WAVE\n        FILE "{file}"\n      >\n    >\n  >\n'
        for name, file in files.items()
    )
    path.write_text(f'<REAPER_PROJECT 0.1 "7.0/test" 0\n{tracks}>\n', newline="\r\n")
    return path


def song(folder, **more):
    """A project of two good tracks, and more."""
    good(folder)
    return rpp(folder / "song.RPP", **{"Good 1": "good 1.wav", "Good 2": "good 2.wav"}, **more)


def binary(folder):
    path = folder / "song.RPP"
    path.write_bytes(b"<REAPER_PROJECT\0\xff\xfe" + bytes(range(256)))
    return path


def text(content, name="song.RPP"):
    def make(folder):
        path = folder / name
        path.write_text(content)
        return path

    return make


def truncated_project(folder):
    path = song(folder)
    path.write_bytes(path.read_bytes()[:300])
    return path


def only(samples):
    """A folder of stems that all sound like that."""

    def make(folder):
        write(folder / "song" / "a.wav", samples)
        write(folder / "song" / "b.wav", samples)
        return folder / "song"

    return make


def only_broken(folder):
    for name in ("a.wav", "b.ogg", "c.m4a"):
        (folder / name).write_bytes(b"no audio")
    return folder


def only_texts(folder):
    (folder / "notes.txt").write_text("kick too loud")
    return folder


def link_loop(folder):
    (folder / "song").symlink_to(folder / "song")
    return folder / "song"


def folder_loop(folder):
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    return folder


@dataclass(frozen=True)
class Refused:
    """What cannot be balanced: how it is made, the exit code, and what the sentence says."""

    make: Callable[[Path], Path]
    code: int
    said: str


REFUSED = {
    "not an RPP": Refused(text("Dear diary"), 3, "not a REAPER project"),
    "empty RPP": Refused(text(""), 3, "not a REAPER project"),
    "neither project nor folder": Refused(text("x", "a.txt"), 3, "a.txt"),
    "truncated RPP": Refused(truncated_project, 3, "cut off"),
    "damaged RPP": Refused(text("<REAPER_PROJECT 0.1\n>\n>\n"), 3, "line 3"),
    "binary RPP": Refused(binary, 3, "binary"),
    "zero tracks": Refused(text("<REAPER_PROJECT 0.1\n>\n"), 4, "no track"),
    "tracks without items": Refused(
        text("<REAPER_PROJECT 0.1\n  <TRACK\n    NAME a\n  >\n>\n"), 4, "no track"
    ),
    "only missing media": Refused(
        lambda folder: rpp(folder / "song.RPP", Kick="gone.wav"), 4, "no track"
    ),
    "empty folder": Refused(lambda folder: folder, 3, "no audio files"),
    "no audio anywhere": Refused(only_texts, 3, "no audio files"),
    "only broken files": Refused(only_broken, 4, "no track"),
    "all silence": Refused(only(np.zeros((2, RATE_HZ))), 4, "no track"),
    "all DC": Refused(only(np.full((1, RATE_HZ), 0.5)), 4, "no track"),
    "all NaN": Refused(only(np.full((1, RATE_HZ), np.nan)), 4, "no track"),
    "nowhere": Refused(lambda folder: folder / "nowhere", 3, "no file or folder"),
    "name too long": Refused(lambda folder: folder / ("x" * 300), 3, "xxx"),
    "link to itself": Refused(link_loop, 3, "check the path"),
    "folder in itself": Refused(folder_loop, 3, "no audio files"),
    "a single stem": Refused(lambda folder: good(folder) / "good 1.wav", 3, "folder of stems"),
}


def tree(folder):
    """Every file below a folder with its content, links as they point."""
    return {
        str(path.relative_to(folder)): path.readlink() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refused_in_one_sentence_and_nothing_written(balance, tmp_path, case):
    path = case.make(tmp_path)
    before = tree(tmp_path)
    code, report, said = balance(path)
    assert (code, report) == (case.code, None)
    assert len(said) == 1
    assert said[0].startswith("reaper-automix: ")
    assert case.said in said[0]
    assert tree(tmp_path) == before


@pytest.mark.parametrize("command", ["inspect", "render", "bounce"])
@pytest.mark.parametrize("name", ["not an RPP", "truncated RPP", "empty folder", "nowhere"])
def test_refused_by_every_command_alike(capfd, tmp_path, command, name):
    path = REFUSED[name].make(tmp_path)
    before = tree(tmp_path)
    assert cli.run([command, str(path), "--quiet"]) == REFUSED[name].code
    out, err = capfd.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert tree(tmp_path) == before


# what is balanced all the same


@dataclass(frozen=True)
class Borne:
    """What is balanced all the same: the odd track's status, and what is said about it."""

    make: Callable[[Path], Path]
    status: str = "moved"
    said: str = ""
    name: str = "odd"


def cut_off(folder):
    made = stems(tone(440.0, SECONDS))(folder)
    odd = made / "odd.wav"
    odd.write_bytes(odd.read_bytes()[: odd.stat().st_size // 2])
    return made


def not_all_numbers(folder):
    samples = tone(440.0, SECONDS)
    samples[0, 1000:1010] = np.nan
    samples[0, 2000] = np.inf
    return stems(samples)(folder)


def at_rate(rate_hz):
    def make(folder):
        good(folder / "song")
        write(folder / "song" / "odd.wav", tone(440.0, SECONDS, rate_hz=rate_hz), rate_hz)
        return folder / "song"

    return make


def outside(folder):
    good(folder / "elsewhere", "a.wav")
    return song(folder / "home" / "songs", odd="../../elsewhere/a.wav")


def of_one_name(folder):
    made = stems(tone(440.0, SECONDS))(folder)
    write(made / "odd.flac", tone(660.0, SECONDS, -12.0), subtype="PCM_16")
    return made


def loops_among_stems(folder):
    made = stems(tone(440.0, SECONDS))(folder)
    (made / "self.wav").symlink_to(made / "self.wav")
    (made / "up").symlink_to(folder, target_is_directory=True)
    return made


def strangely_named(folder):
    return stems(tone(440.0, SECONDS))(folder / "a 'strange' \"place\" 🎚 ü")


LONG_NAME = "long " * 60

BORNE = {
    "no audio in it": Borne(stems(b"no audio"), "skipped", "no sound that can be read"),
    "zero bytes": Borne(stems(b""), "skipped", "empty"),
    "zero frames": Borne(stems(np.zeros((1, 0))), "skipped", "no samples"),
    "truncated": Borne(cut_off, "moved", "odd.wav"),
    "NaN and Inf": Borne(not_all_numbers, "moved", "not numbers"),
    "silent": Borne(stems(np.zeros((2, RATE_HZ))), "kept"),
    "DC": Borne(stems(np.full((1, RATE_HZ), 0.5)), "kept"),
    "clipped": Borne(stems(np.clip(tone(440.0, SECONDS, 20.0), -1.0, 1.0))),
    "0.1 s": Borne(stems(tone(440.0, 0.1))),
    "1 sample": Borne(stems(np.ones((1, 1))), "kept"),
    "8 kHz": Borne(at_rate(8000)),
    "192 kHz": Borne(at_rate(192000)),
    "12 channels": Borne(stems(noise(SECONDS, channels=12))),
    "two of one name": Borne(of_one_name),
    "links in loops": Borne(loops_among_stems),
    "strange path": Borne(strangely_named),
    "missing media": Borne(lambda folder: song(folder, odd="gone.wav"), "skipped", "gone.wav"),
    "media outside": Borne(outside),
    "300 characters": Borne(
        lambda folder: song(folder, **{LONG_NAME: "good 1.wav"}), name=LONG_NAME.strip()
    ),
}


@pytest.mark.parametrize("case", BORNE.values(), ids=BORNE.keys())
def test_balanced_all_the_same_and_said(balance, tmp_path, case):
    path = case.make(tmp_path)
    before = tree(tmp_path)
    code, report, _ = balance(path, "--stems", "--dead-band", "0")
    assert code == 0
    odd = [track for track in report["tracks"] if track["name"].strip() == case.name]
    assert odd
    assert {track["status"] for track in odd} == {case.status}
    assert case.said in " ".join(said for track in odd for said in track["why"] + track["notes"])
    assert all(Path(output["path"]).exists() for output in report["outputs"])
    after = tree(tmp_path)
    assert {name: after.get(name) for name in before} == before


@pytest.mark.long
@pytest.mark.parametrize("name", ["0.1 s", "8 kHz", "192 kHz", "12 channels", "NaN and Inf"])
def test_pitch_does_not_mind(balance, tmp_path, name):
    code, report, _ = balance(BORNE[name].make(tmp_path), method="auto")
    assert code == 0
    assert all(track["status"] != "skipped" for track in report["tracks"])


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["zero bytes", "zero frames", "NaN and Inf", "1 sample", "12 channels", "missing media"]
)
def test_the_published_method_does_not_mind(capfd, tmp_path, name):
    code = cli.run(["balance", str(BORNE[name].make(tmp_path)), "--paper", "--quiet"])
    assert (code, capfd.readouterr().out) == (0, "")


# in the middle of a run


@pytest.fixture
def vanishing(balance, tmp_path, monkeypatch):
    """A balance in the middle of which a file is deleted, before it is read for the n-th time."""

    def run(reading):
        path = stems(tone(440.0, SECONDS))(tmp_path)
        odd, read, readings = path / "odd.wav", media.Reader.read, []

        def vanish(self, first, frames):
            if self._file == str(odd):
                readings.append(first)
                if len(readings) == reading:
                    odd.unlink()
            return read(self, first, frames)

        monkeypatch.setattr(media.Reader, "read", vanish)
        code, report, _ = balance(path)
        assert code == 0
        assert (path.parent / "song-automix" / "song.RPP").exists()
        rows = {track["name"]: track for track in report["tracks"]}
        assert rows["good 1"]["status"] == rows["good 2"]["status"] == "moved"
        return rows["odd"]

    return run


@pytest.mark.parametrize("reading", [1, 2, 3])
def test_a_file_that_vanishes_once_it_was_heard_costs_nothing(vanishing, reading):
    assert vanishing(reading)["status"] == "moved"


# where nothing can be written


def files_in_the_way(folder):
    (folder / "file").write_text("mine")
    return folder / "file" / "results"


def no_permission(folder):
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("folders cannot be closed to root, nor on Windows")
    (folder / "closed").mkdir(mode=0o500)
    return folder / "closed"


@pytest.mark.parametrize("out", [files_in_the_way, no_permission])
@pytest.mark.parametrize("make", [song, stems(tone(440.0, SECONDS))])
def test_a_place_that_cannot_be_written_to_is_5(balance, tmp_path, make, out):
    path, place = make(tmp_path), out(tmp_path)
    before = tree(tmp_path)
    code, report, said = balance(path, "--out", place)
    assert (code, report, len(said)) == (5, None, 1)
    assert "--out" in said[0]
    assert tree(tmp_path) == before


LIMITED = """
import resource, signal, sys
from reaper_automix import cli, settings
from pathlib import Path
settings.user_file = lambda: Path("nowhere")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
cli.main(sys.argv[1:])
"""
"""No file may grow over 100 kB: writing fails in the middle, as on a full disk."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("options", [("--bounce",), ("--stems",)])
@pytest.mark.parametrize("make", [song, stems(tone(440.0, SECONDS))])
def test_a_disk_that_is_full_loses_nothing(tmp_path, make, options):
    path = make(tmp_path)
    before = tree(tmp_path)
    words = ["balance", str(path), "--method", "lufs", "--jobs", "1", "--quiet", *options]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, *words], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, len(ended.stderr.splitlines())) == (5, 1), ended.stderr
    assert tree(tmp_path) == before


# a batch, and what was there before


def test_one_bad_song_does_not_keep_the_others(tmp_path, capfd):
    good(tmp_path / "media")
    for name in ("1", "2", "3"):
        rpp(tmp_path / f"{name}.RPP", one="media/good 1.wav", two="media/good 2.wav")
    bad = tmp_path / "2.RPP"
    bad.write_bytes(bad.read_bytes()[:300])
    code = cli.run(["balance", str(tmp_path), "--method", "lufs", "--jobs", "1", "--quiet"])
    said = capfd.readouterr().err.splitlines()
    assert code == 6
    assert said[0] == "reaper-automix: 1 of 3 songs failed, the others are done."
    assert f"{bad} is cut off" in said[1]
    assert sorted(path.name for path in tmp_path.glob("*-automix.RPP")) == [
        "1-automix.RPP",
        "3-automix.RPP",
    ]


def test_results_that_somebody_changed_are_kept(balance, tmp_path):
    path = song(tmp_path)
    balance(path)
    mine = tmp_path / "song-automix.RPP"
    mine.write_text("mine")
    code, report, _ = balance(path)
    assert code == 0
    assert mine.read_text() == "mine"
    assert (tmp_path / "song-automix-2.RPP").exists()
    assert any("song-automix-2" in output["path"] for output in report["outputs"])


def test_a_dry_run_writes_nothing(balance, tmp_path):
    path = song(tmp_path)
    before = tree(tmp_path)
    code, report, _ = balance(path, "--dry-run")
    assert (code, report["outputs"], tree(tmp_path)) == (0, [], before)


def test_in_place_keeps_what_was_there(balance, tmp_path):
    path = song(tmp_path)
    before = path.read_bytes()
    assert balance(path, "--in-place")[0] == 0
    assert path.with_name("song.RPP.bak").read_bytes() == before
    assert project.read(path).stored is not None


# stopping


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_stopping_in_the_middle_leaves_nothing_behind(tmp_path, stop, jobs):
    for number in range(4):
        write(tmp_path / "song" / f"{number}.wav", noise(240.0, seed=number))
    before = tree(tmp_path)
    command = [sys.executable, "-m", "reaper_automix", "balance", str(tmp_path / "song")]
    with subprocess.Popen(
        [*command, "--jobs", jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert any("Measuring" in line for line in process.stderr)  # read no further than that
        os.killpg(process.pid, stop)  # as a terminal does, to the workers too
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if line] == [
        "reaper-automix: stopped; what was finished is kept and nothing is half written."
    ]
    assert tree(tmp_path) == before
