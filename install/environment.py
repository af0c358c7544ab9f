"""The virtual environment of a checkout: made once, brought up to date only when that is needed.

What it was made from is written into it (:class:`State`); as long as that still holds,
:meth:`Environment.ensure` costs a few milliseconds. The package is installed editable, so that
pulling new source needs no new installation.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

INPUTS = ("pyproject.toml", "install/constraints.txt", "reaper_automix/__init__.py")
"""The files that decide what is installed; the last one has the version."""

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index.

On Linux the build on PyPI brings gigabytes of CUDA, which nothing here uses.
"""

Call = Callable[..., int]
"""Runs a command and gives its exit code, as :func:`subprocess.call` does."""


class SetupError(Exception):
    """What the user can put right, in one sentence."""


def say(sentence: str) -> None:
    """Tell the user, at once even where the output is not a terminal."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class State:
    """What an environment was made from; ``packages`` is a digest of :data:`INPUTS`."""

    interpreter: str
    packages: str
    extras: tuple[str, ...] = ()

    def covers(self, wanted: State) -> bool:
        """Whether an environment in this state has all of another one."""
        return (self.interpreter, self.packages) == (wanted.interpreter, wanted.packages) and set(
            wanted.extras
        ) <= set(self.extras)


class Environment:
    """``.venv`` of a checkout. ``call`` runs its commands; tests pass one that only listens."""

    def __init__(self, root: Path, *, call: Call = subprocess.call) -> None:
        self.root = root
        self.folder = root / ".venv"
        self._call = call

    @property
    def python(self) -> Path:
        """The environment's own interpreter."""
        place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return self.folder.joinpath(*place)

    @property
    def log(self) -> Path:
        """All that pip said about the last installation."""
        return self.folder / "install.log"

    def ensure(self, extras: Sequence[str] = ()) -> None:
        """Make the environment, or bring it up to date; nothing is done where nothing changed."""
        found = self._stored()
        wanted = State(self._interpreter(), digest(self.root, INPUTS), tuple(extras))
        if found and found.covers(wanted) and self.python.is_file():
            return
        if reasons := refusals():
            raise SetupError(reasons[0])
        same_python = found and found.interpreter == wanted.interpreter and self.python.is_file()
        kept = found.extras if found and same_python else ()
        if found:
            self._state_file.unlink()
        if not same_python:
            self._create()
        state = State(wanted.interpreter, wanted.packages, tuple(sorted({*extras, *kept})))
        self._install(state.extras)
        self._state_file.write_text(json.dumps(asdict(state)), encoding="utf-8")

    def run(self, *arguments: str | Path) -> int:
        """Run the environment's Python in the checkout; its exit code."""
        return self.start(self.python, *arguments)

    def start(self, *command: str | Path, more: Mapping[str, str] | None = None) -> int:
        """Run any program in the checkout, with ``more`` environment variables; its exit code."""
        variables = {**os.environ, "PYTHONUTF8": "1", **(more or {})}
        return self._call([str(part) for part in command], cwd=self.root, env=variables)

    @property
    def _state_file(self) -> Path:
        return self.folder / "made-from.json"

    def _interpreter(self) -> str:
        return f"{Path(sys.base_prefix).resolve()} {sys.version} in {self.root}"

    def _stored(self) -> State | None:
        """What the environment was made from; ``None`` where it was never finished."""
        try:
            stored = json.loads(self._state_file.read_text(encoding="utf-8"))
            return State(stored["interpreter"], stored["packages"], tuple(stored["extras"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _create(self) -> None:
        if Path(sys.prefix) == self.folder:
            raise SetupError(
                f"{self.folder} has to be made anew, which cannot be done from inside it; run this "
                f"with the Python it was made from, {sys.base_prefix}."
            )
        say(f"Making {self.folder} …")
        try:
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(self.folder)
        except OSError as error:
            raise SetupError(
                f"{self.folder} cannot be made ({error.strerror}); put the checkout where you may "
                "write and there is room, and run this again."
            ) from error
        except subprocess.CalledProcessError as error:
            raise SetupError(
                f"Python at {sys.executable} could not put pip into {self.folder}; {REPAIR_PYTHON}"
            ) from error

    def _install(self, extras: Sequence[str]) -> None:
        say(f"Installing packages, which takes some minutes the first time (log: {self.log}) …")
        # whichever of these brings PyTorch, the last step finds it there and leaves it alone
        if self._pip("--no-deps", "--no-index", "torch") and sys.platform == "linux":
            self._pip("--no-deps", "--index-url", CPU_BUILDS, "--retries", "0", "torch")
        package = f".[{','.join(extras)}]" if extras else "."
        if self._pip("--editable", package):
            raise SetupError(explain(self._logged(), self.log))

    def _pip(self, *arguments: str) -> int:
        """Run ``pip install``; it shows its progress bar only to a person."""
        self.log.unlink(missing_ok=True)
        constraints = (self.root / "install" / "constraints.txt").as_uri()
        variables = {
            **os.environ,
            # as variables they also hold for what builds the package; an URI survives spaces
            "PIP_CONSTRAINT": constraints,
            "PIP_BUILD_CONSTRAINT": constraints,
            "PIP_USER": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONUTF8": "1",
        }
        pip = [str(self.python), "-m", "pip", "install", "--log", str(self.log)]
        shown = None if sys.stdout.isatty() else subprocess.DEVNULL
        quiet = subprocess.DEVNULL
        return self._call(
            [*pip, *arguments], cwd=self.root, env=variables, stdout=shown, stderr=quiet
        )

    def _logged(self) -> str:
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def digest(root: Path, names: Sequence[str]) -> str:
    """One digest over the files of these names, which must be there."""
    total = hashlib.sha256()
    for name in names:
        total.update(hashlib.sha256(root.joinpath(name).read_bytes()).digest())
    return total.hexdigest()


REPAIR_PYTHON = (
    "on Debian and Ubuntu 'apt install python3-venv' helps, elsewhere an installation from "
    "python.org."
)


def refusals() -> list[str]:
    """Why this Python cannot be used, besides its version; empty when it can.

    The Microsoft Store's Python writes to a private copy of ``%APPDATA%``, where REAPER never
    looks; there are no 32-bit or free-threaded builds of PyTorch and numba.
    """
    here = sys.executable
    rows = (
        (
            "windowsapps" in here.lower(),
            f"{here} is Python from the Microsoft Store, which cannot write where REAPER reads; "
            "install it from python.org and run: py install/bootstrap.py demo",
        ),
        (
            sys.maxsize < 2**32,
            f"{here} is a 32-bit Python, for which PyTorch does not exist; install the 64-bit one "
            "from python.org.",
        ),
        (
            "free-threading" in sys.version,
            f"{here} is a free-threaded Python, for which not all packages exist; use the ordinary "
            "one of the same version.",
        ),
        (
            not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
            f"{here} comes without venv or ensurepip, which are needed to install; {REPAIR_PYTHON}",
        ),
    )
    return [sentence for applies, sentence in rows if applies]


def explain(log: str, place: Path) -> str:
    """Why an installation failed, in one sentence, from what pip wrote into its log."""
    for pattern, sentence in PIP_FAULTS:
        if found := re.search(pattern, log):
            return f"{sentence.format(*found.groups(), machine=platform.platform())} (log: {place})"
    errors = re.findall(r"ERROR: (.+)", log)
    said = errors[-1] if errors else "nothing"
    return f"pip could not install the packages; the last it said was: {said} (log: {place})"


PIP_FAULTS = (
    (
        r"No space left on device|Errno 28\b|WinError 112\b",
        "The disk is full: make room for 3 GB and run this again",
    ),
    (
        r"Could not fetch URL|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError"
        r"|Network is unreachable|CERTIFICATE_VERIFY_FAILED",
        "pip cannot reach the package index: connect this machine, or set PIP_INDEX_URL or "
        "PIP_FIND_LINKS to where the packages are, and run this again",
    ),
    (
        r"No matching distribution found for (\S+)",
        "There is no build of {0} for {machine}: run this on a newer system or with another Python "
        "of 3.11 to 3.13",
    ),
    (
        r"Permission denied|WinError 5\b|WinError 32\b",
        "A file of the environment is locked or not yours: close what uses it and run this again",
    ),
)
"""What to look for in pip's log, and what to tell the user; the first row that fits is used."""
