"""Presses keys in the double of REAPER, with real workers and real sound, timed.

    PYTHONPATH=. python tests/run_reaper.py [--tracks 24 120] [--seconds 30] [--items 1]

Everything but REAPER is the real thing: the Lua actions, the spool, the worker and its crew. The
double's API is Python and slower than REAPER's, so that ticks and snapshots are upper bounds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf
from rich.console import Console
from rich.table import Table

import action_rig
from instruments import band, voice
from reaper_double import Reaper
from reaper_double.lua_host import LuaHost
from reaper_songs import item, song, track
from signals import harmonic, noise

RATE_HZ = 48_000
PATIENCE_S = 600.0
SOURCES = (
    lambda s: harmonic(110.0, s),
    lambda s: band(noise(s, channels=1)[0], 200.0, 4000.0),
    lambda s: voice(220.0, s),
    lambda s: noise(s, channels=1)[0],
)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tracks", type=int, nargs="+", default=[24, 120])
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--items", type=int, default=1, help="items on each track")
    chosen = arguments.parse_args()
    table = Table("tracks", "worker", "key press to faders moved", "longest tick", "snapshot")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        list(measure(home / "warm-up", 4, 2.0, 1))
        for count in chosen.tracks:
            for row in measure(home / str(count), count, chosen.seconds, chosen.items):
                table.add_row(str(count), *row)
    Console().print(table)


def measure(home, count, seconds, items):
    """One row per state of the worker: cold, warm, and warm with everything measured before."""
    path = make_project(home, count, seconds, items)
    spool, resource = home / "spool", home / "REAPER"
    action_rig.install(resource, spool)
    with Reaper(resource) as reaper:
        host = LuaHost(reaper)
        reaper.open(path)
        snapshot_s = time_snapshot(host)
        for worker in ("cold", "warm, another project", "warm, all measured before"):
            if worker.startswith("warm, another"):
                reaper.open(make_project(home / "other", count, seconds, items, seed=1))
            press_s, tick_s = press(host)
            yield worker, f"{press_s:.2f} s", f"{tick_s * 1000:.0f} ms", f"{snapshot_s:.3f} s"
        (spool / "stop").write_text("")


def press(host):
    """Seconds from the key press to the result window, and the longest tick on the way."""
    host.longest_tick_s = 0.0
    started = time.perf_counter()
    host.run(action_rig.BALANCE_ALL)
    host.run_until(lambda: not host.scripts or shows_result(host.window), PATIENCE_S)
    taken_s = time.perf_counter() - started
    host.window.press("U")
    host.run_until(lambda: not host.scripts, PATIENCE_S)
    return taken_s, host.longest_tick_s


def shows_result(window):
    return window.is_open and "Track" in window.texts


def time_snapshot(host):
    """Seconds that the snapshot takes in one go."""
    started = time.perf_counter()
    action_rig.lua(host, 'require("snapshot").take(project)')
    return time.perf_counter() - started


def make_project(home, count, seconds, items, seed=0):
    """A project of ``count`` mono tracks in one folder per ten."""
    media = home / "Media"
    media.mkdir(parents=True)
    for number in range(count):
        sound = np.asarray(SOURCES[number % len(SOURCES)](seconds), np.float32).ravel()
        gain = 10.0 ** (-(number * 7 + seed * 3) % 20 / 20.0)
        sf.write(media / f"{number}.wav", sound * gain, RATE_HZ, "PCM_24")
    tracks = [
        track(f"Track {number}", *parts(number, seconds, items), ISBUS=depth(number, count))
        for number in range(count)
    ]
    path = home / "Song.RPP"
    path.write_bytes(song(*tracks).encode())
    return path


def parts(number, seconds, items):
    length_s = seconds / items
    return [
        item(f"Media/{number}.wav", POSITION=at * length_s, LENGTH=length_s, SOFFS=at * length_s)
        for at in range(items)
    ]


def depth(number, count):
    """The first of every ten is the folder of the other nine."""
    if number % 10 == 0 and number + 1 < count:
        return "1 1"
    return "2 -1" if number % 10 == 9 or number + 1 == count else "0 0"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
