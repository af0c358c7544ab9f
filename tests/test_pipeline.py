"""From a path to results: where they go, what is in them, and that they come whole or not at all.

What is published, ``paper``, has its tests in test_paper.py.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from reaper_automix import pipeline, report, stems
from reaper_automix.adapters import folder, project
from reaper_automix.audio import to_samples
from reaper_automix.errors import InputError, NothingToBalance
from reaper_automix.mix import tap
from reaper_automix.pipeline import Request
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.session import StoredBalance, TimeRange
from reaper_automix.settings import Settings
from signals import RATE_HZ, noise, tone
from songs import band, write

HOW = Settings(method="lufs")
REPORTS = {"report.html", "results.json", "results.csv"}
DURATION_S = 1.0


@pytest.fixture
def home(tmp_path):
    """A project, ``song.RPP``, whose media lie elsewhere, and a folder of stems, ``stems``."""
    song = band(tmp_path / "media", DURATION_S)
    folder.write_project(song, tmp_path / "song.RPP", {}, StoredBalance())
    write(tmp_path / "stems", "1 bass", tone(80, DURATION_S, -20))
    write(tmp_path / "stems", "2 shaker", noise(DURATION_S, -35, channels=2))
    return tmp_path


def balance(path, settings=HOW, **more):
    return pipeline.run(Request(path, settings, jobs=1, **more))


def tree(place):
    """Every file below a folder with its content, but for the manifests."""
    files = (path for path in place.rglob("*") if path.is_file() and path.name != ".automix.json")
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def read(path):
    samples, _ = sf.read(path, dtype="float32", always_2d=True)
    return samples.T


def inside(name, files):
    return {f"{name}/{file}" for file in files}


STEMS = {"001 Kick", "002 Hats", "003 Piano", "004 Pad", "005 Lead"}

LAYOUTS = {
    "project": ("song.RPP", {}, {"song-automix.RPP"} | inside("song-automix", REPORTS)),
    "in place": (
        "song.RPP",
        {"in_place": True},
        {"song.RPP.bak"} | inside("song-automix", REPORTS),
    ),
    "with sound": (
        "song.RPP",
        {"bounce": True, "stems": True},
        {"song-automix.RPP"}
        | inside("song-automix", {*REPORTS, "song-automix.wav"})
        | {f"song-automix/stems/{name}.wav" for name in STEMS},
    ),
    "elsewhere": (
        "song.RPP",
        {"out": "out"},
        {"out/song-automix.RPP"} | inside("out/song-automix", REPORTS),
    ),
    "stems": (
        "stems",
        {},
        inside("stems-automix", {*REPORTS, "stems.RPP", "stems-automix.wav"}),
    ),
    "stems elsewhere": (
        "stems",
        {"out": "deep/out"},
        inside("deep/out/stems-automix", {*REPORTS, "stems.RPP", "stems-automix.wav"}),
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_results_lie_where_they_belong_and_nothing_else_is_touched(home, case):
    name, more, expected = LAYOUTS[case]
    if "out" in more:
        more = {**more, "out": home / more["out"]}
    before = tree(home)
    account = balance(home / name, **more)
    after = tree(home)
    assert after.keys() - before.keys() == expected
    changed = {path for path, content in before.items() if after[path] != content}
    assert changed == ({"song.RPP"} if more.get("in_place") else set())
    told = {output.path for output in account.outputs}
    assert told == {str(home / path) for path in (expected | changed) - {"song.RPP.bak"}}


@pytest.mark.parametrize("name", ["song.RPP", "stems"])
def test_a_second_run_moves_nothing_and_takes_the_same_place(home, name):
    balance(home / name)
    files = tree(home).keys()
    again = balance(home / ("song-automix.RPP" if name == "song.RPP" else name))
    assert again.moved == ()
    new = tree(home).keys() - files
    assert all(path.startswith("song-automix-automix") for path in new)


@pytest.mark.parametrize("name", ["song.RPP", "stems"])
def test_results_that_were_changed_are_kept(home, name):
    first = balance(home / name)
    mine = next(output.path for output in first.outputs if output.kind == "results")
    Path(mine).write_text("mine")
    before = tree(home)
    second = balance(home / name)
    assert all("-automix-2" in output.path for output in second.outputs)
    assert not first.notes
    assert "-automix-2" in second.notes[-1]
    assert before.items() <= tree(home).items()


@pytest.mark.parametrize("more", [{}, {"in_place": True}, {"bounce": True, "stems": True}])
def test_a_dry_run_tells_the_same_and_writes_nothing(home, more):
    before = tree(home)
    dry = balance(home / "song.RPP", dry_run=True, **more)
    assert tree(home) == before
    assert dry.outputs == ()
    assert dry.tracks == balance(home / "song.RPP", **more).tracks


def test_sound_is_what_the_engine_balanced(home):
    account = balance(home / "song.RPP", bounce=True, stems=True)
    gains = {track.id: track.fader_after for track in account.tracks}
    desk = set_scene(project.read(home / "song.RPP"), HOW).desk()
    results = home / "song-automix"
    np.testing.assert_array_equal(
        read(results / "song-automix.wav"), to_samples(tap(desk, MIX, gains))
    )
    files = sorted((results / "stems").iterdir())
    for file, (track, signal) in zip(files, desk.signals.items(), strict=True):
        np.testing.assert_allclose(read(file), gains[track] * to_samples(signal), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "balanced"), [("song.RPP", "song-automix.RPP"), ("stems", "stems-automix/stems.RPP")]
)
def test_the_balanced_project_sounds_like_the_bounce(home, name, balanced):
    written = next(o for o in balance(home / name, bounce=True).outputs if o.kind == "bounce")
    (bounce,) = pipeline.bounce(home / balanced, home / "again.wav", HOW)
    np.testing.assert_allclose(read(bounce.path), read(written.path), atol=1e-6)


def test_a_time_range_limits_what_is_measured_and_not_what_is_written(home):
    half = replace(HOW, time_range=TimeRange(0.0, DURATION_S / 2))
    account = balance(home / "song.RPP", half, bounce=True, stems=True)
    measured = {t.features.duration_s for t in account.tracks if t.features}
    assert measured == {DURATION_S / 2}
    sound = [output.path for output in account.outputs if output.path.endswith(".wav")]
    assert {read(path).shape[1] for path in sound} == {round(DURATION_S * RATE_HZ)}


def test_a_time_selection_that_is_not_there_is_said(home):
    asked = replace(HOW, use_time_selection=True)
    assert "no time selection" in pipeline.inspect(home / "song.RPP", asked).notes[0]
    assert not pipeline.inspect(home / "song.RPP", replace(asked, time_range=TimeRange(0, 1))).notes


@pytest.mark.parametrize(
    ("module", "step"),
    [(stems, "write_bounce"), (stems, "write_stems"), (report, "write"), (project, "save")],
)
@pytest.mark.parametrize("in_place", [False, True])
def test_a_failure_in_the_middle_leaves_nothing(home, monkeypatch, module, step, in_place):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(module, step, fail)
    before = tree(home)
    with pytest.raises(RuntimeError):
        balance(home / "song.RPP", bounce=True, stems=True, in_place=in_place)
    assert tree(home) == before
    assert not list(home.glob(".automix-*"))


def test_stems_and_bounces_of_a_project_never_replace_one_another(home):
    for number in ("", "-2"):
        (bounce,) = pipeline.bounce(home / "song.RPP", None, HOW)
        assert bounce.path == str(home / f"song-bounce{number}.wav")
    stems_of = pipeline.render_stems(home / "song.RPP", None, replace(HOW, tracks=("Keys", "Lead")))
    assert [output.path for output in stems_of] == [
        str(home / "song-stems" / f"{name}.wav") for name in ("001 Piano", "002 Pad", "003 Lead")
    ]


def test_inspecting_lists_every_track_and_writes_nothing(home):
    before = tree(home)
    account = pipeline.inspect(home / "song.RPP", HOW)
    assert [track.name for track in account.tracks] == [
        *("Drums", "Kick", "Hats", "Keys", "Piano", "Pad", "Lead")
    ]
    assert {track.status for track in account.tracks} == {"kept"}
    assert tree(home) == before


@pytest.mark.parametrize(
    ("name", "error"),
    [("gone.RPP", InputError), ("media/Kick.wav", InputError), ("empty.RPP", NothingToBalance)],
)
def test_what_cannot_be_balanced_is_said_and_nothing_written(home, name, error):
    (home / "empty.RPP").write_text('<REAPER_PROJECT 0.1 "7.0/test" 0\n>\n')
    before = tree(home)
    with pytest.raises(error):
        balance(home / name)
    assert tree(home) == before
