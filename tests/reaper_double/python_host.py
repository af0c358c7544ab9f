"""A process that stands in for REAPER's Python: runs one script in ticks, as REAPER does.

The script runs in ``__main__`` beside ``obj``, ``RPR_defer`` and ``RPR_atexit``, with its folder
first in ``sys.path``. :class:`PythonHost` starts the process and talks to it by its pipes, so that
a test can look at the project, edit it as a user would, freeze REAPER behind a dialog or kill it.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
ANSWER_S = 30.0
GONE = ["gone"]


class PythonHost:
    """The process, seen from a test."""

    def __init__(
        self,
        resource: Path,
        script: Path,
        *projects: Path,
        tick_s: float = 0.001,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Open the projects (the last one in front) and run the script."""
        job = {
            "resource": str(resource),
            "script": str(script),
            "projects": [str(project) for project in projects],
            "tick_s": tick_s,
        }
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            text=True,
            encoding="utf-8",
        )
        self.ask("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def ask(self, what: str, *arguments: Any) -> Any:
        """One command and its answer; see :class:`_Desk`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([what, *arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"the host ended with {self.process.wait()}")
        return json.loads(line)

    def call(self, name: str, *arguments: Any) -> Any:
        """An API call as the user's doing; a track is given by ``{"track": index}``."""
        return self.ask("call", name, *arguments)

    def text(self) -> str:
        """The project in front, as it would be saved."""
        return self.ask("text")

    def console(self) -> str:
        """What scripts wrote to the console."""
        return self.ask("console")

    def close(self) -> int:
        """Close REAPER as a user does: the script's ``atexit`` runs."""
        self.ask("close")
        code = self.process.wait(ANSWER_S)
        self.kill()
        return code

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what was written last never arrived
                    pipe.close()


class _Desk:
    """What a test may ask of the process."""

    def __init__(self, reaper: Any, scope: dict[str, Any]) -> None:
        self.reaper = reaper
        self.scope = scope
        self.frozen = False
        self.open = True

    def ready(self) -> bool:
        return True

    def text(self) -> str:
        return str(self.reaper.active.rpp)

    def console(self) -> str:
        return "".join(self.reaper.console)

    def freeze(self) -> None:
        """A modal dialog: nothing is deferred until it is closed."""
        self.frozen = True

    def thaw(self) -> None:
        self.frozen = False

    def close(self) -> None:
        self.open = False

    def fail_at(self, call: int) -> None:
        self.reaper.fail_at(call)

    def reopen(self, path: str) -> None:
        """The project as it is on disk, and nothing else, as after a start of REAPER."""
        earlier = list(self.reaper.projects)
        self.reaper.open(path)
        for project in earlier:
            if project in self.reaper.projects:
                self.reaper.close(project)

    def run(self, code: str) -> None:
        """A piece of Python where the script runs."""
        exec(code, self.scope)

    def look(self, code: str) -> Any:
        """What a piece of Python gives where the script runs."""
        return eval(code, self.scope)

    def user(self, deed: str, *arguments: Any) -> None:
        """``user_…`` of the project in front: what a user does by hand."""
        getattr(self.reaper.active, f"user_{deed}")(*arguments)

    def depths(self) -> tuple[int, int]:
        """Open undo blocks and locks of the screen."""
        return self.reaper.undo_depth, self.reaper.refresh_depth

    def call(self, name: str, *arguments: Any) -> Any:
        values = [self._value(argument) for argument in arguments]
        return [value for value in self.reaper.call(name, *values) if _is_plain(value)]

    def _value(self, argument: Any) -> Any:
        if isinstance(argument, dict):
            return self.reaper.call("GetTrack", None, argument["track"])[0]
        return argument


class _Deferred:
    """The texts that a script wants run."""

    def __init__(self) -> None:
        self.next_tick: list[str] = []
        self.at_exit: list[str] = []

    def defer(self, code: str) -> None:
        self.next_tick.append(code)

    def tick(self, scope: dict[str, Any]) -> None:
        due, self.next_tick = self.next_tick, []
        for code in due:
            exec(code, scope)

    def end(self, scope: dict[str, Any]) -> None:
        for code in self.at_exit:
            exec(code, scope)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _commands() -> queue.Queue[list[Any]]:
    """Commands as they come in, the last one when the test is gone."""
    commands: queue.Queue[list[Any]] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            commands.put(json.loads(line))
        commands.put(GONE)

    threading.Thread(target=read, daemon=True).start()
    return commands


def _answer(desk: _Desk, command: list[Any]) -> None:
    what, *arguments = command
    print(json.dumps(getattr(desk, what)(*arguments)), flush=True)


def _run(desk: _Desk, deferred: _Deferred, scope: dict[str, Any], tick_s: float) -> None:
    commands = _commands()
    due = time.monotonic()
    while desk.open:
        if time.monotonic() >= due and not desk.frozen:
            due = time.monotonic() + tick_s
            deferred.tick(scope)
        command = _next(commands, max(0.0, due - time.monotonic()))
        if command == GONE:
            return
        if command:
            _answer(desk, command)
    deferred.end(scope)


def _next(commands: queue.Queue[list[Any]], timeout_s: float) -> list[Any]:
    """The next command; an empty one when none comes in time."""
    with suppress(queue.Empty):
        return commands.get(timeout=timeout_s or 0.001)
    return []


def main(job: dict[str, Any]) -> None:
    """Be REAPER until told to close."""
    sys.path[0:1] = [str(ROOT), str(TESTS)]
    from reaper_double import python_module
    from reaper_double.reaper import Reaper

    reaper = Reaper(job["resource"])
    for project in job["projects"]:
        reaper.open(project)
    sys.modules["reaper_python"] = python_module.make(reaper)
    script = Path(job["script"])
    sys.path.insert(0, str(script.parent))
    deferred = _Deferred()
    scope = vars(sys.modules["__main__"])
    scope |= {
        "_reaper": reaper,
        "obj": None,
        "RPR_defer": deferred.defer,
        "RPR_atexit": deferred.at_exit.append,
    }
    exec(compile(script.read_text("utf-8"), str(script), "exec"), scope)
    _run(_Desk(reaper, scope), deferred, scope, job["tick_s"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
