"""Goal 4: a key press in a worker that has heard the session before.

The clock runs from the job in the spool to the answer in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from reaper_automix.bench import material
from reaper_automix.bench.findings import Findings, Row, seconds
from reaper_automix.bench.plan import Plan
from reaper_automix.bench.presses import Worker, worker
from reaper_automix.session import Session

ASKED = "≤ 0.30 s"


def measure(plan: Plan) -> Findings:
    """The session known, with a fader moved by hand, and with one item moved since."""
    song = material.session(plan.folder, plan.sizes.warm, plan.seconds, plan.seconds)
    with plan.workplace() as place, worker(place) as at_work:
        first, cold_s = at_work.press(song)
        presses = {
            "press_s": _median_s(at_work, song, plan.sizes.repeats),
            "fader_s": _median_s(at_work, material.with_fader_changed(song), plan.sizes.repeats),
            "item_s": at_work.press(material.with_item_moved(song))[1],
            "at_once_s": at_work.press(song, at_once=True)[1],
        }
    numbers = {**presses, "cold_s": cold_s, "moves": float(len(first.moves))}
    return Findings(tuple(_rows(numbers, plan)), numbers)


def _rows(numbers: Mapping[str, float], plan: Plan) -> list[Row]:
    size = f"{plan.sizes.warm} tracks × {plan.minutes:g} min in a worker"
    return [
        Row(f"{size}: first press", seconds(numbers["cold_s"])),
        Row("… everything known, from job to answer", seconds(numbers["press_s"]), ASKED),
        Row("… one fader moved by hand", seconds(numbers["fader_s"]), ASKED),
        Row("… one item moved, one track measured", seconds(numbers["item_s"])),
        Row("… pressed again before its report is done", seconds(numbers["at_once_s"])),
    ]


def _median_s(at_work: Worker, song: Session, repeats: int) -> float:
    return median(at_work.press(song)[1] for _ in range(repeats))
