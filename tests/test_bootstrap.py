"""Setting up: once and then at no cost, with one sentence for whatever stands in its way."""

import ast
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import checks
import commands
import environment
import pytest
from environment import Environment, SetupError, State

ROOT = Path(__file__).resolve().parents[1]
BOOTSTRAP = ROOT / "install" / "bootstrap.py"
PYENV = ".pyenv/versions/*/bin/python"
OTHER_PYTHONS = sorted(
    str(path)
    for path in (*Path("/usr/bin").glob("python[23].*"), *Path.home().glob(PYENV))
    if re.fullmatch(r"python[\d.]*", path.name) and not re.search(r"3\.1[123]", str(path))
)


class Listener:
    """Stands for the programs that would be started; ``answers`` are their exit codes by word."""

    def __init__(self, answers=None, log=""):
        self.calls, self.variables = [], []
        self.answers, self.log = answers or {}, log

    def __call__(self, command, **how):
        self.calls.append(command)
        self.variables.append(how["env"])
        if "--log" in command:
            Path(command[command.index("--log") + 1]).write_text(self.log)
        return next((code for word, code in self.answers.items() if word in command), 0)

    def saw(self, *words):
        return [call for call in self.calls if all(word in call for word in words)]


@pytest.fixture
def checkout(tmp_path):
    """A checkout with as much in it as setting up looks at, where paths are hard."""
    root = tmp_path / "Ünï cöde's"
    for name in environment.INPUTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.fixture(autouse=True)
def no_real_environment(request, monkeypatch):
    """Environments are folders with a file for Python, but where a test asks for real ones."""
    if "real_environment" in request.keywords:
        return

    def create(self, folder):
        python = Environment(folder.parent).python
        shutil.rmtree(folder, ignore_errors=True)
        python.parent.mkdir(parents=True)
        python.touch()

    monkeypatch.setattr(venv.EnvBuilder, "create", create)


def installed(root, *extras):
    listener = Listener()
    Environment(root, call=listener).ensure(extras)
    return listener


# The gate


