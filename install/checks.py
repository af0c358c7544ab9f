"""Every check of the project, as rows: what runs it, and which outside program it needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from environment import Environment, say


@dataclass(frozen=True, slots=True)
class Program:
    """A program that pip cannot install: what it may be called, what for, how to get it."""

    name: str
    commands: tuple[str, ...]
    purpose: str
    remedy: str

    def find(self) -> str | None:
        """Where it is; ``None`` when this machine has not got it."""
        return next(filter(None, map(shutil.which, self.commands)), None)


CHROMIUM = Program(
    "Chromium",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "the report in a browser",
    "apt install chromium, or Google Chrome",
)
LUACHECK = Program("luacheck", ("luacheck",), "faults in the Lua actions", "apt install lua-check")
STYLUA = Program(
    "StyLua",
    ("stylua",),
    "the layout of the Lua actions",
    "npm install --global @johnnymorganz/stylua-bin@2.5.2",
)

PYTHON_CHECKS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
)
"""Name, and a module of the environment with its arguments."""

LUA_CHECKS = (
    (LUACHECK, ("--quiet", "reascripts")),
    (STYLUA, ("--check", "reascripts")),
)
"""Program with its arguments; run where there are Lua files."""

Finder = Callable[[Program], str | None]


def run_all(
    environment: Environment,
    *,
    strict: bool,
    pytest_arguments: Sequence[str] = (),
    find: Finder = Program.find,
) -> int:
    """Run every check, the tests last so that pytest has the last word; 1 when one failed.

    A missing program only leaves out what needs it, and is named at the end; it is a failure
    when ``strict``.
    """
    found = {program: find(program) for program in _needed(environment.root)}
    failed = [
        name
        for name, command in _commands(environment.python, found, pytest_arguments)
        if _fails(environment, name, command)
    ]
    missing = [program for program, path in found.items() if path is None]
    for program in missing:
        say(f"Left out, because {program.name} is missing: {program.purpose} ({program.remedy}).")
    if failed:
        say(f"Failed: {', '.join(failed)}.")
    return int(bool(failed) or (strict and bool(missing)))


def _needed(root: Path) -> Iterator[Program]:
    """The outside programs that the checks of this checkout need."""
    yield CHROMIUM
    if any(root.glob("reascripts/**/*.lua")):
        yield from (program for program, _ in LUA_CHECKS)


def _commands(
    python: Path, found: Mapping[Program, str | None], pytest_arguments: Sequence[str]
) -> Iterator[tuple[str, list[str | Path]]]:
    for name, arguments in PYTHON_CHECKS:
        yield name, [python, "-m", *arguments]
    for program, options in LUA_CHECKS:
        if path := found.get(program):
            yield program.name, [path, *options]
    selection = [] if found[CHROMIUM] else ["-m", "not browser"]
    workers = ["-n", str(min(os.cpu_count() or 1, 8)), "--dist", "worksteal"]
    yield "pytest", [python, "-m", "pytest", "-q", *workers, *selection, *pytest_arguments]


def _fails(environment: Environment, name: str, command: Sequence[str | Path]) -> bool:
    say(f"== {name}")
    return environment.start(*command) != 0
