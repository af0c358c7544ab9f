"""What works on this machine: versions, libraries, settings files, places to write to.

Libraries are tried in processes of their own: one that crashes or hangs while it is imported
(torch built for another processor, a broken LLVM) must not take the examination with it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from reaper_automix import __version__, cache, settings
from reaper_automix.errors import AutomixError

if TYPE_CHECKING:
    from rich.console import RenderableType

TIMEOUT_S = 60.0
"""For one library; a first import of torch from a cold disk takes half of that."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and what it means when it is not ``ok``.

    Without what is ``needed`` no balance works; without the rest, less does.
    """

    name: str
    ok: bool
    found: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Library:
    """A library and the Python that prints its version; ``without`` is what its absence means."""

    name: str
    code: str
    without: str
    needed: bool = True


LIBRARIES = (
    Library("numpy", "import numpy; print(numpy.__version__)", "nothing can be measured"),
    Library(
        "scipy",
        "import scipy, scipy.signal; print(scipy.__version__)",
        "no level can be measured",
    ),
    Library(
        "libsndfile",
        "import soundfile; print(soundfile.__libsndfile_version__)",
        "no audio file can be read",
    ),
    Library(
        "Audio formats",
        "import soundfile; have = soundfile.available_formats()\n"
        "lost = [x for x in ('WAV', 'RF64', 'AIFF', 'FLAC', 'OGG', 'MP3') if x not in have]\n"
        "print('no ' + ', '.join(lost) if lost else 'WAV, RF64, AIFF, FLAC, OGG, MP3 and more')\n"
        "raise SystemExit(bool(lost))",
        "tracks with such files are skipped",
        needed=False,
    ),
    Library("soxr", "import soxr; print(soxr.__version__)", "sample rates cannot be converted"),
    Library(
        "numba",
        "import numba; numba.njit(lambda x: x)(1); print(numba.__version__)",
        "pitch cannot be measured; --method lufs and --method centroid go on",
    ),
    Library("jinja2", "import jinja2; print(jinja2.__version__)", "no report can be written"),
    Library(
        "PESTO",
        "from reaper_automix.features.pesto_network import available\n"
        "why = available(); print(why or 'its weights are there'); raise SystemExit(bool(why))",
        "pitch is measured by pYIN alone, and --paper differs from the published numbers",
        needed=False,
    ),
    Library(
        "torch",
        "import torch; torch.ones(2).sum().item(); print(torch.__version__)",
        "a match cannot ask a network (--checkpoint); everything else works",
        needed=False,
    ),
)
"""What is tried, in the order in which it is told."""

Run = Callable[[Library], Finding]


def examine(run: Run | None = None, resource_path: Path | None = None) -> tuple[Finding, ...]:
    """Everything worth knowing when something does not work, or to put into a bug report.

    ``resource_path`` is REAPER's resource folder, by default the one that is found.
    """
    with ThreadPoolExecutor() as pool:
        libraries = list(pool.map(run or try_library, LIBRARIES))
    here = (*_settings_files(), _folder_here(), _measurements(), _terminal())
    return (*_program(), *libraries, *here, *_reaper(resource_path))


def healthy(findings: Sequence[Finding]) -> bool:
    """Whether all that a balance needs works."""
    return all(finding.ok for finding in findings if finding.needed)


def to_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list."""
    return msgspec.json.format(msgspec.json.encode(findings), indent=2).decode()


def table(findings: Sequence[Finding]) -> RenderableType:
    """The findings for the terminal."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for finding in findings:
        mark, style = _MARKS[finding.ok, finding.needed]
        grid.add_row(Text(mark, style=style), Text(finding.name), Text(finding.found))
    return grid


_MARKS = {
    (True, True): ("ok", "green"),
    (True, False): ("ok", "green"),
    (False, True): ("FAILS", "bold red"),
    (False, False): ("without", "yellow"),
}


def try_library(library: Library, timeout_s: float = TIMEOUT_S) -> Finding:
    """Import a library in a process of its own."""
    package = str(Path(__file__).resolve().parents[1])
    paths = filter(None, (package, os.environ.get("PYTHONPATH")))
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-c", library.code],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _missing(library, f"did not answer within {timeout_s:g} s")
    if ended.returncode == 0:
        return Finding(library.name, True, _last_line(ended.stdout), library.needed)
    said = _last_line(ended.stdout) or _last_line(ended.stderr)
    return _missing(library, said or f"crashed (code {ended.returncode})")


def _missing(library: Library, why: str) -> Finding:
    return Finding(library.name, False, f"{why}; {library.without}.", library.needed)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else ""


def _program() -> Iterator[Finding]:
    yield Finding("reaper-automix", True, f"{__version__} in {Path(__file__).resolve().parent}")
    yield Finding("Python", True, f"{platform.python_version()} at {sys.executable}")
    yield Finding("System", True, f"{platform.platform()}, {os.cpu_count() or 1} cores")


def _settings_files() -> Iterator[Finding]:
    """The user's settings file, and the one of the folder that the command is run in."""
    for name, path in (
        ("User settings", settings.user_file()),
        ("Settings here", Path.cwd() / settings.FILE_NAME),
    ):
        yield _settings_file(name, path)


def _settings_file(name: str, path: Path) -> Finding:
    if not path.is_file():
        return Finding(name, True, f"none at {path}; the defaults hold")
    try:
        values = settings.read(path)
    except AutomixError as error:
        return Finding(name, False, str(error))
    return Finding(name, True, f"{path} sets {', '.join(values) or 'nothing'}")


def _folder_here() -> Finding:
    """Results lie beside the song, so most people want to write where they are."""
    return _writable("Folder here", Path.cwd(), "use --out.")


def _measurements() -> Finding:
    """What was measured is kept there, which spares measuring it again."""
    name, store = "Measurements", cache.kept()
    if store is None:
        return Finding(name, True, "none are kept, as the environment wants it")
    remedy = f"make it writable or name another folder in {cache.FOLDER_VARIABLE}."
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _refused(name, store.folder, error, remedy)
    used_mb, most_mb = (size / 1e6 for size in (store.inventory().bytes, store.most_bytes))
    found = _writable(name, store.folder, remedy)
    return replace(found, found=f"{found.found}, {used_mb:.0f} of {most_mb:.0f} MB used")


def _writable(name: str, folder: Path, remedy: str) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            free_gb = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return _refused(name, folder, error, remedy)
    return Finding(name, True, f"{folder} can be written to, {free_gb:.1f} GB free")


def _refused(name: str, folder: Path, error: OSError, remedy: str) -> Finding:
    return Finding(name, False, f"{folder}: {error.strerror or error}; {remedy}", needed=False)


def _reaper(resource_path: Path | None) -> Iterator[Finding]:
    from reaper_automix.installer import health
    from reaper_automix.worker import spool

    return health.findings(resource_path, spool.home())


def _terminal() -> Finding:
    size = shutil.get_terminal_size()
    kind = "terminal" if sys.stdout.isatty() else "no terminal"
    return Finding("Terminal", True, f"{kind}, {size.columns} columns, {sys.stdout.encoding}")