@pytest.mark.parametrize("python", OTHER_PYTHONS)
def test_another_python_gets_one_sentence(python):
    run = subprocess.run([python, BOOTSTRAP, "demo"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith("reaper-automix needs Python 3.11, 3.12 or 3.13, and this is")


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_the_gate_names_the_version(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=rf"this is Python {version[0]}\.{version[1]} "):
        runpy.run_path(str(BOOTSTRAP))


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_the_gate_lets_these_pass(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    assert runpy.run_path(str(BOOTSTRAP))["main"] is commands.main


def test_the_gate_can_be_read_by_old_pythons():
    source = BOOTSTRAP.read_text(encoding="ascii")
    tree = ast.parse(source, feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.FunctionDef, ast.AnnAssign)  # annotations are not for 2.7
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]


REFUSALS = [
    ("executable", r"C:\Users\José\AppData\Local\Microsoft\WindowsApps\python.exe", "Store"),
    ("maxsize", 2**31 - 1, "64-bit"),
    ("version", "3.13.0 experimental free-threading build (main)", "free-threaded"),
]


@pytest.mark.parametrize(("name", "value", "word"), REFUSALS)
def test_a_python_that_will_not_do_is_refused(name, value, word, checkout, monkeypatch):
    monkeypatch.setattr(sys, name, value)
    with pytest.raises(SetupError, match=word):
        installed(checkout)
    assert not (checkout / ".venv").exists()


def test_a_python_without_venv_is_refused(checkout, monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match="apt install python3-venv"):
        installed(checkout)


def test_this_python_will_do():
    assert environment.refusals() == []


# The environment


def test_it_is_made_once(checkout):
    assert installed(checkout).saw("pip", "install", "--editable", ".")
    assert installed(checkout).calls == []


@pytest.mark.parametrize("name", environment.INPUTS)
def test_a_change_of_what_is_installed_installs_again(name, checkout):
    installed(checkout)
    (checkout / name).write_text("changed")
    assert installed(checkout).saw("--editable")
    assert installed(checkout).calls == []


def test_the_demo_needs_nothing_more_after_the_tests(checkout):
    assert installed(checkout, "test").saw(".[test]")
    assert installed(checkout).calls == []


def test_the_tests_need_more_after_the_demo(checkout):
    installed(checkout)
    assert installed(checkout, "test").saw(".[test]")


def test_extras_stay_when_packages_change(checkout):
    installed(checkout, "test")
    (checkout / "pyproject.toml").write_text("changed")
    assert installed(checkout).saw(".[test]")


def test_another_python_makes_it_anew(checkout, monkeypatch):
    installed(checkout)
    leftover = checkout / ".venv" / "leftover"
    leftover.touch()
    monkeypatch.setattr(sys, "version", "3.12.99")
    assert installed(checkout).saw("--editable")
    assert not leftover.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"interpreter": 1}'])
def test_a_damaged_state_is_no_state(text, checkout):
    installed(checkout)
    (checkout / ".venv" / "made-from.json").write_text(text)
    assert installed(checkout).saw("--editable")


def test_an_installation_that_failed_is_done_again(checkout):
    with pytest.raises(SetupError):
        Environment(checkout, call=Listener({"--editable": 1})).ensure()
    assert installed(checkout).saw("--editable")


def test_it_is_not_made_anew_from_inside(checkout, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(checkout / ".venv"))
    with pytest.raises(SetupError, match="from inside"):
        installed(checkout)


def test_constraints_are_a_uri_that_survives_spaces(checkout):
    listener = installed(checkout)
    assert listener.variables[-1]["PIP_CONSTRAINT"].startswith("file:///")
    assert " " not in listener.variables[-1]["PIP_CONSTRAINT"]


@pytest.mark.parametrize(
    ("platform", "answers", "routes"),
    [
        ("linux", {}, ["--no-index"]),
        ("linux", {"--no-index": 1}, ["--no-index", environment.CPU_BUILDS]),
        ("darwin", {"--no-index": 1}, ["--no-index"]),
    ],
)
def test_pytorch_comes_without_cuda(platform, answers, routes, checkout, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    listener = Listener(answers)
    Environment(checkout, call=listener).ensure()
    *for_torch, last = listener.calls
    assert len(for_torch) == len(routes)
    assert all(
        route in call and call[-1] == "torch" for route, call in zip(routes, for_torch, strict=True)
    )
    assert "--editable" in last


@pytest.mark.parametrize(
    ("name", "folder", "program"),
    [("nt", "Scripts", "python.exe"), ("posix", "bin", "python")],
)
def test_where_python_lies(name, folder, program, tmp_path, monkeypatch):
    made = Environment(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(environment.os, "name", name)
        python = made.python
    assert python == tmp_path / ".venv" / folder / program


LOGS = [
    ("WARNING: Retrying after connection broken by 'NewConnectionError('<x>')'", "cannot reach"),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left",
        "disk is full",
    ),
    ("ERROR: No matching distribution found for torch>=2.4", "no build of torch>=2.4 for"),
    ("ERROR: [WinError 5] Access is denied: 'x'", "locked"),
    ("2026 ERROR: something\n2026 ERROR: quite new", "the last it said was: quite new"),
    ("", "the last it said was: nothing"),
]


@pytest.mark.parametrize(("log", "said"), LOGS)
def test_why_pip_failed_is_one_sentence(log, said, checkout):
    listener = Listener({"--editable": 1}, log)
    with pytest.raises(SetupError, match=said) as fault:
        Environment(checkout, call=listener).ensure()
    assert "\n" not in str(fault.value)
    assert str(checkout / ".venv" / "install.log") in str(fault.value)


@pytest.mark.real_environment
def test_a_place_that_cannot_be_written_is_named(checkout):
    (checkout / ".venv").write_text("in the way")
    with pytest.raises(SetupError, match=r"\.venv cannot be made"):
        installed(checkout)


OFFLINE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "1",
}


@pytest.mark.long
@pytest.mark.real_environment
def test_without_a_network_there_is_one_sentence(checkout, monkeypatch):
    (checkout / "install" / "constraints.txt").write_text("")
    (checkout / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["nowhere-to-be-found"]\nbuild-backend = "x"\n'
    )
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(environment, "CPU_BUILDS", "http://127.0.0.1:9/simple")
    with pytest.raises(SetupError, match="cannot reach the package index"):
        Environment(checkout).ensure()


# Checks


def all_found(program):
    return f"/usr/bin/{program.name}"


def ready(checkout, answers=None):
    listener = Listener(answers)
    return Environment(checkout, call=listener), listener


def test_tests_come_last_and_get_their_arguments(checkout):
    made, listener = ready(checkout)
    arguments = ["-k", "foo"]
    assert checks.run_all(made, strict=True, pytest_arguments=arguments, find=all_found) == 0
    modules = [call[2] for call in listener.calls]
    assert modules == ["ruff", "ruff", "mypy", "pytest"]
    assert listener.calls[-1][-2:] == arguments


def test_lua_is_checked_where_there_is_some(checkout):
    (checkout / "reascripts" / "Automix").mkdir(parents=True)
    (checkout / "reascripts" / "Automix" / "x.lua").touch()
    made, listener = ready(checkout)
    assert checks.run_all(made, strict=True, find=all_found) == 0
    assert listener.saw("/usr/bin/luacheck", "reascripts")
    assert listener.saw("/usr/bin/StyLua", "--check")


@pytest.mark.parametrize("word", ["mypy", "--check", "pytest"])
def test_one_failure_does_not_keep_the_others_from_running(word, checkout, capsys):
    made, listener = ready(checkout, {word: 1})
    assert checks.run_all(made, strict=False, find=all_found) == 1
    assert len(listener.calls) == 4
    assert capsys.readouterr().out.splitlines()[-1].startswith("Failed: ")


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)])
def test_a_missing_program_is_named_at_the_end(strict, code, checkout, capsys):
    made, listener = ready(checkout)
    assert checks.run_all(made, strict=strict, find=lambda program: None) == code
    assert listener.saw("pytest", "not browser")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Left out, because Chromium is missing: the report in a browser")


