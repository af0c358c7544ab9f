"""Imports point inward, and what is heavy is loaded by those who need it."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import reaper_automix
from reaper_automix import pipeline
from reaper_automix.adapters import folder
from reaper_automix.pipeline import Request
from reaper_automix.session import StoredBalance
from reaper_automix.settings import USUAL, Settings
from songs import band

PACKAGE = Path(reaper_automix.__file__).parent

OUTER = {
    *("adapters", "bridge", "osc"),
    *("cli", "batch", "terminal", "doctor", "demo", "bench", "evaluate", "installer"),
}
"""What stands around the core: places, and the terminal with its commands."""

JOINTS = {"__init__", "__main__", "pipeline", "places", "sorting"}
"""What joins the core to what is around it."""

MAIN = {"cli", "errors", "progress", "terminal", "threads"}
"""Ours that the help of the program takes."""

LISTENING = {"numba", "scipy", "librosa", "torch", "soxr"}
"""What measuring and playing take, and nothing else does."""

HEAVY = {"torch", "pesto", "librosa", "numba", "scipy.signal"}


def imported(path):
    """Every module that a file imports, wherever in it, as its parts."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}".split(".") for alias in node.names)


def test_the_core_knows_nothing_of_places_and_terminals():
    for path in PACKAGE.rglob("*.py"):
        part = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if part not in OUTER | JOINTS:
            ours = {name[1] for name in imported(path) if name[0] == "reaper_automix" and name[1:]}
            assert ours.isdisjoint(OUTER), path


@pytest.mark.parametrize(
    "module",
    ["cli", "settings", "session", "rpp", "report", "adapters.folder", "engine", "pipeline"],
)
def test_heavy_libraries_wait_until_they_are_needed(module):
    code = f"import sys, reaper_automix.{module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(run.stdout.split())


def test_a_role_is_found_without_arrays():
    code = (
        "import sys; from reaper_automix import roles;"
        "from reaper_automix.features import Features;"
        "sound = Features(9.0, 5.0, -3.0, -3.0, -20.0, centroid_hz=90.0, bandwidth_hz=50.0,"
        " spectrum_db=(-30.0,) * 61);"
        "print(roles.guess('Kick', (), sound).role); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    role, *modules = run.stdout.split()
    assert role == "kick"
    assert (HEAVY | LISTENING | {"numpy"}).isdisjoint(modules)


def test_the_help_loads_nothing_but_itself():
    code = "import sys; from reaper_automix import cli; cli.run(['--help']); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.split() if name.startswith("reaper_automix.")}
    assert loaded == {f"reaper_automix.{name}" for name in MAIN}
    assert {"numpy", "rich", "msgspec", "multiprocessing"}.isdisjoint(run.stdout.split())


def test_a_balance_of_which_all_is_known_loads_nothing_that_listens(tmp_path):
    song = tmp_path / "song.RPP"
    folder.write_project(band(tmp_path / "media", duration_s=1.0), song, {}, StoredBalance())
    first = pipeline.run(Request(song, Settings(**USUAL), out=tmp_path / "first", jobs=1))
    code = (
        "import sys; from reaper_automix import cli; code = cli.run(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    balance = ("balance", str(song), "--out", str(tmp_path / "again"), "--json")
    run = subprocess.run(
        [sys.executable, "-c", code, *balance], capture_output=True, text=True, check=True
    )
    again = json.loads(run.stdout)
    assert LISTENING.isdisjoint(run.stderr.split())
    assert [row["fader_after"] for row in again["tracks"]] == [
        row.fader_after for row in first.tracks
    ]
    assert not any(group["after"]["predicted"] for group in again["groups"])


def test_the_oracles_of_the_tests_are_not_for_the_package():
    files = set(PACKAGE.rglob("*.py")) - set(PACKAGE.glob("bench/*.py"))
    names = {name[0] for path in files for name in imported(path)}
    assert names.isdisjoint({"librosa", "pyloudnorm", "pytest", "hypothesis"})
