"""The live bridge inside REAPER, from its start to its end.

:func:`start` is called by the action. It opens the server (:mod:`automix_live_server`) for the
functions in :mod:`automix_live_calls` and writes how to reach it to ``live.json`` in the spool,
which nobody but this user can read. Every tick of REAPER (about 33 ms) the server does what is
asked; at the end ``live.json`` goes. Standard library only, apart from reapy's ``Server``.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import reaper_python

if TYPE_CHECKING:
    from automix_live_server import LiveServer

PROTOCOL = 1
FILE = "live.json"

_INSTALL = "run reaper-automix install in a terminal and start this action again"


class Bridge:
    """One running server and the file that leads to it."""

    def __init__(self, server: LiveServer, file: Path, how: dict[str, Any]) -> None:
        self.server = server
        self.file = file
        self.how = how
        self._complained = False

    def tick(self) -> None:
        """Do what is asked now; a bug is shown once and never ends the bridge."""
        try:
            self.server.serve()
        except Exception:
            if not self._complained:
                _say(f"the live bridge goes on after a bug:\n{traceback.format_exc()}")
            self._complained = True

    def close(self) -> None:
        """Hang up and remove the file, unless it leads to a newer bridge by now."""
        self.server.hang_up()
        try:
            if json.loads(self.file.read_text("utf-8")) == self.how:
                self.file.unlink()
        except (OSError, ValueError):
            return


_running: list[Bridge] = []
"""The bridge of this REAPER, if there is one."""


def start() -> None:
    """Open the bridge, or say in REAPER's console why not."""
    stop()
    try:
        installation = _installation()
        _running.append(_open(installation))
    except (OSError, ValueError, KeyError, ImportError) as error:
        _say(f"The live bridge cannot start ({error}); {_INSTALL}.")
        return
    _reaper().RPR_atexit("import sys; sys.modules['automix_live'].stop()")
    tick()


def tick() -> None:
    """One tick of REAPER; asks for the next one whatever happens."""
    for bridge in _running:
        _reaper().RPR_defer("import sys; sys.modules['automix_live'].tick()")
        bridge.tick()


def stop() -> None:
    """Close the bridge, if one is open."""
    while _running:
        _running.pop().close()


def _open(installation: dict[str, Any]) -> Bridge:
    server_class, calls = _imported(installation["site_packages"])
    token = secrets.token_hex(32)
    server = server_class(token, calls.FUNCTIONS)
    how = {
        "protocol": PROTOCOL,
        "version": installation["version"],
        "port": server.port,
        "token": token,
        "pid": os.getpid(),
        "reaper": reaper_python.RPR_GetAppVersion(),
    }
    spool = Path(installation["spool"])
    spool.mkdir(parents=True, exist_ok=True)
    _write_privately(spool / FILE, json.dumps(how))
    return Bridge(server, spool / FILE, how)


def _installation() -> dict[str, Any]:
    """What ``reaper-automix install`` wrote beside this library."""
    file = Path(__file__).resolve().with_name("installation.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _imported(site_packages: str) -> tuple[type[LiveServer], Any]:
    """The server and its calls; reapy comes from where reaper-automix is installed."""
    if site_packages not in sys.path:
        sys.path.append(site_packages)
    # reapy replaces REAPER's check of pointers by none, for every script in this interpreter.
    checked = reaper_python.rpr_packp
    try:
        import automix_live_calls
        from automix_live_server import LiveServer
    finally:
        reaper_python.rpr_packp = checked
    return LiveServer, automix_live_calls


def _write_privately(file: Path, text: str) -> None:
    """Write beside the file, readable by this user only, then put it in place."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    beside.replace(file)


def _reaper() -> ModuleType:
    """The module in which REAPER puts ``RPR_defer`` and ``RPR_atexit``."""
    return sys.modules["__main__"]


def _say(text: str) -> None:
    reaper_python.RPR_ShowConsoleMsg(f"Automix: {text}\n")