def test_the_browser_is_found_where_the_tests_look():
    chromium = pytest.importorskip("chromium")
    assert checks.CHROMIUM.commands == chromium.PROGRAMS


# Commands


def make_demo(root):
    folder = root / "demo" / "demo-automix"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (
        "demo.RPP",
        "demo-automix.RPP",
        "demo-automix/report.html",
        "demo-automix/demo.wav",
    ):
        (root / "demo" / name).write_text("made")


def test_the_demo_is_made_once(checkout, capsys):
    installed(checkout)
    capsys.readouterr()

    def call(command, **how):
        assert command[1:] == ["-m", "reaper_automix", "demo", str(checkout / "demo")]
        make_demo(checkout)
        return 0

    assert commands.demo(Environment(checkout, call=call)) == 0
    first = capsys.readouterr().out
    assert str(checkout / "demo" / "demo-automix.RPP") in first
    listener = Listener()
    assert commands.demo(Environment(checkout, call=listener)) == 0
    assert listener.calls == []
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("name", ["demo/demo.RPP", "reaper_automix/balance.py"])
def test_a_change_makes_the_demo_again(name, checkout):
    installed(checkout)
    make_demo(checkout)
    listener = Listener()
    made = Environment(checkout, call=listener)
    commands.demo(made)
    (checkout / name).write_text("changed by hand")
    commands.demo(made)
    assert len(listener.calls) == 2


def test_a_demo_that_failed_is_not_taken_for_made(checkout):
    installed(checkout)
    made = Environment(checkout, call=Listener({"demo": 4, "reaper_automix": 4}))
    assert [commands.demo(made), commands.demo(made)] == [4, 4]


