"""install, uninstall and what doctor says of them, as a user types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reaper_automix import cli, doctor
from reaper_automix.bridge import setup
from reaper_automix.installer import health, leftovers, resource, running
from reaper_automix.installer.resource import Found
from reaper_automix.installer.running import Instance
from reaper_automix.worker import spool

LIVE_BRIDGE = health._live_bridge


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with one closed REAPER in ``folder``, and a spool of its own."""
    monkeypatch.setenv("REAPER_AUTOMIX_SPOOL", str(tmp_path / "state" / "spool"))
    monkeypatch.setattr(resource, "candidates", lambda: [tmp_path / "REAPER"])
    monkeypatch.setattr(running, "instances", tuple)
    bridge = doctor.Finding("Live bridge", True, "")
    monkeypatch.setattr(health, "_live_bridge", lambda found: bridge)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "REAPER"
    path.mkdir()
    (path / "reaper.ini").touch()
    return path


@pytest.fixture
def run(capfd):
    def run(*arguments):
        code = cli.run([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return run


def found(name, findings):
    return next(one for one in findings if one.name == name)


def examined():
    return list(health.findings(None, spool.home()))


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


def test_install_tells_what_it_did(run, folder):
    code, out, err = run("install")
    assert (code, err) == (0, "")
    assert f"actions are in {folder / 'Scripts' / 'Automix'}." in out
    assert "Balance selected tracks" in out


def test_a_dry_run_writes_nothing(run, folder, tmp_path):
    before = files(tmp_path)
    code, out, err = run("install", "--dry-run")
    assert (code, err) == (0, "Nothing was written.\n")
    assert f"write {folder / 'reaper-kb.ini'}" in out
    assert files(tmp_path) == before


def test_uninstall_takes_everything_out(run, folder, tmp_path):
    before = files(tmp_path)
    run("install")
    code, out, _ = run("uninstall")
    assert (code, files(tmp_path)) == (0, before)
    assert "are gone" in out


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_without_reaper_there_is_one_sentence(command, run):
    code, out, err = run(command)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "start REAPER once" in err


def test_an_open_reaper_is_not_uninstalled_from(run, folder, monkeypatch):
    run("install")
    monkeypatch.setattr(running, "instances", lambda: (Instance(1, folder / "reaper"),))
    code, _, err = run("uninstall")
    assert (code, err.count("\n")) == (5, 1)
    assert (folder / "Scripts" / "Automix" / "lib" / "installation.json").is_file()


def test_doctor_asks_the_reaper_it_is_told(run, folder, monkeypatch):
    monkeypatch.setattr(doctor, "LIBRARIES", ())
    code, out, _ = run("doctor", "--json", "--resource-path", folder)
    findings = {row["name"]: row for row in json.loads(out)}
    assert (code, findings["REAPER"]["found"]) == (0, str(folder))
    assert findings["Actions"]["found"] == "none in REAPER; run reaper-automix install."


# What doctor looks at


@pytest.fixture
def installed(run, folder, monkeypatch):
    """The folder with the actions; the interpreter is known to work unless a test asks."""
    run("install")
    monkeypatch.setattr(
        health, "_interpreter", lambda known: doctor.Finding("Actions' Python", True, "")
    )
    return folder


def test_a_broken_numpy_does_not_keep_doctor_from_looking_at_reaper():
    code = "import sys, reaper_automix.installer.health; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_reaper_the_commands_are_healthy():
    findings = examined()
    assert [one.name for one in findings] == ["REAPER"]
    assert doctor.healthy(findings)


def test_all_is_well_after_an_installation(installed):
    findings = examined()
    assert all(one.ok for one in findings), findings
    assert [one.name for one in findings] == [
        "REAPER",
        "Actions",
        "Actions list",
        "Shortcuts",
        "Actions' Python",
        "Spool",
        "Worker",
        "Live bridge",
    ]


def test_an_open_reaper_is_named_and_its_actions_pend(run, folder, monkeypatch):
    monkeypatch.setattr(running, "instances", lambda: (Instance(1, folder / "reaper"),))
    run("install")
    findings = examined()
    assert found("REAPER", findings).found.endswith("(open now)")
    assert "starts next" in found("Actions list", findings).found
    assert not found("Shortcuts", findings).ok
    assert doctor.healthy([found("Shortcuts", findings)])


def test_a_missing_file_is_named(installed):
    lost = installed / "Scripts" / "Automix" / "lib" / "register.lua"
    lost.unlink()
    finding = found("Actions", examined())
    assert (finding.ok, finding.found.split(" is missing")[0]) == (False, str(lost))


def test_actions_of_another_version_are_named(installed):
    place = installed / "Scripts" / "Automix" / "lib" / "installation.json"
    place.write_text(place.read_text().replace('"version": "0.1.0"', '"version": "0.0.9"'))
    assert "they are of version 0.0.9" in found("Actions", examined()).found


def test_actions_that_reaper_does_not_list_are_named(installed):
    (installed / "reaper-kb.ini").write_text("")
    finding = found("Actions list", examined())
    assert not finding.ok
    assert finding.found.startswith("it lacks ")
    assert ", Cancel, " in finding.found
    assert finding.found.endswith("; run reaper-automix install.")


def test_keys_that_cannot_be_read_are_a_finding(installed):
    (installed / "reaper-kb.ini").write_bytes("KEY".encode("utf-16"))
    assert "UTF-16" in found("Actions list", examined()).found


def test_another_spool_is_named(installed, monkeypatch, tmp_path):
    monkeypatch.setenv("REAPER_AUTOMIX_SPOOL", str(tmp_path / "elsewhere"))
    assert "the actions use" in found("Spool", examined()).found


def test_a_spool_that_cannot_be_written_is_named(installed, tmp_path):
    (tmp_path / "state").write_text("in the way")
    assert "make it writable" in found("Spool", examined()).found


def test_a_worker_is_named_with_its_version(installed, monkeypatch):
    beat = leftovers.Heartbeat(77, "0.0.9", 0.0, "busy")
    monkeypatch.setattr(leftovers, "worker", lambda spool: beat)
    assert found("Worker", examined()).found == "version 0.0.9 is busy (process 77)"


@pytest.mark.parametrize("is_done", [False, True])
def test_the_live_bridge_is_set_up_or_said_how(is_done, folder):
    if is_done:
        library = setup.shared_library()
        lines = f"reascript=1\npythonlibpath64={library.parent}\npythonlibdll64={library.name}\n"
        (folder / "reaper.ini").write_text(f"[REAPER]\n{lines}")
    finding = LIVE_BRIDGE(Found(folder, is_open=False))
    assert (finding.ok, finding.needed) == (is_done, False)
    assert ("run reaper-automix live setup" in finding.found) is not is_done


def answers(code):
    return lambda *_, **__: subprocess.CompletedProcess((), code)


@pytest.mark.parametrize("code", [0, 1])
def test_the_interpreter_is_asked_whether_it_has_this_version(code, run, folder, monkeypatch):
    run("install")
    monkeypatch.setattr(health.subprocess, "run", answers(code))
    finding = found("Actions' Python", examined())
    assert finding.ok is (code == 0)
    assert sys.executable in finding.found


def test_an_interpreter_that_is_gone_is_named(run, folder):
    run("install")
    place = folder / "Scripts" / "Automix" / "lib" / "installation.json"
    said = json.loads(place.read_bytes()) | {"python": str(folder / "gone")}
    place.write_text(json.dumps(said))
    assert not found("Actions' Python", examined()).ok


def test_the_actions_know_the_interpreter_that_runs_this(run, folder, monkeypatch):
    run("install")
    monkeypatch.setenv("PYTHONPATH", str(Path(cli.__file__).parents[2]))
    assert found("Actions' Python", examined()).ok


def test_a_dry_run_of_uninstalling_names_the_measurements(run, folder, own_cache):
    own_cache.mkdir(parents=True)
    code, out, _ = run("uninstall", "--dry-run")
    assert (code, own_cache.is_dir()) == (0, True)
    assert f"remove what is ours in {own_cache}" in out
