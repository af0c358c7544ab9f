"""Finds multi-mic objects in the shared sessions and counts what is right about their pairs.

    python tests/run_objects.py [SESSION …]

A pair is right where both tracks were made from one part: as a second microphone (``mic2``) or a
room of it. Doubles, octaves and other parts are sources of their own. What was made from the same
part by leaking into all microphones of its bus (``blues_32``) is one kit, so pairs inside the bus
``Drums`` count neither way there.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from itertools import combinations
from types import SimpleNamespace

from rich.console import Console
from rich.table import Table

from conftest import shared_data_folder
from reaper_automix.adapters import project
from reaper_automix.features.excerpts import Excerpter
from reaper_automix.features.loudness import Meter
from reaper_automix.memory import Memory
from reaper_automix.objects import finder
from reaper_automix.scene import set_scene
from reaper_automix.settings import Settings

SAME_SOURCE = {"part", "mic2", "room"}
MADE_FROM = re.compile(r"( (Dbl|Mic 2|Room|Oct))? \d+$| (Dbl|Mic 2|Room|Oct)$")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("sessions", nargs="*")
    chosen = arguments.parse_args().sessions
    console = Console(width=120)
    table = Table("session", "tracks", "pairs wanted", "found", "of them right", "precision")
    for column in ("recall mic2", "recall rooms", "doubles", "seconds"):
        table.add_column(column)
    for folder in sorted((shared_data_folder() / "sessions").iterdir()):
        if not chosen or folder.name in chosen:
            table.add_row(folder.name, *counted(folder, console))
    console.print(table)


def counted(folder, console):
    """The cells of one session."""
    kinds = json.loads((folder / "session.json").read_text("utf-8"))["tracks"]
    objects, names, seconds = found_in(next(folder.glob("*.rpp")))
    by_name = {one["name"]: one for one in kinds}
    wanted = {frozenset(two) for two in combinations(by_name, 2) if are_one(by_name, *two)}
    unclear = {frozenset(two) for two in combinations(by_name, 2) if leak(folder, by_name, *two)}
    found = {
        frozenset(names[one] for one in two)
        for one in objects.found
        for two in combinations(one.track_ids, 2)
    } - (unclear - wanted)
    right = found & wanted
    for pair in sorted(map(sorted, found - wanted)):
        console.print("not wanted:", *pair, sep="  ")
    rooms = {pair for pair in wanted if any(by_name[one]["kind"] == "room" for one in pair)}
    precision = f"{len(right) / len(found):.2f}" if found else "–"
    recalls = (share(right & part, part) for part in (wanted - rooms, rooms))
    counts = map(str, (len(by_name), len(wanted), len(found), len(right)))
    return (*counts, precision, *recalls, str(len(objects.doubles)), f"{seconds:.2f}")


def share(found, wanted):
    return f"{len(found)} of {len(wanted)}" if wanted else "–"


def are_one(by_name, first, second):
    kinds = {by_name[first]["kind"], by_name[second]["kind"]}
    return kinds <= SAME_SOURCE and made_from(first) == made_from(second) and first != second


def leak(folder, by_name, first, second):
    buses = {by_name[first]["bus"], by_name[second]["bus"]}
    return folder.name == "blues_32" and buses == {"Drums"}


def made_from(name):
    """The part that a track was made from, by the names that the sessions gave."""
    while (shorter := MADE_FROM.sub("", name)) != name and re.search(r"Dbl|Mic 2|Room|Oct", name):
        name = shorter
    return name


def found_in(path):
    """The objects of a project, names by id, and how long it took to compare its tracks."""
    session = project.read(path)
    scene = set_scene(session, Settings())
    heard = {track: excerpts_of(signal) for track, signal in scene.desk().signals.items()}
    keys = dict.fromkeys(heard, "")
    started = time.process_time()
    objects = finder.find(scene, keys, Memory(), lambda: heard)
    seconds = time.process_time() - started
    return objects, {one.id: one.name for one in session.tracks}, seconds


def excerpts_of(signal):
    """What a sketch has of a signal, as far as objects need it."""
    rate_hz, channels = signal.sample_rate_hz, signal.channels
    meter = Meter(rate_hz, channels, start_frame=signal.start_frame)
    excerpter = Excerpter(rate_hz, channels, signal.start_frame)
    for block in signal.read():
        excerpter.push(meter.push(block))
    return SimpleNamespace(excerpts=excerpter.result())


if __name__ == "__main__":
    main()
