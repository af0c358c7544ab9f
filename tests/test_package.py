"""The package as it is installed: complete, pinned, and of use without PyTorch."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import soundfile
from environment import Environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reaper_automix import __version__
from signals import RATE_HZ, harmonic, noise

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = [
    Requirement(line)
    for line in (ROOT / "install" / "constraints.txt").read_text().splitlines()
    if not line.startswith("#")
]
SUPPORTED = [
    {"python_version": version, "python_full_version": f"{version}.5", **system}
    for version in ("3.11", "3.12", "3.13")
    for system in (
        {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
        {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
        {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
        {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64"},
        {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    )
]


def pinned(where=None):
    """Version by package on some machine (default: this one)."""
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in PINS
        if pin.marker is None or pin.marker.evaluate(where)
    }


def wanted(extra=""):
    """What pyproject.toml asks for on this machine."""
    listed = (*PYPROJECT["dependencies"], *PYPROJECT["optional-dependencies"].get(extra, ()))
    requirements = map(Requirement, listed)
    return [entry for entry in requirements if entry.marker is None or entry.marker.evaluate()]


def installed(requirements):
    """Version by package of all that these need, and what that needs in turn."""
    found, pending = {}, list(requirements)
    while pending:
        entry = pending.pop()
        name = canonicalize_name(entry.name)
        extras = ("", *entry.extras)
        if name in found:
            continue
        found[name] = metadata.version(name)
        for text in metadata.requires(name) or ():
            needed = Requirement(text)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                pending.append(needed)
    return found


# What is pinned


def test_everything_that_runs_here_is_pinned_to_what_runs_here():
    pins = pinned()
    here = {name: version.partition("+")[0] for name, version in installed(wanted("test")).items()}
    assert {name: pins.get(name) for name in here} == here


@pytest.mark.parametrize("where", SUPPORTED, ids=lambda where: "-".join(where.values()))
def test_what_is_asked_for_is_pinned_everywhere(where):
    pins = pinned(where)
    listed = map(Requirement, PYPROJECT["dependencies"])
    asked = [entry for entry in listed if entry.marker is None or entry.marker.evaluate(where)]
    assert len(asked) >= 10
    for entry in asked:
        assert entry.specifier.contains(pins[canonicalize_name(entry.name)]), entry


def test_no_package_is_pinned_twice_for_one_machine():
    for where in SUPPORTED:
        names = [pin.name for pin in PINS if pin.marker is None or pin.marker.evaluate(where)]
        assert len(set(names)) == len(names)


def test_every_pin_is_one_version():
    assert all(
        [specifier.operator for specifier in pin.specifier] == ["=="] and pin.url is None
        for pin in PINS
    )


# What is in the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_all_of_the_package_and_nothing_else(wheel):
    source = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "reaper_automix").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    actions = {
        f"reaper_automix/_{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "reascripts").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == source | actions | {"reaper_automix/constraints.txt"}


def test_the_wheel_has_the_version_of_the_source(wheel):
    assert wheel.name == f"reaper_automix-{__version__}-py3-none-any.whl"


# Without PyTorch


@pytest.fixture
def broken_torch(tmp_path):
    """Variables for a process in which PyTorch is there but cannot be loaded."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "torch.py").write_text("raise OSError('libtorch_cpu.so: cannot open shared object')")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}


@pytest.fixture
def stems(tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for name, samples in {"Bass": harmonic(110.0, 2.0), "Shaker": noise(2.0)}.items():
        soundfile.write(folder / f"{name}.wav", samples.T, RATE_HZ)
    return folder


def automix(*arguments, env):
    return subprocess.run(
        [sys.executable, "-m", "reaper_automix", *map(str, arguments)],
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["balance", "--help"], ["doctor"]]
)
def test_a_broken_pytorch_does_not_keep_it_from_starting(arguments, broken_torch):
    run = automix(*arguments, env=broken_torch)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.long
def test_every_method_does_without_it(broken_torch, stems):
    for method in ("auto", "lufs", "centroid"):
        run = automix("balance", stems, "--method", method, "--json", env=broken_torch)
        assert run.returncode == 0, run.stderr
        assert "torch" not in run.stdout + run.stderr


# Installed by pip


@pytest.fixture
def made(tmp_path):
    """A virtual environment that sees all packages of this one, its pip among them, and not us."""
    made = Environment(tmp_path / "Ünï cöde")
    venv.create(made.folder, with_pip=False)
    places = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    place = sysconfig.get_path("purelib", "venv", {"base": str(made.folder)})
    Path(place, "all.pth").write_text("\n".join(places), "utf-8")
    return made


@pytest.mark.long
def test_pip_installs_it_with_these_constraints(made, wheel, tmp_path):
    """Its own installation, then that all it asks for is there as pinned.

    That all of it can be had from the index is shown by every fresh ``bootstrap.py test``.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    program = made.python.with_name(made.python.name.replace("python", "reaper-automix"))
    pip = (made.python, "-m", "pip", "--disable-pip-version-check", "install", "--no-index")
    pins = ("-c", ROOT / "install" / "constraints.txt")

    def said(*command):
        run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False)
        assert run.returncode == 0, run.stderr.decode()
        return run.stdout.decode()

    said(*pip, "--no-deps", "--ignore-installed", wheel)
    listed = said(*pip, *pins, f"reaper-automix=={__version__}")
    assert listed.count("already satisfied") > len(wanted())
    assert __version__ in said(program, "--version")
    assert "torch" in said(program, "doctor").lower()
