"""Drives the double of REAPER from outside, over real sockets, timed.

    PYTHONPATH=. python tests/run_live.py [--tracks 100] [--items 40] [--tick-ms 33] [--rest-ms 10]

Snapshot and apply go through the live bridge, which answers once per tick; the faders then go
through REAPER's OSC device, which rests after every packet that it sends. The double's API is
Python and slower than REAPER's, so that snapshot and apply are upper bounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import live_reaper
import osc_device
from osc_device import FakeDevice, Strip
from reaper_automix.bridge.change import Change
from reaper_automix.controls import Move
from reaper_automix.osc import surface
from reaper_automix.osc.device import Device, Fader
from reaper_songs import make_large_song

HOST = "127.0.0.1"
ROUNDS = 10
STEP_DB = 0.5


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tracks", type=int, default=100)
    arguments.add_argument("--items", type=int, default=40, help="items on each track")
    arguments.add_argument("--tick-ms", type=float, default=33.0, help="of REAPER's defer")
    arguments.add_argument("--rest-ms", type=float, default=10.0, help="of REAPER's OSC device")
    chosen = arguments.parse_args()
    table = Table(f"{chosen.tracks} tracks", "median", "longest")
    with tempfile.TemporaryDirectory() as folder:
        for row in bridge_rows(Path(folder), chosen):
            table.add_row(*row)
    table.add_row(f"OSC faders confirmed (rest {chosen.rest_ms:g} ms)", *osc_cells(chosen))
    Console().print(table)


def bridge_rows(folder, chosen):
    """Snapshot and apply through the live bridge at REAPER's tick, and with hardly any."""
    path = make_large_song(folder, chosen.tracks, chosen.items)
    for tick_s in (chosen.tick_ms / 1000.0, 0.001):
        rig = live_reaper.start(folder / f"{tick_s}", path, tick_s=tick_s)
        with rig.host, rig.live() as project:
            project.status()  # which connects
            where = f"(tick {tick_s * 1000:g} ms, {chosen.items} items each)"
            yield f"reapy snapshot {where}", *times(project.snapshot)
            yield f"reapy apply {where}", *apply_times(project)


def apply_times(project):
    """Every fader moved to and fro, as one undo point each time."""
    gains = iter([0.5, 0.25] * ROUNDS)

    def apply(taken):
        gain = next(gains)
        moves = [Move(t.id, "fader", t.fader_gain, gain) for t in taken.session.tracks]
        project._write(taken, lambda _: Change("Automix: timed", tuple(moves), ()))

    return times(apply, project._take)


def osc_cells(chosen):
    """Every fader pushed to REAPER's OSC device and told back by it."""
    osc_device.REST_S = chosen.rest_ms / 1000.0
    names = [f"Track {number}" for number in range(1, chosen.tracks + 1)]
    levels_db = iter(-STEP_DB * (one + 1) for one in range(ROUNDS))
    with (
        FakeDevice([Strip(name, selected=True) for name in names]) as reaper,
        surface.listening(HOST, 0) as received,
    ):
        reaper.told_to = received.getsockname()
        device = Device(received, reaper.address)

        def push():
            level_db = next(levels_db)
            wanted = [Fader(number, name, level_db) for number, name in enumerate(names, 1)]
            assert device.push(wanted) == ()

        return times(push)


def times(deed, prepare=None):
    """Median and longest of some rounds, in words; what is prepared does not count."""
    taken_s = []
    for _ in range(ROUNDS):
        given = () if prepare is None else (prepare(),)
        started = time.perf_counter()
        deed(*given)
        taken_s.append(time.perf_counter() - started)
    return f"{statistics.median(taken_s):.3f} s", f"{max(taken_s):.3f} s"


if __name__ == "__main__":
    main()
