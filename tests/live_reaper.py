"""REAPER's double with the live bridge running in a process of its own, and ways to talk to it."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import sysconfig
import time
from dataclasses import dataclass, replace
from pathlib import Path

from reaper_automix import __version__
from reaper_automix.bridge import LiveProject
from reaper_double.python_host import PythonHost

ACTIONS = Path(__file__).parents[1] / "reascripts" / "Automix"
SCRIPT = "automix_Live bridge.py"
ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Rig:
    """A running host, the spool where its bridge is announced, and its project's file."""

    host: PythonHost
    spool: Path
    path: Path

    def live(self, timeout_s=ANSWER_S):
        """The project as a program has it."""
        return LiveProject(timeout_s, home=self.spool)

    @property
    def announced(self):
        """What ``live.json`` says."""
        return json.loads((self.spool / "live.json").read_text("utf-8"))

    def guid(self, name):
        """The id of the track of that name."""
        with self.live() as project:
            return next(t.id for t in project.snapshot().tracks if t.name == name)


def install(resource, spool, version=__version__):
    """The actions in a resource folder as `reaper-automix install` leaves them; the script."""
    home = resource / "Scripts" / "Automix"
    shutil.copytree(ACTIONS, home)
    found = {
        "version": version,
        "python": sys.executable,
        "spool": str(spool),
        "protocol": 1,
        "site_packages": sysconfig.get_path("purelib"),
    }
    (home / "lib" / "installation.json").write_text(json.dumps(found), "utf-8")
    return home / SCRIPT


def start(folder, *projects, tick_s=0.001):
    """The host with these projects open and the bridge running."""
    spool = folder / "spöol"
    script = install(folder / "REAPER ü", spool)
    host = PythonHost(folder / "REAPER ü", script, *projects, tick_s=tick_s)
    return Rig(host, spool, projects[-1] if projects else Path())


class Raw:
    """A client that speaks the wire but obeys nobody."""

    def __init__(self, rig, *, greeted=True):
        self.rig = rig
        self.socket = socket.create_connection(("127.0.0.1", rig.announced["port"]), ANSWER_S)
        if greeted:
            self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, request):
        """A request as JSON, or bytes as they are, behind their length."""
        data = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.socket.sendall(len(data).to_bytes(8, "little") + data)

    def receive(self):
        """A message; ``EOFError`` when the server hung up."""
        length = int.from_bytes(self._exactly(8), "little")
        return self._exactly(length).decode()

    def ask(self, request):
        """A request and its answer."""
        self.send(request)
        return json.loads(self.receive())

    def call(self, name, *arguments, module="automix_live"):
        """A call as reapy's client sends it."""
        function = {"__callable__": True, "module_name": module, "name": name}
        return self.ask({"function": function, "input": {"args": arguments, "kwargs": {}}})

    def is_hung_up_on(self):
        """Waits until the server closes the connection; false if it sends something instead."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError("the server hung up")
            data += piece
        return data


def wait_until(condition, timeout_s=ANSWER_S):
    """Wait for something that another process does."""
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)


def nameless(session):
    """The session as the live bridge has it: REAPER's Python is not told names of regions."""
    regions = tuple(replace(region, name="") for region in session.regions)
    return replace(session, regions=regions)
