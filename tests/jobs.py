"""Jobs as REAPER's actions write them, and a worker whose work is a double."""

import json
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from reaper_automix.errors import AutomixError
from reaper_automix.session import to_json
from reaper_automix.worker.hands import Answer
from reaper_automix.worker.protocol import Result
from reaper_automix.worker.service import serve

FIRST = "20261122-190000-0123abcd"
SECOND = "20261122-190001-0123abcd"

EXAMPLE = {
    "protocol": 1,
    "id": FIRST,
    "kind": "balance",
    "version": "0.1.0",
    "scope": "all",
    "tracks": [],
    "project_path": "",
    "settings": {"method": "lufs", "profile": "equal"},
    "controls": [],
    "chunks": False,
    "rendered": [],
}
"""The smallest request that says everything."""


def submit(spool, job_id=FIRST, session=None, chunks=None, **changes):
    """Write a job, its request last; returns its folder."""
    folder = spool / "jobs" / job_id
    folder.mkdir(parents=True)
    if session is not None:
        (folder / "session.json").write_bytes(to_json(session))
    if chunks is not None:
        (folder / "chunks.json").write_text(json.dumps(chunks), "utf-8")
    request = {**EXAMPLE, "id": job_id, "chunks": chunks is not None, **changes}
    aside = folder / "request.json.tmp"
    aside.write_text(json.dumps(request, ensure_ascii=False), "utf-8")
    aside.replace(folder / "request.json")
    return folder


def answer(folder):
    return json.loads((folder / "result.json").read_text("utf-8"))


def wait_for(condition, timeout_s=30.0):
    """Wait until something holds; a failed assertion when it never does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


class DoubleHands:
    """Answers with the version; a job whose kind of settings says so waits, fails or crashes.

    ``rest(job, progress)`` is what comes after every answer; by default a job that says so dawdles.
    """

    def __init__(self, version, rest=None):
        self.version = version
        self.rest = rest or dawdle
        self.done = []

    def warm_up(self):
        pass

    def do(self, job, progress):
        self.done.append(job.id)
        wish = json.loads(job.read("request.json"))["settings"].get("profile")
        if wish == "wait":
            while not (job.folder / "go").exists():
                progress("Measuring", 1.0, 4.0, "Vöx")
                time.sleep(0.01)
        if wish == "fail":
            raise AutomixError("The song is out of tune; tune it.")
        if wish == "crash":
            raise ZeroDivisionError(self.version)
        return Answer(Result(job.id, "done", self.version), partial(self.rest, job))


def dawdle(job, progress):
    """What is left of a job that says so takes for ever."""
    while json.loads(job.read("request.json"))["settings"].get("profile") == "dawdle":
        progress("Summing", 1.0, 4.0)
        time.sleep(0.01)


def opened(hands):
    """A double's hands as the service opens them."""

    @contextmanager
    def entered(folder):
        yield hands

    return entered


if __name__ == "__main__":
    home, at_version, idle = sys.argv[1:]
    hands = opened(DoubleHands(at_version))
    serve(Path(home), hands=hands, version=at_version, idle_s=float(idle))
