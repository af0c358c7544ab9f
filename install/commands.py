"""The commands of bootstrap.py: ``demo``, ``install`` and ``test``."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from checks import run_all
from environment import INPUTS, Environment, SetupError, digest, say

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit code. Faults are one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # on Windows a redirected stream cannot even hold the path of a user named José
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    ours, pytest_arguments = _split(arguments)
    chosen, options = _parser().parse_known_args(ours)
    if options and chosen.command != "install":
        _parser().error(f"unrecognized arguments: {' '.join(options)}")
    try:
        if chosen.command == "demo":
            return demo(Environment(ROOT))
        if chosen.command == "install":
            return install(Environment(ROOT), options)
        return test(Environment(ROOT), strict=chosen.strict, pytest_arguments=pytest_arguments)
    except SetupError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def demo(environment: Environment) -> int:
    """Make the demo session and balance it; nothing where neither it nor the source changed."""
    environment.ensure()
    folder = environment.root / "demo"
    stamp = environment.folder / "demo.json"
    if not _is_current(stamp, environment.root, folder):
        if failure := environment.run("-m", "reaper_automix", "demo", folder):
            return failure
        stamp.write_text(json.dumps(_state(environment.root, folder)), encoding="utf-8")
    say("\nThe demo, to open in REAPER and a browser:")
    for title, pattern in RESULTS:
        for path in sorted(folder.glob(pattern)):
            say(f"{title:18}{path}")
    return 0


RESULTS = (
    ("Session", "demo.RPP"),
    ("Balanced session", "demo-automix*.RPP"),
    ("Report", "demo-automix*/report.html"),
    ("Bounce", "demo-automix*/*.wav"),
)
"""What the demo leaves, for the user to open."""


def install(environment: Environment, options: Sequence[str]) -> int:
    """Bring the actions into REAPER; ``options`` are those of ``reaper-automix install``."""
    environment.ensure()
    return environment.run("-m", "reaper_automix", "install", *options)


def test(environment: Environment, *, strict: bool, pytest_arguments: Sequence[str]) -> int:
    """Run every check; see :func:`checks.run_all`."""
    environment.ensure(["test"])
    return run_all(environment, strict=strict, pytest_arguments=pytest_arguments)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is for us, and what follows ``--`` and is for pytest."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end + 1 :]


def _is_current(stamp: Path, root: Path, folder: Path) -> bool:
    try:
        return bool(json.loads(stamp.read_text(encoding="utf-8")) == _state(root, folder))
    except (OSError, ValueError):
        return False


def _state(root: Path, folder: Path) -> dict[str, object]:
    """The source that made the demo, and each file of it by size and time of change."""
    sources = [
        str(path.relative_to(root))
        for path in sorted(root.glob("reaper_automix/**/*.*"))
        if path.suffix != ".pyc"
    ]
    files = {
        str(path.relative_to(folder)): [path.stat().st_size, path.stat().st_mtime_ns]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {"source": digest(root, [*INPUTS, *sources]), "files": files}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Set reaper-automix up in this checkout and run it."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="make a demo session and balance it")
    commands.add_parser(
        "install",
        add_help=False,
        help="bring the actions into REAPER; options go to reaper-automix install",
    )
    tests = commands.add_parser("test", help="run every check")
    tests.add_argument(
        "--strict", action="store_true", help="a missing outside program is a failure"
    )
    tests.epilog = "What follows -- goes to pytest."
    return parser
