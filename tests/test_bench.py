"""The bench on a few seconds of sound: its numbers and its tables, never its times."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from reaper_automix import bench, cli
from reaper_automix.bench import findings, machine, material, published, resources, scale
from reaper_automix.bench.findings import BEGIN, END, Findings, Row, Table
from reaper_automix.bench.plan import SMALL, Plan
from reaper_automix.errors import AutomixError, InputError

SECONDS = 60.0 * SMALL.minutes


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def plan(folder):
    return Plan(folder, SMALL.tracks, SMALL.minutes, jobs=1, sizes=SMALL)


def measured(plan, part):
    """What one part finds; its rows are whole."""
    (found,) = bench.run(plan, [part], lambda _: None)
    assert found.rows
    for row in found.rows:
        assert row.goal
        assert row.found
    assert all(np.isfinite(number) for number in found.numbers.values())
    return found.numbers


# The parts


@pytest.mark.long
def test_exact_modes_have_the_numbers_of_the_slow_path(plan):
    numbers = measured(plan, "exact")
    assert numbers["paper_percent"] < 0.5
    assert numbers["paper_db"] < 0.05
    assert numbers["pitch_percent"] < 0.5


@pytest.mark.long
def test_default_gains_are_near_the_exhaustive_ones(plan):
    numbers = measured(plan, "default")
    assert numbers["tracks"] == SMALL.compared
    assert numbers["near"] >= 0.95
    assert numbers["worst_db"] <= 0.3


@pytest.mark.long
def test_a_session_is_balanced_cold_and_again_at_every_size(plan, monkeypatch):
    monkeypatch.setattr(scale, "AGAIN", {"one item moved": scale.AGAIN["one item moved"]})
    numbers = measured(plan, "scale")
    assert 30e6 < numbers["peak_bytes"] < 1.5e9
    assert {"cold_s", "one item moved", "s_per_track_minute"} <= numbers.keys()
    assert measured(plan, "floor")["loudest_lufs"] == pytest.approx(loudest_lufs(plan), abs=0.1)


@pytest.mark.long
def test_a_worker_answers_every_press(plan):
    assert measured(plan, "warm")["moves"] == SMALL.warm


@pytest.mark.long
def test_help_balance_and_worker_start(plan):
    numbers = measured(plan, "start")
    assert numbers["beating_s"] < numbers["ready_s"]
    assert numbers["help_s"] < numbers["known_s"]


def loudest_lufs(plan):
    """By pyloudnorm, over the files of the plan."""
    pyloudnorm = pytest.importorskip("pyloudnorm")
    sounds = [sf.read(file) for file in material.files(plan.folder, plan.tracks, SECONDS)]
    return max(pyloudnorm.Meter(rate).integrated_loudness(sound) for sound, rate in sounds)


# Material


def test_files_are_what_they_are_said_to_be_and_made_once(folder):
    file = material.files(folder, 1, SECONDS)[0]
    made_at = file.stat().st_mtime_ns
    info = sf.info(material.files(folder, 1, SECONDS)[0])
    assert (info.samplerate, info.channels, info.subtype) == (48000, 2, "PCM_24")
    assert info.duration == SECONDS
    assert file.stat().st_mtime_ns == made_at


def test_the_same_files_come_anywhere(folder, tmp_path):
    here, there = (material.files(place, 2, SECONDS) for place in (folder, tmp_path))
    assert [file.read_bytes() for file in here] == [file.read_bytes() for file in there]


def test_tracks_are_all_but_unrelated_and_all_sound(folder):
    files = material.files(folder, len(material.INSTRUMENTS), SECONDS)
    sounds = np.array([sf.read(file)[0][:, 0] for file in files])
    related = np.corrcoef(sounds) - np.eye(len(sounds))
    assert np.abs(related).max() < 0.3
    assert (np.abs(sounds).max(axis=1) > 0.03).all()
    assert (np.abs(sounds).max(axis=1) < 1.0).all()


def test_more_tracks_than_files_play_them_from_other_places(folder, monkeypatch):
    monkeypatch.setattr(material, "MOST_FILES", 2)
    tracks = [t for t in material.session(folder, 4, 2.0, SECONDS).tracks if t.items]
    places = {(t.items[0].takes[0].source.file, t.items[0].takes[0].offset_s) for t in tracks}
    assert len(places) == 4


def test_a_change_is_of_one_track(folder):
    song = material.session(folder, 3, 2.0, SECONDS)
    for change in (material.with_item_moved, material.with_fader_changed):
        changed = change(song)
        assert changed.tracks[:-1] == song.tracks[:-1]
        assert changed.tracks[-1] != song.tracks[-1]


def test_files_are_read_once_whoever_plays_them(folder):
    song = material.session(folder, 3, 2.0, SECONDS)
    again = replace(song, tracks=(*song.tracks, *song.tracks))
    found = material.files_of(again)
    assert found == material.files_of(song)
    assert set(found) <= set(material.files(folder, 3, SECONDS))
    before = [file.read_bytes() for file in found]
    material.read_once(found)
    assert [file.read_bytes() for file in found] == before


def test_an_excerpt_is_the_mean_of_the_start_of_a_track(plan, monkeypatch):
    monkeypatch.setattr(published, "hear", lambda mono, rate_hz: {"f0_hz": float(len(mono))})
    heard = published.heard.__wrapped__(replace(plan, sizes=replace(SMALL, excerpt_s=0.1)))
    assert [numbers["f0_hz"] for numbers in heard.numbers] == [4800.0] * SMALL.excerpts
    whole, _ = sf.read(heard.excerpts[0].file, dtype="float32")
    assert np.array_equal(heard.excerpts[0].mono, whole[:4800].mean(axis=1))


# What work costs


def test_the_work_of_children_counts():
    busy = "sum(range(3_000_000))"
    code, cost = resources.spent(lambda: subprocess.call([sys.executable, "-c", busy]))
    assert code == 0
    assert cost.cpu_s > 0.0


def test_the_memory_of_children_counts():
    """A process that starts another one, which holds 64 MB."""
    inner = "x = bytearray(64 << 20); print(flush=True); input()"
    outer = f"import subprocess, sys; subprocess.call([sys.executable, '-c', {inner!r}])"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", outer], **pipes) as process:
        with resources.Watch(process.pid) as watch:
            process.stdout.readline()
            held = resources.memory_bytes(process.pid)
        process.communicate(b"\n")
    assert held > 64 << 20
    assert watch.peak_bytes >= 0
    assert resources.memory_bytes(process.pid) == 0


def test_what_still_uses_its_processor_is_not_settled(monkeypatch):
    amounts = [0.0, 0.4, 0.6, 0.601, 0.601]
    monkeypatch.setattr(resources, "_total", lambda pid, amount: amounts.pop(0))
    monkeypatch.setattr(resources.time, "sleep", lambda seconds: None)
    resources.settle(1)
    assert amounts == [0.601]


def test_a_program_that_fails_says_why():
    with pytest.raises(AutomixError, match=r"[Nn]o such command"):
        resources.program("nonsense")


# Tables

FOUND = (
    Findings((Row("cold", "7.1 s", "≤ 60 s"),), {"cold_s": 7.1}),
    Findings((Row("floor", "3 s"),), {}, (Table(("tracks", "cold"), (("4", "1 s"),), "A note."),)),
)


def test_tables_are_one_of_goals_and_what_else_there_is():
    goals, other = findings.tables(FOUND)
    assert goals.head == findings.HEAD
    assert goals.rows == (("cold", "7.1 s", "≤ 60 s"), ("floor", "3 s", ""))
    assert other.note == "A note."


def test_markdown_has_machine_command_and_tables():
    text = findings.markdown(FOUND, "a machine", "reaper-automix bench")
    assert text.startswith("`reaper-automix bench` on a machine:\n\n| what | measured |")
    assert "\n| cold | 7.1 s | ≤ 60 s |\n" in text
    assert text.endswith("| 4 | 1 s |\n\nA note.")


def test_tables_go_between_the_marks_however_often(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    for _ in range(2):
        findings.write(file, "new")
        assert file.read_text("utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("content", ["", f"{END} {BEGIN}", BEGIN])
def test_a_file_without_marks_is_left_alone(tmp_path, content):
    file = tmp_path / "README.md"
    file.write_text(content, "utf-8")
    with pytest.raises(InputError, match="put them where the tables shall stand"):
        findings.write(file, "new")
    assert file.read_text("utf-8") == content


def test_the_machine_is_one_line():
    assert "Python 3." in machine.described()
    assert "\n" not in machine.described()


# The command


@pytest.fixture
def doubles(monkeypatch):
    """Parts that find what :data:`FOUND` says; the plan and the parts that were asked for."""
    asked = []
    monkeypatch.setattr(bench, "run", lambda *given: asked.append(given[:2]) or iter(FOUND))
    return asked


def test_the_command_prints_and_writes_what_was_found(doubles, tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n", "utf-8")
    arguments = ["floor", "--tracks", "8", "--minutes", "0.5", "--folder", str(tmp_path)]
    assert cli.run(["bench", *arguments, "--out", str(readme)]) in (0, None)
    ((plan, parts),) = doubles
    assert (plan.tracks, plan.minutes, plan.folder, parts) == (8, 0.5, tmp_path, ("floor",))
    assert "7.1 s" in capsys.readouterr().out
    assert "| cold | 7.1 s | ≤ 60 s |" in readme.read_text("utf-8")


def test_without_a_part_all_are_measured(doubles):
    cli.run(["bench", "--small"])
    ((plan, parts),) = doubles
    assert parts == tuple(bench.PARTS)
    assert (plan.tracks, plan.sizes) == (SMALL.tracks, SMALL)


def test_a_part_that_there_is_not_is_one_sentence(doubles, capsys):
    assert cli.run(["bench", "sped"]) == 2
    assert "there is no part sped; choose from exact, default" in capsys.readouterr().err
    assert doubles == []


def test_libraries_of_the_slow_path_that_are_missing_are_named(plan, monkeypatch):
    monkeypatch.setattr(published, "find_spec", lambda name: None if name == "librosa" else name)
    with pytest.raises(AutomixError, match=r"needs librosa; run: pip install"):
        published.heard.__wrapped__(plan)
