"""Actions pressed in the double of REAPER: what is installed there, and who answers their jobs."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

from reaper_automix import __version__
from reaper_double import Reaper
from reaper_double.lua_host import LuaHost
from reaper_songs import make_song

ACTIONS = Path(__file__).parents[1] / "reascripts" / "Automix"
LIB = ACTIONS / "lib"
BALANCE_ALL = ACTIONS / "automix_Balance all tracks.lua"
BALANCE_SELECTED = ACTIONS / "automix_Balance selected tracks.lua"
CANCEL = ACTIONS / "automix_Cancel.lua"
SHOW_REPORT = ACTIONS / "automix_Show last report.lua"

PRELUDE = """\
package.path = "{lib}/?.lua;" .. package.path
reaper.defer(function() end)
local project = reaper.EnumProjects(-1)
local function print(value) reaper.ShowConsoleMsg(tostring(value)) end
"""


def install(resource, spool, *, python=sys.executable, version=__version__, protocol=1):
    """What `reaper-automix install` writes for the actions."""
    effects = resource / "Effects" / "Automix"
    shutil.copytree(ACTIONS / "effects", effects, dirs_exist_ok=True)
    folder = resource / "Scripts" / "Automix" / "lib"
    folder.mkdir(parents=True, exist_ok=True)
    spool.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "version": version,
            "python": str(python),
            "spool": str(spool),
            "protocol": protocol,
            "site_packages": "",
        },
        ensure_ascii=False,
    )
    (folder / "installation.json").write_text(text, "utf-8")


def lua(host, code):
    """Run a piece of Lua with the libraries and `project`; what it printed."""
    script = Path(host.reaper.resource_path, "piece.lua")
    script.write_text(PRELUDE.format(lib=LIB.as_posix()) + code, "utf-8")
    host.reaper.console.clear()
    host.run_to_end(script)
    return "".join(host.reaper.console)


def is_balanced(reaper):
    """Whether no undo block is open and the screen is drawn again."""
    return reaper.undo_depth == 0 and reaper.refresh_depth == 0


class StandIn:
    """A worker by hand: it lives while it beats, and answers what it is told to answer."""

    def __init__(self, spool, version=__version__):
        self.spool = spool
        self.version = version

    def beat(self, age_s=0.0, pid=None, job=None):
        """A sign of life."""
        sign = {
            "pid": pid or os.getpid(),
            "version": self.version,
            "protocol": 1,
            "beat": time.time() - age_s,
            "state": "busy" if job else "idle",
            "job": job,
        }
        self._put(self.spool / "worker.json", sign)

    def jobs(self):
        """The folders of jobs that were submitted, the oldest first."""
        return sorted(request.parent for request in self.spool.glob("jobs/*/request.json"))

    def waiting(self):
        """The jobs that nobody answered or gave up yet."""
        done = ("result.json", "cancel", "done")
        return [job for job in self.jobs() if not any((job / name).exists() for name in done)]

    def read(self, job, name="request.json"):
        """A file of a job."""
        return json.loads((job / name).read_text("utf-8"))

    def progress(self, job, stage="Measuring", done=1.0, total=4.0, what="Bass", eta_s=3.0):
        """Say how far a job is."""
        step = {"stage": stage, "done": done, "total": total, "what": what, "eta_s": eta_s}
        self._put(job / "progress.json", step)

    def answer(self, job, outcome="done", message="", **fields):
        """Answer a job; without more, nothing moves."""
        result = {
            "protocol": 1,
            "id": job.name,
            "outcome": outcome,
            "message": message,
            "title": f"Automix: balance {len(fields.get('moves', ()))} tracks (auto)",
            "moves": [],
            "stored": [],
            "mix": {"before_lufs": None, "after_lufs": None},
            "rows": [],
            "notes": [],
            "plan": {"render": [], "kept": []},
            "report": "",
        }
        self._put(job / "result.json", result | fields)

    def move(self, job, factor, only=None):
        """Answer a job with every fader of the session (or of some tracks) times a factor."""
        tracks = [
            track
            for track in self.read(job, "session.json")["tracks"]
            if only is None or track["id"] in only
        ]
        gains = [(one["id"], one["fader_gain"], one["fader_gain"] * factor) for one in tracks]
        self.answer(
            job,
            moves=[
                {"track_id": track_id, "control": "fader", "before": before, "after": after}
                for track_id, before, after in gains
            ],
            stored=[
                {"track_id": track_id, "found": before, "written": after}
                for track_id, before, after in gains
            ],
            rows=[_row(track) for track in tracks],
            mix={"before_lufs": -20.0, "after_lufs": -18.5},
        )

    def _put(self, path, value):
        aside = path.with_name(f"{path.name}.tmp")
        aside.write_text(json.dumps(value), "utf-8")
        aside.replace(path)


def _row(track):
    return {
        "track_id": track["id"],
        "name": track["name"],
        "depth": 0,
        "kind": "track",
        "status": "moved",
        "f0_hz": 110.0,
        "level_lufs": -20.0,
        "move_db": -3.0,
        "fader_db": -3.0,
        "why": "",
    }


class Stage:
    """REAPER with a saved project of five tracks, our actions, and a worker by hand."""

    def __init__(self, reaper, host, worker, log):
        self.reaper, self.host, self.worker, self.log = reaper, host, worker, log
        self.project = reaper.active

    def press(self, action=BALANCE_ALL):
        """Press an action's key."""
        return self.host.run(action)

    def asked(self):
        """Tick until a job waits for an answer; the job."""
        self.until(self.worker.waiting)
        return self.worker.waiting()[0]

    def until(self, condition):
        self.host.run_until(lambda: self.worker.beat() or condition(), 20)

    def finish(self):
        """Tick until every script has ended, closing the result."""
        self.until(self.is_over)
        self.host.window.press("esc")
        self.until(lambda: not self.host.scripts)

    def balance(self, factor=0.5, only=None, action=BALANCE_ALL):
        """A whole balance that multiplies every fader."""
        self.press(action)
        self.worker.move(self.asked(), factor, only)
        self.until(self.is_over)

    def fader(self, track_id, tab=None):
        view = (tab or self.project).track(track_id)
        return self.reaper.call("GetMediaTrackInfo_Value", self.reaper.pointer(view), "D_VOL")[0]

    def is_over(self):
        """Whether nothing runs any more, or a result is shown."""
        windows = [script.window for script in self.host.scripts]
        return not windows or any("Track" in one.texts and one.is_open for one in windows)

    @property
    def said(self):
        return "".join(self.reaper.console)

    @property
    def titles(self):
        return [point.title for point in self.project.history.points]


def make_stage(folder, lua="5.4", osara=False):
    """A stage whose worker program only notes what it was started with."""
    log = folder / "gestartet.txt"
    program = folder / "Prögramme x" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\n', "utf-8")
    program.chmod(0o755)
    spool = folder / "Spool – ü x"
    resource = folder / "REAPER räume"
    install(resource, spool, python=program)
    reaper = Reaper(resource)
    reaper.open(make_song(folder / "Meine Lieder é", length_s=0.1))
    return Stage(reaper, LuaHost(reaper, lua, osara=osara), StandIn(spool), log)
