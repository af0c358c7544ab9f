"""What ``doctor`` looks at in REAPER: whether the actions are there and can start a worker."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from reaper_automix import __version__, installer
from reaper_automix.doctor import Finding, Library, try_library
from reaper_automix.errors import AutomixError
from reaper_automix.installer import actions, leftovers
from reaper_automix.installer.actions import Installation
from reaper_automix.installer.keymap import Action
from reaper_automix.installer.resource import Found

AGAIN = "run reaper-automix install"

TIMEOUT_S = 30.0
"""For an interpreter to start and to find this package."""


def findings(given: Path | None, spool: Path) -> Iterator[Finding]:
    """All about REAPER; without one, or without the actions, the commands work all the same."""
    try:
        found = installer.find(given)
    except AutomixError as error:
        yield Finding("REAPER", False, f"{error} The commands work without it.", needed=False)
        return
    yield Finding("REAPER", True, f"{found.path}{' (open now)' if found.is_open else ''}")
    installed = actions.stored(found.path)
    if installed is None:
        yield Finding("Actions", False, f"none in REAPER; {AGAIN}.", needed=False)
        return
    yield from _about_actions(found, installed)
    yield _interpreter(installed)
    yield _spool(Path(installed.spool), spool)
    yield _worker(spool)
    yield _live_bridge(found)


def _about_actions(found: Found, installed: Installation) -> Iterator[Finding]:
    listed = actions.listed(actions.home(found.path))
    yield _copies(found.path, installed)
    try:
        yield _registered(found.path, listed)
        yield _shortcuts(found.path, listed)
    except AutomixError as error:
        yield Finding("Actions list", False, str(error))


def _copies(resource: Path, installed: Installation) -> Finding:
    home = actions.home(resource)
    lost = actions.missing(resource, installed)
    if installed.version != __version__:
        why = f"they are of version {installed.version}, this is {__version__}; {AGAIN}."
        return Finding("Actions", False, why)
    if lost:
        return Finding("Actions", False, f"{lost} is missing; {AGAIN}.")
    return Finding("Actions", True, f"{installed.version} in {home}")


def _registered(resource: Path, listed: Sequence[Action]) -> Finding:
    keys = installer.shortcuts_of(resource)
    missing = [action.title for action in listed if keys.registered(action) is None]
    if not missing:
        return Finding("Actions list", True, f"all {len(listed)} actions")
    if installer.is_pending(resource):
        return Finding("Actions list", True, "REAPER adds the actions when it starts next")
    return Finding("Actions list", False, f"it lacks {', '.join(missing)}; {AGAIN}.")


def _shortcuts(resource: Path, listed: Sequence[Action]) -> Finding:
    keys = installer.shortcuts_of(resource)
    without = [one.title for one in listed if one.letters and not keys.shortcut(one)]
    if not without:
        return Finding("Shortcuts", True, "every action for which one is meant has a key")
    said = f"none for {', '.join(without)}; {AGAIN} with REAPER closed, or {installer.ASSIGN}."
    return Finding("Shortcuts", False, said, needed=False)


def _interpreter(installed: Installation) -> Finding:
    """Asked as a worker would be started; the interpreter for Windows cannot print."""
    code = f"import sys, reaper_automix; sys.exit(reaper_automix.__version__ != {__version__!r})"
    try:
        ended = subprocess.run(
            [installed.python, "-P", "-c", code],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        works = ended.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        works = False
    if works:
        return Finding("Actions' Python", True, installed.python)
    return Finding("Actions' Python", False, f"{installed.python} has no {__version__}; {AGAIN}.")


def _spool(known: Path, spool: Path) -> Finding:
    if known != spool:
        return Finding("Spool", False, f"the actions use {known}, not {spool}; {AGAIN}.")
    try:
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=spool):
            return Finding("Spool", True, f"{spool} can be written to")
    except OSError as error:
        why = error.strerror or str(error)
        return Finding("Spool", False, f"{spool}: {why}; make it writable for your user.")


def _live_bridge(found: Found) -> Finding:
    """In a process of its own, since it needs what doctor has only tried to import."""
    code = (
        "from pathlib import Path; from reaper_automix.bridge import setup;"
        "from reaper_automix.installer.resource import Found;"
        f"plan = setup.plan(Found(Path({str(found.path)!r}), is_open=False));"
        "print('REAPER uses', plan.library) if plan.is_done else print('not set up');"
        "raise SystemExit(not plan.is_done)"
    )
    without = "reaper-automix live and osc need it: run reaper-automix live setup"
    return try_library(Library("Live bridge", code, without, needed=False))


def _worker(spool: Path) -> Finding:
    found = leftovers.worker(spool)
    if found is None:
        return Finding("Worker", True, "none runs; the first action starts one")
    said = f"version {found.version} is {found.state} (process {found.pid})"
    return Finding("Worker", True, said)
