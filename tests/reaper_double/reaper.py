"""A REAPER without sound and screen: projects in tabs, and the API over them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reaper_double import ext_state
from reaper_double.errors import (
    AvoidedFunction,
    InjectedError,
    UnknownFunction,
    UnmodelledFunction,
)
from reaper_double.model import Project
from reaper_double.model_fx import Effects
from reaper_double.registry import FUNCTIONS
from reaper_double.scripts import Scripts
from reaper_double.signatures import Pointer, Signature, signatures, version_number

CONFIG_DEFAULTS = {
    "slidermaxv": "12",
    "sliderminv": "-72",
    "slidershex": "-1",
    "envtrimadjmode": "0",
    "projrelpath": "1",
}
"""Preferences as facts.md found them in a reaper.ini."""


@dataclass(slots=True)
class Fault:
    """A fault to raise in so many calls."""

    calls_left: int


@dataclass(slots=True)
class Asked:
    """Modal windows: what was shown, and what the user will answer, in order."""

    shown: list[tuple[str, ...]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def ask(self, *texts: str) -> Any:
        """Show a window; the next answer."""
        self.shown.append(texts)
        assert self.answers, f"a modal window that the test did not expect: {texts}"
        return self.answers.pop(0)


class Reaper:
    """One running REAPER.

    ``call`` is the API. Tests look at ``projects active console calls asked ext_state config_vars
    undo_depth refresh_depth unprotected_changes processes redraws`` and act with ``open close
    new_tab fail_at``. Use it in a ``with`` statement, or :meth:`quit` it.
    """

    def __init__(
        self,
        resource_path: str | Path,
        *,
        version: str = "7.66/linux-x86_64",
        os: str = "Other",
    ) -> None:
        self.resource_path = str(resource_path)
        self.version = version
        self.os = os
        self.kept_ext_state = ext_state.read(self.resource_path)
        self.ext_state = dict(self.kept_ext_state)
        self.config_vars = dict(CONFIG_DEFAULTS)
        self.console: list[str] = []
        self.asked = Asked()
        self.scripts = Scripts(self.resource_path)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.calls: list[str] = []
        self.unprotected_changes: list[str] = []
        self.redraws: list[str] = []
        self.refresh_depth = 0
        self.listings: dict[tuple[str, str], list[str]] = {}
        self._fault: Fault | None = None
        self._running = ""
        self.projects: list[Project] = []
        self.active = self.new_tab()

    def __enter__(self) -> Reaper:
        return self

    def __exit__(self, *_error: object) -> None:
        self.quit()

    @property
    def undo_depth(self) -> int:
        """How many undo blocks are open."""
        return sum(project.history.depth for project in self.projects)

    def open(self, source: str | Path) -> Project:
        """A project in a tab of its own, from a path or from a text (unsaved); it is active."""
        is_text = isinstance(source, str) and source.lstrip("\ufeff \r\n").startswith("<")
        project = Project(source) if is_text else Project.load(source)
        blank = [tab for tab in self.projects if tab.is_blank]
        self._show(project)
        if blank == self.projects[:-1]:
            self.close(*blank)
        return project

    def new_tab(self) -> Project:
        """An empty unsaved project in a new tab."""
        return self._show(Project())

    def close(self, project: Project) -> None:
        """Close a tab without saving; REAPER always has one."""
        place = self.projects.index(project)
        self.projects.remove(project)
        project.close()
        if not self.projects:
            self.new_tab()
        if self.active is project:
            self.active = self.projects[max(0, place - 1)]

    def replace(self, project: Project, path: str) -> Project:
        """Open a file in the tab of another project."""
        opened = self._show(Project.load(path))
        self.projects.remove(opened)
        self.projects[self.projects.index(project)] = opened
        project.close()
        return opened

    def quit(self) -> None:
        """End every process that ExecProcess started."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def fail_at(self, call: int) -> None:
        """Raise an :class:`InjectedError` instead of the n-th call from now (1 is the next)."""
        self._fault = Fault(call)

    def has(self, name: str) -> bool:
        """Whether this version of REAPER has a function."""
        signature = signatures().get(name)
        return signature is not None and signature.since <= version_number(self.version)

    def signature(self, name: str) -> Signature:
        """The signature of a function of this version."""
        if not self.has(name):
            raise UnknownFunction(f"REAPER {self.version} has no function {name!r}")
        return signatures()[name]

    def call(self, name: str, *arguments: Any) -> tuple[Any, ...]:
        """Call a function with its Lua inputs; its Lua return values."""
        signature = self.signature(name)
        if signature.use == "avoid":
            raise AvoidedFunction(f"{name} is marked 'avoid' in reascript_api.json")
        self.calls.append(name)
        self._fail()
        checked = signature.accept(arguments, self.active)
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnmodelledFunction(f"the double does not model {name}")
        self._running = name
        return signature.answer(function(self, *checked))

    def pointer(self, view: Any) -> Pointer:
        """The pointer to an object of the model, for tests."""
        return Pointer(view.kind, view)

    def _show(self, project: Project) -> Project:
        project.when_changed = lambda: self._note_change(project)
        project.effects = Effects(Path(self.resource_path, "Effects"))
        self.projects.append(project)
        self.active = project
        return project

    def _note_change(self, project: Project) -> None:
        if project.history.depth == 0:
            self.unprotected_changes.append(self._running)

    def _fail(self) -> None:
        if self._fault is None:
            return
        self._fault.calls_left -= 1
        if self._fault.calls_left == 0:
            self._fault = None
            raise InjectedError(f"injected error in {self.calls[-1]}")