@pytest.mark.parametrize(
    ("arguments", "strict", "for_pytest"),
    [
        (["test"], False, []),
        (["test", "--strict"], True, []),
        (["test", "--", "-k", "foo", "--", "x"], False, ["-k", "foo", "--", "x"]),
    ],
)
def test_what_is_for_pytest(arguments, strict, for_pytest, monkeypatch):
    given = {}
    monkeypatch.setattr(commands, "test", lambda made, **how: given.update(how) or 0)
    assert commands.main(arguments) == 0
    assert given == {"strict": strict, "pytest_arguments": for_pytest}


def test_a_fault_is_one_sentence_on_stderr(monkeypatch, capsys):
    def fail(made):
        raise SetupError("The disk is full: make room.")

    monkeypatch.setattr(commands, "demo", fail)
    assert commands.main(["demo"]) == 1
    assert capsys.readouterr().err == "The disk is full: make room.\n"


def test_the_state_says_what_it_is_made_of():
    state = State("python", "packages", ("test",))
    assert state.covers(State("python", "packages"))
    assert not state.covers(State("python", "packages", ("live",)))
    assert json.dumps(state.extras) == '["test"]'


@pytest.mark.skipif(os.name == "nt", reason="CI runs on Linux; Windows has no bash of its own")
def test_ci_runs_the_strict_tests():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
    assert script.read_text().splitlines()[-1] == "exec python3 install/bootstrap.py test --strict"


# Into REAPER


def test_installing_makes_the_environment_and_passes_options_on(checkout, monkeypatch):
    made, listener = ready(checkout)
    monkeypatch.setattr(commands, "Environment", lambda root: made)
    assert commands.main(["install", "--resource-path", "a b", "--dry-run"]) == 0
    assert listener.calls[-1][1:] == [
        *("-m", "reaper_automix", "install"),
        *("--resource-path", "a b", "--dry-run"),
    ]


@pytest.mark.parametrize("command", ["demo", "test"])
def test_other_commands_take_no_options_of_install(command, capsys):
    with pytest.raises(SystemExit):
        commands.main([command, "--dry-run"])
    assert "unrecognized arguments: --dry-run" in capsys.readouterr().err


def python_named(folder, name, version):
    """A program that answers as a Python of that version would, and notes what it is to run."""
    program = folder / name
    program.write_text(
        f"#!/bin/sh\nif [ $1 = -c ]; then {sys.executable} -c "
        f'"import sys; sys.version_info = {version}; $2"\n'
        f'else printf "%s\\n" {name} "$@"; fi\n'
    )
    program.chmod(0o755)


def run_script(folder, *arguments):
    """``install.sh`` where these programs and those of the system's shell are all there is."""
    script = ROOT / "install" / "install.sh"
    environment = {"PATH": f"{folder}{os.pathsep}{folder / 'system'}"}
    return subprocess.run(
        ["/bin/sh", script, *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def programs(tmp_path):
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "dirname").symlink_to(shutil.which("dirname"))
    return tmp_path


needs_sh = pytest.mark.skipif(os.name == "nt", reason="install.ps1 is for Windows")


@needs_sh
def test_the_script_takes_the_newest_python_that_will_do(programs):
    for name, version in (("python3.12", (3, 12)), ("python3.11", (3, 11)), ("python3", (3, 14))):
        python_named(programs, name, version)
    run = run_script(programs, "--resource-path", "a b")
    assert run.stdout.splitlines() == [
        *("python3.12", str(BOOTSTRAP), "install", "--resource-path", "a b")
    ]


@needs_sh
def test_the_script_passes_over_a_python_that_will_not_do(programs):
    python_named(programs, "python3", (3, 14))
    python_named(programs, "python", (3, 13))
    assert run_script(programs).stdout.splitlines()[0] == "python"


@needs_sh
def test_the_script_says_what_it_needs(programs):
    python_named(programs, "python3", (3, 10))
    run = run_script(programs)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert "Python 3.11, 3.12 or 3.13" in run.stderr


def test_the_script_for_windows_looks_for_the_same_pythons():
    text = (ROOT / "install" / "install.ps1").read_text(encoding="ascii")
    assert [version for version in ("3.13", "3.12", "3.11") if f"-{version}" in text] == [
        *("3.13", "3.12", "3.11")
    ]
    assert "bootstrap.py" in text
