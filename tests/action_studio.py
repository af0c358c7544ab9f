"""Keys pressed in the double of REAPER, answered by real workers on real sound."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import action_rig
import jobs
from action_rig import BALANCE_ALL, StandIn, is_balanced
from jobs import wait_for
from reaper_automix import moves
from reaper_automix.adapters import project as adapter
from reaper_automix.crew import Crew
from reaper_automix.selection import Scope
from reaper_automix.settings import USUAL, Settings
from reaper_automix.worker import service
from reaper_automix.worker.spool import OLD_S
from reaper_double import Reaper
from reaper_double.lua_host import LuaHost
from reaper_songs import guid, item, song, track

PATIENCE_S = 60.0
LENGTH_S = 1.0
NOTHING_MOVED = moves.NOTHING_MOVED
AS_DELIVERED, EVERYTHING = Settings(**USUAL), Scope()


def clip(name):
    """An item on one of the files of `reaper_songs.write_media`, as long as those are here."""
    return item(f"Media/{name}.wav", LENGTH=f"{LENGTH_S:g}")


BAND = song(
    track("Drums", ISBUS="1 1"),
    track("Kick", clip("kick")),
    track("Snare", clip("snare"), VOLPAN="0.8 0.3 -1 -1 1", ISBUS="2 -1"),
    track("Keys", ISBUS="1 1", VOLPAN="0.7 0 -1 -1 1"),
    track("Lead", clip("lead"), VOLPAN="0.5 -0.2 -1 -1 1"),
    track("Pad", clip("pad"), ISBUS="2 -1"),
    track("Solo", clip("lead"), VOLPAN="1.5 0 -1 -1 1"),
)
"""Two folders of two, and a track beside them."""


class Spool:
    """A spool with whatever workers do its jobs."""

    def __init__(self, folder):
        self.folder = folder
        self.stand_in = StandIn(folder)
        self.started = []
        folder.mkdir(parents=True)

    def start(self):
        """Start a worker and wait until it lives."""
        return self._living([sys.executable, "-m", "reaper_automix", "worker", str(self.folder)])

    def start_old(self, version):
        """Start a worker of another version, which answers nothing that is of use."""
        return self._living([sys.executable, jobs.__file__, str(self.folder), version, "600"])

    def _living(self, command):
        process = subprocess.Popen(command)
        self.started.append(process)
        wait_for(lambda: self.sign().get("pid") == process.pid, PATIENCE_S)
        return process

    def sign(self):
        """The heartbeat; empty where there is none."""
        there = (self.folder / "worker.json").exists()
        return self.stand_in.read(self.folder, "worker.json") if there else {}

    def freeze(self):
        """Keep the worker from going on."""
        os.kill(self.sign()["pid"], signal.SIGSTOP)

    def resume(self):
        """Let the worker go on, if it was frozen."""
        os.kill(self.sign()["pid"], signal.SIGCONT)

    def kill(self):
        """End the worker without a word, and let the ten seconds pass after which it is missed."""
        os.kill(self.sign()["pid"], signal.SIGKILL)
        self.stand_in.beat(age_s=11.0)

    def log(self):
        return (self.folder / service.LOG).read_text("utf-8")

    def jobs(self):
        return list((self.folder / "jobs").glob("*"))

    def wait_until_empty(self):
        wait_for(lambda: not self.jobs(), PATIENCE_S)

    def is_empty_after_days(self):
        """Whether jobs go once they are old; what a worker still writes makes one young again."""
        with suppress(FileNotFoundError):  # it went meanwhile
            self.let_a_day_pass()
        return not self.jobs()

    def let_a_day_pass(self):
        """Make every job folder as old as one that nobody comes back for."""
        long_ago = time.time() - OLD_S - 60.0
        for job in self.jobs():
            os.utime(job, (long_ago, long_ago))


class Studio:
    """One REAPER with our actions and one project."""

    def __init__(self, home, spool, path):
        self.home, self.spool, self.path = home, spool, path
        action_rig.install(home / "REAPER räume", spool.folder)
        self.reaper = Reaper(home / "REAPER räume")
        self.host = LuaHost(self.reaper)
        self.project = self.reaper.open(path)

    def set(self, **settings):
        """Settings of the user."""
        for name, value in settings.items():
            self.reaper.call("SetExtState", "automix", name, value, True)

    def until(self, condition):
        self.host.run_until(condition, PATIENCE_S)

    def press(self, action=BALANCE_ALL):
        self.host.run(action)

    def submit(self):
        """Press the key; the folder of its job, once that is handed over."""
        earlier, new = self.spool.stand_in.jobs(), []

        def is_handed_over():
            new[:] = (job for job in self.spool.stand_in.jobs() if job not in earlier)
            return new

        self.press()
        self.until(is_handed_over)
        return new[0]

    def submit_until(self, name):
        """Press the key and let REAPER stand still from then on, until a file of the job is there.

        So it sees no answer yet, however quick the worker is.
        """
        file = self.submit() / name
        wait_for(file.exists, PATIENCE_S)

    def balance(self, action=BALANCE_ALL):
        """Press the key, wait for the result, close it; the texts of its window."""
        self.press(action)
        return self.finish()

    def finish(self):
        """Wait for the result and close it; the texts of its window."""
        self.until(self.is_over)
        assert not self.reaper.console, self.reaper.console
        assert is_balanced(self.reaper)
        texts = self.host.window.texts
        self.host.window.press("esc")
        self.until(lambda: not self.host.scripts)
        return texts

    def is_over(self):
        """Whether nothing runs any more, or a result is shown."""
        windows = [script.window for script in self.host.scripts]
        return not windows or any("Track" in one.texts and one.is_open for one in windows)

    def expected(self, settings=AS_DELIVERED, scope=EVERYTHING):
        """The moves that the engine makes of the project as it stands, by track."""
        self.project.save()
        with Crew(1) as crew:
            made = moves.balance(adapter.read(self.path), settings, scope, (), crew)
        return {move.track_id: move for move in made.moves}

    def expected_faders(self):
        """All faders as the engine puts them."""
        return self.faders() | landing(self.expected())

    def faders(self):
        return {one.guid: one.number("VOLPAN", 1) for one in self.project.tracks}

    def fader(self, name):
        return self.faders()[guid(name)]


def landing(expected):
    """The faders of moves, by track."""
    return {track: move.after for track, move in expected.items()}
