"""The diagnosis: everything that a bug report needs, and nothing that is the user's own."""

import json
import time

import pytest

from action_rig import ACTIONS, install, lua
from reaper_automix import __version__
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import EVERY_KIND

DIAGNOSE = ACTIONS / "automix_Diagnose.lua"


@pytest.fixture(params=LUAS)
def host(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(EVERY_KIND)
        yield LuaHost(reaper, request.param)


@pytest.fixture
def spool(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "spöol"
    install(tmp_path, folder)
    return folder


def diagnose(host):
    host.reaper.console.clear()
    host.run_to_end(DIAGNOSE)
    return "".join(host.reaper.console)


def value(text, name):
    """What a line says."""
    line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return line.removeprefix(name).strip()


def test_it_tells_versions_counts_and_settings(host, spool):
    lua(host, 'require("settings").set(project, "user", "strength", "70%")')
    text = diagnose(host)
    assert value(text, "REAPER") == host.reaper.version
    assert value(text, "Lua").startswith("Lua 5.")
    assert value(text, "Version") == f"{__version__}, protocol 1"
    assert value(text, "strength") == "70% (user)"
    assert value(text, "method") == "auto (default)"
    assert value(text, "Worker") == "none runs"
    assert value(text, "Tracks") == (
        "19 (3 with envelopes, 2 folders, 2 with effects, 1 frozen, 1 muted, 1 soloed, "
        "1 with receives)"
    )
    items = len(host.reaper.active.items)
    assert value(text, "Items").startswith(f"{items} (")
    assert "1 MIDI" in value(text, "Items")


def test_it_names_nothing_of_the_users(host, spool):
    lua(host, 'require("settings").set(project, "project", "tracks", "Tom hi")')
    text = diagnose(host)
    assert not [track.name for track in host.reaper.active.tracks if track.name in text]
    assert "Media/" not in text
    assert value(text, "tracks") == "some names (project)"
    assert value(text, "Spool") == "~/spöol"


def test_the_same_text_is_in_a_file(host, spool):
    text = diagnose(host)
    path = spool / "diagnosis.txt"
    written = path.read_text("utf-8")
    assert text == f"{written}The same text is in {path}.\n"


def test_it_tells_what_the_worker_said_last(host, spool):
    lines = [f"line {number}" for number in range(50)]
    (spool / "worker.log").write_text("\n".join(lines), "utf-8")
    sign = {"version": "0.1.0", "state": "busy", "beat": time.time() - 42}
    (spool / "worker.json").write_text(json.dumps(sign), "utf-8")
    text = diagnose(host)
    told = [line for line in text.splitlines() if line.startswith("line ")]
    assert told == lines[-20:]
    state, _, age = value(text, "Worker").partition(", last sign of life ")
    assert state == "version 0.1.0, busy"
    assert 40 <= int(age.split()[0]) < 60


def test_a_missing_interpreter_or_installation_is_told(host, tmp_path):
    assert "Automix is not set up in this REAPER yet." in value(diagnose(host), "Installation")
    install(tmp_path, tmp_path / "spool", python=tmp_path / "gone" / "python")
    assert "gone/python" in value(diagnose(host), "Installation")


def test_it_changes_nothing(host, spool):
    text = host.reaper.active.rpp
    diagnose(host)
    assert (host.reaper.active.rpp, host.reaper.active.history.points) == (text, [])
